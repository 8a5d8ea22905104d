"""The Verilog as others meet it: what its head says, and what their tools say."""

import ast
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from amaranth.sim import Simulator
from structure import verilator_lint

from windrow.distribution import version
from windrow.hdl import build
from windrow.hdl.ports.verilog import Build
from windrow.hdl.ports.verilog_text import device_cells, without_initial_values
from windrow.hdl.ports.video import VideoCore
from windrow.model import Filter, InputError
from windrow.sim import tools


#: All ports, and all that lint may find: a counter up to a limit, signed sums, a FIFO, registers.
KEYS: dict[str, Any] = {
    "kernel": [[1, -2, 1], [2, 0, 3]], "width": 9, "height": 6, "pixel": "u10", "channels": 3,
    "pixels_per_clock": 2, "control": "axi4-lite", "coefficients": "runtime", "input_fifo": 16,
    "output": "s12", "border": "reflect101",
}


@pytest.fixture(scope="module")
def built() -> Build:
    return build(Filter(**KEYS), "dut", strategy="auto")


@pytest.fixture
def folder(built: Build, tmp_path: Path) -> Path:
    built.write(tmp_path)
    return tmp_path


def test_the_head_holds_the_filter_and_the_command(built: Build) -> None:
    lines = built.verilog.splitlines()
    toml = "\n".join(line[4:] for line in lines if line.startswith("//| "))
    filter = Filter.from_dict(tomllib.loads(toml))
    assert filter == Filter(**KEYS)
    assert "//   sed -n 's,^//| ,,p' dut.v > dut.toml" in lines
    assert "//   windrow generate dut.toml" in lines
    assert f"// Made by windrow {version()}. The output is yours: no licence of " \
        "windrow's applies to it." in lines


def test_the_head_says_the_target_and_the_strategy_where_they_are_given() -> None:
    small = Filter(kernel=[[1, 3]], width=8, height=4)
    text = build(small, "dut", target="ecp5", strategy="multipliers").verilog
    assert "//   windrow generate dut.toml --target ecp5 --strategy multipliers\n" in text


def test_the_head_has_a_table_of_the_ports(built: Build) -> None:
    head, _, module = built.verilog.partition("\nmodule dut(")
    table = re.findall(r"^//   (input|output) +(\d+)  (\w+) +(.+)", head, re.MULTILINE)
    ports = {name.strip() for name in module.partition(");")[0].split(",")}
    assert {name for _, _, name, _ in table} == ports
    for way, bits, name, _ in table:
        place = "" if bits == "1" else rf"\[{int(bits) - 1}:0\] "
        assert re.search(rf"^  {way} {place}{name};", module, re.MULTILINE), name
    assert ("input", "64", "s_axis_video_tdata", "samples, packed as below") in table


@pytest.mark.parametrize(("keys", "line"), [
    ({}, "sample s = 3 * pixel + channel is tdata[10 * s +: 10]; bits from 60 on are ignored."),
    ({"pixels_per_clock": 1}, "sample s = channel is tdata[10 * s +: 10]; "
                              "bits from 30 on are ignored."),
    ({"channels": 2}, "sample s = 2 * pixel + channel is tdata[10 * s +: 10]."),
    ({"channels": 1, "pixel": "u8"}, "sample s = pixel is tdata[8 * s +: 8]."),
    ({"channels": 1, "pixel": "s16", "pixels_per_clock": 1}, "the sample is tdata[15:0]."),
])
def test_the_head_says_how_samples_are_packed(keys: dict[str, Any], line: str, monkeypatch) -> None:
    monkeypatch.setattr("amaranth.back.verilog.convert", lambda *_, **__: "")  # takes a second
    text = build(Filter(**{**KEYS, **keys}), "dut").verilog
    packing = text.partition("// s_axis_video: ")[2].splitlines()
    assert packing[1] == f"//   {line}"
    assert ("signed, two's complement" in packing[0]) == (keys.get("pixel") == "s16")


def test_verilator_finds_nothing(folder: Path) -> None:
    assert verilator_lint(folder) == ()


@pytest.mark.parametrize("timescale", ["", "`timescale 1ns/1ns\n"])
@pytest.mark.parametrize("first", [True, False])
def test_the_users_own_code_is_linted_as_before(
    folder: Path, timescale: str, first: bool
) -> None:
    """Whatever the order, with a time scale of theirs or without."""
    (folder / "own.v").write_text(timescale + """
        module own (input [3:0] a, output [2:0] b, output [5:0] c);
          dut dut (.aclk(a[0]), .aresetn(1'b1), .s_axis_video_aclk(a[1]),
                   .s_axis_video_tready(c[0]));
          assign b = a;
          assign c[5:1] = 0;
        endmodule
""")
    files = ["own.v", "dut.v"] if first else ["dut.v", "own.v"]
    lines = verilator_lint(folder, "-Wno-PINMISSING", "--top-module", "own", *files)
    kinds = {line.partition(":")[0]: line for line in lines}
    assert set(kinds) == {"%Warning-WIDTHTRUNC", "%Warning-UNUSEDSIGNAL", "%Error"}
    assert all("own.v" in line for kind, line in kinds.items() if kind != "%Error")


@pytest.mark.parametrize("target", ["ecp5", "ice40", "gowin"])
def test_the_head_names_cells_of_the_device(target: str, tmp_path: Path) -> None:
    built = build(Filter(kernel=[[1, 2], [3, 4]], width=600, height=4), "dut", target=target)
    cells = re.search(r"vendor's models: (.*)\.", built.verilog)
    assert cells is not None
    [flags] = re.findall(r"verilator --lint-only (.*) dut\.v", built.verilog)
    built.write(tmp_path)
    assert verilator_lint(tmp_path, *flags.split(), "dut.v") == ()
    lines = verilator_lint(tmp_path)
    missing = {re.findall(r"'(\w+)'", line)[0] for line in lines if "MODMISSING" in line}
    assert missing == set(cells[1].split(", "))


@pytest.mark.slow
def test_verilator_finds_nothing_in_designs_of_all_options(tmp_path: Path) -> None:
    rng = random.Random(12)
    found = 0
    while found < 20:
        samples = ["u1", "u4", "u8", "s8", "u10", "s12", "u16"]
        rows, columns = rng.randint(1, 6), rng.randint(1, 6)
        keys: dict[str, Any] = {
            "kernel": [[rng.randint(-9, 9) for _ in range(columns)] for _ in range(rows)],
            "width": rng.randint(2, 70), "height": rng.randint(2, 40),
            "pixel": rng.choice(samples), "output": rng.choice([*samples, "s20"]),
            "channels": rng.choice([1, 1, 2, 3]),
            "operation": rng.choice(["correlate", "convolve"]),
            "padding": rng.choice(["same", "valid", "full"]),
            "border": rng.choice(["constant", "replicate", "reflect101", "symmetric"]),
            "shift": rng.randint(0, 6), "offset": rng.randint(-20, 20),
            "rounding": rng.choice(["half-up", "half-even", "floor"]),
            "overflow": rng.choice(["saturate", "wrap"]),
            "pixels_per_clock": rng.choice([1, 1, 2, 4]),
            "clocks_per_pixel": rng.choice([1, 1, 2, 3, 8]),
            "input_fifo": rng.choice([0, 0, 16, 32]),
        }
        if rng.random() < 0.5:
            keys |= {"control": "axi4-lite", "coefficients": rng.choice(["constant", "runtime"]),
                     "max_width": keys["width"] + 8, "max_height": keys["height"] + 8}
        try:
            built = build(Filter(**keys), "dut")
        except InputError:
            continue
        (tmp_path / "dut.v").write_text(built.verilog)
        assert verilator_lint(tmp_path) == (), keys
        found += 1


@pytest.mark.skipif(shutil.which("iverilog") is None, reason="Icarus Verilog is not installed")
def test_icarus_finds_nothing(folder: Path) -> None:
    run = subprocess.run(["iverilog", "-g2005", "-Wall", "-o", "dut.vvp", "dut.v"], cwd=folder,
                         capture_output=True, text=True, check=True)
    assert run.stdout + run.stderr == ""


@pytest.mark.parametrize("arguments", [["--target=lint"], ["--target=default", "--tool=verilator"]])
def test_fusesoc_runs_the_core_file(folder: Path, arguments: list[str]) -> None:
    pytest.importorskip("fusesoc")
    verilator = tools.verilator()
    path = os.pathsep.join([str(Path(verilator.command).parent), os.environ["PATH"]])
    run = subprocess.run(
        [sys.executable, "-m", "fusesoc.main", "--cores-root", ".", "run", *arguments,
         "windrow:filter:dut"],
        cwd=folder, env={**verilator.environment(), "PATH": path}, capture_output=True, text=True,
        check=False)
    assert run.returncode == 0, run.stderr


def test_tready_of_an_idle_source_does_not_follow_tuser() -> None:
    """Which in a four-state simulation may be X, as that of an idle source often is."""
    top = VideoCore(Filter(kernel=[[1, 2, 1]], width=6, height=4))
    waited = []

    async def clock(ctx: Any) -> None:
        for level in (1, 0):
            ctx.set(top.aclk, level)
            await ctx.delay(1e-6)

    async def bench(ctx: Any) -> None:
        ctx.set(top.aresetn, 1)
        ctx.set(top.m_axis_video_tready, 1)
        await clock(ctx)
        for beat in range(12):
            ctx.set(top.s_axis_video_tvalid, 1)
            ctx.set(top.s_axis_video_tuser, beat == 0)
            ctx.set(top.s_axis_video_tlast, beat % 6 == 5)
            if beat:
                # Inside a frame, a beat that is another one's first has to wait.
                ctx.set(top.s_axis_video_tuser, 1)
                waited.append(not ctx.get(top.s_axis_video_tready))
                ctx.set(top.s_axis_video_tvalid, 0)
                assert ctx.get(top.s_axis_video_tready)
                ctx.set(top.s_axis_video_tvalid, 1)
                ctx.set(top.s_axis_video_tuser, 0)
            assert ctx.get(top.s_axis_video_tready)
            await clock(ctx)

    simulator = Simulator(top)
    simulator.add_testbench(bench)
    simulator.run()
    assert waited == [True] * 11


def test_names_do_not_come_from_what_python_compiles_to(built: Build) -> None:
    """Amaranth finds a signal's name in the byte code behind its call. What stands there for a
    tuple of targets is another thing in each Python (3.11, 3.12 and 3.13 tried)."""
    assert not re.search(r"\$sign(al|ature)", built.verilog)
    for path in (Path(__file__).parents[2] / "hdl").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
                calls = [part for part in ast.walk(node.value) if isinstance(part, ast.Call)
                         and not any(word.arg == "name" for word in part.keywords)]
                named = {ast.unparse(call.func).rpartition(".")[2] for call in calls}
                assert not named & {"Signal", "read_port", "write_port", "create", "Memory"}, \
                    f"{path.name}:{node.lineno}"


def test_what_a_memory_holds_is_not_dropped() -> None:
    text = "  reg [7:0] a = 8'h01;\n  initial begin\n    m[0] = 8'h00;\n    m[1] = 8'h0a;\n  end\n"
    with pytest.raises(InputError, match="a memory of this design holds some"):
        without_initial_values(text)
    assert without_initial_values(text.replace("0a", "00")) == "  reg [7:0] a ;\n"
    with pytest.raises(InputError, match="initial values"):  # whatever else is done there
        without_initial_values("  initial a = 8'h0a;\n")


def test_a_module_of_the_text_is_no_cell_of_the_device() -> None:
    text = ("module Top(a);\n  wire a;\n  Top_part part (\n  );\n  CCU2C #(\n  ) carry (\n  );\n"
            "  DP16KD block (\n  );\n  assign a = 1;\nendmodule\nmodule Top_part(b);\nendmodule\n")
    assert device_cells(text) == ["CCU2C", "DP16KD"]
