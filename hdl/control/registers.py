"""The registers in hardware: what is written, what is committed, and what is counted."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any, cast

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ...model import Filter
from ...model.pipeline import Pipeline
from ..delay import delayed, late_reset, line
from ..settings import Events, Extent, TableWrites, settings_of
from .axi_lite import AxiLite, AxiLiteSignature
from .register_map import (
    COMMIT,
    EVENTS,
    INTERRUPT_ENABLE,
    SIZE,
    WORD_BITS,
    Field,
    Register,
    RegisterMap,
)


__all__ = ["Registers"]

_DIGIT_BITS = 4
"""An address is decoded by digits, a register for each value of each, and then the registers."""


class Registers(wiring.Component):
    """The register port of a core.

    A write changes what will be committed, a commit copies all of that at once to what the core
    sees, and the core says when it has taken it. A write that is not legal changes nothing, and is
    answered with an error, as is every access where no register is. The two lowest bits of an
    address are not looked at.

    Everything takes its steps from register to register, with two levels of logic or so in
    between, so that the port does not limit the clock. The answer to a write is there 11 cycles
    after its address and data were taken, that to a read after 8, and after 11 with the largest
    kernel.

    Parameters
    ----------
    design : :class:`~windrow.model.Filter` or :class:`~windrow.model.pipeline.Pipeline`
        The design, with a register port.
    least_size : (:class:`int`, :class:`int`) or ``None``
        As of :class:`~.register_map.RegisterMap`.

    Members
    -------
    bus : :py:`In(AxiLiteSignature(address_bits))`
        The port.
    settings : :py:`Out(settings_of(design))`
        What was committed last; the design's own after a reset.
    extent : :py:`Out(Extent())`
        The frame's size, committed too.
    enable : :py:`Out(1)`
        Whether frames are to be filtered, committed too. It falls two cycles before the settings
        of its commit are there, and rises with them.
    pending : :py:`Out(1)`
        What was committed waits to be taken.
    resized : :py:`Out(1)`
        What waits to be taken has a size that was written.
    tables : :py:`Out(TableWrites(design))`
        The entries of tables that are written, where there are any.
    events : :py:`In(Events())`
        From the core. ``taken`` means that ``settings``, ``extent`` and ``enable`` are taken at the
        end of the same cycle.
    overflow : :py:`In(1)`
        The input FIFO loses a beat, for one cycle a time.
    incomplete : :py:`In(1)`
        A frame misses some of its edges, for one cycle a time.
    interrupt : :py:`Out(1)`
        1 while there is an event whose interrupt is enabled.
    """

    bus: Any
    settings: Any
    extent: Any
    enable: Signal
    pending: Signal
    resized: Signal
    tables: Any
    events: Any
    overflow: Signal
    incomplete: Signal
    interrupt: Signal

    def __init__(
        self, design: Filter | Pipeline, least_size: tuple[int, int] | None = None
    ) -> None:
        self.map = RegisterMap(design, least_size)
        settings = settings_of(design)
        assert settings is not None
        self._settings = settings
        if self.map.tables:
            self._tables = TableWrites(cast(Pipeline, design))
        super().__init__({
            "bus": In(AxiLiteSignature(self.map.address_bits)),
            "settings": Out(self._settings),
            "extent": Out(Extent()),
            "enable": Out(1),
            "pending": Out(1),
            "resized": Out(1),
            **({"tables": Out(self._tables)} if self.map.tables else {}),
            "events": In(Events()),
            "overflow": In(1),
            "incomplete": In(1),
            "interrupt": Out(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.axi_lite = bus = AxiLite(self.map.address_bits)
        connect(m, flipped(self.bus), bus.bus)

        buffered = self._buffered()
        own: Any = {"settings": self._settings.reset_value(), "enable": 1, "extent": {
            field.name: field.resets[0] for field in self.map[SIZE].fields}}
        written: Any = Signal(buffered, init=own, reset_less=True)
        committed: Any = Signal(buffered, init=own, reset_less=True)
        interrupts = Signal(WORD_BITS)
        store = self._writes(m, bus)

        # What is written.
        for register in self.map.registers:
            if register.buffered:
                for index, offset in enumerate(register.offsets):
                    with m.If(store[offset]):
                        m.d.sync += [
                            _value(written, register, field, index).eq(bus.write_data[field.low :])
                            for field in register.fields
                        ]
        mask = self.map[INTERRUPT_ENABLE]
        with m.If(store[mask.offset]):
            m.d.sync += interrupts.eq(bus.write_data & mask.mask)

        # What is committed, and taken. That there is a commit is known a cycle before its settings
        # are, so that the core has a cycle to be ready for them; what it takes in that cycle is
        # still the commit before. One register of its own enables hundreds.
        asked = store[self.map[COMMIT].offset] & bus.write_data[0]
        commit = delayed(m, asked, 1, name="commit")
        copies = delayed(m, commit, 1, name="copies", reset_less=True)
        size_written = Signal()
        if self.map[SIZE].buffered:
            with m.If(store[self.map[SIZE].offset]):
                m.d.sync += size_written.eq(1)
        with m.If(self.events.taken & ~copies):
            m.d.sync += [self.pending.eq(0), self.resized.eq(0)]
        with m.If(copies):
            m.d.sync += committed.eq(written)
        with m.If(commit):
            m.d.sync += [
                self.pending.eq(1),
                self.resized.eq(size_written | (self.resized & ~self.events.taken)),
                size_written.eq(0),
            ]
        enable = Signal(init=1)
        m.d.comb += [
            self.settings.eq(committed.settings),
            self.extent.eq(committed.extent),
            self.enable.eq(enable),
        ]
        # Frames stop before there is a commit that one of them could take, and go on behind it.
        with m.If(asked):
            m.d.sync += enable.eq(enable & written.enable)
        with m.If(copies):
            m.d.sync += enable.eq(written.enable)

        # What happens.
        sources = {name: self.events[name] for name in Events().members}
        happened = {name: delayed(m, source, 1, name=f"happened_{name}")
                    for name, source in (sources | {
                    "overflow": self.overflow, "incomplete": self.incomplete}).items()}
        events = Signal(WORD_BITS)
        clear = Mux(store[self.map[EVENTS].offset], bus.write_data, 0)
        m.d.sync += [
            events[field.low].eq(happened[field.name] | (events[field.low] & ~clear[field.low]))
            for field in self.map[EVENTS].fields
        ]
        m.d.sync += self.interrupt.eq((events & interrupts).any())
        live: dict[str, Value] = {
            **{counter.name: self._table(m, store[entry.offset], bus.write_data, copies, stage,
                                         written, committed)
               for stage, (entry, counter) in self.map.tables.items()},
            COMMIT: self.pending,
            "STATUS": Cat(self.pending, self.interrupt),
            EVENTS: events,
            INTERRUPT_ENABLE: interrupts,
        }
        counted = [(event, name, 16) for event, name in self.map.counters.items()]
        for event, name, bits in [("frame", "FRAMES", WORD_BITS), *counted]:
            live[name] = _count(m, bits, happened[event], event)

        def held(register: Register, field: Field, index: int) -> Value:
            if register.name in live:
                return live[register.name][field.low : field.low + field.bits]
            return Value.cast(_value(written, register, field, index))

        constant = {register.name for register in self.map.registers
                    if not register.buffered and register.name not in live}
        self._reads(m, bus, constant, held)
        late_reset(m, written, committed)
        return m

    def _table(self, m: Module, store: Value, word: Value, copies: Value, stage: str,
               written: Any, committed: Any) -> Value:
        """Put the entries of a table into a bank that nothing looks into; how many there are.

        ``store``: ``word`` is written. ``copies``: what is written is committed.
        """
        write = self.tables[stage]
        own, kept = written.settings[stage], committed.settings[stage]
        low = len(write.address) - len(own.bank)
        count = Signal(low + 1, name=f"{stage}_count")
        # The banks of the frames on their way: what a frame takes is not taken from again before
        # all frames work with it.
        taken: Any = Signal(kept.shape(), name=f"{stage}_taken")
        older: Any = Signal(kept.shape(), name=f"{stage}_older")
        with m.If(self.events.taken):
            m.d.sync += [taken.eq(kept), older.eq(taken)]
        spare, bank = (Signal(len(own.bank), name=f"{stage}_{name}")
                       for name in ("spare", "bank"))
        for number in reversed(range(1 << len(own.bank))):
            with m.If(~Cat(each.written & (each.bank == number)
                           for each in (kept, taken, older)).any()):
                m.d.comb += spare.eq(number)
        begins = word[-1] | (count == 0)
        place = Mux(begins, 0, count)
        m.d.sync += [
            write.enable.eq(store & ~place[low]),
            write.address.eq(Cat(place[:low], Mux(begins, spare, bank))),
            write.data.eq(word),
        ]
        with m.If(copies & count[low]):
            m.d.sync += count.eq(0)
        with m.If(store & ~place[low]):
            m.d.sync += count.eq(place + 1)
            with m.If(begins):
                m.d.sync += [bank.eq(spare), own.eq(kept)]
            with m.Elif(count == (1 << low) - 1):
                m.d.sync += [own.written.eq(1), own.bank.eq(bank)]
        return count

    def _buffered(self) -> data.StructLayout:
        """All that is committed at once."""
        return data.StructLayout({"settings": self._settings, "extent": Extent(), "enable": 1})

    def _writes(self, m: Module, bus: AxiLite) -> dict[int, Value]:
        """For each byte offset that can be written: 1 in the cycle in which it is to be."""
        writable = [register for register in self.map.registers if register.access != "ro"]
        begun = line(m, bus.write, 8, name="write_step")
        index = bus.write_address[2:]
        hits = _decoded(m, index, [offset >> 2 for register in writable
                                   for offset in register.offsets])

        # Address and data stay until the answer, so that what is known of them can wait for it.
        whole = _registered(m, bus.write_strobe.all(), "whole")
        allowed: dict[str, Value] = {}
        for register in writable:
            first, end = register.offset >> 2, (register.offset >> 2) + register.count
            among = hits[first] if register.count == 1 else _registered(
                m, _at_least(m, index, first) & ~_at_least(m, index, end), "among")
            legal = Cat(among, whole, *_rules(m, bus.write_data, register))
            allowed[register.name] = _registered(m, legal.all(), "allowed")
        # Four cycles more than it takes: by then a commit has been seen by all that wait for one,
        # so that a frame that starts after the answer is filtered with it.
        m.d.comb += bus.write_done.eq(begun[8])
        m.d.sync += bus.write_error.eq(~Cat(allowed.values()).any())
        return {
            offset: delayed(m, begun[3] & allowed[register.name] & hits[offset >> 2], 1,
                            name="store")
            for register in writable for offset in register.offsets
        }

    def _reads(self, m: Module, bus: AxiLite, constant: Collection[str],
               held: Callable[[Register, Field, int], Value]) -> None:
        """Answer reads with the word that lies at their address.

        Each word has a register of its own, whose reset holds it at 0 while another word is read:
        that takes no LUT, and all that is left is to join the registers, four in a LUT.
        """
        misses = _decoded(
            m, bus.read_address[2:],
            [offset >> 2 for register in self.map.registers for offset in register.offsets],
            inverted=True)
        # For each bit of a word what may be shown there, by how many cycles later it comes. One bit
        # more is 1 of each word that there is.
        shown: dict[int, list[list[Value]]] = {}

        def show(bit: int, value: Value, late: int = 0) -> None:
            shown.setdefault(late, [[] for _ in range(WORD_BITS + 1)])[bit].append(value)

        for register in self.map.registers:
            words: list[Value] = []
            for index, offset in enumerate(register.offsets):
                miss = misses[offset >> 2]
                hit = ~_registered(m, miss, "miss")
                show(WORD_BITS, hit)
                if register.name in constant:
                    for bit in range(WORD_BITS):
                        if register.resets[index] >> bit & 1:
                            show(bit, hit)
                    continue
                value = Cat(held(register, field, index) for field in register.fields)
                word = Signal(len(value), name="read_word", reset_less=True)
                m.d.sync += word.eq(value)
                with m.If(miss):
                    m.d.sync += word.eq(0)
                words.append(word)
            if not words:
                continue
            late = 0
            while len(words) > 1:
                words = [_registered(m, reduce(or_, four), "read_word") for four in _fours(words)]
                late += 1
            low = 0
            for field in register.fields:
                bits = len(held(register, field, 0))
                for bit in range(field.bits if field.signed else bits):  # a sign goes on
                    show(field.low + bit, words[0][low + min(bit, bits - 1)], late)
                low += bits

        late = 0
        nothing: list[list[Value]] = [[] for _ in range(WORD_BITS + 1)]
        joined = nothing
        while shown or any(len(each) > 1 for each in joined):
            groups = [[reduce(or_, four) for four in _fours(each + more)]
                      for each, more in zip(joined, shown.pop(late, nothing), strict=True)]
            each_bit = iter(_registered(m, Cat(*groups), "read_word"))
            joined = [[next(each_bit) for _ in group] for group in groups]
            late += 1
        m.d.comb += [
            bus.read_done.eq(delayed(m, bus.read, 3 + late, name="read_step")),
            bus.read_data.eq(Cat(each[0] if each else Const(0) for each in joined[:WORD_BITS])),
            bus.read_error.eq(~joined[WORD_BITS][0]),
        ]


def _fours(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Four at a time."""
    return (values[first : first + 4] for first in range(0, len(values), 4))


def _registered(m: Module, value: Value, name: str) -> Value:
    """``value`` a cycle later. It matters only while an access is under way, so without reset."""
    return delayed(m, value, 1, name=name, reset_less=True)


def _count(m: Module, bits: int, step: Value, name: str) -> Value:
    """Counts steps. Where it has more than 16 bits, steps must not come in consecutive cycles.

    A carry chain of 32 bits is the port's slowest path (ECP5, nextpnr 0.11: 3.9 ns).
    """
    digits: list[Value] = []
    for low in range(0, bits, 16):
        digit = Signal(16, name=f"count_{name}_{low}", reset_less=True)
        with m.If(step):
            m.d.sync += digit.eq(digit + 1)
        late_reset(m, digit)
        step = step & delayed(m, digit.all(), 1, name="count_full")
        digits.append(digit)
    return Cat(digits)


def _value(view: Any, register: Register, field: Field, index: int) -> Value:
    """A field of a word of a register, among all that is buffered."""
    for name in field.path:
        view = view[name]
    return view[index] if register.array else view


def _decoded(
    m: Module, index: Value, words: Iterable[int], *, inverted: bool = False
) -> dict[int, Value]:
    """For each word: whether ``index`` was its number two cycles ago, or was not."""
    words = list(words)
    base = 1 << _DIGIT_BITS
    low = {digit: _registered(m, index[:_DIGIT_BITS] == digit, "low_digit")
           for digit in sorted({word % base for word in words})}
    high = {digit: _registered(m, index[_DIGIT_BITS:] == digit, "high_digit")
            for digit in sorted({word // base for word in words})}
    hits = {word: low[word % base] & high[word // base] for word in words}
    return {word: _registered(m, ~hit if inverted else hit, "miss" if inverted else "hit")
            for word, hit in hits.items()}


def _rules(m: Module, word: Value, register: Register) -> list[Value]:
    """What must hold of a word that is written to a register, each in two steps.

    The first is one LUT of four bits, the second joins what comes of it.
    """
    rules: list[Value] = []
    reserved = ~register.mask & ((1 << WORD_BITS) - 1)
    if reserved:
        rules.append(_all(m, [(digit & (reserved >> low & 15)) == 0 for low, digit in _digits(word)
                              if reserved >> low & 15]))
    for field in register.fields:
        value = word[field.low : field.low + field.bits]
        low, high = field.minimum, field.maximum
        if field.signed and low == -high - 1 and high & (high + 1) == 0:
            # The range of a narrower number: the bits from its sign on are equal.
            more = value[high.bit_length() : -1]
            if len(more):
                threes = [more[first : first + 3] for first in range(0, len(more), 3)]
                rules.append(_all(m, [three == value[-1].replicate(len(three))
                                      for three in threes]))
        else:
            excess = 1 << field.bits - 1 if field.signed else 0  # from two's complement
            number = value ^ excess
            if low + excess > 0:
                rules.append(_at_least(m, number, low + excess))
            if high + excess + 1 < 1 << field.bits:
                rules.append(~_at_least(m, number, high + excess + 1))
        if field.step > 1:
            bits = (field.step - 1).bit_length()
            rules.append(_all(m, [value[:bits] == field.resets[0] % field.step]))
    return [_registered(m, rule, "rule") for rule in rules]


def _digits(value: Value) -> Iterator[tuple[int, Value]]:
    """Four bits at a time from the lowest up, and which bit each four begin at."""
    return ((low, value[low : low + 4]) for low in range(0, len(value), 4))


def _all(m: Module, flags: Iterable[Value]) -> Value:
    """Whether all were true a cycle ago."""
    return Cat(_registered(m, flag, "part") for flag in flags).all()


def _at_least(m: Module, value: Value, number: int) -> Value:
    """Whether an unsigned value was at least ``number`` a cycle ago."""
    result: Value = Const(1)
    for low, digit in _digits(value):
        wanted = number >> low & 15
        above = _registered(m, digit > wanted, "part")
        equal = _registered(m, digit == wanted, "part")
        result = above | (equal & result)
    return result
