"""Frames whose size changes while the sequencer runs, and what depends on the size and must not."""

import itertools
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from amaranth.sim import Simulator
from strategies import random_filter
from stream_bench import EVENTS

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import DEVICES
from windrow.hdl.framing.sequencer import Sequencer
from windrow.hdl.geometry import Geometry
from windrow.model import Filter, InputError
from windrow.model.axis import Axis
from windrow.model.borders import BORDERS
from windrow.model.framing import Beat, Framer


class Pushes:
    """What the pushes of a sequencer make up, for frames of one size."""

    def __init__(self, geometry: Geometry, width: int, height: int) -> None:
        self._geometry = geometry
        self.columns = replace(geometry.columns, size=width)
        self.height = height
        self.frames: list[list[list[int]]] = []
        self._rows: list[list[list[int]]] | None = None  # of the frame that is coming in
        self._row: list[list[int]] = []
        self._place = -1  # in the row, blank pushes too; -1 before any row
        self.added_rows = self.blanks = 0

    @property
    def row_pushes(self) -> int:
        columns = self.columns
        return max(columns.input_beats, columns.output_beats, self._geometry.shortest_row)

    def take(self, push: Any) -> None:
        beats = self.columns.input_beats
        if push.row_start:
            assert self._place == -1 or self._place >= self.row_pushes - 1, "row cut off"
            if push.frame_start:
                assert self._rows is None, "frame cut off"
                self._rows = []
            elif self._rows is None:
                self.added_rows += 1
            if self._rows is not None:
                assert push.frame_end == (len(self._rows) == self.height - 1)
            self._row, self._place, self.blanks = [], -1, 0
        self._place += 1
        if self._place >= self.row_pushes:
            self.blanks += 1
        assert push.stored == (0 <= self._place < beats), f"stored at {self._place}"
        assert push.row_end == (self._place == beats - 1), f"row_end at {self._place}"
        if push.stored:
            assert push.address == self._place
            self._row.append([int(pixel) for pixel in push.beat])
            if self._rows is not None and self._place == beats - 1:
                self._rows.append(self._row)
                if len(self._rows) == self.height:
                    self.frames.append([beat for row in self._rows for beat in row])
                    self._rows, self.added_rows = None, 0


def bits(filter: Filter, samples: Any) -> list[int]:
    """Samples of a beat as the bits of its pixels."""
    pixels = np.reshape(samples, (-1, filter.channels)) % (1 << filter.pixel.bits)
    return [sum(int(sample) << (channel * filter.pixel.bits)
                for channel, sample in enumerate(pixel)) for pixel in pixels]


def frame(filter: Filter, rng: random.Random, width: int, height: int) -> list[Beat]:
    """A well-formed frame of noise."""
    lanes = filter.pixels_per_clock
    line = -(-width // lanes)
    return [
        Beat([rng.randint(filter.pixel.minimum, filter.pixel.maximum)
              for _ in range(lanes * filter.channels)],
             first=number == 0, last=number % line == line - 1)
        for number in range(line * height)
    ]


def check_sizes(
    filter: Filter, device: str, sizes: list[tuple[int, int]], seed: int
) -> None:
    """A few frames of each size, malformed ones too, and what must come of them."""
    rng = random.Random(seed)
    geometry = frame_geometry(filter, DEVICES[device])
    dut: Any = Sequencer(geometry)
    lanes = filter.pixels_per_clock
    stall_in, stall_out = rng.choice([0.0, 0.0, 0.3]), rng.choice([0.0, 0.0, 0.3])

    async def testbench(ctx: Any) -> None:
        async def cycle(seen: Pushes | None = None) -> int:
            ctx.set(dut.room, rng.random() >= stall_out)
            _, _, ready, push = await ctx.tick().sample(dut.i.ready, dut.o)
            if push.valid and seen:
                seen.take(push)
            return ready

        for width, height in sizes:
            # No frame starts, and a beat that would start one is as good as none.
            ctx.set(dut.hold, 1)
            ctx.set(dut.i.payload, {"first": 1, "last": rng.randrange(2)})
            ctx.set(dut.i.valid, 0)
            await cycle()
            ctx.set(dut.i.valid, rng.randrange(2))
            while not ctx.get(dut.idle):
                await cycle()
            ctx.set(dut.extent, {"width": width, "height": height})
            for _ in range(dut.sizing_cycles):
                assert not await cycle() or not ctx.get(dut.i.valid)
            ctx.set(dut.i.valid, 0)
            ctx.set(dut.hold, 0)
            await cycle()

            framer = Framer(width, height, lanes, filter.channels)
            seen = Pushes(geometry, width, height)
            beats = [beat for _ in range(3) for beat in frame(filter, rng, width, height)]
            for _ in range(rng.choice([0, 0, 1, 4])):
                at = rng.randrange(len(beats))
                beats[at] = Beat(beats[at].samples, rng.random() < 0.5, rng.random() < 0.5)
            beats += frame(filter, rng, width, height)
            for beat in beats:
                framer.take(beat)
                ctx.set(dut.i.valid, 0)
                while rng.random() < stall_in:
                    await cycle(seen)
                ctx.set(dut.i.valid, 1)
                ctx.set(dut.i.payload, {
                    "samples": list(beat.samples), "first": beat.first, "last": beat.last})
                waited = 0
                while not await cycle(seen):
                    waited += 1
                    assert waited < 9 * (seen.row_pushes * (height + geometry.added_rows + 2)
                                         * filter.clocks_per_pixel), "a beat was not taken"
            ctx.set(dut.i.valid, 0)
            while not ctx.get(dut.idle):
                await cycle(seen)
            for _ in range(dut.latency + 1):
                await cycle(seen)

            # What stands past the end of a line does not matter.
            got = np.array(seen.frames).reshape(-1, height, seen.columns.input_beats * lanes)
            wanted = [
                np.reshape([bits(filter, pixel) for pixel in image.reshape(-1, filter.channels)],
                           (height, width))
                for image in framer.frames
            ]
            assert not framer.unfinished
            np.testing.assert_array_equal(got[:, :, :width], np.array(wanted))
            # All that is owed has been pushed out.
            assert seen.added_rows == geometry.added_rows
            columns = seen.columns
            assert seen.blanks >= columns.output_beats + columns.delay - seen.row_pushes

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.thinned(2)
@pytest.mark.parametrize("device", ["generic", "ice40"])
@pytest.mark.parametrize("keys", [
    {"kernel": [[1, 2, 1]] * 3},
    {"kernel": [[1]]},
    {"kernel": [[1, 2, 1, 3]] * 4, "padding": "valid"},
    {"kernel": [[1, 2, 1, 3, 1]] * 3, "padding": "full", "border": "reflect101"},
    {"kernel": [[1, 2]] * 2, "clocks_per_pixel": 3},
    {"kernel": [[1, 2, 1]] * 3, "pixels_per_clock": 2, "channels": 2},
    {"kernel": [[1, 2, 1]] * 3, "pixels_per_clock": 4, "padding": "full"},
], ids=str)
def test_every_small_width(keys: dict[str, Any], device: str) -> None:
    lanes = keys.get("pixels_per_clock", 1)
    filter = Filter(**{"width": 8 * lanes + 1, "height": 9, "control": "axi4-lite",
                       "max_width": 14 * lanes + 3, "max_height": 12} | keys)
    geometry = frame_geometry(filter, DEVICES[device])
    widths = list(range(geometry.least_width, filter.max_width + 1, lanes))
    heights = range(geometry.least_height, filter.max_height + 1)
    rng = random.Random(1)
    rng.shuffle(widths)
    check_sizes(filter, device, [(width, rng.choice([heights[0], heights[1], rng.choice(heights)]))
                                 for width in widths], seed=1)


@pytest.mark.parametrize("seed", range(12))
def test_random_sizes(seed: int) -> None:
    rng = random.Random(seed)
    while True:
        like = random_filter(rng, max_kernel=5, max_size=24)
        try:
            filter = like.replace(control="axi4-lite", max_width=like.width + rng.randrange(20),
                                  max_height=like.height + rng.randrange(9))
            geometry = frame_geometry(filter, DEVICES["generic"])
            break
        except InputError:
            continue  # smaller than a frame with a register port may be
    sizes = [
        (rng.randrange(geometry.least_width, filter.max_width + 1, filter.pixels_per_clock),
         rng.randrange(geometry.least_height, filter.max_height + 1))
        for _ in range(6)
    ]
    check_sizes(filter, "generic", sizes, seed)


def test_the_frame_may_be_wider_than_a_power_of_two() -> None:
    filter = Filter(kernel=[[1, 2, 1]], width=64, height=4, control="axi4-lite", max_width=130)
    check_sizes(filter, "generic", [(130, 2), (3, 4), (128, 2), (129, 3), (6, 2), (64, 4)], seed=0)


@pytest.mark.parametrize("discards", [True, False])
def test_discarded_frames(discards: bool) -> None:
    """While frames are discarded none starts, and what is left of a discarded one is no stray."""
    rng = random.Random(5)
    filter = Filter(kernel=[[1, 2, 1]] * 3, width=7, height=3, control="axi4-lite")
    dut: Any = Sequencer(frame_geometry(filter, DEVICES["generic"]))
    framer = Framer(filter.width, filter.height)
    events: list[str] = []

    async def cycle(ctx: Any) -> int:
        _, _, ready = await ctx.tick().sample(dut.i.ready)
        happened = ctx.get(dut.events)
        events.extend(name for name in EVENTS if happened[name])
        return ready

    async def testbench(ctx: Any) -> None:
        ctx.set(dut.room, 1)
        ctx.set(dut.extent, {"width": filter.width, "height": filter.height})
        for number in range(40):
            # Switched at a frame's start and inside of it.
            beats = frame(filter, rng, filter.width, filter.height)
            beats += [Beat([1])] * rng.choice([0, 0, 3])
            for at, beat in enumerate(beats):
                if at in (0, 5):
                    framer.discards = discards and rng.random() < 0.5
                    ctx.set(dut.discard, framer.discards)
                    await cycle(ctx)
                framer.take(beat)
                ctx.set(dut.i.valid, 1)
                ctx.set(dut.i.payload, {
                    "samples": list(beat.samples), "first": beat.first, "last": beat.last})
                ready = 0
                while not ready:
                    ready = await cycle(ctx)
                ctx.set(dut.i.valid, 0)
                for _ in range(60 if number % 3 == 0 and at == 20 else 0):
                    await cycle(ctx)
        await cycle(ctx)
        await cycle(ctx)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    assert events == framer.events
    assert len(framer.frames) < 40 if discards else len(framer.frames) == 40


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5, 8])
def test_rows_do_not_depend_on_their_number(kernel: int) -> None:
    """At one sample in a beat, from the kernel's size on, whatever the border."""
    for before, after, first, last in itertools.product(
            range(kernel), range(kernel), BORDERS, BORDERS):
        large = Axis(9 * kernel + 20, kernel, before, after, first, last)
        for size in range(kernel, kernel + 9):
            axis = replace(large, size=size)
            assert axis.delay == large.delay
            assert axis.depth == large.depth
            assert axis.drain == large.drain
            assert axis.selects() == large.selects()
            assert axis.updates() == large.updates()


@pytest.mark.parametrize("lanes", [1, 2, 4, 8])
def test_least_width(lanes: int) -> None:
    """From the least width on the columns' tables do not depend on the width."""
    rng = random.Random(lanes)
    for _ in range(40):
        kernel = rng.randint(1, 9)
        filter = Filter(
            kernel=[[1] * kernel], width=200 + rng.randrange(8), height=2,
            padding=[0, 0, rng.randrange(kernel), rng.randrange(kernel)],
            border={side: rng.choice(BORDERS) for side in ("left", "right")},
            pixels_per_clock=lanes, control="axi4-lite")
        geometry = Geometry.of(filter, 6)
        least = geometry.least_width
        assert least % lanes == filter.width % lanes
        assert max(kernel, 2 * lanes + 1) <= least <= kernel + 5 * lanes
        for width in range(least, filter.width, lanes):
            axis = replace(geometry.columns, size=width)
            assert axis.delay == geometry.columns.delay
            assert axis.drain == geometry.columns.drain
            assert axis.updates() == geometry.columns.updates()


def test_least_size_of_one_pixel_a_clock() -> None:
    filter = Filter(kernel=[[1, 2, 1, 2, 1]] * 4, width=60, height=40, control="axi4-lite")
    geometry = Geometry.of(filter, 6)
    assert (geometry.least_width, geometry.least_height) == (5, 4)
    geometry = Geometry.of(filter.replace(kernel=[[1]], anchor=[0, 0]), 6)
    assert (geometry.least_width, geometry.least_height) == (3, 2)


@pytest.mark.parametrize(("keys", "message"), [
    ({"width": 2}, "width 2 is less than 3, the least width of this filter with a register port"),
    ({"height": 1},
     "height 1 is less than 2, the least height of this filter with a register port"),
])
def test_too_small_a_frame(keys: dict[str, int], message: str) -> None:
    filter = Filter(**{"kernel": [[1]], "width": 8, "height": 8, "control": "axi4-lite"} | keys)
    with pytest.raises(InputError, match=f"^{message}$"):
        Geometry.of(filter, 6)
