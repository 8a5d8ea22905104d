"""What software is given of a core's registers: a C driver, the map as JSON and as a table."""

import json
from typing import Any

from ...model.borders import BORDERS
from ...model.nodes import ROUNDINGS
from ..rendering import render
from .register_map import ERRORS, EVENTS, MAP_VERSION, SIZE, RegisterMap


__all__ = ["software_files"]


def software_files(registers: RegisterMap, name: str) -> dict[str, str]:
    """Return the text of each file, by file name.

    Parameters
    ----------
    registers : :class:`~.register_map.RegisterMap`
        The registers of a core.
    name : :class:`str`
        Name of the core's top module.
    """
    words: dict[str, Any] = {
        "name": name,
        "NAME": name.upper(),
        "map": registers,
        "size": {field.name: field for field in registers[SIZE].fields},
        "identity": [register for register in registers.registers
                     if register.access == "ro" and not register.array
                     and registers["VERSION"].offset < register.offset < registers[SIZE].offset],
        "events": registers[EVENTS].fields,
        "errors": registers.counters,
        "error_mask": sum(each.mask for each in registers[EVENTS].fields if each.name in ERRORS),
        "borders": BORDERS,
        "roundings": ROUNDINGS,
        "map_version": MAP_VERSION,
    }

    return {
        f"{name}_registers.json": json.dumps(registers.to_dict(name), indent=2) + "\n",
        f"{name}_registers.md": render(__package__ or "", "registers.md", words),
        f"{name}.h": render(__package__ or "", "driver.h", words),
    }
