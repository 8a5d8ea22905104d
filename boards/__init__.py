"""Boards, and what goes onto them.

A :mod:`.board` is data, one file a board (:mod:`.ulx3s`, :mod:`.icepi_zero`, ...), all of them in
the :mod:`.catalogue`. On one with a screen goes a :mod:`.top`: :mod:`.clocks` from its oscillator,
and between its :mod:`.pins` a :mod:`.demo`, one of several :mod:`.sources` (or one of
:mod:`.cameras`) to the filter to the screen, changed while it runs at a :mod:`.panel` with
:mod:`.buttons` and a :mod:`.uart`, which writes a :mod:`.kernel_choice` by :mod:`.register_access`.
On one without a screen goes a :mod:`.serial_top`: a :mod:`.serial_filter` at its UART. Which
filters go there :mod:`.suits` says; how a board is wired and used, :mod:`.operation`.

The parts of a video path are in :mod:`.video`. :mod:`windrow.synth` builds and simulates what is
described here.
"""
