"""`windrow plan`: every strategy for a filter, what each is expected to take, and which is best."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from windrow.console import Table, progress, show
from windrow.effort import announce
from windrow.filter_flags import DESIGN, add_filter_flags
from windrow.kernel_note import kernel_data, kernel_rows
from windrow.network_flags import add_network_flags, read_design
from windrow.network_report import show_network_plan
from windrow.parser import Commands, add_command
from windrow.pipeline_report import show_plan
from windrow.usage import UsageError


if TYPE_CHECKING:
    from windrow.synth.planner import Candidate, Plan

__all__ = ["add_to"]

#: Here and not from windrow.synth, so that `--help` does not wait for numpy. A test compares them.
TARGET_NAMES = ("ecp5-25k, ecp5-85k, up5k, hx8k, gw1n-9, gw2a-18 or ccgm1a1, or a family: generic, "
                "ecp5, ice40, gowin or gatemate")


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "plan", run, takes="[FILTER] [--target T]", works=True,
        summary="show every way to make a filter, and what each is expected to take",
        description="Predict LUTs, flip-flops, multipliers, block RAMs, latency and clock of every "
                    "strategy that applies to a filter, and say which one `auto` takes and why. "
                    "Nothing is synthesised: the predictions are calibrated on measured builds. "
                    "`windrow synth` measures.",
        examples=(
            "windrow plan edges.toml --target ecp5-25k",
            "windrow plan --kernel gaussian:ksize=7 --size 640x480 --json",
        ),
    )
    parser.add_argument("filter", nargs="?", metavar="FILTER", help=DESIGN)
    parser.add_argument("--target", default="generic", metavar="T",
                        help=f"the device: {TARGET_NAMES} (generic)")
    group = add_network_flags(parser)
    group.add_argument("--proofs", action="store_true",
                       help="also a row a channel: for which sums its requantiser was proved equal "
                            "to the runtime's, and the bits that it needed")
    add_filter_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Plan, and print the table and the choice."""
    design = read_design(args, args.filter)

    # Late: numpy and Amaranth come with them.
    from windrow import Pipeline
    from windrow.hdl.strategies import STRATEGIES
    from windrow.model.network import Network
    from windrow.synth.planner import plan

    if isinstance(design, Network):
        show_network_plan(args, design)
        return 0
    if args.proofs:
        raise UsageError("--proofs is for networks, in .onnx or .tflite or with [[layer]]: this "
                         "design is none")
    if isinstance(design, Pipeline):
        show_plan(args, design)
        return 0
    filter_ = design
    announce(filter_, builds=4, quiet=args.quiet)
    with progress(quiet=args.quiet) as report:  # a large kernel takes seconds, the largest minutes
        found = plan(filter_, args.target, progress=report)
    found_data = {**data(found), "kernel_error": kernel_data(filter_)}
    show(args, found_data, [table(found), Table(("", ""), [
        ("choice", found.reason),
        *([("too large", f"{found.overflow}: {found.choice} does not fit; "
                         f"{found.alternative or 'none'} does")] if found.overflow else []),
        *(("does not apply", f"{name}: needs {STRATEGIES[name].rule}") for name in found.others),
        ("predicted for", device_line(found)),
        *kernel_rows(filter_),
    ])], found.reason if args.quiet else "")
    return 0


def data(found: Plan) -> dict[str, Any]:
    """A plan as ``--json`` prints it."""
    from windrow.hdl.strategies import STRATEGIES

    return {
        "family": found.device.name,
        "device": found.target.name if found.target else None,
        "choice": found.choice,
        "reason": found.reason,
        "too_large": found.overflow or None,
        "alternative": found.alternative,
        "strategies": [{
            "name": each.strategy, "latency_cycles": each.latency,
            "luts": each.prediction.luts, "flip_flops": each.prediction.flip_flops,
            "dsps": each.prediction.dsps, "rams": each.prediction.rams,
            "large_rams": each.prediction.large_rams,
            "memory_bits": each.prediction.memory_bits, "clock_mhz": each.prediction.clock,
        } for each in found.candidates],
        "not_applicable": {name: STRATEGIES[name].rule for name in found.others},
    }


def table(found: Plan) -> Table:
    """The candidates, the choice marked; columns that no candidate has are left out."""
    columns = {
        "strategy": lambda each: each.strategy + (" *" if each.strategy == found.choice else ""),
        "LUTs": lambda each: share(found, "luts", each.prediction.luts),
        "FFs": lambda each: share(found, "flip_flops", each.prediction.flip_flops),
        "multipliers": lambda each: share(found, "dsps", each.prediction.dsps),
        "RAMs": lambda each: memory(found, each),
        "large RAMs": lambda each: share(found, "large_rams", each.prediction.large_rams),
        "latency, cycles": lambda each: str(each.latency),
        "clock, MHz": lambda each: "" if each.prediction.clock is None
        else f"{each.prediction.clock:.0f}",
    }
    if not any(each.prediction.large_rams for each in found.candidates):
        del columns["large RAMs"]
    if all(each.prediction.clock is None for each in found.candidates):
        del columns["clock, MHz"]
    return Table(list(columns), [[text(each) for text in columns.values()]
                                 for each in found.candidates])


def share(found: Plan, resource: str, count: int) -> str:
    """A number, and how much of the device that is."""
    if found.target is None or not count:
        return str(count)
    capacity = found.target.capacity[resource]
    return f"{count} ({count / capacity:.1%})" if capacity else f"{count} (of none)"


def memory(found: Plan, candidate: Candidate) -> str:
    """Block RAMs, or the bits of what is left to the tools."""
    if candidate.prediction.rams is None:
        return f"{candidate.prediction.memory_bits} bits"
    return share(found, "rams", candidate.prediction.rams)


def device_line(found: Plan) -> str:
    """What the numbers hold for."""
    if found.target is None:
        return f"{found.device.name}: {found.device.description}"
    clock = ("" if any(each.prediction.clock for each in found.candidates)
             else "; no clock is predicted for it: `windrow synth` measures one")
    return f"{found.target.name}: {found.target.device}{clock}"
