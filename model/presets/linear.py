"""Presets of functions that multiply and add."""

from ..errors import InputError, shorten
from ..kernels import catalogue
from .borders import NDIMAGE_MODES, opencv_border
from .table import Given, Keys, before_centre, centre, look_up, numbers, preset


_OPENCV = {
    "operation": "correlate",
    "padding": "same",
    "border": "reflect101",
    "overflow": "saturate",
}
_DEPTHS = {"CV_8U": "u8", "0": "u8", "CV_16U": "u16", "2": "u16", "CV_16S": "s16", "3": "s16"}


def _opencv(border_type: str, ddepth: str = "-1", delta: int = 0) -> Keys:
    """What OpenCV's linear filters have in common."""
    keys: Keys = dict(_OPENCV)
    if border_type:
        keys["border"] = opencv_border(border_type)
    depth = ddepth.removeprefix("cv2.").removeprefix("cv.")
    if depth not in ("-1", *_DEPTHS):
        raise InputError("ddepth must be -1, CV_8U, CV_16U or CV_16S, not "
                         f"{shorten(ddepth)}; more bits are the key output")
    if depth != "-1":
        keys["output"] = _DEPTHS[depth]
    return keys | ({"offset": delta} if delta else {})


def _opencv_anchor(anchor: str, default: list[int]) -> list[int]:
    x, y = numbers("anchor", anchor)
    return [default[0] if y == -1 else y, default[1] if x == -1 else x]


@preset(
    "cv2.filter2D",
    "Correlation. With a shift, kernels of 130 cells or more (50 where samples are not u8) may "
    "differ in ties, which OpenCV's Fourier transform of such kernels rounds either way.",
    "OpenCV 4.14 and 5.0, probed with sums below 2**24: anchor k//2, half to even, saturating.",
)
def _filter2d(given: Given, ddepth: str = "-1", anchor: str = "(-1,-1)", delta: int = 0,
              borderType: str = "") -> Keys:
    return _opencv(borderType, ddepth, delta) | {
        "anchor": _opencv_anchor(anchor, given.anchor(centre)), "rounding": "half-even"}


@preset(
    "cv2.GaussianBlur",
    "Gaussian blur of 8-bit pictures.",
    "OpenCV 4.14 and 5.0, probed: integer kernel of 8 fraction bits, one rounding at the end.",
    implies_kernel=True,
)
def _gaussian_blur(given: Given, ksize: int, sigma: float = 0.0, borderType: str = "") -> Keys:
    if given.pixel.signed or given.pixel.bits > 8:
        raise InputError(f"pixel must be u1..u8, not {given.pixel}; wider pictures take other "
                         "arithmetic")
    blur = catalogue.kernel(f"gaussian:ksize={ksize},sigma={sigma!r},bits=8")
    return _opencv(borderType) | {"kernel": blur.kernel, "shift": blur.shift,
                                  "rounding": "half-up"}


@preset(
    "cv2.blur",
    "Mean of an odd square, rounded to the nearest.",
    "OpenCV 5.0, probed; no mean of an odd count has a tie. OpenCV scales wide sums in single "
    "precision: above 12 bits it is the nearest up to 9x9 only.",
    implies_kernel=True,
)
def _blur(given: Given, ksize: int, anchor: str = "(-1,-1)", borderType: str = "") -> Keys:
    if ksize % 2 == 0 or not 1 <= ksize <= 31:
        raise InputError(f"ksize must be odd and from 1 to 31, not {ksize}")
    bits = given.pixel.bits - given.pixel.signed
    if bits > 12 and ksize > 9:
        raise InputError(
            f"ksize must be at most 9 for pixel {given.pixel}, not {ksize}; "
            "OpenCV itself rounds larger means of such samples inexactly"
        )
    mean = catalogue.mean(ksize, bits)
    return _opencv(borderType) | {
        "kernel": mean.kernel, "shift": mean.shift, "rounding": "half-up",
        "anchor": _opencv_anchor(anchor, [ksize // 2] * 2)}


@preset(
    "cv2.Sobel",
    "Derivative of order dx and dy.",
    "OpenCV getDerivKernels, probed.",
    implies_kernel=True,
)
def _sobel(given: Given, dx: int, dy: int, ksize: int = 3, ddepth: str = "-1", delta: int = 0,
           borderType: str = "") -> Keys:
    if ksize not in (1, 3, 5, 7):
        raise InputError(f"ksize must be 1, 3, 5 or 7, not {ksize}")
    greatest = max(ksize, 3) - 1
    if not (0 <= dx <= greatest and 0 <= dy <= greatest and dx + dy > 0):
        raise InputError(
            f"dx and dy must be from 0 to {greatest} for ksize={ksize} and not both 0, "
            f"not dx={dx}, dy={dy}"
        )
    return _opencv(borderType, ddepth, delta) | {
        "kernel": catalogue.sobel(dx, dy, ksize), "shift": 0, "rounding": "half-even"}


@preset("cv2.Scharr", "Scharr's derivative along x or y.",
        "OpenCV 4.14 and 5.0, probed.", implies_kernel=True)
def _scharr(given: Given, dx: int, dy: int, ddepth: str = "-1", delta: int = 0,
            borderType: str = "") -> Keys:
    if sorted((dx, dy)) != [0, 1]:
        raise InputError(f"one of dx and dy must be 1 and the other 0, not dx={dx}, dy={dy}")
    name = "scharr-x" if dx else "scharr-y"
    return _opencv(borderType, ddepth, delta) | {
        "kernel": catalogue.kernel(name).kernel, "shift": 0, "rounding": "half-even"}


@preset("cv2.Laplacian", "The sum of the second derivatives.",
        "OpenCV 4.14 and 5.0, probed.", implies_kernel=True)
def _laplacian(given: Given, ksize: int = 1, ddepth: str = "-1", delta: int = 0,
               borderType: str = "") -> Keys:
    if ksize not in (1, 3, 5, 7):
        raise InputError(f"ksize must be 1, 3, 5 or 7, not {ksize}")
    if ksize <= 3:
        kernel = catalogue.kernel(f"laplacian:ksize={ksize}").kernel
    else:
        both = (catalogue.sobel(*order, ksize) for order in ((2, 0), (0, 2)))
        kernel = tuple(tuple(map(sum, zip(*rows, strict=True)))
                       for rows in zip(*both, strict=True))
    return _opencv(borderType, ddepth, delta) | {
        "kernel": kernel, "shift": 0, "rounding": "half-even"}


@preset("cv2.spatialGradient", "Sobel's derivatives along x and y, as two taps or channels.",
        "OpenCV 4.14 and 5.0, probed; u8 in, s16 out.", staged=True)
def _spatial_gradient(given: Given, ksize: int = 3) -> Keys:
    if ksize != 3:
        raise InputError(f"ksize must be 3, not {ksize}")
    return _OPENCV | {"kernels": {name: catalogue.sobel(dx, 1 - dx, 3)
                                  for name, dx in (("dx", 1), ("dy", 0))}, "output": "s16"}


def _ndimage(name: str, mode: str, cval: int) -> Keys:
    return {
        "padding": "same",
        "border": look_up(name, "mode", mode, NDIMAGE_MODES),
        "border_value": cval,
        # scipy sums in double and casts it to the integer type of the output.
        "rounding": "toward-zero",
        "overflow": "wrap",
    }


@preset(
    "scipy.ndimage.correlate",
    "Correlation into the input's own type, modulo its range; the default border is symmetric.",
    "scipy 1.17, probed: centre k//2, the double sum cast to the output's type.",
)
def _ndimage_correlate(given: Given, mode: str = "reflect", cval: int = 0) -> Keys:
    return _ndimage("scipy.ndimage.correlate", mode, cval) | {
        "operation": "correlate",
        "anchor": given.anchor(centre),
    }


@preset(
    "scipy.ndimage.convolve",
    "Convolution into the input's own type, modulo its range; the default border is symmetric.",
    "scipy 1.17, probed: centre (k-1)//2 of the flipped kernel, the double sum cast.",
)
def _ndimage_convolve(given: Given, mode: str = "reflect", cval: int = 0) -> Keys:
    return _ndimage("scipy.ndimage.convolve", mode, cval) | {
        "operation": "convolve",
        "anchor": given.anchor(before_centre),
    }


_SHAPES = {"full": "full", "same": "same", "valid": "valid"}


@preset(
    "scipy.signal.convolve2d",
    "Convolution with the exact sum as the result; its default mode is full.",
    "scipy 1.17, probed: centre k//2 of the flipped kernel.",
)
def _signal_convolve2d(
    given: Given, mode: str = "full", boundary: str = "fill", fillvalue: int = 0
) -> Keys:
    name = "scipy.signal.convolve2d"
    borders = {"fill": "constant", "symm": "symmetric", "wrap": "wrap"}
    return {
        "operation": "convolve",
        "anchor": given.anchor(centre),
        "padding": look_up(name, "mode", mode, _SHAPES),
        "border": look_up(name, "boundary", boundary, borders),
        "border_value": fillvalue,
        "output": given.exact_output(name),
    }


@preset(
    "matlab.conv2",
    "Convolution with a border of zeros and the exact sum as the result; its default is full.",
    "MATLAB documentation of conv2: 'same' is the central part, from ceil((k+1)/2) of 'full'.",
)
def _conv2(given: Given, shape: str = "full") -> Keys:
    name = "matlab.conv2"
    return {
        "operation": "convolve",
        "anchor": given.anchor(before_centre),
        "padding": look_up(name, "shape", shape, _SHAPES),
        "border": "constant",
        "border_value": 0,
        "output": given.exact_output(name),
    }


@preset(
    "matlab.imfilter",
    "Correlation of an integer picture; boundary is a number (zeros by default) or a name.",
    "MATLAB documentation of imfilter: centre floor((k+1)/2), counted from 1; a double sum, then "
    "cast to the picture's class, which rounds halves away from zero and saturates.",
)
def _imfilter(given: Given, boundary: str = "0", shape: str = "same") -> Keys:
    name = "matlab.imfilter"
    try:
        border, value = "constant", int(boundary)
    except ValueError:
        choices = {"symmetric": "symmetric", "replicate": "replicate", "circular": "wrap"}
        border, value = look_up(name, "boundary", boundary, choices), 0
    return {
        "operation": "correlate",
        "anchor": given.anchor(before_centre),
        "padding": look_up(name, "shape", shape, {"same": "same", "full": "full"}),
        "border": border,
        "border_value": value,
        "rounding": "half-away",
        "overflow": "saturate",
    }


@preset(
    "torch.conv2d",
    "A layer's cross-correlation, stride 1, zeros around, the exact sum as the result.",
    "PyTorch documentation of torch.nn.functional.conv2d; 'same' puts the odd pad at the end.",
)
def _conv2d(given: Given, padding: str = "valid") -> Keys:
    name = "torch.conv2d"
    channels = given.keys.get("channels", 1)
    if channels != 1:
        raise InputError(
            f"preset {name!r} with channels {shorten(channels)}: torch sums over its input "
            "channels, a filter does not; channels must be 1, or preset scipy.signal.convolve2d "
            "or cv2.filter2D filters each plane by itself")
    amount: str | list[int]
    try:
        amount = [int(padding)] * 4
    except ValueError:
        amount = look_up(name, "padding", padding, {"valid": "valid", "same": "same"})
    return {
        "operation": "correlate",
        "anchor": given.anchor(before_centre),
        "padding": amount,
        "border": "constant",
        "border_value": 0,
        "output": given.exact_output(name),
    }


@preset(
    "xf.filter2D",
    "AMD Vitis Vision's custom convolution: odd sizes, zeros around, the sum shifted right.",
    "AMD Vitis Vision documentation of xf::cv::filter2D.",
)
def _xf_filter2d(given: Given) -> Keys:
    given.check_odd("xf.filter2D")
    return {
        "operation": "correlate",
        "anchor": given.anchor(centre),
        "padding": "same",
        "border": "constant",
        "border_value": 0,
        "rounding": "floor",
        "overflow": "saturate",
    }


_FIR_ROUNDINGS = {"truncate": "floor", "half-up": "half-up", "half-even": "half-even"}


@preset(
    "intel.fir2d",
    "Intel's FIR Filter: the edge pixel repeated, half-up and saturating unless said otherwise.",
    "Intel Video and Vision Processing Suite, FIR Filter: (k-1)/2 pixels before the centre.",
)
def _fir2d(given: Given, rounding: str = "half-up", absolute: int = 0) -> Keys:
    return {
        "operation": "correlate",
        "anchor": given.anchor(before_centre),
        "padding": "same",
        "border": "replicate",
        "rounding": look_up("intel.fir2d", "rounding", rounding, _FIR_ROUNDINGS),
        "overflow": "abs-saturate" if absolute else "saturate",
    }
