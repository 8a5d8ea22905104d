"""What each device family has of its own, beside models of its cells and against yosys's counts."""

import random
from pathlib import Path

import pytest
from amaranth import Module
from amaranth.back import rtlil
from device_bench import (
    COMMAND_BITS,
    ConstantTrial,
    MemoryTrial,
    MultiplierTrial,
    Trial,
    any_width,
    cell_counts,
    check_core,
    models,
    run,
    steps,
    written_cells,
)
from needed import needed

from windrow.hdl import Core, PipelineCore
from windrow.hdl.arithmetic.multiplier import Multiplier
from windrow.hdl.devices import DEVICES, PARTS, ecp5, gowin, ice40
from windrow.hdl.window.line_memory import LineMemory
from windrow.model import Filter, Pipeline
from windrow.sim import ENGINES
from windrow.synth.targets import TARGETS


SEED = 5
COMMANDS = 14_000  # a word of the deepest memory is read twice

SYNTHESIS = {"ecp5": "synth_ecp5", "ice40": "synth_ice40 -device u", "gowin": "synth_gowin",
             "gatemate": "synth_gatemate"}
BLOCK_RAMS = {"ecp5": ("DP16KD",), "ice40": ("SB_RAM40_4K",), "gowin": ("SDPB", "SDPX9B"),
              "gatemate": ("CC_BRAM_20K",)}
MULTIPLIERS = {"ecp5": "MULT18X18D", "ice40": "SB_MAC16", "gowin": "MULT18X18"}

# Bits of a word, words: each depth, each width, and those at which blocks are cut.
MEMORIES = [
    (1, 1), (9, 1), (40, 17), (16, 300), (37, 512), (24, 513), (8, 640), (9, 1920), (40, 1920),
    (16, 2049), (1, 5000), (16, 5000),
]

# Each shape of a block, and words that are in several.
SMALL = [(1, 1), (40, 17), (37, 512), (24, 513), (9, 1920), (5, 2049), (3, 5000)]

# Bits of the factors, negative where signed.
FACTORS = [
    (1, 1), (8, -8), (-1, -40), (16, 16), (-16, -16), (16, -16), (-18, -18), (18, 18), (18, -18),
    (19, 18), (20, 20), (-20, 20), (-30, 16), (30, -16), (40, 40), (40, -40), (-40, -40),
]

# What outgrows an UP5K's EBR: bits, words, and the SPRAM that it then takes.
LARGE = [(64, 1920, 1), (72, 1921, 2), (39, 5000, 3), (50, 5001, 4)]

# Bits and words of memories, bits of factors, and the blocks that each family has for them.
COUNTS = [
    ((1, 1), 1, 1, 1, 1), ((37, 512), 3, 5, 2, 2), ((24, 513), 2, 6, 2, 2),
    ((40, 1920), 5, 20, 5, 4), ((16, 2049), 4, 16, 4, 4), ((31, 2049), 8, 18, 8, 7),
    ((5, 5000), 3, 9, 3, 3), ((72, 1921), 8, 28, 8, 8), ((88, 1920), 10, 28, 10, 9),
]
PRODUCTS = [(16, 16, 1, 1, 1), (18, -18, 1, 4, 1), (19, 18, 2, 4, 2), (30, 16, 2, 2, 2),
            (-20, -20, 4, 4, 4), (40, -40, 9, 9, 9)]


@pytest.mark.parametrize("family", DEVICES)
def test_line_memory(family: str) -> None:
    kind = DEVICES[family].line_memory
    trials: list[Trial] = [MemoryTrial(kind(bits, depth), bits, depth) for bits, depth in MEMORIES]
    found = run(trials, steps(random.Random(SEED), COMMANDS), models(family))
    assert dict(zip(MEMORIES, found, strict=True)) == dict.fromkeys(MEMORIES, (True, False))


def test_constants_in_block_ram() -> None:
    """Each shape of an ECP5's block, what is left to inference, and more than a block has."""
    sizes = [(5, 9), (300, 20), (45, 200), (18, 512), (40, 700), (19, 1500), (9, 3000), (5, 7000),
             (2, 9000), (3, 16385), (1, 33000)]
    trials = [ConstantTrial(DEVICES["ecp5"].constant_memory, *size) for size in sizes]
    found = run(trials, [0] * 33100, models("ecp5"))
    assert dict(zip(sizes, found, strict=True)) == dict.fromkeys(sizes, (True, False))


@pytest.mark.parametrize("bits, depth, count", [
    (8, 16, 0), (8, 256, 0), (9, 227, 0), (9, 228, 1), (18, 512, 1), (18, 513, 1), (36, 512, 1),
    (36, 513, 2), (54, 512, 2), (40, 300, 2), (5, 4097, 3), (20, 1500, 3), (1, 2048, 0),
    (1, 2049, 1), (1, 16384, 1), (1, 16385, 1), (3, 40000, 8), (1, 65536, 4)])
def test_blocks_of_constants(bits: int, depth: int, count: int) -> None:
    """Up to half of a block's words both ports read; a rest beyond whole blocks may be LUTs."""
    words = [number % (1 << bits) for number in range(depth)]
    text = rtlil.convert(ecp5.BlockROM(words, bits), emit_src=False)
    assert written_cells(text, "DP16KD") == count


@pytest.mark.parametrize("family", ["generic", "ecp5"])
def test_products_without_multipliers(family: str) -> None:
    trials = [MultiplierTrial(DEVICES[family].lut_multiplier, *each) for each in FACTORS[:9]]
    rng = random.Random(SEED)
    found = run(trials, [rng.getrandbits(COMMAND_BITS) for _ in range(1000)],
                models(family, carries=True))
    assert found == [(True, False)] * len(trials)


@pytest.mark.parametrize("family", DEVICES)
def test_lines_shorter_than_the_memory(family: str) -> None:
    kind = DEVICES[family].line_memory
    trials: dict[tuple[int, ...], Trial] = {
        (depth, words): MemoryTrial(kind(9, depth, shorter=True), 9, words)
        for depth, words in ((1921, 3), (1921, 258), (1921, 513), (640, 639), (640, 640))}
    if family == "ice40":
        trials |= {
            (depth, words): MemoryTrial(kind(64, depth, shorter=True), 64, words)
            for depth, words in ((1921, 6), (1921, 641), (1920, 640))}
        trials |= {
            (depth, words, later): MemoryTrial(
                ice40.SinglePortRAM(12, depth, shorter=True), 12, words, later=later,
                shortest_row=ice40.SinglePortRAM.turnaround + later)
            for depth in (64, 65) for words in (3, 4, 5, 64) for later in (0, 3)}
    found = run([*trials.values()], steps(random.Random(SEED), COMMANDS), models(family))
    assert dict(zip(trials, found, strict=True)) == dict.fromkeys(trials, (True, False))


def test_line_memory_in_spram() -> None:
    trials: dict[tuple[int, ...], Trial] = {
        (bits, depth): MemoryTrial(ice40.RAM(bits, depth), bits, depth) for bits, depth, _ in LARGE}
    # Alone, at any depth and width, and with words that are written later.
    for bits, depth in ((8, 2), (9, 5), (32, 6), (1, 7), (17, 641)):
        for later in (0, 3):
            memory = ice40.SinglePortRAM(bits, depth)
            trials[bits, depth, later] = MemoryTrial(
                memory, bits, depth, later=later, shortest_row=memory.turnaround + later)
    found = run([*trials.values()], steps(random.Random(SEED), COMMANDS), models("ice40"))
    assert dict(zip(trials, found, strict=True)) == dict.fromkeys(trials, (True, False))


@pytest.mark.parametrize("family", DEVICES)
def test_small_parts(family: str) -> None:
    """A second look at a few words and factors, which knows undefined values."""
    icarus()
    device = DEVICES[family]
    trials: list[Trial] = [
        MemoryTrial(device.line_memory(bits, depth), bits, depth, stride=max(depth // 24, 1) | 1)
        for bits, depth in SMALL]
    trials += [MultiplierTrial(device.multiplier, a, b) for a, b in FACTORS[:6]]
    found = run(trials, steps(random.Random(SEED), 260), models(family), "icarus")
    assert found == [(True, False)] * len(trials)


def test_small_spram(monkeypatch: pytest.MonkeyPatch) -> None:
    icarus()
    monkeypatch.setattr(ice40, "_BLOCKS", 1)  # so that the last one needs both kinds
    trials: list[Trial] = []
    for bits, depth in ((8, 2), (9, 5), (32, 6), (1, 7)):
        for later in (0, 1):
            memory = ice40.SinglePortRAM(bits, depth)
            trials.append(MemoryTrial(memory, bits, depth, later=later,
                                      shortest_row=memory.turnaround + later))
    assert ice40.spram_count(24, 6) == 1
    trials.append(MemoryTrial(ice40.RAM(24, 6), 24, 6))
    found = run(trials, steps(random.Random(SEED), 260), models("ice40"), "icarus")
    assert found == [(True, False)] * len(trials)


def icarus() -> None:
    with needed():
        ENGINES["icarus"].require()


class _Late(LineMemory):
    """Says that a word comes a cycle before it does."""

    read_latency = 1


class _Unsigned(Multiplier):
    """Takes its factors for unsigned."""

    def _block(self, m, name, a, b):
        return super()._block(m, name, a.as_unsigned(), b.as_unsigned())


def test_the_bench_finds_faults() -> None:
    trials: list[Trial] = [
        MemoryTrial(_Late(8, 17), 8, 17), MemoryTrial(LineMemory(8, 17), 8, 17),
        MultiplierTrial(_Unsigned, -8, -8), MultiplierTrial(_Unsigned, 8, 8)]
    found = run(trials, steps(random.Random(SEED), 200), "")
    assert found == [(True, True), (True, False), (True, True), (True, False)]


class _Half(Multiplier):
    """One of two products in a block; the other one's factors are other bits."""

    half = 0

    def elaborate(self, platform):
        m = Module()
        m.submodules.both = both = ice40.DSPPair(*self._ranges)
        for number in range(2):
            for name, factor in (("a", self.a), ("b", self.b)):
                taken = factor if number == self.half else factor ^ 0x55
                m.d.comb += getattr(both, f"{name}_{number}").eq(taken)
        m.d.comb += self.product.eq(getattr(both, f"product_{self.half}"))
        return m

    def __init__(self, a, b):
        self._ranges = a, b
        super().__init__(a, b)


class _OtherHalf(_Half):
    half = 1


@pytest.mark.parametrize("family", DEVICES)
def test_multiplier(family: str) -> None:
    rng = random.Random(SEED)
    kind = DEVICES[family].multiplier
    half = COMMAND_BITS // 2

    def factor() -> int:
        one = 1 << rng.randrange(41)  # the least and greatest of any width are among these
        return rng.choice([0, -1, one, one - 1, -one, rng.getrandbits(half)]) % (1 << half)

    factors = [(kind, a, b) for a, b in FACTORS]
    # Those that take less room, or two in one block.
    narrow = {"ice40": (_Half, _OtherHalf), "gowin": (gowin.HalfDSP,)}.get(family, ())
    factors += [(each, a, b) for each in narrow for a, b in (
        (8, 8), (8, -8), (-8, 8), (-8, -8), (3, -5))]
    trials: list[Trial] = [MultiplierTrial(each, a, b) for each, a, b in factors]
    commands = [factor() | factor() << half for _ in range(4000)]
    found = run(trials, commands, models(family))
    assert dict(zip(factors, found, strict=True)) == dict.fromkeys(factors, (True, False))


@pytest.mark.parametrize("family", SYNTHESIS)
def test_core_with_cells(family: str) -> None:
    filter = Filter(kernel=[[3, -5, 7], [11, 13, -37], [77, 101, 9]], width=33, height=9, shift=8)
    check_core(filter, family, "multipliers")


@pytest.mark.parametrize("operation", ["erode", "dilate"])
def test_core_with_a_stored_queue(operation: str) -> None:
    """So many bits a line that its queue is in block RAM."""
    filter = Filter(**{operation: 9}, width=13, height=11, pixel="u16", channels=3)
    assert isinstance(Core(filter, target="ecp5")._queue, ecp5.Queue)
    check_core(filter, "ecp5", "auto", carries=True)


def test_pipeline_with_a_stored_queue() -> None:
    pipeline = Pipeline([{"erode": 9}, {"dilate": 9}], width=13, height=11, pixel="u16", channels=3)
    (way,) = PipelineCore(pipeline, target="ecp5").ways
    assert isinstance(way.queue, ecp5.Queue)
    check_core(pipeline, "ecp5", "auto", carries=True)


def test_where_a_queue_is_stored() -> None:
    """Beside 17 block RAMs of lines and more, and where the steps take as long as they would."""
    lines = {rows: Filter(dilate=(rows, 3), width=1920, height=64) for rows in (18, 19, 20)}
    assert [ecp5.block_count(8 * (rows - 1), 1920) for rows in lines] == [16, 16, 17]
    assert [isinstance(Core(each, target="ecp5")._queue, ecp5.Queue)
            for each in lines.values()] == [False, False, True]
    box = Filter(kernel="box:ksize=31", shift=10, width=1920, height=64)
    assert not isinstance(Core(box, target="ecp5")._queue, ecp5.Queue)


@pytest.mark.parametrize(("family", "bits"), [
    ("ecp5", 18432), ("ice40", 4096), ("gowin", 18432), ("gatemate", 20480)])
def test_a_family_has_what_its_devices_have(family: str, bits: int) -> None:
    """Block RAM as the largest of those that are synthesised for, and no more multipliers."""
    sizes = [target.capacity for target in TARGETS.values() if target.family == family]
    device = DEVICES[family]
    assert device.block_ram_bits == bits * max(size["rams"] for size in sizes)
    assert device.multiplier_count in (None, max(size["dsps"] for size in sizes))
    parts = {name: part for name, part in PARTS.items() if name in TARGETS}
    assert {name: part.multiplier_count for name, part in parts.items()} == {
        name: TARGETS[name].capacity["dsps"] for name in parts}


def test_core_with_spram() -> None:
    filter = Filter(kernel=[[n * n - 30] for n in range(11)], width=17, height=13, pixel="u16",
                    channels=3, shift=6)
    bits = 10 * 3 * 16
    assert ice40.spram_count(bits, 17) == 4
    check_core(filter, "ice40", "auto")


@pytest.mark.parametrize("family", SYNTHESIS)
def test_block_rams_are_as_counted(family: str, tmp_path: Path) -> None:
    device = DEVICES[family]
    assert device.block_count is not None
    sizes = [*MEMORIES, (64, 640), (72, 640), (3, 100), (20, 640), (31, 2049), (5, 16_384)]
    counts = cell_counts([device.line_memory(bits, depth) for bits, depth in sizes],
                         SYNTHESIS[family], tmp_path)
    found = {size: sum(cells[name] for name in BLOCK_RAMS[family])
             for size, cells in zip(sizes, counts, strict=True)}
    assert found == {(bits, depth): device.block_count(bits, depth) for bits, depth in sizes}


def test_spram_are_as_counted(tmp_path: Path) -> None:
    counts = cell_counts([ice40.RAM(bits, depth) for bits, depth, _ in LARGE],
                         SYNTHESIS["ice40"], tmp_path)
    found = [(cells["SB_SPRAM256KA"], cells["SB_RAM40_4K"]) for cells in counts]
    assert found == [(sprams, ice40.block_count(bits, depth)) for bits, depth, sprams in LARGE]
    assert found == [(ice40.spram_count(bits, depth), blocks)
                     for (bits, depth, _), (_, blocks) in zip(LARGE, found, strict=True)]
    assert all(blocks <= 28 for _, blocks in found)


@pytest.mark.parametrize("family", SYNTHESIS)
def test_small_counts(family: str) -> None:
    """Of blocks that are there before any synthesis."""
    device = DEVICES[family]
    assert device.block_count is not None
    for (bits, depth), *counts in COUNTS:
        text = rtlil.convert(device.line_memory(bits, depth))
        cells = written_cells(text, *BLOCK_RAMS[family])
        assert cells == device.block_count(bits, depth) == counts[[*SYNTHESIS].index(family)]
    for a, b, *counts in PRODUCTS if family in MULTIPLIERS else ():
        multiplier = device.multiplier(any_width(a), any_width(b))
        text = rtlil.convert(multiplier)
        cells = written_cells(text, MULTIPLIERS[family])
        assert cells == counts[[*SYNTHESIS].index(family)]
        assert cells == device.multiplier.block_count(any_width(a), any_width(b))


@pytest.mark.parametrize("family", MULTIPLIERS)
def test_multipliers_are_as_counted(family: str, tmp_path: Path) -> None:
    kind = DEVICES[family].multiplier
    factors = [(any_width(a), any_width(b)) for a, b in FACTORS]
    counts = cell_counts([kind(a, b) for a, b in factors], SYNTHESIS[family], tmp_path)
    found = [cells[MULTIPLIERS[family]] for cells in counts]
    assert found == [kind.block_count(a, b) for a, b in factors]
    # One block for what fits, and no product but in blocks.
    assert found[FACTORS.index((-16, -16))] == 1


def test_line_in_ice40_needs_no_multiplexers(tmp_path: Path) -> None:
    (cells,) = cell_counts([ice40.RAM(16, 640)], SYNTHESIS["ice40"], tmp_path)
    assert cells.keys() == {"SB_RAM40_4K"}


def test_queue_in_ice40_is_a_block(tmp_path: Path) -> None:
    (cells,) = cell_counts([ice40.Queue(10, 10)], SYNTHESIS["ice40"], tmp_path)
    assert cells["SB_RAM40_4K"] == ice40.block_count(10, 16) == 1


def test_running_sums_with_spram() -> None:
    """Their sums are written later than a line is."""
    filter = Filter(kernel="box:ksize=11", width=17, height=23, pixel="u16", channels=3, shift=7)
    assert ice40.spram_count(10 * 3 * 16, 17) == 4
    check_core(filter, "ice40", "running-sum")
