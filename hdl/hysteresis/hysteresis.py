"""Classes of pixels in, edges out: the exact hysteresis of whole frames."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.pipeline.whole import EDGE
from ...model.sample import Sample
from ..beat import PixelBeat
from ..devices import device
from .edge_linker import EdgeLinker
from .keeping import WholeFrame
from .last_lines import LastLines
from .layout import WordLayout
from .pixel_words import EdgeWord, WordPacker, WordUnpacker


__all__ = ["Hysteresis"]


class Hysteresis(wiring.Component):
    """Edges of a map of classes: all weak pixels that hang together with a strong one.

    It is what ``cv2.Canny`` does last, exactly and for every picture, and holds a frame in block
    RAM, 2 bits a pixel. Output begins when a frame is linked, which for most pictures is shortly
    after its last beat, as linking goes on beside loading; while a frame leaves, the next one comes
    in. So a frame takes a cycle a beat, and those that linking takes longer than loading.

    Parameters
    ----------
    width, height : :class:`int`
        The frame.
    pixels_per_clock : :class:`int`
        Pixels in a beat.
    pixel : :class:`~windrow.model.sample.Sample`
        The sample that a class comes in.
    target : :class:`str`
        A device family of :data:`~windrow.hdl.devices.DEVICES`.
    queue_depth : :class:`int`
        Words that can wait for their turn.
    lines : :class:`int` or ``None``
        Rows that are known below each row when it leaves; ``None``: all of a frame is held.

    Attributes
    ----------
    first_rows : :class:`int`
        Rows that must have come before the first leaves.
    bits : :class:`int`
        Bits of memory that hold classes.

    Members
    -------
    i : stream of :class:`~windrow.hdl.beat.PixelBeat`
        Classes: 0 no edge, 1 weak, 2 strong, in whole frames.
    o : stream of :class:`~windrow.hdl.beat.PixelBeat`
        255 on edges, 0 elsewhere.
    incomplete : :py:`Out(1)`
        High for one cycle of a frame that misses some of its edges: when its last word is first
        offered at ``o``, and all frames before have left. Only where no whole frame is held.
    """

    i: stream.Interface
    o: stream.Interface
    incomplete: Signal

    def __init__(
        self, width: int, height: int, pixels_per_clock: int = 1,
        pixel: Sample = EDGE, *, target: str = "generic", queue_depth: int = 512,
        lines: int | None = None,
    ) -> None:
        family = device(target)
        self.layout = layout = WordLayout(width, height, pixels_per_clock)
        self._packer = WordPacker(layout, pixel, family.queue)
        keeping = WholeFrame(layout) if lines is None else LastLines(layout, lines)
        self._linker = EdgeLinker(keeping, family, queue_depth)
        self.first_rows = keeping.first_words // layout.row_words
        self.bits = 2 * layout.pixels * keeping.depth
        self._queue = family.queue(EdgeWord(layout), self._linker.output_latency)
        self._unpacker = WordUnpacker(layout)
        super().__init__({
            "i": In(stream.Signature(PixelBeat(pixel, pixels_per_clock))),
            "o": Out(stream.Signature(PixelBeat(EDGE, pixels_per_clock))),
            **({} if lines is None else {"incomplete": Out(1)}),
        })

    @property
    def latency(self) -> int:
        """Least cycles from a frame's last beat to its first of the output: without edges."""
        return self._packer.latency + self._linker.latency + self._queue.latency + 1

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.packer = packer = self._packer
        m.submodules.linker = linker = self._linker
        m.submodules.queue = queue = self._queue
        m.submodules.unpacker = unpacker = self._unpacker
        wiring.connect(m, wiring.flipped(self.i), packer.i)
        wiring.connect(m, packer.o, linker.i)
        m.d.comb += [
            linker.room.eq(queue.room),
            queue.i.eq(linker.o),
            queue.i_valid.eq(linker.o_valid),
        ]
        wiring.connect(m, queue.o, unpacker.i)
        wiring.connect(m, unpacker.o, wiring.flipped(self.o))
        if "incomplete" in self.signature.members:
            m.d.comb += self.incomplete.eq(unpacker.incomplete)
        return m
