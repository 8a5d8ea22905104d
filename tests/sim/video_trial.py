"""A cocotb bench on a core: one build, and one run of all its scenarios."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from needed import needed

from windrow.sim import cocotb_runner
from windrow.sim.engine import Design


__all__ = ["video_trial"]

# Bench -> its scenarios.
SCENARIOS = {"video_bench": 8, "control_bench": 6}


def video_trial(
    simulator: str, core: Design, folder: Path, seed: int, bench: str = "video_bench"
) -> None:
    """Assert that a core passes every scenario; skip where a tool is missing.

    Parameters
    ----------
    simulator : :class:`str`
        ``icarus`` or ``verilator``.
    core : :class:`~windrow.sim.engine.Design`
        The core. Its manifest names the filter that it is judged by.
    folder : :class:`~pathlib.Path`
        Where to run.
    seed : :class:`int`
        Of the frames and the stalls.
    bench : :class:`str`
        The module of the scenarios, one of :data:`SCENARIOS`.
    """
    with needed():
        cocotb_runner.require(simulator)
    pytest.importorskip("cocotbext.axi")
    order = folder / "order.json"
    order.write_text(json.dumps({"manifest": core.manifest, "seed": seed}))
    print(f"seed {seed}")
    output = cocotb_runner.run(
        simulator,
        cocotb_runner.build(simulator, core.verilog, core.top),
        core.top,
        bench,
        folder,
        env={
            "WINDROW_ORDER": str(order),
            "COCOTB_LOG_LEVEL": "INFO",
        },
        path=Path(__file__).parent,
        seed=seed,
    )
    results = ElementTree.parse(folder / "results.xml")
    failures = [
        f"{case.get('name')}: {failure.get('error_msg') or failure.get('message')}"
        for case in results.iter("testcase")
        for failure in case.iter("failure")
    ]
    assert not failures, "\n".join([*failures, output[-6000:]])
    assert len(list(results.iter("testcase"))) == SCENARIOS[bench], output[-6000:]
