"""A demo on a board: its clocks and its pins."""

from collections.abc import Mapping
from typing import Any

from amaranth import *
from amaranth.lib import io

from ..model import Filter, InputError
from ..model.errors import nearest
from .board import Board, DVIPins
from .clocks import CLOCKS
from .demo import Demo
from .video.dvi import DVIOutput
from .video.parallel import SingleRateOutput
from .video.serialiser import SERIALISERS
from .video.source import FrameSource
from .video.timing import TIMINGS, Timing


__all__ = ["Top", "mode"]


def mode(board: Board, name: str | None = None) -> Timing:
    """The timing of a board's mode; its first one unless there is a name.

    Raises
    ------
    :exc:`InputError`
        If the board has no screen, or not this mode.
    """
    if not board.modes:
        raise InputError(f"mode: board {board.name} has no screen")
    if name is not None and name not in board.modes:
        raise InputError(f"mode {name!r} is none of {board.name}; {nearest(name, board.modes)}")
    return TIMINGS[name or board.modes[0]]


class Top(Elaboratable):
    """A :class:`~.demo.Demo` between a board's pins.

    Parameters
    ----------
    board : :class:`~.board.Board`
        The board.
    filter : :class:`~windrow.model.Filter`
        As for :class:`~.demo.Demo`.
    timing : :class:`~.video.timing.Timing`
        Of the screen; see :func:`mode`.
    sources : mapping of :class:`str` to :class:`.FrameSource`
        As for :class:`~.demo.Demo`.

    Attributes
    ----------
    clocks : :class:`~.clocks.Clocks`
        Its clocks.
    demo : :class:`~.demo.Demo`
        What is between the pins.
    platform : Amaranth platform
        The board's, to build this and nothing else.

    Raises
    ------
    :exc:`InputError`
        If the filter does not suit the screen, or the clock cannot be made.
    """

    def __init__(
        self, board: Board, filter: Filter, timing: Timing, sources: Mapping[str, FrameSource]
    ) -> None:
        self._board = board
        self.platform = platform = board.platform()
        self._serialised = isinstance(board.video, DVIPins)
        reference = platform.request(platform.default_clk, dir="-")
        self.clocks = CLOCKS[board.family](
            reference, platform.default_clk_frequency, timing, shift=self._serialised)
        self.demo = Demo(filter, timing, sources, family=board.family,
                         clock=self.clocks.frequency, buttons=len(board.buttons))

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.clocks = self.clocks
        m.submodules.demo = demo = self.demo
        uart = platform.request("uart", 0, dir="-")
        _take(m, "rx", demo.rx, uart.rx)
        self._drive(m, "tx", uart.tx, demo.tx)
        for number, (name, index) in enumerate(self._board.buttons):
            _take(m, f"button_{number}", demo.buttons[number],
                  platform.request(name, index, dir="-"))
        for number, path in enumerate(self._board.held_high):
            resource, _, part = path.partition(".")
            pins = platform.request(resource, 0, dir="-")
            self._drive(m, f"high_{number}", getattr(pins, part) if part else pins, Const(1))
        if self._board.led is not None:
            self._drive(m, "led", platform.request(*self._board.led, dir="-"), demo.locked)
        if self._serialised:
            self._connect_dvi(m, platform)
        else:
            self._connect_parallel(m, platform)
        return m

    def _connect_dvi(self, m: Module, platform: Any) -> None:
        m.submodules.dvi = dvi = DVIOutput(SERIALISERS[self._board.family]())
        m.d.comb += dvi.i.eq(self.demo.beam)
        socket = platform.request(self._board.video.resource, 0, dir="-")
        for port, pins, name in ((socket.d, dvi.pins[:3], "dvi_data"),
                                 (socket.clk, dvi.pins[3:], "dvi_clock")):
            self._drive(m, name, port, pins)

    def _connect_parallel(self, m: Module, platform: Any) -> None:
        m.submodules.parallel = parallel = SingleRateOutput()
        m.d.comb += parallel.i.eq(self.demo.beam)
        socket = platform.request(self._board.video.resource, 0, dir="-")
        outputs = {
            socket.clk: [parallel.clock], socket.de: [parallel.active],
            socket.hs: [parallel.hsync], socket.vs: [parallel.vsync], socket.d: [*parallel.data],
        }
        for number, (port, pairs) in enumerate(outputs.items()):
            m.submodules[f"output_{number}"] = buffer = io.DDRBuffer("o", port)
            for half in range(2):
                m.d.comb += buffer.o[half].eq(Cat(pair[half] for pair in pairs))

    def _drive(self, m: Module, name: str, port: Any, value: Value) -> None:
        """Put a value on output pins."""
        if self._board.family == "gowin":
            _drive_gowin(m, name, port, value, self._board.video)
            return
        m.submodules[name] = buffer = io.Buffer("o", port)
        m.d.comb += buffer.o.eq(value)



def _take(m: Module, name: str, signal: Value, port: Any) -> None:
    """Have a signal follow an input pin."""
    m.submodules[name] = buffer = io.Buffer("i", port)
    m.d.comb += signal.eq(buffer.i)


def _drive_gowin(m: Module, name: str, port: Any, value: Value, video: Any) -> None:
    """Put a value on output pins, by buffers that cannot be switched off.

    Amaranth takes ones that can. gowin_pack of Apycula 0.32 leaves them out where it looks for the voltage of
    a bank, which would be set for 1.2 V. Of pairs Amaranth takes true LVDS for granted.
    """
    for bit, pin in enumerate(value):
        if isinstance(port, io.DifferentialPort):
            m.submodules[f"{name}_{bit}"] = Instance(
                video.gowin_buffer, i_I=pin, o_O=port.p[bit], o_OB=port.n[bit])
        else:
            m.submodules[f"{name}_{bit}"] = Instance(
                "OBUF", i_I=pin ^ port.invert[bit], o_O=port.io[bit])
