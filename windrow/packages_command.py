"""`windrow packages`: what `windrow generate --package` writes for other tools."""

import argparse
from importlib.resources import files
from pathlib import Path

from windrow.console import Table, show
from windrow.parser import Commands, add_command


__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    add_command(
        commands, "packages", run,
        summary="list what generate --package writes for other tools",
        description="List the packages of `windrow generate --package NAME,...`, with who reads "
                    "each, and the folder with windrow as a generator of FuseSoC's. "
                    "docs/packages.md says what was tried with which tool.",
        examples=("windrow packages", "windrow packages --json"),
    )


def run(args: argparse.Namespace) -> int:
    """Print the table."""
    from windrow.packages.table import PACKAGES  # late: Amaranth comes with it

    generator = Path(str(files("windrow.packages"))) / "fusesoc_generator"
    show(args, {
        "packages": [{"name": each.name, "reader": each.reader,
                      "needs_registers": each.needs_registers} for each in PACKAGES.values()],
        "fusesoc_generator": generator,
    }, [
        Table(("package", "who reads it"), [
            (each.name, each.reader + "; of a core with registers" * each.needs_registers)
            for each in PACKAGES.values()]),
        Table(("", ""), [
            ("all", "every one that the core can have"),
            ("fusesoc", f"windrow as a generator: fusesoc --cores-root {generator}")]),
    ])
    return 0
