"""Video in and out: what stands between a stream of pixels and the pins of a board.

In: :mod:`.pattern` and :mod:`.still` make frames by a :mod:`.scan`; a :mod:`.camera` sends them,
set up over :mod:`.sccb` with the table of an :mod:`.ov7670` or :mod:`.ov5640`, taken off its pins
by :mod:`.dvp`, made samples by :mod:`.unpack` and whole frames by :mod:`.whole_frames`.
:mod:`.colour` changes samples, :mod:`.split_screen` puts two pictures side by side,
:mod:`.source_select` lets one of several sources through.

Out: :mod:`.display` shows frames in the time of a :mod:`.raster`, and :mod:`.dvi` (:mod:`.tmds`,
:mod:`.serialiser`) or :mod:`.parallel` puts that onto pins.

For simulation: :mod:`.camera_model` is a camera. What was on the pins of an output is read by
:mod:`.decode` and judged by :mod:`.monitor`, which share nothing with the hardware but the
:mod:`.timing`.
"""
