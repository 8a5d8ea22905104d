"""Room for everything in flight, so that the pipeline never has to stop."""

from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import memory, stream, wiring
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
        A value may be let in in this cycle. A bit of a register, inverted.
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
        # Let in and not yet counted: those in flight, and one in this cycle.
        self._uncounted = in_flight + 1
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
        bits = Shape.cast(self._shape).width
        storage: memory.Memory = memory.Memory(shape=unsigned(bits), depth=self.depth, init=[])
        m.submodules.storage = storage
        write, read = storage.write_port(), storage.read_port(domain="comb")

        # The fill level in unary: bit `n` is set while there are more than `n` values. Nothing is
        # ever compared with it, and a step up or down is one multiplexer a bit.
        level = Signal(self.depth)
        write_address = Signal(range(self.depth))
        read_address = Signal(range(self.depth))
        puts = self.i_valid
        gets = Signal()
        taken = Signal()
        m.d.comb += [
            taken.eq(self.o.ready | ~self.o.valid),
            gets.eq(level[0] & taken),
            write.addr.eq(write_address),
            write.data.eq(Value.cast(self.i)),
            write.en.eq(puts),
            read.addr.eq(read_address),
            self.room.eq(~level[self.depth - self._uncounted]),
        ]
        with m.If(puts):
            m.d.sync += write_address.eq(write_address + 1)
        with m.If(gets):
            m.d.sync += read_address.eq(read_address + 1)
        with m.If(puts ^ gets):
            m.d.sync += level.eq(Mux(puts, Cat(1, level), level >> 1))

        payload = Signal(bits, reset_less=True)
        m.d.comb += Value.cast(self.o.payload).eq(payload)
        with m.If(taken):
            m.d.sync += [self.o.valid.eq(level[0]), payload.eq(read.data)]
        return m
