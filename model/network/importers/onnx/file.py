"""The graph of an ONNX file, checked and ready to be walked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from ....errors import InputError, one_line
from ..builder import refuse
from ..layout import check_size
from ..packages import package, read_file


__all__ = ["Graph", "Node", "read_graph"]


@dataclass(frozen=True, eq=False)
class Node:
    """An operator of the file.

    Parameters
    ----------
    name : :class:`str`
        Its own, or its output's where it has none.
    kind : :class:`str`
        The operator: ``Conv``.
    inputs, outputs : tuple of :class:`str`
        Names of tensors; empty where an optional one is missing.
    attributes : :class:`dict`
        As Python values; text is decoded.
    opset : :class:`int`
        The version of its operator set.
    proto : ``onnx.NodeProto``
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]
    opset: int
    proto: Any

    def refuse(self, reason: str) -> NoReturn:
        """Raise the error of a node that cannot be made."""
        refuse(self.name, f"operator {self.kind!r} {reason}")

    def get(self, key: str, default: Any) -> Any:
        """An attribute."""
        return self.attributes.get(key, default)

    def given(self, place: int) -> bool:
        """Whether an optional input is there."""
        return place < len(self.inputs) and bool(self.inputs[place])


@dataclass(frozen=True, eq=False)
class Graph:
    """A graph of one input and one output.

    Parameters
    ----------
    nodes : list of :class:`Node`
        In an order in which each reads what stands above.
    constants : :class:`dict`
        Initialisers by name.
    input, output : :class:`str`
        Names of the tensors.
    dims : tuple of :class:`int`
        The input's dimensions; an unknown first one, the batch, is 1.
    dtype : numpy's type of the input
    opset : :class:`int`
        The version of ONNX's own operators.
    """

    nodes: list[Node]
    constants: dict[str, np.ndarray]
    input: str
    output: str
    dims: tuple[int, ...]
    dtype: "np.dtype[Any]"
    opset: int

    def readers(self, name: str) -> list[Node]:
        """The nodes that read a tensor, one for each time."""
        return [node for node in self.nodes for each in node.inputs if each == name]

    def consumers(self, name: str) -> int:
        """How often a tensor is read, by nodes or as the output."""
        return len(self.readers(name)) + (name == self.output)


def read_graph(path: str | Path) -> Graph:
    """Read a file.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If it is no well-formed ONNX model, or has several inputs or outputs.
    """
    content = read_file(path)
    onnx = package("onnx")
    package("onnx.inliner")
    source = f"network file {str(path)!r}"
    try:
        model = onnx.load_model_from_string(content)
        for each in _tensors(model):
            if each.data_location == onnx.TensorProto.EXTERNAL:
                raise InputError(
                    f"{source}: tensor {each.name!r} lies in another file; save the network "
                    "as one file: onnx.save(model, path, save_as_external_data=False)")
        if model.functions:
            model = onnx.inliner.inline_local_functions(model)
        # The checker is stricter than runtimes are: it wants types and dimensions of outputs, and
        # constants of old files as inputs.
        model.ir_version = max(model.ir_version, 4)
        for each in model.graph.output:
            each.type.tensor_type.shape.SetInParent()
            each.type.tensor_type.elem_type = each.type.tensor_type.elem_type or 1
        onnx.checker.check_model(model)
        return _graph(onnx, model)
    except InputError:
        raise
    # protobuf's DecodeError, onnx's ValidationError, and what numpy says of short data.
    except Exception as error:
        if "Unrecognized attribute" in str(error):
            raise InputError(f"{source} has what its operator set does not: "
                             f"{one_line(str(error))}; export it with a newer one (13 has scales a "
                             "channel)") from error
        raise InputError(f"{source} is cut short or malformed: "
                         f"{one_line(str(error)) or type(error).__name__}") from error


def _tensors(message: Any) -> Iterator[Any]:
    """Every tensor of a model, also those of constant nodes, in subgraphs and functions."""
    for field, value in message.ListFields():
        if field.message_type is not None:
            for each in value if isinstance(value, Sequence) else [value]:
                if field.message_type.name == "TensorProto":
                    yield each
                else:
                    yield from _tensors(each)


def _graph(onnx: Any, model: Any) -> Graph:
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    graph = model.graph
    opsets = {each.domain: each.version for each in model.opset_import}
    constants: dict[str, np.ndarray] = {}
    for each in graph.initializer:
        constants[each.name] = numpy_helper.to_array(each)
    if graph.sparse_initializer:
        raise InputError("sparse initialisers are not supported")
    inputs = [each for each in graph.input if each.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise InputError(f"the network has {len(inputs)} inputs and {len(graph.output)} outputs; "
                         "one of each is supported")
    nodes = []
    for number, node in enumerate(graph.node):
        attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        attributes = {key: value.decode() if isinstance(value, bytes) else value
                      for key, value in attributes.items()}
        name = node.name or next(iter(node.output), "") or f"{node.op_type}_{number}"
        nodes.append(Node(name, node.op_type, tuple(node.input), tuple(node.output), attributes,
                          opsets.get(node.domain, 1), node))
    tensor = inputs[0].type.tensor_type
    if not inputs[0].type.HasField("tensor_type") or not tensor.HasField("shape"):
        raise InputError(f"input {inputs[0].name!r} has no dimensions; export the network with a "
                         "fixed size")
    dims = [each.dim_value for each in tensor.shape.dim]
    if dims and not dims[0]:
        dims[0] = 1
    if not all(each > 0 for each in dims):
        shown = [each.dim_value or each.dim_param or "?" for each in tensor.shape.dim]
        raise InputError(f"input {inputs[0].name!r} has the dimensions {shown}; all but the first, "
                         "the batch, must be known: export the network with a fixed size")
    check_size(inputs[0].name, dims)
    return Graph(nodes, constants, inputs[0].name, graph.output[0].name, tuple(dims),
                 np.dtype(helper.tensor_dtype_to_np_dtype(tensor.elem_type)),
                 opsets.get("", 1))
