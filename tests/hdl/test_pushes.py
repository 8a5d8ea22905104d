"""From pushes to sums, without the rest of a core: only what is valid counts."""

import dataclasses
import itertools
import random
from typing import Any

import pytest
from amaranth.hdl import *
from amaranth.sim import Simulator
from register_bench import controlled
from sequencer_bench import record
from test_malformed import good
from test_small_filters import FILTERS, make

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.framing.push import Push
from windrow.hdl.settings import Settings
from windrow.hdl.strategies import choose
from windrow.hdl.window.line_memory import LineMemory
from windrow.model import Filter
from windrow.model.borders import BORDERS


@pytest.mark.parametrize("name, target", list(
    zip(FILTERS, itertools.cycle(["generic", "ecp5", "ice40"]), strict=False)))
def test_idle_cycles_do_not_affect_sums(name: str, target: str) -> None:
    """The sums are the same with noise in the cycles without a push as with nothing."""
    filter, strategy = make(name), FILTERS[name][0]
    geometry = frame_geometry(filter, device(target))
    rng = random.Random(name)
    beats = good(filter, rng) + good(filter, rng)
    pushes = [cycle.push for cycle in record(
        geometry, beats, stall_in=0.3, stall_out=0.1, seed=1).cycles]
    wanted, got = (sums(filter, geometry, target, strategy, pushes, noise)
                   for noise in (False, True))
    assert any(beat is not None for beat in wanted)
    assert got == wanted


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("keys", [
    {"kernel": [[1, 20, 3]] * 3},
    {"kernel": [[1, 20, 3, 4, 5]] * 5, "pixels_per_clock": 2},
    {"kernel": [[1, 5]] * 4, "padding": "full"},
    {"kernel": [[1, 2, 30]], "padding": "valid"},
])
def test_a_frame_keeps_its_settings(keys: dict[str, Any], border: str) -> None:
    """Once its first beat is through, those of the next one may stand there."""
    filter = controlled(Filter(**{"width": 8, "height": 5, "border": border, "border_value": 9,
                                  "output": "s16"} | keys))
    geometry = frame_geometry(filter, device("generic"))
    rng = random.Random(border)
    pushes = [cycle.push for cycle in record(
        geometry, good(filter, rng), stall_in=0.3, stall_out=0.1, seed=1).cycles]
    wanted = sums(filter, geometry, "generic", "auto", pushes, False)
    for other in {border, "reflect101" if border == "constant" else "constant"}:
        then = filter.replace(border=other, border_value=77)
        assert sums(filter, geometry, "generic", "auto", pushes, True, then) == wanted


def sums(
    filter: Filter, geometry: Any, target: str, strategy: str, pushes: list[Any], noise: bool,
    then: Filter | None = None,
) -> list[int | None]:
    """The sum beats of pushes, in the cycles in which they come.

    After the first of them the settings are those of the filter ``then``.
    """
    chosen = choose(filter, geometry, device(target), strategy)
    dut = Module()
    i: Any = Signal(Push(geometry))
    settings: Any = Signal(Settings(filter), init=Settings(filter).reset_value())
    beat = i
    for stage in chosen.stages():
        dut.submodules += stage
        dut.d.comb += stage.i.eq(beat)
        if "settings" in stage.signature.members:
            dut.d.comb += stage.settings.eq(settings)
        beat = stage.o
    o = Signal(beat.shape())
    dut.d.comb += o.eq(beat)
    found: list[int | None] = []
    rng = random.Random(0)

    async def testbench(ctx: Any) -> None:
        for push in [*pushes, *[None] * 20]:
            if push is not None:
                ctx.set(i, push)
            else:
                ctx.set(i.as_value(), rng.getrandbits(len(i.as_value())) if noise else 0)
                ctx.set(i.valid, 0)
            _, _, valid, beat = await ctx.tick().sample(o.valid, o.as_value())
            found.append(beat if valid else None)
            if valid and then is not None:
                ctx.set(settings, Settings(filter).const(Settings(then).reset_value()))

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    return found


@pytest.mark.parametrize("name", FILTERS)
def test_the_line_memory_is_used_as_lines_are(name: str) -> None:
    """As :class:`~windrow.hdl.window.line_memory.LineMemory` may rely on, noise between pushes."""
    used: list[LineMemory] = []

    class Seen(LineMemory):
        def elaborate(self, platform: Any) -> Module:
            used.append(self)
            return super().elaborate(platform)

    filter = make(name)
    geometry = frame_geometry(filter, device("generic"))
    rng = random.Random(name)
    pushes = [cycle.push for cycle in record(
        geometry, good(filter, rng) * 2, stall_in=0.3, stall_out=0.1, seed=1).cycles]
    family = dataclasses.replace(device("generic"), line_memory=Seen)
    columns: Any = choose(filter, geometry, family, FILTERS[name][0]).stages()[0]
    sim = Simulator(columns)
    # Of each memory the cycles in which there were any, with the address and whether it is a last.
    reads: list[list[tuple[int, int, int]]] = [[] for _ in used]
    writes: list[list[tuple[int, int, int]]] = [[] for _ in used]

    async def testbench(ctx: Any) -> None:
        for cycle, push in enumerate([*pushes, *[None] * 20]):
            if push is not None:
                ctx.set(columns.i, push)
            else:
                ctx.set(columns.i.as_value(), rng.getrandbits(len(columns.i.as_value())))
                ctx.set(columns.i.valid, 0)
            for number, each in enumerate(used):
                if ctx.get(each.read_enable):
                    last = ctx.get(each.read_last)
                    reads[number].append((cycle, ctx.get(each.read_address), last))
                if ctx.get(each.write_enable):
                    last = ctx.get(each.write_last)
                    writes[number].append((cycle, ctx.get(each.write_address), last))
            await ctx.tick()

    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    words = geometry.columns.input_beats
    for read, written in zip(reads, writes, strict=True):
        assert [address for _, address, _ in read] == [at % words for at in range(len(read))]
        assert len(read) >= 2 * words * filter.height
        later = written[0][0] - read[0][0]
        assert later >= Seen.read_latency
        assert written == [(cycle + later, *word) for cycle, *word in read]
        if filter.registers:
            assert all(last == (address == words - 1) for _, address, last in read)
