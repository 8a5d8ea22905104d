"""`windrow kernels`: the catalogue of named kernels, or one of them as numbers."""

import argparse

from windrow.parser import Commands, add_command
from windrow.report import Table, show


__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "kernels", run, takes="[NAME]",
        summary="list the named kernels, or show one",
        description="List the named kernels with their parameters and defaults. With a NAME, show "
                    "its numbers, its source, and its worst error against the real-valued kernel.",
        examples=("windrow kernels", "windrow kernels gaussian:ksize=5,sigma=1"),
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="gaussian:ksize=5,sigma=1")


def run(args: argparse.Namespace) -> int:
    """Print the table, or one kernel."""
    from windrow.model import catalogue  # late: numpy comes with it

    if args.name is None:
        entries = catalogue.entries()
        show(args, {"kernels": [
            {"name": each.name, "parameters": each.parameters, "description": each.description,
             "source": each.source} for each in entries
        ]}, [Table(("name", "parameters", "what it does"), [
            (each.name, ", ".join(f"{key}={value:g}" for key, value in each.parameters.items()),
             each.description) for each in entries])])
        return 0

    named = catalogue.kernel(args.name)
    width = max(len(str(entry)) for row in named.kernel for entry in row)
    total = sum(map(sum, named.kernel))
    show(args, {
        "name": named.name, "description": named.description, "source": named.source,
        "kernel": named.kernel, "sum": total, "shift": named.shift, "worst_error": named.error,
    }, [
        Table(("", ""), [
            ("name", named.name),
            ("what it does", named.description),
            ("source", named.source),
            ("size", f"{len(named.kernel)}x{len(named.kernel[0])} (rows x columns)"),
            ("sum", str(total)),
            ("shift", f"{named.shift} (the sum is divided by {1 << named.shift})"),
            ("worst error", f"{named.error:.2g}" if named.error else "exact"),
        ]),
        "\n".join(" ".join(f"{entry:{width}d}" for entry in row) for row in named.kernel),
    ])
    return 0
