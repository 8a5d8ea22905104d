"""A core's register port, through which its filter is changed while it runs.

The registers are data (:mod:`.register_map`), which the hardware (:mod:`.registers` behind
:mod:`.axi_lite`) and what software is given (:mod:`.software`) are both made from.
"""

from .register_map import RegisterMap
from .registers import Registers
from .software import software_files


__all__ = ["RegisterMap", "Registers", "software_files"]
