"""Flags that travel with the beats, held against the beats that went by."""

import itertools
import random
from typing import Any

import pytest
from amaranth import Module, Signal
from amaranth.sim import Simulator

from windrow.hdl.window.edges import Edges
from windrow.model.axis import Axis, Flag


AXIS = Axis(6, 3, 1, 1, "replicate", "replicate")

FLAGS = [Flag("first", 0), Flag("first", 1), Flag("last", 0), Flag("last", 2), Flag("first", 3)]
"""Age 3 is more than the axis itself asks for, as is the 2 of the last."""


@pytest.mark.parametrize("seed", range(4))
def test_flags(seed: int) -> None:
    rng = random.Random(seed)
    m = Module()
    step, first, last = Signal(), Signal(), Signal()
    edges = Edges(m, step, first, last, AXIS, FLAGS)
    some = [[*flags] for count in (1, 2, 3) for flags in itertools.combinations(FLAGS, count)]
    pairs = list(itertools.permutations(FLAGS, 2))
    values = [
        edges.shown, edges.starts, edges.ends,
        *(edges.holds(flag) for flag in FLAGS),
        *(edges.any(flags, "any") for flags in some),
        *(edges.between(begin, end, "between") for begin, end in pairs),
    ]
    outputs = [Signal(name=f"output_{number}") for number in range(len(values))]
    m.d.comb += [output.eq(value) for output, value in zip(outputs, values, strict=True)]

    async def testbench(ctx: Any) -> None:
        beats: list[dict[str, bool]] = []
        shown = False
        inside = [False] * len(pairs)

        def holds(flag: Flag) -> bool:
            return len(beats) > flag.age and beats[-1 - flag.age][flag.edge]

        for _ in range(12):
            for beat in range(AXIS.size + rng.choice([0, 0, 2])):
                while rng.random() < 0.3:
                    ctx.set(step, 0)
                    ctx.set(first, rng.random() < 0.5)
                    ctx.set(last, rng.random() < 0.5)
                    await ctx.tick()
                beats.append({"first": beat == 0, "last": beat == AXIS.size - 1})
                ctx.set(step, 1)
                ctx.set(first, beats[-1]["first"])
                ctx.set(last, beats[-1]["last"])
                starts, ends = holds(Flag("first", AXIS.delay)), holds(Flag("last", AXIS.drain))
                shown |= starts
                inside = [holds(begin) or (was and not holds(end))
                          for was, (begin, end) in zip(inside, pairs, strict=True)]
                wanted = [shown, starts, ends, *map(holds, FLAGS),
                          *(any(map(holds, flags)) for flags in some), *inside]
                assert [bool(ctx.get(output)) for output in outputs] == wanted
                shown &= not ends
                await ctx.tick()

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
