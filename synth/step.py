"""One program of a build: run in the build's folder, and written down in its ``build.sh``."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from ..distribution import version
from ..sim import cache, tools


__all__ = ["run_step"]


def run_step(
    command: Sequence[str], folder: Path, *, first: bool = False, timeout: float | None = None
) -> None:
    """Run a program in a folder: YoWASP's read no files from outside of where they run.

    Parameters
    ----------
    command : sequence of :class:`str`
        The program and its arguments.
    folder : :class:`~pathlib.Path`
        Where it runs. Its ``build.sh`` runs all steps again.
    first : :class:`bool`
        Whether it begins a build, and so a new ``build.sh``.
    timeout : :class:`float`, optional
        Seconds that it may take.

    Raises
    ------
    :exc:`~windrow.sim.tools.ToolError`
        If it fails.
    :exc:`subprocess.TimeoutExpired`
        If it takes longer than it may.
    """
    script = folder / "build.sh"
    if first:
        script.write_text("#!/bin/sh -e\n"
                          f"# The programs that windrow {version()} ran here, in their order.\n"
                          'cd "$(dirname "$0")"\n', encoding="utf-8")
        script.chmod(0o755)
    with script.open("a", encoding="utf-8") as file:
        file.write(shlex.join(command) + "\n")
    tools.run(command, folder, {**os.environ, "XDG_CACHE_HOME": str(cache.home())},
              timeout)
