"""The core file by which FuseSoC knows a core."""

import re
from collections.abc import Collection
from pathlib import Path

from ...distribution import version
from ..devices import device


__all__ = ["fusesoc_core"]

_GENERIC = "xilinx"
"""Which of yosys's commands synth_FAMILY stands for the family generic."""


def fusesoc_core(
    name: str, *, title: str, family: str, constraint_files: Collection[str] = (),
    software: Collection[str] = (), cells: Collection[str] = (), bench: str = "", vlnv: str = "",
) -> str:
    """A FuseSoC core file, CAPI 2.

    Files of the type ``user`` come along to the build, and no tool takes them for its own. In the
    target ``default`` there is nothing that Verilator could make a program of, so that it only
    reads the text. Source: FuseSoC documentation, "CAPI2".

    Parameters
    ----------
    name, title : :class:`str`
        The top module; what it is, in a line.
    family : :class:`str`
        The device family, or a part of one, for the target ``synth``.
    constraint_files, software, cells : collection of :class:`str`
        Files beside the Verilog; cells that it does not define.
    bench : :class:`str`
        File of a test bench for the target ``sim``; empty: there is no such target.
    vlnv : :class:`str`
        The core's full name, where it is not windrow's to choose.
    """
    filesets = {"rtl": ("verilogSource", [f"{name}.v"])}
    used = ["rtl"]
    for tool, kind, ending in (("vivado", "xdc", ".xdc"), ("quartus", "SDC", ".sdc")):
        if files := [file for file in constraint_files if file.endswith(ending)]:
            filesets[tool] = (kind, files)
            used.append(f'"tool_{tool}? ({tool})"')
    if software:
        filesets["software"] = ("user", [*software])
        used.append("software")
    if bench:
        filesets["bench"] = ("systemVerilogSource", [bench])
    listed = "".join(
        f"  {fileset}:\n    files:\n" + "".join(f"      - {file}\n" for file in files)
        + f"    file_type: {kind}\n" for fileset, (kind, files) in filesets.items())
    release = ".".join(re.findall(r"\d+", version())[:3])
    return f"""CAPI=2:
name: "{vlnv or f"windrow:filter:{name}:{release}"}"
description: "{title}"
filesets:
{listed}targets:
  default:
    filesets: [{", ".join(used)}]
    toplevel: {name}
    tools:
      verilator:
        mode: lint-only
  lint:
    description: Verilator's lint, with all warnings
    filesets: [rtl]
    flow: lint
    flow_options:
      tool: verilator
      verilator_options: [-Wall{", -Wno-MODMISSING, -Wno-UNDRIVEN" if cells else ""}]
    toplevel: {name}
""" + _synthesis(name, family) + (_simulation(name, bench) if bench else "")


def _synthesis(name: str, family: str) -> str:
    return f"""\
  synth:
    description: yosys; --arch chooses another family, as of its commands synth_FAMILY
    filesets: [rtl]
    flow: generic
    flow_options:
      tool: yosys
      arch: {_GENERIC if family == "generic" else device(family).name}
      output_format: json
    toplevel: {name}
"""


def _simulation(name: str, bench: str) -> str:
    return f"""\
  sim:
    description: two frames with stalls, compared with windrow's model; --tool icarus or verilator
    filesets: [rtl, bench]
    flow: sim
    flow_options:
      tool: icarus
      iverilog_options: [-g2012]
      mode: binary
      verilator_options: [--timing, -Wno-fatal, -CFLAGS, -std=c++20]
    toplevel: {Path(bench).stem}
"""
