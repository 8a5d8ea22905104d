"""Carries that nothing reads have no net; nextpnr then needs no slice to bring them out."""

from typing import Any

from windrow.synth.carry_ends import free_carry_ends


def carry(cin: int | str, cout: int) -> dict[str, Any]:
    return {"type": "CCU2C", "port_directions": {"CIN": "input", "S0": "output", "COUT": "output"},
            "connections": {"CIN": [cin], "S0": [cout + 100], "COUT": [cout]}}


def test_only_what_nothing_reads_is_taken_away() -> None:
    reader = {"type": "LUT4", "port_directions": {"A": "input", "Z": "output"},
              "connections": {"A": [4], "Z": [5]}}
    netlist = {"modules": {"core": {
        "ports": {"o": {"direction": "output", "bits": [6]}},
        "cells": {"first": carry("0", 2), "unread": carry(2, 3), "read": carry("0", 4),
                  "port": carry("0", 6), "reader": reader},
    }, "cell": {"cells": {}}}}
    assert free_carry_ends(netlist) == 1
    cells = netlist["modules"]["core"]["cells"]
    assert {name: cell["connections"]["COUT"] for name, cell in cells.items() if name != "reader"
            } == {"first": [2], "unread": ["x"], "read": [4], "port": [6]}
    assert free_carry_ends(netlist) == 0
