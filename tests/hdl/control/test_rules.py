"""What a register takes is what the driver's limits say, for words close to these."""

import random
from typing import Any

import pytest
from amaranth import Cat, Module, Signal
from amaranth.back import rtlil  # type: ignore[attr-defined]  # not in the stubs
from amaranth.sim import Simulator

from windrow.hdl.control import RegisterMap
from windrow.hdl.control.register_map import Field, Register
from windrow.hdl.control.registers import _rules
from windrow.model import Filter


def register(*fields: tuple[int, int, dict[str, Any]]) -> Register:
    """One of fields, of which each has a lowest bit, a number of bits, and limits."""
    return Register("TESTED", 0, "rw", "", tuple(
        Field(f"field_{low}", low, bits, "", **keys) for low, bits, keys in fields))


def signed(bits: int, least: int, most: int) -> tuple[int, int, dict[str, Any]]:
    return 0, bits, {"signed": True, "least": least, "most": most}


REGISTERS = {
    "anything": register((0, 32, {})),
    "anything, signed": register((0, 32, {"signed": True})),
    "one bit": register((0, 1, {})),
    "the uppermost bits": register((25, 7, {})),
    "bits apart": register((1, 1, {}), (6, 3, {}), (30, 2, {})),
    "least": register((0, 8, {"least": 1})),
    "most": register((0, 8, {"most": 254})),
    "both": register((3, 10, {"least": 0x0F0, "most": 0x30E})),
    "many digits": register((0, 31, {"least": 0x10FF_00F0, "most": 0x600F_F00F})),
    "two sizes": register((0, 16, {"least": 3, "most": 41}), (16, 16, {"least": 2, "most": 512})),
    "8 bits, sign-extended": register(signed(32, -128, 127)),
    "12 bits, sign-extended": register(signed(32, -2048, 2047)),
    "2 bits, sign-extended": register(signed(32, -2, 1)),
    "31 bits, sign-extended": register(signed(32, -1 << 30, (1 << 30) - 1)),
    "7 bits of 10, sign-extended": register((5, 10, {"signed": True, "least": -64, "most": 63})),
    "signed, as far down as up": register(signed(9, -63, 63)),
    "signed, not to a power of two": register(signed(9, -6, 5)),
    "signed, further up": register(signed(9, -3, 7)),
    "signed, further down": register(signed(9, -8, 3)),
    "signed, never negative": register(signed(9, 1, 100)),
    "signed, always negative": register(signed(9, -100, -2)),
    "signed, to the end": register(signed(8, -5, 127)),
    "signed, from the end": register(signed(8, -128, 9)),
    "in steps of 2": register((0, 16, {"step": 2, "resets": (5,), "most": 33})),
    "in steps of 4": register((4, 16, {"step": 4, "resets": (14,), "least": 3, "most": 62})),
    "in steps of 8": register((0, 16, {"step": 8, "resets": (16,)})),
}


def words(tested: Register) -> list[int]:
    """Some that are legal, and what is close to them."""
    rng = random.Random(0)
    found = [0, (1 << 32) - 1, *(rng.getrandbits(32) for _ in range(20))]
    for field in tested.fields:
        inside = [
            field.resets[0] if field.step > 1 else rng.randint(field.minimum, field.maximum)
            for field in tested.fields]
        for end in (field.minimum, field.maximum, 0, field.resets[0]):
            for near in range(end - 5, end + 6):
                values = [near if each is field else value
                          for each, value in zip(tested.fields, inside, strict=True)]
                found.append(sum(each.encode(value) for each, value in zip(
                    tested.fields, values, strict=True)))
        word = sum(each.encode(value) for each, value in zip(tested.fields, inside, strict=True))
        found += [word ^ 1 << bit for bit in range(32)]
    return found


@pytest.mark.parametrize("name", REGISTERS)
def test_exactly_the_legal_words_are_accepted(name: str) -> None:
    """Two cycles later, with another word in every cycle."""
    tested = REGISTERS[name]
    m = Module()
    word = Signal(32)
    legal = Signal()
    m.d.comb += legal.eq(Cat(_rules(m, word, tested)).all())
    m.d.sync += Signal().eq(1)  # there is a clock even where there is no rule
    offered = words(tested)

    async def testbench(ctx: Any) -> None:
        taken = []
        for each in [*offered, 0, 0]:
            ctx.set(word, each)
            taken.append(ctx.get(legal))
            await ctx.tick()
        for each, answer in zip(offered, taken[2:], strict=True):
            assert answer == tested.allows(each), f"0x{each:08x}"

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


@pytest.mark.parametrize(("name", "registers"), [
    ("anything", 0),
    ("anything, signed", 0),
    # One for each four bits of which some must be 0, and one for all of these.
    ("one bit", 8 + 1), ("the uppermost bits", 7 + 1), ("bits apart", 8 + 1),
    # One for each three bits that must be as the sign is.
    ("8 bits, sign-extended", 8 + 1), ("31 bits, sign-extended", 1 + 1),
    ("12 bits, sign-extended", 7 + 1), ("7 bits of 10, sign-extended", 7 + 1 + 1 + 1),
    # Two for each four bits of a number that is compared.
    ("least", 6 + 1 + 4 + 1), ("most", 6 + 1 + 4 + 1),
    ("in steps of 8", 4 + 1 + 1 + 1),
])
def test_registers_that_the_rules_take(name: str, registers: int) -> None:
    m = Module()
    word = Signal(32)
    legal = Signal()
    m.d.comb += legal.eq(Cat(_rules(m, word, REGISTERS[name])).all())
    text = rtlil.convert(m, ports=[word, legal], emit_src=False)
    assert text.count("cell $dff ") == registers


def test_a_register_without_illegal_words_has_no_checks() -> None:
    offset = RegisterMap(Filter(kernel=[[1]], width=8, height=8, control="axi4-lite"))["OFFSET"]
    assert _rules(Module(), Signal(32), offset) == []
