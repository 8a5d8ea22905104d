"""From an exact value to an output sample, as settings say."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from amaranth import *
from amaranth.hdl import ShapeLike

from ...model.interval import Interval
from ...model.nodes import ROUNDINGS, Requantise
from ..beat import interval_shape, sample_shape
from ..delay import delayed
from .clamp import clamped
from .select_adder import SelectAdder


__all__ = ["HELD", "Held", "requantised"]

Held: TypeAlias = tuple[int, str, Callable[[Any], Value]]
"""What a pipeline wants of the settings: the cycle in which it is used, a name, what it is."""

HELD: Sequence[Held] = (
    *((cycle, f"by_{distance}", lambda s, low=low: s.shift[low : low + 2])
      for cycle, distance, low in ((0, 8, 3), (1, 2, 1))),
    *((cycle, f"by_{distance * times}_or_more",
       lambda s, low=low, times=times: s.shift[low : low + 2] >= times)
      for cycle, distance, low in ((0, 8, 3), (1, 2, 1)) for times in (1, 2, 3)),
    (2, "by_1", lambda s: s.shift[0]),
    (2, "offset", lambda s: s.offset),
    *((3, name.replace("-", "_"), lambda s, at=at: (s.rounding == at) & ~s.bypass)
      for at, name in enumerate(ROUNDINGS)),
    (3, "bypass", lambda s: s.bypass),
)
"""What :func:`requantised` wants, counted from the cycle in which it takes the value."""


def requantised(
    m: Module, node: Requantise, value: Value, interval: Interval, passed: Value,
    held: Mapping[str, Value], select_adder: type[SelectAdder], name: str,
) -> Value:
    """``overflow(round((value + offset * 2**shift) / 2**shift))``, six cycles later.

    The value is shifted right in parts, and two bits stay of what falls out: the *guard*, which is
    worth a half, and the *sticky* bit, whether there is anything below it. Guard, sticky and the
    quotient's sign and lowest bit tell how to round. A bypass takes the quotient's place, where it
    is cut down to the output's bits, and stops all that would change it.

    Parameters
    ----------
    m : :class:`~amaranth.hdl.Module`
        Where the registers go.
    node : :class:`~windrow.model.nodes.Requantise`
        Gives the overflow rule and the output.
    value, interval
        The value and its range.
    passed
        What comes instead with ``bypass``.
    held : mapping of :class:`str` to :class:`~amaranth.hdl.Value`
        The settings of :data:`HELD`, each as its step has it.
    select_adder : class
        The device's :class:`~.select_adder.SelectAdder`.
    name : :class:`str`
        Of the adder.
    """
    guard: Value = Const(0)
    sticky: Value = Const(0)
    for distance in (8, 2):
        step = _Shift(distance, held[f"by_{distance}"],
                      [held[f"by_{distance * times}_or_more"] for times in (1, 2, 3)])
        value, guard, sticky = step.shifted(m, value, guard, sticky)

    # The last part of the shift, by one or not, is in the adder of the offset.
    by_one, offset = held["by_1"], held["offset"]
    shape = interval_shape(interval + Interval(-(1 << 31), (1 << 31) - 1))
    adder = select_adder(shape, offset.shape())
    m.submodules[name] = adder
    m.d.comb += [
        adder.select.eq(by_one),
        adder.a.eq(value >> 1),
        adder.b.eq(value),
        adder.c.eq(offset),
    ]
    quotient = _register(m, shape, "quotient", adder.o)
    guard, sticky = (
        _register(m, 1, "guard", Mux(by_one, value[0], guard)),
        _register(m, 1, "sticky", sticky.any() | (by_one & guard)),
    )
    low, negative = quotient[0], quotient < 0
    up = _register(m, 1, "up", (
        guard & (held["half_up"] | (held["half_even"] & (sticky | low))
                 | (held["half_away"] & (sticky | ~negative)))
        | (held["toward_zero"] & negative & (guard | sticky))))
    passed = delayed(m, passed, 3, name="passed", reset_less=True)
    return _register(m, sample_shape(node.output), "requantised", _overflowed(
        m, node, quotient, up, held["bypass"], passed))


def _overflowed(
    m: Module, node: Requantise, quotient: Signal, up: Value, bypass: Value, passed: Value
) -> Value:
    """``quotient + up`` brought into the output's range, or ``passed``; a register short of it.

    ``up`` comes a cycle after the quotient. Whatever is so far out that rounding does not bring
    it back is told by the quotient's upper bits, in two cycles.
    """
    output, kind = node.output, node.overflow
    chosen = Mux(bypass, passed, quotient)
    if kind == "wrap":
        near = _register(m, output.bits, "near", chosen)
        return _register(m, output.bits, "rounded", near + up)

    bits = output.bits - output.signed  # those that hold a magnitude
    absolute = kind == "abs-saturate"
    signed = absolute or output.signed
    sign = quotient[-1]
    near_shape = Shape(bits + signed, signed)
    near = _register(m, near_shape, "near", chosen)
    negative = _register(m, 1, "negative", sign & ~bypass)
    # Some of the upper bits at a time are not what a near value has there.
    wanted = sign if signed else Const(0)
    upper = quotient[bits:-1]
    far = [_register(m, 1, "far", ~bypass & (upper[at : at + 8] ^ wanted.replicate(
        len(upper[at : at + 8]))).any()) for at in range(0, len(upper), 8)]
    negative_later = _register(m, 1, "negative", negative)
    beyond = _register(m, 1, "beyond",
                       Cat(far).any() if signed else Cat(far).any() | negative)
    low, high = output.minimum, output.maximum
    if absolute:
        # -(near + up) is ~near + 1 - up.
        magnitude = near.as_unsigned() ^ negative.replicate(len(near))
        rounded = _register(m, bits + 1, "rounded", magnitude + (negative ^ up))
        result = Mux(beyond | rounded[bits], high, rounded[:bits])
        if not output.signed:
            return result
        return Mux(delayed(m, bypass, 2, name="bypass", reset_less=True), rounded, result)
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
