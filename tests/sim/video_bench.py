"""cocotb tests of a generated core, run inside the simulator by test_cocotb.py.

The streams are driven and received by cocotbext-axi, one AxiStreamFrame a line, with a pause
generator on both sides in every test; both ports are watched by a protocol monitor.
"""

import json
import os
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge, with_timeout
from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource

from windrow.model import Filter
from windrow.sim.frames import Port
from windrow.sim.job import first_mismatch
from windrow.sim.protocol import Monitor


ORDER = json.loads(Path(os.environ["WINDROW_ORDER"]).read_text())
MANIFEST = ORDER["manifest"]
INPUT, OUTPUT = (Port.from_manifest(MANIFEST[name]) for name in ("input", "output"))
SPEC = Filter.from_dict(MANIFEST["filter"])
SEED = int(ORDER["seed"])
PERIOD_NS = 10

Pause = Callable[["Video"], bool]
"""Says, once a cycle, whether a side pauses in the coming cycle."""


def never(video: "Video") -> bool:
    """Pause in no cycle."""
    return False


def at_random(rng: random.Random, probability: float) -> Pause:
    """Pause in some cycles."""
    return lambda video: rng.random() < probability


class Video:
    """A core with a source, a sink, and a monitor on both ports."""

    def __init__(self, dut: Any, pause_source: Pause, pause_sink: Pause) -> None:
        self.dut = dut
        self.input, self.output = Monitor(INPUT), Monitor(OUTPUT)
        self.edges: dict[str, list[int]] = {"in": [], "out": []}
        """Cycles of the first beats of frames."""
        reset = {"reset": dut.aresetn, "reset_active_level": False}
        self.source = AxiStreamSource(
            AxiStreamBus.from_prefix(dut, "s_axis_video"), dut.aclk, **reset
        )
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "m_axis_video"), dut.aclk, **reset)
        for end in (self.source, self.sink):
            end.log.setLevel("WARNING")
        self.source.set_pause_generator(self._pauses(pause_source))
        self.sink.set_pause_generator(self._pauses(pause_sink))
        self.rng = random.Random(SEED)

    def _pauses(self, pause: Pause) -> Iterator[bool]:
        while True:
            yield pause(self)

    async def start(self) -> None:
        """Start the clock and the monitors, and reset the core."""
        self.dut.aresetn.value = 0
        Clock(self.dut.aclk, PERIOD_NS, unit="ns").start()
        cocotb.start_soon(self._watch("s_axis_video", self.input, self.edges["in"]))
        cocotb.start_soon(self._watch("m_axis_video", self.output, self.edges["out"]))
        await self.reset(4)

    async def reset(self, cycles: int) -> None:
        """Reset everything for some cycles. What was on its way is gone."""
        self.dut.aresetn.value = 0
        await ClockCycles(self.dut.aclk, cycles)
        self.source.clear()
        self.sink.clear()
        self.dut.aresetn.value = 1
        await RisingEdge(self.dut.aclk)

    async def _watch(self, name: str, monitor: Monitor, firsts: list[int]) -> None:
        def read(signal: str) -> int:
            digits = str(getattr(self.dut, f"{name}_{signal}").value)
            assert not set(digits) - {"0", "1"}, f"{name}_{signal} is {digits}"
            return int(digits, 2)

        has_keep = hasattr(self.dut, f"{name}_tkeep")
        while True:
            await RisingEdge(self.dut.aclk)
            if not int(self.dut.aresetn.value):
                monitor.reset()
                firsts.clear()
                continue
            first = monitor.first
            if not read("tvalid"):
                taken = monitor.step(0, 0, 0, 0, 0)
            else:
                digits = str(getattr(self.dut, f"{name}_tdata").value)
                data = monitor.port.read(digits, monitor.beat)
                user, last = read("tuser"), read("tlast")
                keep = read("tkeep") if has_keep else None
                taken = monitor.step(1, read("tready"), data, user, last, keep)
            if taken and first:
                firsts.append(monitor.cycle)

    def images(self, count: int) -> list[np.ndarray]:
        """Return new frames of noise."""
        rng = np.random.default_rng(self.rng.getrandbits(32))
        low, high = INPUT.sample.minimum, INPUT.sample.maximum
        return [rng.integers(low, high, INPUT.shape, endpoint=True) for _ in range(count)]

    def send(self, image: np.ndarray) -> None:
        """Queue a frame."""
        size = INPUT.bytes_per_beat
        lines = INPUT.pack(image).reshape(INPUT.height, -1)
        count = (INPUT.beats_per_line - 1) * size + INPUT.last_bytes
        for row, line in enumerate(lines):
            data = line.tobytes()[:count]
            user = [int(row == 0)] * min(size, count) + [0] * (count - size)
            self.source.send_nowait(AxiStreamFrame(data, tuser=user))

    async def receive_one(self) -> np.ndarray:
        """Take a frame."""
        size = OUTPUT.bytes_per_beat * OUTPUT.beats_per_line
        lines = []
        for _ in range(OUTPUT.height):
            line = await with_timeout(self.sink.recv(), 1_000_000, "ns")
            lines.append(bytes(line.tdata).ljust(size, b"\0"))
        beats = np.frombuffer(b"".join(lines), np.uint8)
        return OUTPUT.unpack(beats.reshape(OUTPUT.beats_per_frame, -1))

    async def receive(self, images: Sequence[np.ndarray]) -> None:
        """Take as many frames as there are images, and compare them with the model's."""
        frames = [await self.receive_one() for _ in images]
        mismatch = first_mismatch(frames, [SPEC.compute(image) for image in images])
        assert mismatch is None, f"{mismatch}, seed {SEED}"

    async def run(self, images: Sequence[np.ndarray]) -> None:
        """Send frames back to back, and compare what comes out."""
        for image in images:
            self.send(image)
        await self.receive(images)
        await ClockCycles(self.dut.aclk, 2 * OUTPUT.beats_per_line + 20)
        assert self.sink.empty(), "more comes out than went in"
        assert self.output.first, "a line more comes out than went in"


async def start(dut: Any, pause_source: Pause = never, pause_sink: Pause = never) -> Video:
    """Return a running core."""
    video = Video(dut, pause_source, pause_sink)
    await video.start()
    return video


@cocotb.test()
async def free_flow(dut: Any) -> None:
    """Back to back and never stalled: the promised latency and cycles a frame."""
    video = await start(dut)
    await video.run(video.images(3))
    entered, left = video.edges["in"], video.edges["out"]
    assert left[0] - entered[0] == MANIFEST["latency_cycles"]
    assert [b - a for a, b in pairwise(entered)] == (
        [MANIFEST["cycles_per_frame"]] * 2
    )


@cocotb.test()
@cocotb.parametrize(stalls=[(0.3, 0.3), (0.8, 0.1), (0.1, 0.8)])
async def random_stalls(dut: Any, stalls: tuple[float, float]) -> None:
    """Random stalls on both sides."""
    rng = random.Random(SEED)
    video = await start(dut, at_random(rng, stalls[0]), at_random(rng, stalls[1]))
    await video.run(video.images(4))


@cocotb.test()
async def every_gap(dut: Any) -> None:
    """A gap of every length from 0 to two rows after a frame, with the sink stalling."""
    idle = 0

    def gap(video: Video) -> bool:
        nonlocal idle
        sent = video.input.frame
        if video.input.first and sent and idle < sent - 1:
            idle += 1
            return True
        if not video.input.first:
            idle = 0
        return False

    rng = random.Random(SEED)
    video = await start(dut, gap, at_random(rng, 0.1))
    await video.run(video.images(2 * INPUT.beats_per_line + 2))


@cocotb.test()
async def stalls_at_the_end(dut: Any) -> None:
    """Stalls exactly at a frame's end: before its last beats go in, and before they come out."""
    rng = random.Random(SEED)

    def near_end(monitor: Monitor, port: Port) -> bool:
        return monitor.row == port.height - 1 and monitor.beat >= port.beats_per_line - 2

    def hold_in(video: Video) -> bool:
        return near_end(video.input, INPUT) and rng.random() < 0.9

    def hold_out(video: Video) -> bool:
        return near_end(video.output, OUTPUT) and rng.random() < 0.95

    video = await start(dut, hold_in, hold_out)
    await video.run(video.images(6))


@cocotb.test()
async def ready_follows_valid(dut: Any) -> None:
    """A sink that is ready only after it has seen valid: valid must not wait for ready."""
    rng = random.Random(SEED)

    def shy(video: Video) -> bool:
        return not int(dut.m_axis_video_tvalid.value) or int(dut.m_axis_video_tready.value) == 1

    video = await start(dut, at_random(rng, 0.2), shy)
    await video.run(video.images(2))


@cocotb.test()
async def reset_in_mid_frame(dut: Any) -> None:
    """A reset at any moment leaves nothing behind."""
    rng = random.Random(SEED)
    video = await start(dut, at_random(rng, 0.1), at_random(rng, 0.1))
    for _ in range(6):
        for image in video.images(2):
            video.send(image)
        await ClockCycles(dut.aclk, rng.randint(1, 2 * INPUT.beats_per_frame))
        await video.reset(rng.choice([1, 2, 4]))
        await video.run(video.images(1))
