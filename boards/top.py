"""A demo on a board: its clocks and its pins."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from amaranth import *
from amaranth.lib import io

from ..hdl.network.planned import PlannedNetwork
from ..model import Filter, InputError, Pipeline
from ..model.errors import nearest
from .board import Board, DVIPins, ParallelPins
from .cameras import camera_for, pace
from .clocks import CLOCKS
from .demo import Demo
from .pins import drive, take
from .sources import check_sources, make_sources
from .video.camera import Camera
from .video.dvi import DVIOutput
from .video.parallel import SingleRateOutput
from .video.serialiser import SERIALISERS
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
    sources : sequence of :class:`str`
        Names in :data:`.sources.SOURCES`; the first one is shown after a reset.
    picture : (H, W, 3) uint8 array
        The still picture, of any size.
    inverted : :class:`bool`
        As for :class:`~.demo.Demo`.

    Attributes
    ----------
    clocks : :class:`~.clocks.Clocks`
        Its clocks.
    demo : :class:`~.demo.Demo`
        What is between the pins.
    pace : :class:`~.cameras.Pace` or ``None``
        How the camera keeps step with the screen.
    platform : Amaranth platform
        The board's, to build this and nothing else.
    frequency : :class:`float`
        Of the pixel clock, in hertz.

    Raises
    ------
    :exc:`InputError`
        If the filter does not suit the screen, or the clock cannot be made.
    """

    def __init__(
        self, board: Board, filter: Filter | Pipeline | PlannedNetwork, timing: Timing,
        sources: Sequence[str], picture: npt.NDArray[np.uint8], *, inverted: bool = False,
    ) -> None:
        check_sources(sources, board)
        module = camera_for(timing) if "camera" in sources else None
        self._board = board
        self._serialised = isinstance(board.video, DVIPins)
        self.platform = platform = board.platform()
        reference = platform.request(platform.default_clk, dir="-")
        self.clocks = clocks = CLOCKS[board.family](
            reference, platform.default_clk_frequency, timing, shift=self._serialised,
            camera=module.xclk if module else None)
        self.frequency = clocks.frequency
        self.pace = (
            pace(module, timing, clocks.frequency, clocks.camera_frequency) if module else None)
        self._module = module
        self.demo = Demo(
            filter, timing, make_sources(sources, board, timing, picture, self._make_camera),
            family=board.family, clock=clocks.frequency, buttons=len(board.buttons),
            fill=self.pace.fill if self.pace else 1, stretch=self.pace.stretch if self.pace else 0,
            inverted=inverted)

    def _make_camera(self) -> Camera:
        assert self.pace is not None
        assert self._module is not None
        table = self._module.table(self.pace.line_clocks, self.pace.lines)
        return Camera(table, "rgb565", self.clocks.frequency)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.domains += [ClockDomain("sync"), *([ClockDomain("shift")] if self._serialised else [])]
        m.submodules.clocks = self.clocks
        m.submodules.demo = demo = self.demo
        uart = platform.request("uart", 0, dir="-")
        take(m, "rx", demo.rx, uart.rx)
        drive(m, "tx", uart.tx, demo.tx)
        for number, (name, index) in enumerate(self._board.buttons):
            take(m, f"button_{number}", demo.buttons[number],
                  platform.request(name, index, dir="-"))
        for number, path in enumerate(self._board.held_high):
            resource, _, part = path.partition(".")
            pins = platform.request(resource, 0, dir="-")
            drive(m, f"high_{number}", getattr(pins, part) if part else pins, Const(1))
        if self._board.led is not None:
            drive(m, "led", platform.request(*self._board.led, dir="-"), demo.locked)
        for source in demo.sources.values():
            if isinstance(source, Camera):
                self._connect_camera(m, platform, source)
        if self._serialised:
            self._connect_dvi(m, platform)
        else:
            self._connect_parallel(m, platform)
        return m

    def _connect_camera(self, m: Module, platform: Any, camera: Camera) -> None:
        assert self._module is not None
        pins = platform.request(self._board.camera, 0, dir="-")
        m.domains += ClockDomain("camera", reset_less=True)
        take(m, "camera_pclk", ClockSignal("camera"), pins.pclk)
        platform.add_clock_constraint(
            pins.pclk.io, self._module.clocks * self.clocks.camera_frequency)
        take(m, "camera_vsync", camera.vsync, pins.vsync)
        take(m, "camera_href", camera.href, pins.href)
        take(m, "camera_data", camera.data, pins.d)
        drive(m, "camera_xclk", pins.xclk, self.clocks.camera)
        for name, port, level in (("scl", pins.scl, camera.scl), ("sda", pins.sda, camera.sda)):
            # Open drain: what is not pulled low is pulled high by a resistor.
            m.submodules[f"camera_{name}"] = buffer = io.Buffer(io.Direction.Bidir, port)
            m.d.comb += [buffer.o.eq(0), buffer.oe.eq(~level)]
            if name == "sda":
                m.d.comb += camera.sda_in.eq(buffer.i)

    def _connect_dvi(self, m: Module, platform: Any) -> None:
        family, video = self._board.family, self._board.video
        assert isinstance(video, DVIPins)
        m.submodules.dvi = dvi = DVIOutput(SERIALISERS[family]())
        m.d.comb += dvi.i.eq(self.demo.beam)
        socket = platform.request(video.resource, 0, dir="-")
        for port, pins, name in ((socket.d, dvi.pins[:3], "dvi_data"),
                                 (socket.clk, dvi.pins[3:], "dvi_clock")):
            if family != "gowin":
                drive(m, name, port, pins)
                continue
            # Amaranth takes true LVDS for granted.
            for bit, pin in enumerate(pins):
                m.submodules[f"{name}_{bit}"] = Instance(
                    video.gowin_buffer, i_I=pin, o_O=port.p[bit], o_OB=port.n[bit])

    def _connect_parallel(self, m: Module, platform: Any) -> None:
        video = self._board.video
        assert isinstance(video, ParallelPins)
        m.submodules.parallel = parallel = SingleRateOutput()
        m.d.comb += parallel.i.eq(self.demo.beam)
        socket = platform.request(video.resource, 0, dir="-")
        outputs = {
            socket.clk: [parallel.clock], socket.de: [parallel.active],
            socket.hs: [parallel.hsync], socket.vs: [parallel.vsync], socket.d: [*parallel.data],
        }
        for number, (port, pairs) in enumerate(outputs.items()):
            m.submodules[f"output_{number}"] = buffer = io.DDRBuffer(io.Direction.Output, port)
            for half in range(2):
                m.d.comb += buffer.o[half].eq(Cat(pair[half] for pair in pairs))
