"""What flows from one layer to the next."""

from dataclasses import dataclass

from ..errors import InputError
from ..interval import Interval
from ..sample import Sample


__all__ = ["Tensor"]


@dataclass(frozen=True)
class Tensor:
    """Integers of shape (channels, height, width).

    Parameters
    ----------
    channels, height, width : :class:`int`
        The shape, each at least 1. A vector is (channels, 1, 1), a 1D signal (channels, 1, width).
    sample : :class:`~windrow.model.sample.Sample`
        One integer.
    scale : :class:`float` or ``None``
        What the integers mean: ``(q - zero_point) * scale``. Nothing is computed from it but by
        those who make layers.
    zero_point : :class:`int`
        The integer that means 0, and so what a layer's zero padding holds. A sample.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If a size is less than 1 or the zero point is no sample.
    """

    channels: int
    height: int
    width: int
    sample: Sample
    scale: float | None = None
    zero_point: int = 0

    def __post_init__(self) -> None:
        for key, value in zip(("channels", "height", "width"), self.shape, strict=True):
            if value < 1:
                raise InputError(f"{key} of a tensor must be at least 1, not {value}")
        if self.zero_point not in self.sample:
            raise InputError(f"zero_point {self.zero_point} is no {self.sample}; it must be from "
                             f"{self.sample.minimum} to {self.sample.maximum}")

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        return self.channels, self.height, self.width

    @property
    def interval(self) -> Interval:
        """Range of a sample."""
        return Interval(self.sample.minimum, self.sample.maximum)

    def __str__(self) -> str:
        return f"{self.channels}x{self.height}x{self.width} {self.sample}"
