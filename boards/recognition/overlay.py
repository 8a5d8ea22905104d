"""The box, the class and the bars, over a frame."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from amaranth import *
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from ...hdl.delay import delayed
from ..video.source import RGB_BEAT
from ..video.stepped import stepped
from .font import COLUMNS, DIGITS, ROWS
from .layout import Layout


__all__ = ["Overlay", "draw"]

BOX, CLASS, BAR, EDGE = 0xFFD000, 0xFFFFFF, 0x30C060, 2
"""Colours, 0xRRGGBB, and how many pixels the box's edge is thick."""


def draw(
    frame: npt.NDArray[np.uint8], layout: Layout, scores: Sequence[int] | int | None
) -> npt.NDArray[np.uint8]:
    """The model: a frame with what is drawn over it.

    Parameters
    ----------
    frame : (height, width, 3) uint8 array
        The frame.
    layout : :class:`~.layout.Layout`
        The places.
    scores : sequence of :class:`int`, :class:`int` or ``None``
        The score of each class, 0 to 255; the class; ``None`` as long as there is no result.
    """
    out = frame.copy()
    left, top, width, height = layout.box
    outer = np.zeros(frame.shape[:2], bool)
    outer[max(top - EDGE, 0) : top + height + EDGE, max(left - EDGE, 0) : left + width + EDGE] = 1
    outer[top : top + height, left : left + width] = 0
    out[outer] = _colour(BOX)
    if scores is None:
        return out
    values = np.array([] if isinstance(scores, int) else scores, int)
    best = scores if isinstance(scores, int) else int(values.argmax())
    left, top, _, _ = layout.glyph
    _number(out, best, left, top, 1 << layout.zoom_bits, layout.digits == 2)
    for number, score in enumerate(values):
        row = layout.bars_top + number * layout.pitch
        _number(out, number, layout.glyph[0], row, 1, layout.digits == 2)
        end = layout.bars_left + (int(score) >> layout.bar_shift)
        out[row : row + ROWS, layout.bars_left : end] = _colour(BAR)
    return out


def _colour(colour: int) -> list[int]:
    return [colour >> shift & 0xFF for shift in (16, 8, 0)]


def _number(
    out: npt.NDArray[np.uint8], number: int, left: int, top: int, zoom: int, two: bool
) -> None:
    for place, digit in enumerate(divmod(number, 10) if two else (number,)):
        ink = np.array([[each == "#" for each in row] for row in DIGITS[digit]])
        ink = ink.repeat(zoom, 0).repeat(zoom, 1)
        at = left + place * (COLUMNS + 1) * zoom
        out[top : top + ink.shape[0], at : at + ink.shape[1]][ink] = _colour(CLASS)


class Overlay(wiring.Component):
    """Draws over a stream, as :func:`draw` says.

    A pixel in, a pixel out, :attr:`latency` steps later; stopped as a whole while the output is.

    Parameters
    ----------
    layout : :class:`~.layout.Layout`
        The places.

    Members
    -------
    i, o : streams of :py:`PixelBeat(u8, 3)`
        Whole frames.
    known, tens, ones, read_enable, read_class, score
        What is drawn: see :class:`~.scores.Scores`. It changes between frames.
    """

    latency = 3

    i: stream.Interface
    o: stream.Interface
    known: Signal
    tens: Signal
    ones: Signal
    read_enable: Signal
    read_class: Signal
    score: Signal

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        pixels = stream.Signature(RGB_BEAT)
        super().__init__({
            "i": In(pixels),
            "o": Out(pixels),
            "known": In(1),
            "tens": In(4),
            "ones": In(4),
            "read_enable": Out(1),
            "read_class": Out((layout.classes - 1).bit_length()),
            "score": In(8),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        steps = Module()
        step = stepped(m, steps, self.i, self.o, self.latency)
        m.d.comb += [
            self.read_enable.eq(step),
            Value.cast(self.o.payload.samples).eq(self._drawn(m, steps, step)),
        ]
        return m

    def _drawn(self, m: Module, steps: Module, step: Value) -> Value:
        """The pixel, :attr:`latency` steps later."""
        layout = self._layout
        x, y = Signal(range(layout.width)), Signal(range(layout.height))
        here_x, here_y = Signal.like(x), Signal.like(y)
        beat = self.i.payload
        steps.d.comb += [here_x.eq(Mux(beat.first, 0, x)), here_y.eq(Mux(beat.first, 0, y))]
        with steps.If(self.i.valid):
            steps.d.sync += [x.eq(Mux(beat.last, 0, here_x + 1)), y.eq(here_y + beat.last)]

        # First step: where the pixel is. Places are counted from each thing's own corner.
        def within(value: Value, start: int, size: int) -> Value:
            return (value >= max(start, 0)) & (value < start + size)

        left, top, width, height = layout.box
        on_edge = (within(here_x, left - EDGE, width + 2 * EDGE)
                   & within(here_y, top - EDGE, height + 2 * EDGE)
                   & ~(within(here_x, left, width) & within(here_y, top, height)))
        two = layout.digits == 2
        glyph_left, glyph_top, glyph_width, glyph_height = layout.glyph
        zoom = layout.zoom_bits
        on_glyph = (within(here_x, glyph_left, glyph_width)
                    & within(here_y, glyph_top, glyph_height))
        bars = layout.bars_top
        on_rows = within(here_y, bars, layout.classes << layout.pitch_bits) if layout.bars else 0
        glyph_x, glyph_y = here_x - glyph_left, here_y - glyph_top
        bar_x, bar_y = here_x - layout.bars_left, here_y - bars
        number = bar_y[layout.pitch_bits :][: len(self.read_class)]
        line = bar_y[: layout.pitch_bits]
        on_bar = on_rows & (line < ROWS) & (here_x >= layout.bars_left)
        on_label = on_rows & (line < ROWS) & within(
            here_x, glyph_left, layout.digits * (COLUMNS + 1))

        edge_1, glyph_1, bar_1, label_1 = (
            Signal(name=f"{name}_1") for name in ("edge", "glyph", "bar", "label"))
        column_1, row_1 = Signal(4), Signal(3)
        length_1 = Signal(range(layout.width))
        steps.d.sync += [
            edge_1.eq(on_edge), glyph_1.eq(on_glyph), bar_1.eq(on_bar), label_1.eq(on_label),
            column_1.eq(Mux(on_label, glyph_x, glyph_x >> zoom)),
            row_1.eq(Mux(on_label, line, glyph_y >> zoom)),
            self.read_class.eq(number),
            length_1.eq(bar_x),
        ]

        # Second: the digit's row, and the bar's length. The font is read as the scores are.
        font: memory.Memory = memory.Memory(
            shape=unsigned(COLUMNS), depth=16 * 8,
            init=[sum((DIGITS[at // 8][at % 8][column] == "#") << column
                      for column in range(COLUMNS)) if at // 8 < 10 and at % 8 < ROWS else 0
                  for at in range(128)])
        m.submodules.font = font
        reads = font.read_port()
        second = column_1 >= COLUMNS + 1 if two else Const(0)
        of_class = self.read_class
        tens = sum((of_class >= ten for ten in range(10, layout.classes, 10)), Const(0, 2))
        ones = (of_class - 10 * tens)[:4]
        label = Mux(second, ones, tens) if two else ones
        shown = Mux(second, self.ones, self.tens) if two else self.ones
        m.d.comb += [
            reads.addr.eq(Cat(row_1, Mux(label_1, label, shown)[:4])),
            reads.en.eq(step),
        ]
        edge_2, written_2, bar_2 = (Signal(name=f"{name}_2") for name in ("edge", "ink", "bar"))
        column_2 = Signal(3)
        length_2 = Signal.like(length_1)
        steps.d.sync += [
            edge_2.eq(edge_1),
            written_2.eq((glyph_1 | label_1) & self.known),
            bar_2.eq(bar_1 & self.known),
            column_2.eq(Mux(second, column_1 - COLUMNS - 1, column_1)),
            length_2.eq(length_1),
        ]

        # Third: the colour.
        ink = written_2 & (reads.data >> column_2)[0]
        bar = bar_2 & (length_2 < self.score >> layout.bar_shift)
        old = delayed(steps, Value.cast(beat.samples), 2, name="pixel", reset_less=True)
        drawn = Signal(24)
        steps.d.sync += drawn.eq(Mux(
            edge_2, _bits(BOX), Mux(ink, _bits(CLASS), Mux(bar, _bits(BAR), old))))
        return drawn


def _bits(colour: int) -> int:
    """0xRRGGBB with red in the lowest bits."""
    return sum(part << 8 * at for at, part in enumerate(_colour(colour)))
