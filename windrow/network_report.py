"""What commands say of a network: a row a layer, and what bounds the whole."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from windrow.console import Table, show
from windrow.network_flags import network_plan


if TYPE_CHECKING:
    from windrow.hdl.network.planned import PlannedNetwork
    from windrow.model.network import Layer, Network
    from windrow.synth.network_cost import LayerCost
    from windrow.synth.targets import Target

__all__ = ["layer_table", "plan_data", "plan_rows", "short", "show_network_plan"]

LONGEST_NAME = 22
"""Letters of a layer's name in a table."""


def show_network_plan(args: argparse.Namespace, network: Network) -> None:
    """Plan, and print a line a layer and what the network takes."""
    from windrow.hdl.network.planned import PlannedNetwork  # late: numpy comes with it
    from windrow.synth.network_cost import layer_costs
    from windrow.synth.planner import device_of

    design = PlannedNetwork(network, network_plan(args, network))
    device, part = device_of(args.target)
    costs = layer_costs(design, device)
    rows = [*plan_rows(design), *cost_rows(costs, part)]
    found = plan_data(design, args.target, costs)
    tables = [layer_table(design, costs), Table(("", ""), rows)]
    if args.proofs:
        found["proofs"] = proof_data(network)
        tables.append(proof_table(found["proofs"]))
    show(args, found, tables, dict(rows)["bound"] if args.quiet else "")


def proof_data(network: Network) -> list[dict[str, Any]]:
    """What was proved of each channel of each layer."""
    from windrow.hdl.network.planned import proofs

    return [{"layer": layer.name, **proof._asdict(), "bits": proof.bits,
             "sums": None if proof.sums is None else list(proof.sums)}
            for layer in network.layers for proof in proofs(layer)]


def proof_table(proved: list[dict[str, Any]]) -> Table:
    """A row a channel."""
    return Table(("layer", "of", "equal for all sums", "steps", "multiplier", "shift", "bits",
                  "corrected"), [
        (short(each["layer"]), each["of"],
         "65536 pairs" if each["sums"] is None else "{} to {}".format(*each["sums"]),
         str(each["thresholds"]), str(each["multiplier"]), str(each["shift"]), str(each["bits"]),
         str(each["corrected"] or "")) for each in proved])


def layer_table(design: PlannedNetwork, costs: Mapping[str, LayerCost]) -> Table:
    """A row a layer; the one that bounds the cycles is marked."""
    network, plan = design.network, design.plan
    rows = []
    for layer, entry in zip(network.layers, design.layers, strict=True):
        busy = f"{entry['cycles']}{' *' * (entry['cycles'] == plan.cycles)}"
        products = entry["products"]
        share = f"{layer.macs / products / plan.cycles:.0%}" if products else ""
        bits = entry["multiplier_bits"]
        kept = f"{entry['rows']} rows" if entry["rows"] else ""
        if beats := sum(entry["queues"]):
            kept = f"{beats} beats"
        rows.append((
            short(entry["name"]), entry["what"], "x".join(map(str, entry["shape"])), folds(entry),
            busy, share, str(products or ""), kept, str(costs[entry["name"]].luts),
            *([] if costs[entry["name"]].rams is None else [str(costs[entry["name"]].rams)]),
            "" if not bits else f"{min(bits)}" if min(bits) == max(bits)
            else f"{min(bits)}-{max(bits)}"))
    rams = any(cost.rams is not None for cost in costs.values())
    return Table(("layer", "what it computes", "output", "at once", "cycles", "ideal", "products",
                  "keeps", "LUTs", *["RAMs"] * rams, "bits"), rows)


def cost_rows(costs: Mapping[str, LayerCost], part: Target | None) -> list[tuple[str, str]]:
    """What all layers are expected to take."""
    luts = sum(cost.luts for cost in costs.values())
    rams = [cost.rams for cost in costs.values() if cost.rams is not None]
    amounts = [(luts, "LUTs", "luts"), *([(sum(rams), "RAMs", "rams")] if rams else [])]
    return [("about", ", ".join(
        f"{count} {name}" + (f" of {part.capacity[key]}" if part else "")
        for count, name, key in amounts) + ": `windrow synth` measures")]


def short(name: str) -> str:
    """A layer's name, cut where it is long."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME - 2]}.."


def folds(entry: dict[str, Any]) -> str:
    """What a layer works on in a clock."""
    if entry["folds"] is None:
        return ""
    return "x".join(str(entry["folds"][name]) for name in ("outputs", "inputs", "taps"))


def plan_rows(design: PlannedNetwork) -> list[tuple[str, str]]:
    """What the whole network takes."""
    network, plan = design.network, design.plan
    slowest = [layer.name for layer in network.layers
               if plan.layers[layer.name].cycles == plan.cycles]
    others = f" and {len(slowest) - 1} more" if len(slowest) > 1 else ""
    bound = f"by {slowest[0]}{others}" if slowest else "by the pixels of its frames"
    proved = [bits for entry in design.layers for bits in entry["multiplier_bits"]]
    in_dsps = sum(each.dsp_products for each in plan.layers.values())
    depthwise = [layer for layer in network.layers if getattr(layer, "depthwise", False)]
    kept = [layer for layer in depthwise if plan.layers[layer.name].dsp_products]
    return [
        ("at once", "outputs x inputs x taps of each layer, in a cycle"),
        ("bound", f"{plan.cycles} cycles a frame, {bound}: {1e8 / plan.cycles:,.0f} frames a "
                  "second at 100 MHz"),
        ("products", f"{plan.products} a clock" + (
            "" if in_dsps == plan.products else f", {plan.products - in_dsps} of them in LUTs")),
        ("ideal", f"{network.macs} products a frame, "
                  f"{_share(design, network.layers):.0%} of what these could do"),
        *([("depthwise", f"{sum(layer.macs for layer in depthwise)} of them by "
                         f"{len(depthwise)} depthwise layers, {len(kept)} with multipliers: "
                         f"{_share(design, kept):.0%} of what these could do")]
          if depthwise else []),
        ("memory", f"{sum(memory_bits(design).values())} bits of rows and queues, "
                   f"{weight_bits(network)} bits of weights"),
        ("arithmetic", f"{network.arithmetic}: equal for every sum, proved for {len(proved)} "
                       f"channels with multipliers of at most {max(proved, default=0)} bits"),
    ]


def _share(design: PlannedNetwork, layers: Sequence[Layer]) -> float:
    """Products of some layers in a frame, of those that they could have."""
    plan = design.plan
    could = sum(plan.layers[layer.name].products for layer in layers) * plan.cycles
    return sum(layer.macs for layer in layers) / max(could, 1)


def memory_bits(design: PlannedNetwork) -> dict[str, int]:
    """Bits of the rows and queues of each layer."""
    found = {}
    for layer in design.network.layers:
        plan = design.plan.layers[layer.name]
        source = layer.input
        found[layer.name] = plan.rows * source.width * source.channels * source.sample.bits + sum(
            beats * design.stream(name).beat_bits
            for name, beats in zip(layer.inputs, plan.queues, strict=False))
    return found


def weight_bits(network: Network) -> int:
    """Bits of all weights."""
    from windrow.model.network import Convolution

    return sum(layer.weights.size * layer.weights_interval.bits for layer in network.layers
               if isinstance(layer, Convolution))


def plan_data(
    design: PlannedNetwork, target: str, costs: Mapping[str, LayerCost]
) -> dict[str, Any]:
    """The plan as ``--json`` prints it."""
    from windrow.synth.planner import device_of

    network, plan = design.network, design.plan
    device, part = device_of(target)
    return {
        "family": device.name,
        "device": part.name if part else None,
        "arithmetic": network.arithmetic,
        "layers": [{**entry, **costs[entry["name"]]._asdict()} for entry in design.layers],
        "luts": sum(cost.luts for cost in costs.values()),
        "cycles_per_frame": plan.cycles,
        "products": plan.products,
        "dsp_products": sum(each.dsp_products for each in plan.layers.values()),
        "macs": network.macs,
        "memory_bits": sum(memory_bits(design).values()),
        "weight_bits": weight_bits(network),
        "notes": list(network.notes),
        "input_beats_per_pixel": design.format.beats_per_pixel,
        "output_beats_per_pixel": design.output_format.beats_per_pixel,
    }
