"""cocotb benches over the generated Verilog, under Icarus and under Verilator.

Each row is one build and one run of all scenarios in video_bench.py.
"""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from windrow.hdl import build
from windrow.model import Filter
from windrow.sim import MissingTool, cocotb_runner


SEED = 1

# What makes a core differ: kernel and frame of the same size, even kernels, sides with borders of
# their own, channels, several pixels a clock with a partly filled last beat, an output that is
# larger or smaller than the input.
CASES: dict[str, dict[str, Any]] = {
    "3x3 of its own size": {
        "kernel": [[1, 2, 1], [2, 4, 2], [1, 2, 1]], "shift": 4, "width": 3, "height": 3,
    },
    "4x2 mixed to s16": {
        "kernel": [[1, -2], [3, 4], [-5, 6], [7, -8]], "width": 11, "height": 5,
        "output": "s16", "rounding": "half-even",
        "border": {"top": "constant", "bottom": "reflect101", "left": "symmetric",
                   "right": "replicate"},
        "border_value": 99,
    },
    "2x3 full, 4 a clock, partial": {
        "kernel": [[1, 0, -2], [3, 0, 1]], "width": 18, "height": 5, "padding": "full",
        "pixels_per_clock": 4, "shift": 1, "border": "reflect101", "overflow": "wrap",
    },
    "3x2 valid, s10 colour, 2 a clock": {
        "kernel": [[1, -2], [3, 4], [-5, 6]], "width": 9, "height": 6, "padding": "valid",
        "pixel": "s10", "channels": 3, "pixels_per_clock": 2, "output": "s16",
        "operation": "convolve",
    },
}  # fmt: skip

# A Verilator build takes 10 s and more, one with Icarus 0.3 s.
RUNS = [("icarus", name) for name in CASES]
RUNS += [("verilator", "4x2 mixed to s16"), ("verilator", "2x3 full, 4 a clock, partial")]


@pytest.mark.parametrize("simulator, name", RUNS)
def test_video(simulator: str, name: str, tmp_path: Path) -> None:
    try:
        cocotb_runner.require(simulator)
    except MissingTool as missing:
        pytest.skip(str(missing))
    pytest.importorskip("cocotbext.axi")
    core = build(Filter(**CASES[name]), "core")
    order = tmp_path / "order.json"
    order.write_text(json.dumps({"manifest": core.manifest, "seed": SEED}))
    print(f"seed {SEED}")
    output = cocotb_runner.run(
        simulator,
        cocotb_runner.build(simulator, core.verilog, "core"),
        "core",
        "video_bench",
        tmp_path,
        env={
            "WINDROW_ORDER": str(order),
            "COCOTB_LOG_LEVEL": "INFO",
        },
        path=Path(__file__).parent,
        seed=SEED,
    )
    results = ElementTree.parse(tmp_path / "results.xml")
    failures = [
        f"{case.get('name')}: {failure.get('error_msg') or failure.get('message')}"
        for case in results.iter("testcase")
        for failure in case.iter("failure")
    ]
    assert not failures, "\n".join([*failures, output[-6000:]])
    assert len(list(results.iter("testcase"))) == 8, output[-6000:]
