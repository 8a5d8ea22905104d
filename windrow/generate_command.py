"""`windrow generate`: the Verilog of a filter, and the files that go with it."""

import argparse
import re
from pathlib import Path

from windrow.filter_flags import add_filter_flags, add_hardware_flags, filter_keys
from windrow.output_folder import output_folder
from windrow.report import print_table, progress
from windrow.usage import UsageError


__all__ = ["add_to"]

DEFAULT_NAME = "windrow_filter"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the parser."""
    parser = commands.add_parser(
        "generate", allow_abbrev=False,
        help="write a filter's Verilog",
        description="Write NAME.v, NAME.json (the manifest) and NAME.core (FuseSoC); with "
                    "--control axi4-lite also NAME.h (a C driver), NAME_registers.json and "
                    "NAME_registers.md.",
    )
    parser.add_argument("filter", nargs="?", metavar="FILTER", help="a .toml or .json file")
    parser.add_argument("-o", "--out", type=Path, default=Path(), metavar="DIR",
                        help="folder to write to, made where it is not there (the current one)")
    parser.add_argument("--name", help="name of the Verilog module and of the files (the FILTER "
                                       f"file's own, or {DEFAULT_NAME})")
    add_hardware_flags(parser)
    add_filter_flags(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Generate, and print what was written."""
    keys = filter_keys(args, args.filter)

    from windrow import Filter  # late: numpy comes with it

    filter_ = Filter.from_dict(keys)

    from windrow.hdl import build  # later still: Amaranth comes with it
    from windrow.synth.targets import TARGETS

    if args.target in TARGETS:
        raise UsageError(f"target {args.target!r} is a device; generate takes its family, "
                         f"{TARGETS[args.target].family}")
    # A large kernel at many pixels a clock takes minutes.
    with output_folder(args.out), progress() as report:
        report("generating Verilog", 0, 0)
        built = build(filter_, default_name(args.filter) if args.name is None else args.name,
                      target=args.target, strategy=args.strategy)
    paths = built.write(args.out)
    print_table(("", ""), [
        *(("wrote", str(path)) for path in paths),
        ("latency", f"{built.manifest['latency_cycles']} cycles"),
        ("frame", f"{built.manifest['cycles_per_frame']} cycles"),
    ])
    return 0


def default_name(file: str | None) -> str:
    """The FILTER file's name, as far as Verilog allows it."""
    return DEFAULT_NAME if file is None else re.sub(r"\W", "_", Path(file).stem)
