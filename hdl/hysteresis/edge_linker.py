"""What makes edges of the weak pixels that hang together with strong ones."""

from itertools import pairwise
from typing import Any

from amaranth import *
from amaranth.lib import data, fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from ..deep_memory import DeepMemory
from ..delay import delayed
from ..devices import Device
from .keeping import QUIET, Keeping
from .pixel_words import EdgeWord, class_word


__all__ = ["EdgeLinker"]


class EdgeLinker(wiring.Component):
    """Takes a frame into a memory, links its edges there and gives them.

    What is done with a word is an operation, one a cycle, and all go down one pipeline: read, add
    edges, spread them along the runs of weak pixels in the word, write. A word whose edges have
    grown waits in a queue for its turn as *source*: then an operation for each neighbour that it
    touches adds edges there. A *scan* makes every word that holds an edge a source once, behind the
    words that come in, so that there is little left to do when the last of a frame has come. When
    the scan is through and nothing waits, no weak pixel is beside an edge: the map is exact, for
    every picture. Where the queue was full, the scan starts again.

    The next frame comes in as this one leaves, word after word.

    Parameters
    ----------
    keeping : :class:`~.keeping.Keeping`
        What of a frame lies in the memory.
    device : :class:`~windrow.hdl.devices.Device`
        Whose memories they lie in.
    queue_depth : :class:`int`
        Words that can wait.

    Members
    -------
    i : stream of :func:`~.pixel_words.class_word`
        The words of whole frames.
    room : :py:`In(1)`
        An operation may begin now that gives a word.
    o : :py:`Out(EdgeWord)`
        What a frame's words have become.
    o_valid : :py:`Out(1)`
        There is one in this cycle.
    """

    i: stream.Interface
    room: Signal
    o: Any
    o_valid: Signal

    #: Cycles from an operation's first, in which it reads, to that in which it writes.
    _STEPS = 6
    def __init__(self, keeping: Keeping, device: Device, queue_depth: int = 512) -> None:
        self._keeping = keeping
        self._layout = layout = keeping.layout
        self._queue_depth = queue_depth
        self._word = class_word(layout)
        self._memory = DeepMemory(2 * layout.pixels, keeping.depth, device)
        super().__init__({
            "i": In(stream.Signature(self._word)),
            "room": In(1),
            "o": Out(EdgeWord(layout)),
            "o_valid": Out(1),
        })

    @property
    def latency(self) -> int:
        """Least cycles from the last word that is waited for to the first that leaves: without
        edges."""
        scans = min(self._layout.row_words + 1, self._keeping.first_words)
        return 1 + 1 + self._STEPS + 2 * scans + QUIET + self.output_latency

    @property
    def output_latency(self) -> int:
        """Cycles from ``room`` to the word that it lets begin."""
        return 1 + self._memory.latency + 1

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        layout = self._layout
        pixels, row, keeping = layout.pixels, layout.row_words, self._keeping
        address = keeping.address
        changed = data.StructLayout({"address": address, "edge": pixels})
        m.submodules.memory = memory = self._memory
        m.submodules.waiting = waiting = fifo.SyncFIFOBuffered(
            width=changed.size, depth=self._queue_depth)

        # --- which operation begins
        source = Signal(data.StructLayout({
            "valid": 1, "address": address, "now": 8, "later": 8, "final": 1, "seeds": pixels}))
        ready = Cat(keeping.load_ready, keeping.unloading & self.room, source.valid,
                    keeping.scan_ready)
        begins = Signal(4)
        begins_load, begins_unload, begins_link, _ = begins
        m.d.comb += begins.eq(ready & ~(ready - 1)[:4])

        # The neighbours of a word, in the order in which it is their source.
        ways = (-row, -row - 1, -row + 1, -1, 1, row, row - 1, row + 1)
        straight, to_left, to_right = (
            Cat(source.now[number] for number in numbers).any()
            for numbers in ((0, 5), (1, 3, 6), (2, 4, 7)))
        distance = Signal(address)
        for number, way in enumerate(ways):
            with m.If(source.now[number]):
                m.d.comb += distance.eq(way)

        # --- the pipeline
        operation = data.StructLayout({
            "load": 1, "unload": 1, "link": 1, "scan": 1, "address": address})
        steps = [Signal(operation, name=f"step_{number}") for number in range(self._STEPS + 2)]
        first, last = steps[0], steps[self._STEPS]
        for before, after in pairwise(steps):
            m.d.sync += after.eq(before)
        m.d.sync += [
            Cat(first.load, first.unload, first.link, first.scan).eq(begins),
            first.address.eq(Mux(
                begins_load, keeping.load_address, Mux(
                    begins_unload, keeping.unload_address, Mux(
                        begins_link, source.address + distance, keeping.scan_address)))),
            steps[1].link.eq(first.link & keeping.links(first.address)),
        ]
        came = steps[self._memory.latency]
        m.d.comb += [
            memory.read_address.eq(first.address),
            self.i.ready.eq(came.load),
        ]
        seeds = [Signal(pixels, name=f"seeds_{number}", reset_less=True) for number in range(4)]
        m.d.sync += [
            seeds[0].eq(Cat(
                (source.seeds[at] & straight)
                | (to_right if at == 0 else 0) | (to_left if at == pixels - 1 else 0)
                for at in range(pixels))),
            seeds[1].eq(seeds[0] & first.link.replicate(pixels)),
            seeds[2].eq(seeds[1]),
            seeds[3].eq(seeds[2]),
        ]

        other, read, widened, spread, written = (
            Signal(self._word, name=name, reset_less=True)
            for name in ("other", "read", "widened", "spread", "written"))
        edge_read, edge_widened = (
            Signal(pixels, name=f"edge_{name}", reset_less=True) for name in ("read", "widened"))
        # A word that is read while it is written is what is written: the memory gives anything. It
        # takes the way of a word that is loaded, which has been there since its operation began.
        writes = Signal()
        stale = delayed(m, writes & (first.address == last.address), memory.latency, name="stale")
        made: list[Value] = [written.edge]
        for number in range(2, self._STEPS + 1):
            before = Signal(pixels, name=f"made_{number}", reset_less=True)
            m.d.sync += before.eq(made[-1])
            made.append(before)
        newer = delayed(m, written.weak, memory.latency - 1, name="newer", reset_less=True)
        with m.If(steps[memory.latency - 1].load):
            m.d.sync += Value.cast(other).eq(Value.cast(self.i.payload))
        with m.Else():
            m.d.sync += [other.weak.eq(newer), other.edge.eq(made[memory.latency - 1])]
        m.d.sync += [
            Value.cast(read).eq(Mux(came.load | stale, Value.cast(other), memory.read_data)),
            widened.weak.eq(read.weak),
            widened.edge.eq((read.edge | seeds[3]) & read.weak),
            edge_read.eq(read.edge),
            spread.weak.eq(widened.weak),
            spread.edge.eq(_spread(widened.weak, widened.edge)),
            edge_widened.eq(edge_read),
        ]

        # What operations ahead on the same word, on their way when it was read, have made of it.
        same: Value = Cat(
            (steps[1].link | steps[1].scan) & (step.link | step.scan)
            & (step.address == steps[1].address) for step in steps[2:])
        for number in range(2, self._STEPS):
            later = Signal(self._STEPS, name=f"same_{number}")
            m.d.sync += later.eq(same)
            same = later
        merged: Value = spread.edge
        for number, edges in enumerate(made):
            merged = merged | edges & same[number].replicate(pixels)

        pushes = Signal()
        grown = spread.edge != edge_widened
        ends = steps[self._STEPS - 1]
        # Edges that come to a word that has left come too late.
        here, missed = ends.link, Const(0)
        late = keeping.gone(steps[1].address)
        if late is not None:
            late = delayed(m, late, self._STEPS - 2, name="late", reset_less=True)
            here, missed = ends.link & ~late, ends.link & late & grown
        m.d.sync += [
            written.weak.eq(spread.weak),
            written.edge.eq(merged),
            writes.eq(ends.load | ((here | ends.scan) & grown)),
            pushes.eq((here & grown) | (ends.scan & spread.edge.any())),
        ]
        m.d.comb += [
            memory.write_enable.eq(writes),
            memory.write_address.eq(last.address),
            memory.write_data.eq(written),
            self.o.edge.eq(read.edge),
            Cat(self.o.first, self.o.incomplete).eq(
                Cat(keeping.marks(m, begins_unload, steps[3]))),
            self.o_valid.eq(steps[3].unload),
        ]

        # --- the source, and the one that comes next
        # Behind the queue's memory, whose clock-to-output delay is long, stands a register.
        fetched, coming, pushed = (
            Signal(changed, name=name, reset_less=True)
            for name in ("fetched", "coming", "pushed"))
        has_fetched = Signal()
        has_coming = Signal()
        takes = Signal()
        waits = waiting.r_rdy | has_fetched
        m.d.comb += [
            pushed.address.eq(last.address),
            pushed.edge.eq(written.edge),
            waiting.w_en.eq(pushes & (has_coming | waits)),
            waiting.w_data.eq(pushed),
            waiting.r_en.eq(~has_fetched),
            takes.eq(~source.valid | (begins_link & source.final)),
        ]
        with m.If(~has_fetched):
            m.d.sync += [has_fetched.eq(waiting.r_rdy), fetched.eq(waiting.r_data)]
        with m.Elif(~has_coming):
            m.d.sync += has_fetched.eq(0)
        with m.If(~has_coming):
            m.d.sync += [
                has_coming.eq(has_fetched | (pushes & ~waits)),
                coming.eq(Mux(has_fetched, fetched, pushed)),
            ]
        with m.Elif(takes):
            m.d.sync += has_coming.eq(0)
        left, right = coming.edge[0], coming.edge[-1]
        rest = source.later & (source.later - 1)[:8]
        with m.If(begins_link):
            m.d.sync += [
                source.now.eq(source.later & ~rest),
                source.later.eq(rest),
                source.final.eq(rest == 0),
            ]
        with m.If(takes):
            m.d.sync += [
                source.valid.eq(has_coming),
                source.address.eq(coming.address),
                source.seeds.eq(coming.edge | coming.edge << 1 | coming.edge >> 1),
                source.now.eq(1),
                source.later.eq(Cat(0, left, right, left, right, 1, left, right)),
                source.final.eq(0),
            ]

        keeping.follow(
            m, begins, came, last, valid=self.i.valid, unsettled=waits | has_coming,
            busy=source.valid | first.link | first.scan,
            overflows=waiting.w_en & ~waiting.w_rdy, missed=missed)
        return m


def _spread(weak: Value, edge: Value) -> Value:
    """All of a run of weak pixels where one of them is an edge.

    A carry that starts at an edge runs to the end of its run: once in each direction.
    """
    def onward(weak: Value, edge: Value) -> Value:
        return ((weak + edge)[: len(weak)] ^ weak) | edge

    reached = onward(weak, edge) | onward(weak[::-1], edge[::-1])[::-1]
    return reached & weak
