"""A network and how it is built, as one design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...model.format import Format
from ...model.network import INPUT, Add, Convolution, Layer, Network, Pool, Requantiser
from .form_unit import unit_forms
from .planning import NetworkPlan, stream_format


__all__ = ["PlannedNetwork", "describe", "multiplier_bits"]


@dataclass(frozen=True)
class PlannedNetwork:
    """What :func:`windrow.hdl.build` makes of a network.

    Attributes
    ----------
    network : :class:`~windrow.model.network.Network`
        What it computes.
    plan : :class:`~.planning.NetworkPlan`
        How it is built.
    taps : :class:`bool`
        Whether ports show what every layer makes, for simulation.
    """

    network: Network
    plan: NetworkPlan
    taps: bool = False

    input_fifo = 0
    registers = False

    def stream(self, name: str) -> Format:
        """What a tensor's stream carries."""
        return stream_format(self.network.tensor(name), self.plan.lanes(name))

    @property
    def format(self) -> Format:
        """What the input carries."""
        return self.stream(INPUT)

    @property
    def output_format(self) -> Format:
        """What the output carries."""
        return self.stream(self.network.output)

    @property
    def tapped(self) -> tuple[str, ...]:
        """The layers that ports show, in order."""
        return tuple(layer.name for layer in self.network.layers) if self.taps else ()

    def to_dict(self) -> dict[str, Any]:
        """The network's own."""
        return self.network.to_dict()

    @property
    def layers(self) -> list[dict[str, Any]]:
        """What a manifest says of each layer."""
        return list(self._layers())

    def _layers(self) -> Iterator[dict[str, Any]]:
        for layer in self.network.layers:
            plan = self.plan.layers[layer.name]
            folding, output = plan.folding, layer.output
            yield {
                "name": layer.name, "what": describe(layer), "reads": list(layer.inputs),
                "shape": [output.channels, output.height, output.width],
                "sample": str(output.sample),
                "folds": None if folding is None else {
                    "outputs": folding.outputs, "inputs": folding.inputs,
                    "taps": folding.tap_lanes(layer)},
                "cycles": plan.cycles, "products": plan.products,
                "dsp_products": plan.dsp_products, "macs": layer.macs, "lanes": plan.lanes,
                "rows": plan.rows, "queues": list(plan.queues),
                "multiplier_bits": multiplier_bits(layer),
            }


def describe(layer: Layer) -> str:
    """A layer in a few words."""
    match layer:
        case Convolution():
            rows, columns = layer.kernel
            channels = f"{layer.input.channels} to {layer.output.channels}"
            if layer.kernel == layer.input.shape[1:] and layer.output.shape[1:] == (1, 1):
                return f"fully connected, {layer.products} to {layer.output.channels}"
            kind = ("depthwise" if layer.depthwise else "transposed"
                    if layer.input_dilation != (1, 1) else f"{layer.groups} groups"
                    if layer.groups > 1 else "")
            steps = "" if layer.stride == (1, 1) else " by " + "x".join(map(str, layer.stride))
            return f"{rows}x{columns}{steps}{' ' * bool(kind)}{kind}, {channels}"
        case Pool():
            return f"{layer.kind} of {layer.kernel[0]}x{layer.kernel[1]}"
    return type(layer).__name__.lower()


def multiplier_bits(layer: Layer) -> list[int]:
    """Bits of the multiplier of each channel's requantiser, as the proof needed them.

    Of an average pool one for each of its counts; empty where nothing is requantised.
    """
    if isinstance(layer, Convolution) and layer.requantiser is not None:
        return [form.bits for form in unit_forms(layer.requantiser, layer.sums, name=layer.name)]
    if isinstance(layer, Pool):
        rules: Mapping[int, Requantiser] = layer.requantisers
        return [unit_forms(rules[count], [sums], name=layer.name)[0].bits
                for count, sums in zip(layer.counts, layer.sums, strict=True) if count in rules]
    if isinstance(layer, Add):
        return [max(layer.form.first, layer.form.second).bit_length()]
    return []
