"""How a filter is built: Amaranth components, one concept a file.

The data's path, left to right, and the folders along it::

    stream -> sequencer -> lines -> column graph -> window -> window graph -> queue -> stream
    stream/   framing/     window/  arithmetic/     window/   arithmetic/     stream/

- :mod:`.framing` makes pushes: :mod:`.framing.sequencer` of input beats, :mod:`.framing.stage_push`
  of what a stage has made, :mod:`.framing.subset_push` of a part of a frame.
- :mod:`.window` shows a column of samples for each push (:mod:`.window.lines`), and the columns
  under the kernel (:mod:`.window.window`).
- :mod:`.arithmetic` makes of these what a graph of :mod:`windrow.model.graph` says, in every lane
  and channel (:mod:`.arithmetic.graph_stage`), requantisation included; :mod:`.arithmetic.join`
  puts several taps side by side.
- :mod:`.running` keeps sums or extremes from one place to the next, in the place of both.
- :mod:`.stream` has the queues at both ends, and what lays values out as larger frames;
  :mod:`.hysteresis` holds a frame, to follow edges through it.
- :mod:`.control` has the registers and hands their settings over frame by frame (:mod:`.settings`
  says what they hold); :mod:`.ports` knows the stream's names and writes Verilog; :mod:`.devices`
  says what memories and multipliers are made of.

Each of the parts between sequencer and queue is a *stage*: ``i``, ``o`` and ``latency``.
:mod:`.strategies` says which there are for a filter, :mod:`.core` chains them. In a pipeline
(:mod:`.pipeline_core`) what leaves a stage is the push of the next; :mod:`.lockstep` says by how
much each is late. :mod:`.text` is for what is one module in the Verilog.
"""

from .controlled_core import ControlledCore
from .core import Core
from .network.planned import PlannedNetwork
from .pipeline_core import PipelineCore
from .ports.verilog import Build, build, control_ports
from .ports.video import VideoCore


__all__ = [
    "Build", "ControlledCore", "Core", "PipelineCore", "PlannedNetwork", "VideoCore", "build",
    "control_ports",
]
