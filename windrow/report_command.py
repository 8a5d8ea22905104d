"""`windrow report`: everything there is to see of a design, as one HTML file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from windrow.console import Table, progress, show
from windrow.effort import announce
from windrow.filter_flags import add_filter_flags, add_hardware_flags, filter_keys, make_design
from windrow.generate_command import default_name
from windrow.network_flags import (
    add_network_flags,
    is_network_file,
    network_plan,
    read_network,
)
from windrow.network_simulation import read_frames
from windrow.output_folder import output_folder
from windrow.parser import Commands, add_command
from windrow.picture_inputs import filter_and_pictures, open_pictures
from windrow.usage import UsageError


if TYPE_CHECKING:
    from windrow.model.network import Network
    from windrow.reports import NetworkReport, Report

__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "report", run, takes="[FILTER] [PICTURE] [-o FILE]", works=True,
        summary="show a design, and what it makes of a picture, as one HTML file",
        description="Write a page that needs no other file and no network: the picture before and "
                    "after, every tap of a pipeline or layer of a network, the block diagram, "
                    "a frame's timeline, the kernel and its frequency response, the error of its "
                    "integers, what the border shows, the size on every device, ports, registers "
                    "and files. The hardware runs in Verilator; status 1 if its result is wrong.",
        examples=(
            "windrow report edges.toml -o edges.html",
            "windrow report --kernel gaussian:ksize=5 pictures/camera.png -o blur.html",
        ),
    )
    parser.add_argument("inputs", nargs="*", metavar="[FILTER] [PICTURE]",
                        help="a .toml or .json file, unless flags say all; a picture or a .npy "
                             "array (noise is simulated where there is none)")
    parser.add_argument("-o", "--out", type=Path, default=Path("report.html"), metavar="FILE",
                        help="the page, an .html file (report.html)")
    parser.add_argument("--name", help="name of the core (the FILTER file's own, or "
                                       "windrow_filter)")
    parser.add_argument("--no-simulation", action="store_true",
                        help="do not run the hardware: pictures are then the model's")
    parser.add_argument("--measured", action="append", type=Path, default=[], metavar="FILE",
                        help="what `windrow synth --json` printed for the design, to stand beside "
                             "the prediction; may be given several times")
    add_hardware_flags(parser)
    add_network_flags(parser)
    add_filter_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Find out, write the page, and judge."""
    if args.out.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"out {str(args.out)!r} must end in .html")
    file, names = filter_and_pictures("report", args.inputs, "[FILTER] [PICTURE]")
    if len(names) > 1:
        raise UsageError(f"picture {names[1]!r} is a second one: report takes one")
    keys = {} if is_network_file(file) else filter_keys(args, file)
    network = read_network(args, file, keys)
    measured = [read_measured(path) for path in args.measured]
    name = default_name(file) if args.name is None else args.name
    given = {"name": name, "simulate": not args.no_simulation, "target": args.target,
             "measured": measured, "command": args.command_line}
    if network is not None:
        return finish(args, *network_page(args, network, names, given))
    return finish(args, *design_page(args, keys, names, given))


def network_page(
    args: argparse.Namespace, network: Network, names: list[str], given: dict[str, Any]
) -> tuple[Report | NetworkReport, list[str]]:
    """A network's report, and what is to be said of its input."""
    from windrow.hdl import PlannedNetwork
    from windrow.reports import make_network_report

    args.samples = "scaled"
    frames, called, notes = read_frames(args, network, names) if names else ([None], [""], [])
    if len(frames) > 1:
        notes.append(f"the first of {len(frames)} frames")
    design = PlannedNetwork(network, network_plan(args, network))
    with output_folder(args.out.parent), progress(quiet=args.quiet) as report:
        return make_network_report(
            design, frames[0], source="; ".join([*called[:1], *notes]), progress=report, **given,
        ), notes


def design_page(
    args: argparse.Namespace, keys: dict[str, Any], names: list[str], given: dict[str, Any]
) -> tuple[Report | NetworkReport, list[str]]:
    """The report of a filter or a pipeline, and what is to be said of its picture."""
    # Late: numpy, Pillow and Amaranth come with them.
    from windrow.reports import make_report
    from windrow.sim.memory import check_memory

    first = None
    if names:
        paths, first, _ = open_pictures(names, keys)
        if len(paths) > 1:
            raise UsageError(f"picture {names[0]!r} is a folder with {len(paths)} pictures: report "
                             "takes one")
    design = make_design(keys)
    check_memory(design, 2)
    frame, notes = None, list[str]()
    if first is not None:
        frames, notes = first.frames(width=design.width, height=design.height,
                                     channels=design.channels, pixel=design.pixel)
        frame = frames[0]
        if len(frames) > 1:
            notes.append(f"the first of {len(frames)} frames")
    announce(design, builds=8, quiet=args.quiet)
    with output_folder(args.out.parent), progress(quiet=args.quiet) as report:
        return make_report(design, frame, source="; ".join([*names, *notes]),
                           strategy=args.strategy, progress=report, **given), notes


def finish(args: argparse.Namespace, made: Report | NetworkReport, notes: list[str]) -> int:
    """Write the page, and judge."""
    from windrow.sim.picture_writer import write_text

    page, simulation = made.html(), made.simulation
    size, replaced = len(page.encode()), args.out.exists()
    with output_folder(args.out.parent):
        write_text(args.out, page)
    show(args, {"file": args.out, "bytes": size, "replaced": replaced,
                "bit_exact": simulation.bit_exact, "verdict": simulation.verdict,
                "sections": [section.name for section in made.sections]},
         [Table(("", ""), [("replaced" if replaced else "wrote", str(args.out)),
                           ("size", f"{size / 1e6:.1f} MB"),
                           *(("input", note) for note in notes)])], simulation.verdict)
    return 1 if simulation.bit_exact is False else 0


def read_measured(path: Path) -> dict[str, Any]:
    """What `windrow synth --json` printed."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"measured {str(path)!r} cannot be read: {error}") from None
    wanted = {"target", "strategy", "luts", "flip_flops", "rams", "dsps", "fmax_mhz"}
    if not isinstance(found, dict) or not wanted <= found.keys():
        raise UsageError(f"measured {str(path)!r} is not what `windrow synth --json` prints: it "
                         f"needs {', '.join(sorted(wanted))}")
    return found
