"""`windrow explore`: many builds of a design, on many processors, and the few worth having."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from windrow.console import Table, progress, show
from windrow.effort import announce
from windrow.explore_table import beaten, table
from windrow.filter_flags import DESIGN, add_filter_flags
from windrow.network_flags import add_network_flags, read_design
from windrow.output_folder import output_folder
from windrow.parser import Commands, add_command
from windrow.synth_command import TARGET_NAMES
from windrow.usage import UsageError, whole_number


if TYPE_CHECKING:
    from windrow.synth.exploration import Exploration, Finding, Workers

__all__ = ["add_to"]

PAGE = "exploration.html"


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "explore", run, takes="[DESIGN] --target T,... [-o DIR]", works=True,
        summary="build a design in many ways, and show which are worth having",
        description="Build a design for several devices, with several strategies, pixels a clock "
                    "(here a list: --pixels-per-clock 1,2,4) and seeds. What cannot win is not "
                    "built; what is near the front gets more seeds. Ends with the builds that no "
                    "other of their device beats in pixels a second, LUTs, RAMs and DSPs. The same "
                    "command again goes on where it was stopped. docs/exploration.md has more.",
        examples=(
            "windrow explore edges.toml --target ecp5-25k,up5k --seeds 1..9 -o found",
            "windrow explore edges.toml --target ecp5-25k --scheduler tcp://host:8786",
        ),
    )
    parser.add_argument("filter", nargs="?", metavar="DESIGN", help=DESIGN)
    parser.add_argument("--target", metavar="T,...", help=f"devices: {TARGET_NAMES}")
    parser.add_argument("--strategy", default="all", metavar="NAME,...",
                        help="how the sums are made: all, auto, or some that `windrow plan` lists "
                             "(all)")
    parser.add_argument("--seeds", default="3..27", metavar="A..B",
                        help="place and route each build A times at first, and up to B times what "
                             "stays near the front; one number for both (3..27)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--workers", metavar="N",
                       help="processes on this machine (as many as there are processors)")
    where.add_argument("--scheduler", metavar="ADDRESS",
                       help="a scheduler of dask.distributed, as tcp://host:8786, whose workers do "
                            "the builds")
    parser.add_argument("--tune", metavar="N",
                        help="try N settings of yosys's and nextpnr's knobs for each device, from "
                             "the front on (0)")
    parser.add_argument("--everything", action="store_true",
                        help="build what is expected to be of no use, too")
    parser.add_argument("--time-limit", default="1800", metavar="SECONDS",
                        help="what a run of yosys or of nextpnr may take (1800)")
    parser.add_argument("--retry", action="store_true",
                        help="do again what took too long, or lost its worker each time")
    parser.add_argument("-o", "--out", type=Path, default=Path("windrow_exploration"),
                        metavar="DIR",
                        help="folder for the results, made where it is not there, and gone on from "
                             "where it is (windrow_exploration)")
    add_network_flags(parser)
    add_filter_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Explore, and print the front."""
    if args.target is None:
        raise UsageError(f"target is missing: give --target {TARGET_NAMES}, or several with commas")
    counts: list[int] = []
    if args.key_pixels_per_clock is not None:
        counts = [whole_number("pixels_per_clock", word, most=8)
                  for word in words("pixels_per_clock", args.key_pixels_per_clock)]
        args.key_pixels_per_clock = str(counts[0])
    fewest, most = seed_range(args.seeds)
    trials = 0 if args.tune is None else whole_number("tune", args.tune, most=10_000)
    limit = whole_number("time_limit", args.time_limit, most=1_000_000)
    processes = (os.cpu_count() or 1 if args.workers is None
                 else whole_number("workers", args.workers, most=1000))
    multipliers = [] if args.multipliers is None else [
        whole_number("multipliers", word, most=1_000_000)
        for word in words("multipliers", args.multipliers)]
    if args.cycles is not None:
        raise UsageError(f"cycles {args.cycles!r}: explore takes --multipliers, a list")

    # Late: numpy and Amaranth come with them.
    from windrow.model.network import Network
    from windrow.synth.exploration import Cluster, Processes, Space, Store, explore

    if trials:
        import optuna  # noqa: F401 - it would be missed after hours
    space = Space(words("target", args.target), words("strategy", args.strategy), counts,
                  multipliers, fewest, most)
    args.strategy = "auto"  # a list of strategies says nothing of the design
    design = read_design(args, args.filter)
    if not isinstance(design, Network):
        announce(design, builds=4, quiet=args.quiet)

    def workers() -> Workers:
        return Cluster(args.scheduler, limit) if args.scheduler else Processes(processes, limit)

    with output_folder(args.out), Store.open(args.out) as store:
        if args.retry:
            store.forget_unlucky()
        with workers() as team, progress(quiet=args.quiet) as report:
            found = explore(design, space, team, store, trials=trials,
                            everything=args.everything, progress=report)
        page, note = write_page(found, args.out / PAGE)
    built = [each for each in found.findings if each.usage is not None]
    best = found.front
    verdict = (f"on the front: {len(best)} of {len(built)} builds" if best else
               "no build has a clock" if built else "nothing could be built")
    show(args, data(found, args.out, page), [
        *([table(best)] if best else []),
        *([table(missed, "auto's choice")] if (missed := beaten(found)) else []),
        Table(("", ""), [
            ("not built", f"{len(found.skipped)} points: see {args.out / PAGE}" if found.skipped
             else "none"),
            *(("failed", f"{each.candidate.point}: {each.error}")
              for each in found.findings if each.error),
            ("runs of tools", f"{found.built} now, {found.kept} before"),
            ("page", note or str(page)),
        ])], verdict)
    return 0 if built else 1


def write_page(found: Exploration, path: Path) -> tuple[Path | None, str]:
    """Write the page, and return its place, or why there is none."""
    try:
        from windrow.explore_page import page  # late: Bokeh takes a second
    except ModuleNotFoundError as error:
        from windrow.distribution import missing

        return None, f"not written: {missing(error)}"
    path.write_text(page(found), encoding="utf-8")
    return path, ""


def data(found: Exploration, folder: Path, page: Path | None) -> dict[str, Any]:
    """What was found as ``--json`` prints it."""
    from windrow.synth.exploration.store import DATABASE

    best = found.front
    return {
        "builds": [{**of_finding(each), "on_front": each in best} for each in found.findings],
        "not_built": [{**asdict(each.point), "reason": each.reason} for each in found.skipped],
        "runs": found.built,
        "runs_before": found.kept,
        "database": folder / DATABASE,
        "page": page,
    }


def of_finding(found: Finding) -> dict[str, Any]:
    """One build."""
    candidate, usage = found.candidate, found.usage
    return {
        **asdict(candidate.point), "is_auto": candidate.is_auto,
        **{name: None if usage is None else getattr(usage, name)
           for name in ("luts", "flip_flops", "rams", "large_rams", "dsps")},
        "fmax_mhz": found.fmax,
        "seeds": [{"seed": seed, "fmax_mhz": clock} for seed, clock in found.clocks],
        "pixels_per_second": None if candidate.point.multipliers else found.rate,
        "frames_per_second": found.rate if candidate.point.multipliers else None,
        "predicted_luts": candidate.prediction and candidate.prediction.luts,
        "predicted_fmax_mhz": candidate.prediction and candidate.prediction.clock,
        "error": found.error or None,
    }


def words(key: str, text: str) -> list[str]:
    """A list with commas."""
    found = [word.strip() for word in text.split(",")]
    if not all(found) or len(set(found)) < len(found):
        raise UsageError(f"{key} must be different values with commas between, not {text!r}")
    return found


def seed_range(text: str) -> tuple[int, int]:
    """How many seeds, at first and in the end."""
    found = re.fullmatch(r"([0-9]{1,3})(?:\.\.([0-9]{1,3}))?", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2] or found[1]) <= 100:
        raise UsageError(f"seeds must be one or two integers from 1 to 100, as 3..27, not {text!r}")
    return int(found[1]), int(found[2] or found[1])
