"""Test patterns, all of them moving."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt
from amaranth import *
from amaranth.lib import memory
from amaranth.lib.wiring import In
from amaranth.utils import bits_for

from ...hdl.delay import delayed
from ...model import InputError
from ...model.errors import nearest
from .source import FrameSource


__all__ = ["PATTERNS", "Pattern", "TestPattern"]

Picture = npt.NDArray[np.uint8]


class Pattern(Protocol):
    """One pattern: the same picture as hardware and in numpy."""

    def __init__(self, width: int, height: int) -> None:
        """Of a frame of this size."""

    def colour(self, m: Module, place: Any) -> Value:
        """Red, green and blue, two cycles behind ``place``, red in the lowest bits."""
        ...

    def frame(self, number: int) -> Picture:
        """The frame with a number, the first one after reset with 0: (height, width, 3)."""
        ...


class Bars:
    """The eight colours that have each channel on or off, by luma, running to the left.

    A pixel a frame. Order: white, yellow, cyan, green, magenta, red, blue, black, as in ITU-R
    BT.471, 100 %.
    """

    def __init__(self, width: int, height: int) -> None:
        self._shape = (height, width)
        self._bar = max(width // 8, 2)

    def colour(self, m: Module, place: Any) -> Value:
        # Bar and column in it: of this pixel, and of the first one of a line.
        now = [Signal(3, name="bar"), Signal(range(self._bar), name="column")]
        start = [Signal(3, name="first_bar"), Signal(range(self._bar), name="first_column")]
        _set(m, now, _counted(now, self._bar))
        with m.If(place.last):
            _set(m, now, start)
        with m.If(place.end):
            _set(m, start, _counted(start, self._bar))
            _set(m, now, _counted(start, self._bar))
        bar = delayed(m, now[0], 2, name="shown_bar")
        return Cat((~bar[bit]).replicate(8) for bit in (1, 2, 0))

    def frame(self, number: int) -> Picture:
        height, width = self._shape
        bar = (np.arange(width) + number) // self._bar % 8
        channels = [255 * (1 - (bar >> bit & 1)) for bit in (1, 2, 0)]
        return np.broadcast_to(np.stack(channels, axis=1), (height, width, 3)).astype(np.uint8)


def _counted(at: Sequence[Signal], length: int) -> list[Value]:
    """The bar and the column in it, a pixel further."""
    bar, column = at
    wraps = column == length - 1
    return [bar + wraps, Mux(wraps, 0, column + 1)]


def _set(m: Module, signals: Sequence[Signal], values: Sequence[Value]) -> None:
    m.d.sync += [signal.eq(value) for signal, value in zip(signals, values, strict=True)]


class Checkerboard:
    """Black and white squares of 32 pixels, running to the upper left, a pixel a frame."""

    def __init__(self, width: int, height: int) -> None:
        self._shape = (height, width)

    def colour(self, m: Module, place: Any) -> Value:
        number = Signal(6)
        with m.If(place.end):
            m.d.sync += number.eq(number + 1)
        column, row = Signal(6), Signal(6)
        white = Signal()
        m.d.sync += [
            column.eq(place.x + number),
            row.eq(place.y + number),
            white.eq(column[5] ^ row[5]),
        ]
        return white.replicate(24)

    def frame(self, number: int) -> Picture:
        y, x = np.indices(self._shape) + number
        return np.repeat(255 * ((x ^ y) >> 5 & 1)[:, :, None], 3, axis=2).astype(np.uint8)


class ZonePlate:
    """Rings around the centre, each finer than the one inside of it; they run inwards.

    The brightness is a cosine whose phase grows with the square of the distance, and comes to half
    a turn a pixel, the finest that pixels can show, at the left and right edge. A filter shows its
    frequency response as brightness by direction and distance.

    The phase is summed up from its second differences: no multiplier.
    """

    _PHASE = 16
    """Bits of the phase; a turn is all of them."""

    _COSINE: ClassVar[list[int]] = [
        round(127.5 + 127.5 * float(np.cos(2 * np.pi * at / 256))) for at in range(256)]

    def __init__(self, width: int, height: int) -> None:
        self._shape = (height, width)
        self._curve = round((1 << self._PHASE) / 2 / width)
        """Half of the second difference: the phase is this times the square of the distance."""

    def colour(self, m: Module, place: Any) -> Value:
        height, width = self._shape
        curve = self._curve
        (top, down), (left, right) = self._start(height), self._start(width)
        corner, speed = top + left, 1 << self._PHASE - 6
        phase = self._phase("phase", corner)
        step = self._phase("step", right)
        line_phase = self._phase("line_phase", corner + down)
        line_step = self._phase("line_step", down + 2 * curve)
        turned = self._phase("turned", speed)  # how far the next frame has turned
        m.d.sync += [phase.eq(phase + step), step.eq(step + 2 * curve)]
        with m.If(place.last):
            m.d.sync += [
                phase.eq(line_phase),
                step.eq(right),
                line_phase.eq(line_phase + line_step),
                line_step.eq(line_step + 2 * curve),
            ]
        with m.If(place.end):
            m.d.sync += [
                turned.eq(turned + speed),
                phase.eq(turned + corner),
                line_phase.eq(turned + (corner + down)),
                line_step.eq(down + 2 * curve),
            ]
        cosine: memory.Memory = memory.Memory(
            shape=unsigned(8), depth=256, init=self._COSINE)
        m.submodules.cosine = cosine
        read = cosine.read_port()
        m.d.comb += read.addr.eq(phase[-8:])
        grey = delayed(m, read.data, 1, name="grey", reset_less=True)
        return Cat(grey, grey, grey)

    def _phase(self, name: str, init: int) -> Signal:
        return Signal(self._PHASE, name=name, init=init & ((1 << self._PHASE) - 1))

    def _start(self, size: int) -> tuple[int, int]:
        """The phase of the first of ``size`` pixels, and the first difference to the next."""
        distance = -(size // 2)
        return (self._curve * distance**2, self._curve * (2 * distance + 1))

    def frame(self, number: int) -> Picture:
        height, width = self._shape
        y, x = np.indices(self._shape)
        square = (x - width // 2) ** 2 + (y - height // 2) ** 2
        phase = self._curve * square + number * (1 << self._PHASE - 6)
        grey = np.array(self._COSINE)[phase >> self._PHASE - 8 & 255]
        return np.repeat(grey[:, :, None], 3, axis=2).astype(np.uint8)


class Box:
    """A white box that bounces about on colour bars, every other row of which is in the opposite
    colours: edges in both directions all over the frame.

    Bars and rows are as wide as a power of two, 8 to 16 bars in a frame, in the order of
    :class:`Bars`. The box's sides are a quarter of the frame's; it starts in the middle and goes
    3 pixels to the side and 2 down a frame.
    """

    def __init__(self, width: int, height: int) -> None:
        self._axes = (_Bounce(width, 3), _Bounce(height, 2))
        self._shape = (height, width)
        self._shift = max(bits_for(width - 1) - 4, 0)

    def colour(self, m: Module, place: Any) -> Value:
        across, down = self._axes
        inside = (across.inside(m, "x", place.x, place.end)
                  & down.inside(m, "y", place.y, place.end))
        bar, colour = Signal(3), Signal(24)
        opposite = (place.y >> self._shift)[0].replicate(3)
        m.d.sync += [
            bar.eq((place.x >> self._shift) ^ opposite),
            colour.eq(Mux(inside, -1, Cat((~bar[bit]).replicate(8) for bit in (1, 2, 0)))),
        ]
        return colour

    def frame(self, number: int) -> Picture:
        y, x = np.indices(self._shape)
        bar = (x >> self._shift ^ -(y >> self._shift & 1)) & 7
        left, top = (axis.position(number) for axis in self._axes)
        width, height = (axis.length for axis in self._axes)
        box = (left <= x) & (x < left + width) & (top <= y) & (y < top + height)
        colours = np.stack([255 * (1 - (bar >> bit & 1)) for bit in (1, 2, 0)], axis=2)
        return np.where(box[:, :, None], 255, colours).astype(np.uint8)


class _Bounce:
    """One direction of a box's way: to and fro, from the middle on."""

    def __init__(self, size: int, speed: int) -> None:
        self.length = max(size // 4, 1)
        self._speed = speed
        self._most = (size - self.length) // speed * speed
        self._start = self._most // (2 * speed) * speed

    def inside(self, m: Module, name: str, at: Value, end: Value) -> Value:
        """Whether ``at`` of the cycle before is inside of the box."""
        place = Signal(range(self._most + self._speed + 1), name=f"{name}_place",
                       init=self._start)
        back = Signal(name=f"{name}_back")
        inside = Signal(name=f"{name}_inside")
        m.d.sync += inside.eq((at >= place) & (at < place + self.length))
        if self._most:
            with m.If(end):
                # The way back begins a frame after the end is reached.
                goes_back = Mux(back, place != 0, place == self._most)
                m.d.sync += [
                    back.eq(goes_back),
                    place.eq(Mux(goes_back, place - self._speed, place + self._speed)),
                ]
        return inside

    def position(self, number: int) -> int:
        """Where the box is in a frame."""
        if not self._most:
            return 0
        way = (self._start + number * self._speed) % (2 * self._most)
        return self._most - abs(self._most - way)


PATTERNS: dict[str, Callable[[int, int], Pattern]] = {
    "bars": Bars,
    "checkerboard": Checkerboard,
    "zone-plate": ZonePlate,
    "box": Box,
}
"""By name."""


class TestPattern(FrameSource):
    """A source of moving test patterns, one of several at a time.

    Every pattern moves on with every frame, shown or not. Another one is taken at a frame's start.

    Parameters
    ----------
    width, height : :class:`int`
        Of the frame, in pixels; at least 2 each.
    patterns : sequence of :class:`str`
        Names in :data:`PATTERNS`; all of them unless given.

    Raises
    ------
    :exc:`InputError`
        If a name is none, or there is none.

    Members
    -------
    o : stream of :py:`PixelBeat(u8, 3)`
        Frames.
    select : :py:`In(range(len(patterns)))`
        Which pattern; the last one if there are not so many.
    """

    __test__ = False  # no test, whatever pytest thinks of the name

    select: Signal

    def __init__(
        self, width: int, height: int, patterns: Sequence[str] = tuple(PATTERNS)
    ) -> None:
        if not patterns:
            raise InputError("a test pattern needs at least one pattern")
        for name in patterns:
            if name not in PATTERNS:
                raise InputError(f"pattern {name!r} is not known; {nearest(name, PATTERNS)}")
        self.patterns = {name: PATTERNS[name](width, height) for name in patterns}
        super().__init__(width, height, select=In(range(len(patterns))))

    def _colour(self, m: Module, place: Any) -> Value:
        held = Signal.like(self.select)
        now = Mux(place.first, self.select, held)
        m.d.sync += held.eq(now)
        shown = delayed(m, now, self.latency, name="shown")
        colours = []
        for name, pattern in self.patterns.items():
            part = Module()
            colours.append(pattern.colour(part, place))
            m.submodules[name.replace("-", "_")] = part
        return Array(colours)[shown]

    def frame(self, name: str, number: int) -> Picture:
        """The frame with a number, the first one after reset with 0: (height, width, 3)."""
        return self.patterns[name].frame(number)
