"""cocotb, driven by the Python bench, under Verilator or, where that is missing, Icarus.

For those who want to see their core run where their own benches run.
"""

import pickle
import time
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..model.errors import InputError
from . import cocotb_runner
from .engine import Design, Progress
from .recording import CoreError, Recording
from .scratch import lacks_space, scratch
from .tools import MissingTool
from .traffic import Traffic


__all__ = ["Cocotb"]


def _simulator() -> str:
    """Return the simulator that cocotb is to run."""
    try:
        cocotb_runner.require("verilator")
    except MissingTool as missing:
        try:
            cocotb_runner.require("icarus")
        except MissingTool:
            raise missing from None
        return "icarus"
    return "verilator"


class Cocotb:
    """cocotb. Ten to twenty thousand pixels a second at 3x3, after a build of about 12 s."""

    name: ClassVar[str] = "cocotb"
    waves: ClassVar[tuple[str, ...]] = (".vcd", ".fst")

    def require(self) -> None:
        """Look for cocotb and a simulator."""
        _simulator()

    def run(
        self,
        design: Design,
        beats: npt.NDArray[np.uint8],
        traffic: Traffic,
        waves: Path | None,
        progress: Progress,
    ) -> Recording:
        """Build the core for cocotb and run the frames through it."""
        simulator = _simulator()
        suffix = ".vcd" if simulator == "verilator" else ".fst"
        if waves is not None and waves.suffix != suffix:
            raise InputError(
                f"waves must end in {suffix} with engine cocotb on {simulator}, not {str(waves)!r}"
            )
        start = time.perf_counter()
        progress(f"building the simulator (cocotb on {simulator}, then cached)", 0, 0)
        trace = waves is not None
        built = cocotb_runner.build(simulator, design.verilog, design.top, trace=trace)
        ready = time.perf_counter()
        total = len(beats) // design.input.beats_per_frame * design.output.beats_per_frame
        progress("simulating", 0, total)
        with scratch() as folder:
            order = (design.idle_inputs, design.input, design.output, beats, traffic)
            (folder / "order").write_bytes(pickle.dumps(order))
            log = cocotb_runner.run(
                *(simulator, built, design.top, f"{__package__}.cocotb_bench", folder),
                env={"WINDROW_JOB": str(folder), "COCOTB_LOG_LEVEL": "WARNING"},
                trace=trace,
                progress=lambda done: progress("simulating", done, total),
            )
            if reason := lacks_space(folder):  # neither cocotb nor its simulators say so
                raise OSError(None, reason)
            if not (folder / "recording").exists():
                raise CoreError(f"cocotb stopped: {(log.strip().splitlines() or [''])[-1]}")
            outcome = pickle.loads((folder / "recording").read_bytes())
            if waves is not None and (folder / f"dump{suffix}").exists():
                waves.write_bytes((folder / f"dump{suffix}").read_bytes())
        if isinstance(outcome, CoreError):
            raise outcome
        recording: Recording = outcome
        recording.build_seconds = ready - start
        recording.run_seconds = time.perf_counter() - ready
        return recording
