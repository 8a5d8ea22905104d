"""Changing sources: no frame is torn, none is lost, a dead camera holds nothing up."""

import random
from itertools import pairwise
from typing import Any

import pytest
from amaranth.sim import Simulator

from windrow.boards.video.source_select import SourceSelect
from windrow.model import InputError


WIDTH, HEIGHT = 3, 2


class Source:
    """Frames whose samples say which source, which frame and which pixel they are of."""

    def __init__(self, number: int, cut: dict[int, int] | None = None) -> None:
        self.number = number
        self.frame = self.pixel = 0
        self.cut = cut or {}

    def beat(self) -> dict[str, Any]:
        return {"samples": [self.number, self.frame % 256, self.pixel],
                "first": self.pixel == 0, "last": self.pixel % WIDTH == WIDTH - 1}

    def taken(self) -> None:
        self.pixel += 1
        if self.pixel == self.cut.get(self.frame, WIDTH * HEIGHT):
            self.frame, self.pixel = self.frame + 1, 0


def run(
    live: list[bool], selects: dict[int, int], cycles: int, *, seed: int | None = None,
    dead: frozenset[int] = frozenset(), patience: int = 50,
) -> tuple[list[tuple[int, int, int, int, int]], list[int]]:
    """Beats that came out, as (source, frame, pixel, first, last), and in which cycles."""
    dut = SourceSelect(live, patience=patience)
    sources = [Source(number) for number in range(len(live))]
    rng = random.Random(seed)
    beats: list[tuple[int, int, int, int, int]] = []
    when: list[int] = []
    offered: list[Any] = [None]

    async def bench(ctx: Any) -> None:
        waiting = [False] * len(live)
        for cycle in range(cycles):
            if cycle in selects:
                ctx.set(dut.select, selects[cycle])
            for number, source in enumerate(sources):
                # What was offered stays, but for a live source, which goes on.
                there = number not in dead and (
                    waiting[number] or seed is None or rng.random() < 0.7)
                ctx.set(dut.i[number].valid, there)
                ctx.set(dut.i[number].payload, source.beat())
                waiting[number] = there
            ctx.set(dut.o.ready, seed is None or rng.random() < 0.7)
            ready = ctx.get(dut.o.ready)
            out = None
            if ctx.get(dut.o.valid):
                payload = dut.o.payload
                out = (*(ctx.get(payload.samples[at]) for at in range(3)),
                       ctx.get(payload.first), ctx.get(payload.last))
            if offered[0] is not None:
                assert out == offered[0], "what is offered stays until it is taken"
            offered[0] = None if ready else out
            if out is not None:
                assert ctx.get(dut.live) == live[out[0]], "of the source that is passed on"
            if out is not None and ready:
                beats.append(out)
                when.append(cycle)
            for number, source in enumerate(sources):
                if waiting[number] and ctx.get(dut.i[number].ready):
                    source.taken()
                    waiting[number] = False
            await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    return beats, when


def frames(beats: list[tuple[int, int, int, int, int]]) -> list[tuple[int, int]]:
    """Source and number of each whole frame; the last one may still go on."""
    found = []
    for start in range(0, len(beats) - WIDTH * HEIGHT + 1, WIDTH * HEIGHT):
        frame = beats[start : start + WIDTH * HEIGHT]
        source, number = frame[0][:2]
        assert frame == [(source, number, pixel, pixel == 0, pixel % WIDTH == WIDTH - 1)
                         for pixel in range(WIDTH * HEIGHT)], f"a torn frame at beat {start}"
        found.append((source, number))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_no_frame_is_torn(seed: int) -> None:
    rng = random.Random(seed)
    live = [[False, False, False], [False, True, False], [True, True]][seed % 3]
    selects = {rng.randrange(900): rng.randrange(len(live)) for _ in range(30)}
    found = frames(run(live, selects, 1000, seed=seed)[0])
    assert len({source for source, _ in found}) == len(live)
    for number, is_live in enumerate(live):
        numbers = [frame for source, frame in found if source == number]
        if is_live:
            assert numbers == sorted(set(numbers))
        else:
            assert numbers == list(range(len(numbers))), "a source that can wait loses no frame"


def test_a_beat_a_cycle_and_one_cycle_for_a_change() -> None:
    beats, when = run([False, False], {8: 1}, 60)
    assert [source for source, _ in frames(beats)] == [0, 0, *[1] * 7]
    gaps = [after - before for before, after in pairwise(when)]
    assert sorted(gaps)[-1] == 2
    assert gaps.count(2) == 1


def test_a_dead_camera_is_left_after_a_time() -> None:
    beats, when = run([True, False], {30: 1}, 200, dead=frozenset([0]))
    assert {source for source, _ in frames(beats)} == {1}
    assert 50 <= when[0] <= 55


def test_a_dead_camera_that_is_not_selected_holds_nothing_up() -> None:
    beats, _ = run([False, True], {}, 60, dead=frozenset([1]))
    assert frames(beats) == [(0, number) for number in range(10)]


def test_at_least_one_source() -> None:
    with pytest.raises(InputError, match="at least one"):
        SourceSelect([])
