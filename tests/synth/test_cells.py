"""The models of cells: what yosys infers behaves as its source, and what they refuse."""

import contextlib
import random
import re
from pathlib import Path

import pytest
from commands import answers, command_core, engines, pack, random_commands
from needed import needed

import windrow.synth
from windrow.sim import CoreError
from windrow.synth.netlist import netlist_design
from windrow.synth.yosys import share


SEED = 11
MODELS = "\n".join(
    path.read_text() for path in sorted((Path(windrow.synth.__path__[0]) / "cells").glob("*.v")))


@pytest.fixture(params=["verilator", "icarus"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param not in engines():
        pytest.skip(f"{request.param} is missing")
    return request.param


def available(name: str) -> str:
    """Return the engine ``name``, or where it is missing the other one."""
    found = engines()
    if not found:
        pytest.skip("verilator and icarus are missing")
    return name if name in found else found[0]


# --- The block RAM -------------------------------------------------------------------------------

MEMORY = {"write": (0, 4), "read": (4, 1), "write_address": (8, 14), "read_address": (24, 14),
          "clear": (40, 1), "data": (64, 36)}


def few_addresses(rng: random.Random, bits: int) -> list[int]:
    """Addresses in which every bit matters, few enough for reads to meet writes."""
    return [0, *(1 << bit for bit in range(bits)), (1 << bits) - 1,
            *(rng.getrandbits(bits) for _ in range(6))]


def memory_source(
    depth_bits: int, width: int, byte: int, read_width: int, clear: bool, contents: dict[int, int]
) -> str:
    """Return a plain memory.

    It is written in words of ``width`` bits with an enable for each ``byte`` of them, and read in
    words of ``read_width`` bits, as many or fewer.
    """
    parts = width // read_width
    part_bits = (parts - 1).bit_length()
    writes = ""
    for first in range(0, width, min(byte, read_width)):
        part, bit = divmod(first, read_width)
        address = f"{{write_address, {part_bits}'d{part}}}" if part_bits else "write_address"
        bits = min(byte, read_width)
        writes += (f"    if (command[{first // byte}]) "
                   f"memory[{address}][{bit} +: {bits}] <= data[{first} +: {bits}];\n")
    return f"""
  (* ram_style = "block" *)
  reg [{read_width - 1}:0] memory [0:{(parts << depth_bits) - 1}];
  initial begin
    {" ".join(f"memory[{index}] = {word};" for index, word in contents.items())}
  end
  wire [{depth_bits - 1}:0] write_address = command[8 +: {depth_bits}];
  wire [{depth_bits + part_bits - 1}:0] read_address = command[24 +: {depth_bits + part_bits}];
  wire [{width - 1}:0] data = command[64 +: {width}];
  reg [{read_width - 1}:0] word = 0;
  always @(posedge clk) begin
{writes}    {"if (command[40]) word <= 0; else" if clear else ""}
    if (command[4]) word <= memory[read_address];
  end
  assign answer = word;
"""


# Address bits, width of a write, bits that an enable writes, width of a read; whether the output
# has a reset. All widths of the block, and reads of another width than the writes.
MEMORIES = [
    (9, 36, 9, 36, False), (9, 36, 36, 36, True), (10, 18, 9, 18, False), (10, 18, 18, 18, True),
    (11, 9, 9, 9, False), (12, 4, 4, 4, False), (13, 2, 2, 2, True), (14, 1, 1, 1, False),
    (9, 36, 36, 9, False), (9, 36, 9, 18, False), (9, 32, 32, 4, False), (10, 16, 16, 1, False),
    (8, 13, 13, 13, False),
]


@pytest.mark.thinned(2)
@pytest.mark.usefixtures("_yosys")
@pytest.mark.parametrize("depth_bits, width, byte, read_width, clear", MEMORIES)
def test_inferred_memory_is_the_source(
    depth_bits: int, width: int, byte: int, read_width: int, clear: bool
) -> None:
    rng = random.Random(SEED)
    few = few_addresses(rng, depth_bits)
    parts = width // read_width
    reads = [address * parts + part for address in few for part in range(parts)]
    # Words that are never read may stay undefined: yosys takes long over large initial contents.
    contents = {address: rng.getrandbits(min(read_width, 31)) for address in reads}
    source = command_core(
        memory_source(depth_bits, width, byte, read_width, clear, contents), 1)
    mapped, made = netlist_design(source, "ecp5")
    assert made.cells["DP16KD"] == 1
    choices = {"write_address": few, "read_address": reads}
    frame = pack(random_commands(rng, MEMORY, choices), MEMORY)
    engine = available("icarus")
    assert answers(mapped, frame, engine) == answers(source, frame, engine), f"seed {SEED}"


def block_ram(parameters: dict[str, object], connections: dict[str, str]) -> str:
    """Return an instance of DP16KD. Buses in ``connections`` are spread over the bits' ports; what
    is not named is tied to 0."""
    ports: dict[str, str] = {}
    for port in "AB":
        ports |= {f"{name}{port}": "1'b0" for name in ("CE", "OCE", "WE", "RST")}
        ports |= {f"CLK{port}": "clk"}
        ports |= {f"CS{port}{bit}": "1'b0" for bit in range(3)}
        for name, count in (("DI", 18), ("AD", 14), ("DO", 18)):
            bus = connections.get(f"{name}{port}")
            ports |= {f"{name}{port}{bit}": "" if name == "DO" and bus is None
                      else "1'b0" if bus is None else f"{bus}[{bit}]" for bit in range(count)}
    buses = [f"{name}{port}" for name in ("DI", "AD", "DO") for port in "AB"]
    ports |= {name: value for name, value in connections.items() if name not in buses}
    return instance("DP16KD", parameters, ports)


def instance(cell: str, parameters: dict[str, object], ports: dict[str, str]) -> str:
    values = ", ".join(
        f".{name}({value})" if isinstance(value, int) else f'.{name}("{value}")'
        for name, value in parameters.items())
    pins = ", ".join(f".{name}({value})" for name, value in ports.items())
    return f"  {cell} #({values}) cell_ ({pins});\n"


def simple_dual_port(width: int, alignment: int, **parameters: object) -> str:
    """Return a block RAM as a line memory has it: port A writes, port B reads."""
    enables = "{11'd0, 3'b111}" if width >= 18 else "14'd0"
    return f"""
  wire [13:0] write_address = command[8 +: 14] << {alignment} | {enables};
  wire [13:0] read_address = command[24 +: 14] << {alignment};
  wire [35:0] data = command[64 +: 36];
  wire [17:0] low = data[17:0];
  wire [17:0] word;
  assign answer = word & {(1 << width) - 1};
""" + block_ram(
        {"DATA_WIDTH_A": width, "DATA_WIDTH_B": width, **parameters},
        {"DIA": "low", "ADA": "write_address", "CEA": "1'b1", "WEA": "command[0]",
         "ADB": "read_address", "DOB": "word", "CEB": "command[4]", "OCEB": "command[5]",
         "RSTB": "command[40]"})


ALIGNMENT = {1: 0, 2: 1, 4: 2, 9: 3, 18: 4}
"""Width of a port and the address bit at which its word address begins."""

PORTS = {**MEMORY, "enable": (5, 1)}


def ram_commands(rng: random.Random, width: int) -> list[dict[str, int]]:
    """Return commands that never read what they write."""
    few = few_addresses(rng, 14 - ALIGNMENT[width])
    rows = random_commands(rng, PORTS, {
        "write_address": few, "read_address": few, "clear": [0] * 20 + [1],
        "write": [0, 1], "enable": [0, 1, 1, 1], "read": [0, 1, 1, 1],
    })
    rows[0]["clear"] = 1
    for row in rows:
        if row["read_address"] == row["write_address"]:
            row["write"] = 0
        if row["clear"]:
            row["write"] = 0
    return rows


# Icarus starts at once and knows undefined values; Verilator is what the cores run on.
@pytest.mark.parametrize("width, registered, simulator", [
    *((width, registered, "icarus") for width in ALIGNMENT for registered in (False, True)),
    (18, True, "verilator"), (9, False, "verilator"),
])
def test_line_memory(width: int, registered: bool, simulator: str) -> None:
    body = simple_dual_port(width, ALIGNMENT[width],
                            REGMODE_B="OUTREG" if registered else "NOREG",
                            WRITEMODE_A="READBEFOREWRITE")
    commands = ram_commands(random.Random(SEED), width)
    memory: dict[int, int] = {}
    latch = out = 0
    wanted = []
    for row in commands:
        out = 0 if row["clear"] else latch if row["enable"] else out
        if row["clear"]:
            latch = 0
        elif row["read"]:
            latch = memory.get(row["read_address"], 0)
        wanted.append(out if registered else latch)
        if row["write"]:
            memory[row["write_address"]] = row["data"] & ((1 << width) - 1)
    got = answers(command_core(body, 1, MODELS), pack(commands, PORTS), available(simulator))
    assert got == wanted, f"seed {SEED}"
    assert len(set(got)) > 1


def single_port_source(mode: str) -> str:
    """Return a memory that one port reads and writes, and that takes no write with a reset."""
    read = {"NORMAL": "if (!command[0]) word <= memory[address];",
            "READBEFOREWRITE": "word <= memory[address];"}[mode]
    return f"""
  (* ram_style = "block" *)
  reg [8:0] memory [0:2047];
  integer i;
  initial for (i = 0; i < 2048; i = i + 1) memory[i] = i;
  wire [10:0] address = command[8 +: 11];
  reg [8:0] word = 0;
  always @(posedge clk)
    if (command[40]) word <= 0;
    else if (command[4]) begin
      if (command[0]) memory[address] <= command[64 +: 9];
      {read}
    end
  assign answer = word;
"""


def single_port(mode: str) -> str:
    """Return the block RAM that is :func:`single_port_source`."""
    # 16 words of 18 bits in each, 20 bits apart; the memory holds its own addresses.
    values = ", ".join(
        f".INITVAL_{block:02X}(320'b" + "".join(
            f"00{32 * block + 2 * word + 1 & 511:09b}{32 * block + 2 * word & 511:09b}"
            for word in reversed(range(16))) + ")"
        for block in range(64))
    cell = block_ram(
        {"DATA_WIDTH_A": 9, "DATA_WIDTH_B": 9, "WRITEMODE_A": mode},
        {"DIA": "data", "ADA": "address", "DOA": "word", "CEA": "command[4]", "WEA": "command[0]",
         "RSTA": "command[40]"})
    return """
  wire [13:0] address = command[8 +: 11] << 3;
  wire [17:0] data = command[64 +: 9];
  wire [17:0] word;
  assign answer = word[8:0];
""" + cell.replace("DP16KD #(", f"DP16KD #({values}, ")


@pytest.mark.usefixtures("_yosys")
@pytest.mark.parametrize("mode", ["NORMAL", "READBEFOREWRITE"])
def test_one_port_reads_and_writes(mode: str) -> None:
    source = command_core(single_port_source(mode), 1)
    mapped, made = netlist_design(source, "ecp5")
    assert made.cells["DP16KD"] == 1
    rng = random.Random(SEED)
    few = few_addresses(rng, 11)
    rows = random_commands(rng, MEMORY, {
        "write": [0, 1], "write_address": few, "clear": [0, 0, 0, 1], "read": [0, 1, 1, 1]})
    rows[0]["clear"] = 1
    frame = pack(rows, MEMORY)
    simulator = available("icarus")
    wanted = answers(source, frame, simulator)
    assert answers(mapped, frame, simulator) == wanted, f"seed {SEED}"
    design = command_core(single_port(mode), 1, MODELS)
    assert answers(design, frame, simulator) == wanted, f"seed {SEED}"


@pytest.mark.parametrize("width, alignment", [(18, 3), (9, 2), (9, 4), (4, 0)])
def test_wrong_alignment_is_seen(width: int, alignment: int) -> None:
    """It reads where it writes, which is undefined, or something else."""
    frame = pack(ram_commands(random.Random(SEED), width), PORTS)
    simulator = available("icarus")
    right = answers(command_core(simple_dual_port(width, ALIGNMENT[width]), 1, MODELS), frame,
                    simulator)
    wrong = None
    with contextlib.suppress(CoreError):
        wrong = answers(command_core(simple_dual_port(width, alignment), 1, MODELS), frame,
                        simulator)
    assert right != wrong


@pytest.mark.parametrize("writer", "AB")
def test_read_beside_a_write_is_noise(engine: str, writer: str) -> None:
    rows = [{"write": 1, "write_address": 3, "data": 0x15555, "read": 1, "read_address": 3}] * 2048
    frame = pack(rows, PORTS)
    body = simple_dual_port(18, 4)
    if writer == "B":
        body = re.sub(r"\.(\w*?)([AB])(\d*)\(",
                      lambda match: f".{match[1]}{'BA'['AB'.index(match[2])]}{match[3]}(", body)
        assert ".WEB(command[0])" in body
    design = command_core(body, 1, MODELS)
    if engine == "icarus":
        with pytest.raises(CoreError, match="tdata"):
            answers(design, frame, engine)
    else:
        assert len(set(answers(design, frame, engine))) > 100


@pytest.mark.parametrize("change", [
    {"DATA_WIDTH_A": 8}, {"DATA_WIDTH_B": 3}, {"REGMODE_B": "INREG"},
    {"WRITEMODE_A": "WRITETHROUGH"}, {"RESETMODE": "NONE"}, {"CLKBMUX": "CLKA"},
    {"INIT_DATA": "DYNAMIC"},
])
def test_block_ram_refuses_what_it_does_not_model(engine: str, change: dict[str, object]) -> None:
    body = simple_dual_port(9, 3, **change)
    frame = pack([{"read": 1}] * 2048, PORTS)
    (value,) = change.values()
    with pytest.raises(CoreError, match=rf"DP16KD: .*\b{value}\b.* not modelled"):
        answers(command_core(body, 1, MODELS), frame, engine)


@pytest.mark.parametrize("port, what", [
    ("WEB", "both ports write to one row at once"), ("RSTA", "asynchronous reset"),
])
def test_block_ram_refuses_what_happens(engine: str, port: str, what: str) -> None:
    body = simple_dual_port(9, 3, RESETMODE="ASYNC" if port == "RSTA" else "SYNC")
    body = body.replace(f".{port}(1'b0)", f".{port}(command[0])")
    rows = [{"write": 1, "read": 1, "write_address": 1, "read_address": 2}] * 2048
    with pytest.raises(CoreError, match=rf"DP16KD: .*{what}.*not modelled"):
        answers(command_core(body, 1, MODELS), pack(rows, PORTS), engine)


@pytest.mark.parametrize("port", ["CEB", "CSB1", "OCEB", "RSTB", "ADB5"])
def test_block_ram_with_an_open_input_is_undefined(port: str) -> None:
    if "icarus" not in engines():
        pytest.skip("icarus is missing: Verilator knows no undefined values")
    body = simple_dual_port(9, 3, REGMODE_B="OUTREG")
    opened = re.sub(rf"\.{port}\([^)]*\)", f".{port}()", body)
    assert opened != body
    frame = pack([{"read": 1, "enable": 1}] * 2048, PORTS)
    with pytest.raises(CoreError, match="tdata is undefined"):
        answers(command_core(opened, 1, MODELS), frame, "icarus")


# --- The multiplier ------------------------------------------------------------------------------

PRODUCT = {"a": (0, 18), "b": (32, 18), "signed_a": (64, 1), "signed_b": (65, 1),
           "enable": (66, 1), "clear": (67, 1)}


@pytest.mark.usefixtures("_yosys")
@pytest.mark.parametrize("a_bits, b_bits, signed", [
    (18, 18, True), (18, 18, False), (9, 18, True), (8, 7, False), (17, 5, True),
])
def test_inferred_product_is_the_source(a_bits: int, b_bits: int, signed: bool) -> None:
    kind = "signed" if signed else ""
    source = command_core(f"""
  wire {kind} [{a_bits - 1}:0] a = command[0 +: {a_bits}];
  wire {kind} [{b_bits - 1}:0] b = command[32 +: {b_bits}];
  reg {kind} [{a_bits + b_bits - 1}:0] product = 0;
  always @(posedge clk) product <= a * b;
  assign answer = $unsigned(product);
""", 1)
    mapped, made = netlist_design(source, "ecp5")
    assert made.cells["MULT18X18D"] == 1
    frame = pack(products(random.Random(SEED)), PRODUCT)
    engine = available("icarus")
    assert answers(mapped, frame, engine) == answers(source, frame, engine), f"seed {SEED}"


def products(rng: random.Random) -> list[dict[str, int]]:
    extremes = [0, 1, (1 << 17) - 1, 1 << 17, (1 << 18) - 1]
    operands = [*extremes, *(rng.getrandbits(18) for _ in range(15))]
    rows = random_commands(rng, PRODUCT, {
        "a": operands, "b": operands, "enable": [0, 1, 1, 1], "clear": [0] * 10 + [1]})
    rows[0]["clear"] = 1
    return rows


def multiplier(**changes: object) -> str:
    ports = {f"{name}{bit}": f"command[{first + bit}]"
             for name, first in (("A", 0), ("B", 32)) for bit in range(18)}
    ports |= {f"P{bit}": f"answer[{bit}]" for bit in range(36)}
    ports |= {f"C{bit}": "1'b0" for bit in range(18)}
    ports |= {f"{name}{number}": "1'b0" for name in ("CLK", "CE", "RST") for number in range(4)}
    ports |= {"SIGNEDA": "command[64]", "SIGNEDB": "command[65]", "SOURCEA": "1'b0",
              "SOURCEB": "1'b0", "CLK0": "clk", "CE0": "command[66]", "RST0": "command[67]",
              "CLK2": "clk", "CE3": "command[66]", "RST1": "command[67]"}
    ports |= {name: str(value) for name, value in changes.items() if name in ports}
    parameters = {name: value for name, value in changes.items() if name not in ports}
    return "  assign answer[63:36] = 0;\n" + instance("MULT18X18D", parameters, ports)


def value(word: int, signed: int) -> int:
    return word - (1 << 18) if signed and word >> 17 else word


# Which of the registers there are: A, B, pipeline, output.
@pytest.mark.parametrize("registers, simulator", [
    *((each, "icarus") for each in ("", "AB", "ABO", "ABPO", "A", "B", "P", "O", "PO")),
    ("ABO", "verilator"),
])
def test_multiplier(registers: str, simulator: str) -> None:
    names = {"A": "REG_INPUTA", "B": "REG_INPUTB", "P": "REG_PIPELINE", "O": "REG_OUTPUT"}
    parameters: dict[str, object] = {}
    for letter in registers:
        parameters[f"{names[letter]}_CLK"] = "CLK0"
        if letter == "B":  # another clock, enable and reset input, with the same signal
            parameters |= {"REG_INPUTB_CLK": "CLK2", "REG_INPUTB_CE": "CE3",
                           "REG_INPUTB_RST": "RST1"}
    # Where no register is at the output, what follows it is one, so that answers come in order.
    body = multiplier(**parameters)
    body = body.replace("answer[", "p[") + (
        "  wire [63:0] p;\n  reg [63:0] after = 0;\n  always @(posedge clk) after <= p;\n"
        "  assign answer = after;\n")
    rows = products(random.Random(SEED))
    state = {"A": (0, 0), "B": (0, 0), "P": 0, "O": 0}
    wanted = []
    for row in rows:
        at_a = state["A"] if "A" in registers else (row["a"], row["signed_a"])
        at_b = state["B"] if "B" in registers else (row["b"], row["signed_b"])
        product = value(*at_a) * value(*at_b) & ((1 << 36) - 1)
        piped = state["P"] if "P" in registers else product
        wanted.append(state["O"] if "O" in registers else piped)
        if row["clear"]:
            state = {"A": (0, 0), "B": (0, 0), "P": 0, "O": 0}
        elif row["enable"]:
            state = {"A": (row["a"], row["signed_a"]), "B": (row["b"], row["signed_b"]),
                     "P": product, "O": piped}
    got = answers(command_core(body, 1, MODELS), pack(rows, PRODUCT), available(simulator))
    assert got == wanted, f"seed {SEED}"


@pytest.mark.parametrize("change", [
    {"REG_INPUTC_CLK": "CLK0"}, {"REG_OUTPUT_CLK": "CLK0", "REG_OUTPUT_RST": "RST1"},
    {"REG_INPUTA_CLK": "CLK4"}, {"REG_PIPELINE_CE": "CE7"}, {"SOURCEB_MODE": "C_SHIFT"},
    {"MULT_BYPASS": "ENABLED"}, {"RESETMODE": "ASYNC"}, {"SOURCEA": "1'b1"},
])
def test_multiplier_refuses_what_it_does_not_model(
    engine: str, change: dict[str, object]
) -> None:
    frame = pack(products(random.Random(SEED)), PRODUCT)
    with pytest.raises(CoreError, match=r"MULT18X18D: .* not modelled"):
        answers(command_core(multiplier(**change), 1, MODELS), frame, engine)


@pytest.mark.parametrize("port", ["CE0", "RST0", "SOURCEB", "A3"])
def test_multiplier_with_an_open_input_is_undefined(port: str) -> None:
    if "icarus" not in engines():
        pytest.skip("icarus is missing: Verilator knows no undefined values")
    body = multiplier(REG_INPUTA_CLK="CLK0", **{port: ""})
    with pytest.raises(CoreError, match="tdata is undefined"):
        answers(command_core(body, 1, MODELS), pack(products(random.Random(1)), PRODUCT), "icarus")


@pytest.mark.parametrize("cell", ["DP16KD", "MULT18X18D"])
def test_ports_are_the_primitive_s(cell: str) -> None:
    """The models have the ports of yosys's black boxes, and no parameters that those lack."""
    with needed():
        text = (share() / "ecp5" / "cells_bb.v").read_text()
        text += (share() / "ecp5" / "cells_sim.v").read_text()

    def declared(source: str) -> tuple[set[str], set[str]]:
        module = re.search(rf"^module {cell}\s*\(.*?^endmodule", source, flags=re.M | re.S)
        assert module is not None
        header, _, rest = module[0].partition(";")
        ports = re.findall(r"\w+", re.sub(rf"module|{cell}|input|output", " ", header))
        return set(ports), set(re.findall(r"parameter\s+(?:\[[^]]*\]\s*)?(\w+)", rest))

    (ports, parameters), (real_ports, real_parameters) = declared(MODELS), declared(text)
    assert ports == real_ports
    assert parameters <= real_parameters
