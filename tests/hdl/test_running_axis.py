"""What enters and leaves a running sum, judged by summing up every window of lines of numbers."""

import itertools
import random

import pytest

from windrow.hdl.running.running_axis import RunningAxis
from windrow.model.axis import Axis, Flag, Sample, Select


BORDERS = ("constant", "replicate", "symmetric", "reflect101")
BORDER = -1000


def wanted(axis: Axis, samples: list[int]) -> list[int]:
    """The sum of every window of a line."""

    def at(position: int) -> int:
        if 0 <= position < axis.size:
            return samples[position]
        border = axis.border_before if position < 0 else axis.border_after
        past = -position if position < 0 else position - (axis.size - 1)
        if border == "constant":
            return BORDER
        inward = {"replicate": 0, "symmetric": past - 1, "reflect101": past}[border]
        return samples[inward if position < 0 else axis.size - 1 - inward]

    return [sum(at(output - axis.before + tap) for tap in range(axis.kernel))
            for output in range(axis.output_size)]


def run(running: RunningAxis, lines: list[list[int]]) -> list[int]:
    """All sums of lines that follow each other as closely as they may."""
    axis, period = running.axis, running.period
    stream = [sample for line in lines
              for sample in (*line, *[10**6] * (period - axis.size))] + [10**6] * period
    sums = []
    for number, line in enumerate(lines):
        total = running.border_count * BORDER + sum(
            weight * sample for weight, sample in zip(running.weights, line, strict=False))
        for output in range(axis.output_size):
            beat = output + axis.delay

            def value(select: Select, beat: int = beat, start: int = number * period) -> int:
                flags = (Flag("first", beat), Flag("last", beat - (axis.size - 1)))
                source = next((case.source for case in select.cases if case.flag in flags),
                              select.default)
                if source is None:
                    return BORDER
                assert isinstance(source, Sample)
                return stream[start + beat - source.age]

            if output > 0:
                total += value(running.entering)
            sums.append(total)
            total -= value(running.leaving)
    return sums


@pytest.mark.parametrize("seed", range(300))
def test_running_sum(seed: int) -> None:
    rng = random.Random(seed)
    kernel = rng.choice([2, 3, 4, 5, 7, 8, 16, 31])
    axis = Axis(
        size=kernel + rng.choice([0, 0, 1, 2, kernel, 40]), kernel=kernel,
        before=rng.choice([0, (kernel - 1) // 2, kernel // 2, rng.randrange(kernel), kernel - 1]),
        after=rng.choice([0, (kernel - 1) // 2, kernel // 2, rng.randrange(kernel), kernel - 1]),
        border_before=rng.choice(BORDERS), border_after=rng.choice(BORDERS))
    running = RunningAxis(axis, max(axis.size, axis.output_size) + rng.choice([0, 0, 1, 9]))
    lines = [[rng.randrange(100) for _ in range(axis.size)] for _ in range(3)]
    expected = [total for line in lines for total in wanted(axis, line)]
    assert run(running, lines) == expected, axis


@pytest.mark.parametrize("border", BORDERS)
def test_weights_and_depth(border: str) -> None:
    running = RunningAxis(Axis(40, 7, 3, 3, border, border), 40)
    weights = {"constant": (1, 1, 1, 1), "replicate": (4, 1, 1, 1),
               "symmetric": (2, 2, 2, 1), "reflect101": (1, 2, 2, 2)}
    assert running.weights == weights[border]
    assert running.border_count == (3 if border == "constant" else 0)
    assert running.depth == 6
    assert running.overlaps
    assert (running.holds_first, running.holds_last) == (border == "replicate",) * 2
    reflected = {"symmetric": (1, 3, 5), "reflect101": (0, 2, 4, 6)}
    assert tuple(running.mirrored) == reflected.get(border, ())


def test_lines_overlap_only_where_outputs_are_owed() -> None:
    for before, after, period in itertools.product((0, 2, 4), (0, 1, 4), (40, 41, 44)):
        axis = Axis(40, 5, before, after, "replicate", "replicate")
        if period < axis.output_size:
            continue
        last_output = axis.output_size - 1 + axis.delay
        assert RunningAxis(axis, period).overlaps == (last_output >= period)


@pytest.mark.parametrize("seed", range(60))
def test_no_more_beats_are_read_than_a_window_needs(seed: int) -> None:
    """One less than the kernel has, or what a border reflects."""
    rng = random.Random(seed)
    kernel = rng.choice([2, 3, 4, 5, 7])
    axis = Axis(
        size=kernel + rng.choice([0, 1, 40]), kernel=kernel,
        before=rng.choice([0, kernel // 2, kernel - 1]),
        after=rng.choice([0, kernel // 2, kernel - 1]),
        border_before=rng.choice(BORDERS), border_after=rng.choice(BORDERS))
    assert RunningAxis(axis, max(axis.size, axis.output_size)).depth == max(kernel - 1, axis.depth)
