"""Building and running cocotb tests, each step in a process of its own.

Run as a module it is that process: cocotb's runner takes its simulator from PATH and ends the
process where it fails. The build lands in the cache, by content; each run has its own folder, so
that runs can go side by side.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import cache, tools
from .children import Child
from .scratch import scratch


__all__ = ["PROGRESS", "build", "require", "run"]

PROGRESS = "windrow's progress: "
"""What a line begins with that a running test prints to say how far it is."""

_VERILATOR_ARGUMENTS = ("-Wno-fatal", "-Wno-lint", "--output-split", "0", "--x-assign", "fast")
"""Without ``--output-split 0`` a larger core becomes many files, compiled one by one."""

_MAKE_FLAGS = " -- OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O0"
"""cocotb, not the core, takes the time of a run; Verilator's own library at its default level takes
most of the time of a build. 16 s of processor time, where the defaults need 29 s (GCC 12)."""


def require(simulator: str) -> None:
    """Look for what cocotb needs to run ``verilator`` or ``icarus``.

    Raises
    ------
    :exc:`~windrow.sim.tools.MissingTool`
        If a tool is missing.
    """
    tools.package("cocotb")
    if simulator == "verilator":
        tools.verilator()
        tools.cxx()
        for name in ("make", "perl"):
            tools.program(name)
    else:
        tools.program("iverilog")


def _launch(
    folder: Path, order: Mapping[str, Any], progress: Callable[[int], None] | None = None
) -> str:
    """Run this module in a process, and return what it prints."""
    env = {**os.environ, "TMPDIR": str(folder)}  # a compiler that is killed leaves files there
    if order["simulator"] == "verilator":
        found = tools.verilator()
        # Verilator's makefile calls `python`, a name that Debian's own Python does not have.
        folders = (Path(found.command).parent, Path(sys.executable).parent, env.get("PATH", ""))
        env["PATH"] = os.pathsep.join(map(str, folders))
        env["CXX"] = tools.cxx()
        env["MAKEFLAGS"] = _MAKE_FLAGS
    env.pop("PYTEST_CURRENT_TEST", None)  # under pytest the runner fails where a test does
    lines = []
    with Child(
        [sys.executable, "-m", __name__, json.dumps(order)],
        name="cocotb",
        reports_in=folder if progress is not None else None,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as child:
        for line in child.lines():
            if progress is not None and line.startswith(PROGRESS):
                progress(int(line.removeprefix(PROGRESS)))
            elif line.strip():
                lines.append(line)
        status = child.process.wait()
    if status != 0:
        lines = lines or ["nothing is said"]
        reason = next((line for line in lines if re.search(r"\*\*\* |rror: ", line)), lines[-1])
        raise tools.ToolError(f"cocotb fails to {order['step']}: {reason}")
    text = "\n".join(lines)
    (folder / f"{order['step']}.log").write_text(text)
    return text


@contextmanager
def _place_for_make() -> Iterator[Path]:
    """Yield a temporary folder that make can work in: it takes no path with a blank in it."""
    usual = tempfile.gettempdir()
    places = [place for place in (usual, "/tmp", "/var/tmp") if re.fullmatch(r"[\w./+-]+", place)]
    with scratch((places or [usual])[0]) as folder:
        yield folder


def build(simulator: str, verilog: str, top: str, *, trace: bool = False) -> Path:
    """Build a core for cocotb, or take it from the cache.

    Parameters
    ----------
    simulator : :class:`str`
        ``verilator`` (10 to 20 s) or ``icarus`` (0.3 s).
    verilog, top : :class:`str`
        The core's text and its top module.
    trace : :class:`bool`
        Whether its runs are to write waveforms.

    Returns
    -------
    :class:`~pathlib.Path`
        The build folder.
    """
    arguments = _VERILATOR_ARGUMENTS if simulator == "verilator" else ()

    def make(folder: Path) -> None:
        with _place_for_make() as place:
            (place / "core.v").write_text(verilog)
            order = {"step": "build", "simulator": simulator, "top": top, "trace": trace}
            _launch(place, {**order, "folder": str(place), "arguments": arguments})
            shutil.copy2(place / (top if simulator == "verilator" else "sim.vvp"), folder)

    version = tools.verilator().version if simulator == "verilator" else ""
    name = cache.key(simulator, version, verilog, top, *arguments, str(trace), sys.prefix)
    return cache.entry("cocotb", name, make)


def run(
    simulator: str,
    built: Path,
    top: str,
    module: str,
    folder: Path,
    *,
    env: Mapping[str, str],
    path: Path | None = None,
    seed: int = 0,
    trace: bool = False,
    progress: Callable[[int], None] | None = None,
) -> str:
    """Run the cocotb tests of a module in ``folder``, and return what they print.

    Parameters
    ----------
    simulator, built, top, trace
        As given to and returned by :func:`build`.
    module : :class:`str`
        The Python module with the tests.
    folder : :class:`~pathlib.Path`
        Where to run. ``results.xml`` and the waveform (``dump.vcd`` or ``dump.fst``) land here.
    env : mapping
        Additional environment variables.
    path : :class:`~pathlib.Path`
        Where the module lies, if it is in no package.
    seed : :class:`int`
        Of Python's ``random`` in the tests.
    progress : callable, optional
        For tests that say how far they are, each half second or so: told the number behind
        :data:`PROGRESS`. They are ended where they say nothing for long.
    """
    order = {"step": "test", "simulator": simulator, "top": top, "trace": trace, "seed": seed}
    order |= {"built": str(built), "module": module, "folder": str(folder), "env": dict(env)}
    return _launch(folder, {**order, "path": None if path is None else str(path)}, progress)


def _main(order: Mapping[str, Any]) -> None:
    from cocotb_tools.runner import get_runner

    runner = get_runner(order["simulator"])
    if order["step"] == "build":
        runner.build(
            sources=[Path(order["folder"]) / "core.v"],
            hdl_toplevel=order["top"],
            build_args=order["arguments"],
            build_dir=order["folder"],
            waves=order["trace"],
            timescale=("1ns", "1ps"),
            always=True,
        )
        return
    if order["path"] is not None:
        sys.path.insert(0, order["path"])
    folder = Path(order["folder"])
    dump = [f"+dumpfile_path={folder / 'dump.fst'}"] if order["simulator"] == "icarus" else []
    runner.test(
        test_module=order["module"],
        hdl_toplevel=order["top"],
        hdl_toplevel_lang="verilog",
        build_dir=order["built"],
        test_dir=folder,
        results_xml=str(folder / "results.xml"),
        extra_env=order["env"],
        seed=order["seed"],
        plusargs=dump if order["trace"] else [],
        waves=order["trace"],
        timescale=None if order["simulator"] == "verilator" else ("1ns", "1ps"),
    )


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
