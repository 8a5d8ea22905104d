"""Many builds of one design, and which of them are worth having.

:mod:`.point` lists what can be built and drops what cannot win; :mod:`.job` is one run of yosys or
of nextpnr, :mod:`.workers` does many, here or on a cluster, and :mod:`.store` keeps what came out.
:mod:`.search` gives more seeds to what is near the :mod:`.front`; :mod:`.tuning` turns the tools'
own knobs.
"""

from .front import Finding, front
from .point import Point, Space
from .search import Exploration, explore
from .store import Store
from .workers import Cluster, Processes, Workers


__all__ = ["Cluster", "Exploration", "Finding", "Point", "Processes", "Space", "Store", "Workers",
           "explore", "front"]
