"""What is claimed of which component: benches for :mod:`checker`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from amaranth import *
from amaranth.asserts import AnySeq
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In
from amaranth.utils import bits_for
from checker import Bench, Claim
from framing import Framer, PushWatcher
from properties import held, in_order
from row_engine import RowEngine

from windrow.hdl import PipelineCore, core, lockstep
from windrow.hdl.control.axi_lite import OKAY, SLVERR
from windrow.hdl.control.handover import Handover
from windrow.hdl.control.register_map import Field
from windrow.hdl.control.registers import Registers
from windrow.hdl.delay import delayed
from windrow.hdl.framing.sequencer import Sequencer
from windrow.hdl.geometry import Geometry
from windrow.hdl.network.fork import Fork
from windrow.hdl.settings import Settings
from windrow.hdl.stream import output_queue
from windrow.hdl.stream.input_fifo import InputFifo
from windrow.model import Filter
from windrow.model.network.row_reads import RowReads
from windrow.model.pipeline import Pipeline


#: Cycles after which a network will move no more.
STANDSTILL = 12


def queue_keeps_all(kind: str, in_flight: int) -> Claim:
    """Behind a pipeline that lets values in where there is room: none is lost, doubled or out of
    order, none comes to a full queue, and each is offered no later than it should be, without a
    look at ready, and held until it is taken."""

    def claim(m: Module, bench: Bench) -> None:
        m.submodules.dut = dut = getattr(output_queue, kind)(1, in_flight)
        _pipeline(m, bench, dut, in_flight)
        m.d.comb += dut.o.ready.eq(bench.anything(name="ready"))
        held(m, bench, dut.o.valid, dut.o.ready, dut.o.payload)
        most = dut.depth + dut.latency - 1
        taken = dut.o.valid & dut.o.ready
        inside = in_order(m, bench, most, dut.i_valid, dut.i, taken, dut.o.payload)
        waited = Signal(range(dut.latency + 1))
        m.d.sync += waited.eq(Mux((inside != 0) & ~dut.o.valid, waited + 1, 0))
        bench.always(waited < dut.latency)

    return claim


def queue_never_stops_a_ready_consumer(kind: str, in_flight: int) -> Claim:
    """While the output has always been ready there is room in every cycle but the first."""

    def claim(m: Module, bench: Bench) -> None:
        m.submodules.dut = dut = getattr(output_queue, kind)(1, in_flight)
        _pipeline(m, bench, dut, in_flight)
        ready = Signal(init=1)
        m.d.comb += dut.o.ready.eq(ready & bench.anything(name="ready"))
        begun = Signal()
        m.d.sync += [ready.eq(dut.o.ready), begun.eq(1)]
        bench.always(dut.room, when=ready & begun)

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
        watcher = PushWatcher(m, bench.always, geometry, dut.o)
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
        # An early start is told once, before the beat that it is about is taken.
        told = Signal()
        early = dut.events.early_start
        m.d.sync += told.eq((told | early) & ~framer.frame)
        bench.always(~told, when=early)
        bench.always((told | early) == framer.unfinished, when=framer.frame)
        for event in ("short_line", "long_line", "stray", "frame"):
            bench.always(dut.events[event] == delayed(m, getattr(framer, event), 2, name=event))

    return claim


class OpenQueue(wiring.Component):
    """In place of a core's output queue: room comes and goes, and no value waits.

    What is true of a core with it is true with any queue that loses nothing.
    """

    latency = 0

    def __init__(self, queue: output_queue.OutputQueue) -> None:
        super().__init__(queue.signature)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.d.comb += [
            self.room.eq(AnySeq(1)),
            self.o.valid.eq(self.i_valid),
            Value.cast(self.o.payload).eq(Value.cast(self.i)),
        ]
        return m


def _open_core(m: Module, design: Filter | Pipeline) -> Any:
    made = PipelineCore(design) if isinstance(design, Pipeline) else core.Core(design)
    m.submodules.dut = dut = made
    if isinstance(dut, PipelineCore):
        (way,) = dut.ways
        dut.ways = [way._replace(queue=OpenQueue(way.queue))]
    else:
        dut._queue = OpenQueue(dut._queue)
    return dut


def frames_are_whole(filter: Filter | Pipeline) -> Claim:
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


def _whole_frames(
    m: Module, bench: Bench, filter: Filter | Pipeline, taken: Value, payload: Any
) -> Value:
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


class OpenSequencer(wiring.Component):
    """In place of a sequencer: any pushes at all."""

    def __init__(self, sequencer: Sequencer) -> None:
        super().__init__(sequencer.signature)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        push = Value.cast(self.o)
        m.d.comb += push.eq(AnySeq(len(push)))
        return m


def branches_meet(pipeline: Pipeline, short: tuple[int, int] = (0, 0)) -> Claim:
    """Taps of one picture that come by different ways show the same pixel, whatever is pushed, as
    long as the pushes follow the rules that are proved of the sequencer.

    ``short``: so many rows and beats the first of them waits too little.
    """

    def claim(m: Module, bench: Bench) -> None:
        with _shorter_wait(short):
            dut = _open_core(m, pipeline)
        (part,) = dut.parts
        part.sequencer = OpenSequencer(part.sequencer)
        broken = Signal()
        breaks: list[Value] = [broken]

        def rule(truth: Value, *, when: Value) -> None:
            breaks.append(when & ~truth)

        PushWatcher(m, rule, part.plan.sweep, part.sequencer.o)
        breaks_now = Cat(breaks).any()
        m.d.sync += broken.eq(breaks_now)
        bits = pipeline.output.bits
        shown = Value.cast(dut.o.payload.samples)
        for tap in range(1, len(pipeline.outputs)):
            bench.always(shown[:bits] == shown.word_select(tap, bits),
                         when=dut.o.valid & ~breaks_now)

    return claim


@contextmanager
def _shorter_wait(short: tuple[int, int]) -> Iterator[None]:
    """Makes the first branch of a join wait too little."""
    steps = lockstep.LockStep.steps

    def shortened(plan: lockstep.LockStep) -> list[lockstep.Step]:
        *before, last = steps.func(plan)
        first, *rest = last.geometries
        wait = (first.least_delay[0] - short[0], first.least_delay[1] - short[1])
        return [*before, replace(last, geometries=(replace(first, least_delay=wait), *rest))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lockstep.LockStep, "steps", property(shortened))
        yield


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


def frames_come_to_an_end(filter: Filter) -> Claim:
    """While a frame is on its way, the next one to come out is out within twice the cycles that a
    frame takes from first to last undisturbed: not counted those that wait for the input or for
    room, and those in which a beat is dropped."""

    def claim(m: Module, bench: Bench) -> None:
        dut = _open_core(m, filter)
        bound = 2 * (dut.latency + dut.cycles_per_frame)
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


def accesses_are_answered(filter: Filter, patience: int) -> Claim:
    """The register port keeps the rules of AXI4-Lite, whatever the master does: each access is
    taken, has one answer, which comes no more than ``patience`` cycles later and is held, and is
    an error just where the register map says so."""

    def claim(m: Module, bench: Bench) -> None:
        m.submodules.dut = dut = Registers(filter)
        bus: Any = dut.bus
        for name, member in bus.signature.members.items():
            if member.flow is In:
                m.d.comb += getattr(bus, name).eq(bench.anything(member.shape, name))
        for name in ("events", "overflow"):
            port = Value.cast(getattr(dut, name))
            m.d.comb += port.eq(bench.anything(len(port), name))

        address = _kept(m, bus.awvalid & bus.awready, bus.awaddr, "write_address")
        word, strobe = (
            _kept(m, bus.wvalid & bus.wready, port, "write") for port in (bus.wdata, bus.wstrb))
        legal = [
            Cat(address >> 2 == offset >> 2 for offset in register.offsets).any()
            & strobe.all() & ((word & ~register.mask) == 0)
            & Cat(_allows(field, word) for field in register.fields).all()
            for register in dut.map.registers if register.access != "ro"
        ]
        _answers(m, bench, patience, bus.bvalid, bus.bready, bus.bresp, Cat(legal).any(), Const(0),
                 [(bus.awvalid, bus.awready), (bus.wvalid, bus.wready)])

        address = _kept(m, bus.arvalid & bus.arready, bus.araddr, "read_address")
        mapped = [address >> 2 == offset >> 2
                  for register in dut.map.registers for offset in register.offsets]
        _answers(m, bench, patience, bus.rvalid, bus.rready, bus.rresp, Cat(mapped).any(),
                 bus.rdata, [(bus.arvalid, bus.arready)])

    return claim


def _kept(m: Module, taken: Value, value: Value, name: str) -> Signal:
    kept = Signal(value.shape(), name=name)
    with m.If(taken):
        m.d.sync += kept.eq(value)
    return kept


def _allows(field: Field, word: Value) -> Value:
    value = word[field.low : field.low + field.bits]
    value = value.as_signed() if field.signed else value
    allowed = (value >= field.minimum) & (value <= field.maximum)
    # Steps are powers of two.
    return allowed & ((value & (field.step - 1)) == field.resets[0] % field.step)


def _answers(
    m: Module, bench: Bench, patience: int, valid: Value, ready: Value, response: Value,
    legal: Value, data: Value, channels: Sequence[tuple[Value, Value]],
) -> None:
    """Each access, which comes on one channel or more, has one answer."""
    held(m, bench, valid, ready, Cat(response, data))
    asked = []
    for channel_valid, channel_ready in channels:
        has = Signal(name="has")
        m.d.sync += has.eq((has | (channel_valid & channel_ready)) & ~(valid & ready))
        bench.always(channel_ready == ~has)
        asked.append(has)
    asks = Cat(asked).all()
    bench.always(asks, when=valid)
    bench.always(response == Mux(legal, OKAY, SLVERR), when=valid)
    waited = Signal(range(patience + 2), name="waited")
    m.d.sync += waited.eq(Mux(asks & ~valid, waited + 1, 0))
    bench.always(waited < patience)


def fifo_keeps_all(depth: int) -> Claim:
    """What is taken on one clock comes out on the other once and in order, and is held until it is
    taken; after a reset nothing of what was before does, and an overflow is told only after one."""

    def claim(m: Module, bench: Bench) -> None:
        # Each value is the number of those before it, since a reset; there are fewer inside.
        numbers = range(2 * depth)
        m.submodules.dut = dut = InputFifo(unsigned(bits_for(2 * depth - 1)), depth)
        puts, gets = Signal(numbers, name="puts"), Signal(numbers, name="gets")
        m.d.comb += [
            dut.i.payload.eq(puts),
            dut.i.valid.eq(bench.anything(name="valid")),
            dut.o.ready.eq(bench.anything(name="ready")),
        ]
        m.d.source += puts.eq(puts + (dut.i.valid & dut.i.ready))
        m.d.sync += gets.eq(gets + (dut.o.valid & dut.o.ready))
        held(m, bench, dut.o.valid, dut.o.ready, dut.o.payload)
        bench.always(dut.o.payload == gets, when=dut.o.valid)
        lost = Signal()
        with m.If(dut.i.valid & ~dut.i.ready):
            m.d.source += lost.eq(1)
        bench.always(lost, when=dut.overflow)

    return claim


def settings_change_together(filter: Filter, most_frames: int) -> Claim:
    """What a frame is filtered with is one commit, all of it, the one that was taken last when it
    started, and stays so until the last stage has its part; no size changes while a frame is in,
    and none starts until the new size has been worked out. Frames start no closer than rows do."""

    def claim(m: Module, bench: Bench) -> None:
        m.submodules.dut = dut = Handover(filter, most_frames, Sequencer.sizing_cycles)
        settings, extent = Value.cast(dut.settings), Value.cast(dut.extent)
        # A commit waits until it is taken; a later one may come on top. It is there a cycle before
        # its settings are.
        commits, waits, waits_with_size = bench.anything(name="commits"), Signal(), Signal()
        committed = Signal(len(settings), init=Settings(filter).const(
            Settings(filter).reset_value()).as_bits())
        committed_extent = Signal(len(extent))
        with m.If(commits):
            m.d.sync += [
                committed.eq(bench.anything(name="commit").replicate(len(settings))),
                committed_extent.eq(bench.anything(name="extent").replicate(len(extent))),
            ]
        m.d.comb += [
            settings.eq(committed),
            extent.eq(committed_extent),
            dut.pending.eq(commits | waits),
            dut.resized.eq((commits & bench.anything(name="sizes")) | waits_with_size),
        ]
        m.d.sync += [
            waits.eq(commits | (waits & ~dut.took)),
            waits_with_size.eq(dut.resized & (commits | ~dut.took)),
        ]

        # The sequencer tells of a frame a cycle after its first beat, which it takes unless held.
        held_back = Signal()
        since = Signal(range(Sequencer.shortest_row), init=Sequencer.shortest_row - 1)
        rested = since == Sequencer.shortest_row - 1
        frames = Signal(range(most_frames + 1))
        inside = Signal()
        m.d.sync += [
            held_back.eq(dut.hold),
            since.eq(Mux(dut.started, 0, Mux(rested, since, since + 1))),
            frames.eq(frames + dut.started - dut.turned),
            inside.eq(dut.started | (inside & ~dut.idle)),
        ]
        m.d.comb += [
            dut.started.eq(bench.anything(name="starts") & ~held_back & rested
                           & (frames != most_frames)),
            dut.turned.eq(bench.anything(name="turns") & (frames != 0)),
            dut.idle.eq(bench.anything(name="idles") & ~dut.started & rested),
        ]

        # All bits go the same way: the outermost of each stand for them.
        settings, taken, size = (
            Cat(bits[0], bits[-1]) for bits in map(Value.cast, (settings, dut.taken, dut.size)))
        fresh, took = Signal(), Signal(2, init=_own(filter))
        before, size_before = Signal(len(taken)), Signal(len(size))
        unfinished = Signal()
        m.d.sync += [
            fresh.eq(dut.started),
            before.eq(taken),
            size_before.eq(size),
            unfinished.eq(frames != dut.turned),
        ]
        with m.If(dut.took):
            m.d.sync += took.eq(settings)
        # A commit that waited may have been overtaken by one with a size, for which frames wait.
        overtaken, last_sized, copied = Signal(len(taken)), Signal(), Signal()
        m.d.sync += [last_sized.eq(dut.resized), copied.eq(dut.pending & ~dut.resized)]
        with m.If(copied):
            m.d.sync += overtaken.eq(settings)
        bench.always((taken == took) | (last_sized & (taken == overtaken)), when=fresh)
        bench.always(taken == before, when=unfinished)
        begun = Signal()
        m.d.sync += begun.eq(1)
        changes = begun & (size != size_before)
        bench.always(~inside & ~dut.started, when=changes)
        working = Signal(range(Sequencer.sizing_cycles + 1))
        m.d.sync += working.eq(Mux(changes, Sequencer.sizing_cycles - 1,
                                   Mux(working == 0, 0, working - 1)))
        bench.always(~dut.started, when=working != 0)

    return claim


def _own(filter: Filter) -> int:
    """The outermost bits of the settings after a reset."""
    layout = Settings(filter)
    bits = Value.cast(layout.const(layout.reset_value()))
    return Const.cast(Cat(bits[0], bits[-1])).value


def rows_go_on(
    chain: Sequence[RowReads], rooms: Sequence[int], width: int, depth: int | None = None
) -> Claim:
    """Layers of a network never come to a standstill, at whatever time each of them has a beat:
    some beat moves in no more than a few cycles, while beats come and go. It needs as many rows in
    each layer's memory, and where a skip connection leads past them all as many beats in its queue,
    as the planner gives them at least."""

    def claim(m: Module, bench: Bench) -> None:
        source: Any = stream.Signature(unsigned(1)).create()
        m.d.comb += source.valid.eq(bench.fairly(2, name="comes"))
        streams = [source]
        begin = source
        if depth is not None:
            m.submodules.fork = fork = Fork(unsigned(1), 2)
            wiring.connect(m, source, fork.i)
            begin, skip = fork.outputs
            streams.append(skip)
        for number, (reads, room) in enumerate(zip(chain, rooms, strict=True)):
            m.submodules[f"layer_{number}"] = engine = RowEngine(reads, room, width)
            wiring.connect(m, begin, engine.i)
            m.d.comb += engine.goes.eq(bench.fairly(2, name=f"goes_{number}"))
            begin = engine.o
            streams.append(begin)
        ready = bench.fairly(2, name="ready")
        if depth is not None:
            m.submodules.queue = queue = SyncFIFOBuffered(width=1, depth=depth)
            m.d.comb += [queue.w_en.eq(skip.valid), skip.ready.eq(queue.w_rdy)]
            ready = begin.valid & queue.r_rdy & ready
            m.d.comb += queue.r_en.eq(ready)
        m.d.comb += begin.ready.eq(ready)
        silent = Signal(range(STANDSTILL + 1))
        moves = Cat(each.valid & each.ready for each in streams).any()
        with m.If(moves):
            m.d.sync += silent.eq(0)
        with m.Elif(silent != STANDSTILL):
            m.d.sync += silent.eq(silent + 1)
        bench.always(silent != STANDSTILL)

    return claim
