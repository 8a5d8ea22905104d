"""From exact sums to samples, in the arithmetic of the runtime that is meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError, shorten
from ..sample import Sample
from .layer import Array


__all__ = ["DivideRequantiser", "FixedRequantiser", "FloatRequantiser",
           "OffsetRequantiser", "Requantiser"]


@dataclass(frozen=True, kw_only=True)
class Requantiser:
    """A monotone function from a sum to a sample, of each channel or the same of all.

    Parameters
    ----------
    sample : :class:`~windrow.model.sample.Sample`
        The output's.
    zero_point : :class:`int`
        The sample that means 0.
    low, high : :class:`int`
        The range that a fused activation leaves, the sample's own unless given.
    scale : :class:`float` or ``None``
        What a step of the output means; of the output tensor, not computed with.
    """

    sample: Sample
    zero_point: int = 0
    low: int = None  # type: ignore[assignment]
    high: int = None  # type: ignore[assignment]
    scale: float | None = None

    def __post_init__(self) -> None:
        for key, end in (("low", self.sample.minimum), ("high", self.sample.maximum)):
            if getattr(self, key) is None:
                object.__setattr__(self, key, end)
        if not self.sample.minimum <= self.low <= self.high <= self.sample.maximum:
            raise InputError(f"low {self.low} and high {self.high} must be a range within "
                             f"{self.sample}")
        if self.zero_point not in self.sample:
            raise InputError(f"zero_point {self.zero_point} is no {self.sample}")
        if self.scale is not None and not 1e-37 < self.scale < 1e37:
            raise InputError(f"scale must be above 0, not {self.scale}")

    @property
    def channels(self) -> int:
        """Channels that differ; 1 where all are alike."""
        raise NotImplementedError

    def steps(self, sums: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Samples of sums. Axis 0 is the channel: of :attr:`channels`, or any where they are alike.
        """
        raise NotImplementedError

    def compute(self, sums: Array) -> Array:
        """Samples of sums, both (frames, channels, height, width)."""
        return np.moveaxis(self.steps(np.moveaxis(sums, 1, 0)), 0, 1)

    def step(self, channel: int, value: int) -> int:
        """The sample of one sum."""
        sums = np.full((self.channels, 1), value, np.int64)
        return int(self.steps(sums)[channel if self.channels > 1 else 0, 0])

    def _column(self, values: Iterable[object], sums: npt.NDArray[np.int64],
                dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """A value a channel, to be broadcast along the other axes."""
        return np.array(list(values), dtype).reshape(-1, *[1] * (sums.ndim - 1))


@dataclass(frozen=True, kw_only=True)
class FloatRequantiser(Requantiser):
    """``clamp(rint(f(f(sum) * scale)) + zero_point)``, where ``f`` rounds to float32.

    ONNX Runtime's QLinearConv, QGemm and QLinearGlobalAveragePool, XNNPACK's convolutions and
    PyTorch's qnnpack compute so (MLAS quantize.cpp). Scales that are powers of two are exact in all
    others too.

    Parameters
    ----------
    scales : tuple of :class:`float`
        One a channel, or one for all; rounded to float32, finite and not below 0.
    zero_first : :class:`bool`
        Whether the zero point is added in float32 before ``rint``, as QLinearMul does.
    """

    scales: tuple[float, ...]
    zero_first: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        with np.errstate(over="ignore"):
            given = np.atleast_1d(np.asarray(self.scales, np.float32))
        if given.ndim != 1 or not len(given) or not np.isfinite(given).all() or (given < 0).any():
            raise InputError("scales must be finite numbers not below 0, "
                             f"not {shorten(self.scales)}")
        object.__setattr__(self, "scales", tuple(float(each) for each in given))

    @property
    def channels(self) -> int:
        return len(self.scales)

    def steps(self, sums: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        scaled = sums.astype(np.float32) * self._column(self.scales, sums, np.float32)
        zero = np.float32(self.zero_point)
        if self.zero_first:
            scaled, zero = scaled + zero, np.float32(0)
        # Clamped before it is rounded, so that no number is too large for an integer.
        bounded = np.clip(scaled, np.float32(self.low) - zero, np.float32(self.high) - zero)
        return np.rint(bounded).astype(np.int64) + int(zero)


@dataclass(frozen=True, kw_only=True)
class FixedRequantiser(Requantiser):
    """TensorFlow Lite's ``clamp(round(sum * multiplier / 2**(31 - shift)) + zero_point)``.

    Parameters
    ----------
    multipliers : tuple of :class:`int`
        As ``QuantizeMultiplier`` makes them, 2**30 to 2**31 - 1 (or 0); one a channel or for all.
    shifts : tuple of :class:`int`
        The powers of two that go with them, positive to the left.
    rule : ``"twice"``, ``"half-up"`` or ``"once"``
        ``twice``: rounded half up at bit 31, then half away from zero at ``-shift``
        (``MultiplyByQuantizedMultiplier``, reference CONV_2D and DEPTHWISE_CONV_2D). ``half-up``:
        both times half up (the optimised kernels on x86). ``once``: half away from zero, at
        31 - shift (reference FULLY_CONNECTED).
    """

    multipliers: tuple[int, ...]
    shifts: tuple[int, ...]
    rule: str = "twice"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rule not in ("twice", "half-up", "once"):
            raise InputError(f"rule must be one of twice, half-up, once, not {shorten(self.rule)}")
        if len(self.multipliers) != len(self.shifts) or not self.multipliers:
            raise InputError("multipliers and shifts must be as many, one a channel")
        if not all(-63 <= each <= 31 for each in self.shifts):
            raise InputError(f"shifts must be from -63 to 31, not {shorten(self.shifts)}")
        if not all(0 <= each < 1 << 31 for each in self.multipliers):
            raise InputError("multipliers must be from 0 to 2**31 - 1, "
                             f"not {shorten(self.multipliers)}")

    @classmethod
    def of(cls, scales: Iterable[float], **keys: object) -> "FixedRequantiser":
        """Of effective scales in double precision, as ``QuantizeMultiplier`` reads them."""
        pairs = [quantise_multiplier(scale) for scale in scales]
        return cls(multipliers=tuple(m for m, _ in pairs), shifts=tuple(s for _, s in pairs),
                   **keys)  # type: ignore[arg-type]

    @property
    def channels(self) -> int:
        return len(self.multipliers)

    def steps(self, sums: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        multiplier = self._column(self.multipliers, sums, np.int64)
        shift = self._column(self.shifts, sums, np.int64)
        left, right = np.maximum(shift, 0), np.maximum(-shift, 0)
        if self.rule == "once":
            made = half_away(sums * multiplier, np.minimum(31 - shift, 62))
        else:
            # Sums that leave 32 bits when they are shifted are far beyond any sample.
            sums = np.clip(sums, -(1 << 31) >> left, (1 << 31) - 1 >> left)
            high = ((sums << left) * multiplier + (1 << 30)) >> 31
            right = np.minimum(right, 62)
            made = (half_away(high, right) if self.rule == "twice" else
                    (high + ((np.int64(1) << right) >> 1)) >> right)
        return np.clip(made + self.zero_point, self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class DivideRequantiser(Requantiser):
    """``clamp(sum / count)``, half away from zero: TensorFlow Lite's AVERAGE_POOL_2D.

    The sum is that of raw samples, zero points included; input and output have the same.
    """

    count: int

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.count <= 1 << 28:
            raise InputError(f"count must be at least 1, not {self.count}")

    @property
    def channels(self) -> int:
        return 1

    def steps(self, sums: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        made = np.sign(sums) * ((np.abs(sums) + self.count // 2) // self.count)
        return np.clip(made, self.low, self.high)


@dataclass(frozen=True, kw_only=True)
class OffsetRequantiser(Requantiser):
    """``clamp(rint(f(f(f(sum) * factor) + offset)))``, where ``f`` rounds to float32.

    XNNPACK's mean of int8 over rows and columns, of raw samples: the offset has both zero points.
    """

    factor: float
    offset: float

    @property
    def channels(self) -> int:
        return 1

    def steps(self, sums: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        scaled = sums.astype(np.float32) * np.float32(self.factor) + np.float32(self.offset)
        return np.rint(np.clip(scaled, self.low, self.high)).astype(np.int64)


def half_away(value: npt.NDArray[np.int64], shift: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """``value / 2**shift``, rounded to the nearest, ties away from zero."""
    by = np.asarray(shift, np.int64)
    half = (np.int64(1) << by) >> 1
    return np.sign(value) * ((np.abs(value) + half) >> by)


def quantise_multiplier(scale: float) -> tuple[int, int]:
    """TensorFlow Lite's ``QuantizeMultiplier``: (multiplier, shift) of a scale that is not below 0.

    ``multiplier * 2**(shift - 31)`` is the scale, its mantissa of 31 bits rounded half up.
    """
    mantissa, shift = np.frexp(float(scale))
    multiplier = int(np.floor(float(mantissa) * (1 << 31) + 0.5))
    if multiplier == 1 << 31:
        return 1 << 30, int(shift) + 1
    return (0, 0) if shift < -31 else (multiplier, int(shift))
