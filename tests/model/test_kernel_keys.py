"""Real-valued kernels in a filter: what becomes of them, and how far off that is."""

from typing import Any

import numpy as np
import pytest

from windrow.model import Filter, InputError


FRAME = {"width": 40, "height": 40}


@pytest.mark.parametrize("kernel, keys, wanted, shift, tap", [
    ([[0.25, 0.5, 0.25]], {}, ((1, 2, 1),), 2, 0),
    ("1/4 1/2 1/4", {}, ((1, 2, 1),), 2, 0),
    ([[0.25, 0.5, 0.25]], {"shift": 3}, ((1, 2, 1),), 5, 0),
    ([[1.5, 0.5]], {"kernel_bits": 1}, ((3, 1),), 1, 0),
    ([[0.3, 0.7]], {"kernel_bits": 4}, ((5, 11),), 4, 0.0125),
    ([[0.3, 0.7]], {"kernel_bits": 4, "shift": 2}, ((5, 11),), 6, 0.0125 / 4),
    ([[1 / 3]], {}, ((2731,),), 13, 1 / 3 - 2731 / 2**13),
    ([[2**20 + 0.5]], {}, ((2**21 + 1,),), 1, 0),
])
def test_quantised(kernel: Any, keys: Any, wanted: object, shift: int, tap: float) -> None:
    made = Filter(kernel=kernel, **keys, **FRAME)
    assert (made.kernel, made.shift) == (wanted, shift)
    assert made.kernel_error is not None
    assert made.kernel_error.tap == pytest.approx(abs(tap))
    assert made.kernel_error.total <= made.kernel_error.tap * made.taps.size + 1e-15


def test_whole_kernels_and_names_have_no_error() -> None:
    whole = Filter(kernel=np.array([[1.0, 2.0]]), kernel_bits=3, **FRAME)
    assert (whole.kernel, whole.shift, whole.kernel_error) == (((1, 2),), 0, None)
    assert Filter(kernel="gaussian", **FRAME).kernel_error is None


def test_the_error_is_no_key() -> None:
    made = Filter(kernel=[[0.3, 0.7]], kernel_bits=4, **FRAME)
    again = Filter.from_dict(made.to_dict())
    assert again == made
    assert hash(again) == hash(made)
    assert again.kernel_error is None
    assert made.replace(width=50).kernel_error == made.kernel_error
    assert made.replace(kernel=[[1, 1]]).kernel_error is None


@pytest.mark.parametrize("keys, message", [
    ({"kernel": [[0.5]], "kernel_bits": 32}, "kernel_bits must be an integer from 0 to 31"),
    ({"kernel": [[0.5]], "kernel_bits": "8"}, "kernel_bits must be an integer from 0 to 31"),
    ({"kernel": [[0.5]], "kernel_bits": 30, "shift": 2}, "kernel_bits 30 and shift 2 are more"),
    ({"kernel": [[0.01]], "kernel_bits": 4}, "kernel_bits 4 leave only zeros of the kernel, whose "
                                             "greatest entry is 0.01"),
    ({"kernel": [[1e-12]]}, "leave only zeros of the kernel"),
    ({"kernel": "motion-blur", "kernel_bits": 8}, "write motion-blur:bits=8"),
    ({"preset": "cv2.blur:ksize=3", "kernel_bits": 8}, "kernel_bits 8 has no kernel to quantise"),
    ({"kernel": [[1e300, 0.5]]}, "must stay below 2**53"),
    ({"kernel": [[10**400, 0.5]]}, "too large"),
    ({"kernel": [[0.5]], "shift": 99}, "shift must be an integer from 0 to 31, not 99"),
    ({"kernel": [[float("inf")]]}, "kernel has the entry inf at row 0, column 0"),
    ({"kernel": [[2**70]]}, "kernel has the entry 1180591620717411303424 and needs"),
])
def test_refused(keys: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Filter(**keys, **FRAME)
    assert message in str(caught.value)


def test_bits_need_the_reals() -> None:
    with pytest.raises(InputError, match="kernel_bits needs the real-valued kernel beside it"):
        Filter(kernel=[[0.5]], **FRAME).replace(kernel_bits=3)


def test_a_gabor_is_within_its_error_of_opencv() -> None:
    cv2 = pytest.importorskip("cv2")
    gabor = cv2.getGaborKernel((9, 9), 2.5, 0.7, 6.0, 0.6, 0.3, cv2.CV_64F)
    image = np.random.default_rng(5).integers(0, 256, (40, 40), dtype=np.uint8)
    wanted = cv2.filter2D(image.astype(np.float64), cv2.CV_64F, gabor,
                          borderType=cv2.BORDER_REFLECT_101)
    for bits in (6, None, 16):
        given = {} if bits is None else {"kernel_bits": bits}
        made = Filter(preset="cv2.filter2D", kernel=gabor, output="s16", **given, **FRAME)
        assert made.kernel_error is not None
        worst = np.abs(made.compute(image) - wanted).max()
        assert worst <= made.kernel_error.total * 255 + 0.5
        assert made.kernel_error.tap == np.abs(
            np.array(made.kernel) / 2.0**made.shift - gabor).max()


def test_a_batch_is_its_frames() -> None:
    made = Filter([[1, 2, 1]], 6, 4, shift=2)
    batch = np.random.default_rng(1).integers(0, 256, (3, 4, 6))
    wanted = [made.compute(frame) for frame in batch]
    assert np.array_equal(made.compute(batch), wanted)
    assert np.array_equal(made.compute(batch[..., None])[..., 0], wanted)
    assert made.compute(batch[0][..., None]).shape == (4, 6, 1)
    colour = made.replace(channels=3)
    assert colour.compute(np.zeros((2, 4, 6, 3), int)).shape == (2, 4, 6, 3)
    with pytest.raises(InputError, match=r"image has the shape \(4, 6, 3\)"):
        made.compute(np.zeros((4, 6, 3), int))


def test_what_python_shows() -> None:
    import windrow

    assert {"Filter", "Pipeline", "__version__"} <= {*dir(windrow)}
    assert "kernel_bits : " in (windrow.Filter.__doc__ or "")
    shown = windrow.Filter([[1, -2]], 6, 4)._repr_html_()
    assert "<td style=\"text-align:right\">-2</td>" in shown
    assert "1x2 convolution; 6x4, 1 of u8 in; 6x4, 1 of u8 out" in shown
    bank = windrow.Filter(kernels={"a": [[5]], "b": [[7]]}, width=6, height=4)
    assert bank._repr_html_().count("<table>") == 2
    assert "1x1 bank of 2 convolutions; 6x4, 1 of u8 in; 6x4, 2 of u8" in bank._repr_html_()
    median = windrow.Filter(median="cross:ksize=3", width=6, height=4)
    assert "3x3 median" in median._repr_html_()
    assert [median.replace(rank=rank).applied.title for rank in (0, 1, 4)] == [
        "3x3 erosion", "3x3 rank 1 of 5", "3x3 dilation"]
