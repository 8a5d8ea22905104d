"""What the sequencer has to know of a width that changes while the core runs."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import bits_for, exact_log2

from ..geometry import Sweep


__all__ = ["Reach", "RowSize"]


class Reach(data.StructLayout):
    """A number of pushes along a row, as the sequencer finds out that they have been made.

    Members
    -------
    near : :attr:`most_near` bits
        Bit ``n``: the number is ``n + 1``.
    far : 1 bit
        It is greater than :attr:`most_near`.
    address : unsigned
        With ``far``: the number less :attr:`most_near`.
    """

    most_near = 4

    def __init__(self, most: int) -> None:
        self.address_bits = bits_for(most)
        super().__init__({"near": self.most_near, "far": 1, "address": self.address_bits})

    def of(self, number: int) -> Any:
        """The members for a number."""
        far = number > self.most_near
        return {
            "near": 0 if far else (1 << number) >> 1,
            "far": far,
            "address": number - self.most_near if far else 0,
        }


class RowSize(wiring.Component):
    """Works out from the width where a row ends.

    Parameters
    ----------
    geometry : :class:`~.geometry.Sweep`
        The frame. Its own width is what the outputs are for after a reset.

    Members
    -------
    width : :py:`In(15)`
        Width of the input frame: from the least to the greatest, and equal to the design's own
        modulo the pixels a clock.
    row_end : :py:`Out(Reach)`
        Pushes before the last but one of a row's beats, :attr:`latency` cycles later.
    end : :py:`Out(Reach)`
        ... before the last but one of its pushes.
    """

    latency = 4

    width: Signal
    row_end: Any
    end: Any

    def __init__(self, geometry: Sweep) -> None:
        self._geometry = geometry
        reach = Reach(geometry.most_pushes - 1)
        self._reach = reach
        super().__init__({
            "width": In(15),
            "row_end": Out(reach),
            "end": Out(reach),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        geometry = self._geometry
        columns, lanes = geometry.columns, geometry.frame.pixels_per_clock
        less = 2 + Reach.most_near  # than the number of beats, or pushes, is `address`
        least = geometry.shortest_row - less
        added = max(columns.output_beats - columns.input_beats, 0)

        shape = signed(self._reach.address_bits + 1)
        beats = Signal(shape, init=columns.input_beats - less)
        in_beats = (self.width + lanes - 1) >> exact_log2(lanes)
        m.d.sync += beats.eq(in_beats - less)

        for name, wanted, fewest, init in (
            ("row_end", beats, geometry.least_beats, columns.input_beats),
            ("end", Mux(beats < least - added, least, beats + added), geometry.shortest_row,
             geometry.row_pushes),
        ):
            out: Any = Signal(self._reach, name=name, init=self._reach.of(init - 2))
            start = init - less
            number = Signal(shape, name=f"{name}_number", init=start)
            address = Signal.like(number, name=f"{name}_address")
            m.d.comb += getattr(self, name).eq(out)
            m.d.sync += [number.eq(wanted), address.eq(number)]
            # Of the bits above the lowest two, some at a time, it is known a cycle before whether
            # all are 0, and whether all are 1.
            places = range(2, len(number), 4)
            alike = []
            for bit in (0, 1):
                found = Signal(len(places), name=f"{name}_all_{bit}", init=sum(
                    ((start ^ -bit) >> at & (1 << min(4, len(number) - at)) - 1 == 0) << place
                    for place, at in enumerate(places)))
                m.d.sync += found.eq(Cat(
                    (number[at : at + 4] ^ Const(15 * bit, 4))[: len(number) - at] == 0
                    for at in places))
                alike.append(found.all())
            m.d.sync += [
                out.far.eq(~address[-1] & ~(alike[0] & (address[:2] == 0))),
                out.address.eq(address.as_unsigned()),
                out.near.eq(Cat(
                    alike[distance < 0] & (address[:2] == distance % 4)
                    if distance + Reach.most_near >= fewest - 2 else Const(0)
                    for distance in range(1 - Reach.most_near, 1)
                )),
            ]
        return m
