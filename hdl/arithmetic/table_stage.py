"""A table whose entries can be changed while the core runs."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ...model.interval import Interval
from ...model.nodes import Table, Term
from ..beat import Beat, part
from ..deep_memory import DeepMemory
from ..delay import delayed
from ..devices import Device
from .table import looked_up


__all__ = ["TableStage"]


class TableStage(wiring.Component):
    """The entry of a table for each sample, of the design's own or of one that was written.

    Each lane and channel has a memory of some written tables, its banks, beside the table of
    constants, which is what holds after a reset.

    Latency is :attr:`latency` cycles, throughput is one beat a cycle.

    Parameters
    ----------
    name : :class:`str`
        What the setting is called that says which table: one that was ``written``, in which
        ``bank``.
    beat : :class:`~.beat.Beat`
        What comes in: a value for each lane and channel.
    first : :class:`int`
        The value of the first entry.
    entries : sequence of :class:`int`
        The design's own, a power of two of them.
    output : :class:`~windrow.model.interval.Interval`
        What an entry can be.
    settings : :class:`~amaranth.lib.data.StructLayout`
        All settings.
    device : :class:`~.devices.Device`
        Whose memories to use.

    Members
    -------
    i : :py:`In(Beat)`
        Values.
    settings : :py:`In(settings)`
        Those of the newest frame.
    write_enable, write_address, write_data : :py:`In`
        Write an entry; above its number the address has the bank.
    o : :py:`Out(Beat)`
        Their entries.
    """

    i: Any
    settings: Any
    write_enable: Signal
    write_address: Signal
    write_data: Signal
    o: Any

    latency = 3

    def __init__(
        self, name: str, beat: Beat, first: int, entries: tuple[int, ...], output: Interval,
        settings: data.StructLayout, device: Device,
    ) -> None:
        self.name = name
        self._table = Table(Term(0), first, entries)
        self._output = output
        self._device = device
        self._bank = settings[name].shape
        self._depth = range(len(entries) << Shape.cast(self._bank.members["bank"]).width)
        super().__init__({
            "i": In(beat),
            "settings": In(settings),
            "write_enable": In(1),
            "write_address": In(self._depth),
            "write_data": In(output.bits),
            "o": Out(beat.of([output], beat.count)),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        beat = self.i.shape()
        table = self._table
        bits = (len(table.values) - 1).bit_length()
        which: Any = Signal(self._bank, reset_less=True)
        with m.If(self.i.frame_switch):
            m.d.sync += which.eq(self.settings[self.name])
        shows_written = delayed(m, which.written, 2, name="shows_written", reset_less=True)
        for lane in range(beat.count):
            for channel in range(beat.channels):
                value = part(self.i, "columns", lane, channel, 0)
                memory = DeepMemory(self._output.bits, len(self._depth), self._device)
                m.submodules[f"memory_{lane}_{channel}"] = memory
                place = Signal(bits, name=f"place_{lane}_{channel}")
                m.d.comb += [
                    place.eq(value - table.first),
                    memory.read_address.eq(Cat(place, which.bank)),
                    memory.write_enable.eq(self.write_enable),
                    memory.write_address.eq(self.write_address),
                    memory.write_data.eq(self.write_data),
                ]
                written = delayed(m, memory.read_data, 2 - memory.latency, name="written",
                                  reset_less=True)
                fixed = looked_up(m, table, value, beat.values[0])
                entry = Signal(self.o.columns[lane][channel][0].shape(), reset_less=True,
                               name=f"entry_{lane}_{channel}")
                if self._output.signed:
                    written = written.as_signed()
                m.d.sync += entry.eq(Mux(shows_written, written, fixed))
                m.d.comb += self.o.columns[lane][channel][0].eq(entry)
        m.d.comb += [
            self.o.valid.eq(delayed(m, self.i.valid, self.latency, name="valid")),
            self.o.place.eq(delayed(m, self.i.place, self.latency, name="place",
                                    reset_less=True)),
            self.o.frame_switch.eq(delayed(m, self.i.frame_switch, self.latency,
                                           name="frame_switch")),
        ]
        return m
