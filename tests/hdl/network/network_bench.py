"""A bench for :class:`~windrow.hdl.network.core.NetworkCore` in Amaranth's own simulator."""

import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from amaranth.sim import Simulator
from engine_bench import beats_of

from windrow.hdl.network.core import NetworkCore
from windrow.hdl.network.planning import NetworkPlan
from windrow.hdl.network.repack import beat_counts
from windrow.model.framing import Beat
from windrow.model.network import Network


@dataclass
class Trace:
    """What a core made. Cycles count from reset."""

    latency: int
    beats: list[Beat] = field(default_factory=list)
    cycles: list[int] = field(default_factory=list)
    first_in: int | None = None
    taps: dict[str, list[list[int]]] = field(default_factory=dict)


def stream_of(core: NetworkCore, frames: np.ndarray) -> list[Beat]:
    """The input beats of frames."""
    lanes, channels = len(core.i.payload.samples), core.design.input.channels
    counts = beat_counts(channels, lanes)
    line = core.design.input.width * len(counts)
    beats = beats_of(frames, counts)
    frame = line * core.design.input.height
    return [Beat([*each, *[0] * (lanes - len(each))], at % frame == 0, at % line == line - 1)
            for at, each in enumerate(beats)]


def run(network: Network, plan: NetworkPlan, frames: np.ndarray, *, stall_in: float = 0.0,
        stall_out: float = 0.0, seed: int = 0, beats: list[Beat] | None = None) -> Trace:
    """Send frames, or ``beats``, and check every tap and the output of ``frames``."""
    core = NetworkCore(network, plan=plan, taps=True)
    trace = Trace(core.latency, taps={name: [] for name in core.taps})
    wanted = network.taps(frames)
    made = network.tensor(network.output)
    lanes = len(core.o.payload.samples)
    counts = beat_counts(made.channels, lanes)
    line = made.width * len(counts)
    count = line * made.height * len(frames)
    sent = stream_of(core, frames) if beats is None else beats

    async def source(ctx: Any) -> None:
        rng = random.Random(seed)
        for beat in sent:
            while rng.random() < stall_in:
                ctx.set(core.i.valid, 0)
                await ctx.tick()
            ctx.set(core.i.valid, 1)
            ctx.set(core.i.payload, {"samples": list(beat.samples), "first": beat.first,
                                     "last": beat.last})
            await ctx.tick().until(core.i.ready)
        ctx.set(core.i.valid, 0)

    async def watch(ctx: Any) -> None:
        signals = [each for tap in core.taps.values() for each in tap]
        async for _, _, *found in ctx.tick().sample(*signals):
            for number, name in enumerate(core.taps):
                if found[2 * number]:
                    tensor = network.tensor(name)
                    bits, value = tensor.sample.bits, found[2 * number + 1]
                    samples = [value >> at * bits & (1 << bits) - 1
                               for at in range(plan.lanes(name))]
                    trace.taps[name].append([
                        each - (each >> bits - 1 << bits) if tensor.sample.signed else each
                        for each in samples])

    async def sink(ctx: Any) -> None:
        rng = random.Random(seed + 1)
        cycle = waited = 0
        while len(trace.beats) < count or waited < 100 + plan.cycles:
            ready = rng.random() >= stall_out
            ctx.set(core.o.ready, ready)
            _, _, valid, payload, taken = await ctx.tick().sample(
                core.o.valid, core.o.payload, core.i.valid & core.i.ready)
            cycle += 1
            waited += 1
            if trace.first_in is None and taken:
                trace.first_in = cycle
            if valid and ready:
                assert len(trace.beats) < count, "more beats than there should be"
                trace.beats.append(
                    Beat(list(payload.samples), bool(payload.first), bool(payload.last)))
                trace.cycles.append(cycle)
                waited = 0
            assert waited < 5000 + 20 * plan.cycles, f"no beat {len(trace.beats)} of {count}"

    sim = Simulator(core)
    sim.add_clock(1e-6)
    sim.add_testbench(source, background=True)
    sim.add_testbench(watch, background=True)
    sim.add_testbench(sink)
    sim.run()

    for name, got in trace.taps.items():
        tensor = network.tensor(name)
        _compare(name, got, beats_of(wanted[name], beat_counts(tensor.channels, plan.lanes(name))))
    _compare("output", [list(beat.samples) for beat in trace.beats],
             beats_of(wanted[network.output], counts))
    for at, beat in enumerate(trace.beats):
        assert beat.first == (at % (line * made.height) == 0)
        assert beat.last == (at % line == line - 1)
    return trace


def _compare(name: str, got: list[list[int]], wanted: list[list[int]]) -> None:
    for at, (one, two) in enumerate(zip(got, wanted, strict=False)):
        filled = [*two, *[0] * (len(one) - len(two))]
        assert one == filled, f"{name}, beat {at}: got {one}, wanted {filled}"
    assert len(got) == len(wanted), name
