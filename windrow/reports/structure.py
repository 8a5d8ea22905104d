"""The block diagram of a design: what its core is made of, with widths, waits and memories."""

import gc
import warnings
from functools import singledispatch
from typing import Any

from amaranth.hdl import Shape, UnusedElaboratable

from windrow.hdl import Core, PipelineCore
from windrow.hdl.part_core import PartCore
from windrow.hdl.ports.video import VideoCore
from windrow.model import Filter, Pipeline
from windrow.model.format import Format
from windrow.model.markup import Drawing
from windrow.reports.diagram import Box, Wire, draw


__all__ = ["block_diagram", "blocks"]

#: Components between the sequencer and the output queue, by the names of their classes.
_TITLES = {
    "Lines": "line buffer", "Window": "window", "GraphStage": "arithmetic",
    "RunningColumns": "running column sums", "RunningSums": "running row sums",
    "ExtremeColumns": "extremes of columns", "ExtremeRows": "extremes of rows",
    "TimeFolded": "products folded in time",
}


def block_diagram(design: Filter | Pipeline) -> Drawing:
    """The block diagram of a design, for ``generic`` devices."""
    with warnings.catch_warnings():
        # The core is made to be looked at, and Amaranth warns of what is never used.
        warnings.simplefilter("ignore", UnusedElaboratable)
        drawing = draw(*blocks(VideoCore(design)), "block diagram")
        gc.collect()
    return drawing


def blocks(top: VideoCore) -> tuple[list[Box], list[Wire]]:
    """The boxes and the wires of a core, from the input port to the output port."""
    design = top.core.design
    boxes = [Box("input", ("s_axis_video", *_format_lines(top.input.format)), "port")]
    wires: list[Wire] = []
    beat = (_bits(top.input.format.beat_bits),)
    feed = "input"
    if design.input_fifo:
        boxes.append(Box("fifo", ("input FIFO", f"{design.input_fifo} beats, two clocks")))
        wires.append(Wire(feed, "fifo", beat))
        feed = "fifo"
    inside, between = _inside(top.core, feed, beat)
    boxes += inside
    wires += between
    boxes.append(Box("output", ("m_axis_video", *_format_lines(top.output.format)), "port"))
    wires.append(Wire(boxes[-2].name, "output", (_bits(top.output.format.beat_bits),)))
    if top.registers is not None:
        boxes.insert(1, Box("registers", ("registers", "s_axi_ctrl, interrupt"), "port"))
        wires.insert(1, Wire("registers", inside[-2].name, ("settings, as a frame starts",)))
    return boxes, wires


def _bits(count: int) -> str:
    return f"{count} bit{'s' * (count > 1)}"


def _format_lines(carried: Format) -> tuple[str, str]:
    channels = f"{carried.channels} x " if carried.channels > 1 else ""
    lanes = f", {carried.pixels_per_clock} pixels a clock" if carried.pixels_per_clock > 1 else ""
    return f"{carried.width}x{carried.height}", f"{channels}{carried.sample}{lanes}"


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


@singledispatch
def _inside(core: Any, feed: str, beat: tuple[str, ...]) -> tuple[list[Box], list[Wire]]:
    """What lies between the ports."""
    raise TypeError(f"no diagram of {type(core).__name__}")


@_inside.register
def _filter(core: Core, feed: str, beat: tuple[str, ...]) -> tuple[list[Box], list[Wire]]:
    design = core.design
    boxes = [Box("sequencer", ("sequencer", "lines, borders, frame ends"))]
    wires = [Wire(feed, "sequencer", beat)]
    width = beat
    for number, stage in enumerate(core.stages):
        kind = type(stage).__name__
        if kind == "GraphStage" and stage.latency == 0:
            continue  # wires only
        lines = [_TITLES.get(kind, kind)]
        if kind == "Lines":
            memory = core.geometry.rows.depth * core.geometry.line_beats * design.format.beat_bits
            lines += [f"{core.geometry.rows.depth} lines: {memory:,} bits",
                      f"border {_border(design)}"]
        elif kind == "Window":
            lines.append(f"{design.kernel_height} x {design.kernel_width} at "
                         f"{design.pixels_per_clock} a clock")
        elif number == len(core.stages) - 1:
            scale = f"/ 2^{design.shift}, {design.rounding}, " if design.shift else ""
            lines = [design.applied.title, core.strategy,
                     *([f"{scale}{design.overflow}"] if design.matrices else [])]
        else:
            lines.append("of each column")
        lines.append(_count(stage.latency, "cycle"))
        name = f"stage {number}"
        wires.append(Wire(boxes[-1].name, name, width))
        boxes.append(Box(name, tuple(lines)))
        width = (_bits(Shape.cast(stage.o.shape().members["columns"]).width),)
    boxes.append(Box("queue", ("output queue", "holds what is on its way")))
    wires.append(Wire(boxes[-2].name, "queue", (_bits(design.output_format.beat_bits),)))
    return boxes, wires


def _border(design: Any) -> str:
    borders = design.borders
    return borders.top if len(set(borders)) == 1 else "/".join(dict.fromkeys(borders))


@_inside.register
def _pipeline(core: PipelineCore, feed: str, beat: tuple[str, ...]) -> tuple[list[Box], list[Wire]]:
    boxes: list[Box] = []
    wires: list[Wire] = []
    feeds: dict[int | None, list[tuple[str, tuple[str, ...]]]] = {0: [(feed, beat)]}
    for number, part in enumerate(core.parts):
        maker = _part(number, part, feeds[number], boxes, wires)
        for index, way in enumerate(core.ways):
            if way.link.source != number:
                continue
            last = maker[part.plan.ends[way.link.end].step]
            ends = [(f"queue {index}", ("output queue", "holds what is on its way"))]
            if way.deep is not None:
                ends.append((f"waits {index}", (
                    f"queue of {way.depth:,} beats", f"{way.depth * way.format.beat_bits:,} bits")))
            if way.link.larger is not None:
                ends.append((f"larger {index}", (
                    way.link.larger.name, "makes a larger frame")))
            for name, lines in ends:
                boxes.append(Box(name, lines, "part"))
                wires.append(Wire(last, name, (_bits(way.format.beat_bits),)))
                last = name
            feeds.setdefault(way.reader, []).append((last, (", ".join(way.link.taps),)))
    if (whole := core.design.whole) is not None:
        boxes.append(Box("whole", (whole.name, "follows edges",
                                   f"{core.frame_bits:,} bits of frame"), "stage"))
        wires.append(Wire(boxes[-2].name, "whole", (_bits(core.ways[-1].format.beat_bits),)))
    return boxes, wires


def _part(number: int, part: PartCore, feeds: list[tuple[str, tuple[str, ...]]], boxes: list[Box],
          wires: list[Wire]) -> list[str]:
    """Draw stages in lock-step. Returns the box of each step."""
    plan, taps = part.plan, part.plan.pipeline.taps
    head = f"sequencer {number}"
    boxes.append(Box(head, ("sequencer", "lines, borders, frame ends")))
    wires.extend(Wire(feed, head, label) for feed, label in feeds)
    maker = dict.fromkeys(plan.part.roots, head)
    names = []
    for index, step in enumerate(plan.steps):
        names.append(name := f"step {number} {index}")
        if step.stage is None:
            words: tuple[str, ...] = ("outputs side by side",)
        else:
            rows, beats = plan.late[step.taps[0]]
            words = (step.stage.name, step.stage.title, f"gives {step.stage.output}",
                     f"{_count(rows, 'row')}, {_count(beats, 'beat')} late")
        boxes.append(Box(name, words, "stage"))
        for source, geometry in zip(step.sources, step.geometries, strict=True):
            rows, beats = geometry.waits
            label = [f"{source}: {_bits(taps[source].format.beat_bits)}"]
            window = geometry.window
            if (window.height, window.width) != (1, 1):
                label[0] += f", {window.height}x{window.width}"
            if geometry.rows.depth:
                label.append(f"{geometry.rows.depth} of {part.lines[source]} lines kept")
            if rows or beats:
                label.append(f"waits {_count(rows, 'row')}, {_count(beats, 'beat')}")
            wires.append(Wire(maker[source], name, tuple(label)))
        maker |= dict.fromkeys(step.taps, name)
    return names
