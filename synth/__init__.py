"""How fast and how small it is: synthesis, place and route, and the netlist back in simulation.

:func:`synthesise` builds a filter for one of the :data:`TARGETS`: the generated core in a
:mod:`.harness`, through yosys, nextpnr and the packer (:mod:`.flow`), to an :class:`Outcome`.
"""

from .flow import synthesise
from .outcome import CriticalPath, Outcome, Placement, Usage
from .targets import TARGETS, Target, target


__all__ = [
    "TARGETS", "CriticalPath", "Outcome", "Placement", "Target", "Usage", "synthesise",
    "target",
]
