"""Filters that compute what a named library function does.

A preset is a name, with parameters after a colon where the function has some, that stands for the
keys of a filter: ``cv2.GaussianBlur:ksize=9,sigma=2``. Keys that the user gives win over it.

The facts were probed on OpenCV 4.14 and 5.0, scipy 1.17 and scikit-image 0.26, or are from the
documentation named beside each preset.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .. import absent
from ..errors import InputError, nearest, shorten
from ..format import Format
from ..interval import Interval
from ..kernels import catalogue
from ..kernels.kernel import Matrix, integer_matrix
from ..keys import KEYS, PASSING_KEYS
from ..operations import Correlate
from ..operations.footprint import parse_footprint
from ..sample import Sample


__all__ = [
    "Given", "Keys", "Preset", "before_centre", "centre", "entries", "expand", "is_staged",
    "look_up", "names", "numbers", "preset", "without_preset_keys",
]

Keys = dict[str, Any]


@dataclass(frozen=True)
class Preset:
    """A row of the table: a name, its parameters and how its keys are made.

    ``parameters`` has the default of each parameter, or the type of one that must be given.
    ``implies_kernel`` says that it needs no kernel of the user's, ``staged`` that it is a stage of
    a pipeline and no filter.
    """

    name: str
    parameters: dict[str, Any]
    description: str
    source: str
    implies_kernel: bool
    make: Callable[..., Keys]
    staged: bool = False


@dataclass(frozen=True)
class Given:
    """What a preset needs to know of the user's keys.

    ``kernel`` is empty where the preset has one of its own. Of a stage, ``tap`` is what it reads,
    ``frame`` what that carries, ``fixed`` whether its size never changes, and ``inner`` names the
    stages before the last, where the preset needs several: they are its key ``stages``.
    """

    keys: Keys
    pixel: Sample
    kernel: Matrix = ()
    shift: int = 0
    tap: str = "input"
    frame: Format | None = None
    fixed: bool = True
    inner: Callable[[str], str] = str

    @property
    def plane(self) -> Format:
        """The frame of one channel that a stage reads."""
        assert self.frame is not None
        if self.frame.channels != 1:
            raise InputError(f"it takes one channel, and {self.tap!r} has {self.frame.channels}")
        return self.frame

    def anchor(self, cell: Callable[[int], int]) -> list[int]:
        """The anchor that a function of the kernel's size says."""
        return [cell(len(self.kernel)), cell(len(self.kernel[0]))]

    def footprint(self, own: tuple[str, ...], **words: str) -> Matrix | None:
        """What a rank filter's window shows, as 0 and 1: one of the user's ``own`` keys, which are
        then spent, or of some parameters' words. ``None`` where there is none."""
        given: Keys = {name: word for name, word in words.items() if word}
        given |= {f"key {key}": self.keys.pop(key) for key in own
                  if self.keys.get(key) is not None}
        if len(given) > 1:
            raise InputError(f"{' and '.join(given)} are both given; give one")
        for name, value in given.items():
            if name == "key kernel":  # settled already; any number but 0 counts
                value = [[int(cell != 0) for cell in row] for row in value]
            footprint = parse_footprint(value, source=name.removeprefix("key "))
            return tuple(tuple(map(int, row)) for row in footprint)
        return None

    def check_u8(self) -> None:
        """Refuse other samples than those that the function is known for."""
        if str(self.pixel) != "u8":
            raise InputError(f"pixel must be u8, not {self.pixel}")

    def check_odd(self, name: str) -> None:
        """Refuse a kernel without a middle."""
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
          "origin": "origin 0", "axes": "both axes", "structure": "flat structuring elements",
          "behavior": "behavior ndimage"}


def names() -> list[str]:
    """Return the names of the presets."""
    return list(_presets)


def entries() -> list[Preset]:
    """Return the table of presets."""
    return list(_presets.values())


def is_staged(text: str) -> bool:
    """Whether a preset is a stage of a pipeline and no filter."""
    name = text.partition(":")[0].strip()
    return name in _presets and _presets[name].staged


def expand(
    text: str, keys: Mapping[str, Any] | None = None, *, tap: str = "", **stage: Any
) -> Keys:
    """Return the keys of a filter or a stage that computes what a library function does.

    Parameters
    ----------
    text : :class:`str`
        The preset: ``"cv2.filter2D"``, ``"cv2.blur:ksize=3"``.
    keys : mapping
        The user's own keys, which win. The kernel must be among them unless the preset implies it,
        since the anchor depends on its size; ``pixel`` matters to some.
    tap : :class:`str`
        What a stage of a pipeline reads; without it only a filter will do.
    stage
        Of a stage: what else :class:`Given` says.

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
    if preset.staged and not tap:
        raise InputError(f"preset {name!r} is a stage of a pipeline and no filter: write it into a "
                         "[[stage]]")
    own = dict(keys or {})
    if name.startswith("cv2.") and _is_opencv_centre(own.get("anchor")):
        del own["anchor"]
    arguments = _arguments(preset, words)
    pixel = own.get("pixel", "u8")
    if not isinstance(pixel, Sample):
        pixel = Sample.parse(pixel, key="pixel", limit=16)

    if preset.implies_kernel:
        try:
            made = preset.make(Given(own, pixel, tap=tap, **stage), **arguments)
        except InputError as error:
            raise InputError(f"preset {name!r}: {error}") from None
        if "kernel" in own and "kernel" in made:
            made.pop("shift", None)
        return made | own
    if own.get("kernel") is None:
        raise InputError(f"preset {name!r} needs a kernel; give the key kernel")
    kernel = own["kernel"]
    if isinstance(kernel, str):
        named = catalogue.kernel(kernel)
        kernel = own["kernel"] = named.kernel
        own.setdefault("shift", named.shift)
    shift = own.get("shift", 0)
    given = Given(own, pixel, integer_matrix(kernel), shift if isinstance(shift, int) else 0)
    return preset.make(given, **arguments) | own


def without_preset_keys(keys: Mapping[str, Any], text: str) -> Keys:
    """Return ``keys`` without those that a preset is to set: for a preset on top of a filter.

    What is left is the frame, the samples, and, unless the preset implies one, the kernel with its
    shift and offset.
    """
    kept = {"width", "height", "pixel", "channels", "pixels_per_clock", "output"}
    preset = _presets.get(catalogue.parse_call(text, "preset")[0])
    if preset is None or not preset.implies_kernel:
        kept |= {"kernel", "kernel_bits", "shift", "offset"}
    return {key: value for key, value in keys.items()
            if key in kept or key not in (*KEYS, *PASSING_KEYS)}


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


def preset(
    name: str, description: str, source: str, implies_kernel: bool = False, staged: bool = False
) -> Callable[[Maker], Maker]:
    """Put a function into the table: of the user's keys, and with the parameters' defaults.

    ``implies_kernel`` where it needs no kernel of the user's, ``staged`` where it is a stage of a
    pipeline.
    """

    def register(make: Maker) -> Maker:
        _, *rest = inspect.signature(make).parameters.values()
        parameters = {
            parameter.name: parameter.annotation
            if parameter.default is inspect.Parameter.empty
            else parameter.default
            for parameter in rest
        }
        _presets[name] = Preset(
            name, parameters, description, source, implies_kernel or staged, make, staged)
        return make

    return register


def look_up(name: str, parameter: str, word: str, choices: Mapping[str, Any]) -> Any:
    """What a parameter's word stands for."""
    if word not in choices:
        raise InputError(
            f"preset {name!r}: {parameter} must be one of {', '.join(choices)}, not {shorten(word)}"
        )
    return choices[word]


def numbers(parameter: str, word: str) -> tuple[int, int]:
    """A whole number for both directions, ``5``, or one for each, ``(5,3)``, in their order."""
    whole = r"([-+]?\d{1,9})"
    match = re.fullmatch(rf"{whole}|[(\[]\s*{whole}\s*,\s*{whole}\s*[)\]]", word)
    if match is None:
        raise InputError(f"{parameter} must be an integer or two, (5,3), not {shorten(word)}")
    first, second = (match[1], match[1]) if match[1] else (match[2], match[3])
    return int(first), int(second)


def centre(size: int) -> int:
    """The middle cell, or the one after it where the size is even."""
    return size // 2


def before_centre(size: int) -> int:
    """The middle cell, or the one before it where the size is even."""
    return (size - 1) // 2
