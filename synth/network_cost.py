"""About what each layer of a network takes of a device, before any hardware is made."""

from collections.abc import Iterator
from typing import NamedTuple

from ..hdl.beat import interval_shape
from ..hdl.devices import Device
from ..hdl.network.form_unit import unit_forms
from ..hdl.network.passes import Passes
from ..hdl.network.planned import PlannedNetwork
from ..model.interval import Interval
from ..model.network import Concat, Convolution, Layer, Pool, Table
from ..model.network.folding import Folding, words
from ..model.network.movement import Movement


__all__ = ["ERROR", "LayerCost", "layer_cost", "network_cost"]

ERROR = 1 / 3
"""How far wrong LUTs may be."""

#: LUTs of a layer of each kind: of itself, of a product, of an output channel. Of measured builds,
#: MNIST on LFE5U-25F and iCE40UP5K and ResNet-8 on LFE5U-85F: within a third, but for layers whose
#: weights stand in LUTs.
_CONVOLUTION, _PRODUCT, _CHANNEL = 350, 55, 6
_POOL, _AVERAGE, _MOVEMENT, _OTHER = 180, 100, 150, 200
#: LUTs that a product takes where it is made of them.
_LUT_PRODUCT = 104

#: Logic cells of an iCE40, which flip-flops take as well, in so many LUTs.
_CELLS = (7, 4)

#: Bits of a memory that is only read below which it stands in LUTs.
_SMALL = 2048

#: Words of the deepest block RAM.
_DEEPEST = 1 << 14


class LayerCost(NamedTuple):
    """What a layer is expected to take; ``rams`` is ``None`` where that is up to the tools."""

    luts: int
    rams: int | None


def layer_cost(design: PlannedNetwork, layer: Layer, device: Device) -> LayerCost:
    """An estimate for one layer: block RAMs of rows, queues and constants, and LUTs."""
    plan = design.plan.layers[layer.name]
    memories: list[tuple[int, int]] = []
    folding, source = plan.folding, layer.input
    if folding is not None:
        of_pixel = words(layer, folding)
        word = -(-source.channels // of_pixel) * source.sample.bits
        if folding.tap_lanes(layer) > 1:
            memories += [(word, source.width * of_pixel)] * plan.rows
        else:
            memories.append((word, plan.rows * source.width * of_pixel))
    elif isinstance(layer, Movement):
        memories.append((design.stream(layer.inputs[0]).beat_bits,
                         plan.rows * design.stream(layer.inputs[0]).beats_per_line))
    memories += [(design.stream(name).beat_bits, depth)
                 for name, depth in zip(layer.inputs, plan.queues, strict=False) if depth]
    match layer:
        case Convolution():
            assert folding is not None
            luts = (_CONVOLUTION + _CHANNEL * layer.output.channels + _PRODUCT * plan.products
                    + _LUT_PRODUCT * (plan.products - plan.dsp_products))
        case Pool():
            luts = _POOL + _AVERAGE * (layer.kind == "average")
        case Movement():
            luts = _MOVEMENT
        case _:
            luts = _OTHER
    if device.name == "ice40":
        luts = luts * _CELLS[0] // _CELLS[1]
    count = device.block_count
    if count is None:
        return LayerCost(luts, None)
    rams = sum(count(bits, words) for bits, depth in memories for words in _blocks(depth))
    constants: list[tuple[int, int]] = []
    if isinstance(layer, Convolution):
        assert folding is not None
        constants += _numbers(layer, folding)
    if isinstance(layer, Table):
        alone = len(layer.tables) == 1
        constants += [(layer.sample.bits, sum(map(len, (
            layer.tables if alone else layer.tables[lane::plan.lanes]))))
            for lane in range(plan.lanes)]
    if isinstance(layer, Concat):
        constants += [(layer.sample.bits, len(each)) for each in layer.tables if each is not None
                      for _ in range(plan.lanes)]
    return LayerCost(luts, rams + sum(_constant_count(device, *each) for each in constants))


def _numbers(layer: Convolution, folding: Folding) -> Iterator[tuple[int, int]]:
    """Bits and depth of weights, of biases, and of what the requantiser's lanes know."""
    passes = Passes(layer, folding)
    channels, steps = passes.channels, len(passes.steps)
    yield folding.products(layer) * layer.weights_interval.bits, steps * len(channels)
    yield interval_shape(layer.accumulator).width * passes.outputs, len(channels)
    if layer.requantiser is None:
        return
    forms = unit_forms(layer.requantiser, layer.sums, name=layer.name)
    shift = max(form.shift for form in forms)
    most = max(delay for form in forms for delay in (*form.delays, 0))
    lanes = -(-passes.outputs // steps)
    beats = [each[at:at + lanes] for each in channels for at in range(0, len(each), lanes)]
    for lane in range(lanes):
        own = [forms[beat[lane]] for beat in beats if lane < len(beat)]
        numbers = ([form.multiplier << shift - form.shift for form in own],
                   [form.constant << shift - form.shift for form in own],
                   [form.low for form in own], spans := [form.high - form.low for form in own])
        yield sum(interval_shape(Interval(min(each), max(each))).width
                  for each in numbers if len(set(each)) > 1), len(beats)
        yield most.bit_length(), len(beats) << max(spans).bit_length()


def _constant_count(device: Device, bits: int, depth: int) -> int:
    """Block RAMs of so many constants."""
    if device.constant_count is not None:
        return device.constant_count(bits, depth) if bits else 0
    assert device.block_count is not None
    if bits * depth <= _SMALL:
        return 0
    # Tools put several words of few bits side by side.
    return min(sum(device.block_count(fold * bits, words) for words in _blocks(-(-depth // fold)))
               for fold in (1, 2, 4))


def _blocks(depth: int) -> Iterator[int]:
    """The words of memories that make a deeper one, as deep as block RAMs are."""
    whole, rest = divmod(depth, _DEEPEST)
    yield from [_DEEPEST] * whole + [rest] * bool(rest)


def network_cost(design: PlannedNetwork, device: Device) -> LayerCost:
    """An estimate for all layers."""
    costs = [layer_cost(design, layer, device) for layer in design.network.layers]
    rams = [cost.rams for cost in costs if cost.rams is not None]
    return LayerCost(sum(cost.luts for cost in costs), sum(rams) if rams else None)
