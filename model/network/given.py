"""A table of a network's file while it is read: what is left of it, and what stands above."""

import operator
from typing import Any, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from ..errors import InputError, shorten
from ..sample import Sample
from .requantiser import FixedRequantiser, FloatRequantiser, Requantiser
from .tensor import Tensor


__all__ = ["Asked", "Given", "Keys"]

Keys = dict[str, Any]


class Asked(dict[str, Any]):
    """A table's keys, and those that were asked for."""

    def __init__(self, keys: Keys) -> None:
        super().__init__(keys)
        self.names: dict[str, None] = {}

    def pop(self, key: str, *default: Any) -> Any:
        self.names[key] = None
        return super().pop(key, *default)


class Given(NamedTuple):
    """A table of a file, and what stands above it."""

    name: str
    keys: Asked
    """What has not been read yet."""
    sources: tuple[Tensor, ...]
    arithmetic: str

    @property
    def source(self) -> Tensor:
        return self.sources[0]

    def refuse(self, key: str, value: object, rule: str) -> NoReturn:
        raise InputError(f"layer {shorten(self.name)}: {key} must be {rule}, not {shorten(value)}")

    def take(self, key: str) -> Any:
        """A key that must be there."""
        if key not in self.keys:
            raise InputError(f"layer {shorten(self.name)}: key {key!r} is missing")
        return self.keys.pop(key)

    def integer(self, key: str, value: object) -> int:
        """A value that must be an integer."""
        try:
            return operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            self.refuse(key, value, "an integer")

    def pair(self, key: str, default: object) -> tuple[int, int]:
        """One integer, or one for rows and one for columns."""
        value = self.keys.pop(key, default)
        items = list(value) if isinstance(value, (list, tuple)) else [value, value]
        if len(items) != 2:
            self.refuse(key, value, "an integer or [rows, columns]")
        return self.integer(key, items[0]), self.integer(key, items[1])

    def array(self, key: str, value: object, dimensions: int) -> npt.NDArray[np.int64]:
        """An array of integers."""
        try:
            made = np.array(value)
        except ValueError:
            made = np.array(None)
        if made.ndim != dimensions or made.dtype.kind not in "iu" or not made.size:
            self.refuse(key, value, f"integers in {dimensions} dimensions")
        return made.astype(np.int64)

    def number(self, key: str, value: object) -> float:
        """A number above 0 that float32 holds, rounded to it."""
        if not isinstance(value, (int, float, np.floating, np.integer)) or isinstance(value, bool) \
                or not 1e-37 < value < 1e37:
            self.refuse(key, value, "a number above 0")
        return float(np.float32(value))

    def real(self, key: str, default: float) -> float:
        """A key that must be a finite number."""
        value = self.keys.pop(key, default)
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not abs(value) < 1e30:
            self.refuse(key, value, "a number")
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        """A key that must be true or false."""
        value = self.keys.pop(key, default)
        if not isinstance(value, bool):
            self.refuse(key, value, "true or false")
        return value

    @property
    def both(self) -> tuple[Tensor, Tensor]:
        """The two inputs of a layer that must have two."""
        if len(self.sources) != 2:
            self.refuse("inputs", [str(each) for each in self.sources], "two names")
        return self.sources[0], self.sources[1]

    def scale_of(self, tensor: Tensor) -> float:
        """The scale of a tensor that is read."""
        if tensor.scale is None:
            raise InputError(f"layer {shorten(self.name)}: what it reads has no scale; give "
                             "'scale' of the input, or 'output_scale' of the layer above")
        return tensor.scale

    def output(self, *, same: bool = False) -> Keys:
        """Sample, scale and zero point of the output; ``same`` as the input's unless given."""
        source = self.source
        sample = Sample.parse(self.keys.pop("output", source.sample), key="output", limit=8)
        if same and "output_scale" not in self.keys:
            scale = self.scale_of(source)
        else:
            scale = self.number("output_scale", self.take("output_scale"))
        zero = self.keys.pop("output_zero_point", source.zero_point if same else 0)
        return {"sample": sample, "scale": scale,
                "zero_point": self.integer("output_zero_point", zero)}

    def powers(self, key: str, scales: Any) -> None:
        """Refuse scales that are no powers of two, where the arithmetic wants them."""
        if self.arithmetic == "power-of-two":
            for scale in np.atleast_1d(scales):
                if np.frexp(scale)[0] != 0.5:
                    self.refuse(key, float(scale), "a power of two where arithmetic is "
                                "'power-of-two'")

    def requantiser(self, count: int, rule: str) -> Requantiser | None:
        """From sums of products to the output; none where no output is said."""
        if "requantiser" in self.keys:
            return self.keys.pop("requantiser")
        if not {"weight_scale", "output_scale", "output"} & set(self.keys):
            return None
        value = self.take("weight_scale")
        each = value if isinstance(value, (list, tuple)) else [value]
        scales = [self.number("weight_scale", one) for one in each]
        if len(scales) not in (1, count):
            self.refuse("weight_scale", value, f"one number, or {count}, one an output channel")
        keys, of_input = self.output(), self.scale_of(self.source)
        return self.scaled([of_input * one for one in scales], keys, rule)

    def scaled(self, products: list[float], keys: Keys, rule: str) -> Requantiser:
        """From sums whose steps are products of two float32 scales."""
        if self.arithmetic == "tflite-reference":
            return FixedRequantiser.of([one / keys["scale"] for one in products], rule=rule, **keys)
        scales = np.array(products).astype(np.float32) / np.float32(keys["scale"])
        self.powers("the scale of the input by that of the weights by that of the output", scales)
        return FloatRequantiser(scales=tuple(scales.tolist()), **keys)
