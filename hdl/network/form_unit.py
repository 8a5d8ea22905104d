"""From sums to samples: a line a channel, its product made a few bits a cycle."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ...model.errors import InputError
from ...model.interval import Interval, hull
from ...model.network.linear_form import Form, layer_forms
from ...model.network.requantiser import Requantiser
from ...model.sample import Sample
from ..beat import interval_shape, sample_shape
from ..delay import delayed
from ..devices import Device
from .rom import CyclicROM, loop, table


__all__ = ["FormUnit", "unit_forms"]

_MOST_DIGIT = 4
"""Bits of the multiplier that one adder takes a cycle, at most."""

_UNROLLED_DIGIT = 2
"""The same where there is an adder for each digit."""


class FormUnit(wiring.Component):
    """Computes the :class:`~windrow.model.network.linear_form.Form` of sums.

    Where sums are rare, one adder takes a digit of the multiplier after the other; where they are
    not, there is an adder for each digit. No multiplier of the device is used.

    Latency is :attr:`latency` cycles; throughput is one beat in ``interval`` cycles. More must not
    come.

    Parameters
    ----------
    forms : sequence of sequences of :class:`~windrow.model.network.linear_form.Form`
        For each beat, of a cycle of beats or by number, the form of each lane; ``None`` where there
        is no sum.
    sums : :class:`~windrow.model.interval.Interval`
        Range of the sums.
    sample : :class:`~windrow.model.sample.Sample`
        The output's.
    interval : :class:`int`
        Cycles from one beat to the next, at least.
    device : :class:`~..devices.Device`
        Whose memories to use.
    numbered : :class:`bool`
        Whether beats come in any order, each with its number.

    Members
    -------
    i : :py:`In` array of sums
        A beat, for one cycle.
    i_valid : :py:`In(1)`
        There is one.
    number : :py:`In`
        Its number, where it is ``numbered``.
    o : :py:`Out` array of samples
        The samples.
    o_valid : :py:`Out(1)`
        There are some.
    """

    i: Any
    i_valid: Signal
    number: Signal
    o: Any
    o_valid: Signal

    def __init__(
        self, forms: Sequence[Sequence[Form | None]], sums: Interval, sample: Sample,
        interval: int, device: Device, *, numbered: bool = False,
    ) -> None:
        self._constants = device.constant_memory
        shift = max(form.shift for beat in forms for form in beat if form is not None)
        self._beats = [[None if form is None else _shifted(form, shift) for form in beat]
                       for beat in forms]
        self._known = [form for beat in self._beats for form in beat if form is not None]
        self._shift = shift
        self._clamp = hull(form.clamp for form in self._known)
        self._most_delay = max(
            (delay for form in self._known for delay in form.delays[1:]), default=0)
        bits = max(1, *(form.multiplier.bit_length() for form in self._known))
        digit = -(-bits // max(interval - 2, 1))
        self._serial = interval > 2 and digit <= _MOST_DIGIT
        self._digit = digit if self._serial else _UNROLLED_DIGIT
        self._digits = -(-bits // self._digit)
        self._numbered = numbered
        lanes = len(forms[0])
        super().__init__({
            "i": In(data.ArrayLayout(interval_shape(sums), lanes)),
            "i_valid": In(1),
            "number": In(range(max(len(forms), 2))),
            "o": Out(data.ArrayLayout(sample_shape(sample), lanes)),
            "o_valid": Out(1),
        })

    @property
    def _line_cycles(self) -> int:
        """Cycles from a sum to where its line stands in a register."""
        return self._digits + (5 if self._serial else 3)

    @property
    def latency(self) -> int:
        """Cycles from a sum to its sample."""
        return self._line_cycles + (5 if self._most_delay else 2)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        starts = delayed(m, self.i_valid, 2, name="starts")
        for lane in range(len(self.i)):
            self._lane(m, lane, self._numbers(m, lane), starts)
        m.d.comb += self.o_valid.eq(delayed(m, starts, self.latency - 2, name="valid"))
        return m

    def _numbers(self, m: Module, lane: int) -> dict[str, Value]:
        """The numbers of the form, two cycles after the sum. What is alike in all is a constant."""
        forms = [beat[lane] or self._known[0] for beat in self._beats]
        numbers: dict[str, Value] = {}
        varying: dict[str, list[int]] = {}
        shapes: dict[str, Shape] = {}
        for name, values in {
            "multiplier": [form.multiplier for form in forms],
            "constant": [form.constant for form in forms],
            "low": [form.low for form in forms],
            "span": [form.high - form.low for form in forms],
        }.items():
            shapes[name] = interval_shape(Interval(min(values), max(values)))
            if len(set(values)) == 1:
                numbers[name] = Const(values[0], shapes[name])
            else:
                varying[name] = values
        if self._numbered:
            return numbers | {
                name: delayed(m, table(m, values, shapes[name], self.number, f"{name}_{lane}"), 1,
                              name=f"{name}_{lane}", reset_less=True)
                for name, values in varying.items()}
        if varying:
            words, at = [0] * len(forms), 0
            rom_fields = []
            for name, values in varying.items():
                width = shapes[name].width
                words = [word | (value % (1 << width)) << at
                         for word, value in zip(words, values, strict=True)]
                rom_fields.append((name, at, width))
                at += width
            m.submodules[f"forms_{lane}"] = rom = CyclicROM(
                words, at, self._constants)
            m.d.comb += rom.step.eq(self.i_valid)
            for name, at, width in rom_fields:
                part: Value = rom.data[at:at + width]
                numbers[name] = part.as_signed() if shapes[name].signed else part
        return numbers

    def _lane(self, m: Module, lane: int, numbers: dict[str, Value], starts: Value) -> None:
        def later(value: Value, cycles: int, name: str) -> Value:
            if isinstance(value, Const):
                return value
            return delayed(m, value, cycles, name=f"{name}_{lane}", reset_less=True)

        def register(shape: Any, name: str) -> Signal:
            return Signal(shape, name=f"{name}_{lane}", reset_less=True)

        # Into the range in which outputs differ. What is less or more is clear from high bits.
        low, high = self._clamp
        given, clamped = self.i[lane], register(interval_shape(self._clamp), "clamped")
        less, more = register(1, "less"), register(1, "more")
        m.d.sync += [less.eq(given < low), more.eq(given > high),
                     clamped.eq(Mux(less, low, Mux(more, high, later(given, 1, "given"))))]
        ends = [end * form.multiplier + form.constant for form in self._known
                for end in self._clamp]
        line = register(interval_shape(Interval(min(0, *ends), max(ends))), "line")
        if self._serial:
            numbers = self._serially(m, lane, clamped, numbers, starts, line)
        else:
            self._unrolled(m, lane, clamped, numbers, line)
            numbers = {name: later(value, self._digits + 1, name)
                       for name, value in numbers.items()}

        # Which step of the line it is; whether it is the first sum on it.
        span, quotient = numbers["span"], line >> self._shift
        step, over = register(span.shape(), "step"), Signal(name=f"over_{lane}")
        m.d.comb += over.eq(quotient > span)
        m.d.sync += step.eq(Mux(over, span, Mux(quotient < 0, 0, quotient)))
        base = later(numbers["low"], 1, "low")
        made = register(self.o[lane].shape(), "made")
        m.d.comb += Value.cast(self.o[lane]).eq(made)
        if not self._most_delay:
            m.d.sync += made.eq(base + step)
            return
        # Whether it is among the first so many sums, for each number that may be asked for.
        firsts: list[Value] = [Const(0, 1)]
        for delay in range(1, self._most_delay + 1):
            first = register(1, f"first_{delay}")
            m.d.sync += first.eq(~over & (line[:self._shift] < numbers["multiplier"] * delay))
            firsts.append(later(first, 2, f"first_{delay}"))
        among = later(Array(firsts)[self._delay(m, lane, step, starts)], 1, "among")
        m.d.sync += made.eq(later(base + step, 3, "sample") - among)

    def _serially(self, m: Module, lane: int, clamped: Value, numbers: dict[str, Value],
                  starts: Value, line: Signal) -> dict[str, Value]:
        """The product a digit a cycle, the lowest first, each made a cycle before it is added: what
        is done moves into the register that the multiplier leaves. Numbers stay until the next
        beat."""
        digit = self._digit
        held: dict[str, Value] = {}
        for name, value in numbers.items():
            held[name] = value
            if not isinstance(value, Const) and (name != "multiplier" or self._most_delay):
                held[name] = kept = Signal(
                    value.shape(), name=f"held_{name}_{lane}", reset_less=True)
                with m.If(starts):
                    m.d.sync += kept.eq(value)
        factor = Signal.like(clamped, name=f"factor_{lane}", reset_less=True)
        three = clamped + (clamped << 1)
        thrice = Signal(three.shape(), name=f"thrice_{lane}", reset_less=True)
        high = Signal(signed(len(clamped) + 2), name=f"high_{lane}", reset_less=True)
        low = Signal(self._digits * digit, name=f"low_{lane}", reset_less=True)
        part = Signal(signed(len(clamped) + 1 + digit), name=f"part_{lane}", reset_less=True)
        total = Signal(signed(len(clamped) + 2 + digit), name=f"total_{lane}")
        m.d.comb += total.eq(high + part)
        # What comes into `low` first leaves it with the last digit's end.
        m.d.sync += [part.eq(_times(factor, thrice, low[:digit])), high.eq(total >> digit),
                     low.eq(Cat(low[digit:], total[:digit]))]
        with m.If(starts):
            m.d.sync += [factor.eq(clamped), thrice.eq(three), low.eq(numbers["multiplier"])]
        with m.If(delayed(m, starts, 1, name=f"starts_{lane}")):
            m.d.sync += high.eq(0)
        m.d.sync += line.eq(Cat(low, high).as_signed() + held["constant"])
        return {name: value if isinstance(value, Const) else
                delayed(m, value, 1, name=f"{name}_{lane}", reset_less=True)
                for name, value in held.items()}

    def _unrolled(self, m: Module, lane: int, clamped: Value, numbers: dict[str, Value],
                  line: Signal) -> None:
        """An adder for each digit."""
        def later(value: Value, name: str) -> Value:
            return value if isinstance(value, Const) else delayed(
                m, value, 1, name=f"{name}_{lane}", reset_less=True)

        total = later(numbers["constant"], "constant")
        multiplier, factor = later(numbers["multiplier"], "multiplier"), later(clamped, "factor")
        thrice = later(clamped + (clamped << 1), "thrice")
        for number in range(self._digits):
            at = number * self._digit
            added = _times(factor, thrice, multiplier[at:at + self._digit]) << at
            last = number == self._digits - 1
            next_total = line if last else Signal(
                line.shape(), name=f"total_{lane}_{number}", reset_less=True)
            m.d.sync += next_total.eq(total + added)
            total = next_total
            if not last:
                factor, thrice = later(factor, "factor"), later(thrice, "thrice")
                multiplier = later(multiplier, "multiplier")

    def _delay(self, m: Module, lane: int, step: Signal, starts: Value) -> Value:
        """How many of the first sums on a step belong to the one below; two cycles later."""
        entries = [0] * (len(self._beats) << len(step))
        for at, beat in enumerate(self._beats):
            form = beat[lane]
            if form is not None and form.delays:
                # Below step 0 there is none.
                start = (at << len(step)) + 1
                entries[start:start + len(form.delays) - 1] = form.delays[1:]
        width = self._most_delay.bit_length()
        m.submodules[f"delays_{lane}"] = delays = self._constants(entries, width)
        if self._numbered:
            number: Value = delayed(m, self.number, self._line_cycles + 1, name=f"number_{lane}",
                                    reset_less=True)
        else:
            number, _ = loop(m, len(self._beats), delayed(
                m, starts, self._line_cycles - 1, name="steps"), f"number_{lane}")
        m.d.comb += delays.address.eq(Cat(step, number))
        return delays.data


def unit_forms(requantiser: Requantiser, sums: Sequence[Interval], *,
               name: str) -> tuple[Form, ...]:
    """The forms of a layer that cost least here: without delays, where there are such.

    A few bits more of a multiplier cost less than a table of delays.
    """
    try:
        return layer_forms(requantiser, sums, delay=False, name=name)
    except InputError:
        return layer_forms(requantiser, sums, name=name)


def _shifted(form: Form, shift: int) -> Form:
    """The same form with another shift, no less."""
    more = shift - form.shift
    return form._replace(multiplier=form.multiplier << more, constant=form.constant << more,
                         shift=shift)


def _times(factor: Value, thrice: Value, digit: Value) -> Value:
    """A factor times a digit of at most four bits, two of which choose a multiple of it."""
    def multiple(bits: Value) -> Value:
        once = Mux(bits[0], factor, 0)
        return once if len(bits) == 1 else Mux(
            bits[1], Mux(bits[0], thrice, factor << 1), once)

    parts = [multiple(digit[at:at + 2]) << at for at in range(0, len(digit), 2)]
    return sum(parts, Const(0))
