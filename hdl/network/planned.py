"""A network and how it is built, as one design."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...model.format import Format
from ...model.interval import Interval
from ...model.network import INPUT, Add, Convolution, Layer, Mul, Network, Pool, Requantiser
from ...model.network.linear_form import Form
from .form_unit import unit_forms
from .planning import NetworkPlan, stream_format


__all__ = ["PlannedNetwork", "Proof", "describe", "proofs"]


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
                "multiplier_bits": [proof.bits for proof in proofs(layer)],
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


class Proof(NamedTuple):
    """How a requantiser's steps are made of a line, proved equal for every sum that there can be.

    Attributes
    ----------
    of : :class:`str`
        The channel; of an average the count of its samples; of an Add all its pairs of samples.
    sums : :class:`~windrow.model.interval.Interval` or ``None``
        All sums that there can be; ``None`` of an Add, whose 65536 pairs are tried.
    thresholds : :class:`int`
        At how many sums the sample rises.
    multiplier, shift : :class:`int`
        The line's, ``(sum * multiplier + constant) >> shift``; of an Add the greater multiplier.
    corrected : :class:`int`
        Sums or pairs at which the line alone is a step off, and the hardware corrects it.
    """

    of: str
    sums: Interval | None
    thresholds: int
    multiplier: int
    shift: int
    corrected: int

    @property
    def bits(self) -> int:
        """Of the multiplier."""
        return self.multiplier.bit_length()


def proofs(layer: Layer) -> list[Proof]:
    """The proofs that building a layer takes; none where nothing is requantised."""
    def line(of: str, sums: Interval, form: Form) -> Proof:
        return Proof(of, sums, form.high - form.low, form.multiplier, form.shift, sum(form.delays))

    if isinstance(layer, Convolution) and layer.requantiser is not None:
        forms = unit_forms(layer.requantiser, layer.sums, name=layer.name)
        return [line(f"channel {number}", sums, form)
                for number, (sums, form) in enumerate(zip(layer.sums, forms, strict=True))]
    if isinstance(layer, Pool):
        rules: Mapping[int, Requantiser] = layer.requantisers
        return [line(f"mean of {count}", sums, *unit_forms(rules[count], [sums], name=layer.name))
                for count, sums in zip(layer.counts, layer.sums, strict=True) if count in rules]
    if isinstance(layer, Mul):
        return [line("product", layer.product, *unit_forms(
            layer.requantiser, [layer.product], name=layer.name))]
    if isinstance(layer, Add):
        pair = layer.form
        return [Proof("all pairs", None, pair.high - pair.low, max(pair.first, pair.second),
                      pair.shift, len(pair.exceptions))]
    return []
