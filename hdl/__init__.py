"""How a filter is built: Amaranth components, one concept a file.

The data's path, left to right: :mod:`.sequencer`, :mod:`.columns` (:mod:`.line_buffer`,
:mod:`.row_border`, the vertical pass), :mod:`.sums` (:mod:`.window`, the horizontal pass),
:mod:`.requantise`, an :mod:`.output_queue`; put together in :mod:`.core`, with its registers in
:mod:`.controlled_core`, given ports in :mod:`.video`, and written out in :mod:`.verilog`. The
passes are :mod:`.linear_forms`, unless one of :mod:`.strategies` replaces columns or sums:
:mod:`.running_columns` and :mod:`.running_sums`, :mod:`.time_folded`. What the memories and
multipliers are made of is up to :mod:`.devices`.

Where the filter can be changed while it runs, :mod:`.control` has the registers, :mod:`.settings`
says what they hold, and :mod:`.handover` hands it to the stages of the path, frame by frame;
:mod:`.border_choice`, :mod:`.runtime_sums`, :mod:`.runtime_requantise` and :mod:`.row_size` are
what there is then in place of constants. An :mod:`.input_fifo` may stand before it all.
"""

from .controlled_core import ControlledCore
from .core import Core
from .verilog import Build, build, control_ports
from .video import VideoCore


__all__ = ["Build", "ControlledCore", "Core", "VideoCore", "build", "control_ports"]
