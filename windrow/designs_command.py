"""`windrow designs`: the ready pipelines, or one of them as a file."""

import argparse

from windrow.console import Table, show
from windrow.parser import Commands, add_command
from windrow.ready import ready_designs, ready_file
from windrow.usage import UsageError


__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    parser = add_command(
        commands, "designs", run, takes="[NAME]",
        summary="list the ready pipelines, or show one",
        description="List the pipelines that come with windrow. With a NAME, print its file, to be "
                    "kept and changed. They fit any frame: simulate takes its size from the "
                    "picture, other commands from --size. NAME.toml stands for the file wherever "
                    "there is no file of that name.",
        examples=("windrow designs", "windrow designs sharpen"),
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="edges")


def run(args: argparse.Namespace) -> int:
    """Print the table, or one file."""
    designs = ready_designs()
    if args.name is None:
        show(args, {"designs": [{"name": name, "description": text}
                                for name, text in designs.items()]},
             [Table(("name", "what it makes"), list(designs.items()))])
        return 0
    path = ready_file(args.name)
    if path is None:
        from windrow.model.errors import nearest  # late: numpy comes with it

        raise UsageError(f"design {args.name!r} is not known: {nearest(args.name, designs)}")
    text = path.read_text(encoding="utf-8")
    show(args, {"name": path.stem, "description": designs[path.stem], "toml": text}, [],
         text.rstrip("\n"))
    return 0
