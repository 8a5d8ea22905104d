"""Cores on their synthesised netlist: bit-exact as the source is, and a damaged one is found."""

import random
import re
from pathlib import Path
from typing import Any

import pytest
from commands import answers, command_core, engines, pack, random_commands
from needed import needed
from strategies import random_image
from video_trial import video_trial

from windrow.hdl import build
from windrow.hdl.strategies import STRATEGIES
from windrow.model import Filter, InputError
from windrow.sim import ENGINES, CoreError, Traffic
from windrow.sim.engine import Design
from windrow.sim.job import compare, run_design
from windrow.sim.tools import ToolError
from windrow.synth import yosys
from windrow.synth.netlist import FAMILIES, Netlist, netlist, netlist_design


SEED = 5

#: For each strategy a kernel that shows all of it: two factors, equal and opposite taps, none a
#: power of two.
_TWO_FACTORS = {"kernel": [[-3, 5, 3], [7, -11, -7], [3, -5, -3]], "width": 17, "height": 7,
                "shift": 3, "output": "s8", "border": "reflect101"}
_GREATEST = {"dilate": [3, 4], "width": 17, "height": 7, "pixel": "s6"}
STRATEGY_KEYS = {
    **dict.fromkeys(STRATEGIES, _TWO_FACTORS),
    **dict.fromkeys(("sorting-network", "bit-search", "doubling"), _GREATEST),
    "running-sum": {"kernel": "box:ksize=5", "width": 17, "height": 7},
    "time-folded": {**_TWO_FACTORS, "clocks_per_pixel": 4},
    "runtime-multipliers": {**_TWO_FACTORS, "control": "axi4-lite", "coefficients": "runtime"},
}

# Name: keys of the filter, target, strategy. Frames are small: the netlist is what is tested.
CORES: dict[str, tuple[dict[str, Any], str, str]] = {}
for _target in FAMILIES:
    CORES |= {
        f"binomial, {_target}": (
            {"kernel": "binomial:ksize=3", "width": 40, "height": 12}, _target, "auto"),
        f"sobel to s16, {_target}": (
            {"kernel": "sobel-x", "width": 40, "height": 12, "output": "s16",
             "border": "reflect101"}, _target, "auto"),
        f"5x2, 2 a clock, partial, {_target}": (
            {"kernel": [[3, -5], [0, 7], [11, 2], [-9, 1], [4, 6]], "width": 27, "height": 9,
             "pixels_per_clock": 2, "pixel": "s6", "output": "s12", "border": "symmetric"},
            _target, "auto"),
        # Lines that take a block RAM, where the others may fit into LUTs.
        f"box, long lines, {_target}": (
            {"kernel": "box:ksize=3", "width": 601, "height": 4}, _target, "auto"),
        f"row, {_target}": (
            {"kernel": [[1, 2, 1]], "width": 8, "height": 3, "shift": 2}, _target, "auto"),
        **{f"{_strategy}, {_target}": (_keys, _target, _strategy)
           for _strategy, _keys in STRATEGY_KEYS.items()},
    }


def core(name: str) -> tuple[Design, Netlist]:
    keys, target, strategy = CORES[name]
    spec = Filter.from_dict(keys)
    built = build(spec, "core", target=target, strategy=strategy)
    with needed():
        mapped, made = netlist_design(Design(built.verilog, built.manifest, spec), target)
    return mapped, made


def need(engine: str) -> None:
    with needed():
        ENGINES[engine].require()


def judge(name: str, design: Design, engine: str, traffics: list[Traffic]) -> None:
    """Assert that a core's frames are bit-exact to the golden model, and on time."""
    keys, target, strategy = CORES[name]
    spec = Filter.from_dict(keys)
    promised = build(spec, "core", target=target, strategy=strategy).manifest
    rng = random.Random(SEED)
    frames = [random_image(rng, spec) for _ in range(3)]
    for traffic in traffics:
        result = run_design(design, frames, engine=engine, traffic=traffic)
        mismatch = compare(result, spec, frames)
        assert mismatch is None, f"{mismatch}\n{traffic}\nseed {SEED}"
        if traffic == Traffic():
            assert result.latency_cycles == promised["latency_cycles"]
            assert result.cycles_per_frame == promised["cycles_per_frame"]


STALLS = [Traffic(), Traffic(stall=0.4, seed=SEED),
          Traffic(stall=0.1, seed=SEED, gap=(0, 9), late=(1, 0), hold=(5, 0), reset_at=70)]


# By default each core on one family, the families in turn; the others are slow ones.
HALF = len(CORES) // len(FAMILIES)
EACH_ONCE = [
    pytest.param(name, marks=() if number // HALF == number % HALF % len(FAMILIES)
                 else pytest.mark.slow)
    for number, name in enumerate(CORES)]


@pytest.mark.parametrize("name", EACH_ONCE)
def test_netlist_is_bit_exact(name: str) -> None:
    need("verilator")
    mapped, _ = core(name)
    judge(name, mapped, "verilator", STALLS)


# Icarus knows undefined values: no flip-flop or memory may let one through. What an accumulator or
# a running sum takes up once it would keep.
@pytest.mark.parametrize("name", [
    f"{core}, {family}" for core in ("binomial", "running-sum", "time-folded")
    for family in FAMILIES
])
def test_netlist_lets_nothing_undefined_through(name: str) -> None:
    need("icarus")
    mapped, _ = core(name)
    judge(name, mapped, "icarus", STALLS[2:])


# A few hundred cycles a second on a netlist.
@pytest.mark.parametrize("name", [f"row, {family}" for family in FAMILIES])
def test_netlist_under_the_cocotb_bench(name: str, tmp_path: Path) -> None:
    mapped, _ = core(name)
    video_trial("icarus", mapped, tmp_path, SEED)


# A build for cocotb on Verilator takes 15 to 20 s of processor time even of the smallest netlist.
@pytest.mark.slow
@pytest.mark.parametrize("name", ["row, ice40"])
def test_netlist_under_the_engine_cocotb(name: str) -> None:
    need("cocotb")
    mapped, _ = core(name)
    judge(name, mapped, "cocotb", STALLS[1:2])


@pytest.mark.parametrize("family, lut", [("ecp5", r"\.INIT\(16'h"), ("ice40", r"\.LUT_INIT\(16'h")])
def test_a_damaged_netlist_is_found(family: str, lut: str) -> None:
    """One LUT of hundreds gives the opposite of what it should. Some do not matter to so few
    frames (what is decided when a frame ends early), but not most of them."""
    need("verilator")
    name = f"sobel to s16, {family}"
    mapped, _ = core(name)
    places = list(re.finditer(lut + "([0-9a-f]{4})", mapped.verilog))
    assert len(places) > 100
    found = 0
    for place in random.Random(SEED).sample(places, 3):
        flipped = f"{0xFFFF ^ int(place[1], 16):04x}"
        text = mapped.verilog[:place.start(1)] + flipped + mapped.verilog[place.end(1):]
        try:
            judge(name, Design(text, mapped.manifest), "verilator", STALLS[1:2])
        except (AssertionError, CoreError):
            found += 1
    assert found >= 2


def test_cells_are_told() -> None:
    _, made = core("box, long lines, ecp5")
    assert made.cells["DP16KD"] == 1
    assert str(made).startswith(f"ecp5, by yosys {made.yosys}: ")
    assert "1 DP16KD" in str(made)
    # What no cell needs is left out.
    assert "module TRELLIS_IO" not in made.verilog
    assert made.verilog.count("module TRELLIS_FF") == 1


@pytest.mark.usefixtures("_yosys")
def test_a_cell_without_a_model() -> None:
    text = """module core(input a, output b);
                EHXPLLL pll (.CLKI(a), .CLKOP(b));
              endmodule"""
    with pytest.raises(ToolError, match=r"^the netlist holds cells without a model: EHXPLLL$"):
        netlist(text, "core", "ecp5")


@pytest.mark.usefixtures("_yosys")
def test_a_net_with_two_drivers() -> None:
    text = "module core(input a, input b, output y); assign y = a; assign y = ~b; endmodule"
    with pytest.raises(ToolError, match="yosys fails"):
        netlist(text, "core", "ice40")


@pytest.mark.usefixtures("_yosys")
def test_verilog_that_yosys_does_not_read() -> None:
    with pytest.raises(ToolError, match=r"yosys fails .*syntax error"):
        netlist("module core(; endmodule", "core", "ecp5")


def test_a_family_without_netlists() -> None:
    message = r"^netlist: there is none for 'ice41': did you mean 'ice40'\?$"
    with pytest.raises(InputError, match=message):
        netlist("", "core", "ice41")


# --- A trap of yosys -----------------------------------------------------------------------------

OPERANDS = {"a": (0, 16), "b": (16, 16), "enable": (32, 1)}


def product(enabled: bool) -> Design:
    """A product behind one register, and with a second one after it."""
    return command_core(f"""
  reg signed [15:0] a, b;
  reg signed [31:0] first, second;
  always @(posedge clk) {"if (command[32])" if enabled else ""} begin
    a <= command[15:0];
    b <= command[31:16];
    first <= a * b;
    second <= first;
  end
  assign answer = {{32'd0, second}};
""", 3)


DSP = "synth_ice40 -top {top} -dsp"


def products() -> Any:
    commands = random_commands(random.Random(SEED), OPERANDS)
    return pack(commands, OPERANDS)


@pytest.mark.usefixtures("_yosys")
def test_a_product_that_yosys_makes_0_is_refused() -> None:
    source = product(enabled=False)
    with pytest.raises(ToolError, match="Driver-driver conflict"):
        netlist(source.verilog, "core", "ice40", synthesis=DSP)


@pytest.mark.usefixtures("_yosys")
def test_a_product_that_yosys_makes_0_is_wrong_in_simulation(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    source = product(enabled=False)
    monkeypatch.setattr(yosys, "check_log", lambda log: None)
    made = netlist(source.verilog, "core", "ice40", synthesis=f"{DSP}\n# unchecked")
    simulator = engines()[0]
    mapped = Design(made.verilog, source.manifest)
    assert set(answers(mapped, products(), simulator)) == {0}
    assert len(set(answers(source, products(), simulator))) > 1000


@pytest.mark.usefixtures("_yosys")
@pytest.mark.parametrize("enabled, synthesis", [(True, DSP), (False, None)])
def test_a_product_that_yosys_gets_right(enabled: bool, synthesis: str | None) -> None:
    source = product(enabled)
    made = netlist(source.verilog, "core", "ice40", synthesis=synthesis)
    assert made.cells.get("SB_MAC16", 0) == int(synthesis is not None)
    simulator = engines()[0]
    mapped = Design(made.verilog, source.manifest)
    assert answers(mapped, products(), simulator) == answers(source, products(), simulator)
