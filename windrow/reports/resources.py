"""What a design takes of each device: predicted, and measured where somebody has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from windrow.hdl import PlannedNetwork, VideoCore
from windrow.hdl.devices import device
from windrow.hdl.network.planning import plan_network
from windrow.model import Filter, InputError, Pipeline
from windrow.model.markup import Markup, element, join, table
from windrow.model.network import Network
from windrow.reports.section import Bars, Plot, Section
from windrow.synth.census import census
from windrow.synth.network_budget import budget
from windrow.synth.network_cost import network_cost
from windrow.synth.planner import Plan
from windrow.synth.prediction import Prediction, predict
from windrow.synth.targets import TARGETS, Target


__all__ = ["DeviceUse", "beside", "device_uses", "network_resources", "resources_section"]

_RESOURCES = {"luts": "LUTs", "flip_flops": "FFs", "rams": "RAMs", "dsps": "DSPs"}


@dataclass(frozen=True)
class DeviceUse:
    """What a design is expected to take of one device."""

    target: Target
    prediction: Prediction

    def share(self, resource: str) -> float:
        """Percent of the device's own, more than 100 where it does not fit; infinite of none."""
        capacity = self.target.capacity[resource]
        count = getattr(self.prediction, resource) or 0
        if not capacity:
            return float("inf") if count else 0.0
        return float(100 * count / capacity)

    @property
    def lacking(self) -> list[str]:
        """What the device has too little of."""
        return [label for resource, label in _RESOURCES.items() if self.share(resource) > 100]


def device_uses(design: Filter | Pipeline, strategy: str = "auto"
                ) -> tuple[list[DeviceUse], dict[str, str]]:
    """The prediction on every device, and why there is none on others, by their names."""
    found, without = [], {}
    made: dict[str, Any] = {}
    for target in TARGETS.values():
        try:
            if target.components not in made:
                made[target.components] = census(
                    VideoCore(design, target=target.components, strategy=strategy))
        except InputError as error:
            without[target.name] = str(error)
            continue
        found.append(DeviceUse(
            target, predict(made[target.components], device(target.components), target)))
    return found, without


def resources_section(
    uses: Sequence[DeviceUse], without: Mapping[str, str], strategies: Plan | None,
    measured: Sequence[Mapping[str, Any]] = (),
) -> Section:
    """Bars against devices, the strategies that there are, and predictions beside measurements.

    Parameters
    ----------
    uses, without
        As of :func:`device_uses`.
    strategies : :class:`~windrow.synth.planner.Plan` or ``None``
        Those of a filter.
    measured : sequence of mappings
        What ``windrow synth --json`` printed for the design.
    """
    parts = [element("h3", "On each device"), table(
        ("device", *_RESOURCES.values(), "clock, MHz"), [
            (element("abbr", use.target.name, title=use.target.device),
             *(_count(use, resource) for resource in _RESOURCES),
             "" if use.prediction.clock is None else f"{use.prediction.clock:.0f}")
            for use in uses])]
    parts += [element("p", f"It does not fit {use.target.name}: too few {', '.join(use.lacking)}.",
                      class_="note") for use in uses if use.lacking]
    parts += [element("p", f"Not on {name}: {reason}.", class_="note")
              for name, reason in without.items()]
    if clockless := [use.target.name for use in uses if use.prediction.clock is None]:
        parts.append(element("p", f"No clock is predicted for {', '.join(clockless)}.",
                             class_="note"))
    plots = [Bars("Expected, percent of the device (cut at 100)", "percent",
                  [use.target.name for use in uses],
                  {label: [min(use.share(resource), 100) for use in uses]
                   for resource, label in _RESOURCES.items()})] if uses else []
    if measured:
        parts += [element("h3", "Predicted beside measured"), beside(uses, measured)]
    if strategies is not None:
        parts += [element("h3", f"Strategies on {strategies.device.name}"), table(
            ("strategy", "LUTs", "FFs", "DSPs", "memory bits", "latency, cycles"), [
                (element("b", f"{each.strategy} *") if each.strategy == strategies.choice
                 else each.strategy, each.prediction.luts, each.prediction.flip_flops,
                 each.prediction.dsps, each.prediction.memory_bits, each.latency)
                for each in strategies.candidates]),
            element("p", f"{strategies.reason}.", class_="note")]
        plots.append(Bars("LUTs of each strategy", "LUTs",
                          [each.strategy for each in strategies.candidates],
                          {"LUTs": [each.prediction.luts for each in strategies.candidates]}))
    parts.append(element("p", "Predictions count the core's cells; LUTs and clocks are fitted to "
                              "measured builds. ", element("code", "windrow synth"), " measures.",
                         class_="note"))
    return Section("resources", "Size and speed", join(parts), tuple(plots))


def network_resources(network: Network) -> tuple[Markup, tuple[Plot, ...]]:
    """What a network is expected to take of each device, with the products that this has."""
    rows: list[tuple[object, ...]] = []
    names, shares = list[str](), list[float]()
    for target in TARGETS.values():
        found = budget(target.name)
        try:
            planned = PlannedNetwork(network, plan_network(
                network, multipliers=found.multipliers, blocks=found.blocks,
                block_products=found.block_products))
        except InputError as error:
            rows.append((target.name, str(error), "", "", ""))
            continue
        cost = network_cost(planned, device(target.components))
        share = 100 * cost.luts / target.capacity["luts"]
        names.append(target.name)
        shares.append(min(share, 100))
        rows.append((target.name, f"{planned.plan.cycles:,}", planned.plan.products,
                     f"{cost.luts} ({share:.0f} %)", "?" if cost.rams is None else cost.rams))
    return table(("device", "cycles a frame", "products a clock", "LUTs, about", "RAMs"), rows,
                 class_="uses"), (
        Bars("LUTs, about, percent of the device (cut at 100)", "percent", names,
             {"LUTs": shares}),)


def _count(use: DeviceUse, resource: str) -> str:
    count, capacity = getattr(use.prediction, resource), use.target.capacity[resource]
    if not count:
        return "0" if count == 0 else "?"
    return f"{count} ({100 * count / capacity:.1f} %)" if capacity else f"{count} (of none)"


def beside(uses: Sequence[DeviceUse], measured: Sequence[Mapping[str, Any]]) -> Markup:
    """Predictions, where there are any, and what was measured."""
    rows = []
    for found in measured:
        use = next((each for each in uses if each.target.name == found["target"]), None)
        for resource, label in _RESOURCES.items():
            expected = None if use is None else getattr(use.prediction, resource)
            rows.append((found["target"], found["strategy"], label, expected, found[resource]))
        clock = None if use is None or use.prediction.clock is None else round(
            use.prediction.clock, 1)
        fmax = found["fmax_mhz"]
        rows.append((found["target"], found["strategy"], "clock, MHz", clock,
                     None if fmax is None else round(fmax, 1)))
    return table(("device", "strategy", "", "predicted", "measured", "error"), [
        (*head, label, "" if expected is None else expected, "" if real is None else real,
         "" if not expected or not real else f"{100 * (expected - real) / real:+.1f} %")
        for *head, label, expected, real in rows])
