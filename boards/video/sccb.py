"""SCCB, the two wires over which OmniVision's cameras are set up: a master that writes a table.

Source: OmniVision, "Serial Camera Control Bus (SCCB) Functional Specification", version 2.1. A
write is a start, the camera's address, that of the register, its value, and a stop; each byte is
followed by a bit that the camera may pull low.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from amaranth import *
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ...model import InputError


__all__ = ["CameraTable", "SCCBSetup", "SCCBWriter", "Wait", "Write"]


@dataclass(frozen=True)
class Write:
    """A register and the value that it gets."""

    register: int
    value: int


@dataclass(frozen=True)
class Wait:
    """A pause, in milliseconds, 1 to 255."""

    milliseconds: int


@dataclass(frozen=True)
class CameraTable:
    """What sets a camera up.

    Parameters
    ----------
    name : :class:`str`
        The camera.
    address : :class:`int`
        Its address for writing: eight bits, the lowest 0.
    register_bytes : :class:`int`
        Bytes of a register's address: 1 or 2.
    steps : sequence of :class:`Write` and :class:`Wait`
        In order.
    source : :class:`str`
        Where the values are from.

    Raises
    ------
    :exc:`InputError`
        If an address, a register, a value or a pause is none.
    """

    name: str
    address: int
    register_bytes: int
    steps: Sequence[Write | Wait]
    source: str

    def __post_init__(self) -> None:
        if self.address not in range(0, 256, 2):
            raise InputError(f"address of {self.name} must be even and 0 to 254, "
                             f"not {self.address}")
        if self.register_bytes not in (1, 2):
            raise InputError(f"register_bytes of {self.name} must be 1 or 2, "
                             f"not {self.register_bytes}")
        for number, step in enumerate(self.steps):
            if isinstance(step, Wait):
                right = 1 <= step.milliseconds <= 255
            else:
                right = (0 <= step.register < 1 << 8 * self.register_bytes
                         and 0 <= step.value < 256)
            if not right:
                raise InputError(f"step {number} of {self.name} is out of range: {step}")

    @property
    def writes(self) -> list[Write]:
        """The writes alone, in order."""
        return [step for step in self.steps if isinstance(step, Write)]


class SCCBWriter(wiring.Component):
    """Sends one write at a time.

    Each bit takes four quarters: the data line changes while the clock line is low, a quarter
    before it rises and a quarter behind its fall. A write of ``count`` bytes takes the time of
    ``9 * count + 2`` bits.

    Parameters
    ----------
    count : :class:`int`
        Bytes of a write.
    quarter : :class:`int`
        Clock cycles of a quarter of a bit.

    Members
    -------
    start : :py:`In(1)`
        Send ``bytes``. Looked at while not ``busy``.
    bytes : :py:`In(8 * count)`
        The first one in the highest bits.
    busy : :py:`Out(1)`
        A write is under way.
    scl : :py:`Out(1)`
        Clock line.
    sda : :py:`Out(1)`
        Data line: 0 pulls it low, 1 lets it go.
    sda_in : :py:`In(1)`
        Its level.
    refused : :py:`Out(1)`
        A byte of the last write was not pulled low for: nobody listens. The specification lets a
        master ignore that.
    """

    start: Signal
    bytes: Signal
    busy: Signal
    scl: Signal
    sda: Signal
    sda_in: Signal
    refused: Signal

    def __init__(self, count: int, quarter: int) -> None:
        self._count = count
        self._quarter = quarter
        super().__init__({
            "start": In(1),
            "bytes": In(8 * count),
            "busy": Out(1),
            "scl": Out(1),
            "sda": Out(1),
            "sda_in": In(1),
            "refused": Out(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        stop = 9 * self._count + 1
        slot = Signal(range(stop + 1))
        quarter = Signal(2)
        timer = Signal(range(max(self._quarter, 2)))
        bits = Signal(9 * self._count)
        ninth = Signal(range(9))
        clock, line = Signal(init=1), Signal(init=1)
        m.d.comb += [self.scl.eq(clock), self.sda.eq(line)]

        # What the lines are in this quarter of this slot; they get there a cycle later.
        middle = quarter.any() & ~quarter.all()
        with m.If(~self.busy):
            m.d.sync += [clock.eq(1), line.eq(1)]
        with m.Elif(slot == 0):
            m.d.sync += [clock.eq(quarter != 3), line.eq(quarter == 0)]
        with m.Elif(slot == stop):
            m.d.sync += [clock.eq(quarter != 0), line.eq(quarter[1])]
        with m.Else():
            m.d.sync += [clock.eq(middle), line.eq(bits[-1])]

        with m.If(~self.busy):
            words = [self.bytes[at : at + 8] for at in range(0, 8 * self._count, 8)]
            m.d.sync += [
                bits.eq(Cat(Cat(Const(1), word) for word in words)),
                slot.eq(0),
                quarter.eq(0),
                timer.eq(0),
                ninth.eq(8),
            ]
            with m.If(self.start):
                m.d.sync += [self.busy.eq(1), self.refused.eq(0)]
        with m.Elif(timer != self._quarter - 1):
            m.d.sync += timer.eq(timer + 1)
        with m.Else():
            m.d.sync += [timer.eq(0), quarter.eq(quarter + 1)]
            with m.If((quarter == 2) & (slot != 0) & (slot != stop) & (ninth == 0)):
                m.d.sync += self.refused.eq(self.refused | self.sda_in)
            with m.If(quarter == 3):
                m.d.sync += slot.eq(slot + 1)
                with m.If(slot == stop):
                    m.d.sync += self.busy.eq(0)
                with m.Elif(slot != 0):
                    m.d.sync += [
                        bits.eq(Cat(Const(1), bits)),
                        ninth.eq(Mux(ninth == 0, 8, ninth - 1)),
                    ]
        return m


class SCCBSetup(wiring.Component):
    """Writes a camera's table, once after reset and each time that it is told to.

    Parameters
    ----------
    table : :class:`CameraTable`
        What to write.
    clock : :class:`float`
        Frequency of ``sync``, in hertz.
    rate : :class:`float`
        Bits a second at most; the specification allows 400 kHz.
    power_up : :class:`int`
        Milliseconds before the first step, 1 to 255: the camera's own reset.

    Members
    -------
    restart : :py:`In(1)`
        Start over. Looked at once everything is ``done``.
    done : :py:`Out(1)`
        The table is written.
    refused : :py:`Out(1)`
        At least one of the writes since the start was not answered: there is no camera.
    scl, sda : :py:`Out(1)`
        The lines: 0 pulls low, 1 lets go. They need pull-ups.
    sda_in : :py:`In(1)`
        Level of the data line.
    """

    restart: Signal
    done: Signal
    refused: Signal
    scl: Signal
    sda: Signal
    sda_in: Signal

    def __init__(
        self, table: CameraTable, clock: float, *, rate: float = 100_000, power_up: int = 20
    ) -> None:
        self._table = table
        self._quarter = max(-(-int(clock) // int(4 * rate)), 1)
        self._millisecond = max(-(-int(clock) // 1000), 2)
        self._power_up = power_up
        super().__init__({
            "restart": In(1),
            "done": Out(1),
            "refused": Out(1),
            "scl": Out(1),
            "sda": Out(1),
            "sda_in": In(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        table = self._table
        register_bits = 8 * table.register_bytes
        width = register_bits + 8
        m.submodules.writer = writer = SCCBWriter(2 + table.register_bytes, self._quarter)
        m.d.comb += [
            self.scl.eq(writer.scl),
            self.sda.eq(writer.sda),
            writer.sda_in.eq(self.sda_in),
        ]
        # A word is a value, its register, and whether it is a pause: then the value is its length.
        steps: list[Write | Wait] = [Wait(self._power_up), *table.steps]
        words = [
            step.milliseconds | 1 << width if isinstance(step, Wait)
            else step.value | step.register << 8 for step in steps]
        rom: memory.Memory = memory.Memory(
            shape=unsigned(width + 1), depth=len(words), init=words)
        m.submodules.rom = rom
        read = rom.read_port()
        number = Signal(range(len(words)))
        left = Signal(8)
        timer = Signal(range(self._millisecond))
        m.d.comb += [
            read.addr.eq(number),
            writer.bytes.eq(Cat(read.data[:width], Const(table.address, 8))),
        ]

        with m.FSM():
            with m.State("read"):
                m.next = "look"
            with m.State("look"):
                m.d.sync += [left.eq(read.data[:8]), timer.eq(0)]
                with m.If(read.data[-1]):
                    m.next = "wait"
                with m.Else():
                    m.d.comb += writer.start.eq(1)
                    m.next = "write"
            with m.State("wait"):
                m.d.sync += timer.eq(timer + 1)
                with m.If(timer == self._millisecond - 1):
                    m.d.sync += [timer.eq(0), left.eq(left - 1)]
                    with m.If(left == 1):
                        m.next = "next"
            with m.State("write"), m.If(~writer.busy):
                m.d.sync += self.refused.eq(self.refused | writer.refused)
                m.next = "next"
            with m.State("next"):
                m.d.sync += number.eq(number + 1)
                m.next = "read"
                with m.If(number == len(words) - 1):
                    m.next = "done"
            with m.State("done"):
                m.d.comb += self.done.eq(1)
                m.d.sync += number.eq(0)
                with m.If(self.restart):
                    m.d.sync += self.refused.eq(0)
                    m.next = "read"
        return m
