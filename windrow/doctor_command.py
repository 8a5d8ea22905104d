"""`windrow doctor`: which tools are there, their versions, and what installs the missing ones."""

import argparse
import platform

from windrow.report import print_table


__all__ = ["add_to"]


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the parser."""
    parser = commands.add_parser(
        "doctor", allow_abbrev=False,
        help="show which tools are there and what is missing",
        description="Show which tools are there, their versions, and the line that installs each "
                    "missing one. Ends with status 1 where `windrow simulate` cannot use its "
                    "default engine, else 0: the other tools serve other engines and the tests.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the table; 1 where the default engine lacks a tool."""
    import windrow
    from windrow.sim import tools

    print(f"windrow {windrow.__version__}, Python {platform.python_version()}, "
          f"{platform.system()} on {platform.machine()}")
    found = tools.survey()
    print_table(("tool", "version", "used to"),
                [(tool.name, tool.version or "MISSING", tool.purpose) for tool in found])
    missing = [tool for tool in found if tool.version is None]
    for install in dict.fromkeys(tool.install for tool in missing):
        names = " and ".join(tool.name for tool in missing if tool.install == install)
        print(f"{names}: {install}")
    ready = not any("default engine" in tool.purpose for tool in missing)
    print("`windrow simulate` is ready" if ready
          else "`windrow simulate` falls back to a slower engine")
    return 0 if ready else 1
