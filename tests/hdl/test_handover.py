"""Handover: when a commit is taken, and when a frame has to wait for it."""

from collections.abc import Callable
from typing import Any

from amaranth.sim import Simulator

from windrow.hdl.control.handover import Handover
from windrow.model import Filter


FILTER = Filter(kernel=[[1, 2, 3]], width=9, height=4, shift=3, offset=-7, border="symmetric",
                control="axi4-lite", coefficients="runtime", max_width=20)
SIZING_CYCLES = 4


class Bench:
    """A clock cycle at a time: what is set holds until it is set again."""

    def __init__(self, ctx: Any, dut: Handover) -> None:
        self._ctx = ctx
        self._dut = dut

    async def cycle(self, *pulses: str, **levels: Any) -> tuple[bool, bool]:
        """One cycle, with pulses that last for it. Returns whether there were took and hold."""
        for name, value in levels.items():
            self._ctx.set(getattr(self._dut, name), value)
        for name in ("started", "turned"):
            self._ctx.set(getattr(self._dut, name), name in pulses)
        _, _, took, hold = await self._ctx.tick().sample(self._dut.took, self._dut.hold)
        if took:
            self._ctx.set(self._dut.pending, 0)
        return bool(took), bool(hold)

    @property
    def shift(self) -> int:
        """One of the settings that frames have."""
        return self._ctx.get(self._dut.taken.shift)

    @property
    def size(self) -> tuple[int, int]:
        return self._ctx.get(self._dut.size.width), self._ctx.get(self._dut.size.height)


def simulate(script: Callable[[Bench], Any], most_frames: int = 3) -> None:
    dut = Handover(FILTER, most_frames, SIZING_CYCLES)

    async def testbench(ctx: Any) -> None:
        await script(Bench(ctx, dut))

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


def settings(shift: int) -> dict[str, int]:
    return {"shift": shift}


def test_after_a_reset_the_filters_own_settings_are_in_force() -> None:
    dut = Handover(FILTER, 3, SIZING_CYCLES)

    async def testbench(ctx: Any) -> None:
        taken = ctx.get(dut.taken)
        assert [taken.coefficients[tap] for tap in range(3)] == [1, 2, 3]
        assert (taken.shift, taken.offset, taken.left, taken.bypass) == (3, -7, 2, 0)
        assert (ctx.get(dut.size.width), ctx.get(dut.size.height)) == (9, 4)

    sim = Simulator(dut)
    sim.add_testbench(testbench)
    sim.run()


def test_a_frame_takes_what_was_committed_before_it() -> None:
    async def script(bench: Bench) -> None:
        assert await bench.cycle(settings=settings(5), pending=1) == (False, False)
        assert await bench.cycle() == (False, False)
        assert await bench.cycle("started") == (True, False)
        assert bench.shift == 5
        # The next one starts before anything else was committed.
        for pulses in ((), ("turned",), (), ("started",), (), ("turned",)):
            assert await bench.cycle(*pulses, settings=settings(9)) == (False, False)
            assert bench.shift == 5

    simulate(script)


def test_the_newest_of_two_commits_counts() -> None:
    async def script(bench: Bench) -> None:
        await bench.cycle(settings=settings(5), pending=1)
        await bench.cycle(settings=settings(6))
        assert await bench.cycle("started", settings=settings(7)) == (True, False)
        assert bench.shift == 7

    simulate(script)


def test_a_commit_waits_until_the_last_stage_has_the_frames_settings() -> None:
    async def script(bench: Bench) -> None:
        await bench.cycle("started")
        for _ in range(5):
            took, _ = await bench.cycle(settings=settings(5), pending=1)
            assert not took
            assert bench.shift == 3
        assert await bench.cycle("turned") == (False, True)
        assert bench.shift == 3
        await bench.cycle()
        assert await bench.cycle() == (False, False)
        assert await bench.cycle("started") == (True, False)
        assert bench.shift == 5

    simulate(script)


def test_a_frame_is_held_only_while_a_commit_waits() -> None:
    async def script(bench: Bench) -> None:
        for _ in range(3):
            assert await bench.cycle("started") == (False, False)
        # Three are on their way, and as they pass a fourth starts.
        assert await bench.cycle("started", "turned") == (False, False)
        await bench.cycle(settings=settings(5), pending=1)
        for _ in range(3):
            assert await bench.cycle() == (False, True)
            assert await bench.cycle("turned") == (False, True)
            assert bench.shift == 3
        await bench.cycle()
        assert await bench.cycle() == (False, False)
        assert bench.shift == 5

    simulate(script)


def test_settings_alone_hold_no_frame_up() -> None:
    """However long they wait while nothing comes."""
    async def script(bench: Bench) -> None:
        await bench.cycle(settings=settings(5), pending=1, idle=1)
        for _ in range(20):
            assert await bench.cycle() == (False, False)
        assert await bench.cycle("started") == (True, False)
        assert bench.shift == 5

    simulate(script)


def test_a_commit_in_the_cycle_of_a_start_or_after_it_is_left() -> None:
    """A frame's first beat is taken a cycle before its start is told."""

    async def script(bench: Bench) -> None:
        assert await bench.cycle("started", settings=settings(5), pending=1) == (False, False)
        for _ in range(3):
            assert not (await bench.cycle())[0]
            assert bench.shift == 3
        await bench.cycle("turned", pending=0)
        await bench.cycle()
        assert await bench.cycle("started") == (False, False)
        for _ in range(3):
            assert not (await bench.cycle(settings=settings(6), pending=1))[0]
            assert bench.shift == 3

    simulate(script)


def test_a_new_size_waits_until_the_sequencer_is_idle() -> None:
    async def script(bench: Bench) -> None:
        small = {"width": 3, "height": 1}
        await bench.cycle(settings=settings(5), extent=small, pending=1, resized=1, idle=0)
        for _ in range(9):
            assert await bench.cycle() == (False, True)
            assert (bench.shift, bench.size) == (3, (9, 4))
        # Idle for a moment only: a frame had been about to start.
        assert await bench.cycle(idle=1) == (False, True)
        assert await bench.cycle("started", idle=0) == (False, True)
        for _ in range(9):
            assert await bench.cycle(idle=1) == (False, True)
        assert bench.size == (9, 4)
        await bench.cycle("turned")
        cycles = 0
        while True:
            took, hold = await bench.cycle()
            assert hold
            if took:
                break
            assert (bench.shift, bench.size) == (3, (9, 4))
            cycles += 1
        assert 4 <= cycles <= 8
        assert (bench.shift, bench.size) == (5, (3, 1))
        # Then it takes the sequencer a while to work out what the size means.
        held = 0
        while (await bench.cycle())[1]:
            held += 1
        assert held == SIZING_CYCLES + 1  # it is held from a register
        assert await bench.cycle("started") == (False, False)

    simulate(script)


def test_no_size_is_taken_without_a_commit() -> None:
    async def script(bench: Bench) -> None:
        await bench.cycle(extent={"width": 3, "height": 1}, pending=0, resized=1, idle=1)
        for _ in range(20):
            assert await bench.cycle() == (False, False)
        assert bench.size == (9, 4)

    simulate(script)


def test_a_size_committed_on_top_of_settings_is_not_taken_without_it() -> None:
    async def script(bench: Bench) -> None:
        await bench.cycle(settings=settings(5), pending=1, idle=1)
        await bench.cycle()
        small = {"width": 3, "height": 1}
        # Its settings come a cycle later: the frame takes those before them.
        took, _ = await bench.cycle("started", resized=1, idle=0)
        assert took
        for _ in range(9):
            assert await bench.cycle(settings=settings(6), extent=small, pending=1) == (False, True)
        assert (bench.shift, bench.size) == (5, (9, 4))

    simulate(script)


def test_a_size_that_is_overwritten_while_it_is_taken_is_taken_again() -> None:
    async def script(bench: Bench) -> None:
        first, second = {"width": 3, "height": 1}, {"width": 20, "height": 2}
        await bench.cycle(settings=settings(5), extent=first, pending=1, resized=1, idle=1)
        while not (await bench.cycle())[0]:
            pass
        assert (bench.shift, bench.size) == (5, (3, 1))
        # The register file's write comes in the cycle of `took`, and wins.
        assert await bench.cycle(settings=settings(6), extent=second, pending=1) == (False, True)
        while not (await bench.cycle())[0]:
            pass
        assert (bench.shift, bench.size) == (6, (20, 2))

    simulate(script)
