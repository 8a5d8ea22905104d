"""From a picture to serialised pins, and by an independent decoder back."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from amaranth import *
from amaranth.back import verilog
from amaranth.lib import wiring
from amaranth.lib.wiring import Out
from amaranth.sim import Simulator
from small_timings import ODD, SMALL

import windrow.boards.video
from windrow.boards.video.decode import decode
from windrow.boards.video.dvi import DVIOutput
from windrow.boards.video.monitor import frames
from windrow.boards.video.raster import Raster
from windrow.boards.video.serialiser import SERIALISERS, DDRSerialiser
from windrow.boards.video.timing import Timing


CELLS = Path(windrow.boards.video.__file__).parent / "cells"
SEED = 0x5EED5
MULTIPLIER, INCREMENT = 0x41C64D, 0x3039


class Screen(wiring.Component):
    """A timing filled with noise: a linear congruential generator steps with every pixel."""

    def __init__(self, timing: Timing, serialiser: str) -> None:
        self._timing = timing
        self._serialiser = serialiser
        super().__init__({"pins": Out(4)})

    def elaborate(self, platform) -> Module:
        m = Module()
        m.submodules.raster = raster = Raster(self._timing)
        m.submodules.output = output = DVIOutput(SERIALISERS[self._serialiser]())
        state = Signal(24, init=SEED)
        with m.If(raster.active):
            m.d.sync += state.eq(state * MULTIPLIER + INCREMENT)
        m.d.comb += [
            output.i.hsync.eq(raster.hsync),
            output.i.vsync.eq(raster.vsync),
            output.i.active.eq(raster.active),
            Cat(output.i.blue, output.i.green, output.i.red).eq(Mux(raster.active, state, 0)),
            self.pins.eq(output.pins),
        ]
        return m


def noise(timing: Timing, number: int) -> np.ndarray:
    """The pictures from the start on, ``number`` of them."""
    state = SEED
    pixels = []
    for _ in range(number * timing.width * timing.height):
        pixels.append([state >> 16, state >> 8 & 255, state & 255])
        state = (state * MULTIPLIER + INCREMENT) & 0xFFFFFF
    return np.array(pixels, np.uint8).reshape(number, timing.height, timing.width, 3)


def amaranth_pins(timing: Timing, bits: int) -> np.ndarray:
    """What Amaranth's simulator shows on the pins, behind each edge of the fast clock."""
    dut = Screen(timing, "generic")
    seen = []

    async def testbench(ctx):
        await ctx.delay(1.5e-9)
        for _ in range(bits):
            seen.append(ctx.get(dut.pins))
            await ctx.delay(1e-9)

    sim = Simulator(dut)
    sim.add_clock(10e-9)
    sim.add_clock(2e-9, domain="shift")
    sim.add_testbench(testbench)
    sim.run()
    return np.array(seen)[:, None] >> np.arange(4) & 1


BENCH = """
`timescale 1ns / 1ps
module bench;
    reg clk = 0, shift_clk = 0, rst = 1;
    wire [3:0] pins;
    screen dut (.clk(clk), .rst(rst), .shift_clk(shift_clk), .shift_rst(rst), .pins(pins));
    always #5 clk = ~clk;
    always #1 shift_clk = ~shift_clk;
    initial begin
        #22 rst = 0;
        #0.5;
        repeat (%d) #1 $display("%%b", pins);
        $finish;
    end
endmodule
"""


def icarus_pins(timing: Timing, serialiser: str, bits: int, folder: Path) -> np.ndarray:
    """The same of the Verilog and the models of the vendors' cells."""
    if not (iverilog := shutil.which("iverilog")):
        pytest.skip("Icarus Verilog is not installed")
    (folder / "bench.v").write_text(BENCH % bits)
    (folder / "screen.v").write_text(
        verilog.convert(Screen(timing, serialiser), name="screen", strip_internal_attrs=True))
    sources = ["bench.v", "screen.v", *(str(path) for path in sorted(CELLS.glob("*.v")))]
    subprocess.run([iverilog, "-g2005", "-s", "bench", "-o", "bench", *sources],
                   cwd=folder, check=True)
    run = subprocess.run(["vvp", "bench"], cwd=folder, check=True, capture_output=True, text=True)
    lines = [line for line in run.stdout.split() if set(line) <= set("01x")]
    assert len(lines) == bits
    return np.array([[int(bit) for bit in reversed(line)] for line in lines])


def check(pins: np.ndarray, timing: Timing) -> None:
    """Two frames must be decoded, and be the noise."""
    pictures = frames(decode(pins), timing)
    assert len(pictures) == 2
    assert (np.stack(pictures) == noise(timing, 2)).all()


@pytest.mark.parametrize("timing", [SMALL, ODD], ids=str)
def test_pins_decode_to_the_picture(timing: Timing) -> None:
    check(amaranth_pins(timing, 24 * timing.total), timing)


@pytest.mark.parametrize("serialiser", sorted(SERIALISERS))
def test_cells_of_the_devices(serialiser: str, tmp_path: Path) -> None:
    check(icarus_pins(ODD, serialiser, 24 * ODD.total, tmp_path), ODD)


@pytest.mark.parametrize("phase", range(5))
def test_the_fast_domain_may_start_at_any_time(phase: int) -> None:
    """The symbols are loaded in the middle of the pixel clock, whenever ``shift`` leaves reset."""
    dut = DDRSerialiser()
    symbols = [(7 * number + 3) % 1024 for number in range(12)]
    seen = []

    async def source(ctx):
        for symbol in symbols:
            ctx.set(dut.symbols[0], symbol)
            await ctx.tick()

    async def reset(ctx):
        ctx.set(reset_shift, 1)
        await ctx.delay((10 + 2 * phase) * 1e-9)
        ctx.set(reset_shift, 0)

    async def sink(ctx):
        await ctx.delay(1.5e-9)
        for _ in range(10 * len(symbols)):
            seen.append(ctx.get(dut.pins[0]))
            await ctx.delay(1e-9)

    m = Module()
    reset_shift = Signal()
    m.submodules.dut = dut
    m.domains.sync = ClockDomain()
    m.domains.shift = shift = ClockDomain()
    m.d.comb += shift.rst.eq(reset_shift)
    sim = Simulator(m)
    sim.add_clock(10e-9)
    sim.add_clock(2e-9, domain="shift")
    for testbench in (source, reset, sink):
        sim.add_testbench(testbench)
    sim.run()
    bits = "".join(map(str, seen))
    wanted = "".join(f"{symbol:010b}"[::-1] for symbol in symbols[4:8])
    assert wanted in bits


@pytest.mark.parametrize(("change", "message"), [
    (lambda pins: pins.__setitem__((2000, 3), 1 - pins[2000, 3]), "clock: period"),
    (lambda pins: pins.__setitem__((slice(None), 2), np.roll(pins[:, 2], 1)), "different bits"),
    (lambda pins: pins.__setitem__((slice(None), 2), np.roll(pins[:, 2], 10)), "red: symbol"),
    (lambda pins: pins.__setitem__((slice(None), 1), 0), "no run of control words"),
    (lambda pins: pins.__setitem__((slice(None), 0), 1 - pins[:, 0]), "hsync is 0, not 1"),
    (lambda pins: pins.__setitem__((slice(None), [0, 1]), pins[:, [1, 0]]), "control bits"),
])
def test_wrong_pins_are_found(change, message: str) -> None:
    pins = recorded().copy()
    assert len(frames(decode(pins), SMALL)) == 2
    change(pins)
    with pytest.raises(ValueError, match=message):
        frames(decode(pins), SMALL)


_RECORDED: list[np.ndarray] = []


def recorded() -> np.ndarray:
    if not _RECORDED:
        _RECORDED.append(amaranth_pins(SMALL, 24 * SMALL.total))
    return _RECORDED[0]
