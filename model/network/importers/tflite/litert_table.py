"""The function of one sample that a runtime of TensorFlow Lite computes, as a table."""

import copy
from typing import Any

import numpy as np

from ..packages import package


__all__ = ["litert_table"]


def litert_table(content: bytes, number: int, *, reference: bool) -> tuple[int, ...]:
    """Run an operator of one input on every sample that it may read.

    Parameters
    ----------
    content : :class:`bytes`
        The file.
    number : :class:`int`
        The operator's place in it.
    reference : :class:`bool`
        By the reference kernels, instead of LiteRT's default, XNNPACK.

    Returns
    -------
    tuple of :class:`int`
        Of 256 entries, the least sample's first.
    """
    schema = package("ai_edge_litert.schema_py_generated")
    lite = package("ai_edge_litert.interpreter")
    model = schema.ModelT.InitFromPackedBuf(content)
    graph = model.subgraphs[0]
    operator = graph.operators[number]
    tensors = [copy.copy(graph.tensors[each])
               for each in (int(operator.inputs[0]), int(operator.outputs[0]))]
    for tensor in tensors:
        tensor.shape, tensor.shapeSignature, tensor.buffer = [1, 256], None, 0
    operator.inputs, operator.outputs = [0], [1]
    graph.tensors, graph.operators = tensors, [operator]
    graph.inputs, graph.outputs = [0], [1]
    model.buffers, model.signatureDefs, model.metadata = [schema.BufferT()], None, None
    kinds = lite.OpResolverType
    interpreter = lite.Interpreter(
        model_content=_packed(model),
        experimental_op_resolver_type=kinds.BUILTIN_REF if reference else kinds.AUTO)
    interpreter.allocate_tensors()
    source, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    limits = np.iinfo(source["dtype"])
    every = np.arange(limits.min, limits.max + 1).astype(source["dtype"])[None]
    interpreter.set_tensor(source["index"], every)
    interpreter.invoke()
    return tuple(interpreter.get_tensor(made["index"])[0].tolist())


def _packed(model: Any) -> bytes:
    builder = package("flatbuffers").Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())
