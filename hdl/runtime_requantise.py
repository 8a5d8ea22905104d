"""From the exact sum to the output sample, as settings say."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ..model.filter import ROUNDINGS
from ..model.interval import Interval
from .delay import delayed, line
from .devices import Device
from .geometry import Geometry
from .layout import SumBeat, interval_shape, sample_shape
from .requantise import clamped
from .settings import Settings


__all__ = ["RuntimeRequantise"]


class RuntimeRequantise(wiring.Component):
    """``overflow(round((sum + offset * 2**shift) / 2**shift))`` of each sum of a beat.

    The sum is shifted right by what is set, in parts, and two bits stay of what falls out: the
    *guard*, which is worth a half, and the *sticky* bit, whether there is anything below it. Guard,
    sticky and the quotient's sign and lowest bit tell how to round. The overflow rule is the
    filter's. Or else the sample under the anchor goes by, brought into the output's range.

    Each step has its part of the settings of the frame whose sums it works on: they change with a
    frame's first beat.

    Latency is :attr:`latency` cycles, throughput is one beat a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    interval : :class:`~windrow.model.interval.Interval`
        Exact range of the sum.
    device : :class:`~.devices.Device`
        Whose adder to use.

    Members
    -------
    i : :py:`In(SumBeat)`
        Sums.
    settings : :py:`In(Settings)`
        Those of the newest frame.
    samples : :py:`Out(ArrayLayout(sample_shape(filter.output), count))`
        Output samples, :attr:`latency` cycles later.
    turned : :py:`Out(1)`
        The last step takes the newest frame's settings, for one cycle a frame.
    """

    latency = 6
    """Cycles from a sum to its sample."""

    i: Any
    settings: Any
    samples: Any
    turned: Signal

    def __init__(self, geometry: Geometry, interval: Interval, device: Device) -> None:
        self._filter = f = geometry.filter
        self._interval = interval
        self._device = device
        super().__init__({
            "i": In(SumBeat(geometry, interval)),
            "settings": In(Settings(f)),
            "samples": Out(data.ArrayLayout(sample_shape(f.output),
                                            f.pixels_per_clock * f.channels)),
            "turned": Out(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        settings = self.settings
        turns = line(m, self.i.turns, self.latency - 1, name="turns")
        m.d.comb += self.turned.eq(turns[-1])

        def taken(step: int, value: Value, name: str) -> Signal:
            """A setting as ``step`` has it."""
            own = Signal(value.shape(), name=name, reset_less=True)
            with m.If(turns[step - 1]):
                m.d.sync += own.eq(value)
            return own

        shift = settings.shift
        shifts = [
            _Shift(distance, taken(step, part, f"by_{distance}"),
                   [taken(step, part >= times, f"by_{distance * times}") for times in (1, 2, 3)])
            for step, distance, part in ((1, 8, shift[3:5]), (2, 2, shift[1:3]))
        ]
        by_one = taken(3, shift[0], "by_1")
        offset = taken(3, settings.offset, "offset")
        rounding = {
            name: taken(4, settings.rounding == ROUNDINGS.index(name), name.replace("-", "_"))
            for name in ROUNDINGS
        }
        bypass = taken(self.latency, settings.bypass, "bypass")

        pixel, output = self._filter.pixel, self._filter.output
        for number, total in enumerate(self.i.sums):
            value: Value = total
            guard: Value = Const(0)
            sticky: Value = Const(0)
            for each in shifts:
                value, guard, sticky = each.shifted(m, value, guard, sticky)
            quotient, guard, sticky = self._offset(m, number, value, guard, sticky, by_one, offset)
            low = quotient[0]
            negative = quotient < 0
            up = _register(m, 1, "up", (
                guard & (rounding["half-up"] | (rounding["half-even"] & (sticky | low))
                         | (rounding["half-away"] & (sticky | ~negative)))
                | (rounding["toward-zero"] & negative & (guard | sticky))))
            result = self._overflowed(m, quotient, up)
            anchored = clamped(self.i.anchored[number], Interval(pixel.minimum, pixel.maximum),
                               output)
            passing = Signal(sample_shape(output), name="passing")
            m.d.comb += passing.eq(anchored)
            passed = delayed(m, passing, self.latency - 1, name="passed", reset_less=True)
            m.d.sync += self.samples[number].eq(Mux(bypass, passed, result))
        return m

    def _offset(
        self, m: Module, number: int, value: Value, guard: Value, sticky: Value, by_one: Value,
        offset: Value,
    ) -> tuple[Signal, Value, Value]:
        """The last part of the shift, by one or not, in the adder of the offset."""
        interval = self._interval + Interval(-(1 << 31), (1 << 31) - 1)
        shape = interval_shape(interval)
        adder = self._device.select_adder(shape, offset.shape())
        m.submodules[f"offset_{number}"] = adder
        m.d.comb += [
            adder.select.eq(by_one),
            adder.a.eq(value >> 1),
            adder.b.eq(value),
            adder.c.eq(offset),
        ]
        return (
            _register(m, shape, "quotient", adder.o),
            _register(m, 1, "guard", Mux(by_one, value[0], guard)),
            _register(m, 1, "sticky", sticky.any() | (by_one & guard)),
        )

    def _overflowed(self, m: Module, quotient: Signal, up: Value) -> Value:
        """``quotient + up`` brought into the output's range, a register short of it.

        ``up`` comes a cycle after the quotient. Whatever is so far out that rounding does not bring
        it back is told by the quotient's upper bits, in two cycles.
        """
        output = self._filter.output
        kind = self._filter.overflow
        if kind == "wrap":
            near = _register(m, output.bits, "near", quotient[: output.bits])
            return _register(m, output.bits, "rounded", near + up)

        bits = output.bits - output.signed  # those that hold a magnitude
        absolute = kind == "abs-saturate"
        signed = absolute or output.signed
        sign = quotient[-1]
        near_shape = Shape(bits + signed, signed)
        near = _register(m, near_shape, "near", quotient[: bits + signed])
        negative = _register(m, 1, "negative", sign)
        # Some of the upper bits at a time are not what a near value has there.
        wanted = sign if signed else Const(0)
        upper = quotient[bits:-1]
        far = [_register(m, 1, "far", (upper[at : at + 8] ^ wanted.replicate(
            len(upper[at : at + 8]))).any()) for at in range(0, len(upper), 8)]
        negative_later = _register(m, 1, "negative", negative)
        beyond = _register(m, 1, "beyond",
                           Cat(far).any() if signed else Cat(far).any() | negative)
        low, high = output.minimum, output.maximum
        if absolute:
            # -(near + up) is ~near + 1 - up.
            magnitude = near.as_unsigned() ^ negative.replicate(len(near))
            rounded = _register(m, bits + 1, "rounded", magnitude + (negative ^ up))
            return Mux(beyond | rounded[bits], high, rounded[:bits])
        rounded = _register(m, interval_shape(Interval(low, high + 1)), "rounded", near + up)
        result = clamped(rounded, Interval(low, high + 1), output)
        return Mux(beyond, Mux(negative_later, low, high), result)


class _Shift:
    """A shift right by 0, 1, 2 or 3 times a distance.

    ``part`` says how many times, ``least[n]`` whether it is more than ``n`` times.
    """

    def __init__(self, distance: int, part: Value, least: Sequence[Value]) -> None:
        self._distance = distance
        self._part = part
        self._least = least

    def shifted(
        self, m: Module, value: Value, guard: Value, sticky: Value
    ) -> tuple[Signal, Signal, Signal]:
        """The value, the guard and the sticky bit a cycle later, that one in parts."""
        distance, part, least = self._distance, self._part, self._least
        wide = Signal(Shape(max(len(value), 3 * distance), value.shape().signed),
                      name=f"wide_{distance}")
        m.d.comb += wide.eq(value)
        new = Mux(part[1], Mux(part[0], wide >> 3 * distance, wide >> 2 * distance),
                  Mux(part[0], wide >> distance, value))
        new_guard = Mux(part[1], Mux(part[0], wide[3 * distance - 1], wide[2 * distance - 1]),
                        Mux(part[0], wide[distance - 1], guard))
        # What is below the guard: all but the highest bit of what falls out.
        lost = [Cat(guard, wide[: distance - 1]), wide[distance - 1 : 2 * distance - 1],
                wide[2 * distance - 1 : 3 * distance - 1]]
        new_sticky = Cat(sticky.any(), *(
            more & bits.any() for more, bits in zip(least, lost, strict=True)))
        return (
            _register(m, value.shape(), f"shifted_{distance}", new),
            _register(m, 1, f"guard_{distance}", new_guard),
            _register(m, len(new_sticky), f"sticky_{distance}", new_sticky),
        )


def _register(m: Module, shape: ShapeLike, name: str, value: Value) -> Signal:
    later = Signal(shape, name=name, reset_less=True)
    m.d.sync += later.eq(value)
    return later
