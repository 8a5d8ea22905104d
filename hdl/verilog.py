"""Verilog of a filter, its manifest, its FuseSoC core file, and what its registers need."""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from amaranth.back import verilog
from amaranth.hdl import Shape
from amaranth.lib.wiring import In, Out

from ..model import Filter, InputError
from ..model.cache_home import cache_home
from .control import RegisterMap, software_files
from .control.axi_lite import AxiLiteSignature
from .video import CONTROL_PORT, VideoCore, VideoPort


__all__ = ["Build", "build", "control_ports"]


# IEEE 1800-2017, annex B: what no Verilog or SystemVerilog tool takes as a module's name.
_KEYWORDS = """
    accept_on alias always always_comb always_ff always_latch and assert assign assume automatic
    before begin bind bins binsof bit break buf bufif0 bufif1 byte case casex casez cell chandle
    checker class clocking cmos config const constraint context continue cover covergroup
    coverpoint cross deassign default defparam design disable dist do edge else end endcase
    endchecker endclass endclocking endconfig endfunction endgenerate endgroup endinterface
    endmodule endpackage endprimitive endprogram endproperty endsequence endspecify endtable
    endtask enum event eventually expect export extends extern final first_match for force foreach
    forever fork forkjoin function generate genvar global highz0 highz1 if iff ifnone ignore_bins
    illegal_bins implements implies import incdir include initial inout input inside instance int
    integer interconnect interface intersect join join_any join_none large let liblist library
    local localparam logic longint macromodule matches medium modport module nand negedge nettype
    new nexttime nmos nor noshowcancelled not notif0 notif1 null or output package packed parameter
    pmos posedge primitive priority program property protected pull0 pull1 pulldown pullup
    pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase randsequence rcmos real realtime
    ref reg reject_on release repeat restrict return rnmos rpmos rtran rtranif0 rtranif1 s_always
    s_eventually s_nexttime s_until s_until_with scalared sequence shortint shortreal showcancelled
    signed small soft solve specify specparam static string strong strong0 strong1 struct super
    supply0 supply1 sync_accept_on sync_reject_on table tagged task this throughout time
    timeprecision timeunit tran tranif0 tranif1 tri tri0 tri1 triand trior trireg type typedef union
    unique unique0 unsigned until until_with untyped use uwire var vectored virtual void wait
    wait_order wand weak weak0 weak1 while wildcard wire with within wor xnor xor
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
    software : mapping
        Where there are registers: a C driver, the map as JSON and as a table; text by file name.
    """

    name: str
    verilog: str
    manifest: Mapping[str, Any]
    fusesoc: str
    software: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, str]:
        """Text of each file, by file name."""
        return {
            f"{self.name}.v": self.verilog,
            f"{self.name}.json": json.dumps(self.manifest, indent=2) + "\n",
            f"{self.name}.core": self.fusesoc,
            **self.software,
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
        for name in self.files:
            if (directory / name).is_dir():
                raise IsADirectoryError(None, "is a folder, not a file", str(directory / name))
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


def build(
    filter: Filter, name: str, *, target: str = "generic", strategy: str = "auto"
) -> Build:
    """Generate the hardware of ``filter`` as Verilog.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter`
        The filter.
    name : :class:`str`
        Name of the top module: letters, digits and underscores, not a digit first.
    target : :class:`str`
        A device family of :data:`.devices.DEVICES`.
    strategy : :class:`str`
        ``auto``, or a strategy of :data:`.strategies.STRATEGIES`.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If ``name`` cannot be a Verilog module, the target or the strategy is unknown, or the
        strategy does not apply to the filter.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise InputError(
            f"name: {name!r} cannot name a Verilog module: letters, digits and underscores only, "
            "and no digit first")
    if name in _KEYWORDS.split():
        raise InputError(f"name: {name!r} is a Verilog keyword and cannot name a module")

    top = VideoCore(filter, target=target, strategy=strategy)
    with _bundled_yosys():
        # Source locations would put this machine's paths into the text.
        text = _without_brackets(
            verilog.convert(top, name=name, emit_src=False, strip_internal_attrs=True))
    manifest = {
        "name": name,
        "top": name,
        "verilog": f"{name}.v",
        "clock": "aclk",
        "reset": "aresetn",
        "target": target,
        "strategy": top.core.strategy,
        "filter": filter.to_dict(),
        # Where there is an input FIFO the input has a clock of its own.
        "input": {**_port(top.input),
                  **({"clock": "s_axis_video_aclk"} if filter.input_fifo else {})},
        "output": _port(top.output),
        "latency_cycles": top.latency,
        "cycles_per_frame": top.core.cycles_per_frame,
    }
    if top.registers is None:
        return Build(name, text, manifest, _fusesoc(name, filter, []))
    registers = top.registers.map
    manifest["control"] = _control(name, registers)
    software = software_files(registers, name)
    return Build(name, text, manifest, _fusesoc(name, filter, [*software]), software)


def _without_brackets(text: str) -> str:
    r"""Turn names such as ``\samples[3]`` into ``\samples.3``.

    Amaranth gives the elements of an array such names, beside the array's own. yosys 0.70 takes one
    for a bit of the array while it maps with abc9, as it does for ECP5, and may stop at a failed
    assertion (``GetSize(conn.first) == GetSize(conn.second)``): the sums of a 31x31 box did.
    """
    return re.sub(r"\\\S+\[\S+", lambda name: name[0].replace("[", ".").replace("]", ""), text)


@contextmanager
def _bundled_yosys() -> Iterator[None]:
    """Have Amaranth use the yosys that comes with it, whatever else there is on PATH.

    The text differs from yosys to yosys. The WebAssembly runtime under it keeps the compiled yosys
    in a cache folder, and stops without one.
    """
    lent = {"AMARANTH_USE_YOSYS": "builtin", "XDG_CACHE_HOME": str(cache_home())}
    kept = {name: os.environ.get(name) for name in lent}
    os.environ.update(lent)
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


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


def _control(name: str, registers: RegisterMap) -> dict[str, Any]:
    return {
        "interface": CONTROL_PORT,
        "protocol": "axi4-lite",
        "address_bits": registers.address_bits,
        "data_bits": 32,
        "interrupt": "interrupt",
        "registers": f"{name}_registers.json",
    }


def control_ports(manifest: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    """Width of each input and of each output of a core's register port, the interrupt included.

    Parameters
    ----------
    manifest : mapping
        The core's manifest.

    Returns
    -------
    inputs, outputs : mapping of :class:`str` to :class:`int`
        Both empty where it has no such port.
    """
    entry = manifest.get("control")
    if entry is None:
        return {}, {}
    members = AxiLiteSignature(entry["address_bits"]).members
    widths: dict[Any, dict[str, int]] = {In: {}, Out: {entry["interrupt"]: 1}}
    for name, member in members.items():
        # The signature is the master's: what it gives is an input here.
        widths[member.flow.flip()][f"{entry['interface']}_{name}"] = Shape.cast(member.shape).width
    return widths[In], widths[Out]


def _fusesoc(name: str, filter: Filter, software: Sequence[str]) -> str:
    """Core file. Source: FuseSoC documentation, "CAPI2".

    Files of the type ``user`` come along to the build, and no tool takes them for its own.
    """
    files = "".join(f"      - {file}\n" for file in software)
    fileset = f"  software:\n    files:\n{files}    file_type: user\n" if software else ""
    ports = "AXI4-Stream Video ports" + (", AXI4-Lite registers" if software else "")
    return f"""CAPI=2:
name: "windrow:filter:{name}:1.0.0"
description: "{filter.kernel_height}x{filter.kernel_width} convolution of \
{filter.width}x{filter.height} video, {ports}"
filesets:
  rtl:
    files:
      - {name}.v
    file_type: verilogSource
{fileset}targets:
  default:
    filesets: [rtl{", software" if software else ""}]
    toplevel: {name}
"""
