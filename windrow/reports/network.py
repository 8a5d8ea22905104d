"""A network with all that there is to see of it: see :func:`make_network_report`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from windrow.hdl import Build, PlannedNetwork, build
from windrow.hdl.network.planned import describe
from windrow.model.markup import Drawing, element, join, table
from windrow.model.network import INPUT
from windrow.model.sample import Sample
from windrow.network_report import folds, memory_bits, weight_bits
from windrow.network_simulation import classes
from windrow.reports.diagram import Box, Wire, draw
from windrow.reports.facts import facts_section, ports_section
from windrow.reports.page import Page
from windrow.reports.pictures import data_uri
from windrow.reports.resources import beside, network_resources
from windrow.reports.section import Bars, Section
from windrow.reports.simulation import Simulation
from windrow.reports.timing import timing_section
from windrow.sim import CoreError, MissingTool
from windrow.sim.network import first_wrong_layer, simulate_network
from windrow.sim.picture_writer import png
from windrow.synth.netlist import with_models


__all__ = ["NetworkReport", "channel_sheet", "make_network_report"]

Frame = npt.NDArray[np.integer[Any]]
Progress = Callable[[str, int, int], None]

_MOST_CHANNELS = 16
"""Channels of a layer that are shown."""


@dataclass(frozen=True)
class NetworkReport(Page):
    """What :func:`make_network_report` returns.

    Parameters
    ----------
    design : :class:`~windrow.hdl.PlannedNetwork`
        The network, and how it is built.
    build : :class:`~windrow.hdl.Build`
        Its files.
    simulation : :class:`~.simulation.Simulation`
        How the hardware did, layer by layer.
    frame : (channels, height, width) array
        What came in.
    source : :class:`str`
        What that is called.
    measured : sequence of mappings
        What ``windrow synth --json`` printed.
    command : :class:`str`
        What made the report.
    """

    design: PlannedNetwork
    build: Build
    simulation: Simulation
    frame: Frame
    source: str
    measured: Sequence[Mapping[str, Any]]
    command: str

    @property
    def title(self) -> str:
        return f"{self.build.name}: network of {len(self.design.network.layers)} layers"

    @cached_property
    def taps(self) -> Mapping[str, Frame]:
        """Every tensor, (channels, height, width): the hardware's, or the model's."""
        result = self.simulation.result
        if result is None:
            return self.design.network.taps(self.frame)
        return {INPUT: self.frame, **{name: tap[0] for name, tap in result.taps.items()}}

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        structure = Section("structure", "Structure",
                            element("div", self.diagram, class_="scroll"))
        sizes, plots = network_resources(self.design.network)
        parts = [sizes, element("p", "An estimate, within a third as a rule; ",
                                element("code", "windrow synth"), " measures.", class_="note")]
        if self.measured:
            parts += [element("h3", "Measured"), beside((), self.measured)]
        resources = Section("resources", "Size and speed", join(parts), plots)
        result = self.simulation.result
        timing = timing_section(self.build.manifest, result.spans if result else ())
        return (self._summary, self._layers, structure, timing, self._plan, resources,
                ports_section(self.build.ports),
                facts_section(self.build, self.design.network.to_toml(), self.command))

    @property
    def _summary(self) -> Section:
        network, plan, result = self.design.network, self.design.plan, self.simulation.result
        cycles = f"{plan.cycles:,} cycles" if result is None else (
            f"{plan.cycles:,} cycles planned, {result.cycles_per_frame:,} simulated")
        answers = classes(self.taps[network.output][None], network.labels)
        words = [f"{each['label'] or each['class']}"
                 + ("" if each["value"] is None else f" ({each['value']})")
                 for each in (answers[0] if answers else ())]
        return Section("summary", "Summary", join([self.simulation.html, table(("", ""), [
            ("input", f"{network.input}: {self.source or 'noise'}"),
            ("output", network.tensor(network.output)),
            *([("classes", ", ".join(words))] if words else []),
            ("arithmetic", network.arithmetic),
            ("frame", cycles),
            ("frames a second", f"{1e8 / plan.cycles:,.0f} at 100 MHz"),
            ("products", f"{plan.products:,} a clock; {network.macs:,} a frame"),
            ("rows and queues", f"{sum(memory_bits(self.design).values()):,} bits"),
            ("weights", f"{weight_bits(network):,} bits"),
        ])]))

    @property
    def _layers(self) -> Section:
        """Every tensor as a picture of its channels."""
        network = self.design.network
        figures = []
        for name, tap in self.taps.items():
            what = "the input" if name == INPUT else describe(network.layer(name))
            shown = min(len(tap), _MOST_CHANNELS) if tap[0].size > 1 else len(tap)
            words = [str(network.tensor(name)), f"{tap.min()} to {tap.max()}"]
            if shown < len(tap):
                words.append(f"the first {shown} of {len(tap)} channels")
            figures.append(element(
                "figure", element("img", src=data_uri(channel_sheet(tap)), alt=name,
                                  class_="sharp"),
                element("figcaption", element("b", name), " ", what, element("br"),
                        "; ".join(words))))
        by = "the golden model" if self.simulation.result is None else "the hardware in verilator"
        return Section("layers", "Every layer", join([
            element("p", f"Each tensor by {by}: its channels side by side, from the least value "
                         "(black) to the greatest.", class_="note"),
            element("div", *figures, class_="gallery")]))

    @property
    def _plan(self) -> Section:
        entries = self.design.layers
        weights = {layer.name: layer.macs for layer in self.design.network.layers}
        names = [entry["name"] for entry in entries]
        return Section("plan", "How it is built", table(
            ("layer", "what it computes", "at once", "cycles", "products", "rows kept",
             "products a frame"), [
                (entry["name"], entry["what"], folds(entry),
                 element("b", f"{entry['cycles']:,} *")
                 if entry["cycles"] == self.design.plan.cycles else f"{entry['cycles']:,}",
                 entry["products"], entry["rows"], f"{weights[entry['name']]:,}")
                for entry in entries]), (
            Bars("Cycles of each layer", "cycles", names,
                 {"cycles": [entry["cycles"] for entry in entries]}),
            Bars("Products a clock", "products", names,
                 {"products": [entry["products"] for entry in entries]})))

    @property
    def diagram(self) -> Drawing:
        """Layers as boxes, and what flows between them."""
        network = self.design.network
        boxes = [Box(INPUT, ("s_axis_video", str(network.input)), "port")]
        wires = []
        for layer, entry in zip(network.layers, self.design.layers, strict=True):
            lines = [layer.name, entry["what"], str(layer.output)]
            if at_once := folds(entry):
                lines.append(at_once)
            boxes.append(Box(layer.name, tuple(lines), "stage"))
            for number, (name, queue) in enumerate(
                    zip(layer.inputs, entry["queues"], strict=False)):
                wires.append(Wire(name, layer.name, (
                    self._stream_words(name),
                    *([f"{entry['rows']} rows kept"] if entry["rows"] and not number else []),
                    *([f"queue of {queue} beats"] if queue else []))))
        boxes.append(Box("output", ("m_axis_video", str(network.tensor(network.output))), "port"))
        wires.append(Wire(network.output, "output", (self._stream_words(network.output),)))
        return draw(boxes, wires, f"layers of {network.name}")

    def _stream_words(self, name: str) -> str:
        carried = self.design.stream(name)
        beats = carried.beats_per_pixel
        return f"{carried.beat_bits} bits" + (f", {beats} beats a pixel" if beats > 1 else "")


def channel_sheet(tap: Frame) -> bytes:
    """A tensor as a PNG: its first channels in a grid, of a vector all of them in rows of 32.

    Parameters
    ----------
    tap : (channels, height, width) array of integers
        The least of its values becomes black, the greatest white.
    """
    low, high = int(tap.min()), int(tap.max())
    grey = ((tap.astype(np.int64) - low) * 255 // max(high - low, 1)).astype(np.uint8)
    if grey[0].size == 1:
        columns = min(len(grey), 32)
        cells = np.pad(grey.ravel(), (0, -len(grey) % columns)).reshape(-1, columns)
        return png(np.kron(cells, np.ones((12, 12), np.uint8)), Sample.parse("u8", key="pixel"))[0]
    if len(grey) == 1:
        return png(grey[0], Sample.parse("u8", key="pixel"))[0]
    shown = grey[:_MOST_CHANNELS]
    columns = int(np.ceil(np.sqrt(len(shown))))
    cells = np.pad(shown, ((0, -len(shown) % columns), (0, 1), (0, 1)), constant_values=128)
    rows = cells.reshape(-1, columns, *cells.shape[1:]).transpose(0, 2, 1, 3)
    sheet = rows.reshape(rows.shape[0] * rows.shape[1], -1)
    return png(sheet, Sample.parse("u8", key="pixel"))[0]


def make_network_report(
    design: PlannedNetwork,
    frame: Frame | None = None,
    *,
    name: str = "windrow_network",
    source: str = "",
    made: Build | None = None,
    simulate: bool = True,
    target: str = "generic",
    measured: Sequence[Mapping[str, Any]] = (),
    command: str = "",
    progress: Progress = lambda text, done, total: None,
) -> NetworkReport:
    """Find out all that a network's report shows; parameters as of :func:`~.report.make_report`.

    Parameters
    ----------
    frame : (channels, height, width) array of integers
        What comes in; noise unless given.
    """
    if made is None:
        progress("generating Verilog", 0, 0)
        made = build(design, name, target=target)
    tensor = design.network.input
    if frame is None:
        frame = np.random.default_rng(0).integers(
            tensor.sample.minimum, tensor.sample.maximum, tensor.shape, endpoint=True)
    simulation = Simulation(reason="it was not asked for")
    if simulate:
        simulation = _simulated(design, frame, target, progress)
    return NetworkReport(design, made, simulation, frame, source, measured, command)


def _simulated(design: PlannedNetwork, frame: Frame, target: str, progress: Progress
               ) -> Simulation:
    frames = np.stack([frame, frame[:, ::-1]])
    try:
        result = simulate_network(
            design, frames, target=target, jobs=1, progress=progress,
            remake=lambda core, _: with_models(core, target))
    except MissingTool as missing:
        return Simulation(reason=str(missing))
    except CoreError as error:
        return Simulation(mismatch=str(error))
    progress("comparing with the model", 0, 0)
    wrong = first_wrong_layer(design, frames, result)
    values = sum(tap.size for tap in result.taps.values())
    return Simulation(
        result, f"{values:,} values of {len(result.taps)} layers in 2 frames from verilator",
        mismatch="" if wrong is None else f"layer {wrong[0]!r} is the first that differs: "
                                          f"{wrong[1]}")
