"""Reading the tools' reports."""

from pathlib import Path
from typing import Any

import pytest

from windrow import Filter
from windrow.synth import TARGETS, CriticalPath, Outcome, Placement, Usage
from windrow.synth.outcome import harness_luts, placement, usage


FILTER = Filter(kernel=[[1]], width=8, height=8, pixels_per_clock=4)


def step(kind: str, delay: float, source: str, sink: str) -> dict[str, Any]:
    """A step of a path as nextpnr 0.11 reports it."""
    return {"type": kind, "delay": delay,
            "from": {"cell": source, "loc": [1, 2], "port": "Q"},
            "to": {"cell": sink, "loc": [1, 2], "port": "D"}}


START, LUT, END = ("core.core.sequencer.column_TRELLIS_FF_Q_3", "core.core.x_LUT4_Z",
                   "core.core.queue.level[2]_TRELLIS_FF_Q")
REPORT: dict[str, Any] = {
    "critical_paths": [
        {"from": "<async>", "to": "posedge clk", "path": [step("source", 9.0, "din", "din")]},
        {"from": "posedge clk", "to": "posedge clk", "path": [
            step("clk-to-q", 0.5, START, START), step("routing", 1.0, START, LUT),
            step("logic", 0.25, LUT, LUT), step("routing", 0.75, LUT, END),
            step("setup", 0.125, END, END)]},
    ],
    "fmax": {"clk": {"achieved": 250.0, "constraint": 300}},
    "utilization": {
        "TRELLIS_COMB": {"available": 24288, "used": 104},
        "DP16KD": {"available": 56, "used": 2},
        "MULT18X18D": {"available": 28, "used": 3},
    },
}


def test_the_critical_path_is_between_registers() -> None:
    path = CriticalPath.from_report(REPORT)
    assert path == CriticalPath("sequencer.column", "queue.level[2]", 0.875, 1.75, 1)
    assert str(path) == ("sequencer.column to queue.level[2], 1 cell between: 0.88 ns logic, "
                         "1.75 ns routing")


def cells(**types: str) -> dict[str, dict[str, str]]:
    return {name: {"type": kind} for name, kind in types.items()}


def test_the_harness_is_told_from_the_core() -> None:
    netlist = {"modules": {
        "core": {"cells": cells(a="LUT4", b="TRELLIS_FF", c="TRELLIS_FF", d="DP16KD")},
        "harness": {"cells": {**cells(fold="LUT4", captured="TRELLIS_FF"),
                              "core": {"type": "core"}}},
    }}
    routed = {"modules": {"top": {"cells": {
        "core.a": {"type": "TRELLIS_COMB"}, "core.b": {"type": "TRELLIS_FF"},
        "$nextpnr_CCU2C_0$CCU2_COMB0": {"type": "TRELLIS_COMB"},
        "fold": {"type": "TRELLIS_COMB"}, "fold_passthrough": {"type": "TRELLIS_COMB"},
        "captured": {"type": "TRELLIS_FF"},
    }}}}
    target = TARGETS["ecp5-25k"]
    assert harness_luts(netlist, routed, target) == 2
    assert usage(netlist, REPORT, 2, target) == Usage(
        luts=102, flip_flops=2, rams=2, large_rams=0, dsps=3)


def test_a_lut_ram_takes_the_place_of_four_luts_on_gowin() -> None:
    report = {"utilization": {"LUT4": {"used": 10}, "ALU": {"used": 5}, "RAM16SDP4": {"used": 2},
                              "BSRAM": {"used": 1}, "MULT36X36": {"used": 1}}}
    netlist = {"modules": {"core": {"cells": cells(a="DFFRE", b="DFF", c="LUT3")}}}
    assert usage(netlist, report, 3, TARGETS["gw1n-9"]) == Usage(
        luts=20, flip_flops=2, rams=1, large_rams=0, dsps=4)


@pytest.mark.parametrize(("target", "dsp", "fmax"), [
    ("gw1n-9", "MULT18X18", None), ("gw1n-9", None, 250.0), ("ecp5-25k", "MULT18X18D", 250.0)])
def test_dsps_without_delays_have_no_clock(
    target: str, dsp: str | None, fmax: float | None
) -> None:
    report = {**REPORT, "utilization": {dsp: {"used": 1}} if dsp else {}}
    found = placement(7, report, TARGETS[target])
    assert (found.seed, found.fmax) == (7, fmax)
    assert (found.path is None) == (fmax is None)


def outcome(*fmax: float | None, filter: Any = FILTER) -> Outcome:
    used = Usage(1, 2, 3, 4, 5)
    placements = tuple(
        Placement(seed, value, None) for seed, value in enumerate(fmax, start=1))
    return Outcome(filter, TARGETS["ecp5-25k"], "auto", used, placements, 0, {}, Path())


@pytest.mark.parametrize("fmax, median, seed", [
    ((200.0,), 200.0, 1), ((100.0, 300.0, 200.0), 200.0, 3), ((300.0, 100.0), 100.0, 2),
    ((4.0, 3.0, 2.0, 1.0), 2.0, 3),
])
def test_the_median_is_a_placement(fmax: tuple[float, ...], median: float, seed: int) -> None:
    found = outcome(*fmax)
    assert found.fmax == median
    assert found.typical.seed == seed
    assert found.typical.fmax == median


def test_pixels_a_second() -> None:
    assert outcome(100.0).pixels_per_second == 400e6
    assert outcome(None).pixels_per_second is None
    assert outcome(None).fmax is None


def test_pixels_a_second_of_a_folded_filter() -> None:
    class Folded:
        pixels_per_clock = 1
        clocks_per_pixel = 9

    assert outcome(90.0, filter=Folded()).pixels_per_second == 10e6
