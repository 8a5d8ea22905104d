"""`windrow doctor`: which tools are there, their versions, and what installs the missing ones."""

import argparse
import platform

from windrow.console import Table, show
from windrow.parser import Commands, add_command


__all__ = ["add_to"]


def add_to(commands: Commands) -> None:
    """Add this command to the parser."""
    add_command(
        commands, "doctor", run,
        summary="show which tools are there and what is missing",
        description="Show which tools are there, their versions, and the line that installs each "
                    "missing one. Ends with status 1 where `windrow simulate` cannot use its "
                    "default engine, else 0: the other tools serve other engines and the tests.",
        examples=("windrow doctor", "windrow doctor --json"),
    )


def run(args: argparse.Namespace) -> int:
    """Print the table; 1 where the default engine lacks a tool."""
    from windrow.distribution import version
    from windrow.sim import tools

    found = tools.survey()
    missing = [tool for tool in found if tool.version is None]
    ready = not any("default engine" in tool.purpose for tool in missing)
    system = f"{platform.system()} on {platform.machine()}"
    parts: list[Table | str] = [
        f"windrow {version()}, Python {platform.python_version()}, {system}",
        Table(("tool", "version", "used to"),
              [(tool.name, tool.version or "MISSING", tool.purpose) for tool in found]),
    ]
    if missing:
        parts.append(Table(("missing", "installed by"),
                           [(tool.name, tool.install) for tool in missing]))
    show(args, {
        "version": version(), "python": platform.python_version(), "system": system,
        "ready": ready,
        "tools": [{"name": tool.name, "version": tool.version, "purpose": tool.purpose,
                   "install": tool.install} for tool in found],
    }, parts, "`windrow simulate` is ready" if ready
         else "`windrow simulate` falls back to a slower engine")
    return 0 if ready else 1
