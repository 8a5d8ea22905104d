"""A clock of its own for the input: the FIFO between a camera's pixels and the core."""

from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import fifo, stream, wiring
from amaranth.lib.cdc import AsyncFFSynchronizer, FFSynchronizer, ResetSynchronizer
from amaranth.lib.wiring import In, Out


__all__ = ["InputFifo"]


class InputFifo(wiring.Component):
    """Takes values on the clock of domain ``source`` and gives them on that of ``sync``.

    What is taken comes out once and in order, whatever the two clocks. A value can be taken at
    ``o`` at the fourth edge of ``sync`` after the edge of ``source`` that took it at ``i``, at the
    fifth where the first of these is too close; throughput is one value a cycle of the slower
    clock.

    The reset of ``source`` is made here: that of ``sync``, put on at once, whether or not the clock
    runs, and taken off a few cycles of both clocks later. Until then nothing is taken. What was in
    the FIFO is forgotten.

    A frame that has lost beats is filled by the core when the next one starts, a beat a cycle; what
    comes meanwhile waits in the FIFO. If that is too small, beats of that frame are lost again. So
    the core is even again after a few frames where its clock is faster than the source's beats
    come; where it is not, only if fewer beats are missing than the FIFO holds.

    Parameters
    ----------
    shape : :ref:`shape-like <lang-shapelike>`
        A value.
    depth : :class:`int`
        Values that it holds, a power of two, at least 8; and one more at its output.

    Members
    -------
    i : stream of ``shape``
        Input, on the clock of ``source``. ``ready`` does not depend on ``valid``.
    o : stream of ``shape``
        Output, on the clock of ``sync``. Once valid it is held until taken.
    overflow : :py:`Out(1)`
        For one cycle of ``sync``: a value was offered while the FIFO was full, since the last time.
        A source that cannot wait has lost it; for one that can it means nothing. Losses that come
        close together, within a few cycles of the slower clock, have one pulse; the last of them
        is never later than the pulse that stands for it.
    """

    latency = 4
    """Clock cycles from the edge that takes a value to the one that gives it, if the two clocks are
    one."""

    i: stream.Interface
    o: stream.Interface
    overflow: Signal

    def __init__(self, shape: ShapeLike, depth: int) -> None:
        self._shape = shape
        self._depth = depth
        super().__init__({
            "i": In(stream.Signature(shape)),
            "o": Out(stream.Signature(shape)),
            "overflow": Out(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        # All are set at once, and released one after the other. The FIFO counts on its read side to
        # have seen the write side cleared, and on the write side to have seen the read side follow,
        # when a reset ends; after a short one, or one in which a clock stood still, neither need be
        # so by itself (Amaranth 0.5.10: then old values come out, or new ones are lost).
        clears = Signal()
        follows = Signal()
        resets = ResetSignal("source")
        m.submodules.clears_cdc = AsyncFFSynchronizer(
            ResetSignal("sync"), clears, o_domain="source")
        m.submodules.follows_cdc = AsyncFFSynchronizer(clears, follows, o_domain="sync", stages=3)
        m.submodules.resets = ResetSynchronizer(follows, domain="source")

        # Its output register stands behind the memory's, whose clock-to-output delay is long.
        m.submodules.queue = queue = fifo.AsyncFIFOBuffered(
            width=Shape.cast(self._shape).width, depth=self._depth + 1,
            w_domain="source", r_domain="sync")
        m.d.comb += [
            queue.w_data.eq(Value.cast(self.i.payload)),
            # In reset the FIFO would take a value and not keep it.
            self.i.ready.eq(queue.w_rdy & ~resets),
            queue.w_en.eq(self.i.valid & ~resets),
            Value.cast(self.o.payload).eq(queue.r_data),
            self.o.valid.eq(queue.r_rdy),
            queue.r_en.eq(self.o.ready),
        ]

        # A loss turns `told` over as soon as the last turn is known to have arrived. It starts from
        # 0 in both domains: in reset nothing else leaves this one, whether or not its clock runs.
        lost = Signal()
        told = Signal()
        known = Signal()
        heard = Signal()
        came = Signal()
        m.submodules.told_cdc = FFSynchronizer(
            told & ~resets, heard, o_domain="sync", reset_less=False)
        m.submodules.known_cdc = FFSynchronizer(heard, known, o_domain="source", reset_less=False)
        with m.If(told == known):
            m.d.source += [told.eq(told ^ lost), lost.eq(0)]
        with m.If(self.i.valid & ~queue.w_rdy):
            m.d.source += lost.eq(1)
        m.d.sync += came.eq(heard)
        m.d.comb += self.overflow.eq(heard ^ came)
        return m
