"""The plan of lines is the least: against a linear program, and on pipelines worked out by hand."""

import random

import numpy as np
import pytest
from strategies import seeds

from windrow.model.line_plan import Read, fewest_lines


def bits_of(late: dict[str, int], stages: dict[str, list[str]], reads: list[Read],
            bits: dict[str, int]) -> int:
    maker = {tap: late[stage] for stage, taps in stages.items() for tap in taps} | {"input": 0}
    lines: dict[str, int] = {}
    for read in reads:
        distance = late[read.reader] - maker[read.tap]
        assert distance >= read.least
        lines[read.tap] = max(lines.get(read.tap, 0), distance + read.above)
    return sum(bits[tap] * count for tap, count in lines.items())


def random_graph(rng: random.Random) -> tuple[dict[str, list[str]], list[Read], dict[str, int]]:
    stages: dict[str, list[str]] = {}
    reads = []
    taps = ["input"]
    for number in range(rng.randint(1, 7)):
        reads += [Read(tap, f"stage {number}", rng.randint(0, 3), rng.randint(0, 3))
                  for tap in rng.sample(taps, rng.randint(1, min(3, len(taps))))]
        made = [f"tap {number}.{each}" for each in range(rng.randint(1, 2))]
        stages[f"stage {number}"] = made
        taps += made
    return stages, reads, {tap: rng.randint(1, 24) for tap in taps}


def linear_program(stages: dict[str, list[str]], reads: list[Read], bits: dict[str, int]) -> float:
    """The same by scipy: rows of each stage and lines of each tap are unknown."""
    optimize = pytest.importorskip("scipy.optimize")
    read_taps = sorted({read.tap for read in reads})
    names = [*stages, *read_taps]
    maker = {tap: stage for stage, taps in stages.items() for tap in taps}
    rows, limits = [], []
    for read in reads:
        for more, limit in (({read.reader: -1}, -read.least),
                            ({read.reader: 1, read.tap: -1}, -read.above)):
            row = np.zeros(len(names))
            for name, factor in more.items():
                row[names.index(name)] += factor
            if read.tap != "input":
                row[names.index(maker[read.tap])] += 1 if limit == -read.least and len(
                    more) == 1 else -1
            rows.append(row)
            limits.append(limit)
    weights = [0] * len(stages) + [bits[tap] for tap in read_taps]
    found = optimize.linprog(weights, np.array(rows), limits, method="highs")
    assert found.success
    return float(found.fun)


@pytest.mark.parametrize("seed", seeds(40, 1000))
def test_as_few_bits_as_a_linear_program(seed: int) -> None:
    stages, reads, bits = random_graph(random.Random(seed))
    late = fewest_lines(stages, reads, bits, "input")
    assert bits_of(late, stages, reads, bits) == pytest.approx(
        linear_program(stages, reads, bits))


def test_the_original_is_taken_from_the_blur_s_lines() -> None:
    """Unsharp mask of 5x5: no line beside those of the blur."""
    stages = {"blur": ["soft"], "join": ["sharp"]}
    reads = [Read("input", "blur", 2, 2), Read("soft", "join", 0, 0), Read("input", "join", 0, 0)]
    bits = {"input": 8, "soft": 8, "sharp": 8}
    late = fewest_lines(stages, reads, bits, "input")
    assert late == {"blur": 2, "join": 2}
    assert bits_of(late, stages, reads, bits) == 32


def test_a_narrow_result_waits_instead_of_a_wide_source() -> None:
    """The late reader of 1 bit comes early, and its bit waits for the join, not the 16 bits."""
    stages = {"far": ["far"], "bit": ["bit"], "join": ["out"]}
    reads = [Read("input", "far", 4, 4), Read("input", "bit", 0, 0), Read("bit", "join", 0, 0),
             Read("far", "join", 0, 0)]
    late = fewest_lines(stages, reads, {"input": 16, "far": 8, "bit": 1, "out": 8}, "input")
    assert late == {"far": 4, "bit": 4, "join": 4}  # the lines of `far` hold it anyway
