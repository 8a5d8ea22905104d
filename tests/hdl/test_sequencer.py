"""What the sequencer says of itself; the pushes that it makes are tested as frames."""

import random
from typing import Any

import pytest
from amaranth.sim import Simulator
from register_bench import controlled
from strategies import random_image
from stream_bench import stream

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.sequencer import Sequencer
from windrow.model import Filter
from windrow.model.framing import Beat


@pytest.mark.parametrize("kernel", [[[1, 2, 1]] * 3, [[1, 2, 3, 4]], [[1], [2]]])
def test_no_push_is_made_while_it_is_idle(kernel: list[list[int]]) -> None:
    """But that of a frame's first beat; and after each frame it is idle in the end."""
    filter = controlled(Filter(kernel=kernel, width=6, height=3))
    dut: Any = Sequencer(frame_geometry(filter, device("generic")))
    idle: list[int] = []
    pushes: list[int] = []

    async def testbench(ctx: Any) -> None:
        async def cycle() -> int:
            _, _, taken, is_idle, pushed = await ctx.tick().sample(
                dut.i.ready, dut.idle, dut.o.valid)
            idle.append(is_idle and not ctx.get(dut.i.valid))
            pushes.append(pushed)
            return taken

        ctx.set(dut.room, 1)
        ctx.set(dut.extent, {"width": filter.width, "height": filter.height})
        for _ in range(3):
            for beat in range(filter.width * filter.height):
                ctx.set(dut.i.valid, 1)
                ctx.set(dut.i.payload.first, beat == 0)
                ctx.set(dut.i.payload.last, beat % filter.width == filter.width - 1)
                while not await cycle():
                    pass
            ctx.set(dut.i.valid, 0)
            for _ in range(8 * filter.width):
                await cycle()
            assert idle[-1]

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    assert sum(pushes) >= 3 * filter.width * filter.height
    for is_idle, pushed in zip(idle, pushes[dut.latency :], strict=False):
        assert not (is_idle and pushed)


def test_an_early_start_is_told_once() -> None:
    """However many rows of the frame are still to be made, each of which is cut off."""
    filter = Filter(kernel=[[1, 2, 1]] * 2, width=6, height=5)
    samples = random_image(random.Random(0), filter).ravel().tolist()
    frame = [Beat([sample], first=at == 0, last=at % filter.width == filter.width - 1)
             for at, sample in enumerate(samples)]
    outcome = stream(filter, frame[:8] + frame)
    assert outcome.events == ["frame", "early_start", "frame"]
