"""Amaranth's own simulator. It needs no tool at all, and takes the component, not the Verilog."""

import time
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from .bench import Bench
from .engine import Design, Progress
from .recording import Recording
from .traffic import Traffic


__all__ = ["PySim"]


class PySim:
    """Amaranth's simulator. About two thousand pixels a second at 3x3."""

    name: ClassVar[str] = "pysim"
    waves: ClassVar[tuple[str, ...]] = (".vcd",)

    def require(self) -> None:
        """Nothing is required: Amaranth is always there."""

    def run(
        self,
        design: Design,
        beats: npt.NDArray[np.uint8],
        traffic: Traffic,
        waves: Path | None,
        progress: Progress,
    ) -> Recording:
        """Simulate the component and run the frames through it."""
        from amaranth.sim import Simulator

        from ..hdl import VideoCore

        assert design.source is not None, "pysim simulates the component, not its Verilog"
        start = time.perf_counter()
        core: Any = VideoCore(design.source, target=design.manifest["target"],
                              strategy=design.manifest["strategy"])
        bench = Bench(
            design.input,
            design.output,
            beats,
            traffic,
            lambda done, total: progress("simulating", done, total),
        )
        sampled = [
            *(core.s_axis_video_tready, core.m_axis_video_tvalid, core.m_axis_video_tdata),
            *(core.m_axis_video_tuser, core.m_axis_video_tlast),
            *([core.m_axis_video_tkeep] if design.output.tkeep_bits else []),
        ]

        async def testbench(ctx: Any) -> None:
            while not bench.done:
                ctx.set(core.aresetn, bench.resetn)
                ctx.set(core.s_axis_video_tvalid, bench.valid)
                ctx.set(core.s_axis_video_tuser, bench.user)
                ctx.set(core.s_axis_video_tlast, bench.last)
                ctx.set(core.s_axis_video_tdata, bench.data)
                if design.input.tkeep_bits:
                    ctx.set(core.s_axis_video_tkeep, bench.keep)
                ctx.set(core.m_axis_video_tready, bench.ready)
                _, _, *outputs = await ctx.tick().sample(*sampled)
                bench.step(*outputs)

        simulator = Simulator(core)
        simulator.add_clock(1e-8)
        if design.input_clock:
            simulator.add_clock(1e-8, domain="source")
        simulator.add_testbench(testbench)
        built = time.perf_counter()
        if waves is None:
            simulator.run()
        else:
            with simulator.write_vcd(str(waves)):
                simulator.run()
        recording = bench.recording()
        recording.build_seconds = built - start
        recording.run_seconds = time.perf_counter() - built
        return recording
