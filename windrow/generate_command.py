"""`windrow generate`: the Verilog of a filter, and the files that go with it."""

import argparse
import contextlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from windrow.check import generated_manifest, report_check, unlike, unlike_listed
from windrow.console import Progress, Table, progress, show
from windrow.effort import announce
from windrow.filter_flags import (
    DESIGN,
    add_filter_flags,
    add_hardware_flags,
    filter_words,
)
from windrow.kernel_note import kernel_data, kernel_rows
from windrow.network_flags import add_network_flags, network_plan, network_words, read_design
from windrow.network_report import plan_rows
from windrow.output_folder import output_folder
from windrow.parser import Commands, add_command
from windrow.usage import UsageError


__all__ = ["add_to"]

DEFAULT_NAME = "windrow_filter"


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "generate", run, takes="[FILTER] [-o DIR] [--name NAME]", works=True,
        summary="write a filter's Verilog",
        description="Write NAME.v, NAME.json (the manifest) and NAME.core (FuseSoC); with "
                    "--control axi4-lite also NAME.h (a C driver), NAME_registers.json and "
                    "NAME_registers.md; with --input-fifo also timing constraints: NAME.xdc for "
                    "Vivado and NAME.sdc for Quartus.",
        examples=(
            "windrow generate edges.toml -o out --name edges",
            "windrow generate --kernel sobel-x --size 1920x1080 -o out --name sobel",
            "windrow generate --kernel gaussian:ksize=5 --size 64x48 -o - > blur.v",
        ),
    )
    parser.add_argument("filter", nargs="?", metavar="FILTER", help=DESIGN)
    parser.add_argument("-o", "--out", type=Path, default=Path(), metavar="DIR",
                        help="folder to write to, made where it is not there (the current one); - "
                             "writes the Verilog alone to standard output")
    parser.add_argument("--name", help="name of the Verilog module and of the files (the FILTER "
                                       f"file's own, or {DEFAULT_NAME})")
    parser.add_argument("--report", action="store_true",
                        help="also write NAME.html, the core's datasheet: what `windrow report` "
                             "shows, not simulated")
    parser.add_argument("--package", metavar="NAME,...",
                        help="also write what other tools take: all, or some of those that "
                             "`windrow packages` lists")
    parser.add_argument("--no-initial-values", action="store_true",
                        help="registers have no value before the first reset, as ASICs and some "
                             "vendors' tools want it; the core then has to be reset, for a cycle")
    parser.add_argument("--check", action="store_true",
                        help="write nothing, but say whether the files in DIR are as this command "
                             "would write them; FILTER may also be a generated NAME.v or NAME.json,"
                             " whose files are then compared with its list (status 1: edited)")
    add_hardware_flags(parser)
    add_network_flags(parser)
    add_filter_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Generate, and print what was written."""
    to_stdout = str(args.out) == "-"
    if args.check and to_stdout:
        raise UsageError("out '-' and --check: nothing is written that could be checked")
    listing = generated_manifest(args.filter) if args.check else None
    if listing is not None:
        found = unlike_listed(listing)
        count = len(json.loads(listing.read_text(encoding="utf-8"))["files"])
        return report_check(args, count, found, "they were generated")
    given = read_design(args, args.filter)

    # Late: numpy and Amaranth come with them.
    from windrow.hdl import PlannedNetwork, build
    from windrow.model.network import Network
    from windrow.packages.table import add_packages, chosen
    from windrow.sim.picture_writer import write_text
    from windrow.synth.targets import TARGETS

    if args.target in TARGETS:
        raise UsageError(f"target {args.target!r} is a device; generate takes its family, "
                         f"{TARGETS[args.target].family}")
    design: Any = given
    if isinstance(given, Network):
        design = PlannedNetwork(given, network_plan(args, given))
    name = default_name(args.filter) if args.name is None else args.name
    if args.report and (to_stdout or args.check):
        raise UsageError("--report writes a file: leave it out with --check, and give --out a "
                         "folder")
    packages = [] if args.package is None else chosen(args.package)
    if to_stdout and packages:
        raise UsageError("out '-' is the Verilog alone: --package needs a folder")
    if to_stdout and args.json:
        raise UsageError("out '-' and --json both write to standard output: give one")
    # A large kernel at many pixels a clock takes minutes.
    folder = (contextlib.nullcontext() if to_stdout or args.check else output_folder(args.out))
    if not isinstance(design, PlannedNetwork):
        announce(design, quiet=args.quiet)
    with folder, progress(quiet=args.quiet) as report:
        report("generating Verilog", 0, 0)
        built = build(design, name, target=args.target, strategy=args.strategy,
                      initial_values=not args.no_initial_values)
        if packages:
            report("filling in packages", 0, 0)
            built = add_packages(built, packages)
        page = datasheet(args, design, built, report) if args.report else ""
        replaced = [path for file in [*built.files, *[f"{name}.html"] * bool(page)]
                    if (path := args.out / file).exists()]
        written = [] if to_stdout or args.check else built.write(args.out)
        if page:
            written.append(args.out / f"{name}.html")
            write_text(written[-1], page)
    if args.check:
        return report_check(args, len(built.files), unlike(
            built.files, args.out, f"{name}.json"), "this command writes them")
    if to_stdout:
        sys.stdout.write(built.verilog)
        return 0
    manifest = built.manifest
    clock = manifest["cycles_per_frame"] * 60 / 1e6
    following = next_steps(args, isinstance(given, Network))
    # What follows edges through whole frames takes as long as the picture makes it.
    least = "at least " if getattr(design, "whole", None) else ""
    show(args, {"files": written, "replaced": replaced, "clock_for_60_hz_mhz": round(clock, 3),
                "manifest": manifest, "kernel_error": kernel_data(design),
                "next": [command for command, _ in following]}, [
        Table(("", ""), [
            *(("replaced" if path in replaced else "wrote", str(path)) for path in written),
            *(plan_rows(design) if isinstance(design, PlannedNetwork) else
              [("strategy", manifest["strategy"])]),
            *kernel_rows(design),
            ("ports", f"{port_text(manifest['input'])} in, {port_text(manifest['output'])} out"),
            ("latency", f"{'at most ' if isinstance(given, Network) else least}"
                        f"{manifest['latency_cycles']} cycles"),
            ("frame", f"{least}{manifest['cycles_per_frame']} cycles; 60 frames a second need a "
                      f"clock of {least}{clock:.3f} MHz"),
        ]),
        Table(("", ""), [*(("next", f"`{command}` {what}") for command, what in following),
                         ("", "docs/vivado.md says how it goes into a Vivado project")]),
    ])
    return 0


def datasheet(args: argparse.Namespace, design: Any, built: Any, report: Progress) -> str:
    """The page of `--report`."""
    # Late: numpy comes with them.
    from windrow.hdl import PlannedNetwork
    from windrow.reports import make_network_report, make_report

    given: Any = {"name": built.name, "made": built, "simulate": False, "target": args.target,
                  "command": args.command_line, "progress": report}
    if isinstance(design, PlannedNetwork):
        return make_network_report(design, **given).html()
    return make_report(design, strategy=args.strategy, **given).html()


def port_text(port: Mapping[str, Any]) -> str:
    """A stream's port in a few words."""
    return f"{port['interface']}, tdata {port['tdata_bits']} bits"


def next_steps(args: argparse.Namespace, network: bool) -> list[tuple[str, str]]:
    """What a user may do now: commands, and what each of them does."""
    filter_ = " ".join(filter(None, [filter_words(args), network_words(args)]))
    return [
        (f"windrow simulate {filter_} PICTURE", "runs a picture through it"),
        (f"windrow synth {filter_} --target ecp5-25k", "measures its size and clock"),
        *([] if network else [
            ("windrow build BOARD FILTER", "shows it on a board's screen (see `windrow boards`)")]),
    ]


def default_name(file: str | None) -> str:
    """The FILTER file's name, or the nearest one that Verilog allows."""
    if file is None or file == "-":
        return DEFAULT_NAME
    from windrow.hdl.ports.module_name import legal_name  # late: Amaranth comes with it

    return legal_name(Path(file).stem) or DEFAULT_NAME
