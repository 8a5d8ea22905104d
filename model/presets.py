"""Filters that compute what a named library function does.

A preset is a name, with parameters after a colon where the function has some, that stands for the
keys of a filter: ``cv2.GaussianBlur:ksize=9,sigma=2``. Keys that the user gives win over it.

The facts were probed on OpenCV 4.14 and 5.0 and scipy 1.17, or are from the documentation named
beside each preset.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import absent, catalogue
from .errors import InputError, nearest, shorten
from .interval import Interval
from .kernel import Matrix, integer_matrix
from .keys import KEYS
from .operations import Correlate
from .sample import Sample


__all__ = ["Preset", "entries", "expand", "names", "without_preset_keys"]

Keys = dict[str, Any]


@dataclass(frozen=True)
class Preset:
    """A row of the table: a name, its parameters and how its keys are made.

    ``parameters`` has the default of each parameter, or the type of one that must be given.
    """

    name: str
    parameters: dict[str, Any]
    description: str
    source: str
    implies_kernel: bool
    make: Callable[..., Keys]


@dataclass(frozen=True)
class _Given:
    """What a preset needs to know of the user's keys."""

    keys: Keys
    pixel: Sample
    kernel: Matrix
    shift: int

    def anchor(self, cell: Callable[[int], int]) -> list[int]:
        return [cell(len(self.kernel)), cell(len(self.kernel[0]))]

    def check_odd(self, name: str) -> None:
        height, width = len(self.kernel), len(self.kernel[0])
        if height % 2 == 0 or width % 2 == 0:
            raise InputError(f"preset {name!r}: kernel is {height}x{width}; both sizes must be odd")

    def exact_output(self, name: str) -> str:
        """The narrowest sample that holds every result, as these functions return wide integers."""
        offset = self.keys.get("offset", 0)
        if not isinstance(offset, int) or not 0 <= self.shift <= 31:
            return str(self.pixel)  # the filter will refuse these; name no second reason
        (low, high), = Correlate((self.kernel,)).ranges(
            Interval(self.pixel.minimum, self.pixel.maximum))
        try:
            return str(
                Sample.holding((low >> self.shift) + offset, -(-high >> self.shift) + offset)
            )
        except InputError:
            raise InputError(
                f"preset {name!r}: the exact sum is from {low} to {high}, which is more than 32 "
                "bits; give the key output, or a shift"
            ) from None


_presets: dict[str, Preset] = {}

#: The functions' own names of parameters that have a plainer one here.
_ALIASES = {"sigmaX": "sigma"}
#: Parameters of the functions that are keys of every filter.
_KEYS = {"anchor": "anchor", "borderType": "border", "ddepth": "output", "delta": "offset",
         "output": "output", "mode": "border", "boundary": "border"}
#: Parameters whose value cannot be chosen.
_FIXED = {"stride": "stride 1", "dilation": "dilation 1", "groups": "one channel",
          "bias": "no bias", "sigmaY": "sigma in both directions", "scale": "scale 1",
          "origin": "origin 0"}


def names() -> list[str]:
    """Return the names of the presets."""
    return list(_presets)


def entries() -> list[Preset]:
    """Return the table of presets."""
    return list(_presets.values())


def expand(text: str, keys: Mapping[str, Any] | None = None) -> Keys:
    """Return the keys of a filter that computes what a library function does.

    Parameters
    ----------
    text : :class:`str`
        The preset: ``"cv2.filter2D"``, ``"cv2.blur:ksize=3"``.
    keys : mapping
        The user's own keys, which win. The kernel must be among them unless the preset implies it,
        since the anchor depends on its size; ``pixel`` matters to some.

    Returns
    -------
    :class:`dict`
        The preset's keys and the user's.

    Raises
    ------
    :exc:`InputError`
        If there is no such preset or parameter, a needed one or the kernel is missing, or the
        function does not take such a kernel or sample.
    """
    name, words = catalogue.parse_call(text, "preset", _parameters)
    if name in catalogue.names():
        raise InputError(f"preset {name!r} is a kernel's name; give it as the key kernel")
    if name not in _presets:
        raise absent.unknown("preset", name, _presets)
    preset = _presets[name]
    own = dict(keys or {})
    if name.startswith("cv2.") and _is_opencv_centre(own.get("anchor")):
        del own["anchor"]
    arguments = _arguments(preset, words)
    pixel = own.get("pixel", "u8")
    if not isinstance(pixel, Sample):
        pixel = Sample.parse(pixel, key="pixel", limit=16)

    made: Keys = {}
    if preset.implies_kernel:
        try:
            made = preset.make(pixel, **arguments)
        except InputError as error:
            raise InputError(f"preset {name!r}: {error}") from None
        if "kernel" in own:
            del made["kernel"]
            made.pop("shift", None)
    elif own.get("kernel") is None:
        raise InputError(f"preset {name!r} needs a kernel; give the key kernel")
    kernel = (made | own)["kernel"]
    if isinstance(kernel, str):
        named = catalogue.kernel(kernel)
        kernel = own["kernel"] = named.kernel
        own.setdefault("shift", named.shift)
    kernel = integer_matrix(kernel)
    shift = own.get("shift", made.get("shift", 0))
    given = _Given(own, pixel, kernel, shift if isinstance(shift, int) else 0)
    if preset.implies_kernel:
        made["anchor"] = given.anchor(_centre)
    else:
        made = preset.make(given, **arguments)
    return made | own


def without_preset_keys(keys: Mapping[str, Any], text: str) -> Keys:
    """Return ``keys`` without those that a preset is to set: for a preset on top of a filter.

    What is left is the frame, the samples, and, unless the preset implies one, the kernel with its
    shift and offset.
    """
    kept = {"width", "height", "pixel", "channels", "pixels_per_clock", "output"}
    preset = _presets.get(catalogue.parse_call(text, "preset")[0])
    if preset is None or not preset.implies_kernel:
        kept |= {"kernel", "shift", "offset"}
    return {key: value for key, value in keys.items() if key in kept or key not in KEYS}


def _parameters(name: str) -> Mapping[str, Any]:
    return _presets[name].parameters if name in _presets else {}


def _is_opencv_centre(anchor: object) -> bool:
    """Whether it is OpenCV's default anchor, its word for the centre."""
    return isinstance(anchor, (list, tuple)) and list(anchor) == [-1, -1]


def _arguments(preset: Preset, words: dict[str, str]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for given, word in words.items():
        parameter = _ALIASES.get(given, given)
        if parameter not in preset.parameters:
            known = preset.parameters
            allowed = nearest(parameter, known) if known else "it takes none"
            if parameter in _KEYS:
                allowed = f"here that is the key {_KEYS[parameter]}"
            elif parameter in _FIXED:
                allowed = f"it computes with {_FIXED[parameter]}"
            raise InputError(
                f"preset {preset.name!r} has no parameter {shorten(parameter)}: {allowed}")
        if parameter in arguments:
            raise InputError(f"preset {preset.name!r} has the parameter {parameter!r} twice, "
                             f"once as {given!r}")
        default = preset.parameters[parameter]
        kind = default if isinstance(default, type) else type(default)
        source = f"preset {preset.name!r}: {parameter}"
        arguments[parameter] = (
            word if kind is str else catalogue.parse_number(word, whole=kind is int, source=source)
        )
    for parameter, default in preset.parameters.items():
        if isinstance(default, type) and parameter not in arguments:
            raise InputError(
                f"preset {preset.name!r} needs the parameter {parameter!r}; "
                f"write {preset.name}:{parameter}=..."
            )
    return arguments


Maker = Callable[..., Keys]


def _preset(
    name: str, description: str, source: str, implies_kernel: bool = False
) -> Callable[[Maker], Maker]:
    def register(make: Maker) -> Maker:
        _, *rest = inspect.signature(make).parameters.values()
        parameters = {
            parameter.name: parameter.annotation
            if parameter.default is inspect.Parameter.empty
            else parameter.default
            for parameter in rest
        }
        _presets[name] = Preset(name, parameters, description, source, implies_kernel, make)
        return make

    return register


def _look_up(name: str, parameter: str, word: str, choices: Mapping[str, Any]) -> Any:
    if word == "wrap" or word == "circular":
        raise InputError(
            f"preset {name!r}: {parameter} {word!r} cannot be streamed: it needs a frame's last "
            f"rows before its first; choose from {', '.join(choices)}"
        )
    if word not in choices:
        raise InputError(
            f"preset {name!r}: {parameter} must be one of {', '.join(choices)}, not {shorten(word)}"
        )
    return choices[word]


def _centre(size: int) -> int:
    """The middle cell, or the one after it where the size is even."""
    return size // 2


def _before_centre(size: int) -> int:
    """The middle cell, or the one before it where the size is even."""
    return (size - 1) // 2


_OPENCV = {
    "operation": "correlate",
    "padding": "same",
    "border": "reflect101",
    "overflow": "saturate",
}


@_preset(
    "cv2.filter2D",
    "Correlation. With a shift, kernels of 130 cells or more (50 where samples are not u8) may "
    "differ in ties, which OpenCV's Fourier transform of such kernels rounds either way.",
    "OpenCV 4.14 and 5.0, probed with sums below 2**24: anchor k//2, half to even, saturating.",
)
def _filter2d(given: _Given) -> Keys:
    return _OPENCV | {"anchor": given.anchor(_centre), "rounding": "half-even"}


@_preset(
    "cv2.GaussianBlur",
    "Gaussian blur of 8-bit pictures.",
    "OpenCV 4.14 and 5.0, probed: integer kernel of 8 fraction bits, one rounding at the end.",
    implies_kernel=True,
)
def _gaussian_blur(pixel: Sample, ksize: int, sigma: float = 0.0) -> Keys:
    if pixel.signed or pixel.bits > 8:
        raise InputError(f"pixel must be u1..u8, not {pixel}; wider pictures take other arithmetic")
    blur = catalogue.kernel(f"gaussian:ksize={ksize},sigma={sigma!r},bits=8")
    return _OPENCV | {"kernel": blur.kernel, "shift": blur.shift, "rounding": "half-up"}


@_preset(
    "cv2.blur",
    "Mean of an odd square, rounded to the nearest.",
    "OpenCV 5.0, probed; no mean of an odd count has a tie. OpenCV scales wide sums in single "
    "precision: above 12 bits it is the nearest up to 9x9 only.",
    implies_kernel=True,
)
def _blur(pixel: Sample, ksize: int) -> Keys:
    if ksize % 2 == 0 or not 1 <= ksize <= 31:
        raise InputError(f"ksize must be odd and from 1 to 31, not {ksize}")
    bits = pixel.bits - pixel.signed
    if bits > 12 and ksize > 9:
        raise InputError(
            f"ksize must be at most 9 for pixel {pixel}, not {ksize}; "
            "OpenCV itself rounds larger means of such samples inexactly"
        )
    mean = catalogue.mean(ksize, bits)
    return _OPENCV | {"kernel": mean.kernel, "shift": mean.shift, "rounding": "half-up"}


@_preset(
    "cv2.Sobel",
    "Derivative of order dx and dy; give output = s16 for ddepth CV_16S.",
    "OpenCV getDerivKernels, probed.",
    implies_kernel=True,
)
def _sobel(pixel: Sample, dx: int, dy: int, ksize: int = 3) -> Keys:
    if ksize not in (1, 3, 5, 7):
        raise InputError(f"ksize must be 1, 3, 5 or 7, not {ksize}")
    greatest = max(ksize, 3) - 1
    if not (0 <= dx <= greatest and 0 <= dy <= greatest and dx + dy > 0):
        raise InputError(
            f"dx and dy must be from 0 to {greatest} for ksize={ksize} and not both 0, "
            f"not dx={dx}, dy={dy}"
        )
    return _OPENCV | {"kernel": catalogue.sobel(dx, dy, ksize), "shift": 0, "rounding": "half-even"}


_NDIMAGE_MODES = {
    "reflect": "symmetric",
    "grid-mirror": "symmetric",
    "mirror": "reflect101",
    "nearest": "replicate",
    "constant": "constant",
    "grid-constant": "constant",
}


def _ndimage(name: str, mode: str, cval: int) -> Keys:
    return {
        "padding": "same",
        "border": _look_up(name, "mode", mode, _NDIMAGE_MODES),
        "border_value": cval,
        # scipy sums in double and casts it to the integer type of the output.
        "rounding": "toward-zero",
        "overflow": "wrap",
    }


@_preset(
    "scipy.ndimage.correlate",
    "Correlation into the input's own type, modulo its range; the default border is symmetric.",
    "scipy 1.17, probed: centre k//2, the double sum cast to the output's type.",
)
def _ndimage_correlate(given: _Given, mode: str = "reflect", cval: int = 0) -> Keys:
    return _ndimage("scipy.ndimage.correlate", mode, cval) | {
        "operation": "correlate",
        "anchor": given.anchor(_centre),
    }


@_preset(
    "scipy.ndimage.convolve",
    "Convolution into the input's own type, modulo its range; the default border is symmetric.",
    "scipy 1.17, probed: centre (k-1)//2 of the flipped kernel, the double sum cast.",
)
def _ndimage_convolve(given: _Given, mode: str = "reflect", cval: int = 0) -> Keys:
    return _ndimage("scipy.ndimage.convolve", mode, cval) | {
        "operation": "convolve",
        "anchor": given.anchor(_before_centre),
    }


_SHAPES = {"full": "full", "same": "same", "valid": "valid"}


@_preset(
    "scipy.signal.convolve2d",
    "Convolution with the exact sum as the result; its default mode is full.",
    "scipy 1.17, probed: centre k//2 of the flipped kernel.",
)
def _signal_convolve2d(
    given: _Given, mode: str = "full", boundary: str = "fill", fillvalue: int = 0
) -> Keys:
    name = "scipy.signal.convolve2d"
    borders = {"fill": "constant", "symm": "symmetric"}
    return {
        "operation": "convolve",
        "anchor": given.anchor(_centre),
        "padding": _look_up(name, "mode", mode, _SHAPES),
        "border": _look_up(name, "boundary", boundary, borders),
        "border_value": fillvalue,
        "output": given.exact_output(name),
    }


@_preset(
    "matlab.conv2",
    "Convolution with a border of zeros and the exact sum as the result; its default is full.",
    "MATLAB documentation of conv2: 'same' is the central part, from ceil((k+1)/2) of 'full'.",
)
def _conv2(given: _Given, shape: str = "full") -> Keys:
    name = "matlab.conv2"
    return {
        "operation": "convolve",
        "anchor": given.anchor(_before_centre),
        "padding": _look_up(name, "shape", shape, _SHAPES),
        "border": "constant",
        "border_value": 0,
        "output": given.exact_output(name),
    }


@_preset(
    "matlab.imfilter",
    "Correlation of an integer picture; boundary is a number (zeros by default) or a name.",
    "MATLAB documentation of imfilter: centre floor((k+1)/2), counted from 1; a double sum, then "
    "cast to the picture's class, which rounds halves away from zero and saturates.",
)
def _imfilter(given: _Given, boundary: str = "0", shape: str = "same") -> Keys:
    name = "matlab.imfilter"
    try:
        border, value = "constant", int(boundary)
    except ValueError:
        choices = {"symmetric": "symmetric", "replicate": "replicate"}
        border, value = _look_up(name, "boundary", boundary, choices), 0
    return {
        "operation": "correlate",
        "anchor": given.anchor(_before_centre),
        "padding": _look_up(name, "shape", shape, {"same": "same", "full": "full"}),
        "border": border,
        "border_value": value,
        "rounding": "half-away",
        "overflow": "saturate",
    }


@_preset(
    "torch.conv2d",
    "A layer's cross-correlation, stride 1, zeros around, the exact sum as the result.",
    "PyTorch documentation of torch.nn.functional.conv2d; 'same' puts the odd pad at the end.",
)
def _conv2d(given: _Given, padding: str = "valid") -> Keys:
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
        amount = _look_up(name, "padding", padding, {"valid": "valid", "same": "same"})
    return {
        "operation": "correlate",
        "anchor": given.anchor(_before_centre),
        "padding": amount,
        "border": "constant",
        "border_value": 0,
        "output": given.exact_output(name),
    }


@_preset(
    "xf.filter2D",
    "AMD Vitis Vision's custom convolution: odd sizes, zeros around, the sum shifted right.",
    "AMD Vitis Vision documentation of xf::cv::filter2D.",
)
def _xf_filter2d(given: _Given) -> Keys:
    given.check_odd("xf.filter2D")
    return {
        "operation": "correlate",
        "anchor": given.anchor(_centre),
        "padding": "same",
        "border": "constant",
        "border_value": 0,
        "rounding": "floor",
        "overflow": "saturate",
    }


_FIR_ROUNDINGS = {"truncate": "floor", "half-up": "half-up", "half-even": "half-even"}


@_preset(
    "intel.fir2d",
    "Intel's FIR Filter: the edge pixel repeated, half-up and saturating unless said otherwise.",
    "Intel Video and Vision Processing Suite, FIR Filter: (k-1)/2 pixels before the centre.",
)
def _fir2d(given: _Given, rounding: str = "half-up", absolute: int = 0) -> Keys:
    return {
        "operation": "correlate",
        "anchor": given.anchor(_before_centre),
        "padding": "same",
        "border": "replicate",
        "rounding": _look_up("intel.fir2d", "rounding", rounding, _FIR_ROUNDINGS),
        "overflow": "abs-saturate" if absolute else "saturate",
    }
