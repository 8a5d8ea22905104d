"""The master of the register port: at a core's registers, and at a port that stalls anywhere."""

import random
from typing import Any

import pytest
from amaranth import *
from amaranth.lib import wiring
from amaranth.sim import Simulator

from windrow import Filter
from windrow.boards.register_access import RegisterAccess
from windrow.hdl.control import RegisterMap, Registers
from windrow.hdl.control.axi_lite import OKAY, SLVERR


FILTER = Filter(kernel="sobel-x", width=32, height=8, control="axi4-lite", coefficients="runtime")
SEED = 11


async def access(ctx: Any, dut: RegisterAccess, kind: str, address: int,
                 word: int = 0) -> tuple[int, int, int]:
    """The error flag, the word, and the cycles from the one that begins it to its answer."""
    ctx.set(dut.address, address)
    ctx.set(dut.data, word)
    ctx.set(getattr(dut, kind), 1)
    for cycles in range(200):
        _, _, done, error, read = await ctx.tick().sample(dut.done, dut.error, dut.word)
        ctx.set(getattr(dut, kind), 0)
        if done:
            return error, read, cycles
    raise AssertionError(f"no answer to a {kind}")


def test_registers() -> None:
    m = Module()
    m.submodules.registers = registers = Registers(FILTER)
    m.submodules.dut = dut = RegisterAccess(RegisterMap(FILTER).address_bits)
    wiring.connect(m, dut.bus, registers.bus)

    async def testbench(ctx: Any) -> None:
        assert await access(ctx, dut, "read", 0x000) == (0, 0x57524F57, 9)
        assert (await access(ctx, dut, "write", 0x02C, 0x89ABCDEF))[::2] == (0, 12)
        assert (await access(ctx, dut, "read", 0x02C))[:2] == (0, 0x89ABCDEF)
        # Of a register that is only read, an address without a register, and a word too large.
        assert (await access(ctx, dut, "write", 0x000, 1))[0] == 1
        assert (await access(ctx, dut, "read", 0x3FC))[0] == 1
        assert (await access(ctx, dut, "write", 0x200, 128))[0] == 1
        assert (await access(ctx, dut, "write", 0x200, -128 & 0xFFFFFFFF))[0] == 0
        assert (await access(ctx, dut, "read", 0x200))[:2] == (0, 0xFFFFFF80)

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


class Port:
    """A register port that stalls on each channel, and watches what comes.

    Each of its processes sees one cycle after the other as the clock's edge does.
    """

    def __init__(self, bus: Any, rng: random.Random, stalls: dict[str, float]) -> None:
        self.bus = bus
        self.rng = rng
        self.stalls = stalls
        self.writes: list[tuple[int, int, int]] = []
        self.reads: list[int] = []
        self.answers: list[tuple[int, int]] = []
        """The answer and the word of each access to come."""

    def _goes(self, channel: str) -> bool:
        return self.rng.random() >= self.stalls[channel]

    async def _take(self, ctx: Any, channel: str, *payload: Any) -> tuple[int, ...]:
        """What is handed over on a channel, valid and the same until it is taken."""
        valid, ready = (getattr(self.bus, channel + end) for end in ("valid", "ready"))
        held: tuple[int, ...] | None = None
        while True:
            goes = self._goes(channel)
            ctx.set(ready, goes)
            _, _, is_valid, *now = await ctx.tick().sample(valid, *payload)
            assert held is None or (is_valid and held == tuple(now)), f"{channel} is not held"
            held = tuple(now) if is_valid else None
            if is_valid and goes:
                ctx.set(ready, 0)
                return tuple(now)

    async def _answer(self, ctx: Any, channel: str) -> None:
        answer, word = self.answers.pop(0)
        while not self._goes(channel):
            await ctx.tick()
        ctx.set(getattr(self.bus, channel + "resp"), answer)
        if channel == "r":
            ctx.set(self.bus.rdata, word)
        valid, ready = (getattr(self.bus, channel + end) for end in ("valid", "ready"))
        ctx.set(valid, 1)
        await ctx.tick().until(ready)
        ctx.set(valid, 0)

    async def _write_channel(self, ctx: Any, channel: str, taken: list[tuple[int, ...]],
                             *payload: Any) -> None:
        while True:
            taken.append(await self._take(ctx, channel, *payload))
            while taken:
                await ctx.tick()

    def add_to(self, sim: Simulator) -> None:
        """Add its processes."""
        bus = self.bus
        addresses: list[tuple[int, ...]] = []
        words: list[tuple[int, ...]] = []

        async def address(ctx: Any) -> None:
            await self._write_channel(ctx, "aw", addresses, bus.awaddr)

        async def data(ctx: Any) -> None:
            await self._write_channel(ctx, "w", words, bus.wdata, bus.wstrb)

        async def answer(ctx: Any) -> None:
            while True:
                while not (addresses and words):
                    await ctx.tick()
                word, strobe = words[0]
                self.writes.append((addresses[0][0], word, strobe))
                await self._answer(ctx, "b")
                addresses.clear()
                words.clear()

        async def read(ctx: Any) -> None:
            while True:
                self.reads += await self._take(ctx, "ar", bus.araddr)
                await self._answer(ctx, "r")

        for process in (address, data, answer, read):
            sim.add_testbench(process, background=True)


CHANNELS = ("aw", "w", "b", "ar", "r")


@pytest.mark.parametrize("slow", [*CHANNELS, "none", "all"])
def test_a_port_that_stalls(slow: str) -> None:
    rng = random.Random(f"{SEED} {slow}")
    dut = RegisterAccess(12)
    port = Port(dut.bus, rng, {
        channel: 0.8 if slow in (channel, "all") else 0.0 for channel in CHANNELS})

    async def testbench(ctx: Any) -> None:
        for _ in range(60):
            kind = rng.choice(("write", "read"))
            address, word, answer = (
                rng.getrandbits(12), rng.getrandbits(32), rng.choice((OKAY, SLVERR)))
            port.answers.append((answer, word))
            port.writes.clear()
            port.reads.clear()
            error, read, _ = await access(ctx, dut, kind, address, word)
            assert error == (answer == SLVERR)
            if kind == "write":
                assert (port.writes, port.reads) == ([(address, word, 0b1111)], [])
            else:
                assert (port.writes, port.reads, read) == ([], [address], word)
            for _ in range(rng.choice((0, 3))):
                await ctx.tick()
                assert not ctx.get(dut.done)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    port.add_to(sim)
    sim.add_testbench(testbench)
    sim.run()
