"""`windrow kernels`: the catalogue of named kernels, or one of them as numbers."""

import argparse

from windrow.report import print_table


__all__ = ["add_to"]


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the parser."""
    parser = commands.add_parser(
        "kernels", allow_abbrev=False,
        help="list the named kernels, or show one",
        description="List the named kernels: parameters with their defaults, shift, source, and "
                    "an entry's worst error against the real-valued kernel. With a NAME, show it.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="gaussian:ksize=5,sigma=1")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the table, or one kernel."""
    from windrow.model import catalogue  # late: numpy comes with it

    if args.name is None:
        rows = []
        for entry in catalogue.entries():
            named = catalogue.kernel(entry.name)
            parameters = ",".join(f"{key}={value:g}" for key, value in entry.parameters.items())
            rows.append((entry.name, parameters, str(named.shift), error_text(named.error),
                         entry.description, entry.source))
        print_table(("name", "parameters", "shift", "worst error", "what it does", "source"), rows)
        return 0

    named = catalogue.kernel(args.name)
    print_table(("", ""), [
        ("name", named.name),
        ("what it does", named.description),
        ("source", named.source),
        ("size", f"{len(named.kernel)}x{len(named.kernel[0])} (rows x columns)"),
        ("sum", str(sum(map(sum, named.kernel)))),
        ("shift", f"{named.shift} (the sum is divided by {1 << named.shift})"),
        ("worst error", error_text(named.error)),
    ])
    width = max(len(str(entry)) for row in named.kernel for entry in row)
    for row in named.kernel:
        print(" ".join(f"{entry:{width}d}" for entry in row))
    return 0


def error_text(error: float) -> str:
    """A worst error as text; most kernels are exact."""
    return f"{error:.2g}" if error else "exact"
