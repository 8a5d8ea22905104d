"""Carries that nothing reads have no net; nextpnr then needs no slice to bring them out."""

from typing import Any

from windrow.synth.carry_ends import free_carry_ends


ADDS, COMPARES = 0x96AA, 0x0004


def carry(cin: int | str, cout: int, table: int = ADDS) -> dict[str, Any]:
    pins: dict[str, list[int | str]] = {"A0": [201], "B0": [202], "C0": ["1"], "D0": ["1"]}
    return {"type": "CCU2C", "parameters": {"INIT0": f"{table:016b}"},
            "port_directions": {"CIN": "input", "S0": "output", "COUT": "output",
                                **dict.fromkeys(pins, "input")},
            "connections": {"CIN": [cin], "S0": [cout + 100], "COUT": [cout], **pins}}


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


def test_a_constant_that_no_carry_needs_does_not_come_in() -> None:
    cells = {"compares": carry("0", 2, COMPARES), "goes on": carry(2, 3, COMPARES),
             "adds": carry("0", 3), "shown": carry("0", 3, COMPARES)}
    cells["shown"]["connections"]["S0"] = [3]
    ports = {"o": {"direction": "output", "bits": [3]}}
    assert free_carry_ends({"modules": {"core": {"ports": ports, "cells": cells}}}) == 1
    assert [cell["connections"]["CIN"] for cell in cells.values()] == [["x"], [2], ["0"], ["0"]]
