"""The integer forms of sums of two samples, on all pairs."""

import numpy as np
import pytest

from windrow.model import InputError, Sample
from windrow.model.network import OnnxAdd, PairRule, TfliteAdd, XnnpackAdd
from windrow.model.network.pair_form import PairForm, prove_pair


U8, S8 = Sample.parse("u8"), Sample.parse("s8")


def differing(form: PairForm, rule: PairRule, sample: Sample) -> int:
    each = np.arange(sample.minimum, sample.maximum + 1)
    one, two = np.meshgrid(each, each, indexing="ij")
    return int((form.compute(one, two) != rule.compute(one, two)).sum())


@pytest.mark.parametrize("kind", [OnnxAdd, TfliteAdd, XnnpackAdd])
def test_random_scales(kind: type[PairRule]) -> None:
    for seed in range(3):
        random = np.random.default_rng(seed)
        first, second = (2.0 ** random.uniform(-8, -4, 2)).astype(np.float32).tolist()
        out = float(np.float32((first + second) * 2.0 ** random.uniform(-1, 0.3)))
        rule = kind(scales=(first, second, out), sample=S8,
                    zero_points=tuple(random.integers(-128, 128, 3).tolist()))
        form = prove_pair(rule, S8, S8)
        assert not differing(form, rule, S8)
        assert form.shift <= 24


def test_equal_scales_need_few_bits() -> None:
    rule = OnnxAdd(scales=(0.5, 0.5, 1.0), zero_points=(0, 0, 0), sample=U8, low=10, high=200)
    form = prove_pair(rule, U8, U8)
    # Halves to even: no line alone has them.
    assert not differing(form, rule, U8)


def test_pairs_on_ties_are_exceptions() -> None:
    rule = OnnxAdd(scales=(0.9100666642189026, 1.0772496461868286, 1.0563230514526367),
                   zero_points=(118, 144, 159), sample=U8)
    form = prove_pair(rule, U8, U8)
    assert len(form.exceptions) == 1
    assert differing(form._replace(exceptions=()), rule, U8) == 1
    assert not differing(form, rule, U8)


def test_what_no_form_equals_is_refused() -> None:
    class Odd(OnnxAdd):
        def compute(self, one: np.ndarray, two: np.ndarray) -> np.ndarray:
            return one * two

    small = Sample.parse("u4")
    with pytest.raises(InputError, match="layer 'odd': no integer form"):
        prove_pair(Odd(scales=(1, 1, 1), zero_points=(0, 0, 0), sample=U8), small, small, "odd")
