"""cocotb benches over the generated Verilog, under Icarus and under Verilator.

Each row is one build and one run of all scenarios in video_bench.py.
"""

from pathlib import Path
from typing import Any

import pytest
from video_trial import video_trial

from windrow.hdl import build
from windrow.model import Filter
from windrow.sim.engine import Design


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

# By default one row for each simulator; a Verilator build takes 10 s and more, so a small one.
QUICK = (("icarus", "2x3 full, 4 a clock, partial"), ("verilator", "3x3 of its own size"))
RUNS: list[Any] = [
    pytest.param(*run, marks=[] if run in QUICK else pytest.mark.slow)
    for run in [*(("icarus", name) for name in CASES), QUICK[1]]]


@pytest.mark.parametrize("simulator, name", RUNS)
def test_video(simulator: str, name: str, tmp_path: Path) -> None:
    core = build(Filter(**CASES[name]), "core")
    video_trial(simulator, Design(core.verilog, core.manifest), tmp_path, SEED)
