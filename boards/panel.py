"""What a demo is changed with while it runs: buttons, and a serial line."""

from collections.abc import Sequence
from typing import Any

from amaranth import *
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import bits_for

from ..hdl.control import RegisterMap
from ..hdl.control.axi_lite import AxiLiteSignature
from ..hdl.network.planned import PlannedNetwork
from ..model import Filter, InputError, Pipeline
from .buttons import Buttons
from .kernel_choice import (
    Choice,
    KernelChoice,
    default_choices,
    default_kernels,
    register_writes,
)
from .register_access import RegisterAccess
from .uart import UARTReceiver, UARTTransmitter


__all__ = ["BAUD", "BUTTONS", "ControlPanel", "KernelChoice", "default_choices", "default_kernels"]

_COMMANDS = "kspwr"

BUTTONS = ("next kernel", "next source", "split line to the left", "split line to the right")
"""What the buttons do, in order."""

BAUD = 115_200
"""Of the UART, unless another rate is given."""


class ControlPanel(wiring.Component):
    """Chooses kernel, source and split line at buttons and at a UART.

    At the UART a line is a command: a letter and numbers in hexadecimal, up to a CR or LF.

    ====== ========================= ===========
    line   what it does              answer
    ====== ========================= ===========
    k3     takes kernel 3            ok
    s2     takes source 2            ok
    p0140  moves the split line      ok
    w02C 8 writes a register         ok
    r044   reads a register          00000001
    ====== ========================= ===========

    The answer is a line too, and ``?`` where there is no such command, kernel, source or column, or
    the register port answers with an error. The next command is to wait for it. A number that is
    left out is 0; an address or a number that does not fit gets ``?``, as a wrong command does, and
    so does a blank too many.

    The buttons do what :data:`BUTTONS` says; a step of the split line is a 16th of the width.

    A kernel is written to the registers and committed, so that the next frame takes all of it at
    once; where the register port answers with an error it is not. Where the filter's coefficients
    are constant, kernel 0 is the filter and kernel 1 its bypass. A pipeline's kernels are settings:
    values of its parameters, kernels of its stages. Without a register port there are neither
    kernels nor registers.

    Source and split line change 9.5 bits and 5 cycles after the start of the byte that ends the
    line, and the answer starts a cycle later. With :class:`~windrow.hdl.control.Registers` a kernel
    is committed 14 cycles later for each of its coefficients and for three words more. A press is
    seen within 10 ms; the next kernel then waits until a command is answered.

    With a run-time 3x3 kernel, four buttons, three sources, a width of 640 and a clock of
    25.175 MHz it is 383 LUTs, 69 carry cells and 2 block RAMs of iCE40, or 345 LUTs, 39 carry cells
    and a block RAM of ECP5 (yosys 0.70). Between registers it reaches 43 MHz on a UP5K and 123 MHz
    on ECP5, speed grade 6 (nextpnr 0.11, median of three seeds).

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter` or :class:`~windrow.model.Pipeline`
        The design.
    kernels : sequence of :class:`KernelChoice` or :class:`~.kernel_choice.SettingsChoice`
        What is chosen from, the design's own first; none unless a filter's coefficients are
        run-time ones, or a pipeline has settings.
    sources : sequence of :class:`str`
        Names of the sources.
    width : :class:`int`
        Of a frame, in pixels.
    clock : :class:`float`
        Frequency of ``sync``, in hertz.
    baud : :class:`float`
        Bits a second of the UART.
    buttons : :class:`int`
        How many there are.

    split : :class:`int`
        Column of the split line after a reset; the middle unless given.

    Raises
    ------
    :exc:`InputError`
        If there is no source, or kernels do not fit the filter, or as :class:`~.uart.UARTReceiver`.

    Members
    -------
    rx : :py:`In(1)`, tx : :py:`Out(1)`
        UART.
    buttons : :py:`In(buttons)`
        1 while pressed.
    source : :py:`Out(range(len(sources)))`
        The source; the first one after a reset.
    split : :py:`Out(range(width + 1))`
        Column of the split line.
    bus : :py:`Out(AxiLiteSignature(address_bits))`
        Only where the filter has a register port.
    """

    rx: Signal
    tx: Signal
    buttons: Signal
    source: Signal
    split: Signal
    bus: Any

    def __init__(
        self, filter: Filter | Pipeline | PlannedNetwork, kernels: Sequence[Choice],
        sources: Sequence[str], width: int, clock: float, *, baud: float = BAUD, buttons: int = 0,
        split: int | None = None,
    ) -> None:
        if not sources:
            raise InputError("sources must name at least one source")
        if width < 1:
            raise InputError(f"width must be at least 1, not {width}")
        if buttons < 0:
            raise InputError(f"buttons must be at least 0, not {buttons}")
        runtime = isinstance(filter, Filter) and filter.runtime_kernel
        if not isinstance(filter, Pipeline) and bool(kernels) != runtime:
            rule = "none" if kernels else "at least one"
            raise InputError(f"{len(kernels)} kernels do not suit coefficients "
                             f"{'runtime' if runtime else 'constant'!r}: there must be {rule}")
        self._sources = len(sources)
        self._width = width
        self._address_bits = 0
        self._writes: list[list[tuple[int, int]]] = []
        if not isinstance(filter, PlannedNetwork) and filter.registers:
            self._address_bits = RegisterMap(filter).address_bits
            if kernels or isinstance(filter, Filter):
                self._writes = register_writes(filter, kernels)
        self._receiver = UARTReceiver(clock, baud)
        self._transmitter = UARTTransmitter(clock, baud)
        self._buttons = Buttons(buttons, clock)
        receives: Any = In  # `init` is missing in amaranth-stubs 0.5.0
        sends: Any = Out
        super().__init__({
            "rx": receives(1, init=1),
            "tx": sends(1, init=1),
            "buttons": In(buttons),
            "source": Out(range(len(sources))),
            "split": sends(range(width + 1), init=width // 2 if split is None else split),
            **({"bus": Out(AxiLiteSignature(self._address_bits))} if self._address_bits else {}),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.receiver = receiver = self._receiver
        m.submodules.transmitter = transmitter = self._transmitter
        m.submodules.buttons = buttons = self._buttons
        m.d.comb += [
            receiver.rx.eq(self.rx),
            self.tx.eq(transmitter.tx),
            buttons.i.eq(self.buttons),
        ]
        next_kernel, next_source, left, right = (
            buttons.pressed[number] if number < len(buttons.pressed) else Const(0)
            for number in range(len(BUTTONS)))

        # What a line says so far.
        command = Signal(len(_COMMANDS))
        blank, wrong, addressed = Signal(init=1), Signal(), Signal()
        number = Signal(32)
        address = Signal(max(self._address_bits, 1))
        far = number[self._address_bits :].any()
        kernel_command, source_command, split_command, write_command, read_command = command
        byte = receiver.o.payload
        end = (byte == ord("\r")) | (byte == ord("\n"))
        decimal = (byte[4:] == 3) & (byte[:4] < 10)
        letter = ((byte & 0xDF) >= ord("A")) & ((byte & 0xDF) <= ord("F"))
        digit = Mux(letter, byte[:4] + 9, byte[:4])[:4]
        # All that is written to the number, in one place: a LUT for each of its bits. While a word
        # is shifted out, whatever comes in behind it is not shown.
        clear, shift, load = Signal(), Signal(), Signal()
        word = Signal(32)
        with m.If(shift | load):
            m.d.sync += number.eq(Mux(load, word, Cat(digit, number)))
        with m.If(clear):
            m.d.sync += number.eq(0)

        with m.If(next_source):
            m.d.sync += self.source.eq(
                Mux(self.source == self._sources - 1, 0, self.source + 1))
        step = max(self._width // 16, 1)
        moved = Signal(signed(len(self.split) + 2))
        m.d.comb += moved.eq(self.split + Mux(left, -step, step))
        with m.If(left | right):
            m.d.sync += self.split.eq(
                Mux(moved < 0, 0, Mux(moved > self._width, self._width, moved)))

        characters = Signal(range(11))
        is_word, is_error = Signal(), Signal()
        pressed = Signal()
        if self._address_bits:
            access = RegisterAccess(self._address_bits)
            m.submodules.access = access
            wiring.connect(m, access.bus, wiring.flipped(self.bus))
            m.d.comb += [
                access.address.eq(address), access.data.eq(number), word.eq(access.word)]
        if self._writes:
            table = self._table(m)
            with m.If(next_kernel):
                m.d.sync += pressed.eq(1)

        def answer(*, error: Any = 0) -> None:
            m.d.sync += [is_word.eq(0), is_error.eq(error), characters.eq(Mux(error, 3, 4))]
            m.next = "answer"

        with m.FSM():
            with m.State("line"):
                m.d.comb += receiver.o.ready.eq(~pressed)
                if self._writes:
                    with m.If(pressed):
                        m.next = "next kernel"
                with m.If(receiver.o.valid & ~pressed):
                    with m.If(end), m.If(~blank):
                        m.next = "command"
                    with m.Elif(blank):
                        m.d.comb += clear.eq(1)
                        m.d.sync += [
                            blank.eq(0), wrong.eq(1), command.eq(0), addressed.eq(0)]
                        for index, name in enumerate(_COMMANDS):
                            with m.If(byte == ord(name)):
                                m.d.sync += [command[index].eq(1), wrong.eq(0)]
                    with m.Elif(decimal | letter):
                        m.d.comb += shift.eq(1)
                        with m.If(number[-4:].any()):
                            m.d.sync += wrong.eq(1)
                    with m.Elif((byte == ord(" ")) & write_command & ~addressed):
                        m.d.comb += clear.eq(1)
                        m.d.sync += [address.eq(number), addressed.eq(1)]
                        with m.If(far):
                            m.d.sync += wrong.eq(1)
                    with m.Else():
                        m.d.sync += wrong.eq(1)
            with m.State("command"):
                m.d.sync += blank.eq(1)
                answer(error=1)
                with m.If(~wrong & source_command & _below(number, self._sources)):
                    m.d.sync += self.source.eq(number)
                    answer()
                with m.If(~wrong & split_command & _below(number, self._width + 1)):
                    m.d.sync += self.split.eq(number)
                    answer()
                if self._address_bits:
                    with m.If(~wrong & (write_command | read_command & ~far)):
                        with m.If(read_command):
                            m.d.sync += address.eq(number)
                        m.next = "access"
                if self._writes:
                    with m.If(~wrong & kernel_command & _below(number, len(self._writes))):
                        m.next = "load kernel"
            with m.State("answer"):
                m.d.comb += transmitter.i.valid.eq(1)
                digit_out = number[-4:]
                for count, character in ((1, "\n"), (2, "\r"), (3, "k"), (4, "o")):
                    with m.If(characters == count):
                        m.d.comb += transmitter.i.payload.eq(ord(character))
                with m.If((characters == 3) & is_error):
                    m.d.comb += transmitter.i.payload.eq(ord("?"))
                with m.If((characters > 2) & is_word):
                    m.d.comb += transmitter.i.payload.eq(
                        Mux(digit_out < 10, ord("0") + digit_out, ord("A") - 10 + digit_out))
                with m.If(transmitter.i.ready):
                    m.d.comb += shift.eq(1)
                    m.d.sync += characters.eq(characters - 1)
                    with m.If(characters == 1):
                        m.next = "line"
            if self._address_bits:
                with m.State("access"):
                    m.d.comb += [
                        access.write.eq(write_command), access.read.eq(read_command)]
                    m.next = "wait"
                with m.State("wait"), m.If(access.done):
                    answer(error=access.error)
                    with m.If(read_command & ~access.error):
                        m.d.comb += load.eq(1)
                        m.d.sync += [is_word.eq(1), characters.eq(10)]
                if self._writes:
                    self._load(m, table, access, number, pressed, answer)
        return m

    def _table(self, m: Module) -> Any:
        """Memory of what each kernel writes: words, and addresses, and which is the last."""
        step_bits = bits_for(max(len(writes) for writes in self._writes) - 1)
        self._step_bits = step_bits
        self._word_bits = bits = max(
            bits_for(word, require_sign_bit=True) for writes in self._writes for _, word in writes)
        rows: list[int] = []
        for writes in self._writes:
            for index, (offset, word) in enumerate(writes):
                last = index == len(writes) - 1
                rows.append(word & (1 << bits) - 1 | offset << bits
                            | last << bits + self._address_bits)
            rows += [0] * ((1 << step_bits) - len(writes))
        table: memory.Memory = memory.Memory(
            shape=unsigned(bits + self._address_bits + 1), depth=len(rows), init=rows)
        m.submodules.table = table
        return table.read_port()

    def _load(self, m: Module, read: Any, access: RegisterAccess, number: Signal,
              pressed: Signal, answer: Any) -> None:
        """States that write a kernel: the one that a line asked for, or the next one."""
        kernel = Signal(range(max(len(self._writes), 2)))
        step = Signal(self._step_bits)
        asked = Signal()
        # A block RAM answers late in the cycle: what decides is a register's.
        last = Signal()
        m.d.sync += last.eq(read.data[-1])
        drive = [
            access.address.eq(read.data[self._word_bits : -1]),
            access.data.eq(read.data[: self._word_bits].as_signed()),
        ]
        with m.State("next kernel"):
            m.d.sync += [
                kernel.eq(Mux(kernel == len(self._writes) - 1, 0, kernel + 1)),
                pressed.eq(0),
                asked.eq(0),
                step.eq(0),
            ]
            m.next = "read table"
        with m.State("load kernel"):
            m.d.sync += [kernel.eq(number), asked.eq(1), step.eq(0)]
            m.next = "read table"
        with m.State("read table"):
            m.d.comb += read.addr.eq(Cat(step, kernel))
            m.next = "write"
        with m.State("write"):
            m.d.comb += [read.addr.eq(Cat(step, kernel)), access.write.eq(1), *drive]
            m.next = "written"
        with m.State("written"):
            m.d.comb += [read.addr.eq(Cat(step, kernel)), *drive]
            with m.If(access.done):
                m.d.sync += step.eq(step + 1)
                m.next = "read table"
                # Without its commit what was written changes nothing.
                with m.If(last | access.error):
                    m.next = "line"
                    with m.If(asked):
                        answer(error=access.error)


def _below(number: Value, limit: int) -> Value:
    """Whether ``number`` is less: its upper bits have only to be 0, which takes no carry chain."""
    bits = bits_for(limit)
    return (number[:bits] < limit) & ~number[bits:].any()
