"""The generated Python driver on a running simulated core; run inside the simulator by cocotb.

The drivers block, as on hardware: each access to the registers is a transfer of the simulation.
"""

import importlib
import json
import os
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import cocotb
import numpy as np
import pytest
from cocotb.task import bridge, resume

from windrow.model import Filter, Pipeline


FOLDER, NAME = Path(os.environ["WINDROW_FOLDER"]), os.environ["WINDROW_DESIGN"]
sys.path.insert(0, str(FOLDER))
written = importlib.import_module(f"test_{NAME}")  # the bench that goes with the core
driver = importlib.import_module(f"{NAME}_driver")

OTHER = [[0, -1, 0], [-1, 400, -1], [0, -1, 0]]
EDGES = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
CURVE = [9, 200, 0, 31, 255, 64, 1, 128]
LAPLACIAN = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]


def filter_settings(core: Any) -> None:
    """As a user's program has them."""
    core.check()
    core.load_kernel(np.array(OTHER))
    core.set_scale(2, "half-even")
    core.set_offset(-90)
    core.set_border("constant", top="reflect101")
    core.set_border_value(77)
    core.commit()


def later_settings(core: Any) -> None:
    core.set_size(20, 12)
    core.load_kernel(np.array(EDGES))
    core.set_scale(0)
    core.set_offset(128)
    core.set_border("symmetric")
    core.commit()


def refused(core: Any) -> None:
    """What the core would answer with a bus error is never written."""
    before = core.kernel().tolist(), core.get("SIZE", "width")
    for call, words in (
        (lambda: core.set_size(25, 16), "SIZE.width: 25 is not"),
        (lambda: core.load_kernel(np.full((3, 3), 600)), "COEFFICIENT.coefficients: 600 is not"),
        (lambda: core.load_kernel(np.zeros((3, 4), int)), "kernel: the shape must be (3, 3)"),
        (lambda: core.load_kernel(np.zeros((3, 3))), "the weights must be integers"),
        (lambda: core.set_border("mirror"), "'mirror': choose from constant, replicate"),
        (lambda: core.set("FRAMES", frames=1), "FRAMES is read-only"),
        (lambda: core.clear_events("lunch"), "event 'lunch': choose from short_line"),
    ):
        with pytest.raises(ValueError, match=re.escape(words)):
            call()
    assert (core.kernel().tolist(), core.get("SIZE", "width")) == before


def pipeline_settings(core: Any) -> None:
    core.check()
    core.set_parameter("lift", 17)
    core.load_kernel(np.array(LAPLACIAN), stage="smooth")
    core.set_scale(1, "floor")
    core.set_border("symmetric")
    core.set_size(20, 12)
    core.load_table(np.array(CURVE), stage="curve")
    assert core.get("STAGE_CURVE_TABLE_COUNT", "count") == 8
    for call, words in ((lambda: core.set_parameter("left", 1), "choose from lift"),
                        (lambda: core.set_scale(1, stage="rough"), "choose from 'smooth'"),
                        (lambda: core.set_parameter("lift", 256), "256 is not 0 to 255"),
                        (lambda: core.load_table(np.arange(7)), "there must be 8 integers"),
                        (lambda: core.load_table(np.arange(250, 258)), "256 is not 0 to 255"),
                        (lambda: core.load_table(np.arange(8), stage="tone"), "'curve'")):
        with pytest.raises(ValueError, match=words):
            call()
    core.commit()


def changed_filter(before: Filter) -> Filter:
    """With :func:`filter_settings`."""
    return before.replace(
        kernel=OTHER, shift=2, rounding="half-even", offset=-90, border_value=77,
        border={"top": "reflect101", "bottom": "constant", "left": "constant",
                "right": "constant"})


def changed_pipeline(before: Pipeline) -> Pipeline:
    """With :func:`pipeline_settings`."""
    keys = before.to_dict() | {"width": 20, "height": 12, "parameters": {"lift": 17}}
    keys["stage"][0] |= {"kernel": LAPLACIAN, "shift": 1, "rounding": "floor",
                         "border": "symmetric"}
    keys["stage"][-1] |= {"lut": CURVE}
    return Pipeline.from_dict(keys)


CHANGES = {"live": (filter_settings, changed_filter),
           "steps": (pipeline_settings, changed_pipeline)}


async def shows(bench: Any, design: Any, seed: int) -> None:
    """A frame goes through, and comes out as the design says."""
    for port in ("input", "output"):
        written.MANIFEST[port] |= {"width": design.width, "height": design.height}
    frame = np.random.default_rng(seed).integers(0, 256, (design.height, design.width))
    assert np.array_equal(await bench.run(frame), design.compute(frame))


@cocotb.test()
async def a_running_core_is_changed(dut: Any) -> None:
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

    settings, changed = CHANGES[NAME]
    await bench.reset()
    # While a frame goes through, which keeps its settings, the next one's are written.
    running = cocotb.start_soon(shows(bench, written.DESIGN, 1))
    core = Simulated()
    await bridge(settings)(core)
    await running
    assert NAME != "live" or await bridge(core.is_pending)()
    after = changed(written.DESIGN)
    await shows(bench, after, 2)
    await bridge(core.wait_taken)()
    if NAME != "live":
        return

    await bridge(refused)(core)
    assert await bridge(core.events)() == {"frame", "taken"}
    await bridge(core.clear_events)("frame")
    assert await bridge(core.events)() == {"taken"}
    await bridge(core.enable_interrupts)("taken")
    assert dut.interrupt.value == 1
    assert (await bridge(core.counters)())["frames"] == 2

    class DefaultIP:
        """What PYNQ's class of that name gives."""

        def __init__(self, description: Any) -> None:
            self.mmio = SimpleNamespace(read=resume(read), write=resume(write))

    pynq = ModuleType("pynq")
    pynq.DefaultIP = DefaultIP  # type: ignore[attr-defined]
    sys.modules["pynq"] = pynq
    overlay = importlib.import_module("live_pynq")
    assert overlay.LiveIP.bindto == ["windrow:filter:live:" + ".".join(
        json.loads((FOLDER / "live.json").read_text())["generator"].split()[1].split(".")[:2])]
    # The same calls by PYNQ's class.
    core = await bridge(overlay.LiveIP)({})
    await bridge(later_settings)(core)
    await shows(bench, after.replace(kernel=EDGES, shift=0, rounding="half-up", offset=128,
                                     border="symmetric", width=20, height=12), 3)
    assert (await bridge(core.kernel)()).tolist() == EDGES
