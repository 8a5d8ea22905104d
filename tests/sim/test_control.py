"""The cocotb bench of a core with registers, under Icarus and under Verilator."""

from pathlib import Path
from typing import Any

import pytest
from video_trial import video_trial

from windrow.hdl import build
from windrow.model import Filter
from windrow.sim.engine import Design


# A frame lasts longer than the writes of a kernel. Icarus, which knows undefined values, is slow.
CASES: dict[str, dict[str, Any]] = {
    "verilator": {"kernel": "gaussian:ksize=5", "width": 26, "height": 20, "border": "reflect101"},
    "icarus": {"kernel": [[1, -2], [3, 4]], "width": 13, "height": 11, "coefficient_bits": 4},
}


@pytest.mark.parametrize("simulator", [
    pytest.param("verilator", marks=pytest.mark.slow), "icarus"])
def test_the_kernel_changes_between_frames(simulator: str, tmp_path: Path) -> None:
    filter = Filter(**CASES[simulator], control="axi4-lite", coefficients="runtime")
    core = build(filter, "core")
    video_trial(simulator, Design(core.verilog, core.manifest), tmp_path, 1, "control_bench")
