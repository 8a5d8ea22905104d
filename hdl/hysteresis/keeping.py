"""Which words of frames lie in the memory, and when they come, are scanned and leave."""

from typing import Any

from amaranth import *

from .layout import WordLayout


__all__ = ["QUIET", "Keeping", "WholeFrame"]

#: Cycles without anything to do after which nothing is on its way.
QUIET = 15


class Keeping:
    """What an :class:`~.edge_linker.EdgeLinker` asks of it; there is a class for each way.

    Attributes
    ----------
    layout : :class:`~.layout.WordLayout`
        The words of a frame.
    depth : :class:`int`
        Words of memory.
    address : :class:`~amaranth.hdl.Shape`
        Of a word: wide enough for those before the first and behind the last, too.
    loaded : :class:`~amaranth.hdl.Signal`
        The word before which all have come.
    load_address, unload_address, scan_address : :class:`~amaranth.hdl.Signal`
        The next word that comes, that leaves, that is scanned.
    load_ready, unloading, scan_ready : :class:`~amaranth.hdl.Signal`
        Whether such an operation may begin.
    """

    def __init__(self, layout: WordLayout, depth: int, address_bits: int) -> None:
        self.layout = layout
        self.depth = depth
        self.address = unsigned(address_bits)
        self.loaded, self.load_address, self.unload_address, self.scan_address = (
            Signal(self.address, name=name)
            for name in ("loaded", "load_address", "unload_address", "scan_address"))
        self.load_ready, self.unloading, self.scan_ready = (
            Signal(name=name) for name in ("load_ready", "unloading", "scan_ready"))
        self._full, self._again, self._idle, self._load_busy = (
            Signal(name=name) for name in ("full", "again", "idle", "load_busy"))
        self._quiet = Signal(range(QUIET + 1))
        self._done = Signal(name="done")

    @property
    def first_words(self) -> int:
        """Words of a frame that must have come before one leaves."""
        raise NotImplementedError

    def links(self, address: Value) -> Value:
        """Whether edges may be added to a word, or would be missed there."""
        raise NotImplementedError

    def gone(self, address: Value) -> Value | None:
        """Of such a word, whether it has left already; ``None`` where none ever has."""
        return None

    def marks(self, m: Module, begins_unload: Value, step: Any) -> tuple[Value, Value]:
        """Of an operation, three steps behind its first: whether the word that leaves is a frame's
        first, and whether it is the last of a frame whose map is not complete."""
        raise NotImplementedError

    def follow(
        self, m: Module, begins: Value, came: Any, last: Any, *, valid: Value, unsettled: Value,
        busy: Value, overflows: Value, missed: Value
    ) -> None:
        """Bring it up to date, each cycle.

        Parameters
        ----------
        begins : 4 bits
            A load, an unload, a link or a scan begins.
        came, last : operations
            What has been read in this cycle, and what is written.
        valid : 1 bit
            There is a word to load.
        unsettled : 1 bit
            Words wait for their turn as source.
        busy : 1 bit
            There is a source, or an operation that may make one has begun just now.
        overflows : 1 bit
            A word that should wait found no room.
        missed : 1 bit
            Edges would have been added to a word that has left.
        """
        raise NotImplementedError

    def _settles(self, m: Module, valid: Value, room: Value, begins: Value, came: Any,
                 scanned: Value, busy: Value, overflows: Value) -> None:
        """What all have in common: loads one by one, and rest at the end."""
        begins_load, _, _, begins_scan = begins
        m.d.comb += self._done.eq(self._quiet == QUIET)
        m.d.sync += [
            self.load_ready.eq(valid & ~self._load_busy & ~self.load_ready & room),
            self._idle.eq(self._full & scanned & ~busy),
            self._quiet.eq(Mux(self._idle & ~self._done, self._quiet + 1, 0)),
        ]
        with m.If(begins_load):
            m.d.sync += [self._load_busy.eq(1), self.load_address.eq(self.load_address + 1)]
        with m.If(came.load):
            m.d.sync += self._load_busy.eq(0)
        with m.If(begins_scan):
            m.d.sync += self.scan_address.eq(self.scan_address + 1)
        with m.If(overflows):
            m.d.sync += self._again.eq(1)


class WholeFrame(Keeping):
    """A frame, which leaves when it is linked; the next one comes in meanwhile."""

    def __init__(self, layout: WordLayout) -> None:
        super().__init__(layout, layout.words,
                         (layout.words + 2 * layout.row_words + 2).bit_length())

    @property
    def first_words(self) -> int:
        return self.layout.words

    def links(self, address: Value) -> Value:
        # Those before the first word are not below `loaded`.
        return address < self.loaded

    def marks(self, m: Module, begins_unload: Value, step: Any) -> tuple[Value, Value]:
        return step.address == 0, Const(0)

    def follow(
        self, m: Module, begins: Value, came: Any, last: Any, *, valid: Value, unsettled: Value,
        busy: Value, overflows: Value, missed: Value
    ) -> None:
        words, row = self.layout.words, self.layout.row_words
        begins_load, begins_unload, _, begins_scan = begins
        free = Signal(range(words + 1), init=words)
        ahead = Signal(range(words + 1))
        self._settles(m, valid, free != 0, begins, came, ahead == 0, unsettled | busy, overflows)
        # One that has just begun is not counted yet.
        m.d.sync += self.scan_ready.eq(
            ~begins_scan & ~unsettled & ((ahead > row + 1) | (self._full & (ahead != 0))))
        _count(m, free, begins_unload, begins_load)
        _count(m, ahead, last.load, begins_scan)
        with m.If(last.load):
            m.d.sync += [self.loaded.eq(self.loaded + 1), self._full.eq(self.loaded == words - 1)]
        with m.If(begins_unload):
            m.d.sync += [
                self.unload_address.eq(self.unload_address + 1),
                self.unloading.eq(self.unload_address != words - 1),
            ]
        with m.If(self._done):
            m.d.sync += [self._idle.eq(0), self.scan_address.eq(0), self._again.eq(0)]
            with m.If(self._again):
                m.d.sync += ahead.eq(words)
            with m.Else():
                m.d.sync += [
                    self._full.eq(0), self.loaded.eq(0), self.load_address.eq(0),
                    self.unloading.eq(1), self.unload_address.eq(0)]


def _count(m: Module, counter: Signal, up: Value, down: Value) -> None:
    with m.If(up & ~down):
        m.d.sync += counter.eq(counter + 1)
    with m.Elif(down & ~up):
        m.d.sync += counter.eq(counter - 1)
