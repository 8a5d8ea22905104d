"""The register port in Amaranth's simulator, against the model of the documented rules."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from amaranth import Const, Module, Signal
from amaranth.sim import Simulator
from axi_lite_bench import Master
from register_model import OKAY, SLVERR, RegisterModel

from windrow.hdl.control import RegisterMap, Registers
from windrow.hdl.control.registers import _count
from windrow.hdl.settings import Events
from windrow.model import Filter


FILTER = {
    "kernel": [[1, -2, 3], [4, 5, -6]], "width": 14, "height": 11, "max_width": 41,
    "max_height": 33, "control": "axi4-lite", "coefficients": "runtime", "shift": 3, "offset": -7,
    "rounding": "half-even", "border_value": 77,
    "border": {"top": "constant", "bottom": "replicate", "left": "symmetric",
               "right": "reflect101"},
}
CASES = {
    "3x2": FILTER,
    "signed, 4 a clock": FILTER | {
        "pixel": "s10", "border_value": -5, "pixels_per_clock": 4, "coefficient_bits": 12},
    "constant kernel": FILTER | {"coefficients": "constant"},
    "5x5 of 32 bits": FILTER | {
        "kernel": [[5 * i + j - 12 for j in range(5)] for i in range(5)], "coefficient_bits": 32},
    "1x1": FILTER | {"kernel": [[1]], "coefficient_bits": 2, "pixel": "u1", "border_value": 1},
}
EVENT_NAMES = (*Events().members, "overflow")


def simulate(filter: Filter, test: Callable[..., Any], *, seed: int = 0, pause: float = 0.4
             ) -> None:
    """Run ``test(ctx, dut, master)`` on a register port."""
    print(f"seed {seed}")
    dut = Registers(filter)
    master = Master(dut.bus, random.Random(seed), pause)

    async def testbench(ctx: Any) -> None:
        await test(ctx, dut, master)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


def outputs(ctx: Any, dut: Registers) -> dict[str, Any]:
    """All that the core is given."""
    settings = ctx.get(dut.settings)
    found: dict[str, Any] = {}
    for name in dut.settings.shape().members:
        value = settings[name]
        found[name] = list(value) if name == "coefficients" else int(value)
    extent = ctx.get(dut.extent)
    return found | {
        "width": extent.width, "height": extent.height, "enable": ctx.get(dut.enable),
        "pending": ctx.get(dut.pending), "resized": ctx.get(dut.resized),
        "interrupt": ctx.get(dut.interrupt)}


def expected(model: RegisterModel, dut: Registers) -> dict[str, Any]:
    """The same by the model."""
    names = [*dut.settings.shape().members, "width", "height", "enable"]
    return {name: model.setting(name) for name in names} | {
        "pending": model.pending, "resized": model.resized, "interrupt": model.interrupt}


def word(rng: random.Random, model: RegisterModel, offset: int) -> int:
    """A word to write: legal more often than not, and close to the limits."""
    register, _ = model.places.get(offset, (model.map["OFFSET"], 0))
    value = 0
    for field in register.fields:
        number = rng.choice([
            rng.randint(field.minimum, field.maximum), field.minimum, field.maximum,
            field.minimum - 1, field.maximum + 1, rng.getrandbits(field.bits)])
        if rng.random() < 0.7:  # a remainder that is right
            number += (field.resets[0] - number) % field.step
        value |= field.encode(number)
    if rng.random() < 0.1:
        value ^= 1 << rng.randrange(32)
    return value


@pytest.mark.thinned(2)
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", [1, 2])
def test_random_accesses(name: str, seed: int) -> None:
    filter = Filter(**CASES[name])
    model = RegisterModel(RegisterMap(filter))
    rng = random.Random(seed)
    offsets = list(model.places)

    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        for number in range(400):
            kind = rng.random()
            address = rng.choice(offsets) + rng.choice([0, 0, 0, 1, 2, 3])
            if rng.random() < 0.1:
                address = rng.randrange(1 << model.map.address_bits)
            if kind < 0.1:
                address = model.map["COMMIT"].offset
                assert await master.write(ctx, address, 1) == model.write(address, 1)
            elif kind < 0.5:
                value = word(rng, model, address & ~3)
                strobe = 0xF if rng.random() < 0.9 else rng.randrange(16)
                wanted = model.write(address, value, strobe)
                assert await master.write(ctx, address, value, strobe) == wanted, (
                    f"access {number}: 0x{value:08x} to 0x{address:03x}, strobe {strobe:04b}")
            elif kind < 0.85:
                wanted_read = model.read(address)
                assert await master.read(ctx, address) == wanted_read, (
                    f"access {number}: read of 0x{address:03x}")
            else:
                names = rng.sample(EVENT_NAMES, rng.randint(1, 3))
                if not model.pending and "taken" in names:
                    names.remove("taken")
                raise_events(ctx, dut, names)
                await ctx.tick()
                raise_events(ctx, dut, [])
                model.happens(*names)
            await ctx.tick().repeat(3)
            assert outputs(ctx, dut) == expected(model, dut), f"access {number}"
        for offset in offsets:
            assert await master.read(ctx, offset) == model.read(offset), f"0x{offset:03x}"

    simulate(filter, test, seed=seed)


def raise_events(ctx: Any, dut: Registers, names: list[str]) -> None:
    ctx.set(dut.events, {name: int(name in names) for name in Events().members})
    ctx.set(dut.overflow, int("overflow" in names))


def test_after_a_reset_the_filter_is_there() -> None:
    """The words are counted out by hand, from the documented map."""
    words = {
        0x000: 0x57524F57, 0x008: 2 << 16 | 3, 0x00C: 8 << 24 | 8 << 16 | 8 << 8 | 1,
        0x010: 33 << 16 | 41, 0x018: 1 << 16 | 1, 0x020: 1, 0x024: 11 << 16 | 14,
        0x028: 2 << 8 | 3, 0x02C: 0xFFFFFFF9, 0x030: 3 << 24 | 2 << 16 | 1 << 8 | 0, 0x034: 77,
        0x040: 0, 0x044: 0, 0x048: 0, 0x04C: 0, 0x050: 0, 0x054: 0, 0x064: 0,
        0x200: 1, 0x204: 0xFFFFFFFE, 0x208: 3, 0x20C: 4, 0x210: 5, 0x214: 0xFFFFFFFA,
    }

    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        for offset, value in words.items():
            assert await master.read(ctx, offset) == (value, OKAY), f"0x{offset:03x}"
        version, _ = await master.read(ctx, 0x004)
        assert version >> 24 == 1
        assert outputs(ctx, dut) == {
            "coefficients": [1, -2, 3, 4, 5, -6], "shift": 3, "offset": -7, "rounding": 2,
            "top": 0, "bottom": 1, "left": 2, "right": 3, "border_value": 77, "bypass": 0,
            "width": 14, "height": 11, "enable": 1, "pending": 0, "resized": 0, "interrupt": 0}

    simulate(Filter(**FILTER), test)


# Offset, word and strobe of writes that are not legal.
ILLEGAL = [
    *((offset, 1, 0xF) for offset in (0x000, 0x004, 0x008, 0x00C, 0x010, 0x014, 0x018)),
    *((offset, 0, 0xF) for offset in (0x044, 0x050, 0x054, 0x058, 0x05C, 0x060, 0x064)),
    *((offset, 0, 0xF) for offset in (0x01C, 0x038, 0x03C, 0x068, 0x1FC, 0x218, 0xFFC)),
    *((0x034, 7, strobe) for strobe in (0, 1, 7, 14)),
    (0x020, 4, 0xF),
    (0x024, 11 << 16 | 42, 0xF), (0x024, 34 << 16 | 14, 0xF), (0x024, 11 << 16 | 1, 0xF),
    (0x024, 1 << 16 | 14, 0xF), (0x024, 0, 0xF), (0x024, 0xFFFFFFFF, 0xF),
    (0x028, 5 << 8, 0xF), (0x028, 1 << 5, 0xF), (0x028, 1 << 11, 0xF),
    (0x030, 4, 0xF), (0x030, 1 << 31, 0xF),
    (0x034, 256, 0xF), (0x034, 0xFFFFFFFF, 0xF),
    (0x040, 2, 0xF), (0x048, 1 << 5, 0xF), (0x04C, 1 << 10, 0xF),
    (0x200, 128, 0xF), (0x214, 0xFFFFFF7F, 0xF), (0x214, 0x0000FF80, 0xF),
]


def test_illegal_writes_change_nothing() -> None:
    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        words = {offset: await master.read(ctx, offset) for offset in range(0, 0x220, 4)}
        before = outputs(ctx, dut)
        for offset, value, strobe in ILLEGAL:
            place = f"0x{value:08x} to 0x{offset:03x}, strobe {strobe:04b}"
            assert await master.write(ctx, offset, value, strobe) == SLVERR, place
            if offset in words:
                assert await master.read(ctx, offset) == words[offset], place
        assert {offset: await master.read(ctx, offset) for offset in words} == words
        assert await master.write(ctx, 0x040, 1) == OKAY
        assert outputs(ctx, dut) == before | {"pending": 1}

    simulate(Filter(**FILTER), test, pause=0.2)


@pytest.mark.parametrize("width, answer", [
    (14, OKAY), (18, OKAY), (38, OKAY), (15, SLVERR), (16, SLVERR), (17, SLVERR), (41, SLVERR),
])
def test_the_width_keeps_its_remainder(width: int, answer: int) -> None:
    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        assert await master.write(ctx, 0x024, 11 << 16 | width) == answer

    simulate(Filter(**CASES["signed, 4 a clock"]), test)


def test_a_later_commit_replaces_one_that_waits_and_what_is_written_after_it_waits() -> None:
    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        async def write(offset: int, value: int) -> None:
            assert await master.write(ctx, offset, value) == OKAY

        def seen() -> tuple[int, ...]:
            now = outputs(ctx, dut)
            return now["offset"], now["border_value"], now["width"], now["pending"], now["resized"]

        await write(0x02C, 5)
        await write(0x024, 12 << 16 | 20)
        assert seen() == (-7, 77, 14, 0, 0)
        await write(0x040, 0)
        assert seen() == (-7, 77, 14, 0, 0)
        await write(0x040, 1)
        assert seen() == (5, 77, 20, 1, 1)
        await write(0x02C, 6)
        await write(0x034, 1)
        assert seen() == (5, 77, 20, 1, 1)
        assert await master.read(ctx, 0x02C) == (6, OKAY)
        await write(0x040, 1)
        assert seen() == (6, 1, 20, 1, 1)
        raise_events(ctx, dut, ["frame", "taken"])
        await ctx.tick()
        raise_events(ctx, dut, [])
        assert seen() == (6, 1, 20, 0, 0)
        await write(0x040, 1)
        assert seen() == (6, 1, 20, 1, 0)

    simulate(Filter(**FILTER), test)


@pytest.mark.parametrize("lead", range(12))
def test_a_commit_around_the_cycle_in_which_one_is_taken(lead: int) -> None:
    """What is committed is taken by one frame or the next, and never forgotten."""
    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        await master.write(ctx, 0x040, 1)
        await master.write(ctx, 0x02C, 5)
        await master.write(ctx, 0x024, 12 << 16 | 20)
        ctx.set(dut.bus.awvalid, 1)
        ctx.set(dut.bus.wvalid, 1)
        ctx.set(dut.bus.awaddr, 0x040)
        ctx.set(dut.bus.wdata, 1)
        ctx.set(dut.bus.wstrb, 0xF)
        for cycle in range(16):
            raise_events(ctx, dut, ["taken"] if cycle == lead else [])
            if cycle == lead:
                took = outputs(ctx, dut)
            await ctx.tick()
            ctx.set(dut.bus.awvalid, 0)
            ctx.set(dut.bus.wvalid, 0)
        after = outputs(ctx, dut)
        assert (after["offset"], after["width"]) == (5, 20)
        early = took["offset"] == 5
        assert took["width"] == (20 if early else 14)
        assert took["resized"] >= early  # a cycle before the size is there
        assert (after["pending"], after["resized"]) == (not early, not early)

    simulate(Filter(**FILTER), test, pause=0.0)


@pytest.mark.parametrize("lead", range(12))
def test_a_size_that_has_been_taken_is_not_new(lead: int) -> None:
    """Around the cycle in which a size is taken, something else is committed."""
    # The cycle in which that is on its way: what is taken is still what was committed before.
    copied = 8

    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        await master.write(ctx, 0x024, 12 << 16 | 20)
        await master.write(ctx, 0x040, 1)
        assert outputs(ctx, dut)["resized"] == 1
        await master.write(ctx, 0x02C, 5)
        ctx.set(dut.bus.awvalid, 1)
        ctx.set(dut.bus.wvalid, 1)
        ctx.set(dut.bus.awaddr, 0x040)
        ctx.set(dut.bus.wdata, 1)
        ctx.set(dut.bus.wstrb, 0xF)
        was_pending = 1
        for cycle in range(16):
            raise_events(ctx, dut, ["taken"] if cycle == lead else [])
            took = outputs(ctx, dut)
            if cycle == lead:
                was_pending = took["pending"]
                early = took["offset"] == 5
            await ctx.tick()
            ctx.set(dut.bus.awvalid, 0)
            ctx.set(dut.bus.wvalid, 0)
            if cycle == lead and lead != copied:
                assert outputs(ctx, dut)["resized"] == 0
        after = outputs(ctx, dut)
        assert was_pending
        assert (after["pending"], after["resized"]) == (not early, lead == copied)

    simulate(Filter(**FILTER), test, pause=0.0)


def test_frames_stop_before_the_settings_change_and_go_on_with_them() -> None:
    """``enable`` falls two cycles before the settings of its commit, and rises with them."""
    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        seen: list[tuple[int, int, int]] = []

        async def commit(enable: int, offset: int) -> None:
            assert await master.write(ctx, 0x020, enable) == OKAY
            assert await master.write(ctx, 0x02C, offset) == OKAY
            seen.clear()
            for name, value in (("awaddr", 0x040), ("wdata", 1), ("wstrb", 0xF), ("awvalid", 1),
                                ("wvalid", 1)):
                ctx.set(getattr(dut.bus, name), value)
            for _ in range(20):
                seen.append((ctx.get(dut.enable), outputs(ctx, dut)["offset"],
                             ctx.get(dut.bus.bvalid)))
                await ctx.tick()
                ctx.set(dut.bus.awvalid, 0)
                ctx.set(dut.bus.wvalid, 0)
            ctx.set(dut.bus.bready, 1)
            await ctx.tick()
            ctx.set(dut.bus.bready, 0)

        def first(place: int, value: int) -> int:
            return [each[place] for each in seen].index(value)

        await commit(0, 1)
        assert first(0, 0) == first(1, 1) - 2
        # Behind the settings, so that all that wait for them have seen them by then.
        assert first(2, 1) == first(1, 1) + 2
        await commit(0, 2)
        assert {enable for enable, _, _ in seen} == {0}
        await commit(1, 3)
        assert first(0, 1) == first(1, 3)
        await commit(1, 4)
        assert {enable for enable, _, _ in seen} == {1}

    simulate(Filter(**FILTER), test, pause=0.0)


@pytest.mark.parametrize("keys", [*CASES.values(), FILTER | {"kernel": [[7, -8]]}])
def test_each_register_takes_what_it_holds_after_a_reset(keys: dict[str, Any]) -> None:
    """And beside the registers there are none."""
    filter = Filter(**keys)
    registers = RegisterMap(filter).registers

    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        taken = {offset: word for each in registers if each.access == "rw"
                 for offset, word in zip(each.offsets, each.resets, strict=True)}
        last = registers[-1].offsets
        for offset in [*taken, *last, last[-1] + 4, last[-1] + 8, last[0] - 4]:
            answer = await master.write(ctx, offset, taken.get(offset, 0))
            assert answer == (OKAY if offset in taken else SLVERR), f"0x{offset:03x}"
        for offset, word in taken.items():
            assert await master.read(ctx, offset) == (word, OKAY)
        assert await master.read(ctx, last[-1] + 4) == (0, SLVERR)

    simulate(filter, test, pause=0.1)


@pytest.mark.parametrize("name", EVENT_NAMES)
def test_an_event_is_kept_counted_and_interrupts_where_it_is_enabled(name: str) -> None:
    registers = RegisterMap(Filter(**FILTER))
    mask = next(field.mask for field in registers["EVENTS"].fields if field.name == name)
    others = registers["EVENTS"].mask & ~mask
    counters = {"frame": 0x050, "short_line": 0x054, "long_line": 0x058, "early_start": 0x05C,
                "stray": 0x060, "overflow": 0x064}

    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        async def is_high() -> bool:
            _, _, high = await ctx.tick().sample(dut.interrupt)
            status, _ = await master.read(ctx, 0x044)
            assert status == high << 1
            return bool(high)

        assert await master.write(ctx, 0x04C, others) == OKAY
        raise_events(ctx, dut, [name])
        await ctx.tick()
        raise_events(ctx, dut, [])
        await ctx.tick().repeat(3)
        assert not await is_high()
        assert await master.write(ctx, 0x04C, mask) == OKAY
        assert await is_high()
        assert await master.read(ctx, 0x048) == (mask, OKAY)
        for event, offset in counters.items():
            assert await master.read(ctx, offset) == (event == name, OKAY)
        assert await master.write(ctx, 0x048, others) == OKAY
        assert await is_high()
        assert await master.write(ctx, 0x048, mask) == OKAY
        assert not await is_high()
        assert await master.read(ctx, 0x048) == (0, OKAY)

    simulate(Filter(**FILTER), test, pause=0.0)


def test_an_event_that_comes_while_it_is_cleared_stays() -> None:
    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        raise_events(ctx, dut, ["stray"])  # in every cycle
        await ctx.tick().repeat(3)
        assert await master.write(ctx, 0x048, 8) == OKAY
        assert await master.read(ctx, 0x048) == (8, OKAY)

    simulate(Filter(**FILTER), test)


@pytest.mark.parametrize("bits, wraps", [(16, 6), (32, (1 << 16) + 6)])
def test_counters_wrap(bits: int, wraps: int) -> None:
    m = Module()
    step = Signal(init=1)
    m.d.sync += step.eq(~step)
    count = _count(m, bits, step, "tested")

    async def testbench(ctx: Any) -> None:
        await ctx.tick().repeat(2 * ((1 << 16) + 6))
        assert ctx.get(count) == wraps

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


def test_a_counter_reads_as_far_as_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them stand at their greatest number."""
    monkeypatch.setattr("windrow.hdl.control.registers._count",
                        lambda m, bits, step, name: Const((1 << bits) - 1, bits))

    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        assert await master.read(ctx, 0x050) == (0xFFFFFFFF, OKAY)
        for offset in range(0x054, 0x068, 4):
            assert await master.read(ctx, offset) == (0xFFFF, OKAY)

    simulate(Filter(**FILTER), test)


def test_a_counter_carries_before_the_next_step() -> None:
    """Steps come in every second cycle; read at any time, the count is never far from right."""
    m = Module()
    step = Signal(init=1)
    m.d.sync += step.eq(~step)
    count = _count(m, 32, step, "tested")

    async def testbench(ctx: Any) -> None:
        low, high = count.parts  # type: ignore[attr-defined]
        ctx.set(low, 0xFFFA)
        ctx.set(high, 0x1233)
        for steps in range(1, 12):
            await ctx.tick()
            await ctx.tick()
            assert ctx.get(count) == 0x1233_FFFA + steps

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()


def test_reads_and_writes_at_the_same_time() -> None:
    """The two directions do not wait for each other."""
    filter = Filter(**FILTER)
    dut = Registers(filter)
    masters = [Master(dut.bus, random.Random(seed), 0.3) for seed in (1, 2)]

    async def writes(ctx: Any) -> None:
        for number in range(100):
            assert await masters[0].write(ctx, 0x02C, number) == OKAY
            assert await masters[0].write(ctx, 0x01C, number) == SLVERR

    async def reads(ctx: Any) -> None:
        last = 0
        for _ in range(200):
            value, answer = await masters[1].read(ctx, 0x02C)
            assert answer == OKAY
            assert last <= value < 100 or value == 0xFFFFFFF9
            last = 0 if value == 0xFFFFFFF9 else value

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(writes)
    sim.add_testbench(reads)
    sim.run()


@pytest.mark.parametrize("size, read_cycles", [(2, 8), (7, 9), (31, 11)])
def test_cycles_of_an_access(size: int, read_cycles: int) -> None:
    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        await master.write(ctx, 0x02C, 1)
        await master.read(ctx, 0x02C)
        assert master.cycles == {"write": 11, "read": read_cycles}

    simulate(Filter(**FILTER | {
        "kernel": [[1] * size] * size, "width": 41, "height": 33}), test, pause=0.0)


def test_the_largest_kernel_needs_more_than_4_kib() -> None:
    filter = Filter(**FILTER | {"kernel": [[1] * 31] * 31, "width": 31, "height": 31})
    assert RegisterMap(filter).address_bits == 13

    async def test(ctx: Any, dut: Registers, master: Master) -> None:
        last = 0x200 + 4 * 960
        assert await master.write(ctx, last, 9) == OKAY
        assert await master.read(ctx, last) == (9, OKAY)
        assert await master.read(ctx, last + 4) == (0, SLVERR)
        assert await master.write(ctx, 0x040, 1) == OKAY
        assert outputs(ctx, dut)["coefficients"] == [1] * 960 + [9]

    simulate(filter, test)
