"""The proved lines of requantisers against the requantisers, around every threshold."""

import numpy as np
import pytest

from windrow.model import InputError, Sample
from windrow.model.interval import Interval
from windrow.model.network import DivideRequantiser, FixedRequantiser, FloatRequantiser, Requantiser
from windrow.model.network.linear_form import Form, layer_forms, thresholds


def wrong(requantiser: Requantiser, sums: list[Interval], forms: tuple[Form, ...]) -> int:
    """Sums that differ: three on each side of every threshold, the ends and 100 others."""
    random, count = np.random.default_rng(1), 0
    for channel, (ends, form, row) in enumerate(zip(
            sums, forms, thresholds(requantiser, sums)[1], strict=True)):
        near = row[:, None] + np.arange(-3, 4)
        at = np.concatenate([near.ravel(), random.integers(ends.low, ends.high + 1, 100), ends])
        at = np.clip(at, *ends)
        alike = np.broadcast_to(at, (requantiser.channels, len(at)))
        wanted = requantiser.steps(alike)[channel if requantiser.channels > 1 else 0]
        count += int((form.compute(at) != wanted).sum())
    return count


@pytest.mark.parametrize("octave", range(-22, 1, 2))
@pytest.mark.parametrize("sample", ["u8", "s8"])
def test_float32_scales(octave: int, sample: str) -> None:
    random = np.random.default_rng(octave + 100)
    scales = (*2.0 ** random.uniform(octave, octave + 2, 40), 2.0**octave)
    kind = Sample.parse(sample)
    requantiser = FloatRequantiser(
        sample=kind, zero_point=int(random.integers(kind.minimum, kind.maximum + 1)), scales=scales)
    reach = int(2 ** random.uniform(20, 26))
    sums = [Interval(-reach - channel, reach + 7 * channel) for channel in range(len(scales))]
    forms = layer_forms(requantiser, sums)
    assert not wrong(requantiser, sums, forms)
    # As narrow as the sums, or as one factor of a multiplier.
    assert all(form.bits <= max(17, form.clamp.bits + 1) for form in forms)


@pytest.mark.parametrize("rule", ["twice", "half-up", "once"])
def test_fixed_point_multipliers(rule: str) -> None:
    scales = 2.0 ** np.random.default_rng(5).uniform(-14, 1, 60)
    requantiser = FixedRequantiser.of(scales, sample=Sample.parse("s8"), zero_point=-5, rule=rule)
    sums = [Interval(-3_000_000, 2_500_000)] * len(scales)
    forms = layer_forms(requantiser, sums)
    assert not wrong(requantiser, sums, forms)
    assert max(max(form.delays, default=0).bit_length() for form in forms) <= (
        2 if rule == "twice" else 1)


@pytest.mark.parametrize("rule", ["twice", "half-up", "once"])
def test_large_scales_and_sums(rule: str) -> None:
    requantiser = FixedRequantiser.of([3.0, 1000.0], sample=Sample.parse("s8"), rule=rule)
    sums = np.array([[-2**31, -2**30, -43, -1, 0, 1, 42, 43, 2**30, 2**31 - 1]] * 2)
    assert requantiser.steps(sums).tolist() == [
        [-128, -128, -128, -3, 0, 3, 126, 127, 127, 127],
        [-128, -128, -128, -128, 0, 127, 127, 127, 127, 127]]


@pytest.mark.parametrize("count", [2, 3, 4, 6, 9, 49])
def test_division_by_a_count(count: int) -> None:
    requantiser = DivideRequantiser(sample=Sample.parse("s8"), count=count)
    sums = [Interval(-128 * count, 127 * count)]
    assert not wrong(requantiser, sums, layer_forms(requantiser, sums))


def test_every_sum_of_small_layers() -> None:
    random = np.random.default_rng(9)
    scales = tuple(2.0 ** random.uniform(-9, 0, 100))
    requantiser = FloatRequantiser(sample=Sample.parse("u8"), zero_point=77, scales=scales)
    sums = [Interval(-20_000, 20_000)] * len(scales)
    every = np.arange(-20_000, 20_001)
    wanted = requantiser.steps(np.broadcast_to(every, (len(scales), len(every))))
    for form, row in zip(layer_forms(requantiser, sums), wanted, strict=True):
        assert (form.compute(every) == row).all()


def test_ties_to_even_are_delays_of_odd_samples() -> None:
    requantiser = FloatRequantiser(sample=Sample.parse("u8"), scales=(0.25,))
    form, = layer_forms(requantiser, [Interval(-1000, 2000)], delay=True)
    # Sum 2 is a tie and gives 0, sum 6 gives 2, sum 10 gives 2.
    assert form.delays == (0, *[1, 0] * 127, 1)
    assert form.clamp == Interval(2, 1019)


def test_no_delays_where_a_narrow_multiplier_needs_none() -> None:
    requantiser = FloatRequantiser(sample=Sample.parse("u8"), scales=(0.1037, 0.0703))
    forms = layer_forms(requantiser, [Interval(-9999, 9999)] * 2)
    assert [form.delays for form in forms] == [(), ()]
    assert forms[0].shift == forms[1].shift
    assert max(form.bits for form in forms) <= 17


def test_a_dead_channel_and_one_threshold() -> None:
    requantiser = FloatRequantiser(
        sample=Sample.parse("u8"), zero_point=9, scales=(2.0**-36, 0.001))
    dead, one = layer_forms(requantiser, [Interval(-10**8, 10**8), Interval(100, 600)])
    assert (dead.multiplier, dead.low, dead.high) == (0, 9, 9)
    assert (one.low, one.high, one.bits) == (9, 10, 1)
    assert (one.compute(np.array([499, 500, 501])) == [9, 9, 10]).all()


def test_a_fused_activation_clamps() -> None:
    requantiser = FloatRequantiser(
        sample=Sample.parse("s8"), zero_point=-3, low=-3, high=20, scales=(0.01,))
    sums = [Interval(-50_000, 50_000)]
    form, = layer_forms(requantiser, sums)
    assert (form.low, form.high) == (-3, 20)
    assert form.clamp == Interval(50, 2251)
    assert not wrong(requantiser, sums, (form,))


def test_what_has_no_line_is_refused() -> None:
    with pytest.raises(InputError, match="at most 10 bits"):
        layer_forms(FloatRequantiser(sample=Sample.parse("s16"), scales=(1,)), [Interval(0, 9)])
    requantiser = FloatRequantiser(sample=Sample.parse("u8"), scales=(0.25,))
    with pytest.raises(InputError, match=r"no line equals .* channel 0"):
        layer_forms(requantiser, [Interval(-10**7, 10**7)], delay=False)
