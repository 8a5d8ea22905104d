"""The graph of a TensorFlow Lite file: its tensors and operators."""

from typing import Any, NamedTuple, NoReturn

import numpy as np

from ....errors import InputError, shorten
from ....sample import Sample
from ..builder import refuse
from ..layout import check_size
from ..packages import package


__all__ = ["File", "Operator", "Quantised"]

#: TensorFlow Lite's numbers of element types (schema.fbs) that are read, and numpy's.
TYPES = {0: "float32", 2: "int32", 3: "uint8", 4: "int64", 7: "int16", 9: "int8", 17: "int4"}
SAMPLES = {"uint8": Sample(False, 8), "int8": Sample(True, 8)}


class Quantised(NamedTuple):
    """A tensor of the file: its name, dimensions, type, and what its integers mean."""

    name: str
    dims: tuple[int, ...]
    dtype: str
    scales: np.ndarray
    zero_points: np.ndarray
    axis: int
    data: np.ndarray | None

    @property
    def scale(self) -> np.float32:
        return np.float32(self.scales[0])

    @property
    def zero_point(self) -> int:
        return int(self.zero_points[0])


class Operator:
    """An operator of the file."""

    def __init__(self, file: "File", number: int) -> None:
        schema = file.schema
        self.number = number
        self.table = file.graph.Operators(number)
        code = file.model.OperatorCodes(self.table.OpcodeIndex())
        value = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
        self.kind = file.kinds.get(value, f"number {value}")
        if self.kind == "CUSTOM":
            self.kind = (code.CustomCode() or b"CUSTOM").decode()
        self.inputs = [int(each) for each in np.atleast_1d(self.table.InputsAsNumpy())]
        self.outputs = [int(each) for each in np.atleast_1d(self.table.OutputsAsNumpy())]
        self.schema = schema
        self.file = (file.tensor(self.outputs[0]).name if self.outputs else "") or \
            f"{self.kind}_{number}"
        # Converted names are those of all operators that were fused, each below its model's.
        self.name = "/".join(self.file.partition(";")[0].split("/")[-2:])

    def refuse(self, reason: str) -> NoReturn:
        refuse(self.name, f"operator {shorten(self.kind)} {reason}")

    def options(self, kind: str) -> Any:
        """The operator's options, of a table of the schema."""
        table = self.table.BuiltinOptions()
        if table is None:
            self.refuse(f"has no {kind}")
        made = getattr(self.schema, kind)()
        made.Init(table.Bytes, table.Pos)
        return made


class File:
    """What a file holds.

    Parameters
    ----------
    content : :class:`bytes`
        The file.
    """

    def __init__(self, content: bytes) -> None:
        self.schema = package("tflite")
        self.content = content
        self.model = self.schema.Model.GetRootAs(content, 0)
        self.kinds = {value: key for key, value in vars(self.schema.BuiltinOperator).items()
                      if isinstance(value, int)}
        if self.model.SubgraphsLength() != 1:
            raise InputError(f"the network has {self.model.SubgraphsLength()} subgraphs; "
                             "only one is supported")
        self.graph = self.model.Subgraphs(0)
        self.tensors: dict[int, Quantised] = {}
        self.operators = [Operator(self, number) for number in range(self.graph.OperatorsLength())]

    def tensor(self, number: int) -> Quantised:
        """A tensor by its number."""
        if number in self.tensors:
            return self.tensors[number]
        if not 0 <= number < self.graph.TensorsLength():
            raise InputError(f"tensor {number} does not exist: the network has "
                             f"{self.graph.TensorsLength()}")
        table = self.graph.Tensors(number)
        name = (table.Name() or b"").decode()
        dtype = TYPES.get(table.Type(), f"type {table.Type()}")
        dims = tuple(int(each) for each in np.atleast_1d(table.ShapeAsNumpy())
                     ) if table.ShapeLength() else ()
        check_size(name, dims)
        if table.Sparsity() is not None:
            refuse(name, "sparse tensors are not supported")
        meaning = table.Quantization()
        scales, zeros, axis = np.ones(0, np.float32), np.zeros(0, np.int64), 0
        if meaning is not None and meaning.ScaleLength():
            scales, axis = meaning.ScaleAsNumpy(), meaning.QuantizedDimension()
            zeros = meaning.ZeroPointAsNumpy() if meaning.ZeroPointLength() else \
                np.zeros(len(scales), np.int64)
            if not (np.isfinite(scales).all() and (scales > 0).all()):
                refuse(name, f"its scales must be above 0, not {shorten(scales.tolist())}")
        made = Quantised(name, dims, dtype, scales, zeros, axis, self._data(table, dtype, dims))
        self.tensors[number] = made
        return made

    def _data(self, table: Any, dtype: str, dims: tuple[int, ...]) -> np.ndarray | None:
        buffer = self.model.Buffers(table.Buffer())
        if not buffer.DataLength() or dtype not in TYPES.values():
            return None
        raw = buffer.DataAsNumpy()
        if dtype == "int4":  # two in a byte, the lower half first
            pairs = np.stack([raw << 4, raw], -1).astype(np.uint8).view(np.int8) >> 4
            return pairs.reshape(-1)[:int(np.prod(dims))].reshape(dims)
        return raw.view(np.dtype(dtype).newbyteorder("<")).reshape(dims)

    def constant(self, operator: Operator, place: int) -> Quantised:
        """An input whose value is in the file."""
        made = self.tensor(operator.inputs[place])
        if made.data is None:
            operator.refuse(f"takes its input {place}, {shorten(made.name)}, only as a constant")
        return made

    def integers(self, operator: Operator, place: int) -> list[int]:
        """A constant input of integers."""
        data = self.constant(operator, place).data
        assert data is not None
        return [int(each) for each in data.reshape(-1)]

    def sample(self, tensor: Quantised) -> Sample:
        """The sample of a tensor."""
        if tensor.dtype not in SAMPLES or len(tensor.scales) != 1:
            refuse(tensor.name, f"its tensor is {tensor.dtype}"
                   f"{'' if len(tensor.scales) else ' without a scale'}; only int8 and uint8 with "
                   "one scale are supported: convert with full integer quantisation")
        return SAMPLES[tensor.dtype]
