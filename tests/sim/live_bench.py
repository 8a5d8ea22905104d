"""A verilated core that takes orders one by one: beats that need be no frames, and registers.

The compiled end is live.cpp; it runs at some million cycles a second.
"""

import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from amaranth import Module, Signal, Value
from amaranth.back import verilog

from windrow.hdl import VideoCore
from windrow.hdl.settings import Events
from windrow.model import Filter
from windrow.model.framing import Beat
from windrow.model.pipeline import Pipeline
from windrow.sim.engine import Design
from windrow.sim.frames import Port
from windrow.sim.verilator import Verilator


__all__ = ["FIRST", "LAST", "PAUSE", "Live", "Outcome", "pack_beats", "pack_frames"]

FIRST, LAST, PAUSE = 1, 2, 4
"""Flags of a beat, as the harness takes and gives them."""

EVENTS = ("early_start", "frame", "taken", "short_line", "long_line", "stray")
"""The order of the events that come in the same cycle."""

_TRAFFIC, _RESET, _IDLE, _SEND, _QUIET, _WRITE, _READ = range(7)


class _Observed(VideoCore):
    """A core whose events are a port."""

    def __init__(self, filter: Filter | Pipeline, strategy: str) -> None:
        super().__init__(filter, strategy=strategy)
        self.events = Signal(len(Events().members))

    def elaborate(self, platform: Any) -> Module:
        m = super().elaborate(platform)
        events = self.core._sequencer.events if self.registers is None else self.core.events
        m.d.comb += self.events.eq(Value.cast(events))
        return m


@dataclass
class Outcome:
    """What came out since the last command.

    Attributes
    ----------
    events : list of :class:`str`
        In order; those of one cycle as in :data:`EVENTS`.
    beats : (n, 1 + bytes) array of :class:`numpy.uint8`
        Output beats: flags, then ``tdata``.
    """

    events: list[str]
    beats: npt.NDArray[np.uint8]


class Live:
    """A running core.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter` or :class:`~windrow.model.pipeline.Pipeline`
        Its design.
    strategy : :class:`str`
        How it is built.
    """

    def __init__(self, filter: Filter | Pipeline, strategy: str = "auto") -> None:
        self.filter = filter
        top = _Observed(filter, strategy)
        # Nothing is owed for longer than a frame takes to be filled, drained and taken.
        self.rest = top.latency + top.core.cycles_per_frame + 20 * filter.clocks_per_pixel
        ports: dict[str, Any] = {
            path[-1]: (value, None) for path, _, value in top.signature.flatten(top)}
        text = verilog.convert(
            top, name="core", ports={**ports, "events": (top.events, None)}, emit_src=False)
        design = Design(text, {
            "top": "core", "input": top.input.entry, "output": top.output.entry})
        self.input, self.output = design.input, design.output
        defines = [
            f"IN_BYTES={self.input.bytes_per_beat}", f"OUT_BYTES={self.output.bytes_per_beat}",
            f"PATIENCE={4 * self.rest + 100}",
        ]
        self._program = Verilator().build(
            design, trace=False, brief=False,
            progress=lambda *_: None, harness=Path(__file__).with_name("live.cpp"),
            defines=defines + ["CONTROL=1"] * (top.registers is not None))
        self._layout = Events()
        self.registers = top.registers and top.registers.map

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [self._program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.cycle = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)

    @property
    def ended(self) -> bool:
        """Whether the program has ended, as it does after an error."""
        return self._process.poll() is not None

    def traffic(self, source: float, sink: float) -> None:
        """From now on, how often there is no beat, and how often one is not taken."""
        self._order(_TRAFFIC, int(source * (1 << 32)), int(sink * (1 << 32)))

    def reset(self, cycles: int = 2, seed: int = 0) -> None:
        """What is in the core is lost. Stalls follow from ``seed`` and the commands after it."""
        self._order(_RESET, cycles, seed)

    def idle(self, cycles: int) -> Outcome:
        """Let time pass."""
        return self._order(_IDLE, cycles)[0]

    def quiet(self) -> Outcome:
        """Wait until the core has nothing left to do."""
        return self._order(_QUIET, self.rest)[0]

    def send(self, beats: npt.NDArray[np.uint8]) -> Outcome:
        """Send beats: flags, then ``tdata``. Where the flag PAUSE is set, be quiet first."""
        return self._order(_SEND, len(beats), self.rest, beats.tobytes())[0]

    def write(self, address: int, word: int) -> tuple[int, Outcome]:
        """Write a register; its answer."""
        outcome, answer, _ = self._order(_WRITE, address, word)
        return answer, outcome

    def read(self, address: int) -> tuple[int, int, Outcome]:
        """Read a register: the word and its answer."""
        outcome, answer, word = self._order(_READ, address)
        return word, answer, outcome

    def _order(
        self, operation: int, one: int = 0, other: int = 0, more: bytes = b""
    ) -> tuple[Outcome, int, int]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(struct.pack("<3I", operation, one, other) + more)
        stdin.flush()

        def block() -> bytes:
            return stdout.read(struct.unpack("<I", stdout.read(4))[0])

        error = block().decode()
        self.cycle, = struct.unpack("<Q", stdout.read(8))
        events = [name for byte in block() for name in self._names(byte)]
        beats = np.frombuffer(block(), np.uint8).reshape(-1, 1 + self.output.bytes_per_beat)
        answer, word = struct.unpack("<2I", stdout.read(8))
        assert not error, f"{error} (cycle {self.cycle})"
        return Outcome(events, beats), answer, word

    def _names(self, bits: int) -> list[str]:
        return [name for name in EVENTS if bits >> self._layout[name].offset & 1]


def pack_beats(port: Port, beats: Sequence[Beat]) -> npt.NDArray[np.uint8]:
    """Beats as the harness takes them."""
    samples = np.array([beat.samples for beat in beats], np.int64)
    flags = [FIRST * beat.first | LAST * beat.last for beat in beats]
    # As a picture whose every line is a beat.
    lines = replace(port, width=port.pixels_per_clock, height=len(beats))
    return np.column_stack([np.array(flags, np.uint8), lines.pack(samples)])


def pack_frames(port: Port, frames: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.uint8]:
    """Whole frames as the harness gives them."""
    flags = np.zeros((port.height, port.beats_per_line), np.uint8)
    flags[0, 0] |= FIRST
    flags[:, -1] |= LAST
    packed = [np.column_stack([flags.ravel(), port.pack(frame)]) for frame in frames]
    return np.concatenate(packed) if packed else np.zeros((0, 1 + port.bytes_per_beat), np.uint8)
