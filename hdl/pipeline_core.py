"""Several stages on one stream: pixels in, pixels of some taps out."""

from functools import cached_property
from typing import Any, NamedTuple

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..model import InputError
from ..model.format import Format as FrameFormat
from ..model.pipeline import Pipeline, ShuffleStage, SurroundStage
from ..model.queue_plan import End, Flow, Reader, depths, first_push
from .beat import PixelBeat
from .control.handover import Handover
from .control.taking import hand_over, ports
from .devices import device
from .framing.sequencer import Sequencer
from .geometry import Sweep
from .hysteresis import Hysteresis
from .lockstep import lock_steps
from .part_core import PartCore
from .parts import Link, side_by_side
from .strategies import AUTO
from .stream.deep_queue import DeepQueue
from .stream.ending import end_in
from .stream.frame_replay import FrameReplay
from .stream.pixel_shuffle import PixelShuffle


__all__ = ["PipelineCore", "Way"]

#: Beats that may wait in an end's own queue, whose level is counted in as many flip-flops.
_MOST_SPARE = 64


class Way(NamedTuple):
    """What lies between an end of a part and its reader.

    Attributes
    ----------
    link : :class:`~.parts.Link`
        What goes there.
    reader : :class:`int` or ``None``
        The part that takes it; ``None`` of the output.
    format : :class:`~windrow.model.format.Format`
        What the end gives.
    queue : :class:`~.stream.output_queue.OutputQueue`
        It ends the part.
    depth : :class:`int`
        Beats that have to wait, beside those on their way.
    deep : :class:`~.stream.deep_queue.DeepQueue` or ``None``
        Where they do, if they are many.
    larger : :class:`~.stream.pixel_shuffle.PixelShuffle`, \
:class:`~.stream.frame_replay.FrameReplay` or ``None``
        What makes a larger frame.
    """

    link: Link
    reader: int | None
    format: FrameFormat
    queue: Any
    depth: int
    deep: DeepQueue | None
    larger: PixelShuffle | FrameReplay | None

    @property
    def in_memory(self) -> bool:
        """Whether beats wait in a memory of their own."""
        return self.deep is not None or isinstance(self.larger, FrameReplay)

    @property
    def waiting(self) -> int:
        """Beats that wait at most."""
        return self.depth + (self.larger.depth if isinstance(self.larger, FrameReplay) else 0)

    @property
    def latency(self) -> int:
        """Cycles from a value at the end of the part to its first beat."""
        return sum(each.latency for each in (self.queue, self.deep, self.larger)
                   if each is not None)


class PipelineCore(wiring.Component):
    """A :class:`~windrow.model.pipeline.Pipeline` at work on a video stream.

    ``i`` to sequencer to the stages to output queue to ``o``, as in :class:`~.core.Core`; the
    stages are in lock-step: see :mod:`.lockstep`. Where they cannot be, several such :mod:`.parts`
    are joined by streams, with queues of computed depth (:mod:`windrow.model.queue_plan`).

    The output is bit-exact to ``pipeline.compute``. Throughput is one beat a cycle, frames back to
    back, whatever the stages; a frame's last output comes without further input. Where a frame is
    larger than the input on the way, it takes a cycle for each of that one's beats. Behind a stage
    of whole frames a frame leaves as the next one comes in; what it adds to a frame's cycles
    depends on the picture: see :class:`~.hysteresis.Hysteresis`.

    Parameters
    ----------
    pipeline : :class:`~windrow.model.pipeline.Pipeline`
        The pipeline.
    target : :class:`str`
        A device family of :data:`.devices.DEVICES`.
    strategy : :class:`str`
        ``auto``: each stage is made as costs least.

    Attributes
    ----------
    parts : list of :class:`~.part_core.PartCore`
        The parts, each behind those that it reads.
    ways : list of :class:`Way`
        What lies behind them, the output last.
    fixed : :class:`str`
        The stage whose frame's size must be known beforehand, in words; empty where there is none.

    Members
    -------
    i, o : streams of :class:`~.beat.PixelBeat`
        Input and output frames. In the cycle behind a reset ``i.ready`` is 0.
    reset_follows : :py:`In(1)`
        The next cycle ends in a reset; no beat is taken in it.
    incomplete : :py:`Out(1)`
        As of :class:`~.hysteresis.Hysteresis`, where edges are followed through some lines.

    Where the pipeline has a register port (``control``), there are also those of
    :class:`~.core.Core`. Each stage takes its part of the settings with the first beat of a frame
    that comes to it.
    """

    i: stream.Interface
    o: stream.Interface
    reset_follows: Signal
    incomplete: Signal

    def __init__(
        self, pipeline: Pipeline, *, target: str = "generic", strategy: str = AUTO
    ) -> None:
        if strategy != AUTO:
            raise InputError(f"strategy {strategy!r} is a filter's; in a pipeline each stage is "
                             f"made as costs least: {AUTO!r}")
        self.design = pipeline
        self.strategy = strategy
        self._device = family = device(target)
        plans, output, self.fixed = lock_steps(
            pipeline, max(family.line_memory.turnaround, Sequencer.shortest_row))
        self.parts = [PartCore(plan, family, pipeline.registers and number == 0)
                      for number, plan in enumerate(plans)]
        self._readers = [_reader(plan.sweep) for plan in plans]
        links = [(number, link) for number, plan in enumerate(plans) for link in plan.part.links]
        if output.larger is not None:
            larger = output.larger.outputs[0]
            beats = larger.beats_per_line
            self._readers.append(Reader(beats, larger.height, beats, beats * larger.height, 1, 0))
        self.ways = self._made(links, output)
        self._whole = None if pipeline.whole is None else Hysteresis(
            pipeline.output_width, pipeline.output_height, pipeline.pixels_per_clock,
            pipeline.streamed.output, target=target, lines=pipeline.whole.lines or None)
        super().__init__({
            "i": In(stream.Signature(
                PixelBeat(pipeline.pixel, pipeline.format.samples_per_beat))),
            "reset_follows": In(1),
            "o": Out(stream.Signature(
                PixelBeat(pipeline.output, pipeline.output_format.samples_per_beat))),
            **({} if pipeline.whole is None or not pipeline.whole.lines else {
                "incomplete": Out(1)}),
            **ports(pipeline),
        })
        if pipeline.registers:
            self._handover = Handover(pipeline, self._most_frames, Sequencer.sizing_cycles)

    def _end(self, link: Link) -> tuple[End, Any]:
        """When an end's beats are made, and what makes them."""
        part = self.parts[link.source]
        return part.plan.ends[link.end], part.ends[link.end]

    def _flow(self, link: Link, reader: int, late: int) -> Flow:
        end, path = self._end(link)
        block = (1, 1)
        if isinstance(link.larger, ShuffleStage):
            block = len(link.larger.block), len(link.larger.block[0])
        return Flow(link.source, reader, end, block, isinstance(link.larger, SurroundStage),
                    path.latency, late)

    def _made(self, links: list[tuple[int, Link]], output: Link) -> list[Way]:
        """What lies behind the parts."""
        # What is longest between an end and its reader; less would wait as long elsewhere.
        late = 2 + DeepQueue.latency + PixelShuffle.latency
        joined = [self._flow(link, reader, late) for reader, link in links]
        if output.larger is not None:
            joined.append(self._flow(output, len(self.parts), late))
        found = depths(self._readers, joined)
        waits = [*found, 0][:len(links) + 1]
        pairs: list[tuple[int | None, Link]] = [*links, (None, output)]
        return [self._way(link, reader, depth)
                for (reader, link), depth in zip(pairs, waits, strict=True)]

    def _way(self, link: Link, reader: int | None, depth: int) -> Way:
        pipeline = self.parts[0].plan.pipeline
        formats = [pipeline.taps[name].format for name in link.taps]
        frame = side_by_side(formats) if reader is not None else pipeline.output_format
        larger: PixelShuffle | FrameReplay | None = None
        if link.larger is not None:
            first = link.larger.inputs[0]
            target, frame = frame, FrameFormat(
                first.width, first.height, first.sample,
                first.channels * len(link.larger.sources), first.pixels_per_clock)
            larger = (FrameReplay(frame, link.larger.pads)
                      if isinstance(link.larger, SurroundStage) else PixelShuffle(frame, target))
            if isinstance(larger, FrameReplay):
                depth = 0  # it holds more than enough
                bits, most = larger.depth * frame.beat_bits, self._device.block_ram_bits
                if most is not None and bits > most:
                    raise InputError(
                        f"stage {link.larger.name!r}, which border 'wrap' needs, holds two frames: "
                        f"{bits} bits of block RAM, and {self._device.name} has at most {most}")
        on_their_way = self.parts[link.source].sequencer.most_on_their_way(
            self._end(link)[1].latency)
        many = depth > max(on_their_way, _MOST_SPARE)
        beat = PixelBeat(frame.sample, frame.samples_per_beat)
        # A larger frame takes beats in bursts, and after each is ready for the next at once.
        queue = self.parts[link.source].queue(
            beat, on_their_way - 1, 0 if many or (reader is None and larger is None) else
            max(on_their_way, depth))
        return Way(link, reader, frame, queue, depth,
                   DeepQueue(beat, depth) if many else None, larger)

    @property
    def lines(self) -> dict[str, int]:
        """Lines that are kept of each tap that is read."""
        found: dict[str, int] = {}
        for part in self.parts:
            for name, count in part.lines.items():
                found[name] = found.get(name, 0) + count
        return found

    @property
    def least_size(self) -> tuple[int, int]:
        """Width and height of the smallest frame that may be asked for while the hardware runs."""
        return self.parts[0].plan.least_size

    @property
    def _most_frames(self) -> int:
        """As many frames may have started whose first output beat has not been made."""
        _, least = self.least_size
        most = 3
        for part in self.parts:
            sweep = part.plan.sweep
            row = sweep.shortest_row if sweep.adjustable else sweep.row_pushes
            height = least if sweep.adjustable else sweep.frame.height
            late = sweep.rows.delay * row + sweep.columns.delay
            most += (late * sweep.clocks_per_push + max(path.latency for path in part.ends)) // (
                height * row * sweep.clocks_per_push)
        return most + sum(
            1 + (way.queue.depth + way.depth) // (way.format.beats_per_line * way.format.height)
            for way in self.ways[:-1])

    @cached_property
    def latency(self) -> int:
        """As :attr:`.Core.latency`; behind a stage of whole frames, the least. Of several parts, if
        none of them is held up: a first frame may come some rows later."""
        *ways, output = self.ways
        end, path = self._end(output.link)
        cycles = first_push(self._readers, [
            self._flow(way.link, way.reader, way.latency) for way in ways
            if way.reader is not None], output.link.source, end,
            whole=isinstance(output.larger, FrameReplay))
        if self._whole is not None:
            cycles += self._more_cycles + self._whole.latency
        return cycles + path.latency + output.latency

    @property
    def _more_cycles(self) -> int:
        """From the first beat that a stage of whole frames gets to the last that it waits for."""
        assert self._whole is not None
        sweep = self.parts[-1].plan.sweep
        return sweep.clocks_per_push * (sweep.row_pushes * (self._whole.first_rows - 1)
                                        + self.ways[-1].format.beats_per_line - 1)

    @property
    def late_cycles(self) -> int:
        """The part of the latency in which the rest of a whole frame comes in; the output begins
        whether another frame follows or not. 0 where the output goes along with the input."""
        whole = self.design.whole
        return 0 if whole is None or whole.lines else self._more_cycles

    @property
    def first_may_wait(self) -> bool:
        """As :attr:`.Core.first_may_wait`."""
        return len(self.parts) > 1 or self._whole is not None

    @property
    def restart_cycles(self) -> int:
        """As :attr:`.OutputQueue.restart_cycles`."""
        return sum(way.queue.restart_cycles for way in self.ways) * (
            self.design.frame.clocks_per_pixel)

    @property
    def frame_bits(self) -> int:
        """Bits of memory that hold a frame."""
        return 0 if self._whole is None else self._whole.bits

    @property
    def cycles_per_frame(self) -> int:
        """As :attr:`.Core.cycles_per_frame`, less what a stage of whole frames adds."""
        larger = [way.link.larger.outputs[0] for way in self.ways if way.link.larger is not None]
        return max(*(part.plan.sweep.cycles_per_frame for part in self.parts),
                   *(each.beats_per_line * each.height for each in larger), 0)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        first, output = self.parts[0], self.ways[-1]
        inside = [m] if len(self.parts) == 1 else [Module() for _ in self.parts]
        for number, each in enumerate(inside):
            if each is not m:
                m.submodules[f"part_{number}"] = each
        wiring.connect(inside[0], wiring.flipped(self.i), first.sequencer.i)
        m.d.comb += first.sequencer.reset_follows.eq(self.reset_follows)
        taken, tables = None, getattr(self, "tables", None)  # None: nothing can be written
        if self.design.registers:
            begins = self._end(output.link)[1].o
            hand_over(m, self, self._handover, first.sequencer,
                      begins.valid & begins.place.first)
            taken = self._handover.taken
        rooms: list[list[Value]] = [[] for _ in self.parts]
        comes: list[list[Any]] = [[] for _ in self.parts]
        made: Any = None
        for number, way in enumerate(self.ways):
            place = inside[way.link.source]
            made = self._ended(place, "" if way is output else f"_{number}", way)
            rooms[way.link.source].append(way.queue.room)
            if way.link.source == 0:
                m.d.comb += way.queue.reset_follows.eq(self.reset_follows)
            if way.reader is not None:
                comes[way.reader].append(made)
        for part, place, room, streams in zip(self.parts, inside, rooms, comes, strict=True):
            part.connect(place, taken, tables)
            m.d.comb += part.sequencer.room.eq(Cat(room).all())
            if streams:
                _side_by_side(place, streams, part)
        if self._whole is not None:
            m.submodules.whole = self._whole
            wiring.connect(m, made, self._whole.i)
            made = self._whole.o
        wiring.connect(m, made, wiring.flipped(self.o))
        if "incomplete" in self.signature.members:
            assert self._whole is not None
            m.d.comb += self.incomplete.eq(self._whole.incomplete)
        return m

    def _ended(self, m: Module, suffix: str, way: Way) -> Any:
        """The stream behind an end."""
        m.submodules[f"queue{suffix}"] = way.queue
        taps = self.parts[0].plan.pipeline.taps
        bits = [] if way.reader is None or len(way.link.taps) == 1 else [
            taps[name].format.sample.bits for name in way.link.taps
            for _ in range(taps[name].format.channels)]
        end_in(m, self._end(way.link)[1].o, way.queue, way.format, bits)
        made = way.queue.o
        for name, part in (("waits", way.deep), ("larger", way.larger)):
            if part is not None:
                m.submodules[f"{name}{suffix}"] = part
                wiring.connect(m, made, part.i)
                made = part.o
        return made


def _reader(sweep: Sweep) -> Reader:
    """A part as what takes beats."""
    return Reader(sweep.frame.beats_per_line, sweep.frame.height, sweep.row_pushes,
                  sweep.frame_rows * sweep.row_pushes, sweep.clocks_per_push, sweep.added_rows)


def _side_by_side(m: Module, streams: list[Any], part: PartCore) -> None:
    """A beat of each stream at once, their pixels side by side, for a part."""
    to, lanes = part.sequencer.i, part.plan.format.pixels_per_clock
    each = [Value.cast(one.payload.samples) for one in streams]
    m.d.comb += [
        to.valid.eq(Cat(one.valid for one in streams).all()),
        Value.cast(to.payload.samples).eq(Cat(
            one.word_select(lane, len(one) // lanes) for lane in range(lanes) for one in each)),
        to.payload.first.eq(streams[0].payload.first),
        to.payload.last.eq(streams[0].payload.last),
        *(one.ready.eq(to.ready & to.valid) for one in streams),
    ]
