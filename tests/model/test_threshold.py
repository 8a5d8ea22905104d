"""Whether so many of some bits are 1, against a count."""

import random

import pytest

from windrow.model.lowering.threshold import ONE, threshold


@pytest.mark.parametrize("count", [*range(1, 10), 25, 49])
def test_counts_as_far_as_it_must(count: int) -> None:
    rng = random.Random(count)
    for least in range(1, count + 1):
        tree = threshold(count, least)
        for ones in range(count + 1):
            bits = [1] * ones + [0] * (count - ones)
            rng.shuffle(bits)
            known = {ONE: 1, **dict(enumerate(bits))}
            levels = dict.fromkeys(known, 0)
            for adder in tree.adders:
                total = sum(known[bit] for bit in adder.bits)
                known[adder.total], known[adder.carry] = total & 1, total >> 1
                levels[adder.total] = levels[adder.carry] = adder.level
                assert adder.level > max(levels[bit] for bit in adder.bits)
            assert sum(known[bit] for bit in tree.answer) == (ones >= least)
            assert max(levels[bit] for bit in tree.answer) <= tree.levels


def test_a_full_adder_takes_away_one_bit() -> None:
    """As many as there are bits, less those of the count."""
    assert len(threshold(25, 13).adders) == 24
    assert threshold(49, 25).levels <= 12
    assert threshold(1, 1).adders == ()
