"""Ends of carry chains that lead nowhere.

    python -m windrow.synth.carry_ends netlist.json

yosys 0.70 gives the last carry of an ECP5's chain a net though nothing reads it; nextpnr 0.11
brings it out of the chain all the same, through a slice of its own, two LUTs. Without the net there
is none. Likewise it brings a constant into a chain through a CCU2C of its own, though a chain may
begin with a half whose carry needs none before it. Rows of ``benchmarks/matrix.py`` with and
without the first step, seeds 4 to 11: 8 LUTs fewer for the median 3x3, 14 for binomial 3x3, 38 for
Canny's classes, and clocks within 4 %.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .step import run_step


__all__ = ["cut_carry_ends", "free_carry_ends"]

_NOTHING = "x"


def cut_carry_ends(folder: Path) -> None:
    """Take the unread nets off the carries in a folder's ``netlist.json``, as a step of the build.

    Raises
    ------
    :exc:`~windrow.sim.tools.ToolError`
        If the step fails.
    """
    run_step((sys.executable, "-m", __spec__.name, "netlist.json"), folder)


def free_carry_ends(netlist: Mapping[str, Any]) -> int:
    """Take the net off each carry that nothing reads, in or out, and return how many there were.

    Parameters
    ----------
    netlist : mapping
        What yosys's ``write_json`` writes.
    """
    count = 0
    for module in netlist["modules"].values():
        read = {bit for port in module.get("ports", {}).values() for bit in port["bits"]}
        cells = module["cells"].values()
        for cell in cells:
            for port, bits in cell["connections"].items():
                if cell["port_directions"][port] != "output":
                    read.update(bits)
        for cell in cells:
            carry = cell["connections"].get("COUT", [_NOTHING])
            if cell["type"] == "CCU2C" and carry != [_NOTHING] and read.isdisjoint(carry):
                cell["connections"]["COUT"] = [_NOTHING]
                count += 1
            if cell["type"] == "CCU2C" and cell["connections"]["CIN"] == ["0"] and (
                    read.isdisjoint(cell["connections"].get("S0", [])) and _needs_no_carry(cell)):
                cell["connections"]["CIN"] = [_NOTHING]
                count += 1
    return count


def _needs_no_carry(cell: Mapping[str, Any]) -> bool:
    """Whether the first half of a CCU2C makes its carry without the one that comes in: where its
    LUT always gives 0. Source: yosys's ``lattice/ccu2c_sim.vh``."""
    table = int(cell["parameters"]["INIT0"], 2)
    pins = [cell["connections"][pin + "0"][0] for pin in "ABCD"]
    nets = sorted({pin for pin in pins if isinstance(pin, int)})
    for number in range(1 << len(nets)):
        values = {net: number >> at & 1 for at, net in enumerate(nets)} | {"1": 1}
        if table >> sum(values.get(pin, 0) << at for at, pin in enumerate(pins)) & 1:
            return False
    return True


def _main(path: Path) -> None:
    netlist = json.loads(path.read_text(encoding="utf-8"))
    if free_carry_ends(netlist):
        path.write_text(json.dumps(netlist, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
