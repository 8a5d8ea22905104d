"""Room for everything in flight, so that the pipeline never has to stop."""

from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import fifo, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2


__all__ = ["OutputQueue"]


class OutputQueue(wiring.Component):
    """Ends a free-running pipeline in a stream with back-pressure.

    The pipeline in front of it has no enable. It must let a new value in only while ``room`` is
    true; then whatever is on its way finds a place. The queue is deep enough that a consumer that
    is always ready never makes ``room`` false.

    Latency is :attr:`latency` cycles while the queue is empty; throughput is one value a cycle.

    Parameters
    ----------
    shape : :ref:`shape-like <lang-shapelike>`
        A value.
    in_flight : :class:`int`
        Cycles from the one in which ``room`` lets a value in to the one in which it comes to ``i``.

    Members
    -------
    i : :py:`In(shape)`
        Values of the pipeline.
    i_valid : :py:`In(1)`
        There is one in this cycle.
    room : :py:`Out(1)`
        A value may be let in in this cycle. A register.
    o : stream of ``shape``
        Output. Once valid it is held until taken.
    """

    latency = 2
    """Cycles from a value at ``i`` to the same at ``o``: queue, output register."""

    i: Any
    i_valid: Signal
    room: Signal
    o: stream.Interface

    def __init__(self, shape: ShapeLike, in_flight: int) -> None:
        # Let in and not yet counted: those in flight, in this cycle, and while `room` is updated.
        self._uncounted = in_flight + 2
        self._shape = shape
        super().__init__({
            "i": In(shape),
            "i_valid": In(1),
            "room": Out(1),
            "o": Out(stream.Signature(shape)),
        })

    @property
    def depth(self) -> int:
        """Values that the queue holds."""
        return 1 << ceil_log2(self._uncounted + 2)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.queue = queue = fifo.SyncFIFO(
            width=Shape.cast(self._shape).width, depth=self.depth)
        m.d.comb += [
            queue.w_data.eq(Value.cast(self.i)),
            queue.w_en.eq(self.i_valid),
            queue.r_en.eq(self.o.ready | ~self.o.valid),
        ]
        m.d.sync += self.room.eq(queue.w_level <= self.depth - self._uncounted)
        with m.If(queue.r_en):
            m.d.sync += [
                self.o.valid.eq(queue.r_rdy),
                Value.cast(self.o.payload).eq(queue.r_data),
            ]
        return m
