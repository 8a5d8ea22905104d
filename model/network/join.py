"""Layers of several inputs: sum, product, and channels side by side."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..interval import Interval
from ..sample import Sample
from .layer import Array, Layer
from .pair_form import PairForm, prove_pair
from .pair_rule import PairRule
from .requantiser import Requantiser
from .table import looked_up
from .tensor import Tensor


__all__ = ["Add", "Concat", "Mul"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Add(Layer):
    """The sum of two tensors, rounded as a runtime does.

    Parameters
    ----------
    rule : :class:`~.pair_rule.PairRule`
        What the runtime computes of two samples, and the output's sample.
    """

    rule: PairRule

    def check(self) -> None:
        self.keep_count(2)
        same_size(self)

    @cached_property
    def output(self) -> Tensor:
        rule = self.rule
        return Tensor(*same_size(self), rule.sample, rule.scale, rule.zero_point)

    @cached_property
    def form(self) -> PairForm:
        """The integer form of hardware, proved equal to the rule on all pairs of samples."""
        return prove_pair(self.rule, self.sources[0].sample, self.sources[1].sample, self.name)

    def compute(self, *arrays: Array) -> Array:
        return self.rule.compute(*np.broadcast_arrays(*arrays))


@dataclass(frozen=True, kw_only=True, eq=False)
class Mul(Layer):
    """``requantiser((a - a's zero point) * (b - b's zero point))``.

    Parameters
    ----------
    requantiser : :class:`~.requantiser.Requantiser`
        Alike for all channels. ONNX Runtime's adds the zero point before it rounds.
    """

    requantiser: Requantiser

    def check(self) -> None:
        self.keep_count(2)
        same_size(self)

    @cached_property
    def output(self) -> Tensor:
        to = self.requantiser
        return Tensor(*same_size(self), to.sample, to.scale, to.zero_point)

    @property
    def factors(self) -> tuple[Interval, ...]:
        """The samples without their zero points."""
        return tuple(Interval(*(end - source.zero_point for end in source.interval))
                     for source in self.sources)

    @property
    def product(self) -> Interval:
        """What the requantiser is given."""
        one, two = self.factors
        return one.times(two)

    def compute(self, *arrays: Array) -> Array:
        one, two = (array - source.zero_point
                    for array, source in zip(arrays, self.sources, strict=True))
        return self.requantiser.compute(one * two)


@dataclass(frozen=True, kw_only=True, eq=False)
class Concat(Layer):
    """The channels of all inputs in order, each through a table.

    Parameters
    ----------
    tables : tuple of tuples of :class:`int`, or of ``None``
        For each input ``2**bits`` entries, or ``None`` where its samples stay.
    sample, scale, zero_point
        The output's, as of :class:`~.tensor.Tensor`.
    """

    tables: tuple[tuple[int, ...] | None, ...]
    sample: Sample
    scale: float | None = None
    zero_point: int = 0

    def check(self) -> None:
        if len(self.sources) < 2:
            self.refuse("inputs", self.inputs, "two names or more")
        if len(self.tables) != len(self.sources):
            self.refuse("tables", len(self.tables), f"{len(self.sources)}, one an input")
        for source, table in zip(self.sources, self.tables, strict=True):
            if source.shape[1:] != self.input.shape[1:]:
                self.refuse("inputs", [str(each) for each in self.sources], "of one size")
            if table is None:
                if source.sample != self.sample:
                    self.refuse("tables", None,
                                f"given where {source.sample} becomes {self.sample}")
            elif len(table) != 1 << source.sample.bits or not all(
                    value in self.sample for value in table):
                self.refuse("tables", table, f"{1 << source.sample.bits} samples of {self.sample}")

    @cached_property
    def output(self) -> Tensor:
        channels = sum(source.channels for source in self.sources)
        return Tensor(channels, *self.input.shape[1:], self.sample, self.scale, self.zero_point)

    def compute(self, *arrays: Array) -> Array:
        return np.concatenate([
            array if table is None else looked_up((table,), array, source.sample)
            for array, table, source in zip(arrays, self.tables, self.sources, strict=True)], 1)


def same_size(layer: Layer) -> tuple[int, int, int]:
    """The shape of two tensors of one size; refused where they differ."""
    one, two = layer.sources
    if one.shape != two.shape:
        layer.refuse("inputs", [str(each) for each in layer.sources],
                     "of one size: values are not repeated along axes")
    return one.shape
