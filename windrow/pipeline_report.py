"""What `windrow plan` says of a pipeline: its stages, what waits for what, and the whole core."""

from __future__ import annotations

import argparse
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from windrow.console import Table, progress, show
from windrow.effort import announce
from windrow.kernel_note import kernel_data, kernel_rows


if TYPE_CHECKING:
    from windrow import Pipeline
    from windrow.synth.pipeline_plan import PipelinePlan, Queue, Wait

__all__ = ["show_plan"]


def show_plan(args: argparse.Namespace, pipeline: Pipeline) -> None:
    """Plan, and print a line a stage, every wait, and what the core takes."""
    from windrow.synth.pipeline_plan import plan_pipeline  # late: Amaranth comes with it

    announce(pipeline, quiet=args.quiet)
    with progress(quiet=args.quiet) as report:
        report("generating the core", 0, 0)
        found = plan_pipeline(pipeline, args.target)
    part = ("part",) if found.queues else ()
    show(args, {**data(found), "kernel_error": kernel_data(pipeline)}, [
        Table((*part, "stage", "what it computes", "reads", "window", "rows late", "lines kept"), [
            (*(str(stage.part) for _ in part), stage.name,
             shorten(stage.title, 40, placeholder=" ..."), ", ".join(stage.sources),
             ", ".join(dict.fromkeys(f"{rows}x{columns}" for rows, columns in stage.windows)),
             str(stage.rows_late),
             ", ".join(f"{count} of {name}" for name, count in zip(
                 stage.sources, stage.lines, strict=False) if count) or "none")
            for stage in found.stages]),
        Table(("", ""), [
            *(("wait", sentence(wait, found)) for wait in found.waits),
            *(("queue", queued(each)) for each in found.queues),
            ("line memory", f"{sum(found.lines.values())} lines, {found.line_bits} bits"),
            *([("frame memory", f"{found.frame_bits} bits")] if found.frame_bits else ()),
            ("frame", f"{'at least ' * bool(found.frame_bits)}{found.cycles} cycles"),
            ("latency", f"{'at least ' * bool(found.frame_bits)}{found.latency} cycles"),
            ("the core", amounts(found)),
            *([("too large", f"{found.overflow}: it does not fit")] if found.overflow else ()),
            ("predicted for", found.target.device if found.target else found.device.description),
            *kernel_rows(pipeline),
        ])], amounts(found) if args.quiet else "")


def sentence(wait: Wait, found: PipelinePlan) -> str:
    """What waits for what, how long, and where."""
    parts = [f"{count} {what}{'s' * (count > 1)}"
             for count, what in ((wait.rows, "row"), (wait.beats, "beat")) if count]
    where = f"in the lines of {wait.tap}" if wait.rows else "in registers"
    return f"{wait.tap} waits {' and '.join(parts)} for {wait.stage}, {where}"


def queued(each: Queue) -> str:
    """What waits between two parts, and where."""
    to = "the output" if each.reader is None else f"part {each.reader}"
    where = "in block RAM" if each.deep else f"at the end of part {each.source}"
    return (f"{', '.join(each.taps)} from part {each.source} to {to}: {each.beats} beats wait at "
            f"most, {each.bits} bits, {where}")


def amounts(found: PipelinePlan) -> str:
    """What the core is expected to take, in one line."""
    each = found.prediction
    memory = f"{each.memory_bits} bits of memory" if each.rams is None else f"{each.rams} RAMs"
    clock = "" if each.clock is None else f", {each.clock:.0f} MHz"
    return (f"{each.luts} LUTs, {each.flip_flops} FFs, {each.dsps} multipliers, {memory}{clock}")


def data(found: PipelinePlan) -> dict[str, Any]:
    """The plan as ``--json`` prints it."""
    each = found.prediction
    return {
        "family": found.device.name,
        "device": found.target.name if found.target else None,
        "stages": [{
            "name": stage.name, "what": stage.title, "reads": list(stage.sources),
            "windows": [list(window) for window in stage.windows],
            "rows_late": stage.rows_late, "beats_late": stage.beats_late, "part": stage.part,
        } for stage in found.stages],
        "waits": [wait._asdict() for wait in found.waits],
        "too_large": found.overflow or None,
        "queues": [each._asdict() for each in found.queues],
        "lines": dict(found.lines),
        "line_bits": found.line_bits, "frame_bits": found.frame_bits,
        "cycles_per_frame": found.cycles, "latency_cycles": found.latency,
        "luts": each.luts, "flip_flops": each.flip_flops, "dsps": each.dsps, "rams": each.rams,
        "large_rams": each.large_rams, "memory_bits": each.memory_bits, "clock_mhz": each.clock,
    }
