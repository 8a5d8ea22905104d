# PYTHON_ARGCOMPLETE_OK
"""The command line: `windrow COMMAND ...`.

Exit status: 0 done, 1 the result is wrong, 2 bad input. A failure is one message on standard error;
``WINDROW_TRACEBACK=1`` in the environment adds where an unexpected one came from.
"""

import argparse
import difflib
import gc
import os
import platform
import re
import shlex
import sys
from collections.abc import Sequence
from typing import NoReturn

from windrow import (
    boards_command,
    build_command,
    designs_command,
    doctor_command,
    explore_command,
    generate_command,
    init_command,
    kernels_command,
    packages_command,
    plan_command,
    presets_command,
    preview_command,
    program_command,
    report_command,
    serial_command,
    simulate_command,
    synth_command,
    targets_command,
    web_command,
)
from windrow.guard import guarded
from windrow.parser import Commands, Parser


__all__ = ["main"]

COMMANDS = (init_command, generate_command, plan_command, simulate_command, report_command,
            synth_command, explore_command, web_command, build_command, preview_command,
            program_command, serial_command, kernels_command, presets_command, designs_command,
            targets_command, packages_command, boards_command, doctor_command)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Parameters
    ----------
    argv : sequence of :class:`str`, optional
        Arguments without the program's name. The process's own by default.
    """
    def work() -> int:
        args = parse(sys.argv[1:] if argv is None else argv)
        if args.verbose:
            import logging

            from windrow.distribution import version

            logging.basicConfig(format="windrow: %(message)s", force=True)
            log = logging.getLogger("windrow")
            log.setLevel(logging.INFO)
            log.info("is %s, by Python %s", version(), platform.python_version())
        # Netlists are many small objects that live long: looking for garbage among them as often as
        # Python does takes a fifth of a report's time (Python 3.11).
        gc.set_threshold(100_000, 10, 10)
        status: int = args.run(args)
        return status

    return guarded(work)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments as a namespace, with the command's function as ``run``."""
    parser, commands = parsers()
    if "_ARGCOMPLETE" in os.environ:
        from windrow.completion import complete  # ends the process

        complete(parser, commands)
    words = join_negative_values(argv)
    if words[:1] == ["help"]:
        words = [*(word for word in words[1:2] if word != "help"), "--help"]
    if not words:
        words = ["--help"]
    if not words[0].startswith("-") and words[0] not in commands:
        close = difflib.get_close_matches(words[0].lower(), commands, n=1)
        parser.error(f"command {words[0]!r} is not known"
                     + (f": did you mean {close[0]!r}?" if close else ""))
    for word in words:
        if word.startswith("-") and word.endswith("=--"):  # argparse would make it an empty list
            parser.error(f"argument {word[:-3]}: '--' is no value")
    args, rest = parser.parse_known_args(words)
    args.command_line = shlex.join(["windrow", *words])
    if not hasattr(args, "run"):
        parser.refuse(rest)
    # argparse takes positional arguments from one place only: `FILTER -o OUT PICTURE` splits them.
    if rest:
        if not hasattr(args, "inputs") or any(word.startswith("-") for word in rest):
            args.parser.refuse(rest)
        args.inputs += rest
    return args


def parsers() -> tuple[Parser, dict[str, Parser]]:
    """The whole command line's parser, and that of each command."""
    parser = Parser(
        prog="windrow",
        usage="windrow COMMAND ...",
        description="Streaming 2D convolution hardware from a description of the filter.",
        epilog="`windrow help COMMAND` shows a command's flags and examples.",
        allow_abbrev=False,
    )
    parser.add_argument("-V", "--version", action=Version)
    commands: Commands = parser.add_subparsers(metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return parser, dict(commands.choices)


def join_negative_values(argv: Sequence[str]) -> list[str]:
    """Write ``--anchor -1,0`` as ``--anchor=-1,0``, since argparse takes ``-1,0`` for an option."""
    joined: list[str] = []
    for word in argv:
        if re.match(r"-[\d.]", word) and joined and re.fullmatch(r"--[a-z-]+", joined[-1]):
            joined[-1] += "=" + word
        else:
            joined.append(word)
    return joined


class Version(argparse.Action):
    """``--version``, reading the package's metadata only when asked for it."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="show the version and exit")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from windrow.distribution import version

        print("windrow", version())
        parser.exit()
