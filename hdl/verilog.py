"""Verilog of a filter, its manifest, and its FuseSoC core file."""

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amaranth.back import verilog

from ..model import Filter, InputError
from .video import VideoCore, VideoPort


__all__ = ["Build", "build"]


# Module names that a Verilog 2005 or SystemVerilog tool may trip over are refused; the list has
# the keywords that look like a name someone would give a filter.
_KEYWORDS = """
    always and assign begin bit buf byte case cell checker class clocking config cover design
    disable edge else end event expect export extends final first_match for force fork function
    generate global if import include initial inout input inside instance int interface join
    large library local logic matches medium module nand new nor not null or output package
    packed parameter primitive priority process program property pull0 pull1 pure rand ref reg
    release repeat return sequence shortint signed small soft solve specify static string strong
    struct super supply0 supply1 table tagged task this time tran type union unique unsigned use
    var vectored virtual void wait wand weak while wildcard wire with within wor xnor xor
"""


@dataclass(frozen=True)
class Build:
    """What :func:`build` makes of a filter.

    Attributes
    ----------
    name : :class:`str`
        Name of the top module and of the files.
    verilog : :class:`str`
        Verilog 2005; the same text for the same filter and the same tools.
    manifest : mapping
        Ports, sizes, latency and the whole filter.
    fusesoc : :class:`str`
        FuseSoC core file, CAPI 2.
    """

    name: str
    verilog: str
    manifest: Mapping[str, Any]
    fusesoc: str

    @property
    def files(self) -> dict[str, str]:
        """Text of each file, by file name."""
        return {
            f"{self.name}.v": self.verilog,
            f"{self.name}.json": json.dumps(self.manifest, indent=2) + "\n",
            f"{self.name}.core": self.fusesoc,
        }

    def write(self, directory: Path) -> list[Path]:
        """Write the files to ``directory``, which is made where it is not there.

        All of them are complete before the first takes its place.

        Raises
        ------
        :exc:`OSError`
            If the folder cannot be made or written.
        """
        made = [folder for folder in [directory, *directory.absolute().parents]
                if not folder.exists()]
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=directory, prefix=".windrow-") as scratch:
                for name, text in self.files.items():
                    Path(scratch, name).write_text(text, encoding="utf-8", newline="\n")
                for name in self.files:
                    os.replace(Path(scratch, name), directory / name)
        except BaseException:
            for folder in made:
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()
            raise
        return [directory / name for name in self.files]


def build(filter: Filter, name: str) -> Build:
    """Generate the hardware of ``filter`` as Verilog.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter`
        The filter.
    name : :class:`str`
        Name of the top module: letters, digits and underscores, not a digit first.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If ``name`` cannot be a Verilog module.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise InputError(
            f"name: {name!r} cannot name a Verilog module: letters, digits and underscores only, "
            "and no digit first")
    if name in _KEYWORDS.split():
        raise InputError(f"name: {name!r} is a Verilog keyword and cannot name a module")

    top = VideoCore(filter)
    # Source locations would put this machine's paths into the text.
    text = verilog.convert(top, name=name, emit_src=False, strip_internal_attrs=True)
    manifest = {
        "name": name,
        "top": name,
        "verilog": f"{name}.v",
        "clock": "aclk",
        "reset": "aresetn",
        "filter": filter.to_dict(),
        "input": _port(top.input),
        "output": _port(top.output),
        "latency_cycles": top.core.latency,
        "cycles_per_frame": top.core.cycles_per_frame,
    }
    return Build(name, text, manifest, _fusesoc(name, filter))


def _port(port: VideoPort) -> dict[str, Any]:
    return {
        "interface": port.interface,
        "width": port.width,
        "height": port.height,
        "pixel": str(port.sample),
        "channels": port.channels,
        "pixels_per_clock": port.pixels_per_clock,
        "tdata_bits": port.tdata_bits,
        "tkeep_bits": port.tkeep_bits,
    }


def _fusesoc(name: str, filter: Filter) -> str:
    """Core file. Source: FuseSoC documentation, "CAPI2"."""
    return f"""CAPI=2:
name: "windrow:filter:{name}:1.0.0"
description: "{filter.kernel_height}x{filter.kernel_width} convolution of \
{filter.width}x{filter.height} video, AXI4-Stream Video ports"
filesets:
  rtl:
    files:
      - {name}.v
    file_type: verilogSource
targets:
  default:
    filesets: [rtl]
    toplevel: {name}
"""
