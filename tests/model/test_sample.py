import re

import numpy as np
import pytest

from windrow.model import InputError, Sample


@pytest.mark.parametrize(
    "text, low, high, dtype",
    [
        ("u1", 0, 1, np.uint8),
        ("u8", 0, 255, np.uint8),
        ("s2", -2, 1, np.int8),
        ("s8", -128, 127, np.int8),
        ("u9", 0, 511, np.uint16),
        ("s16", -32768, 32767, np.int16),
        ("s17", -65536, 65535, np.int32),
        ("u32", 0, 2**32 - 1, np.uint32),
        ("s32", -(2**31), 2**31 - 1, np.int32),
    ],
)
def test_range(text: str, low: int, high: int, dtype: type) -> None:
    sample = Sample.parse(text)
    assert str(sample) == text
    assert (sample.minimum, sample.maximum) == (low, high)
    assert sample.dtype == dtype
    assert low in sample
    assert high in sample
    assert low - 1 not in sample
    assert high + 1 not in sample


@pytest.mark.parametrize(
    "low, high, text",
    [
        (0, 0, "u1"),
        (0, 255, "u8"),
        (0, 256, "u9"),
        (-1, 0, "s2"),
        (-1, 1, "s2"),
        (-2, 1, "s2"),
        (-3, 1, "s3"),
        (-1, 127, "s8"),
        (-129, 127, "s9"),
        (-(2**31), 2**31 - 1, "s32"),
        (0, 2**32 - 1, "u32"),
    ],
)
def test_holding(low: int, high: int, text: str) -> None:
    assert str(Sample.holding(low, high)) == text


@pytest.mark.parametrize(
    "value", ["u0", "s1", "u17", "8", "u08", "u8 ", "", 8, None]
)
def test_refused(value: object) -> None:
    message = f"pixel must be u1..u16 or s2..s16, not {value!r}"
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        Sample.parse(value, key="pixel", limit=16)  # type: ignore[arg-type]


@pytest.mark.parametrize("signed, bits", [(False, 0), (True, 1), (False, 33), (True, 33)])
def test_refused_bits(signed: bool, bits: int) -> None:
    with pytest.raises(InputError, match=r"the rule is u1\.\.u32 or s2\.\.s32"):
        Sample(signed, bits)


def test_holding_too_much() -> None:
    with pytest.raises(InputError, match="u33"):
        Sample.holding(0, 2**32)


@pytest.mark.parametrize("value", ["int16", "np.int16", np.int16, np.dtype("<i2")])
def test_names_of_numpy(value: object) -> None:
    assert str(Sample.parse(value)) == "s16"


@pytest.mark.parametrize("value, hint", [
    ("CV_16S", "; write s16"), ("cv2.CV_8UC3", "; write u8"), ("U8", "; write u8"),
    ("uint8_t", "; write u8"), ("float32", "; samples are integers"), (np.float64, "integers"),
    ("int64", "not 'int64'"), (bool, "bool"), ("u" * 10**6, "..."),
    pytest.param(16**5000, "very long", id="huge"),
])
def test_hints(value: object, hint: str) -> None:
    with pytest.raises(InputError, match=re.escape(hint)) as caught:
        Sample.parse(value, key="pixel", limit=16)
    assert len(str(caught.value)) < 150
