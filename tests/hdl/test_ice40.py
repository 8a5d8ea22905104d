"""Line memories of the iCE40, simulated with small models of its RAMs: quick, and to the edge."""

import random
import re
from itertools import product
from typing import Any

import pytest
from amaranth import *
from amaranth.back import rtlil
from amaranth.hdl import Fragment
from amaranth.lib.memory import Memory
from amaranth.sim import Simulator
from device_bench import MemoryTrial

from windrow.hdl import build
from windrow.hdl.devices import ice40
from windrow.hdl.window.line_memory import LineMemory
from windrow.model import Filter


SEED = 7

DEPTHS = (1, 256, 257, 512, 513, 640, 1024, 1500, 1920, 2048, 2049, 5000, 16_384)


def spram(**ports: Any) -> Module:
    """An SB_SPRAM256KA: it writes or it reads, and after a write nobody knows what it gives."""
    m = Module()
    m.submodules.rows = rows = Memory(shape=16, depth=1 << 14, init=[])
    read, write = rows.read_port(), rows.write_port(granularity=4)
    reads = Signal()
    m.d.sync += reads.eq(~ports["i_WREN"])
    m.d.comb += [
        read.addr.eq(ports["i_ADDRESS"]),
        write.addr.eq(ports["i_ADDRESS"]),
        write.data.eq(ports["i_DATAIN"]),
        write.en.eq(ports["i_MASKWREN"] & ports["i_WREN"].replicate(4)),
        ports["o_DATAOUT"].eq(Mux(reads, read.data, 0xA5A5)),
    ]
    return m


def ebr(**ports: Any) -> Module:
    """An SB_RAM40_4K, as yosys's ice40/cells_sim.v has it: 256 rows of 16 columns.

    Of a narrower word each bit has 2, 4 or 8 columns, of which the highest bits of the address
    choose one, and the pin of one of them.
    """
    m = Module()
    m.submodules.rows = rows = Memory(shape=16, depth=256, init=[])
    read, write = rows.read_port(), rows.write_port(granularity=1)
    step, reading, writing = 1 << ports["p_READ_MODE"], ports["i_RADDR"], ports["i_WADDR"]
    assert ports["p_WRITE_MODE"] == ports["p_READ_MODE"]
    pin = {1: 0, 2: 0, 4: 1, 8: 3}[step]
    chosen = Signal(3)
    m.d.sync += chosen.eq(reading[8:] % step)
    m.d.comb += [read.addr.eq(reading[:8]), write.addr.eq(writing[:8])]
    for column in range(16):
        first = column // step * step
        m.d.comb += [
            write.data[column].eq(ports["i_WDATA"][first + pin]),
            write.en[column].eq(
                ports["i_WE"] & ports["i_WCLKE"] & (writing[8:] % step == column % step)),
        ]
        if column == first:
            m.d.comb += ports["o_RDATA"][first + pin].eq(read.data.bit_select(first + chosen, 1))
    return m


def instances(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the cells that are made from now on are given, each of which is its model."""
    found = []

    def instance(name: str, **ports: Any) -> Module:
        found.append(ports)
        return {"SB_SPRAM256KA": spram, "SB_RAM40_4K": ebr}[name](**ports)

    monkeypatch.setattr(ice40, "Instance", instance)
    return found


class Noisy(LineMemory):
    """A memory whose addresses and words are noise while nothing is enabled."""

    def __init__(self, memory: LineMemory) -> None:
        super().__init__(memory._shape, memory._depth)
        self._memory = memory
        self.read_latency, self.turnaround = memory.read_latency, memory.turnaround

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.memory = inner = self._memory
        noise = Signal(31, init=SEED)
        m.d.sync += noise.eq(Cat(noise[30] ^ noise[27], noise))
        m.d.comb += [
            inner.read_enable.eq(self.read_enable),
            inner.write_enable.eq(self.write_enable),
            self.read_data.eq(inner.read_data),
        ]
        for way, names in (("read", ("address", "last")), ("write", ("address", "last", "data"))):
            for name in names:
                port = f"{way}_{name}"
                value = getattr(self, port)
                m.d.comb += getattr(inner, port).eq(
                    Mux(getattr(self, f"{way}_enable"), value, noise.replicate(2)))
        return m


def steps(cycles: int) -> list[int]:
    """Commands of a trial: steps without a pause, then with some, then with many."""
    rng = random.Random(SEED)
    return [rng.getrandbits(64) << 1 | (rng.random() < (1, 0.8, 0.4)[at * 3 // cycles])
            for at in range(cycles)]


def fails(trial: MemoryTrial, cycles: int) -> bool:
    """Whether a word came out wrong."""
    found = []

    async def testbench(ctx: Any) -> None:
        for command in steps(cycles):
            ctx.set(trial.command, command)
            await ctx.tick()
        assert ctx.get(trial.checked)
        found.append(bool(ctx.get(trial.failed)))

    simulator = Simulator(trial)
    simulator.add_clock(1e-6)
    simulator.add_testbench(testbench)
    simulator.run()
    return found[0]


@pytest.mark.parametrize(("bits", "depth"), [(6, 1), (8, 2), (8, 3), (9, 5), (32, 6), (1, 7)])
@pytest.mark.parametrize("later", [0, 1, 2, 3])
def test_spram(bits: int, depth: int, later: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With words that are written at once, or later."""
    instances(monkeypatch)
    memory = Noisy(ice40.SinglePortRAM(bits, depth))
    trial = MemoryTrial(memory, bits, depth, later=later, shortest_row=memory.turnaround + later)
    assert not fails(trial, 120)


@pytest.mark.parametrize("words", [3, 4, 5, 7, 8])
@pytest.mark.parametrize("depth", [8, 9])
def test_shorter_lines_in_spram(words: int, depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    instances(monkeypatch)
    memory = Noisy(ice40.SinglePortRAM(12, depth, shorter=True))
    assert not fails(MemoryTrial(memory, 12, words), 120)


@pytest.mark.parametrize("words", [5, 8])
def test_shorter_lines_in_both_kinds(words: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lowest 8 bits of 24 in SPRAM, the others in an EBR: there is one."""
    monkeypatch.setattr(ice40, "_BLOCKS", 1)
    made = instances(monkeypatch)
    assert not fails(MemoryTrial(ice40.RAM(24, 8, shorter=True), 24, words), 120)
    assert len(made) == ice40.spram_count(24, 8) + ice40.block_count(24, 8) == 2


@pytest.mark.parametrize(
    ("bits", "depth", "parts"), [(16, 640, 1), (8, 16_384, 1), (113, 1024, 2)])
def test_no_part_without_bits(bits: int, depth: int, parts: int) -> None:
    assert len(Fragment.get(ice40.RAM(bits, depth), None).subfragments) == parts


@pytest.mark.parametrize(("bits", "depth", "stride"), [
    (20, 3, 1), (9, 300, 29), (5, 600, 55), (3, 1500, 137), (2, 4000, 363), (1, 5000, 1024)])
def test_blocks(bits: int, depth: int, stride: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In each of their shapes, side by side and behind each other, with words in the same place."""
    instances(monkeypatch)
    memory = ice40.BlockRAM(bits, depth)
    assert not fails(MemoryTrial(memory, bits, depth, stride=stride), 120)


@pytest.mark.parametrize("kind", [ice40.SinglePortRAM, ice40.RAM])
def test_the_last_word_is_not_looked_at_where_lines_are_full(
    kind: type[LineMemory], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing need drive ``read_last`` and ``write_last`` then."""
    monkeypatch.setattr(ice40, "_BLOCKS", 0)
    instances(monkeypatch)

    class Deaf(kind):  # type: ignore[misc, valid-type]
        def elaborate(self, platform: Any) -> Module:
            self.read_last, self.write_last = Const(1), Const(1)
            return super().elaborate(platform)

    for depth in (6, 7):
        assert not fails(MemoryTrial(Deaf(8, depth), 8, depth), 120)


@pytest.mark.parametrize(("kind", "depth"), [(ice40.BlockRAM, 1), (LineMemory, 2)])
def test_no_shorter_turnaround_would_do(
    kind: type[LineMemory], depth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    instances(monkeypatch)
    for less in (0, 1):
        memory = kind(8, depth)
        memory.turnaround -= less
        trial = MemoryTrial(memory, 8, depth, shortest_row=memory.turnaround)
        assert fails(trial, 60) == bool(less)


def test_turnaround_is_that_of_the_slower_kind() -> None:
    assert ice40.RAM.turnaround == max(
        ice40.BlockRAM.turnaround, ice40.SinglePortRAM.turnaround)


@pytest.mark.parametrize("depth", [2, 7, 8])
def test_every_pair_is_written_once(depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing takes power."""
    made = instances(monkeypatch)
    memory = ice40.SinglePortRAM(8, depth)
    writes = []

    async def testbench(ctx: Any) -> None:
        for address in [*range(depth), *[None] * 5, *range(depth), *[None] * 5]:
            ctx.set(memory.write_enable, address is not None)
            ctx.set(memory.write_address, address or 0)
            writes.append(ctx.get(made[0]["i_WREN"]))
            await ctx.tick()

    simulator = Simulator(memory)
    simulator.add_clock(1e-6)
    simulator.add_testbench(testbench)
    simulator.run()
    assert sum(writes) == 2 * (depth // 2)


def test_slices_hold_a_word_and_no_more() -> None:
    for bits, depth in product((1, 2, 3, 8, 16, 17, 31, 59, 88, 97), DEPTHS):
        for blocks, shapes in (ice40._slices(bits, depth), ice40._fewest(bits, depth)):
            widths = [width for _, width in shapes]
            assert sum(widths[:-1]) < bits <= sum(widths)
            assert all(words * width == 4096 for words, width in shapes)
            assert blocks == sum(-(-depth // words) for words, _ in shapes)


def test_the_fewest_blocks_are_the_fewest() -> None:
    for bits, depth in product((1, 3, 6, 11, 21), DEPTHS):
        shapes = [(width, -(-depth // (4096 // width))) for width in (2, 4, 8, 16)]
        least = min(
            sum(count * blocks for count, (_, blocks) in zip(counts, shapes, strict=True))
            for counts in product(range(bits // 2 + 2), range(4), range(3), range(3))
            if sum(count * width for count, (width, _) in zip(counts, shapes, strict=True)) >= bits)
        assert ice40._fewest(bits, depth)[0] == least


def test_deeper_blocks_replace_shallow_ones_while_they_last() -> None:
    """28 that are deep enough, where 21 would hold as much; but not 29."""
    assert ice40._fewest(112, 640)[0] == 21
    assert ice40._slices(112, 640) == (28, ((1024, 4),) * 28)
    assert ice40._slices(113, 640)[0] < 28
    assert ice40._slices(37, 512) == (5, ((512, 8),) * 5)
    assert ice40._slices(3, 2049) == (4, ((2048, 2),) * 2)


def test_spram_are_as_few_as_will_do() -> None:
    for bits, depth in product((1, 4, 8, 24, 32, 64, 88, 97, 112, 130), DEPTHS):
        count, left = ice40.spram_count(bits, depth), ice40.block_count(bits, depth)
        tried = [ice40._slices(bits - 8 * number, depth)[0] for number in range(5)]
        assert tried[count] == left
        assert all(blocks > 28 for blocks in tried[:count])
        # If all of them are too few, it takes none.
        assert left <= 28 or (count == 0 and min(tried) > 28)


@pytest.mark.parametrize(("bits", "depth", "sprams", "blocks"), [
    (112, 1024, 0, 28), (113, 1024, 1, 27), (24, 16_384, 3, 0), (8, 16_384, 1, 0),
    (3, 16_384, 0, 16), (4, 32_768, 1, 0), (88, 1920, 4, 28), (92, 1920, 0, 46), (142, 1024, 4, 28),
    (145, 1024, 0, 37),
])
def test_line_memory_fits_an_up5k(bits: int, depth: int, sprams: int, blocks: int) -> None:
    """30 EBR, of which two are left to others, and four SPRAM; if these are too few, EBR only."""
    assert (ice40.spram_count(bits, depth), ice40.block_count(bits, depth)) == (sprams, blocks)


@pytest.mark.parametrize(("target", "multipliers"), [("ice40", 8), ("hx8k", 0)])
def test_run_time_products_beyond_the_parts_multipliers_are_in_luts(
    target: str, multipliers: int
) -> None:
    runtime = Filter(kernel=[[1, 2, 3], [4, 5, 6], [7, 8, 9]], width=9, height=4,
                     control="axi4-lite", coefficients="runtime")
    text = build(runtime, "core", target=target).verilog
    assert len(re.findall(r"^ +SB_MAC16 #", text, re.MULTILINE)) == multipliers


@pytest.mark.parametrize(("words", "blocks"), [(16, 0), (17, 1)])
def test_constants_of_more_words_than_a_few_are_in_a_block(words: int, blocks: int) -> None:
    text = rtlil.convert(ice40.ROM([5 * at % 64 for at in range(words)], 6))
    assert len(re.findall(r"^  memory ", text, re.MULTILINE)) == blocks


@pytest.mark.parametrize(("bits", "kind"), [(32, ice40.RegisterQueue), (33, ice40.Queue)])
def test_queues_of_more_bits_than_a_few_are_in_a_block(bits: int, kind: type) -> None:
    """Up to 128 bits of two values on their way, the one that comes and the one that leaves."""
    assert type(ice40.short_queue(unsigned(bits), 2)) is kind
