"""The register port's protocol by itself, with a master that offers the next access at once."""

import itertools
import random
from typing import Any

import pytest
from amaranth.hdl import Shape
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator

from windrow.hdl.control.axi_lite import OKAY, SLVERR, AxiLite, AxiLiteSignature
from windrow.hdl.ports.verilog import control_ports


# Arm IHI 0022, tables B1-1 and A10-1: what the master drives, and what it is given, for 32 bits.
MASTER = {"awaddr": 12, "awprot": 3, "awvalid": 1, "wdata": 32, "wstrb": 4, "wvalid": 1,
          "bready": 1, "araddr": 12, "arprot": 3, "arvalid": 1, "rready": 1}
SLAVE = {"awready": 1, "wready": 1, "bresp": 2, "bvalid": 1, "arready": 1, "rdata": 32, "rresp": 2,
         "rvalid": 1}


def test_the_port_is_as_wide_as_the_specification_says() -> None:
    members = AxiLiteSignature(12).members
    for flow, widths in ((Out, MASTER), (In, SLAVE)):
        assert {name: Shape.cast(member.shape).width for name, member in members.items()
                if member.flow == flow} == widths
    # IHI 0022, table A3-4.
    assert (OKAY, SLVERR) == (0b00, 0b10)


def test_a_manifest_tells_the_ports() -> None:
    entry = {"interface": "bus", "address_bits": 12, "interrupt": "irq"}
    assert control_ports({"control": entry}) == (
        {f"bus_{name}": bits for name, bits in MASTER.items()},
        {"irq": 1} | {f"bus_{name}": bits for name, bits in SLAVE.items()})
    assert control_ports({"name": "no registers"}) == ({}, {})


def test_an_access_is_as_wide_as_the_port() -> None:
    dut = AxiLite(12)
    for name in ("write_address", "read_address"):
        assert len(getattr(dut, name)) == 12
    for name in ("write_data", "read_data"):
        assert len(getattr(dut, name)) == 32
    assert len(dut.write_strobe) == 4


@pytest.mark.parametrize("pause", [0, 0.3, 0.8])
@pytest.mark.parametrize("seed", range(2))
def test_every_access_is_begun_once_and_answered_once(pause: float, seed: int) -> None:
    """In order, whatever is offered before the answer; what is begun stays until then."""
    rng = random.Random(seed)
    dut = AxiLite(12)
    bus = dut.bus
    count = 30
    writes = [(rng.getrandbits(12), rng.getrandbits(32), rng.getrandbits(4), rng.getrandbits(1))
              for _ in range(count)]
    reads = [(rng.getrandbits(12), rng.getrandbits(32), rng.getrandbits(1)) for _ in range(count)]
    begun: dict[str, int] = {"write": 0, "read": 0}
    answered: dict[str, int] = {"write": 0, "read": 0}

    async def offer(ctx: Any, valid: Any, ready: Any, signals: Any, payloads: Any) -> None:
        """A channel of the master, which is valid again at once or some cycles later."""
        for payload in payloads:
            while rng.random() < pause:
                await ctx.tick()
            ctx.set(valid, 1)
            for signal, value in zip(signals, payload, strict=True):
                ctx.set(signal, value)
            while not (await ctx.tick().sample(ready))[2]:
                pass
            ctx.set(valid, 0)
            for signal in signals:
                ctx.set(signal, rng.getrandbits(len(signal)))

    async def address(ctx: Any) -> None:
        await offer(ctx, bus.awvalid, bus.awready, [bus.awaddr], [each[:1] for each in writes])

    async def data(ctx: Any) -> None:
        await offer(ctx, bus.wvalid, bus.wready, [bus.wdata, bus.wstrb],
                    [each[1:3] for each in writes])

    async def read_address(ctx: Any) -> None:
        await offer(ctx, bus.arvalid, bus.arready, [bus.araddr], [each[:1] for each in reads])

    async def answers(ctx: Any, access: str, valid: Any, ready: Any, signals: Any,
                      wanted: Any) -> None:
        held = None
        while answered[access] < count:
            takes = rng.random() >= pause
            ctx.set(ready, takes)
            _, _, is_valid, *found = await ctx.tick().sample(valid, *signals)
            assert is_valid or held is None, "an answer was withdrawn"
            if is_valid:
                assert answered[access] < begun[access], "an answer to nothing"
                assert found == wanted[answered[access]]
                held = None if takes else found
                answered[access] += takes
        ctx.set(ready, 1)
        for _ in range(20):
            assert not (await ctx.tick().sample(valid))[2], "one answer more"

    async def write_answers(ctx: Any) -> None:
        await answers(ctx, "write", bus.bvalid, bus.bready, [bus.bresp],
                      [[SLVERR if error else OKAY] for *_, error in writes])

    async def read_answers(ctx: Any) -> None:
        await answers(ctx, "read", bus.rvalid, bus.rready, [bus.rdata, bus.rresp],
                      [[word, SLVERR if error else OKAY] for _, word, error in reads])

    async def behind(ctx: Any, access: str, begins: Any, done: Any, signals: Any, wanted: Any,
                     answer: Any, words: Any) -> None:
        """What is behind the port: takes its time for each access."""
        for number in itertools.count():
            while True:
                _, _, starts = await ctx.tick().sample(begins)
                if starts:
                    break
            assert number < count, "an access that nobody asked for"
            assert number == answered[access], "an access before the last one's answer was taken"
            begun[access] += 1
            for _ in range(rng.choice([0, 0, 1, 5])):
                _, _, again, *found = await ctx.tick().sample(begins, *signals)
                assert (again, found) == (0, wanted[number])
            ctx.set(done, 1)
            for signal, value in zip(answer, words[number], strict=True):
                ctx.set(signal, value)
            _, _, again, *found = await ctx.tick().sample(begins, *signals)
            assert (again, found) == (0, wanted[number])
            ctx.set(done, 0)
            for signal in answer:
                ctx.set(signal, rng.getrandbits(len(signal)))

    async def write_behind(ctx: Any) -> None:
        await behind(ctx, "write", dut.write, dut.write_done,
                     [dut.write_address, dut.write_data, dut.write_strobe],
                     [list(each[:3]) for each in writes],
                     [dut.write_error], [each[3:] for each in writes])

    async def read_behind(ctx: Any) -> None:
        await behind(ctx, "read", dut.read, dut.read_done, [dut.read_address],
                     [[each[0]] for each in reads],
                     [dut.read_data, dut.read_error], [each[1:] for each in reads])

    async def end(ctx: Any) -> None:
        for _ in range(40 * count):
            if min(answered.values()) == count:
                return
            await ctx.tick()
        raise AssertionError(f"of {count} accesses of either kind only {answered} are answered")

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    for testbench in (address, data, read_address, write_answers, read_answers, end):
        sim.add_testbench(testbench, background=testbench is not end)
    for testbench in (write_behind, read_behind):
        sim.add_testbench(testbench, background=True)
    sim.run()
