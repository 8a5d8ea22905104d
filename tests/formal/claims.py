"""What is claimed of which component: benches for :mod:`checker`."""

from collections.abc import Callable
from typing import Any

from amaranth import *
from amaranth.asserts import AnySeq
from amaranth.lib import wiring
from checker import Bench
from framing import Framer, PushWatcher
from properties import held, in_order

from windrow.hdl import core, output_queue
from windrow.hdl.delay import delayed
from windrow.hdl.geometry import Geometry
from windrow.hdl.sequencer import Sequencer
from windrow.model import Filter


Claim = Callable[[Module, Bench], None]


def queue_keeps_all(kind: str, in_flight: int) -> Claim:
    """Behind a pipeline that lets values in where there is room: none is lost, doubled or out of
    order, none comes to a full queue, and each is held until it is taken."""

    def claim(m: Module, bench: Bench) -> None:
        m.submodules.dut = dut = getattr(output_queue, kind)(1, in_flight)
        _pipeline(m, bench, dut, in_flight)
        m.d.comb += dut.o.ready.eq(bench.anything(name="ready"))
        held(m, bench, dut.o)
        most = dut.depth + dut.latency - 1
        in_order(m, bench, most, dut.i_valid, dut.i, dut.o.valid & dut.o.ready, dut.o.payload)

    return claim


def queue_never_stops_a_ready_consumer(kind: str, in_flight: int) -> Claim:
    """While the output has always been ready there has always been room."""

    def claim(m: Module, bench: Bench) -> None:
        m.submodules.dut = dut = getattr(output_queue, kind)(1, in_flight)
        _pipeline(m, bench, dut, in_flight)
        ready = Signal(init=1)
        m.d.comb += dut.o.ready.eq(ready & bench.anything(name="ready"))
        m.d.sync += ready.eq(dut.o.ready)
        bench.always(dut.room, when=ready)

    return claim


def queue_makes_room(kind: str, in_flight: int, patience: int) -> Claim:
    """If its output is ready in one of ``patience`` cycles, there is room again in no more than
    ``patience`` cycles for each value that it holds."""

    def claim(m: Module, bench: Bench) -> None:
        m.submodules.dut = dut = getattr(output_queue, kind)(1, in_flight)
        _pipeline(m, bench, dut, in_flight)
        m.d.comb += dut.o.ready.eq(bench.fairly(patience, name="ready"))
        bound = patience * dut.depth
        full = Signal(range(bound + 2))
        m.d.sync += full.eq(Mux(dut.room, 0, full + 1))
        bench.always(full < bound)

    return claim


def _pipeline(m: Module, bench: Bench, dut: Any, in_flight: int) -> None:
    """Values come ``in_flight`` cycles after there was room for them."""
    lets_in = bench.anything(name="lets_in") & dut.room
    m.d.comb += [
        dut.i_valid.eq(delayed(m, lets_in, in_flight, name="in_flight")),
        dut.i.eq(bench.anything(len(dut.i), "value")),
    ]


def pushes_follow_the_rules(geometry: Geometry) -> Claim:
    """The pushes make up whole frames, each beat of a frame is pushed once at its place, all else
    is zeros for what the stream has passed over, and each event is told."""

    def claim(m: Module, bench: Bench) -> None:
        m.submodules.dut = dut = Sequencer(geometry)
        bench.offers(dut.i)
        m.d.comb += dut.room.eq(bench.anything(name="room"))
        valid, first, last = dut.i.valid, dut.i.payload.first, dut.i.payload.last
        samples = Value.cast(dut.i.payload.samples)
        taken = Signal()
        m.d.comb += taken.eq(valid & dut.i.ready)
        framer = Framer(m, geometry, taken, first, last)
        watcher = PushWatcher(m, bench, geometry, dut.o)
        # What was put comes two cycles later, where it belongs.
        put, row, beat, value = (
            delayed(m, part, dut.latency, name="put")
            for part in (framer.puts, framer.row, framer.beat, samples))
        bench.always(
            watcher.inside & (watcher.row == row) & (watcher.beat == beat)
            & (Value.cast(dut.o.beat) == value), when=put)
        # All else in a frame is zero, and there only where the stream has gone on without it.
        cut = Signal()
        m.d.sync += cut.eq((cut | (valid & first & framer.unfinished)) & ~framer.frame)
        filled = watcher.inside & ~put
        bench.always(Value.cast(dut.o.beat) == 0, when=filled)
        row, beat, cut_then, unfinished = (
            delayed(m, part, dut.latency, name="framer")
            for part in (framer.next_row, framer.next_beat, cut, framer.unfinished))
        passed = (watcher.row < row) | ((watcher.row == row) & (watcher.beat < beat))
        bench.always(passed | cut_then | ~unfinished, when=filled)
        for event in ("short_line", "long_line", "stray", "frame"):
            bench.always(dut.events[event] == delayed(m, getattr(framer, event), 1, name=event))

    return claim


class OpenQueue(wiring.Component):
    """In place of a core's output queue: room comes and goes, and no value waits.

    What is true of a core with it is true with any queue that loses nothing.
    """

    def __init__(self, queue: output_queue.OutputQueue) -> None:
        queue._MustUse__silence = True
        super().__init__(queue.signature)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += [
            self.room.eq(AnySeq(1)),
            self.o.valid.eq(self.i_valid),
            Value.cast(self.o.payload).eq(Value.cast(self.i)),
        ]
        return m


def _open_core(m: Module, filter: Filter) -> Any:
    m.submodules.dut = dut = core.Core(filter)
    dut._queue = OpenQueue(dut._queue)
    return dut


def frames_are_whole(filter: Filter) -> Claim:
    """Whatever comes in, even against the rules of a stream, the output makes up whole frames."""

    def claim(m: Module, bench: Bench) -> None:
        dut = _open_core(m, filter)
        payload = Value.cast(dut.i.payload)
        m.d.comb += [
            payload.eq(bench.anything(len(payload), "beat")),
            dut.i.valid.eq(bench.anything(name="valid")),
        ]
        _whole_frames(m, bench, filter, dut.o.valid, dut.o.payload)

    return claim


def _whole_frames(m: Module, bench: Bench, filter: Filter, taken: Value, payload: Any) -> Value:
    """The output makes up whole frames; returns whether this beat is a frame's last."""
    beats = -(-filter.output_width // filter.pixels_per_clock)
    row = Signal(range(filter.output_height))
    beat = Signal(range(beats))
    last = beat == beats - 1
    last_row = row == filter.output_height - 1
    with m.If(taken):
        m.d.sync += beat.eq(Mux(last, 0, beat + 1))
        with m.If(last):
            m.d.sync += row.eq(Mux(last_row, 0, row + 1))
    bench.always(payload.first == ((row == 0) & (beat == 0)), when=taken)
    bench.always(payload.last == last, when=taken)
    return taken & last & last_row


def pixels_stay_in_order(filter: Filter, most: int) -> Claim:
    """Of a kernel that moves pixels and no more: of well-formed frames each comes out once."""

    def claim(m: Module, bench: Bench) -> None:
        dut = _open_core(m, filter)
        row = Signal(range(filter.height))
        beat = Signal(range(filter.width))
        last = beat == filter.width - 1
        m.d.comb += [
            dut.i.valid.eq(bench.anything(name="valid")),
            Value.cast(dut.i.payload.samples).eq(bench.anything(filter.pixel.bits, "sample")),
            dut.i.payload.first.eq((row == 0) & (beat == 0)),
            dut.i.payload.last.eq(last),
        ]
        taken = Signal()
        m.d.comb += taken.eq(dut.i.valid & dut.i.ready)
        with m.If(taken):
            m.d.sync += beat.eq(Mux(last, 0, beat + 1))
            with m.If(last):
                m.d.sync += row.eq(Mux(row == filter.height - 1, 0, row + 1))
        in_order(m, bench, most, taken, Value.cast(dut.i.payload.samples), dut.o.valid,
                 Value.cast(dut.o.payload.samples))

    return claim


def frames_come_to_an_end(filter: Filter, bound: int) -> Claim:
    """No more than ``bound`` cycles pass until the next frame is out, while one is in: but for
    those that wait for input or for room, and those that take beats that are dropped."""

    def claim(m: Module, bench: Bench) -> None:
        dut = _open_core(m, filter)
        bench.offers(dut.i)
        valid, first, last = dut.i.valid, dut.i.payload.first, dut.i.payload.last
        taken = Signal()
        m.d.comb += taken.eq(valid & dut.i.ready)
        framer = Framer(m, core.frame_geometry(filter, core.device("generic")), taken, first, last)
        out = _whole_frames(m, bench, filter, dut.o.valid, dut.o.payload)
        frames = Signal(range(5))
        m.d.sync += frames.eq(frames + framer.frame - out)
        bench.always(frames < 4)
        waits = Signal()
        m.d.comb += waits.eq((framer.unfinished & ~valid) | ~dut._queue.room | framer.drops)
        cycles = Signal(range(bound + 2))
        with m.If(out | (frames == 0)):
            m.d.sync += cycles.eq(0)
        with m.Elif(~waits):
            m.d.sync += cycles.eq(cycles + 1)
        bench.always(cycles < bound)

    return claim
