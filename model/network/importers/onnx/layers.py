"""The layers that values of an ONNX file are made of."""

from dataclasses import replace

import numpy as np

from ....errors import InputError
from ....sample import Sample
from ...table import Table
from ...tensor import Tensor
from ...value import INPUT
from ..builder import Builder
from ..layout import View
from .file import Graph
from .functions import Function
from .values import Meaning, Real, Weights, whole


__all__ = ["Layers"]


class Layers:
    """The layers that have been made, and the constants that they are made of.

    Parameters
    ----------
    graph : :class:`~.file.Graph`

    Attributes
    ----------
    builder : :class:`~windrow.model.network.importers.builder.Builder`
    constants : :class:`dict`
        Initialisers, and what has been computed of them.
    integer_names : :class:`dict`
        Of layers that give a float tensor: the name of the integers that a QuantizeLinear makes of
        it.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.builder = Builder(channels_last=False)
        self.constants: dict[str, np.ndarray | Weights] = dict(graph.constants)
        self.integer_names: dict[str, str] = {}

    def known(self, name: str) -> np.ndarray | None:
        """The constant of a name, as the file's operators see it."""
        value = self.constants.get(name)
        return value.real if isinstance(value, Weights) else value

    def function(self, real: Real) -> Function:
        """The nodes of a float tensor as a function of its samples."""
        return Function(real, self.tensor(real.view).sample, self.known, self.constants.get,
                        self.graph.opset)

    def tensor(self, view: View) -> Tensor:
        """The tensor that a view shows."""
        return self.builder.tensor(view)

    def settled(self, real: Real) -> Real:
        """The tensor behind its nodes, made a table if it holds integers times a power of two."""
        if not real.nodes:
            return self.meant(real)
        made = self.function(real).values
        tensor = self.builder.tensor(real.view)
        same = np.rint(made / real.scale).astype(np.int64) + real.zero_point
        inside = tensor.sample.minimum <= same.min() and same.max() <= tensor.sample.maximum
        centred = (same - real.zero_point).astype(np.float32)
        if inside and np.array_equal(centred * real.scale, made):
            to = Meaning(tensor.sample, real.scale, real.zero_point)
            return self.table(real, same, to)
        try:
            entries, scale = whole(made)
            sample = Sample.holding(int(entries.min()), int(entries.max()))
        except (OverflowError, InputError):
            real.nodes[-1].refuse("gives values that are not a few integers times a power of two: "
                                  "put a QuantizeLinear and DequantizeLinear behind it")
        return self.table(real, entries, Meaning(sample, np.float32(float(scale)), 0))

    def table(self, real: Real, entries: np.ndarray, to: Meaning, file: str = "",
              name: str = "") -> Real:
        """The layer of a table: ``entries`` is (1 or channels, 2**bits)."""
        sample = self.builder.tensor(real.view).sample
        plain = np.arange(sample.minimum, sample.maximum + 1)
        if sample == to.sample and np.array_equal(entries, np.broadcast_to(plain, entries.shape)):
            return self.meant(Real(real.view, to.scale, to.zero_point))
        last = real.nodes[-1] if real.nodes else None
        name = name or (last.name if last else "table")
        made = self.builder.add(
            Table, name, file or (last.outputs[0] if last else ""), [real.view],
            tables=tuple(tuple(row) for row in entries.tolist()), sample=to.sample,
            scale=float(to.scale), zero_point=to.zero_point)
        return Real(real.view.on(made), to.scale, to.zero_point)

    def meant(self, real: Real) -> Real:
        """The same samples, in a tensor that has the zero point that is meant.

        Nothing has read the input yet where it has no meaning of its own; any other tensor goes
        through a table that changes no sample.
        """
        tensor = self.builder.tensor(real.view)
        if real.view.tensor == INPUT and tensor.scale is None:
            self.builder.start(replace(tensor, scale=float(real.scale),
                                       zero_point=real.zero_point))
        elif tensor.zero_point != real.zero_point:
            sample = tensor.sample
            plain = range(sample.minimum, sample.maximum + 1)
            name = self.builder.add(
                Table, f"{real.view.tensor}_zero_point", "", [real.view], tables=(tuple(plain),),
                sample=sample, scale=float(real.scale), zero_point=real.zero_point)
            return replace(real, view=real.view.on(name))
        return real
