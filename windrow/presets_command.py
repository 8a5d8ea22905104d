"""`windrow presets`: the library functions that a filter can compute as."""

import argparse
from typing import Any

from windrow.console import Table, show
from windrow.parser import Commands, add_command


__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "presets", run, takes="[NAME]",
        summary="list the library functions that `--preset` knows, or show one",
        description="List the functions that a filter can compute as, with their parameters. With "
                    "a NAME, show the keys of the filter that it stands for, and their source.",
        examples=("windrow presets", "windrow presets cv2.GaussianBlur:ksize=5"),
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="cv2.GaussianBlur:ksize=5")


def run(args: argparse.Namespace) -> int:
    """Print the table, or one preset."""
    from windrow.model import presets
    from windrow.model.errors import InputError
    from windrow.model.kernels import catalogue

    if args.name is None:
        entries = presets.entries()
        show(args, {"presets": [
            {"name": each.name, "parameters": parameters(each.parameters),
             "needs_kernel": not each.implies_kernel, "description": each.description,
             "source": each.source} for each in entries
        ]}, [Table(("name", "parameters", "what it does"), [
            (each.name, ", ".join(each.parameters), each.description) for each in entries])])
        return 0

    name = catalogue.parse_call(args.name, "preset")[0]
    found = next((each for each in presets.entries() if each.name == name), None)
    # An anchor may depend on the kernel: the smallest with a middle stands for the user's.
    needs_kernel = found is not None and not found.implies_kernel
    try:
        keys = presets.expand(args.name, {"kernel": [[1] * 3] * 3} if needs_kernel else {},
                              tap="input")
    except InputError:
        if found is None or name != args.name:
            raise
        keys = {}  # a parameter must be given: the table still says which
    if needs_kernel:
        keys.pop("kernel", None)
    assert found is not None
    rows = [
        ("name", args.name),
        ("what it does", found.description),
        ("parameters", signature(found.parameters) or "none"),
        ("kernel", "yours" if needs_kernel else "its own"),
        ("source", found.source),
        *((f"key {key}", format_key(value)) for key, value in keys.items()),
    ]
    show(args, {
        "name": args.name, "parameters": parameters(found.parameters),
        "needs_kernel": needs_kernel, "description": found.description, "source": found.source,
        "keys": keys,
    }, [Table(("", ""), rows)])
    return 0


def parameters(of: dict[str, object]) -> dict[str, object]:
    """Default of each parameter, ``None`` for one that must be given."""
    return {key: None if isinstance(value, type) else value for key, value in of.items()}


def signature(of: dict[str, object]) -> str:
    """Parameters with their defaults."""
    return ", ".join(f"{key}=..." if value is None else f"{key}={value}"
                     for key, value in parameters(of).items())


def format_key(value: Any) -> str:
    """A key's value; a kernel as rows."""
    match value:
        case [[*_], *_]:
            return "; ".join(" ".join(map(str, row)) for row in value)
        case [*_]:
            return ", ".join(map(str, value))
    return str(value)
