"""Operators of several tensors."""

import numpy as np

from ....errors import shorten
from ...join import Add, Concat, Mul
from ...pair_rule import PairRule, TfliteAdd, XnnpackAdd
from ...requantiser import FixedRequantiser, FloatRequantiser, Requantiser
from .file import Operator
from .reader import Reader, operator


ADD_RULES: dict[str, type[PairRule]] = {
    "tflite-reference": TfliteAdd, "tflite-xnnpack": XnnpackAdd}


@operator("ADD", "MUL")
def join(reader: Reader, operator: Operator) -> None:
    options = operator.options({"ADD": "AddOptions", "MUL": "MulOptions"}[operator.kind])
    views = [reader.view(operator, place) for place in (0, 1)]
    one, two, made = reader.input(operator, 0), reader.input(operator, 1), reader.result(operator)
    if views[0].dims != views[1].dims or not np.array_equal(views[0].index, views[1].index):
        operator.refuse(f"of dimensions {list(one.dims)} and {list(two.dims)} is not supported: "
                        "both must be of one size")
    limits = reader.limits(operator, options.FusedActivationFunction())
    if operator.kind == "MUL":
        keys = {**reader.meaning(made), **limits}
        if reader.exact:
            scale = float(one.scale) * float(two.scale) / float(made.scale)
            requantiser: Requantiser = FixedRequantiser.of([scale], rule="twice", **keys)
        else:
            requantiser = FloatRequantiser(
                scales=(float(one.scale * two.scale / made.scale),), **keys)
        name = reader.builder.add(Mul, operator.name, operator.file, views,
                                  requantiser=requantiser)
    else:
        rule = ADD_RULES[reader.arithmetic](
            scales=(float(one.scale), float(two.scale), float(made.scale)),
            zero_points=(one.zero_point, two.zero_point, made.zero_point),
            sample=reader.sample(made), **limits)
        name = reader.builder.add(Add, operator.name, operator.file, views, rule=rule)
    reader.put(operator, views[0].on(name))


@operator("CONCATENATION")
def concatenation(reader: Reader, operator: Operator) -> None:
    options = operator.options("ConcatenationOptions")
    if options.FusedActivationFunction():
        operator.refuse("with a fused activation is not supported")
    views = [reader.view(operator, place) for place in range(len(operator.inputs))]
    made = reader.result(operator)
    for place in range(len(views)):
        source = reader.input(operator, place)
        if (source.scale, source.zero_point, source.dtype) != (
                made.scale, made.zero_point, made.dtype):
            operator.refuse(f"changes the scale of its input {shorten(source.name)}, which "
                            "TensorFlow Lite does not support")
    axis = options.Axis()
    if len({len(view.dims) for view in views}) != 1 or not (
            -len(views[0].dims) <= axis < len(views[0].dims)):
        operator.refuse(f"along axis {axis} of {[list(view.dims) for view in views]} is malformed")
    joined = reader.builder.concatenated(views, axis, operator.name)
    name = reader.builder.add(
        Concat, operator.name, operator.file, views, tables=(None,) * len(views),
        **reader.meaning(made))
    reader.put(operator, joined.on(name))
