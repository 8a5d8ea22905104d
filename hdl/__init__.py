"""How a filter is built: Amaranth components, one concept a file.

The data's path, left to right::

    stream -> sequencer -> lines -> column graph -> window -> window graph -> queue -> stream

:mod:`.sequencer` makes pushes of input beats. :mod:`.lines` (:mod:`.line_buffer`,
:mod:`.row_border`) shows a column of samples for each, :mod:`.window` the columns under the kernel.
What is made of these is a graph of :mod:`windrow.model.graph`, in every lane and channel
(:mod:`.graph_stage`, :mod:`.graph_pipeline`), its requantisation included. Each of these is a
*stage*: ``i``, ``o`` and ``latency``. :mod:`.strategies` says which there are;
:mod:`.running_columns` with :mod:`.running_sums`, and :mod:`.time_folded`, take the place of some.
:mod:`.core` chains them and ends in an :mod:`.output_queue`; :mod:`.controlled_core` adds the
registers, :mod:`.video` ports, and :mod:`.verilog` writes it out, with :mod:`.text` for what is one
module there. What memories and multipliers are made of is up to :mod:`.devices`.

In a pipeline (:mod:`.pipeline_core`) what leaves a stage is the push of the next: :mod:`.lockstep`
says by how much each is late, :mod:`.stage_push` makes the pushes, :mod:`.subset_push` those of a
part of a frame, and :mod:`.join` puts side by side what comes from several taps.

Where a filter can be changed while it runs, parameters of the graph are settings: :mod:`.control`
has the registers, :mod:`.settings` says what they hold, :mod:`.handover` hands it to the stages
frame by frame, :mod:`.border_choice` and :mod:`.row_size` apply borders and sizes. An
:mod:`.input_fifo` may stand before it all.
"""

from .controlled_core import ControlledCore
from .core import Core
from .pipeline_core import PipelineCore
from .verilog import Build, build, control_ports
from .video import VideoCore


__all__ = ["Build", "ControlledCore", "Core", "PipelineCore", "VideoCore", "build", "control_ports"]
