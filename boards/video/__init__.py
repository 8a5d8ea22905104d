"""Video in and out: what stands between a stream of pixels and the pins of a board.

Out: :mod:`.pattern` and :mod:`.still` make frames, :mod:`.colour` changes their samples,
:mod:`.display` shows them in the time of :mod:`.raster`, and :mod:`.dvi` (:mod:`.tmds`,
:mod:`.serialiser`) or :mod:`.parallel` puts that onto pins. In: :mod:`.camera`. What was on the
pins is read by :mod:`.decode` and judged by :mod:`.monitor`, which share nothing with the hardware
but the :mod:`.timing`.
"""
