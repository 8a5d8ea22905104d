import re
from typing import Any

import pytest

from windrow.model import Filter, InputError, presets


FRAME = {"width": 40, "height": 40}
EVEN = [[1, 2, 3, 4], [5, 6, 7, 8]]


def test_every_filter_of_a_library_is_there() -> None:
    assert {entry.name for entry in presets.entries() if not entry.staged} == {
        "cv2.filter2D", "cv2.GaussianBlur", "cv2.blur", "cv2.Sobel", "cv2.Scharr",
        "cv2.Laplacian", "scipy.ndimage.correlate", "scipy.ndimage.convolve",
        "scipy.signal.convolve2d", "matlab.conv2", "matlab.imfilter",
        "torch.conv2d", "xf.filter2D", "intel.fir2d", "cv2.medianBlur", "cv2.erode", "cv2.dilate",
        "scipy.ndimage.median_filter", "scipy.ndimage.minimum_filter",
        "scipy.ndimage.maximum_filter", "scipy.ndimage.rank_filter",
        "scipy.ndimage.percentile_filter", "scipy.ndimage.grey_erosion",
        "scipy.ndimage.grey_dilation", "skimage.morphology.erosion", "skimage.morphology.dilation",
        "skimage.filters.median",
    }  # fmt: skip
    assert all(entry.description and entry.source for entry in presets.entries())


@pytest.mark.parametrize(
    "name, wanted",
    [
        ("cv2.filter2D", {"anchor": (1, 2), "border": "reflect101", "rounding": "half-even"}),
        ("scipy.ndimage.correlate", {"anchor": (1, 2), "border": "symmetric", "overflow": "wrap"}),
        ("scipy.ndimage.convolve", {"anchor": (0, 1), "operation": "convolve"}),
        ("scipy.ndimage.convolve:mode=mirror", {"border": "reflect101"}),
        ("scipy.ndimage.convolve:mode=constant,cval=9", {"border": "constant", "border_value": 9}),
        ("scipy.signal.convolve2d", {"padding": "full", "border": "constant"}),
        ("scipy.signal.convolve2d:mode=same", {"padding": "same", "anchor": (1, 2)}),
        ("scipy.signal.convolve2d:boundary=symm", {"border": "symmetric"}),
        ("matlab.conv2", {"padding": "full", "operation": "convolve"}),
        ("matlab.conv2:shape=same", {"padding": "same", "anchor": (0, 1)}),
        ("matlab.imfilter", {"border": "constant", "rounding": "half-away", "anchor": (0, 1)}),
        ("matlab.imfilter:boundary=7", {"border": "constant", "border_value": 7}),
        ("matlab.imfilter:boundary=replicate,shape=full", {"padding": "full"}),
        ("torch.conv2d", {"padding": "valid", "operation": "correlate"}),
        ("torch.conv2d:padding=1", {"padding": (1, 1, 1, 1), "border": "constant"}),
        ("torch.conv2d:padding=same", {"padding": "same", "anchor": (0, 1)}),
        ("intel.fir2d", {"anchor": (0, 1), "border": "replicate", "rounding": "half-up"}),
        ("intel.fir2d:rounding=truncate,absolute=1", {"overflow": "abs-saturate"}),
    ],
)
def test_keys(name: str, wanted: dict[str, Any]) -> None:
    spec = Filter(preset=name, kernel=EVEN, **FRAME)
    assert {key: getattr(spec, key) for key in wanted} == wanted


def test_own_keys_win() -> None:
    spec = Filter(
        preset="cv2.GaussianBlur:ksize=5", border="constant", rounding="floor", shift=9, **FRAME
    )
    assert (spec.border, spec.rounding, spec.shift) == ("constant", "floor", 9)
    other = Filter(preset="cv2.GaussianBlur:ksize=5", kernel=[[3]], **FRAME)
    assert (other.kernel, other.shift, other.anchor) == (((3,),), 0, (0, 0))
    named = Filter(preset="cv2.filter2D", kernel="binomial", **FRAME)
    assert (named.shift, named.rounding) == (4, "half-even")
    assert Filter(preset="cv2.filter2D", kernel="binomial", shift=1, **FRAME).shift == 1
    assert str(Filter(preset="torch.conv2d", kernel=EVEN, output="s9", **FRAME).output) == "s9"


def test_structuring_elements() -> None:
    drawn = Filter(preset="cv2.erode:ksize=(5,3),shape=MORPH_ELLIPSE,anchor=(4,0)", **FRAME)
    assert (drawn.rank, drawn.kernel_height, drawn.kernel_width, drawn.anchor) == (0, 3, 5, (0, 4))
    assert (drawn.border, drawn.border_value) == ("constant", 255)
    plus = [[0, 7, 0], [7, 7, 7], [0, 7, 0]]
    for keys in ({"kernel": plus}, {"dilate": "cross:ksize=3"}):
        assert Filter(preset="cv2.dilate", **keys, **FRAME) == Filter(
            preset="cv2.dilate:kernel=0 1 0;1 1 1;0 1 0", **FRAME)
    with pytest.raises(InputError, match="shape must be one of rect, cross, ellipse, diamond, not"):
        Filter(preset="cv2.erode:shape=star", **FRAME)
    with pytest.raises(InputError, match="footprint and key footprint are both given"):
        Filter(preset="skimage.filters.median:footprint=3", footprint=3, **FRAME)


def test_preset_is_a_key_and_is_not_kept() -> None:
    spec = Filter.from_dict({"preset": "cv2.blur:ksize=3", **FRAME})
    assert "preset" not in spec.to_dict()
    assert Filter.from_dict(spec.to_dict()) == spec


def test_expand() -> None:
    keys = presets.expand("cv2.GaussianBlur:ksize=3")
    assert keys == {
        "operation": "correlate",
        "padding": "same",
        "border": "reflect101",
        "overflow": "saturate",
        "kernel": ((1, 2, 1), (2, 4, 2), (1, 2, 1)),
        "shift": 4,
        "rounding": "half-up",
    }


@pytest.mark.parametrize(
    "kernel, keys, output",
    [
        ([[1, 1]], {}, "u9"),
        ([[1, -1]], {}, "s9"),
        ([[1, 1]], {"shift": 1}, "u8"),
        ([[3]], {"shift": 1}, "u9"),
        ([[3]], {"shift": 1, "offset": -1}, "s10"),
        ([[1, 1]], {"pixel": "s16"}, "s17"),
        ([[2**24]], {}, "u32"),
    ],
)
def test_exact_output(kernel: object, keys: dict[str, Any], output: str) -> None:
    assert str(Filter(preset="matlab.conv2", kernel=kernel, **keys, **FRAME).output) == output


@pytest.mark.parametrize(
    "name, keys, message",
    [
        ("cv2.filter2d", {}, "preset 'cv2.filter2d' is not known: did you mean 'cv2.filter2D'?"),
        ("numpy", {}, "preset 'numpy' is not known: choose from cv2.filter2D, cv2.GaussianBlur"),
        ("cv2.filter2D", {}, "preset 'cv2.filter2D' needs a kernel; give the key kernel"),
        ("cv2.filter2D:dst=1", {"kernel": [[1]]}, "preset 'cv2.filter2D' has no parameter 'dst'"),
        ("cv2.Sobel:dx=1,dy=0,ddepth=CV_32F", {}, "ddepth must be -1, CV_8U, CV_16U or CV_16S"),
        ("cv2.blur", {}, "preset 'cv2.blur' needs the parameter 'ksize'; write cv2.blur:ksize=..."),
        ("cv2.blur:size=3", {}, "preset 'cv2.blur' has no parameter 'size': did you mean 'ksize'?"),
        ("cv2.blur:3", {}, "preset 'cv2.blur' has the parameter '3'; after the colon come"),
        ("cv2.blur:ksize=4", {}, "preset 'cv2.blur': ksize must be odd and from 1 to 31, not 4"),
        ("cv2.blur:ksize=x", {}, "preset 'cv2.blur': ksize must be an integer, not 'x'"),
        (
            "cv2.blur:ksize=11",
            {"pixel": "u16"},
            "preset 'cv2.blur': ksize must be at most 9 for pixel u16, not 11; OpenCV itself",
        ),
        (
            "cv2.GaussianBlur:ksize=4",
            {},
            "preset 'cv2.GaussianBlur': kernel 'gaussian': ksize must be odd and from 1 to 31",
        ),
        ("cv2.GaussianBlur:ksize=3,sigma=-1", {}, "sigma must be 0 (chosen from ksize) or greater"),
        (
            "cv2.GaussianBlur:ksize=3",
            {"pixel": "u16"},
            "preset 'cv2.GaussianBlur': pixel must be u1..u8, not u16",
        ),
        ("cv2.GaussianBlur:ksize=3", {"pixel": "x"}, "pixel must be u1..u16 or s2..s16, not 'x'"),
        ("cv2.Sobel:dx=1", {}, "preset 'cv2.Sobel' needs the parameter 'dy'"),
        ("cv2.Sobel:dx=1,dy=0,ksize=4", {}, "'cv2.Sobel': ksize must be 1, 3, 5 or 7, not 4"),
        ("cv2.Sobel:dx=0,dy=0", {}, "dx and dy must be from 0 to 2 for ksize=3 and not both 0"),
        ("cv2.Sobel:dx=3,dy=0", {}, "dx and dy must be from 0 to 2 for ksize=3 and not both 0"),
        ("xf.filter2D", {"kernel": EVEN}, "'xf.filter2D': kernel is 2x4; both sizes must be odd"),
        ("scipy.ndimage.convolve:mode=x", {"kernel": EVEN}, "mode must be one of reflect, grid-m"),
        ("scipy.signal.convolve2d:mode=x", {"kernel": EVEN}, "mode must be one of full, same, val"),
        ("scipy.signal.convolve2d:boundary=x", {"kernel": EVEN}, "boundary must be one of fill, s"),
        ("matlab.conv2:shape=x", {"kernel": EVEN}, "shape must be one of full, same, valid, not"),
        ("matlab.imfilter:shape=valid", {"kernel": EVEN}, "shape must be one of same, full, not"),
        (
            "matlab.imfilter:boundary=300",
            {"kernel": EVEN},
            "border_value 300 is no sample of pixel",
        ),
        ("torch.conv2d:padding=half", {"kernel": EVEN}, "padding must be one of valid, same, not"),
        ("torch.conv2d:padding=2", {"kernel": EVEN}, "padding top must be an integer from 0 to 1"),
        (
            "torch.conv2d",
            {"kernel": [[2**25]]},
            "preset 'torch.conv2d': the exact sum is from 0 to 8556380160, which is more than",
        ),
        ("torch.conv2d", {"kernel": [["x"]]}, "kernel has the entry 'x' at row 0, column 0"),
        ("torch.conv2d", {"kernel": EVEN, "channels": 3}, "torch sums over its input channels"),
        ("torch.conv2d", {"kernel": EVEN, "shift": "1"}, "shift must be an integer from 0 to 31"),
        ("intel.fir2d:rounding=up", {"kernel": EVEN}, "rounding must be one of truncate, half-up,"),
        ("cv2.filter2D", {"kernel": "sobl-x"}, "'sobl-x' is not in the catalogue"),
    ],
)
def test_refused(name: str, keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        Filter(preset=name, **keys, **FRAME)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name, words", [
    ("medianBlur", "did you mean 'cv2.medianBlur'?"),
    ("cv2.medianBlur:ksize=5", "keys 'kernel' and 'median' are both given"),
    ("medfilt2", "use the key median"),
    ("cv2.morphologyEx:op=open", "is a stage of a pipeline and no filter"),
    ("imopen", "use a stage of a pipeline"),
    ("cv2.erode:borderType=BORDER_WRAP", "borderType must be BORDER_CONSTANT, BORDER_REPLICATE"),
    ("cv2.erode:iterations=0", "iterations must be at least 1, not 0"),
    ("cv2.erode:anchor=1-1", "anchor must be an integer or two, (5,3), not '1-1'"),
    ("cv2.erode:ksize=33", "shape and ksize draw a kernel, and one is given"),
    ("scipy.ndimage.rank_filter:rank=1", "size or footprint must be given"),
    ("scipy.ndimage.rank_filter:size=3", "needs the parameter 'rank'"),
    ("scipy.ndimage.median_filter:size=3,origin=2", "origin must be from -1 to 1 for 3 cells"),
    ("scipy.ndimage.grey_erosion:structure=1", "it computes with flat structuring elements"),
    ("skimage.morphology.erosion:mode=edge", "mode must be one of reflect, grid-mirror"),
    ("FAST", "use the preset cv2.FastFeatureDetector"),
    ("imbinarize", "use a stage of a pipeline: threshold"),
    ("cv2.equalizeHist", "it needs to have seen the whole frame"),
    ("cv2.remap", "size or geometry"),
    ("cv2.bilateralFilter", "weights that depend on the picture"),
    ("torch.nn.Conv2d", "layer that sums over its input channels"),
    ("nn.Conv2d", "layer that sums over its input channels"),
    ("torch.nn.functional.max_pool2d", "layer of a network"),
    ("cv2.boxFilter", "use the preset cv2.blur"),
    ("sobel-x", "preset 'sobel-x' is a kernel's name; give it as the key kernel"),
    ("GaussianBlur", "did you mean 'cv2.GaussianBlur'?"),
    ("CV2.BLUR", "did you mean 'cv2.blur'?"),
    ("torch.conv2D", "did you mean 'torch.conv2d'?"),
    ("cv2.GaussianBlr", "did you mean 'cv2.GaussianBlur'?"),
    ("cv2.GaussianBlur:5,5,0", "name=value pairs with commas between: 'cv2.GaussianBlur:ksize=..."),
    ("cv2.GaussianBlur:ksize=(5,3)", "ksize must be one number for both directions, not (5,3)"),
    ("cv2.GaussianBlur:ksize=5,sigma=1,sigmaX=1", "'sigma' twice, once as 'sigmaX'"),
    ("torch.conv2d:mode=replicate", "here that is the key border"),
    ("cv2.demosaicing", "use the stage demosaic of a pipeline"),
    ("torch.conv2d:stride=2", "it computes with stride 1"),
    ("x" * 5000, "choose from"),
    ("cv2.GaussianBlur:ksize=" + "9" * 5000, "ksize must be an integer"),
])
def test_what_people_ask_for(name: str, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        Filter(preset=name, kernel=EVEN, **FRAME)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name, words", [
    ("Sobel-X", "did you mean 'sobel-x'?"),
    ("cv2.medianBlur", "it is a preset"),
    ("median", "use the key median"),
    ("erode", "use the key erode"),
    ("Canny", "use the stage canny"),
    ("cv2.blur", "it is a preset"),
    ("getGaborKernel", "numpy.save"),
    ("gausian", "did you mean 'gaussian'?"),
    ("gaussian:ksize=" + "9" * 400, "ksize must be an integer"),
    ("gaussian:sigma=1e300", "sigma must be a finite number"),
    ("high-pass:sigma=1e300", "sigma must be a finite number"),
    ("gaussian:5", "name=value pairs with commas between: 'gaussian:ksize=...,sigma=...,bits=...'"),
    ("x\x1b[2J" * 900, "kernel"),
])
def test_what_people_call_kernels(name: str, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        Filter(kernel=name, **FRAME)
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


def test_opencv_s_own_words() -> None:
    plain = Filter(preset="cv2.GaussianBlur:ksize=5,sigma=1.5", **FRAME)
    assert Filter(preset="cv2.GaussianBlur:ksize=(5,5),sigmaX=1.5", **FRAME) == plain
    assert Filter(preset="cv2.GaussianBlur:ksize=5,sigma=1.5", anchor=(-1, -1), **FRAME) == plain
    with pytest.raises(InputError, match=r"anchor \[-1, -1\] is OpenCV's word for the centre"):
        Filter(kernel=EVEN, anchor=[-1, -1], **FRAME)


@pytest.mark.parametrize("border, words", [
    ("BORDER_REFLECT_101", "write reflect101"), ("cv2.BORDER_REFLECT_101", "write reflect101"),
    (4, "write reflect101"), ("4", "write reflect101"), ("reflect_101", "write reflect101"),
    ("cv2.BORDER_REFLECT", "write symmetric"), (2, "write symmetric"),
    ("nearest", "write replicate"), ("edge", "write replicate"), ("Zeros", "write constant"),
    ("mirror", "means two different things"), ("cv2.BORDER_WRAP", "write wrap"),
    (3, "write wrap"), ("wrap", "a stage of a pipeline can have it"),
    ("Replicate", "must be one of"),
    pytest.param(10**5000, "must be one of", id="huge"),
])
def test_what_libraries_call_borders(border: Any, words: str) -> None:
    for given in (border, {"top": border}):
        with pytest.raises(InputError, match=words) as caught:
            Filter(kernel=EVEN, border=given, **FRAME)
        assert str(caught.value).startswith("border")
