"""The adder that chooses, and the tables of the ECP5's own."""

import random
from typing import Any

import pytest
from amaranth import *
from amaranth.sim import Simulator

from windrow.hdl.arithmetic.select_adder import SelectAdder
from windrow.hdl.devices.ecp5 import CarryChain


@pytest.mark.parametrize("shape", [Shape(8), Shape(13, signed=True)])
@pytest.mark.parametrize("addend", [Shape(3), Shape(5, signed=True)])
def test_adds_the_chosen_one(shape: Shape, addend: Shape) -> None:
    adds_the_chosen_one(SelectAdder(shape, addend), shape)


def adds_the_chosen_one(dut: SelectAdder, shape: Shape) -> None:
    rng = random.Random(1)

    async def testbench(ctx):
        for _ in range(100):
            a, b = (rng.randrange(-(1 << 12), 1 << 12) for _ in range(2))
            c, select = rng.randrange(-16, 16), rng.randrange(2)
            for port, value in ((dut.a, a), (dut.b, b), (dut.c, c), (dut.select, select)):
                ctx.set(port, value)
            await ctx.delay(1e-9)
            kept = ctx.get(dut.a if select else dut.b) + ctx.get(dut.c)
            assert (ctx.get(dut.o) - kept) % (1 << shape.width) == 0

    sim = Simulator(dut)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.parametrize("width", [1, 2, 5, 18])
def test_carry_chain_of_the_ecp5(width: int) -> None:
    """A CCU2C bit as yosys's lattice/ccu2c_sim.vh defines it: LUT4, carry multiplexer, XOR."""
    rng = random.Random(width)
    table = CarryChain.TABLE

    for _ in range(200):
        a, b, c = (rng.randrange(1 << width) for _ in range(3))
        select = rng.randrange(2)
        total, carry = 0, 0
        for bit in range(width):
            in_a, in_b, in_c = (value >> bit & 1 for value in (c, a, b))
            lut4 = table >> (in_a | in_b << 1 | in_c << 2 | select << 3) & 1
            lut2 = table >> (in_a | in_b << 1) & 1
            total |= (lut4 ^ carry) << bit
            carry = carry if lut4 else lut2
        assert total == ((a if select else b) + c) % (1 << width)


def ccu2c(kind: str, **ports: Any) -> Module:
    """A CCU2C as yosys's lattice/ccu2c_sim.vh defines it."""
    assert kind == "CCU2C"
    m = Module()
    # Without one it must not matter.
    carry: Value = Value.cast(ports["i_CIN"]) if "i_CIN" in ports else Signal(init=1)
    for half in range(2):
        assert ports[f"p_INJECT1_{half}"] == "NO"
        table, pins = ports[f"p_INIT{half}"], [ports[f"i_{pin}{half}"] for pin in "ABCD"]
        lut4 = table.bit_select(Cat(pins), 1)
        lut2 = table.bit_select(Cat(pins[:2]), 1)
        if f"o_S{half}" in ports:
            m.d.comb += ports[f"o_S{half}"].eq(lut4 ^ carry)
        carry = Mux(lut4, carry, lut2)
    if "o_COUT" in ports:
        m.d.comb += ports["o_COUT"].eq(carry)
    return m


@pytest.mark.parametrize("shape", [Shape(1), Shape(8), Shape(13, signed=True)])
@pytest.mark.parametrize("addend", [Shape(3), Shape(5, signed=True)])
def test_carry_chain_adds_the_chosen_one(
    shape: Shape, addend: Shape, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("windrow.hdl.devices.ecp5.Instance", ccu2c)
    adds_the_chosen_one(CarryChain(shape, addend), shape)
