"""Settings that change while a core runs: each frame is what was committed before its start."""

import itertools
import random
from typing import Any

import numpy as np
import pytest
from amaranth.sim import Simulator
from core_bench import check, run
from register_bench import Registers, commit, controlled, random_commit
from strategies import random_filter, random_images, seeds

from windrow.hdl import Core, build
from windrow.hdl.strategies import STRATEGIES
from windrow.model import Filter, InputError
from windrow.model.borders import BORDERS
from windrow.model.keys import OVERFLOWS


def random_runtime_filter(rng: random.Random, coefficients: str) -> Filter:
    return controlled(random_filter(rng, max_kernel=5, max_size=12), coefficients=coefficients)


@pytest.mark.thinned(2)
@pytest.mark.parametrize("coefficients", ["constant", "runtime"])
@pytest.mark.parametrize("seed", seeds(8, 30))
def test_random_filter(seed: int, coefficients: str) -> None:
    rng = random.Random(seed)
    filter = random_runtime_filter(rng, coefficients)
    images = random_images(filter, 5, seed)
    frame = filter.width * filter.height * filter.clocks_per_pixel // filter.pixels_per_clock
    commits = [(rng.randrange(max(2 * frame, 2)), random_commit(rng, filter)) for _ in range(20)]

    back_to_back = Registers(filter, commits)
    trace = run(filter, images, seed=seed, registers=back_to_back)
    check(back_to_back.frames, images, trace)
    assert trace.first_out[0] - trace.first_in[0] == trace.latency

    stalled = Registers(filter, commits)
    trace = run(filter, images, stall_in=rng.choice([0, 0.3]), stall_out=rng.choice([0.1, 0.6]),
                gaps=[rng.randrange(3 * filter.width), rng.randrange(9)], seed=seed,
                registers=stalled)
    check(stalled.frames, images, trace)


@pytest.mark.thinned(3)
@pytest.mark.parametrize("coefficients", ["constant", "runtime"])
@pytest.mark.parametrize("lanes", [1, 4])
@pytest.mark.parametrize("size", [(5, 5), (4, 2), (1, 3), (3, 1)])
def test_other_settings_for_every_frame_cost_no_cycle(
    size: tuple[int, int], lanes: int, coefficients: str
) -> None:
    rng = random.Random(f"{size} {lanes}")
    kernel = [[rng.randint(-9, 9) for _ in range(size[1])] for _ in range(size[0])]
    filter = Filter(kernel=kernel, width=18 * lanes - (lanes > 1), height=8, pixels_per_clock=lanes,
                    output="s16", control="axi4-lite", coefficients=coefficients)
    images = random_images(filter, 20, 1)
    commits = [(8 * 18 // 3, random_commit(rng, filter)) for _ in range(70)]
    registers = Registers(filter, commits)
    trace = run(filter, images, registers=registers)
    check(registers.frames, images, trace)
    assert registers.taken == len(images) - 1
    assert {b - a for a, b in itertools.pairwise(trace.first_in)} == {trace.cycles_per_frame}
    assert trace.cycles_per_frame == 8 * 18
    assert {out - into for into, out in zip(trace.first_in, trace.first_out, strict=True)
            } == {trace.latency}


@pytest.mark.thinned(4)
@pytest.mark.parametrize("kernel_height", [1, 2, 5])
@pytest.mark.parametrize("kernel_width", [1, 2, 6])
@pytest.mark.parametrize("lanes", [1, 2, 8])
def test_smallest_frame(kernel_height: int, kernel_width: int, lanes: int) -> None:
    """So small a frame that the next one would start before its settings are out of the way."""
    rng = random.Random(f"{kernel_height} {kernel_width} {lanes}")
    for padding in ("same", "valid", "full"):
        kernel = [[rng.randint(-9, 9) for _ in range(kernel_width)] for _ in range(kernel_height)]
        filter = controlled(
            Filter(kernel=kernel, width=kernel_width, height=kernel_height, padding=padding,
                   output="s16", pixels_per_clock=lanes),
            coefficients=rng.choice(["constant", "runtime"]))
        images = random_images(filter, 8, 1)
        commits = [(wait, random_commit(rng, filter)) for wait in (0, 1, 2, 3, 9, 0, 7, 5)]
        registers = Registers(filter, commits)
        trace = run(filter, images, registers=registers)
        check(registers.frames, images, trace)
        assert registers.taken > 2


@pytest.mark.parametrize("coefficients", ["constant", "runtime"])
@pytest.mark.parametrize("lanes", [1, 2])
@pytest.mark.parametrize("channels", [1, 3])
def test_without_a_commit_it_is_the_fixed_core(
    channels: int, lanes: int, coefficients: str
) -> None:
    fixed = Filter(kernel=[[1, 2, -3], [-4, 5, 6], [7, -8, 9]], width=15, height=6, shift=3,
                   offset=20, rounding="half-even", border="constant", border_value=77,
                   channels=channels, pixels_per_clock=lanes)
    filter = fixed.replace(control="axi4-lite", coefficients=coefficients)
    images = random_images(filter, 2, 1)
    trace = run(filter, images, registers=Registers(filter))
    check(fixed, images, trace)
    assert trace.cycles_per_frame == run(fixed, images).cycles_per_frame


@pytest.mark.parametrize("operation", ["correlate", "convolve"])
@pytest.mark.parametrize("overflow", OVERFLOWS)
@pytest.mark.parametrize("output", ["u8", "s8", "u4", "s12"])
def test_bypass_is_the_sample_under_the_anchor(
    output: str, overflow: str, operation: str
) -> None:
    """Between two frames that are filtered, and with every part of the frame in sight."""
    filter = Filter(kernel=[[1, -2, 1, 5], [2, 4, -2, 7]], width=9, height=6, pixel="s9", shift=2,
                    output=output, overflow=overflow, operation=operation, anchor=[0, 2],
                    padding=[1, 1, 3, 2], control="axi4-lite")
    images = random_images(filter, 5, 3)
    on, off = commit(filter, bypass=True), commit(filter.replace(shift=1))
    registers = Registers(filter, [(20, on), (60, off), (1 << 20, on)])
    trace = run(filter, images, registers=registers)
    check(registers.frames, images, trace)
    assert {frame.overflow for frame in registers.frames} == {"saturate", overflow}
    anchored = registers.frames.index(on.filter)
    middle = np.clip(images[anchored], filter.output.minimum, filter.output.maximum)
    np.testing.assert_array_equal(trace.frames[anchored][1:7, 1:10, 0], middle)


@pytest.mark.thinned(3)
@pytest.mark.parametrize("before", BORDERS)
@pytest.mark.parametrize("after", BORDERS)
def test_from_any_border_to_any_other(before: str, after: str) -> None:
    filter = Filter(kernel=np.arange(1, 26).reshape(5, 5), width=12, height=7, shift=6,
                    padding="full", border=before, border_value=3, control="axi4-lite")
    other = filter.replace(border=after, border_value=200)
    # Committed in the first frame and in the second.
    commits = [(20, commit(other)), (200, commit(filter)), (1 << 20, commit(filter))]
    registers = Registers(filter, commits)
    images = random_images(filter, 4, 1)
    trace = run(filter, images, registers=registers)
    assert registers.frames == [filter, other, filter, filter]
    check(registers.frames, images, trace)


@pytest.mark.parametrize("padding", ["same", "full"])
@pytest.mark.parametrize("rows", [3, 5])
def test_a_border_value_is_its_frames_own_to_the_last_pixel(rows: int, padding: str) -> None:
    """Frames without a gap: the one before ends with its value in the cycle before the next."""
    filter = Filter(kernel=[[1] * 3] * rows, width=7, height=rows + 1, shift=4, padding=padding,
                    border="constant", border_value=3, control="axi4-lite")
    other = filter.replace(border_value=200)
    registers = Registers(filter, [(9, commit(other)), (7 * rows, commit(filter))])
    images = random_images(filter, 4, 1)
    trace = run(filter, images, registers=registers)
    assert {*registers.frames} == {filter, other}
    check(registers.frames, images, trace)


def test_enable_is_one_bit() -> None:
    core: Any = Core(Filter(kernel=[[1]], width=8, height=4, control="axi4-lite"))
    assert len(core.enable) == len(core.pending) == len(core.resized) == 1


RUNTIME = Filter(kernel=[[3, 5, 7], [-3, 0, 9], [1, 2, 11]], width=16, height=6,
                 control="axi4-lite", coefficients="runtime")
CONSTANT = Filter(kernel=[[3, 3, 3]] * 3, width=16, height=6, control="axi4-lite")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_coefficients_in_registers_have_one_strategy(strategy: str) -> None:
    assert Core(RUNTIME).strategy == "runtime-multipliers"
    if strategy == "runtime-multipliers":
        assert Core(RUNTIME, strategy=strategy).strategy == strategy
        with pytest.raises(InputError, match="needs run-time coefficients"):
            Core(CONSTANT, strategy=strategy)
    else:
        with pytest.raises(InputError, match=f"strategy '{strategy}' does not apply"):
            Core(RUNTIME, strategy=strategy)


@pytest.mark.parametrize("strategy", ["running-sum", "time-folded"])
def test_strategies_that_take_no_settings(strategy: str) -> None:
    filter = CONSTANT.replace(clocks_per_pixel=9)
    assert Core(filter.replace(control="none"), strategy=strategy).strategy == strategy
    with pytest.raises(InputError, match="without a register port"):
        Core(filter, strategy=strategy)


@pytest.mark.parametrize("strategy", ["adder-graph", "multipliers", "symmetric", "separable",
                                      "separable-multipliers"])
def test_every_strategy_of_constant_coefficients(strategy: str) -> None:
    """With a border of its own for each frame: its features are made of the border's value."""
    rng = random.Random(strategy)
    filter = Filter(kernel=[[-3, 5, 3], [7, -11, -7], [3, -5, -3]], width=12, height=6, shift=3,
                    pixel="s8", border="constant", control="axi4-lite")
    images = random_images(filter, 6, 1)
    commits = [(50, random_commit(rng, filter)) for _ in range(12)]
    registers = Registers(filter, commits)
    trace = run(filter, images, registers=registers, strategy=strategy)
    check(registers.frames, images, trace)


@pytest.mark.parametrize(("size", "count"), [(3, 9), (5, 25)])
def test_a_multiplier_for_each_product(size: int, count: int) -> None:
    filter = Filter(kernel=[[1] * size] * size, width=16, height=6, control="axi4-lite",
                    coefficients="runtime")
    assert build(filter, "core", target="ecp5").verilog.count("MULT18X18D #(") == count


def test_frames_are_dropped_while_it_is_disabled() -> None:
    filter = CONSTANT.replace(kernel=[[1]], anchor=[0, 0], width=4, height=2)
    core = Core(filter)
    seen: list[int] = []
    started = 0

    async def collect(ctx):
        nonlocal started
        ctx.set(core.o.ready, 1)
        while True:
            _, _, valid, beat, events = await ctx.tick().sample(
                core.o.valid, core.o.payload, core.events)
            if valid:
                seen.append(beat.samples[0])
            started += events.frame

    async def source(ctx):
        for number, enable in enumerate((0, 1, 0, 0, 1)):
            for beat in range(8):
                # It counts at a frame's start alone, and there a cycle later.
                ctx.set(core.enable, enable if beat in (0, 7) else not enable)
                ctx.set(core.i.valid, 0)
                await ctx.tick().repeat(2)
                ctx.set(core.i.valid, 1)
                ctx.set(core.i.payload, {"samples": [10 * number + beat], "first": beat == 0,
                                         "last": beat % 4 == 3})
                await ctx.tick().until(core.i.ready)
        ctx.set(core.i.valid, 0)
        await ctx.tick().repeat(2 * core.latency)

    sim = Simulator(core)
    sim.add_clock(1e-6)
    sim.add_testbench(collect, background=True)
    sim.add_testbench(source)
    sim.run()
    assert seen == [*range(10, 18), *range(40, 48)]
    assert started == 2


def test_a_core_whose_settings_are_not_connected_is_the_filter() -> None:
    filter = Filter(kernel="sobel-x", width=12, height=6, border="reflect101", output="s16",
                    control="axi4-lite", coefficients="runtime")
    images = random_images(filter, 2, 1)
    check(filter, images, run(filter, images))


def test_a_run_time_kernel_that_is_convolved() -> None:
    filter = Filter(kernel=[[1, -2, 3, 4], [5, 6, -7, 90]], width=9, height=4, shift=1,
                    operation="convolve", output="s16", control="axi4-lite",
                    coefficients="runtime")
    images = random_images(filter, 2, 5)
    check(filter, images, run(filter, images, registers=Registers(filter)))
