"""How a filter is built: Amaranth components, one concept a file.

The data's path, left to right: :mod:`.sequencer`, :mod:`.line_buffer`, :mod:`.row_border`,
:mod:`.window`, :mod:`.multiply_accumulate`, :mod:`.requantise`, :mod:`.output_queue`; put together
in :mod:`.core`, given ports in :mod:`.video`, and written out in :mod:`.verilog`.
"""

from .core import Core
from .verilog import Build, build
from .video import VideoCore


__all__ = ["Build", "Core", "VideoCore", "build"]
