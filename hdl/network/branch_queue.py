"""A queue of rows, where a branch waits for a longer one."""

from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..delay import delayed
from ..devices import Device
from .rom import loop
from .window_reader import block_memory


__all__ = ["BranchQueue"]

_FEW = 16
"""Beats up to which no block RAM is worth it."""


class BranchQueue(wiring.Component):
    """Beats wait in block RAM, which is read through its own register into a short queue. A few
    wait in that alone.

    Latency is :attr:`latency` cycles while it is empty; throughput is one beat a cycle, but one
    beat may be a cycle late after the reader has waited. ``i.ready`` depends on no input in the
    same cycle.

    Parameters
    ----------
    shape : :ref:`shape-like <lang-shapelike>`
        A beat.
    depth : :class:`int`
        Beats that it holds at least.
    device : :class:`~..devices.Device`
        Whose memory and queue to use.
    prompt : :class:`bool`
        No beat is ever late: for a reader that waits again and again, and has no cycle to lose.

    Members
    -------
    i, o : streams of ``shape``
        The same beats in the same order. Once valid, the output is held until it is taken.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(
        self, shape: ShapeLike, depth: int, device: Device, *, prompt: bool = False
    ) -> None:
        self._few = depth <= _FEW
        # Whether there is room is known a cycle late.
        self._words = depth + 1
        self._memory = block_memory(device, Shape.cast(shape).width, self._words)
        way = self._memory.read_latency
        self._queue = (device.short_queue(shape, 0, depth) if self._few else
                       device.short_queue(shape, way, way * prompt))
        super().__init__({
            "i": In(stream.Signature(shape)),
            "o": Out(stream.Signature(shape)),
        })

    @property
    def latency(self) -> int:
        """Cycles from a beat at ``i`` to the same at ``o``."""
        way = 0 if self._few else 1 + self._memory.read_latency
        return way + self._queue.latency

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.queue = queue = self._queue
        wiring.connect(m, queue.o, wiring.flipped(self.o))
        if self._few:
            m.d.comb += [
                Value.cast(queue.i).eq(Value.cast(self.i.payload)),
                queue.i_valid.eq(self.i.valid & queue.room),
                self.i.ready.eq(queue.room),
            ]
            return m
        m.submodules.memory = memory = self._memory
        puts = Signal()
        gets = Signal()
        ready = Signal(init=1)
        level = Signal(range(self._words + 1))
        m.d.comb += [
            puts.eq(self.i.valid & ready),
            gets.eq((level != 0) & queue.room),
            self.i.ready.eq(ready),
            memory.write_enable.eq(puts),
            memory.write_address.eq(loop(m, self._words, puts, "write_address")[0]),
            memory.write_data.eq(Value.cast(self.i.payload)),
            memory.read_enable.eq(1),
            memory.read_address.eq(loop(m, self._words, gets, "read_address")[0]),
            Value.cast(queue.i).eq(Value.cast(memory.read_data)),
            queue.i_valid.eq(delayed(m, gets, memory.read_latency, name="valid")),
        ]
        with m.If(puts ^ gets):
            m.d.sync += level.eq(Mux(puts, level + 1, level - 1))
        m.d.sync += ready.eq(level < self._words - 1)
        return m
