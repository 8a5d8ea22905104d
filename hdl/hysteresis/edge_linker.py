"""What makes edges of the weak pixels that hang together with strong ones."""

from itertools import pairwise
from typing import Any

from amaranth import *
from amaranth.lib import data, fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from ..devices import Device
from .frame_memory import FrameMemory
from .layout import WordLayout
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
    layout : :class:`~.layout.WordLayout`
        The words of a frame.
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
    #: Cycles without anything to do after which nothing is on its way.
    _QUIET = 15

    def __init__(self, layout: WordLayout, device: Device, queue_depth: int = 512) -> None:
        self._layout = layout
        self._queue_depth = queue_depth
        self._word = class_word(layout)
        self._memory = FrameMemory(2 * layout.pixels, layout.words, device)
        super().__init__({
            "i": In(stream.Signature(self._word)),
            "room": In(1),
            "o": Out(EdgeWord(layout)),
            "o_valid": Out(1),
        })

    @property
    def latency(self) -> int:
        """Least cycles from a frame's last word to the first that leaves: without edges."""
        scans = min(self._layout.row_words + 1, self._layout.words)
        return 1 + 1 + self._STEPS + 2 * scans + self._QUIET + self.output_latency

    @property
    def output_latency(self) -> int:
        """Cycles from ``room`` to the word that it lets begin."""
        return 1 + self._memory.latency + 1

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        layout = self._layout
        pixels, row, words = layout.pixels, layout.row_words, layout.words
        # Wide enough for the places before the first and behind the last word, which are not below
        # `loaded`.
        address = unsigned((words + 2 * row + 2).bit_length())
        changed = data.StructLayout({"address": address, "edge": pixels})
        m.submodules.memory = memory = self._memory
        m.submodules.waiting = waiting = fifo.SyncFIFOBuffered(
            width=changed.size, depth=self._queue_depth)

        # --- which operation begins
        loaded, load_address, unload_address, scan_address = (
            Signal(address, name=name)
            for name in ("loaded", "load_address", "unload_address", "scan_address"))
        load_ready, unloading, scan_ready = (
            Signal(name=name) for name in ("load_ready", "unloading", "scan_ready"))
        source = Signal(data.StructLayout({
            "valid": 1, "address": address, "now": 8, "later": 8, "final": 1, "seeds": pixels}))
        ready = Cat(load_ready, unloading & self.room, source.valid, scan_ready)
        begins = Signal(4)
        begins_load, begins_unload, begins_link, begins_scan = begins
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
                begins_load, load_address, Mux(
                    begins_unload, unload_address, Mux(
                        begins_link, source.address + distance, scan_address)))),
            steps[1].link.eq(first.link & (first.address < loaded)),
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

        read, widened, spread, written = (
            Signal(self._word, name=name, reset_less=True)
            for name in ("read", "widened", "spread", "written"))
        edge_read, edge_widened = (
            Signal(pixels, name=f"edge_{name}", reset_less=True) for name in ("read", "widened"))
        m.d.sync += [
            Value.cast(read).eq(Mux(came.load, Value.cast(self.i.payload), memory.read_data)),
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
        made: list[Value] = [written.edge]
        for number in range(2, self._STEPS + 1):
            before = Signal(pixels, name=f"made_{number}", reset_less=True)
            m.d.sync += before.eq(made[-1])
            made.append(before)
        merged: Value = spread.edge
        for number, edges in enumerate(made):
            merged = merged | edges & same[number].replicate(pixels)

        writes = Signal()
        pushes = Signal()
        grown = spread.edge != edge_widened
        ends = steps[self._STEPS - 1]
        m.d.sync += [
            written.weak.eq(spread.weak),
            written.edge.eq(merged),
            writes.eq(ends.load | ((ends.link | ends.scan) & grown)),
            pushes.eq((ends.link & grown) | (ends.scan & spread.edge.any())),
        ]
        m.d.comb += [
            memory.write_enable.eq(writes),
            memory.write_address.eq(last.address),
            memory.write_data.eq(written),
            self.o.edge.eq(read.edge),
            self.o.first.eq(steps[3].address == 0),
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

        # --- the frame
        full, again, idle, done = (Signal(name=name) for name in ("full", "again", "idle", "done"))
        load_busy = Signal()
        free = Signal(range(words + 1), init=words)
        ahead = Signal(range(words + 1))
        quiet = Signal(range(self._QUIET + 1))
        unsettled = waits | has_coming
        m.d.comb += done.eq(quiet == self._QUIET)
        m.d.sync += [
            load_ready.eq(self.i.valid & ~load_busy & ~load_ready & (free != 0)),
            # One that has just begun is not counted yet.
            scan_ready.eq(~begins_scan & ~unsettled
                          & ((ahead > row + 1) | (full & (ahead != 0)))),
            idle.eq(full & (ahead == 0) & ~unsettled & ~source.valid & ~first.link & ~first.scan),
            quiet.eq(Mux(idle & ~done, quiet + 1, 0)),
        ]
        _count(m, free, begins_unload, begins_load)
        _count(m, ahead, last.load, begins_scan)
        with m.If(begins_load):
            m.d.sync += [load_busy.eq(1), load_address.eq(load_address + 1)]
        with m.If(came.load):
            m.d.sync += load_busy.eq(0)
        with m.If(last.load):
            m.d.sync += [loaded.eq(loaded + 1), full.eq(loaded == words - 1)]
        with m.If(begins_scan):
            m.d.sync += scan_address.eq(scan_address + 1)
        with m.If(begins_unload):
            m.d.sync += [
                unload_address.eq(unload_address + 1),
                unloading.eq(unload_address != words - 1),
            ]
        with m.If(waiting.w_en & ~waiting.w_rdy):
            m.d.sync += again.eq(1)
        with m.If(done):
            m.d.sync += [idle.eq(0), scan_address.eq(0), again.eq(0)]
            with m.If(again):
                m.d.sync += ahead.eq(words)
            with m.Else():
                m.d.sync += [full.eq(0), loaded.eq(0), load_address.eq(0), unloading.eq(1),
                             unload_address.eq(0)]
        return m


def _count(m: Module, counter: Signal, up: Value, down: Value) -> None:
    with m.If(up & ~down):
        m.d.sync += counter.eq(counter + 1)
    with m.Elif(down & ~up):
        m.d.sync += counter.eq(counter - 1)


def _spread(weak: Value, edge: Value) -> Value:
    """All of a run of weak pixels where one of them is an edge.

    A carry that starts at an edge runs to the end of its run: once in each direction.
    """
    def onward(weak: Value, edge: Value) -> Value:
        return ((weak + edge)[: len(weak)] ^ weak) | edge

    reached = onward(weak, edge) | onward(weak[::-1], edge[::-1])[::-1]
    return reached & weak
