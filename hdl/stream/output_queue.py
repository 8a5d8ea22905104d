"""Room for everything in flight, so that the pipeline never has to stop."""

from typing import Any, ClassVar

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from ..ring import RING_START, ring_back, ring_bits, ring_number, ring_step


__all__ = ["LUT_WORDS", "BlockQueue", "DistributedQueue", "HoldingMemory", "OutputQueue",
           "RegisteredQueue", "StoredQueue", "lut_queue"]

LUT_WORDS = 16
"""Words of one LUT memory."""


class OutputQueue(wiring.Component):
    """Ends a free-running pipeline in a stream with back-pressure.

    The pipeline in front of it has no enable. It must let a new value in only while ``room`` is
    true; then whatever is on its way finds a place. The queue is deep enough that a consumer that
    is always ready never makes ``room`` false.

    Latency is :attr:`latency` cycles while the queue is empty; throughput is one value a cycle.
    Its kinds differ in where the values wait.

    Parameters
    ----------
    shape : :ref:`shape-like <lang-shapelike>`
        A value.
    in_flight : :class:`int`
        Cycles from the one in which ``room`` lets a value in to the one in which it comes to ``i``,
        if one may come in every cycle; else values that may be let in meanwhile.
    spare : :class:`int`
        Values that may wait while more are let in: as many as a consumer takes, once it is ready
        again, until what was let in with its first one comes.

    Members
    -------
    i : :py:`In(shape)`
        Values of the pipeline.
    i_valid : :py:`In(1)`
        There is one in this cycle.
    reset_follows : :py:`In(1)`
        The next cycle ends in a reset; nothing may be let in in it.
    room : :py:`Out(1)`
        A value may be let in in this cycle; in the one behind a reset none. A register.
    o : stream of ``shape``
        Output. Once valid it is held until taken.
    """

    latency: ClassVar[int]
    """Cycles from a value at ``i`` to the same at ``o``."""

    _ram_style: ClassVar[str | None] = None

    i: Any
    i_valid: Signal
    reset_follows: Signal
    room: Signal
    o: stream.Interface

    def __init__(self, shape: ShapeLike, in_flight: int, spare: int = 0) -> None:
        # Let in and not yet counted: those in flight, and one in this cycle.
        self._uncounted = in_flight + 1
        self._spare = spare
        self._shape = shape
        super().__init__({
            "i": In(shape),
            "i_valid": In(1),
            "reset_follows": In(1),
            "room": Out(1),
            "o": Out(stream.Signature(shape)),
        })

    @property
    def restart_cycles(self) -> int:
        """Cycles without a value, at most, some while after a consumer that has long waited begins
        to take.

        What waits here is there at once. ``room`` comes when no more is left than may wait while
        values are let in, and the next value when as many cycles have passed as one is on its way,
        after up to 12 at the input.
        """
        return max(self._uncounted - self.latency - self._spare + 12, 0)

    @property
    def depth(self) -> int:
        """Words of its memory."""
        return 1 << ceil_log2(self._most)

    @property
    def _most(self) -> int:
        """Values that the queue holds."""
        return self._uncounted + self.latency + self._spare

    def _takes(self) -> Value:
        """Whether a value may leave the memory now."""
        raise NotImplementedError

    @property
    def _bank_words(self) -> int:
        """Words of each of the memories that it is made of."""
        return self.depth

    def _read(self, m: Module, banks: list[memory.Memory], address: Value, waits: Value) -> None:
        """Offer what waits at ``address``."""
        raise NotImplementedError

    def _store(
        self, m: Module, puts: Value, write_address: Value, read_address: Value, waits: Value
    ) -> None:
        """Keep what comes, and offer what ``waits`` at ``read_address``."""
        bits = Shape.cast(self._shape).width
        # What is read while it is written is not waiting yet, and so is not used.
        attributes = {"no_rw_check": "1"}
        if self._ram_style is not None:
            attributes["ram_style"] = self._ram_style
        words = self._bank_words
        banks: list[memory.Memory] = [
            memory.Memory(shape=unsigned(bits), depth=words, init=[], attrs=attributes)
            for _ in range(self.depth // words)]
        self._read(m, banks, read_address, waits)
        for number, bank in enumerate(banks):
            m.submodules["storage" if len(banks) == 1 else f"storage_{number}"] = bank
            write = bank.write_port()
            m.d.comb += [
                write.addr.eq(write_address),
                write.data.eq(Value.cast(self.i)),
                write.en.eq(puts & (write_address >> ceil_log2(words) == number)),
            ]

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        # How many values there are: so many bits of the level are set, from the lowest. With one
        # value more there is no room, and what comes after it is counted along a ring. What is
        # asked is a bit of a register.
        level = Signal(self._most - self._uncounted)
        more = Signal(ring_bits(self._uncounted), init=RING_START)
        past = Signal()  # `more` is not at its start
        full = ~self.room
        write_address = Signal(range(self.depth), init=RING_START)
        read_address = Signal(range(self.depth), init=RING_START)
        puts = self.i_valid
        gets = level[0] & self._takes()
        self._store(m, puts, write_address, read_address, level[0])
        for address, steps in ((write_address, puts), (read_address, gets)):
            with m.If(steps):
                m.d.sync += address.eq(ring_step(address, zero=self._most == self.depth))
        up, down = puts & full, ~puts & past  # of the count past the level
        # `gets` again, from a register of its own: what is shared would come a LUT later.
        empty = Signal(init=1)
        m.d.sync += self.room.eq(~Mux(
            puts ^ self._takes(), Mux(puts, level[-1], past), full & level[-1]))
        with m.If(self.reset_follows):
            m.d.sync += self.room.eq(0)
        with m.If(puts ^ (self._takes() & ~empty)):
            m.d.sync += [
                empty.eq(~puts & ~(level[1] if len(level) > 1 else full)),
                level.eq(Mux(puts, Cat(1, level), Cat(level[1:], full))),
                # Enabled as the level is: an enable of their own would come a LUT later.
                past.eq(Mux(puts, full, past & (more != ring_number(len(more), 1)))),
                more.eq(Mux(up, ring_step(more), Mux(down, ring_back(more), RING_START))),
            ]
        return m


class DistributedQueue(OutputQueue):
    """In LUTs as memory, which are read in the cycle of the address: its output is ``o``."""

    latency = 1
    _ram_style = "distributed"

    def _takes(self) -> Value:
        return self.o.ready

    def _read(self, m: Module, banks: list[memory.Memory], address: Value, waits: Value) -> None:
        read = banks[0].read_port(domain="comb")
        m.d.comb += [
            read.addr.eq(address),
            Value.cast(self.o.payload).eq(read.data),
            self.o.valid.eq(waits),
        ]


class BlockQueue(OutputQueue):
    """In a memory that is read at the clock's edge, a block RAM or what tools take: the register in
    which the word comes is the stream's."""

    latency = 2

    def _takes(self) -> Value:
        return self.o.ready | ~self.o.valid

    def _read(self, m: Module, banks: list[memory.Memory], address: Value, waits: Value) -> None:
        taken = self._takes()
        words = []
        for bank in banks:
            read = bank.read_port()  # in a list's brackets it would have no name
            m.d.comb += [read.addr.eq(address), read.en.eq(taken)]
            words.append(read.data)
        with m.If(taken):
            m.d.sync += self.o.valid.eq(waits)
        word: Value = words[0]
        if len(banks) > 1:
            number = Signal(range(len(banks)), name="bank", reset_less=True)
            word = Array(words)[number]
            with m.If(taken):
                m.d.sync += number.eq(address >> ceil_log2(self._bank_words))
        m.d.comb += Value.cast(self.o.payload).eq(word)


class RegisteredQueue(BlockQueue):
    """In LUTs as memory, with a register behind each: where they are many, the way out of them is
    long."""

    _ram_style = "distributed"

    @property
    def _bank_words(self) -> int:
        return min(self.depth, LUT_WORDS)


class HoldingMemory(wiring.Component):
    """Simple dual-port memory, and a register behind it: each of the two keeps its word until told.

    Parameters
    ----------
    bits, depth : :class:`int`
        Bits of a word; number of words.

    Members
    -------
    write_enable, write_address, write_data : :py:`In`
        Write, at the end of the cycle.
    read_enable : :py:`In(1)`
        Read the word at ``read_address``.
    read_address : :py:`In`
        What is read while it is written there is undefined.
    output_enable : :py:`In(1)`
        Take the word that was read before to ``output``.
    output : :py:`Out(bits)`
        A register.
    """

    write_enable: Signal
    write_address: Signal
    write_data: Signal
    read_enable: Signal
    read_address: Signal
    output_enable: Signal
    output: Signal

    def __init__(self, bits: int, depth: int) -> None:
        self._depth = depth
        address = In(range(depth))
        super().__init__({
            "write_enable": In(1), "write_address": address, "write_data": In(bits),
            "read_enable": In(1), "read_address": address,
            "output_enable": In(1), "output": Out(bits),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        words: memory.Memory = memory.Memory(
            shape=unsigned(len(self.output)), depth=self._depth, init=[],
            attrs={"no_rw_check": "1"})
        m.submodules.words = words
        write = words.write_port()
        read = words.read_port()
        m.d.comb += [
            write.addr.eq(self.write_address), write.data.eq(self.write_data),
            write.en.eq(self.write_enable),
            read.addr.eq(self.read_address), read.en.eq(self.read_enable),
        ]
        with m.If(self.output_enable):
            m.d.sync += self.output.eq(read.data)
        return m


class StoredQueue(OutputQueue):
    """In block RAM with a register behind it: a word in the memory's own output, and the next in
    the register, wait outside of the memory."""

    latency = 3
    _memory: ClassVar[type[HoldingMemory]] = HoldingMemory

    def __init__(self, shape: ShapeLike, in_flight: int, spare: int = 0) -> None:
        super().__init__(shape, in_flight, spare)
        self._read_valid = Signal()

    def _moves(self) -> Value:
        """Whether the register may take a word."""
        return self.o.ready | ~self.o.valid

    def _takes(self) -> Value:
        return self._moves() | ~self._read_valid

    def _store(
        self, m: Module, puts: Value, write_address: Value, read_address: Value, waits: Value
    ) -> None:
        m.submodules.storage = words = self._memory(Shape.cast(self._shape).width, self.depth)
        # The register never moves alone: it does not matter whether its enable needs the other.
        m.d.comb += [
            words.write_enable.eq(puts), words.write_address.eq(write_address),
            words.write_data.eq(Value.cast(self.i)),
            words.read_enable.eq(self._takes()), words.read_address.eq(read_address),
            words.output_enable.eq(self._moves()),
            Value.cast(self.o.payload).eq(words.output),
        ]
        with m.If(self._takes()):
            m.d.sync += self._read_valid.eq(waits)
        with m.If(self._moves()):
            m.d.sync += self.o.valid.eq(self._read_valid)


def lut_queue(shape: ShapeLike, in_flight: int, spare: int = 0) -> OutputQueue:
    """The queue for a device whose LUTs can be memory; parameters as of :class:`OutputQueue`."""
    most = in_flight + 1 + DistributedQueue.latency + spare
    kind = DistributedQueue if most <= 2 * LUT_WORDS else RegisteredQueue
    return kind(shape, in_flight, spare)
