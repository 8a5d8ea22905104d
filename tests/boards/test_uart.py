"""Both ends of a serial line, against a line of any rate."""

import itertools
import random
import re

import pytest
from amaranth.sim import Simulator
from serial_line import levels, listen

from windrow.boards.uart import UARTReceiver, UARTTransmitter


SEED = 5
TEXT = bytes([0x00, 0xFF, 0x55, 0xAA, 0x01, 0x80]) + random.Random(SEED).randbytes(6)


def receive(line: list[int], clock: float, baud: float, ready: bool = True) -> bytes:
    """What is received of a line; unless ``ready`` it is all taken at the end."""
    dut = UARTReceiver(clock, baud)
    heard = bytearray()

    async def testbench(ctx):
        ctx.set(dut.o.ready, ready)
        held = None
        for number, level in enumerate([1] * 3 + line + [1] * int(12 * clock / baud)):
            ctx.set(dut.rx, level)
            if number == len(line):
                ctx.set(dut.o.ready, 1)
            _, _, valid, takes, byte = await ctx.tick().sample(
                dut.o.valid, dut.o.ready, dut.o.payload)
            assert held is None or (valid and held == byte), "not held until it was taken"
            held = byte if valid and not takes else None
            if valid and takes:
                heard.append(byte)

    sim = Simulator(dut)
    sim.add_clock(1 / clock)
    sim.add_testbench(testbench)
    sim.run()
    return bytes(heard)


# A clock that divides, ones that do not, and the fewest cycles a bit.
RATES = [(1600, 100), (1217, 100), (800, 100), (812, 100), (25.175e6, 1e6)]


@pytest.mark.parametrize(("clock", "baud"), RATES)
@pytest.mark.parametrize("off", [-0.02, 0.0, 0.02])
@pytest.mark.parametrize("pause", [0.0, 0.37])
def test_receive(clock: float, baud: float, off: float, pause: float) -> None:
    bit = clock / baud * (1 + off)
    for start in (0.3, 0.99):
        assert receive(levels(TEXT, bit, start=start, pause=pause), clock, baud) == TEXT


@pytest.mark.parametrize(("clock", "off", "right"), [
    (800, 0.039, True), (800, -0.038, True), (800, 0.07, False), (800, -0.07, False),
    (5000, 0.048, True), (5000, -0.048, True), (5000, 0.056, False), (5000, -0.056, False),
])
def test_how_far_off_the_rate_may_be(clock: float, off: float, right: bool) -> None:
    """Half a bit in 9.5: so the samples are in the middle."""
    bit = clock / 100 / (1 + off)
    # 0x7F and 0x80 have an edge on either side of the last data bit.
    text = b"\x7f\x80\x7f\x80"
    for start in (0.0, 0.5, 0.99):
        assert (receive(levels(text, bit, start=start), clock, 100) == text) == right


def test_when_a_byte_is_there() -> None:
    dut = UARTReceiver(1600, 100)

    async def testbench(ctx):
        for cycles, level in enumerate(levels(b"a", 16), 1):
            ctx.set(dut.rx, level)
            await ctx.tick()
            assert ctx.get(dut.o.valid) == (cycles >= 9.5 * 16 + 3)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.parametrize("cycles", [1, 2, 7])
def test_a_glitch_is_no_start(cycles: int) -> None:
    line = [*[0] * cycles, *[1] * 20, *levels(TEXT, 16), *[0] * cycles]
    assert receive(line, 1600, 100) == TEXT


@pytest.mark.parametrize("bits", [10, 11, 25, 100])
def test_a_break_is_nothing(bits: int) -> None:
    line = [*levels(b"ab", 16), *[0] * (16 * bits), *[1] * 8, *levels(b"cd", 16)]
    assert receive(line, 1600, 100) == b"abcd"


def test_a_byte_without_a_stop_bit_is_dropped() -> None:
    broken = levels(b"x", 16)
    broken[-16:] = [0] * 16
    assert receive([*levels(b"ab", 16), *broken, *[1] * 16, *levels(b"cd", 16)],
                   1600, 100) == b"abcd"


def test_a_byte_that_is_not_taken_is_not_overwritten() -> None:
    assert receive(levels(b"abc", 16), 1600, 100, ready=False) == b"a"


@pytest.mark.parametrize(("clock", "baud"), RATES)
@pytest.mark.parametrize("stall", [0.0, 0.98])
def test_transmit(clock: float, baud: float, stall: float) -> None:
    rng = random.Random(SEED)
    dut = UARTTransmitter(clock, baud)
    line: list[int] = []
    taken: list[int] = []

    async def listener(ctx):
        while True:
            line.append(ctx.get(dut.tx))
            await ctx.tick()

    async def testbench(ctx):
        for byte in TEXT:
            while rng.random() < stall:
                await ctx.tick()
            ctx.set(dut.i.valid, 1)
            ctx.set(dut.i.payload, byte)
            async for _, _, ready in ctx.tick().sample(dut.i.ready):
                if ready:
                    break
            taken.append(len(line) - 1)  # the listener is ahead: it was in this cycle before
            ctx.set(dut.i.valid, 0)
            ctx.set(dut.i.payload, 0xA5)
        for _ in range(int(11 * clock / baud)):
            await ctx.tick()

    sim = Simulator(dut)
    sim.add_clock(1 / clock)
    sim.add_testbench(listener, background=True)
    sim.add_testbench(testbench)
    sim.run()
    bit = round(clock / baud)
    assert abs(bit * baud / clock - 1) < 0.02
    assert listen(line, bit) == TEXT
    assert line.index(0) == taken[0], "the start bit begins in the next cycle"
    if stall == 0:
        steps = {after - before for before, after in itertools.pairwise(taken)}
        assert steps == {10 * bit + 1}


@pytest.mark.parametrize("made", [UARTReceiver, UARTTransmitter])
@pytest.mark.parametrize(("clock", "baud", "message"), [
    (1000, 0, "baud must be greater than 0, not 0"),
    (1000, -5, "baud must be greater than 0, not -5"),
    (1e6, 134000, "baud 134000 is too fast for a clock of 1e+06 Hz: a bit must take at least 8 "
                  "cycles"),
    (1e6, 120000, "baud 120000 cannot be made of a clock of 1e+06 Hz: 8 cycles a bit make 125000, "
                  "which is more than 2 % off"),
])
def test_impossible_rates(made: type, clock: float, baud: float, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        made(clock, baud)
