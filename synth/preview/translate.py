"""A board's top as Verilog that Verilator takes: its source, or its netlist, with models of all
cells and with its pins where the harness finds them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from ... import boards
from ...boards.board import Board, DVIPins, ParallelPins
from ...sim import cache, tools
from ..board import synthesis_commands
from ..netlist import family_models, needed_models
from ..yosys import run_yosys
from .pll import CELLS, PLL, read_pll


__all__ = ["Translated", "translate"]

_AS_SOURCE = "proc -norom; flatten; memory_collect; opt_clean -purge"

_BY_DIRECTION = {
    "ecp5": [f"chtype -set TRELLIS_IO_{way} t:TRELLIS_IO r:DIR={way} %i"
             for way in ("INPUT", "OUTPUT", "BIDIR")],
    "gowin": [],
    # No output; from the pin directly, or by a flip-flop.
    "ice40": [f"chtype -set SB_IO_INPUT t:SB_IO r:PIN_TYPE=6'b{bits} %i"
              for bits in ("000001", "000000")],
}
"""Commands that give pads of different directions different types: Verilator refuses to connect an
input of the top to what could drive it."""

_CAMERA = {"pclk": "camera_clock", "vsync": "camera_vsync", "href": "camera_href",
           "d": "camera_data", "scl": "scl", "sda": "sda"}

_DRIVEN = ("rx", "buttons", "~buttons", "camera")
"""What the wires that the harness drives begin with."""

# Without the macro yosys's models of iCE40 have defaults for ports, which no Verilog knows.
_DEFINES = "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n"


@dataclass(frozen=True)
class Translated:
    """A board's top, ready to be simulated.

    Parameters
    ----------
    verilog : :class:`str`
        The design, models of its cells, and a module ``preview`` around it.
    folder : :class:`~pathlib.Path`
        Holds the contents of memories, which the simulator reads at its start.
    pll : :class:`~.pll.PLL`
        The clocks.
    """

    verilog: str
    folder: Path
    pll: PLL


def translate(board: Board, design: str, *, netlist: bool) -> Translated:
    """Translate a board's top.

    Takes seconds; a netlist up to a minute. Both are kept in the cache.

    Parameters
    ----------
    board : :class:`~windrow.boards.board.Board`
        The board.
    design : :class:`str`
        Its top, as RTLIL: see :func:`windrow.synth.board.design_files`.
    netlist : :class:`bool`
        Synthesise it first, as for a build, and take the netlist.

    Raises
    ------
    :exc:`~windrow.sim.tools.MissingTool`
        If there is no yosys.
    :exc:`~windrow.sim.tools.ToolError`
        If yosys fails, or a cell has no model.
    """
    commands = "\n".join((
        "read_rtlil top.il",
        synthesis_commands(board.family) if netlist else _AS_SOURCE,
        *_BY_DIRECTION[board.family],
        "dump -o pll.il " + " ".join(f"t:{cell}" for cell in CELLS),
        "tee -q -o cells.json stat -json",
        # Memories in files: a picture in line is tens of megabytes.
        "write_verilog -noattr -extmem top.v\n"))

    def make(folder: Path) -> None:
        (folder / "top.il").write_text(design, encoding="utf-8")
        run_yosys(commands, folder)
        (folder / "top.il").unlink()

    version = tools.synthesis_version("yosys") or "unknown"
    parts = (tools.synthesis("yosys"), version, design, commands)
    folder = cache.entry("preview", cache.key(*parts), make)
    text = (folder / "top.v").read_text(encoding="utf-8")
    report = json.loads((folder / "cells.json").read_text())["design"]["num_cells_by_type"]
    cells = [name for name in report if not name.startswith("$")]
    platform = board.platform()
    reference = Fraction(platform.default_clk_frequency)
    pins = _pins(board, platform)
    return Translated(
        "".join((_DEFINES, _directed(text, pins), "\n",
                 needed_models(_models(board.family), cells), "\n", _around(text, pins))),
        folder, read_pll((folder / "pll.il").read_text(encoding="utf-8"), reference))


def _models(family: str) -> str:
    cells = (Path(__file__).with_name("cells") / f"{family}.v",
             Path(boards.__path__[0]) / "video" / "cells" / f"{family}.v")
    texts = [path.read_text() for path in cells if path.exists()]
    return "\n".join((*texts, family_models(family)))


def _directed(top: str, pins: Mapping[str, str]) -> str:
    """The top with a direction for each port that has one: Amaranth's for iCE40 have none."""
    for port, wire in pins.items():
        if wire not in ("scl", "sda"):
            way = "input" if wire.startswith(_DRIVEN) else "output"
            top = re.sub(rf"^  inout ((?:\[[^\]]*\] )?{port};)", rf"  {way} \1", top, flags=re.M)
    return top


def _around(top: str, pins: Mapping[str, str]) -> str:
    """The module that the harness sees: the same for each board."""
    ports = set(re.findall(r"^  (?:input|output|inout) (?:\[[^\]]*\] )?(\S+);", top, flags=re.M))
    connected = {port: wire for port, wire in pins.items() if port in ports}
    listed = ",\n".join(f"    .{port}({wire})" for port, wire in connected.items())
    return f"""
module preview (
  input [3:0] clocks, input locked, rx, input [7:0] buttons,
  input camera_clock, camera_vsync, camera_href, input [7:0] camera_data, input sda_pulled,
  output [15:0] video, output tx, led, scl, sda
);
  // Two wires with a resistor each.
  pullup (scl);
  pullup (sda);
  assign sda = sda_pulled ? 1'b0 : 1'bz;
  top top (
{listed}
  );
endmodule
"""


def _pins(board: Board, platform: Any) -> dict[str, str]:
    """Ports of the top as Amaranth names them, and what they are connected to."""
    pins = {"uart_0__rx__io": "rx", "uart_0__tx__io": "tx"}
    for number, (name, index) in enumerate(board.buttons):
        inverted = platform.lookup(name, index).ios[0].invert
        pins[f"{name}_{index}__io"] = f"{'~' if inverted else ''}buttons[{number}]"
    if board.led is not None:
        name, index = board.led
        pins[f"{name}_{index}__io"] = "led"
    if board.camera is not None:
        pins |= {f"{board.camera}_0__{part}__io": wire for part, wire in _CAMERA.items()}
    if isinstance(board.video, DVIPins):
        pins |= {f"{board.video.resource}_0__d__p": "video[2:0]",
                 f"{board.video.resource}_0__clk__p": "video[3]"}
    elif isinstance(board.video, ParallelPins):
        for at, part in enumerate(("clk", "de", "hs", "vs")):
            pins[f"{board.video.resource}_0__{part}__io"] = f"video[{at}]"
        pins[f"{board.video.resource}_0__d__io"] = "video[15:4]"
    return pins
