"""Random legal filters and frames, for hypothesis and for seeded sweeps.

Both draw through :class:`Source`, so the space of filters is written down once.
"""

import random
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import strategies as st

from windrow.model import Filter
from windrow.model.borders import BORDERS
from windrow.model.checks import PADDINGS
from windrow.model.keys import OPERATIONS, OVERFLOWS
from windrow.model.nodes import ROUNDINGS
from windrow.model.sample import Sample


__all__ = ["filters", "images", "random_box", "random_filter", "random_image", "random_images",
           "seeds"]

T = TypeVar("T")


class Source(Protocol):
    """Where the choices come from."""

    def integer(self, low: int, high: int) -> int: ...
    def choice(self, options: Sequence[T]) -> T: ...


class _Random:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def integer(self, low: int, high: int) -> int:
        return self._rng.randint(low, high)

    def choice(self, options: Sequence[T]) -> T:
        return self._rng.choice(options)


class _Drawn:
    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def choice(self, options: Sequence[T]) -> T:
        return self._draw(st.sampled_from(options))


def _keys(
    source: Source,
    max_kernel: int,
    max_size: int,
    max_channels: int,
    pixels_per_clock: Sequence[int],
) -> dict[str, Any]:
    def kernel_size() -> int:
        # Mostly small, sometimes anything up to the limit.
        limit = source.choice([1, 2, 3, 4, 5, 7, 7, max_kernel])
        return source.integer(1, min(limit, max_kernel))

    kernel_height, kernel_width = kernel_size(), kernel_size()
    if source.integer(0, 15) == 0:
        kernel_height, kernel_width = source.choice(
            [(1, 1), (1, max_kernel), (max_kernel, 1), (max_kernel, max_kernel)]
        )

    def frame_size(kernel_size: int) -> int:
        # The kernel's own size and the sizes next to it are where the borders meet.
        extra = source.choice([0, 1, 2, kernel_size, max_size])
        return source.integer(kernel_size, max(kernel_size, min(kernel_size + extra, max_size)))

    def sample(widths: Sequence[int]) -> Sample:
        bits = source.choice(widths)
        return Sample(bits > 1 and source.choice([False, True]), bits)

    pixel = sample([8, 8, 8, 1, 2, 5, 10, 12, 16])
    tap_limit = source.choice([1, 2, 8, 128, 32768, 1 << 24])
    # Whole kernels of one sign or of zeros and ones are what people write most.
    tap_low = source.choice([-tap_limit, -tap_limit, 0])
    keys: dict[str, Any] = {
        "kernel": _kernel(source, kernel_height, kernel_width, tap_low, tap_limit),
        "width": frame_size(kernel_width),
        "height": frame_size(kernel_height),
        "pixel": pixel,
        "channels": source.choice([c for c in (1, 1, 1, 2, 3, 4) if c <= max_channels]),
        "operation": source.choice(OPERATIONS),
        "anchor": [source.integer(0, kernel_height - 1), source.integer(0, kernel_width - 1)],
        "padding": source.choice([*PADDINGS, "same", "explicit"]),
        "border": source.choice([*BORDERS, "mixed"]),
        "border_value": source.choice(
            [0, pixel.minimum, pixel.maximum, source.integer(pixel.minimum, pixel.maximum)]
        ),
        "shift": source.choice([0, 0, 1, source.integer(0, 12), 31]),
        "rounding": source.choice(ROUNDINGS),
        "overflow": source.choice(OVERFLOWS),
        "output": source.choice([pixel, sample([1, 2, 8, 9, 16, 24, 32])]),
        "pixels_per_clock": source.choice(pixels_per_clock),
    }
    if keys["pixels_per_clock"] == 1:
        keys["clocks_per_pixel"] = source.choice([1, 1, 1, 2, 3, 9])
    if source.choice([False, True]):  # the default anchor is the one that matters most
        del keys["anchor"]
    output: Sample = keys["output"]
    keys["offset"] = source.choice(
        [0, 0, min(output.maximum // 2 + 1, 1 << 28), source.integer(-300, 300)]
    )
    if keys["padding"] == "explicit":
        keys["padding"] = [
            source.integer(0, size - 1)
            for size in (kernel_height, kernel_height, kernel_width, kernel_width)
        ]
    if keys["border"] == "mixed":
        sides = ("top", "bottom", "left", "right")
        keys["border"] = {side: source.choice(BORDERS) for side in sides}
    return keys


def _kernel(source: Source, height: int, width: int, low: int, high: int) -> list[list[int]]:
    """Coefficients of any kind that some strategy looks for."""

    def numbers(count: int, low: int = low, high: int = high) -> list[int]:
        return [source.integer(low, high) for _ in range(count)]

    match source.choice(["any", "any", "any", "any", "product", "mirrored", "box"]):
        case "product":
            most = min(high, 1 << 12)
            row = numbers(width, max(low, -most), most)
            return [[factor * tap for tap in row] for factor in numbers(height, -9, 9)]
        case "mirrored":
            sign = source.choice([1, -1]) if low < 0 else 1
            half = [numbers(width) for _ in range(-(-height // 2))]
            below = [[sign * tap for tap in row] for row in half[: height // 2]]
            return half + below[::-1]
        case "box":
            return [numbers(1) * width] * height
    return [numbers(width) for _ in range(height)]


@st.composite
def filters(
    draw: st.DrawFn,
    max_kernel: int = 31,
    max_size: int = 40,
    max_channels: int = 4,
    pixels_per_clock: Sequence[int] = (1, 2, 4, 8),
    **fixed: Any,
) -> Filter:
    """Draw any legal filter.

    Parameters
    ----------
    max_kernel : :class:`int`
        Greatest height and width of the kernel.
    max_size : :class:`int`
        Greatest height and width of the frame, unless the kernel itself is larger.
    max_channels : :class:`int`
        Greatest number of channels.
    pixels_per_clock : sequence of :class:`int`
        What to choose from.
    fixed
        Keys that every filter shall have. One that changes what the others may be (``kernel``,
        ``pixel``) is the caller's to keep legal.
    """
    source = _Drawn(draw)
    keys = _keys(source, max_kernel, max_size, max_channels, pixels_per_clock)
    return Filter(**keys | fixed)


def seeds(few: int, count: int) -> list[Any]:
    """Seeds of a random test: a few of them by default, the others in ``make sweep``."""
    return [pytest.param(seed, marks=[] if seed < few else [pytest.mark.slow])
            for seed in range(count)]


def random_filter(
    rng: random.Random,
    max_kernel: int = 31,
    max_size: int = 40,
    max_channels: int = 4,
    pixels_per_clock: Sequence[int] = (1, 2, 4, 8),
    **fixed: Any,
) -> Filter:
    """Return a filter as :func:`filters` draws them, from a seeded generator."""
    source = _Random(rng)
    keys = _keys(source, max_kernel, max_size, max_channels, pixels_per_clock)
    return Filter(**keys | fixed)


def random_box(rng: random.Random, max_kernel: int = 31, max_size: int = 40) -> Filter:
    """Return a filter as :func:`random_filter` does, whose coefficients are all the same."""
    like = random_filter(rng, max_kernel, max_size, pixels_per_clock=(1,), shift=0, offset=0)
    coefficient = rng.choice([1, 1, 1, 2, 7, 1337, -1, -4, -37])
    return like.replace(
        kernel=[[coefficient] * like.kernel_width] * like.kernel_height,
        shift=rng.choice([0, 0, 1, 9, 31]),
        offset=rng.choice([0, 0, rng.randint(-300, 300)]),
    )


def random_images(spec: Filter, count: int, seed: int = 0) -> list[npt.NDArray[Any]]:
    """Return frames as :func:`random_image` does, from a seed."""
    rng = random.Random(seed)
    return [random_image(rng, spec) for _ in range(count)]


def random_image(rng: random.Random, spec: Filter) -> npt.NDArray[Any]:
    """Return a frame of ``spec``: mostly noise, sometimes only the least and greatest samples.

    No frame is flat: whatever a core makes of one would be the same wherever it took its samples
    from.

    Its shape is (height, width), or (height, width, channels) where there are several.
    """
    shape = (spec.height, spec.width) + ((spec.channels,) if spec.channels > 1 else ())
    low, high = spec.pixel.minimum, spec.pixel.maximum
    noise = np.random.default_rng(rng.getrandbits(64))
    kind = rng.choice(["noise", "noise", "noise", "extremes", "low", "high", "worst"])
    if kind in ("low", "high"):
        image = np.full(shape, low if kind == "low" else high)
        some = noise.random(size=shape) < 0.25
        image[some] = noise.integers(low, high, size=some.sum(), endpoint=True)
    elif kind == "extremes":
        image = noise.choice([low, high], size=shape)
    elif kind == "worst" and spec.kernel:
        image = _worst(spec, shape, rng.random() < 0.5)
    else:
        image = noise.integers(low, high, size=shape, endpoint=True)
    return image.astype(spec.pixel.dtype)


def _worst(spec: Filter, shape: tuple[int, ...], greatest: bool) -> npt.NDArray[Any]:
    """Tile the frame with the window that gives the greatest or the least sum."""
    tile = np.where((spec.taps > 0) == greatest, spec.pixel.maximum, spec.pixel.minimum)
    rows, columns = np.arange(spec.height) % tile.shape[0], np.arange(spec.width) % tile.shape[1]
    plane = tile[np.ix_(rows, columns)]
    return np.broadcast_to(plane.reshape(plane.shape + (1,) * (len(shape) - 2)), shape)


@st.composite
def images(draw: st.DrawFn, spec: Filter) -> npt.NDArray[Any]:
    """Draw a frame of ``spec``, as :func:`random_image` makes them."""
    return random_image(random.Random(draw(st.integers(0, 2**32 - 1))), spec)
