"""The generated Python driver of a pipeline on its running simulated core; run by cocotb."""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.task import bridge, resume


sys.path.insert(0, str(Path(os.environ["WINDROW_FOLDER"])))
written = importlib.import_module("test_steps")  # the bench that goes with the core
driver = importlib.import_module("steps_driver")

KERNEL = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]


def settings(core: Any) -> None:
    """As a user's program has them."""
    core.check()
    core.set_parameter("lift", 17)
    core.load_kernel(np.array(KERNEL), stage="smooth")
    core.set_scale(1, "floor")
    core.set_border("symmetric")
    core.set_size(20, 12)
    for call, words in ((lambda: core.set_parameter("left", 1), "choose from lift"),
                        (lambda: core.set_scale(1, stage="rough"), "choose from 'smooth'"),
                        (lambda: core.set_parameter("lift", 256), "256 is not 0 to 255")):
        with pytest.raises(ValueError, match=words):
            call()
    core.commit()


@cocotb.test()
async def a_running_pipeline_is_changed(dut: Any) -> None:
    bench = written.Bench(dut)

    async def read(offset: int) -> int:
        return await bench.registers.read_dword(offset)

    async def write(offset: int, word: int) -> None:
        answer = await bench.registers.write(offset, (word & 0xFFFFFFFF).to_bytes(4, "little"))
        assert int(answer.resp) == 0, f"write of {word:#x} to {offset:#x}: {answer.resp}"

    class Simulated(driver.Core):
        """The driver on the simulation's bus."""

        def read(self, offset: int) -> int:
            return resume(read)(offset)

        def write(self, offset: int, word: int) -> None:
            resume(write)(offset, word)

    await bench.reset()
    before = written.DESIGN
    frame = np.random.default_rng(1).integers(0, 256, (16, 24))
    running = cocotb.start_soon(bench.run(frame))
    await bridge(settings)(Simulated())
    assert np.array_equal(await running, before.compute(frame))
    keys = before.to_dict() | {"width": 20, "height": 12, "parameters": {"lift": 17}}
    keys["stage"][0] |= {"kernel": KERNEL, "shift": 1, "rounding": "floor", "border": "symmetric"}
    after = type(before).from_dict(keys)
    for port in ("input", "output"):
        written.MANIFEST[port] |= {"width": 20, "height": 12}
    frame = np.random.default_rng(2).integers(0, 256, (12, 20))
    assert np.array_equal(await bench.run(frame), after.compute(frame))
