"""Operators that move samples, or only rename their places."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ....errors import InputError
from ...argmax import ArgMax
from ...movement import Crop, DepthToSpace, Pad, Resize, SpaceToDepth
from ...pooling import Pool
from ..layout import View, one_frame
from .file import Node
from .pending import Pending
from .values import Integers, Real, Weights
from .walk import Value, Walk, operator


# Renamed places.


def _renamed(walk: Walk, node: Node, move: Callable[[View], View]) -> Value:
    """A value whose data stays where it is."""
    value = walk.value(node, 0)
    if isinstance(value, Pending):
        return value.moved(move)
    if isinstance(value, (Integers, Real)):
        return replace(value, view=move(value.view))
    return value


def _numbers(walk: Walk, node: Node, key: str, place: int) -> list[int] | None:
    """A list of integers: an attribute in older operator sets, an input in newer ones."""
    if key in node.attributes:
        given = node.attributes[key]
        return [int(each) for each in np.atleast_1d(given)]
    if node.given(place):
        return [int(each) for each in walk.constant(node, place, key).reshape(-1)]
    return None


@operator("Identity", "Dropout")
def identity(walk: Walk, node: Node) -> Value:
    if node.given(2) and bool(walk.scalar(node, 2, "training_mode")):
        node.refuse("with training_mode is not supported")
    return walk.value(node, 0)


@operator("Cast")
def cast(walk: Walk, node: Node) -> Value:
    value = walk.value(node, 0)
    if node.get("to", 0) != 1:
        node.refuse("to other types than float32 is not supported")
    if isinstance(value, Integers):
        sample = walk.tensor(value.view).sample
        if max(-sample.minimum, sample.maximum) > 1 << 24:
            node.refuse(f"of {sample} to float32 is not exact")
        return Real(value.view, np.float32(1), 0)
    return value


@operator("Reshape")
def reshape(walk: Walk, node: Node) -> Value:
    target = _numbers(walk, node, "shape", 1)
    if target is None:
        node.refuse("lacks its shape")

    def move(view: View) -> View:
        keeps = not node.get("allowzero", 0)
        dims = [view.dims[axis] if each == 0 and keeps and axis < len(view.dims) else each
                for axis, each in enumerate(target)]
        try:
            return _framed(node, view, view.index.reshape(dims))
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            node.refuse(f"from {list(view.dims)} to {target} is malformed")
    return _renamed(walk, node, move)


def _framed(node: Node, view: View, index: np.ndarray) -> View:
    """The view under other dimensions; the first one counts frames while it is as long."""
    if not view.framed:
        return view.moved(index)
    frames = view.dims[0]
    if index.ndim and index.shape[0] == frames:
        return view.moved(index)
    if frames == 1:  # the only frame, without a dimension of its own
        return replace(view, index=index, framed=False)
    return node.refuse(f"from {list(view.dims)} to {list(index.shape)} mixes frames, which the "
                       "first dimension counts")


@operator("Flatten")
def flatten(walk: Walk, node: Node) -> Value:
    def move(view: View) -> View:
        axis = node.get("axis", 1)
        axis = axis + view.index.ndim if axis < 0 else axis
        rows = int(np.prod(view.dims[:axis], dtype=int))
        return _framed(node, view, view.index.reshape(rows, -1))
    return _renamed(walk, node, move)


@operator("Transpose")
def transpose(walk: Walk, node: Node) -> Value:
    order = node.get("perm", None)
    value = walk.value(node, 0)
    if isinstance(value, Weights):
        return value.transposed(None if order is None else tuple(order))

    def move(view: View) -> View:
        index = view.index.transpose(order)
        axis = order[0] if order is not None else view.index.ndim - 1
        if view.framed and axis != 0:
            if view.dims[0] == 1:
                return replace(view, index=index, framed=False)
            node.refuse("moves the first dimension, which counts frames")
        return view.moved(index)
    return _renamed(walk, node, move)


@operator("Squeeze")
def squeeze(walk: Walk, node: Node) -> Value:
    axes = _numbers(walk, node, "axes", 1)

    def move(view: View) -> View:
        at = tuple(axes) if axes is not None else tuple(
            axis for axis, size in enumerate(view.dims) if size == 1)
        return _framed(node, view, view.index.squeeze(at))
    return _renamed(walk, node, move)


@operator("Unsqueeze")
def unsqueeze(walk: Walk, node: Node) -> Value:
    axes = _numbers(walk, node, "axes", 1) or []

    def move(view: View) -> View:
        index = np.expand_dims(view.index, tuple(axes))
        rank = index.ndim
        if view.framed and any(axis % rank == 0 for axis in axes):
            if view.dims[0] != 1:
                node.refuse("in front of the dimension that counts frames is not supported")
            return view.moved(index)
        return view.moved(index)
    return _renamed(walk, node, move)


# Moved samples.


def _moved(walk: Walk, node: Node, layer: type, **keys: object) -> Value:
    """A layer that reads and gives pictures."""
    real = walk.real(node)
    view = walk.builder.window(layer, node.name, node.outputs[0], real.view, **keys)
    return walk.like(node, replace(real, view=view))


@operator("DepthToSpace", "SpaceToDepth")
def depth(walk: Walk, node: Node) -> Value:
    layer = DepthToSpace if node.kind == "DepthToSpace" else SpaceToDepth
    return _moved(walk, node, layer, block=node.get("blocksize", 1), mode=node.get("mode", "DCR"))


@operator("Pad")
def pad(walk: Walk, node: Node) -> Value:
    real = walk.real(node)
    rank = real.view.index.ndim
    pads = _numbers(walk, node, "pads", 1) or []
    axes = _numbers(walk, node, "axes", 3) or list(range(rank))
    if len(pads) != 2 * len(axes):
        node.refuse(f"has pads {pads}; {2 * len(axes)} are needed")
    around = [[0, 0] for _ in range(rank)]
    for number, axis in enumerate(axes):
        around[axis % rank] = [pads[number], pads[number + len(axes)]]
    if any(map(any, around[:2])):
        node.refuse(f"by {pads} is not supported: only rows and columns are padded")
    if any(each < 0 for pair in around for each in pair):
        node.refuse(f"by {pads} is not supported: pads below 0 crop; use Slice")
    modes = {"constant": "zeros", "edge": "replicate", "reflect": "reflect", "wrap": "circular"}
    mode = modes.get(node.get("mode", "constant"))
    if mode is None:
        node.refuse(f"has mode {node.get('mode', '')!r}; {', '.join(modes)} are known")
    value = np.float32(node.get("value", 0.0))
    if node.given(2):
        value = np.float32(walk.scalar(node, 2, "the value"))
    place = int(np.rint(value / real.scale)) + real.zero_point
    if mode == "zeros" and (np.float32(place - real.zero_point) * real.scale != value
                            or place not in walk.tensor(real.view).sample):
        node.refuse(f"by {value} is not supported: no sample of its input means that")
    spatial = [[0, 0], *around[2:]][-2:]
    keys = {"value": place} if mode == "zeros" else {}
    return _moved(walk, node, Pad, pads=tuple(spatial[0] + spatial[1]), mode=mode, **keys)


@operator("Slice")
def cut(walk: Walk, node: Node) -> Value:
    real = walk.real(node)
    starts, ends = _numbers(walk, node, "starts", 1), _numbers(walk, node, "ends", 2)
    axes = _numbers(walk, node, "axes", 3)
    steps = _numbers(walk, node, "steps", 4)
    if starts is None or ends is None or len(starts) != len(ends):
        node.refuse("lacks starts and ends")
    parts = [slice(None)] * real.view.index.ndim
    for number, axis in enumerate(axes if axes is not None else range(len(starts))):
        step = steps[number] if steps else 1
        end: int | None = ends[number]
        if step < 0 and end is not None and end < -real.view.dims[axis]:
            end = None
        parts[axis] = slice(starts[number], end, step)
    return _part(walk, node, real, tuple(parts), node.outputs[0])


@operator("Split")
def split(walk: Walk, node: Node) -> list[Value]:
    """Parts along the channels, one after the other."""
    real = walk.real(node)
    rank, count = real.view.index.ndim, len(node.outputs)
    axis = node.get("axis", 0) % max(rank, 1)
    length = real.view.dims[axis]
    sizes = _numbers(walk, node, "split", 1) or [
        min(-(-length // count), length - at * -(-length // count)) for at in range(count)]
    if len(sizes) != count or sum(sizes) != length or min(sizes) < 1:
        node.refuse(f"of {length} into {sizes} is malformed")
    ends = np.cumsum(sizes).tolist()
    return [_part(walk, node, real, (slice(None),) * axis + (slice(end - size, end),), name)
            for size, end, name in zip(sizes, ends, node.outputs, strict=True)]


def _part(walk: Walk, node: Node, real: Real, parts: tuple[slice, ...], file: str) -> Value:
    """A box of a tensor."""
    index = real.view.index[parts]
    if not index.size:
        node.refuse("leaves nothing")
    if index.shape[0] != real.view.dims[0] and real.view.framed:
        node.refuse("of frames is not supported")
    places = one_frame(real.view.moved(index), f"layer {node.name!r}")
    box = [(int(along.min()), int(along.max()) + 1)
           for along in np.unravel_index(places.reshape(-1), real.view.shape)]
    channels, height, width = sizes = tuple(stop - start for start, stop in box)
    if int(np.prod(sizes)) != places.size or sorted(places.reshape(-1).tolist()) != sorted(
            set(places.reshape(-1).tolist())):
        node.refuse("with steps is not supported; steps of 1 are")
    if sizes == real.view.shape:
        return walk.like(node, replace(real, view=real.view.moved(index)))
    name = walk.builder.add(Crop, node.name, file, [real.view], channels=box[0],
                            rows=box[1], columns=box[2])
    frame, place = np.divmod(index, real.view.size)
    inner = [along - start for along, (start, _) in zip(
        np.unravel_index(place, real.view.shape), box, strict=True)]
    moved = np.ravel_multi_index(tuple(inner), sizes) + frame * int(np.prod(sizes))
    return walk.like(node, replace(real, view=View(name, (channels, height, width), moved,
                                                real.view.framed)))


@operator("Resize", "Upsample")
def resize(walk: Walk, node: Node) -> Value:
    """Nearest neighbour by whole factors, to larger or to smaller."""
    if node.get("mode", "nearest") != "nearest":
        node.refuse(f"with mode {node.get('mode', '')!r} is not supported; nearest is")
    view = walk.real(node).view
    dims, rank = list(view.dims), view.index.ndim
    axes = [axis % rank for axis in node.get("axes", None) or range(rank)]
    scales, sizes = _scales(walk, node)
    if sizes is not None:
        wanted = dict(zip(axes, sizes, strict=True))
        policy = node.get("keep_aspect_ratio_policy", "stretch")
        ratios = {axis: wanted[axis] / dims[axis] for axis in axes}
        if policy != "stretch":
            one = (min if policy == "not_larger" else max)(ratios.values())
            ratios = dict.fromkeys(axes, one)
            wanted = {axis: int(np.floor(one * dims[axis] + 0.5)) for axis in axes}
    elif scales is not None:
        ratios = dict(zip(axes, scales, strict=True))
        wanted = {axis: int(np.floor(np.float32(dims[axis]) * np.float32(ratio)))
                  for axis, ratio in ratios.items()}
    else:
        node.refuse("has neither scales nor sizes")
    factors, steps = [1] * rank, [1] * rank
    for axis in axes:
        size, out = dims[axis], wanted[axis]
        seen = _seen(node, size, out, ratios[axis])
        plain = np.arange(out)
        if out % size == 0 and np.array_equal(seen, plain // (out // size)):
            factors[axis] = out // size
        elif size // out > 1 and np.array_equal(seen, plain * (size // out)):
            steps[axis] = size // out
        else:
            node.refuse(f"from {size} to {out} along axis {axis}, which reads "
                        f"{seen.tolist()[:8]}, is not supported: whole factors are, each sample "
                        "repeated or every n-th kept")
    if any(each > 1 for each in (*factors[:2], *steps[:2])):
        node.refuse("of frames or channels is not supported")
    around = (*([1, *factors[2:]][-2:]), *([1, *steps[2:]][-2:]))
    value = walk.value(node, 0)
    if around == (1, 1, 1, 1):
        return value
    if any(each > 1 for each in around[2:]):
        if any(each > 1 for each in around[:2]):
            node.refuse("to larger and smaller at once is not supported")
        # A window of one sample is what every n-th row and column needs; it may reach less far.
        made = [wanted[axis] if axis in wanted else dims[axis] for axis in range(rank)][-2:]
        if [-(-size // step) for size, step in zip(view.shape[1:], around[2:], strict=True)][
                -len(made):] != made:
            node.refuse("that leaves out more than a whole factor is not supported")
        return _moved(walk, node, Pool, kind="max", kernel=(1, 1), stride=around[2:])
    return _moved(walk, node, Resize, factors=around[:2])


def _scales(walk: Walk, node: Node) -> tuple[list[float] | None, list[int] | None]:
    """Scales or sizes, of whichever operator set."""
    if "scales" in node.attributes:
        return list(node.attributes["scales"]), None
    places = (1, 3) if node.kind == "Upsample" or len(node.inputs) == 2 else (2, 3)
    scales = walk.maybe(node, places[0], "scales")
    sizes = walk.maybe(node, places[1], "sizes")
    if sizes is not None and sizes.size:
        return None, [int(each) for each in sizes]
    if scales is not None and scales.size:
        return [float(each) for each in scales], None
    return None, None


def _seen(node: Node, size: int, out: int, ratio: float) -> np.ndarray:
    """Which of ``size`` samples each of ``out`` reads (ONNX, operator Resize)."""
    old = node.kind == "Upsample" or node.opset < 11
    mode = node.get("coordinate_transformation_mode", "asymmetric" if old else "half_pixel")
    at = np.arange(out, dtype=np.float64)
    if mode == "asymmetric":
        at = at / ratio
    elif mode == "align_corners":
        at = at * (size - 1) / (out - 1) if out > 1 else at * 0
    elif mode == "tf_half_pixel_for_nn":
        at = (at + 0.5) / ratio
    elif mode in ("half_pixel", "pytorch_half_pixel"):
        at = (at + 0.5) / ratio - 0.5 if out > 1 or mode == "half_pixel" else at * 0
    elif mode == "half_pixel_symmetric":
        offset = size / 2 * (1 - out / (ratio * size))
        at = offset + (at + 0.5) / ratio - 0.5
    else:
        node.refuse(f"with coordinate_transformation_mode {mode!r} is not supported")
    rounding: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "round_prefer_floor": lambda x: np.ceil(x - 0.5),
        "round_prefer_ceil": lambda x: np.floor(x + 0.5),
        "floor": np.floor, "ceil": np.ceil}
    rule = node.get("nearest_mode", "floor" if old else "round_prefer_floor")
    if rule not in rounding:
        node.refuse(f"with nearest_mode {rule!r} is not supported")
    return np.clip(rounding[rule](at), 0, size - 1).astype(int)


@operator("ArgMax", "ArgMin")
def argmax(walk: Walk, node: Node) -> Value:
    real = walk.real(node)
    view, rank = real.view, real.view.index.ndim
    axis = node.get("axis", 0) % max(rank, 1)
    if axis != view.axis_of_channels() or view.dims[axis] == 1:
        node.refuse(f"along axis {axis} is not supported: only along the channels")
    name = walk.builder.add(ArgMax, node.name, node.outputs[0], [view],
                            last=bool(node.get("select_last_index", 0)),
                            least=node.kind == "ArgMin")
    _, height, width = view.shape
    plane = height * width
    index = np.take(view.index, [0], axis) // view.size * plane + np.take(view.index, [0],
                                                                         axis) % plane
    made = View(name, (1, height, width), index, view.framed)
    if not node.get("keepdims", 1):
        made = made.moved(index.squeeze(axis))
    return Integers(made)


@operator("Softmax", "LogSoftmax")
def softmax(walk: Walk, node: Node) -> Value:
    """Left out at the end, with what quantises it: the order of the scores is the same."""
    name, value = node.outputs[0], walk.value(node, 0)
    while name != walk.graph.output:
        readers = walk.graph.readers(name)
        if len(readers) != 1 or readers[0].kind not in ("QuantizeLinear", "DequantizeLinear",
                                                        "Identity"):
            node.refuse("is supported as the last layer only, where it is left out")
        name = readers[0].outputs[0]
        walk.enter(name, value)  # and so these nodes are passed over
    walk.builder.note_softmax(node.name)
    return value
