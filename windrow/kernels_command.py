"""`windrow kernels`: the catalogue of named kernels, or one kernel as numbers."""

import argparse

from windrow.console import Table, show
from windrow.filter_flags import integer
from windrow.kernel_note import error_text
from windrow.parser import Commands, add_command


__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "kernels", run, takes="[KERNEL]",
        summary="list the named kernels, or show one",
        description="List the named kernels with their parameters and defaults. With a KERNEL, a "
                    "name, rows of numbers or a file, show what a filter holds of it: integers, a "
                    "shift, and the worst error against the real-valued kernel.",
        examples=("windrow kernels", "windrow kernels gaussian:ksize=5,sigma=1",
                  'windrow kernels "1/9 1/9 1/9" --kernel-bits 8'),
    )
    parser.add_argument("name", nargs="?", metavar="KERNEL",
                        help="as --kernel of a filter: gaussian:ksize=5,sigma=1")
    parser.add_argument("--kernel-bits", metavar="BITS",
                        help="fraction bits that a real-valued kernel is quantised to")


def run(args: argparse.Namespace) -> int:
    """Print the table, or one kernel."""
    from windrow.model import parse_kernel
    from windrow.model.kernels import catalogue
    from windrow.model.kernels.kernel_keys import settle

    if args.name is None:
        entries = catalogue.entries()
        show(args, {"kernels": [
            {"name": each.name, "parameters": each.parameters, "description": each.description,
             "source": each.source} for each in entries
        ]}, [Table(("name", "parameters", "what it does"), [
            (each.name, ", ".join(f"{key}={value:g}" for key, value in each.parameters.items()),
             each.description) for each in entries])])
        return 0

    numbers, comes_with_name = parse_kernel(args.name)
    given = {"kernel": args.name if comes_with_name else numbers}
    if args.kernel_bits is not None:
        given["kernel_bits"] = integer("kernel_bits", args.kernel_bits)
    settled, error = settle(given)
    kernel, shift = settled["kernel"], settled.get("shift", 0)
    worst = 0.0 if error is None else error.tap
    found, origin = {}, []
    if comes_with_name:
        named = catalogue.kernel(args.name)
        worst = named.error
        found = {"name": named.name, "description": named.description, "source": named.source}
        origin = [("name", named.name), ("what it does", named.description),
                  ("source", named.source)]
    width = max(len(str(entry)) for row in kernel for entry in row)
    total = sum(map(sum, kernel))
    show(args, {**found, "kernel": kernel, "sum": total, "shift": shift, "worst_error": worst}, [
        Table(("", ""), [
            *origin,
            ("size", f"{len(kernel)}x{len(kernel[0])} (rows x columns)"),
            ("sum", str(total)),
            ("shift", f"{shift} (the sum is divided by {1 << shift})"),
            ("worst error", f"{worst:.2g}" if worst else "exact"),
            *([("kernel", error_text(error))] if error else []),
        ]),
        "\n".join(" ".join(f"{entry:{width}d}" for entry in row) for row in kernel),
    ])
    return 0
