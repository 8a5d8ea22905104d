"""A step of the window along a row: what the sequencer makes of the stream, and the lines keep."""

from typing import Any

from amaranth import *
from amaranth.lib import data
from amaranth.utils import bits_for

from ..beat import PUSH_PLACE
from ..geometry import Sweep


__all__ = ["Push", "beat_shape", "number_beats"]


def beat_shape(geometry: Sweep) -> data.ArrayLayout:
    """One input beat: the raw bits of ``pixels_per_clock`` pixels, all channels of each."""
    return data.ArrayLayout(geometry.frame.pixel_bits, geometry.frame.pixels_per_clock)


class Push(data.StructLayout):
    """One step of the window along a row: an input beat, or a blank one that moves it on.

    Members
    -------
    valid : 1 bit
        This clock cycle carries a push. Everything else means nothing without it.
    beat : array of ``pixels_per_clock`` pixels
        The input beat; anything at all in rows and columns outside of the frame.
    address : unsigned
        Index of the beat in its row.
    stored : 1 bit
        The line memory keeps a beat at this address. Clear past the end of the row.
    row_start, row_end : 1 bit
        First and last beat in the width of a row.
    frame_start, frame_end : 1 bit
        This row is the frame's first, last. Both clear in rows that the core adds itself.
    """

    def __init__(self, geometry: Sweep) -> None:
        super().__init__({
            "valid": 1,
            "beat": beat_shape(geometry),
            "address": bits_for(geometry.line_beats - 1),
            "stored": 1,
            "row_start": 1,
            "row_end": 1,
            "frame_start": 1,
            "frame_end": 1,
        })


def number_beats(m: Module, push: Any, made: Value, place: Any) -> None:
    """Give a push its place and its address, which starts anew with each row.

    Parameters
    ----------
    push : :class:`Push`
        What is driven, a cycle later.
    made : :class:`~amaranth.hdl.Value`
        There is a push.
    place : struct with ``row_start``, ``row_end``, ``frame_start`` and ``frame_end``
        Where it lies.
    """
    within = Signal()  # the row goes on behind this beat
    address = Signal(push.address.shape(), reset_less=True)
    stored = place.row_start | within
    m.d.comb += push.address.eq(address)
    m.d.sync += push.valid.eq(made)
    with m.If(made):
        m.d.sync += [
            within.eq(stored & ~place.row_end),
            address.eq(Mux(place.row_start, 0, address + 1)),
            push.stored.eq(stored),
            *(push[name].eq(place[name]) for name in PUSH_PLACE),
        ]
