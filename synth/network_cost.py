"""What each layer of a network takes of a device, about: its hardware is made, not synthesised."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from amaranth.hdl import Fragment, Instance, MemoryInstance

from ..hdl.devices import Device
from ..hdl.network.core import NetworkCore
from ..hdl.network.planned import PlannedNetwork
from ..model.network import Convolution, Layer, Pool
from ..model.network.movement import Movement
from .prediction import RAM_BLOCKS


__all__ = ["ERROR", "LayerCost", "layer_costs", "network_cost"]

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

#: Bits of a memory up to which tools put it into LUTs.
_SMALL = 2048

#: Words of the deepest block RAM.
_DEEPEST = 1 << 14


class LayerCost(NamedTuple):
    """What a layer is expected to take; ``rams`` is ``None`` where that is up to the tools."""

    luts: int
    rams: int | None


def layer_costs(design: PlannedNetwork, device: Device) -> Mapping[str, LayerCost]:
    """LUTs of each layer, estimated, and block RAMs of it and of the queues in front of it.

    Block RAMs that are written out are counted. What tools make of the memories that are left to
    them is estimated: on an ECP5 that is the rows of more than 16384 words.
    """
    rams = None if device.block_count is None else _layer_rams(design, device)
    return {layer.name: LayerCost(
        _luts(design, layer, device), None if rams is None else rams[number])
        for number, layer in enumerate(design.network.layers)}


def network_cost(design: PlannedNetwork, device: Device) -> LayerCost:
    """An estimate for all layers."""
    costs = layer_costs(design, device).values()
    rams = [cost.rams for cost in costs if cost.rams is not None]
    return LayerCost(sum(cost.luts for cost in costs), sum(rams) if rams else None)


def _layer_rams(design: PlannedNetwork, device: Device) -> list[int]:
    """Block RAMs of each layer and of its queues: the parts of a core have their numbers."""
    core = Fragment.get(
        NetworkCore(design.network, target=device.name, plan=design.plan), None)
    rams = [0] * len(design.network.layers)
    for part, name, *_ in core.subfragments:
        kind, _, number = (name or "").partition("_")
        if kind in ("layer", "queue"):
            rams[int(number.partition("_")[0])] += _rams(part, device)
    return rams


def _luts(design: PlannedNetwork, layer: Layer, device: Device) -> int:
    """LUTs of a layer, by its kind, its channels and its products."""
    plan = design.plan.layers[layer.name]
    match layer:
        case Convolution():
            luts = (_CONVOLUTION + _CHANNEL * layer.output.channels + _PRODUCT * plan.products
                    + _LUT_PRODUCT * (plan.products - plan.dsp_products))
        case Pool():
            luts = _POOL + _AVERAGE * (layer.kind == "average")
        case Movement():
            luts = _MOVEMENT
        case _:
            luts = _OTHER
    return luts * _CELLS[0] // _CELLS[1] if device.name == "ice40" else luts


def _rams(part: Any, device: Device) -> int:
    """Block RAMs of a part and of all that is in it."""
    count, waiting = 0, [part]
    while waiting:
        fragment = waiting.pop()
        waiting += [each for each, *_ in fragment.subfragments]
        block: Any = fragment  # whose fields are not in the stubs
        if isinstance(fragment, Instance):
            count += block.type.startswith(RAM_BLOCKS)
        elif isinstance(fragment, MemoryInstance):
            count += _inferred(fragment, device)
    return count


def _inferred(memory: Any, device: Device) -> int:
    """Block RAMs that tools make of a memory."""
    assert device.block_count is not None
    bits, depth = memory._data.shape.width, memory._data.depth
    in_luts = ("rom_style" in memory._attrs or any(
        port._domain == "comb" for port in memory._read_ports))
    if in_luts or bits * depth <= _SMALL:
        return 0
    counts = []
    for fold in (1, 2, 4):  # tools put several words of few bits side by side
        whole, rest = divmod(-(-depth // fold), _DEEPEST)
        counts.append(sum(device.block_count(fold * bits, words)
                          for words in [_DEEPEST] * whole + [rest] * bool(rest)))
    return min(counts)
