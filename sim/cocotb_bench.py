"""The cocotb test that the engine runs inside the simulator."""

import os
import pickle
import time
from pathlib import Path
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge

from .bench import Bench
from .cocotb_runner import PROGRESS
from .recording import CoreError


@cocotb.test()
async def frames(dut: Any) -> None:
    """Send the frames of the job through the core and leave a recording."""
    folder = Path(os.environ["WINDROW_JOB"])
    idle_inputs, input, output, beats, traffic = pickle.loads((folder / "order").read_bytes())
    for name in idle_inputs:
        getattr(dut, name).value = 0
    bench = Bench(input, output, beats, traffic, _Saying())
    outcome: Any
    try:
        await _run(dut, bench)
        outcome = bench.recording()
    except CoreError as error:
        outcome = error
    (folder / "recording").write_bytes(pickle.dumps(outcome))


class _Saying:
    """Tells the engine each half second how many beats came out."""

    def __init__(self) -> None:
        self._said = 0.0

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._said > 0.5:
            self._said = time.monotonic()
            print(f"{PROGRESS}{done}", flush=True)


async def _run(dut: Any, bench: Bench) -> None:
    keep_in = getattr(dut, "s_axis_video_tkeep", None)
    keep_out = getattr(dut, "m_axis_video_tkeep", None)
    Clock(dut.aclk, 10, unit="ns").start(start_high=False)
    if hasattr(dut, "s_axis_video_aclk"):
        Clock(dut.s_axis_video_aclk, 10, unit="ns").start(start_high=False)
    while not bench.done:
        dut.aresetn.value = bench.resetn
        dut.s_axis_video_tvalid.value = bench.valid
        dut.s_axis_video_tuser.value = bench.user
        dut.s_axis_video_tlast.value = bench.last
        dut.s_axis_video_tdata.value = bench.data
        if keep_in is not None:
            keep_in.value = bench.keep
        dut.m_axis_video_tready.value = bench.ready
        # Driven at the falling edge, the outputs settle before the rising edge, where they are
        # read as the core's own registers read its inputs: before anything changes.
        await RisingEdge(dut.aclk)
        in_ready, valid = dut.s_axis_video_tready.value, dut.m_axis_video_tvalid.value
        try:
            if not bench.resetn:
                bench.step(0, valid == 1, 0, 0, 0)
            elif int(valid):
                bench.step(
                    int(in_ready),
                    1,
                    bench.read(str(dut.m_axis_video_tdata.value)),
                    int(dut.m_axis_video_tuser.value),
                    int(dut.m_axis_video_tlast.value),
                    int(keep_out.value) if keep_out is not None else None,
                )
            else:
                bench.step(int(in_ready), 0, 0, 0, 0)
        except ValueError as error:
            raise CoreError(f"m_axis_video: undefined (cycle {bench.cycle}): {error}") from None
        await FallingEdge(dut.aclk)
