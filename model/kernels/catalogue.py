"""The catalogue of named kernels.

A name stands for a function that makes a real or integer kernel of a few parameters; this file is
the table of them. ``kernel("gaussian:ksize=9,sigma=2")`` makes one.

All kernels are written in correlation form: the cell at the upper left meets the pixel at the upper
left. An ``x`` derivative is positive where the picture brightens to the right, a ``y`` derivative
where it brightens downwards.
"""

import inspect
import itertools
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .. import absent
from ..errors import InputError, nearest, shorten
from .kernel import LARGEST_KERNEL, Matrix, number
from .quantised import Quantised, RealMatrix, quantise, real_rows, reduced, worst_error


__all__ = ["Entry", "NamedKernel", "entries", "kernel", "names", "regularised_inverse"]

Reals = npt.NDArray[np.float64]

#: A bound on parameters, far beyond those that make sense; squares and shifts of them stay finite.
LARGEST_NUMBER = 10**9


@dataclass(frozen=True)
class NamedKernel:
    """A kernel of the catalogue.

    Members
    -------
    name : :class:`str`
        The name with all its parameters, as :func:`kernel` takes it.
    kernel : :class:`tuple` of rows
        Integers, in correlation form.
    shift : :class:`int`
        The weights are ``kernel / 2**shift``.
    source : :class:`str`
        Where the numbers come from.
    error : :class:`float`
        The worst ``|kernel / 2**shift - real|``; 0 where the kernel stands for no real-valued one.
    description : :class:`str`
        What it does, in a line.
    wanted : :class:`tuple` of rows
        The real-valued kernel that it stands for; empty where there is none.
    """

    name: str
    kernel: Matrix
    shift: int
    source: str
    error: float
    description: str
    wanted: RealMatrix = field(default=(), repr=False)


@dataclass(frozen=True)
class Entry:
    """A row of the catalogue: a name, its parameters with their defaults, and how it is made."""

    name: str
    parameters: dict[str, int | float]
    source: str
    description: str
    make: Callable[..., Quantised]


_entries: dict[str, Entry] = {}


def names() -> list[str]:
    """Return the names in the catalogue, in its order."""
    return list(_entries)


def entries() -> list[Entry]:
    """Return the rows of the catalogue."""
    return list(_entries.values())


@lru_cache(maxsize=16)
def kernel(text: str) -> NamedKernel:
    """Make a kernel of the catalogue: once, however often it is asked for.

    Parameters
    ----------
    text : :class:`str`
        A name, with parameters after a colon: ``"sobel-x"``, ``"gaussian:ksize=9,sigma=2"``.

    Raises
    ------
    :exc:`InputError`
        If there is no such name or parameter, or its value is not allowed.
    """
    name, given = parse_call(text, "kernel", lambda name: _entries[name].parameters
                             if name in _entries else ())
    if name not in _entries:
        if re.search(r"[\[({;\n]", text):
            raise InputError(f"kernel {shorten(text)} is no name and no rows of numbers; write "
                             'rows as "1 2 1; 2 4 2; 1 2 1"')
        raise absent.unknown("kernel", name, _entries)
    entry = _entries[name]
    values = dict(entry.parameters)
    for parameter, word in given.items():
        if parameter not in values:
            allowed = nearest(parameter, values) if values else "it takes none"
            raise InputError(f"kernel {name!r} has no parameter {shorten(parameter)}: {allowed}")
        whole = isinstance(values[parameter], int)
        values[parameter] = parse_number(word, whole=whole, source=f"kernel {name!r}: {parameter}")
    try:
        made = entry.make(**values)
    except InputError as error:
        raise InputError(f"kernel {name!r}: {error}") from None
    words = ",".join(f"{parameter}={value:.15g}" for parameter, value in values.items())
    full_name = f"{name}:{words}" if words else name
    return NamedKernel(
        full_name, made.kernel, made.shift, entry.source, made.error, entry.description,
        made.wanted,
    )


def parse_call(
    text: str, key: str, parameters: Callable[[str], Iterable[str]] = lambda name: ()
) -> tuple[str, dict[str, str]]:
    """Split ``name:parameter=value,...``; presets are written in the same way.

    ``parameters`` gives those of a name, for the message that shows the wanted form.
    """
    name, colon, rest = text.strip().partition(":")
    name = name.strip()
    given: dict[str, str] = {}
    # A comma within parentheses is part of a value: ksize=(5,5).
    for part in re.split(r",(?![^(\[]*[)\]])", rest) if colon else []:
        parameter, equals, value = (word.strip() for word in part.partition("="))
        if not (parameter and equals and value):
            wanted = ",".join(f"{each}=..." for each in parameters(name)) or "name=value,..."
            raise InputError(
                f"{key} {shorten(name)} has the parameter {shorten(part.strip())}; after the "
                f"colon come name=value pairs with commas between: {shorten(f'{name}:{wanted}')}"
            )
        if parameter in given:
            raise InputError(f"{key} {shorten(name)} has the parameter {shorten(parameter)} twice")
        given[parameter] = value
    return name, given


def parse_number(word: str, *, whole: bool, source: str) -> int | float:
    """Read a whole or a real parameter; a pair of equal ones, ``(5,5)``, is one of them."""
    rule = "an integer" if whole else "a finite number"
    value = number(word)
    if pair := re.fullmatch(r"[(\[]([^,]*),([^,]*)[)\]]", word):
        value, second = map(number, pair.groups())
        if value is not None and value != second:
            raise InputError(f"{source} must be one number for both directions, not {word}; give "
                             "the key kernel for other shapes")
    if value is None or (whole and not isinstance(value, int)) or not abs(value) <= LARGEST_NUMBER:
        raise InputError(f"{source} must be {rule}, not {shorten(word)}")
    return value if whole else float(value)


Maker = Callable[..., Quantised]


def _entry(name: str, description: str, source: str) -> Callable[[Maker], Maker]:
    """Put a function into the catalogue; its arguments' defaults are the parameters'."""

    def register(make: Maker) -> Maker:
        parameters = {key: arg.default for key, arg in inspect.signature(make).parameters.items()}
        _entries[name] = Entry(name, parameters, source, description, make)
        return make

    return register


# Checks that several entries share.


def _check(parameter: str, value: float, allowed: bool, rule: str) -> None:
    if not allowed:
        raise InputError(f"{parameter} must be {rule}, not {value:g}")


def _check_odd(parameter: str, value: int, low: int = 1) -> None:
    rule = f"odd and from {low} to {LARGEST_KERNEL}"
    _check(parameter, value, value % 2 == 1 and low <= value <= LARGEST_KERNEL, rule)


def _check_size(value: int) -> None:
    _check("ksize", value, 1 <= value <= LARGEST_KERNEL, f"from 1 to {LARGEST_KERNEL}")


def _check_bits(value: int) -> None:
    _check("bits", value, 0 <= value <= 31, "from 0 to 31")


def _integers(rows: Sequence[Sequence[int]], shift: int = 0) -> Quantised:
    matrix = tuple(tuple(int(entry) for entry in row) for row in rows)
    return Quantised(*reduced(matrix, shift), error=0.0)


def _outer(column: Sequence[int], row: Sequence[int]) -> list[list[int]]:
    return [[a * b for b in row] for a in column]


def _fixed(name: str, description: str, source: str, rows: Sequence[Sequence[int]]) -> None:
    """Put a kernel without parameters into the catalogue."""
    _entry(name, description, source)(lambda: _integers(rows))


# Averages.


@_entry("identity", "The picture itself, in the centre of a square.", "Definition.")
def _identity(ksize: int = 1) -> Quantised:
    _check_odd("ksize", ksize)
    centre = [int(i == ksize // 2) for i in range(ksize)]
    return _integers(_outer(centre, centre))


@_entry(
    "box",
    "Mean of a square: the exact nearest integer for unsigned samples of up to `bits` bits.",
    "Division by an invariant integer: Granlund and Montgomery, PLDI 1994, with rounding added.",
)
def _box(ksize: int = 3, bits: int = 8) -> Quantised:
    _check_size(ksize)
    _check("bits", bits, 1 <= bits <= 16, "from 1 to 16")
    return mean(ksize, bits)


def mean(ksize: int, bits: int) -> Quantised:
    """Return a square of equal entries that is the exact mean, rounded to the nearest.

    With ``n = ksize**2`` entries of ``m`` and ``shift`` bits, half-up rounding gives
    ``floor(s * m / 2**shift + 1/2)`` for the sum ``s`` of the samples. The wanted
    ``floor(s / n + 1/2)`` changes at multiples of ``1/(2n)`` only. For odd ``n`` no sum lies on
    such a step itself, so it is enough that ``s * |m / 2**shift - 1/n| < 1/(2n)`` for the
    greatest sum. For even ``n`` a half is met exactly: there ``m`` is rounded up, so that nothing
    falls short of it, and the next step is ``1/n`` away. The least ``shift`` that does is taken.

    Parameters
    ----------
    ksize : :class:`int`
        Height and width, 1 to 31.
    bits : :class:`int`
        Width of the unsigned samples. For odd sizes it is exact for signed samples of one bit more
        too.

    Raises
    ------
    :exc:`InputError`
        If no shift up to 31 is exact, as for large squares of wide samples.
    """
    count = ksize * ksize
    greatest_sum = count * ((1 << bits) - 1)
    # A signed sample of one more bit reaches -2**bits.
    greatest_sum += count
    for shift in range(32):
        scale = 1 << shift
        if count % 2:
            entry = (2 * scale + count) // (2 * count)
            excess, room = abs(entry * count - scale), 1
        else:
            entry = -(-scale // count)
            excess, room = entry * count - scale, 2
        # s * excess / (count * scale) < room / (2 * count)
        if 2 * greatest_sum * excess < room * scale:
            matrix = tuple((entry,) * ksize for _ in range(ksize))
            return Quantised(matrix, shift, abs(entry / scale - 1 / count),
                             ((1 / count,) * ksize,) * ksize)
    raise InputError(
        f"a mean over {ksize}x{ksize} samples of {bits} bits is not exact with any shift up to 31; "
        "choose a smaller ksize or fewer bits"
    )


#: OpenCV's tables for sigma 0, in 1/256.
_GAUSSIAN_TABLES = {
    1: [256],
    3: [64, 128, 64],
    5: [16, 64, 96, 64, 16],
    7: [8, 28, 56, 72, 56, 28, 8],
    9: [4, 13, 30, 51, 60, 51, 30, 13, 4],
}


@_entry(
    "gaussian",
    "Gaussian blur; with bits=8 it is the integer kernel of OpenCV's 8-bit GaussianBlur.",
    "OpenCV getGaussianKernelBitExact: a factor of `bits` fraction bits by error diffusion; "
    "sigma=0 is 0.3*((ksize-1)*0.5-1)+0.8.",
)
def _gaussian(ksize: int = 5, sigma: float = 0.0, bits: int = 8) -> Quantised:
    _check_odd("ksize", ksize)
    _check("sigma", sigma, sigma >= 0, "0 (chosen from ksize) or greater")
    _check("bits", bits, 1 <= bits <= 15, "from 1 to 15")
    factor = gaussian_factor(ksize, sigma, bits)
    made = _integers(_outer(factor, factor), 2 * bits)
    real = _gaussian_row(ksize, sigma or _default_sigma(ksize))
    if sigma == 0 and ksize <= 7:
        real = np.array(_GAUSSIAN_TABLES[ksize]) / 256
    square = np.outer(real, real)
    return Quantised(made.kernel, made.shift, worst_error(made.kernel, made.shift, square),
                     real_rows(square))


def gaussian_factor(ksize: int, sigma: float, bits: int = 8) -> list[int]:
    """Return the row whose outer product is the gaussian, in units of ``2**-bits``.

    From the ends to the centre each entry is rounded with the rest that the one before left, and
    the centre takes what is missing from ``2**bits``.
    """
    if sigma == 0 and ksize in _GAUSSIAN_TABLES and bits >= 8:
        return [entry << (bits - 8) for entry in _GAUSSIAN_TABLES[ksize]]
    real = _gaussian_row(ksize, sigma or _default_sigma(ksize))
    half: list[int] = []
    rest = 0.0
    for weight in real[: ksize // 2]:
        wanted = float(weight) * 2**bits + rest
        half.append(round(wanted))
        rest = wanted - half[-1]
    return [*half, 2**bits - 2 * sum(half), *reversed(half)]


def _default_sigma(ksize: int) -> float:
    return 0.3 * ((ksize - 1) * 0.5 - 1) + 0.8


def _gaussian_row(ksize: int, sigma: float) -> Reals:
    x = np.arange(ksize) - (ksize - 1) / 2
    if sigma < 1e-3 * max(ksize, 1):  # the neighbours underflow; do not divide by sigma squared
        return (x == 0).astype(float)
    weights = np.exp(-(x**2) / (2 * sigma**2))
    return np.asarray(weights / math.fsum(weights))


@_entry(
    "binomial",
    "Binomial blur, the integer Gaussian; sizes 1 to 16, even ones too.",
    "Pascal's triangle: row ksize-1, by itself, over 4**(ksize-1).",
)
def _binomial(ksize: int = 3) -> Quantised:
    _check("ksize", ksize, 1 <= ksize <= 16, "from 1 to 16 (its shift is 2*ksize - 2)")
    row = [math.comb(ksize - 1, i) for i in range(ksize)]
    return _integers(_outer(row, row), 2 * (ksize - 1))


@_entry(
    "motion-blur",
    "Blur along a straight line of a length in pixels, at an angle in degrees, counter-clockwise.",
    "As MATLAB fspecial('motion'): a cell weighs 1 - its distance to the line, if positive; sum 1.",
)
def _motion_blur(length: int = 9, angle: float = 0.0, bits: int = 12) -> Quantised:
    _check("length", length, 1 <= length <= LARGEST_KERNEL, f"from 1 to {LARGEST_KERNEL}")
    _check_bits(bits)
    return quantise(_motion(length, angle), bits)


def _motion(length: int, angle: float) -> Reals:
    radius = length // 2
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(float)
    turn = math.radians(angle)
    across = abs(x * math.sin(turn) + y * math.cos(turn))
    along = abs(x * math.cos(turn) - y * math.sin(turn))
    beyond = np.maximum(along - (length - 1) / 2, 0)
    weights = np.maximum(1 - np.hypot(across, beyond), 0)
    weights = _cropped(weights)
    return np.asarray(weights / math.fsum(weights.flat))


def _cropped(real: Reals) -> Reals:
    """Leave out the outer rows and columns where there is nothing."""
    present = abs(real) > 1e-9
    rows, columns = np.flatnonzero(present.any(axis=1)), np.flatnonzero(present.any(axis=0))
    return real[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


# Sharpening.


_fixed("sharpen", "Sharpen: the picture minus its four-neighbour Laplacian.", "Textbook 3x3.",
       [[0, -1, 0], [-1, 5, -1], [0, -1, 0]])


@_entry(
    "unsharp",
    "Unsharp mask: the picture plus `amount` times what a Gaussian takes away.",
    "(1 + amount) * identity - amount * gaussian:ksize,sigma.",
)
def _unsharp(ksize: int = 5, sigma: float = 0.0, amount: float = 1.0, bits: int = 16) -> Quantised:
    _check_bits(bits)
    _check("amount", amount, 0 <= amount <= 1000, "from 0 to 1000")
    return quantise(_centre(ksize) + amount * _high(ksize, sigma), bits)


_fixed("emboss", "Relief lit from the lower right.", "Textbook 3x3; its sum is 1.",
       [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]])


@_entry(
    "high-pass",
    "What a Gaussian takes away; its sum is 0.",
    "identity - gaussian:ksize,sigma.",
)
def _high_pass(ksize: int = 5, sigma: float = 0.0, bits: int = 16) -> Quantised:
    _check_bits(bits)
    return quantise(_high(ksize, sigma), bits)


def _centre(ksize: int) -> Reals:
    centre = np.zeros((ksize, ksize))
    centre[ksize // 2, ksize // 2] = 1
    return centre


def _high(ksize: int, sigma: float) -> Reals:
    blur = _gaussian(ksize, sigma)
    return _centre(ksize) - np.array(blur.kernel) / 2.0**blur.shift


@_entry(
    "deblur",
    "Undo a Gaussian blur of `sigma`, as far as `noise` (its power over the picture's) lets it.",
    "Least squares over kernels of ksize, with Tikhonov's term noise * |kernel|**2; sum 1.",
)
def _deblur(ksize: int = 7, sigma: float = 1.0, noise: float = 0.01, bits: int = 12) -> Quantised:
    _check_odd("ksize", ksize)
    _check("sigma", sigma, 0 < sigma <= 15, "greater than 0 and at most 15")
    _check_bits(bits)
    radius = min(int(4 * sigma + 0.5), LARGEST_KERNEL // 2)
    row = _gaussian_row(2 * radius + 1, sigma)
    return quantise(regularised_inverse(np.outer(row, row), ksize, noise), bits)


@_entry(
    "deblur-motion",
    "Undo motion-blur:length,angle, as far as `noise` (its power over the picture's) lets it.",
    "Least squares over kernels of ksize, with Tikhonov's term noise * |kernel|**2; sum 1.",
)
def _deblur_motion(
    ksize: int = 15, length: int = 5, angle: float = 0.0, noise: float = 0.01, bits: int = 12
) -> Quantised:
    _check_odd("ksize", ksize)
    _check("length", length, 1 <= length <= LARGEST_KERNEL, f"from 1 to {LARGEST_KERNEL}")
    _check_bits(bits)
    return quantise(_cropped(regularised_inverse(_motion(length, angle), ksize, noise)), bits)


def regularised_inverse(blur: npt.ArrayLike, ksize: int, noise: float) -> Reals:
    """Return a small real kernel that undoes a given blur.

    Of all kernels of its size it is the one with the least expected square error for a picture of
    independent samples with independent noise on them: it minimises
    ``|blur * inverse - impulse|**2 + noise * |inverse|**2``, a Wiener filter of limited extent. It
    is then scaled to the sum 1.

    Parameters
    ----------
    blur : (Kh, Kw) array-like
        The blur in correlation form, odd in both directions.
    ksize : :class:`int`
        Height and width of the result, odd.
    noise : :class:`float`
        Ratio of the noise's power to the picture's; more gives a gentler filter.

    Returns
    -------
    (ksize, ksize) array of :class:`float`
        In correlation form; :func:`windrow.model.quantise` makes integers of it.

    Raises
    ------
    :exc:`InputError`
        If a parameter is not allowed.
    """
    given = np.array(blur, dtype=float)
    if given.ndim != 2 or not all(size % 2 and size <= LARGEST_KERNEL for size in given.shape):
        raise InputError(f"blur must be a matrix of odd sizes up to 31, not of shape {given.shape}")
    _check_odd("ksize", ksize)
    _check("noise", noise, 1e-6 <= noise <= 1e3, "from 1e-6 to 1000")
    # The blur and its autocorrelation, with the origin in the middle of a plane that holds every
    # distance between two cells of the result.
    reach = LARGEST_KERNEL + ksize
    plane = np.zeros((2 * reach + 1, 2 * reach + 1))
    top, left = reach - given.shape[0] // 2, reach - given.shape[1] // 2
    plane[top : top + given.shape[0], left : left + given.shape[1]] = given
    power = abs(np.fft.fft2(plane)) ** 2
    autocorrelation = np.fft.fftshift(np.fft.ifft2(power).real)
    cells = np.indices((ksize, ksize)).reshape(2, -1) - ksize // 2
    dy, dx = cells[:, :, None] - cells[:, None, :]
    normal = autocorrelation[reach + dy, reach + dx] + noise * np.eye(ksize * ksize)
    wanted = plane[reach - cells[0], reach - cells[1]]
    inverse = np.linalg.solve(normal, wanted).reshape(ksize, ksize)
    total = math.fsum(inverse.flat)
    _check("noise", noise, abs(total) > 1e-6, "such that the inverse's sum is not 0")
    return np.asarray(inverse / total, dtype=np.float64)


# Derivatives.


def derivative_row(order: int, ksize: int) -> list[int]:
    """Return OpenCV's ``getDerivKernels`` row: a binomial blur, derived ``order`` times.

    ``ksize`` 1 stands for 3 where ``order`` is not 0.
    """
    if ksize == 1:
        ksize = 3 if order else 1
    row = [1]
    for step in range(ksize - 1):
        pair = (-1, 1) if step < order else (1, 1)
        padded = [0, *row, 0]
        row = [pair[1] * a + pair[0] * b for a, b in itertools.pairwise(padded)]
    return row


def sobel(dx: int, dy: int, ksize: int) -> Matrix:
    """Return OpenCV's Sobel kernel of order ``dx`` and ``dy``."""
    return _integers(_outer(derivative_row(dy, ksize), derivative_row(dx, ksize))).kernel


_SOBEL_SOURCE = "OpenCV Sobel, getDerivKernels: binomial by binomial derivative."


def _check_sobel(ksize: int) -> None:
    _check("ksize", ksize, ksize in (3, 5, 7), "3, 5 or 7")


@_entry("sobel-x", "Sobel derivative along x.", _SOBEL_SOURCE)
def _sobel_x(ksize: int = 3) -> Quantised:
    _check_sobel(ksize)
    return _integers(sobel(1, 0, ksize))


@_entry("sobel-y", "Sobel derivative along y.", _SOBEL_SOURCE)
def _sobel_y(ksize: int = 3) -> Quantised:
    _check_sobel(ksize)
    return _integers(sobel(0, 1, ksize))


_STEP = [-1, 0, 1]


_fixed("prewitt-x", "Prewitt derivative along x.", "[1 1 1] x [-1 0 1]; scipy.ndimage.prewitt.",
       _outer([1, 1, 1], _STEP))
_fixed("prewitt-y", "Prewitt derivative along y.", "[-1 0 1] x [1 1 1]; scipy.ndimage.prewitt.",
       _outer(_STEP, [1, 1, 1]))
_fixed("scharr-x", "Scharr derivative along x.", "[3 10 3] x [-1 0 1]; OpenCV Scharr.",
       _outer([3, 10, 3], _STEP))
_fixed("scharr-y", "Scharr derivative along y.", "[-1 0 1] x [3 10 3]; OpenCV Scharr.",
       _outer(_STEP, [3, 10, 3]))
_fixed("roberts-x", "Roberts cross, falling diagonal.", "Roberts 1963: [1 0; 0 -1].",
       [[1, 0], [0, -1]])
_fixed("roberts-y", "Roberts cross, rising diagonal.", "Roberts 1963: [0 1; -1 0].",
       [[0, 1], [-1, 0]])


@_entry(
    "laplacian",
    "Laplacian; ksize=1 has four neighbours, ksize=3 the four diagonal ones, doubled.",
    "OpenCV Laplacian: [0 1 0; 1 -4 1; 0 1 0] and [2 0 2; 0 -8 0; 2 0 2].",
)
def _laplacian(ksize: int = 1) -> Quantised:
    _check("ksize", ksize, ksize in (1, 3), "1 or 3")
    if ksize == 1:
        return _integers([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    return _integers([[2, 0, 2], [0, -8, 0], [2, 0, 2]])


@_entry(
    "laplacian-of-gaussian",
    "Laplacian of a Gaussian, sampled; its sum is 0.",
    "(r**2/sigma**4 - 2/sigma**2) * gaussian, r the radius; the mean is taken off.",
)
def _laplacian_of_gaussian(ksize: int = 9, sigma: float = 1.4, bits: int = 12) -> Quantised:
    _check_odd("ksize", ksize, 3)
    _check("sigma", sigma, 0.3 <= sigma <= 100, "from 0.3 to 100")
    _check_bits(bits)
    row = _gaussian_row(ksize, sigma)
    x2 = (np.arange(ksize) - ksize // 2) ** 2
    real = (np.add.outer(x2, x2) / sigma**4 - 2 / sigma**2) * np.outer(row, row)
    return quantise(real - real.mean(), bits)


_DERIVATIVE_SOURCE = (
    "scipy.ndimage.gaussian_filter's `order`: the Gaussian times its Hermite polynomial; "
    "ksize=0 is scipy's radius, int(4*sigma + 0.5)."
)


@_entry("gaussian-derivative-x", "Derivative of a Gaussian along x.", _DERIVATIVE_SOURCE)
def _gaussian_derivative_x(
    order: int = 1, sigma: float = 1.0, ksize: int = 0, bits: int = 12
) -> Quantised:
    plain, derived = _gaussian_rows(order, sigma, ksize)
    _check_bits(bits)
    return quantise(np.outer(plain, derived), bits)


@_entry("gaussian-derivative-y", "Derivative of a Gaussian along y.", _DERIVATIVE_SOURCE)
def _gaussian_derivative_y(
    order: int = 1, sigma: float = 1.0, ksize: int = 0, bits: int = 12
) -> Quantised:
    plain, derived = _gaussian_rows(order, sigma, ksize)
    _check_bits(bits)
    return quantise(np.outer(derived, plain), bits)


def _gaussian_rows(order: int, sigma: float, ksize: int) -> tuple[Reals, Reals]:
    """The Gaussian and its derivative, as correlation rows."""
    _check("order", order, order in (1, 2), "1 or 2")
    _check("sigma", sigma, 0.1 <= sigma <= 100, "from 0.1 to 100")
    ksize = ksize or 2 * int(4 * sigma + 0.5) + 1
    _check_odd("ksize", ksize)
    plain = _gaussian_row(ksize, sigma)
    x = np.arange(ksize) - ksize // 2
    if order == 1:
        # Correlation form has the sign of x: scipy flips -x/sigma**2 for the same reason.
        return plain, plain * x / sigma**2
    return plain, plain * (x**2 - sigma**2) / sigma**4
