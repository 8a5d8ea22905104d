"""What every command's parser has in common: examples, output flags, errors of one line."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Iterable
from typing import NoReturn, TypeAlias

from windrow.usage import UsageError


__all__ = ["Commands", "Parser", "add_command"]

EXAMPLES = "examples:\n"


class Formatter(argparse.HelpFormatter):
    """Wraps all text but the examples, which are to be copied."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith(EXAMPLES) else super()._fill_text(text, width, indent)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")

    def refuse(self, words: Iterable[str]) -> NoReturn:
        """Say which arguments are not known, and what the first flag among them may have meant."""
        words = list(words)
        flag = next((word.partition("=")[0] for word in words if word.startswith("-")), "")
        known = [name for name in self._option_string_actions if name.startswith("--")]
        close = difflib.get_close_matches("--" + flag.strip("-").lower(), known, n=1)
        hint = f": did you mean {close[0]}?" if flag and close else ""
        if flag in self._option_string_actions:
            hint = ": flags come after the command"
        self.error(f"unknown argument: {' '.join(words)}{hint}")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def add_command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int],
    *,
    summary: str,
    description: str,
    examples: Iterable[str],
    takes: str = "",
    works: bool = False,
) -> Parser:
    """Add a command.

    Parameters
    ----------
    commands : action of sub-parsers
        Where to.
    name : :class:`str`
        The command.
    run : callable
        Runs it on the parsed arguments and returns the exit status.
    summary, description : :class:`str`
        For the list of commands, and for its own help.
    examples : iterable of :class:`str`
        Command lines, which the tests run.
    takes : :class:`str`
        For the line of usage: the arguments that matter most.
    works : :class:`bool`
        Whether it does work that takes time, and so also has ``-q`` and ``-v``.
    """
    parser = commands.add_parser(
        name, prog=f"windrow {name}", allow_abbrev=False, help=summary, description=description,
        formatter_class=Formatter,
        usage=" ".join(["windrow", name, *([takes] if takes else []), "[flags]"]),
        epilog=EXAMPLES + "".join(f"  {line}\n" for line in examples),
    )
    parser.set_defaults(run=run, parser=parser, quiet=False, verbose=False)
    output = parser.add_argument_group("what is printed")
    output.add_argument("--json", action="store_true",
                        help="print one JSON object on standard output, and nothing else there")
    if works:
        output.add_argument("-q", "--quiet", action="store_true",
                            help="print the verdict and errors only")
        output.add_argument("-v", "--verbose", action="store_true",
                            help="show the commands that are run, on standard error")
    return parser
