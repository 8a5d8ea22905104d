"""From a file's operators to layers: what every operator has at hand."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ....errors import InputError, nearest, shorten
from ...requantiser import FixedRequantiser, FloatRequantiser, Requantiser
from ...tensor import Tensor
from ..builder import Builder
from ..layout import Traced, View
from .file import File, Operator, Quantised


__all__ = ["OPERATORS", "Reader", "operator"]

ACTIVATIONS = {0: (None, None), 1: (0.0, None), 2: (-1.0, 1.0), 3: (0.0, 6.0)}

Maker = Callable[["Reader", Operator], None]
#: What makes the layers of each operator that is known.
OPERATORS: dict[str, Maker] = {}


def operator(*kinds: str) -> Callable[[Maker], Maker]:
    """Enter a function in :data:`OPERATORS`."""
    def enter(maker: Maker) -> Maker:
        OPERATORS.update(dict.fromkeys(kinds, maker))
        return maker
    return enter


class Reader(File):
    """Makes layers of a file's operators, in their order."""

    def __init__(self, content: bytes, arithmetic: str) -> None:
        super().__init__(content)
        self.exact = arithmetic == "tflite-reference"
        self.arithmetic = arithmetic
        self.builder = Builder(channels_last=True)
        self.views: dict[int, View] = {}

    def view(self, operator: Operator, place: int = 0) -> View:
        """An input that a layer has made."""
        number = operator.inputs[place]
        if number not in self.views:
            made = self.tensor(number)
            if made.data is not None:
                operator.refuse(f"with a constant as input {place}, {shorten(made.name)}, is not "
                                "supported")
            operator.refuse(f"reads {shorten(made.name)}, which nothing has made")
        return self.views[number]

    def input(self, operator: Operator, place: int = 0) -> Quantised:
        """What the file says of an input that a layer has made."""
        self.view(operator, place)
        return self.tensor(operator.inputs[place])

    def result(self, operator: Operator) -> Quantised:
        """What the file says of the output, which must be int8 or uint8."""
        if len(operator.outputs) != 1:
            operator.refuse(f"with {len(operator.outputs)} outputs is not supported")
        made = self.tensor(operator.outputs[0])
        self.sample(made)
        return made

    # The whole.

    def traced(self, name: str) -> Traced:
        """The network, and where its tensors are in the file."""
        graph = self.graph
        if graph.InputsLength() != 1 or graph.OutputsLength() != 1:
            raise InputError(f"the network has {graph.InputsLength()} inputs and "
                             f"{graph.OutputsLength()} outputs; one of each is supported")
        source = self._start(int(graph.Inputs(0)))
        for operator in self.operators:
            if operator.outputs and operator.outputs[0] in self.views:  # left out
                continue
            make = OPERATORS.get(operator.kind)
            if make is None:
                operator.refuse("is not supported; " + nearest(operator.kind, OPERATORS))
            make(self, operator)
        last = int(graph.Outputs(0))
        if last not in self.views:
            raise InputError(f"output {shorten(self.tensor(last).name)} is not made by any layer")
        network = self.builder.network(name, self.views[last], self.arithmetic,
                                       self.tensor(last).name)
        tensor = self.builder.tensor(self.views[last])
        return Traced(network, self.builder.files, source, self.views[last],
                      tensor.scale or 1.0, tensor.zero_point)

    def _start(self, number: int) -> View:
        """Set the network's input: the file's, or what its first QUANTIZE makes of a float one."""
        meant = self.tensor(number)
        readers = [each for each in self.operators if number in each.inputs]
        name = meant.name if meant.dtype == "float32" else ""
        if meant.dtype == "float32" and len(readers) == 1 and readers[0].kind == "QUANTIZE":
            number = readers[0].outputs[0]
            meant = self.tensor(number)
            self.operators.remove(readers[0])
            readers = [each for each in self.operators if number in each.inputs]
        dims = meant.dims
        if not dims or min(dims) < 1 or len(dims) > 4:
            raise InputError(f"input {shorten(meant.name)} has the dimensions {list(dims)}; "
                             "2 to 4, all known, are supported")
        # A Reshape in front says what is a row, a column and a channel.
        shaped = list(dims)
        if len(readers) == 1 and readers[0].kind in ("RESHAPE", "EXPAND_DIMS"):
            target = self.tensor(readers[0].outputs[0]).dims
            if len(target) == 4 and target[:1] == dims[:1]:
                shaped = list(target)
        frames, sizes = shaped[0], shaped[1:]
        channels = sizes.pop() if sizes else 1
        height, width = [1, 1, *sizes][-2:]
        self.builder.start(Tensor(channels, height, width, self.sample(meant),
                                  float(meant.scale), meant.zero_point))
        if name:
            self.builder.note_input(name)
        view = View.of("input", (channels, height, width), (frames, height, width, channels),
                       channels_last=True)
        self.views[number] = view.moved(view.index.reshape(dims))
        return self.views[number]

    # Arithmetic.

    def meaning(self, tensor: Quantised) -> dict[str, Any]:
        """The sample of a tensor, and what it means: keys of a layer or of a requantiser."""
        return {"sample": self.sample(tensor), "zero_point": tensor.zero_point,
                "scale": float(tensor.scale)}

    def limits(self, operator: Operator, activation: int) -> dict[str, int]:
        """The range that a fused activation leaves (CalculateActivationRangeQuantized)."""
        made = self.result(operator)
        sample = self.sample(made)
        if activation not in ACTIVATIONS:
            operator.refuse(f"with fused activation {activation} is not supported; "
                            "NONE, RELU, RELU_N1_TO_1 and RELU6 are")
        low, high = (None if end is None else made.zero_point + int(
            np.floor(abs(np.float32(end) / made.scale) + np.float32(0.5)) * np.sign(end))
            for end in ACTIVATIONS[activation])
        return {"low": max(sample.minimum, sample.minimum if low is None else low),
                "high": min(sample.maximum, sample.maximum if high is None else high)}

    def requantiser(self, operator: Operator, weights: Quantised, activation: int,
                    rule: str) -> Requantiser:
        """From sums of products to the output."""
        source, made = self.input(operator, self.data_place(operator)), self.result(operator)
        keys = {**self.meaning(made), **self.limits(operator, activation)}
        if self.exact:
            double = [float(source.scale) * float(each) / float(made.scale)
                      for each in weights.scales]
            return FixedRequantiser.of(double, rule=rule, **keys)
        single = source.scale * weights.scales.astype(np.float32) / made.scale
        return FloatRequantiser(scales=tuple(single.tolist()), **keys)

    @staticmethod
    def data_place(operator: Operator) -> int:
        """Which input the data is."""
        return 2 if operator.kind == "TRANSPOSE_CONV" else 0

    def weights(self, operator: Operator, place: int, axis: int) -> Quantised:
        """The constant weights: int8 or int4 with zero points 0, one scale or one an output."""
        made = self.constant(operator, place)
        assert made.data is not None
        if made.dtype not in ("int8", "int4", "uint8") or not len(made.scales):
            operator.refuse(f"with weights of {made.dtype} is not supported; convert with full "
                            "integer quantisation")
        if len(made.scales) > 1 and (made.axis != axis or
                                     len(made.scales) != made.data.shape[axis]):
            operator.refuse(f"has a scale for each place of axis {made.axis} of its weights; it "
                            f"must be {axis}")
        return made

    def bias(self, operator: Operator, place: int, count: int) -> tuple[int, ...]:
        """The constant bias, or zeros."""
        if len(operator.inputs) <= place or operator.inputs[place] < 0:
            return (0,) * count
        made = self.constant(operator, place)
        if made.dtype != "int32" or made.dims != (count,):
            operator.refuse(f"has a bias of {made.dtype} and dimensions {list(made.dims)}; it must "
                            f"be int32, [{count}]")
        return tuple(self.integers(operator, place))

    def put(self, operator: Operator, view: View) -> None:
        """Set what an operator gives, with the dimensions that the file says."""
        number = operator.outputs[0]
        made = self.tensor(number)
        if view.dims != made.dims:
            operator.refuse(f"gives {list(view.dims)}, where the file says {list(made.dims)}")
        self.views[number] = view
