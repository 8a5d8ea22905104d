"""One trial of a random pipeline: its Verilog under random stalls, against the golden model."""

import random

from random_pipelines import drawn_verbs, random_frames, random_pipeline
from trial import random_traffic

from windrow.hdl import build
from windrow.model import InputError
from windrow.sim.engine import Design
from windrow.sim.job import judge, run_design


__all__ = ["pipeline_trial"]


def pipeline_trial(seed: int, engine: str) -> tuple[list[str], int]:
    """The verbs of the pipeline of a seed and the samples that were compared.

    Three frames, in any traffic; by Verilator, for which cycles are cheap, before that in streams
    that never stop, in which each frame takes just the cycles that are promised.
    """
    rng = random.Random(seed + 1)
    while True:
        pipeline, verbs = random_pipeline(seed)
        try:
            core = build(pipeline, "core")
        except InputError:  # what the hardware alone refuses, such as borders of a tiny frame
            seed += 1_000_003
            continue
        break
    design = Design(core.verilog, core.manifest, pipeline)
    frames = random_frames(pipeline, 3, seed)
    compared = 0
    runs = [random_traffic(rng, design)]
    if engine == "verilator":
        runs.insert(0, None)
    for traffic in runs:
        result = run_design(design, frames, engine=engine, traffic=traffic)
        mismatch = judge(result, pipeline, frames)[0]
        what = f"{drawn_verbs(pipeline, verbs)}\n{traffic}\n{pipeline.to_toml()}"
        assert mismatch is None, f"{mismatch}\n{what}"
        if traffic is None and pipeline.whole is None:
            cycles = core.manifest["cycles_per_frame"]
            measured = (result.latency_cycles, result.cycles_per_frame)
            promised = (core.manifest["latency_cycles"], cycles)
            # Where more comes out than in, the first frames come in faster than they leave.
            if cycles > design.input.beats_per_frame and measured[1] < cycles:
                promised = (promised[0], measured[1])
            assert measured == promised, f"{measured}, not {promised}\n{what}"
        compared += sum(output.size for output in result.outputs)
    return verbs, compared
