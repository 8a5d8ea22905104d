"""cocotb tests of a core with registers, run inside the simulator by test_control.py.

cocotbext-axi drives the register port and both streams, with pauses on every channel.
"""

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, RisingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp
from video_bench import MANIFEST, OUTPUT, SEED, SPEC, Pause, Video, at_random, never

from windrow.model import Filter
from windrow.sim.job import first_mismatch


FRAMES = 8
COMMIT, FRAME_COUNT, COEFFICIENTS, UNMAPPED = 0x040, 0x050, 0x200, 0x1FC


class ControlledVideo(Video):
    """A core with a master on its register port, and frames that are filtered differently."""

    def __init__(self, dut: Any, pause_source: Pause, pause_sink: Pause, pause_bus: float) -> None:
        super().__init__(dut, pause_source, pause_sink)
        bus = AxiLiteBus.from_prefix(dut, "s_axi_ctrl")
        self.master = AxiLiteMaster(bus, dut.aclk, dut.aresetn, reset_active_level=False)
        rng = random.Random(SEED + 1)
        writes: Any = self.master.write_if
        reads: Any = self.master.read_if
        for end in (writes, reads):
            end.log.setLevel("WARNING")
        for channel in (writes.aw_channel, writes.w_channel, writes.b_channel,
                        reads.ar_channel, reads.r_channel):
            channel.set_pause_generator(self._pauses(at_random(rng, pause_bus)))

    async def write(self, address: int, *words: int) -> None:
        """Write words, one after the other."""
        data = b"".join((word % (1 << 32)).to_bytes(4, "little") for word in words)
        answer = await self.master.write(address, data)
        assert answer.resp == AxiResp.OKAY, f"0x{address:03x}: {answer}"

    async def read(self, address: int) -> int:
        """Read a word."""
        answer = await self.master.read(address, 4)
        assert answer.resp == AxiResp.OKAY, f"0x{address:03x}: {answer}"
        return int.from_bytes(answer.data, "little")

    async def receive_all(self, filters: Sequence[Filter], images: Sequence[np.ndarray]) -> None:
        """Take a frame for each image, and compare it with what its own filter makes of it."""
        frames = [await self.receive_one() for _ in images]
        wanted = [filter.compute(image) for filter, image in zip(filters, images, strict=True)]
        mismatch = first_mismatch(frames, wanted)
        assert mismatch is None, f"{mismatch}, seed {SEED}"


def kernels(rng: random.Random, count: int) -> list[Filter]:
    """The core's own filter, and others that differ in every coefficient from the one before."""
    most = (1 << SPEC.coefficient_bits - 1) - 1
    filters = [SPEC]
    for _ in range(count - 1):
        last = filters[-1].kernel
        filters.append(SPEC.replace(kernel=[
            [rng.choice([tap for tap in (rng.randint(-most - 1, most) for _ in range(9))
                         if tap != old] or [old - 1 if old > 0 else old + 1]) for old in row]
            for row in last]))
    return filters


async def change_every_kernel(video: ControlledVideo) -> None:
    """Frames back to back; all coefficients of the next one are written while one runs."""
    filters = kernels(video.rng, FRAMES)
    images = video.images(FRAMES)
    for image in images:
        video.send(image)
    starts = video.edges["in"]

    async def change() -> None:
        for number, filter in enumerate(filters[1:], 1):
            while len(starts) < number:
                await RisingEdge(video.dut.aclk)
            await video.write(COEFFICIENTS, *(tap for row in filter.kernel for tap in row))
            await video.write(COMMIT, 1)
            assert len(starts) == number, "the frame is too short to change a kernel in"

    changes = cocotb.start_soon(change())
    await video.receive_all(filters, images)
    await changes
    await ClockCycles(video.dut.aclk, 2 * OUTPUT.beats_per_line + 20)
    assert video.sink.empty()
    assert video.output.first
    assert await video.read(FRAME_COUNT) == FRAMES
    assert await video.read(COMMIT) == 0


async def start(
    dut: Any, pause_source: Pause = never, pause_sink: Pause = never, pause_bus: float = 0.0
) -> ControlledVideo:
    """Return a running core."""
    video = ControlledVideo(dut, pause_source, pause_sink, pause_bus)
    await video.start()
    return video


@cocotb.test()
async def a_kernel_for_every_frame(dut: Any) -> None:
    """Free flow: the changes cost no cycle."""
    video = await start(dut)
    await change_every_kernel(video)
    entered, left = video.edges["in"], video.edges["out"]
    assert [b - a for a, b in pairwise(entered)] == [MANIFEST["cycles_per_frame"]] * (FRAMES - 1)
    assert [b - a for a, b in pairwise(left)] == [MANIFEST["cycles_per_frame"]] * (FRAMES - 1)
    assert left[0] - entered[0] == MANIFEST["latency_cycles"]


@cocotb.test()
@cocotb.parametrize(stalls=[(0.3, 0.3), (0.6, 0.1), (0.1, 0.6)])
async def a_kernel_for_every_frame_under_stalls(dut: Any, stalls: tuple[float, float]) -> None:
    """Random stalls on both streams and on all five channels of the port."""
    rng = random.Random(SEED)
    video = await start(dut, at_random(rng, stalls[0]), at_random(rng, stalls[1]), 0.3)
    await change_every_kernel(video)


@cocotb.test()
async def a_reset_brings_the_filter_back(dut: Any) -> None:
    """In mid-frame, with a kernel taken, one committed and one half written."""
    rng = random.Random(SEED)
    video = await start(dut, at_random(rng, 0.1), at_random(rng, 0.1), 0.3)
    for image in video.images(2):
        video.send(image)
    for tap in (3, 5):
        await video.write(COEFFICIENTS, *[tap] * SPEC.kernel_height * SPEC.kernel_width)
        await video.write(COMMIT, 1)
    await video.write(COEFFICIENTS, 7, 7)
    await video.reset(2)
    await video.run(video.images(2))
    assert await video.read(COEFFICIENTS) == SPEC.kernel[0][0] % (1 << 32)
    assert await video.read(FRAME_COUNT) == 2


@cocotb.test()
async def what_is_not_there_answers_with_an_error(dut: Any) -> None:
    """Errors do not disturb the streams."""
    video = await start(dut, pause_bus=0.3)
    images = video.images(1)
    video.send(images[0])
    for address in (UNMAPPED, 0x01C, 0xFFC):
        assert (await video.master.write(address, bytes(4))).resp == AxiResp.SLVERR
        answer = await video.master.read(address, 4)
        assert (answer.resp, answer.data) == (AxiResp.SLVERR, bytes(4))
    await video.receive(images)
