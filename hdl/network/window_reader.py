"""A memory of rows, and what reads the windows of a layer from it."""

from typing import Any

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ..beat import sample_shape
from ..delay import delayed
from ..devices import Device
from ..window.line_memory import LineMemory
from .axis import steps
from .rom import loop, table


__all__ = ["WindowReader", "block_memory"]

_DEEPEST = 1 << 14
"""Words of the deepest block RAM. Deeper memories are left to the tools."""


class WindowReader(wiring.Component):
    """Reads windows, one tap or one column of taps a cycle, from the rows that come in.

    Rows are written into a ring in order. A row of windows begins when all the rows that it sees
    are there, and lets go of those that no later one sees at its end. In between there is no cycle
    without a tap, whatever ends or begins, as long as there is ``room``. What lies outside the
    frame is there by address or put in on the way; it takes no cycle.

    Latency is :attr:`latency` cycles from a step to its samples; throughput is one a cycle.

    Parameters
    ----------
    passes : :class:`~.passes.Passes` or :class:`~.movement_engine.Moves`
        What is read when.
    rows : :class:`int`
        Rows of the ring.
    fill : :class:`int`
        The sample outside the frame.
    device : :class:`~..devices.Device`
        Whose memory to use.

    Members
    -------
    i : stream of ``lanes`` samples
        Words, pixel by pixel. ``ready`` does not depend on ``valid``.
    room : :py:`In(1)`
        A pass may begin.
    step : :py:`Out(1)`
        A tap is read.
    first, last : :py:`Out(1)`
        With ``step``: the first, the last of its pass.
    place : :py:`Out`
        With ``step``: ``row`` and ``column`` of the window.
    samples : :py:`Out` array of ``tap_lanes`` arrays of ``lanes`` samples
        What was read :attr:`latency` cycles ago.
    """

    i: stream.Interface
    room: Signal
    step: Signal
    first: Signal
    last: Signal
    place: Any
    samples: Any

    _ADDRESS_CYCLES = 5
    """Cycles from a step to the address of what it reads."""

    def __init__(self, passes: Any, rows: int, fill: int, device: Device) -> None:
        self._passes = passes
        self._rows, self._columns = passes.axes
        self._depth = max(rows, self._rows.least)
        self._fill = fill
        self._device = device
        word = data.ArrayLayout(sample_shape(passes.layer.input.sample), passes.lanes)
        super().__init__({
            "i": In(stream.Signature(word)),
            "room": In(1),
            "step": Out(1),
            "first": Out(1),
            "last": Out(1),
            "place": Out(data.StructLayout({
                "row": _counts(self._rows.count), "column": _counts(self._columns.count)})),
            "samples": Out(data.ArrayLayout(word, passes.tap_lanes)),
        })

    @property
    def latency(self) -> int:
        """Cycles from a step to its samples."""
        return self._ADDRESS_CYCLES + self._device.memory.read_latency + 1 + self._banked

    @property
    def _banked(self) -> bool:
        """Whether every row of the ring is a memory of its own, as all are read at once."""
        return self._passes.tap_lanes > 1

    @property
    def _row_words(self) -> int:
        return self._columns.size * len(self._passes.word_channels)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        passes, rows, columns = self._passes, self._rows, self._columns
        ring = self._depth

        # The loops, the innermost first. What a table says of a turn is wanted at its end, and
        # has a cycle's time where the turn has more than one.
        sizes = {"word": passes.words, "tap_column": passes.kernel[1],
                 "tap_row": passes.kernel[0] // passes.tap_lanes,
                 "fold": passes.folds, "group": passes.groups,
                 "column": columns.count, "row": rows.count}
        value: dict[str, Value] = {}
        last: dict[str, Value] = {}
        ends: dict[str, Value] = {}
        slow: dict[str, bool] = {}
        advance: Value = self.step
        for name, size in sizes.items():
            slow[name] = any(inner > 1 for inner in list(sizes.values())[:len(slow)])
            value[name], last[name] = loop(m, size, advance, name)
            advance = ends[name] = advance & last[name]

        # A pass begins with room for what it makes, a row with the rows that it sees.
        begins = Signal(init=1)
        pass_last = last["word"] & last["tap_column"] & last["tap_row"]
        with m.If(self.step):
            m.d.sync += begins.eq(pass_last)
        needed = table(m, steps(rows.needed, rows.size), _counts(rows.size + 1),
                       value["row"], "needed", registered=slow["row"])
        most = rows.size + ring + 1
        ahead = Signal(range(-most, most), init=-rows.needed[0])  # rows beyond those needed
        written = Signal()
        # Whether a row ends and whether one is written are known late: they choose from what is
        # known before.
        m.d.sync += ahead.eq(Mux(
            ends["column"], Mux(written, ahead + (1 - needed), ahead - needed),
            Mux(written, ahead + 1, ahead)))
        m.d.comb += [
            self.step.eq(~begins | (self.room & ~ahead[-1])),
            self.first.eq(begins),
            self.last.eq(pass_last),
        ]

        # Rows that may be written: freed when what was read last has left the memory.
        freed = table(m, rows.freed, _counts(2 * rows.size + 1), value["row"], "freed")
        row_ends = delayed(m, ends["column"], 1, name="row_ends")
        frees = delayed(m, Mux(row_ends, freed, 0), self._ADDRESS_CYCLES - 1, name="frees")
        space = Signal(range(ring + 2 * rows.size + 1), init=ring + rows.bases[0])
        left = space + frees
        ready = Signal(init=1)
        # Whether a row ends is known late: what is left without it and with it is known before.
        m.d.sync += [space.eq(Mux(written, left - 1, left)),
                     ready.eq(left[1:].any() | left[0] & ~written)]
        m.d.comb += self.i.ready.eq(ready)

        # Where the window is: its base in the ring and along the row, a multiple of words.
        pixel = len(passes.word_channels)
        slot = Signal(_counts(ring), init=rows.bases[0] % ring)
        moved = table(m, [each % ring for each in rows.freed], _counts(ring), value["row"],
                      "moved", registered=slow["row"])
        with m.If(ends["column"]):
            m.d.sync += slot.eq(_modulo(slot + moved, ring))
        start = columns.bases[0] % columns.size * pixel
        along = Signal(_counts(self._row_words), init=start)
        stepped = table(m, [(late - early) * pixel for early, late in zip(
            columns.bases, columns.bases[1:], strict=False)] or [0], _counts(self._row_words),
            value["column"], "stepped", registered=slow["column"])
        with m.If(ends["group"]):
            m.d.sync += along.eq(Mux(last["column"], start, along + stepped))
        word = value["word"] + passes.first_word
        if passes.groups > 1:
            base = Signal(range(pixel), init=passes.first_word, name="group_word")
            with m.If(ends["fold"]):
                m.d.sync += base.eq(
                    Mux(last["group"], passes.first_word, base + passes.words))
            word = base + value["word"]
        words = [table(m, axis.words, range(max(*axis.words, 1) + 1), value[name], f"{name}_words")
                 for axis, name in ((rows, "row"), (columns, "column"))]

        # The number of the kind of place is a table of the place.
        kinds = {}
        for axis, name in ((rows, "row"), (columns, "column")):
            kinds[name] = table(m, axis.kinds, _counts(len(axis.offsets)), value[name],
                                f"{name}_kind")
            m.d.comb += self.place[name].eq(value[name])

        # What a tap sees is a table of that kind and the tap's number: its offset, and whether it
        # is a sample at all.
        def later(value: Value, cycles: int, name: str) -> Value:
            return delayed(m, value, cycles, name=name, reset_less=True)

        tap = later(value["tap_column"], 1, "tap_column")
        offset, shown = _seen(m, columns.offsets, kinds["column"], tap, pixel, "column")
        address = Signal(_counts(self._row_words), name="column_address", reset_less=True)
        m.d.sync += address.eq(
            later(later(along + word, 1, "along") + words[0] + words[1], 1, "along") + offset)
        slots, inside = [], []
        for lane in range(passes.tap_lanes):
            if self._banked:
                offsets = [each[lane:lane + 1] for each in rows.offsets]
                tap = Const(0, 1)
            else:
                offsets, tap = list(rows.offsets), later(value["tap_row"], 1, "tap_row")
            offset, there = _seen(m, offsets, kinds["row"], tap, 1, f"row_{lane}")
            at = Signal(_counts(ring), name=f"slot_{lane}", reset_less=True)
            m.d.sync += at.eq(_modulo(later(slot, 2, "slot") + offset, ring))
            slots.append(at)
            inside.append(later(shown & there, self.latency - 3, "inside"))

        store = self._banks if self._banked else self._memory
        found = store(m, later(address, 1, "column_address"), slots, written)
        for lane, (read_words, there) in enumerate(zip(found, inside, strict=True)):
            for number, sample in enumerate(self.samples[lane]):
                read = read_words[number * len(sample):(number + 1) * len(sample)]
                chosen = Mux(there, read, Const(self._fill, len(sample)))
                m.d.comb += Value.cast(sample).eq(later(chosen, 1, f"sample_{lane}_{number}"))
        return m

    def _memory(
        self, m: Module, column: Value, slots: list[Signal], written: Signal
    ) -> list[Value]:
        """One memory, a row behind the other."""
        words = self._row_words
        depth = self._depth * words
        start = table(m, [slot * words for slot in range(self._depth)], _counts(depth),
                      slots[0], "row_address")
        address = Signal(_counts(depth), name="address", reset_less=True)
        m.d.sync += address.eq(start + column)
        takes = self.i.valid & self.i.ready
        at, _ = loop(m, depth, takes, "write_address")
        _, row_last = loop(m, words, takes, "write_column")
        m.d.comb += written.eq(takes & row_last)
        return [self._store(m, "ring", depth, address, takes, at)]

    def _banks(
        self, m: Module, column: Value, slots: list[Signal], written: Signal
    ) -> list[Value]:
        """A memory a row, all read at once."""
        address = delayed(m, column, 1, name="address", reset_less=True)
        takes = self.i.valid & self.i.ready
        at, row_last = loop(m, self._row_words, takes, "write_address")
        m.d.comb += written.eq(takes & row_last)
        slot, _ = loop(m, self._depth, written, "write_slot")
        banks = [self._store(m, f"bank_{number}", self._row_words, address,
                             takes & (slot == number), at)
                 for number in range(self._depth)]
        wait = 2 + self._device.memory.read_latency
        return [delayed(m, Array(banks)[delayed(
            m, each, wait, name="read_slot", reset_less=True)] if len(banks) > 1 else banks[0],
            1, name="read", reset_less=True) for each in slots]

    def _store(self, m: Module, name: str, depth: int, address: Value, takes: Value,
               at: Value) -> Value:
        # What is written comes from far: it may be written a cycle later, long before it is read.
        spare = int(self._device.spare_registers)
        payload = delayed(m, Value.cast(self.i.payload), spare, name="payload", reset_less=True)
        takes = delayed(m, takes, spare, name=f"{name}_takes")
        at = delayed(m, at, spare, name="write_at", reset_less=True)
        bits = len(payload)
        m.submodules[name] = memory = block_memory(self._device, bits, depth)
        m.d.comb += [
            memory.read_enable.eq(1),
            memory.read_address.eq(address),
            memory.write_enable.eq(takes),
            memory.write_address.eq(at),
            memory.write_data.eq(payload),
        ]
        return Value.cast(memory.read_data)


def block_memory(device: Device, bits: int, depth: int) -> LineMemory:
    """A device's memory of so many words of so many bits, which it reads in any order."""
    kind = device.memory
    if depth > _DEEPEST and kind.read_latency == LineMemory.read_latency:
        kind = LineMemory
    return kind(bits, depth)


def _counts(count: int) -> Shape:
    """Holds 0 to ``count - 1``; at least one bit, as Verilog wants it."""
    return Shape.cast(range(max(count, 2)))


def _modulo(value: Value, size: int) -> Value:
    """What is less than twice a size, less that size where it can be."""
    if size == 1:
        return Const(0, 1)
    if size & (size - 1) == 0:
        return value[:len(value) - 1]
    return Mux(value >= size, value - size, value)


def _seen(m: Module, offsets: Any, kind: Value, tap: Value, scale: int,
          name: str) -> tuple[Value, Value]:
    """Offset and presence of what a tap sees, a cycle later."""
    taps = len(offsets[0])
    low = len(tap) if taps > 1 else 0
    index = Cat(tap, kind) if taps > 1 else kind
    places: list[int | None] = [None] * (len(offsets) << low)
    used = [False] * len(places)
    for number, each in enumerate(offsets):
        for at, offset in enumerate(each):
            places[(number << low) + at], used[(number << low) + at] = offset, True
    known = [offset for offset in places if offset is not None] or [0]
    most = max(known)
    # What is no place at all may be anything; the first will do.
    scaled = [(known[0] if offset is None else offset) * scale for offset in places]
    there = [offset is not None or not seen for offset, seen in zip(places, used, strict=True)]
    return (table(m, scaled, _counts(most * scale + 1), index, f"{name}_offset"),
            table(m, [int(each) for each in there], 1, index, f"{name}_there"))
