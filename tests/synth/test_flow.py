# amaranth: UnusedElaboratable=no

"""Real builds of a small filter, and what becomes of the tools' failures."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from needed import needed

from windrow import Filter
from windrow.model import InputError
from windrow.sim import tools
from windrow.sim.tools import MissingTool, ToolError
from windrow.synth import TARGETS, Outcome, Target, synthesise
from windrow.synth.flow import lack, make_netlist, packed, programs
from windrow.synth.harness import harness


SMALL = Filter(kernel=[[1, 2, 1]] * 3, width=400, height=8, shift=4)


def needs(target: Target) -> None:
    with needed():
        programs(target)


@pytest.fixture(scope="module", params=["ecp5-25k", "hx8k", "gw1n-9"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    target = TARGETS[request.param]
    needs(target)
    folder = tmp_path_factory.mktemp(target.name)
    (folder / "seed_99.json").write_text("of an earlier run")
    (folder / "seed_notes.json").write_text("the user's own")
    return synthesise(SMALL, target, folder, seeds=[1, 2])


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


def test_what_it_takes(built: Outcome) -> None:
    used = built.usage
    # Two lines and the queue: far less than any of the devices.
    assert 50 < used.luts < 1000
    assert 100 < used.flip_flops < 1000
    assert used.dsps == 0
    assert used.large_rams == 0
    assert [each.seed for each in built.placements] == [1, 2]


@pytest.mark.slow
def test_packing_alone_counts_the_same(built: Outcome, tmp_path: Path) -> None:
    if built.target.family == "gowin":
        with pytest.raises(InputError, match="target gw1n-9 must be placed"):
            packed(SMALL, built.target, tmp_path, strategy="auto")
        return
    assert packed(SMALL, built.target, tmp_path, strategy="auto") == (built.strategy, built.usage)


@pytest.mark.parametrize("name", [pytest.param("up5k", marks=pytest.mark.slow), "gw1n-9"])
def test_an_input_with_a_clock_of_its_own(name: str, tmp_path: Path) -> None:
    """That has a pin too, which Gowin's program does not place by itself."""
    target = TARGETS[name]
    needs(target)
    used = synthesise(SMALL.replace(input_fifo=16), target, tmp_path, seeds=[1]).usage
    assert 100 < used.flip_flops < 1000


def test_the_error_names_the_exhausted_resources() -> None:
    table = ("Info: Device utilisation:\nInfo: \t  ICESTORM_LC:  {}/   5280   {}%\n"
             "Info: \t ICESTORM_RAM:  35/  30  116%\nInfo: \t SB_IO:  3/  96  3%\n\n")
    assert lack(table.format(328, 6)) == "35 of 30 ICESTORM_RAM"
    error = "ERROR: Unable to place cell 'a', no BELs remaining to implement cell type '{}'\n"
    assert lack(table.format(9000, 170) + error.format("ICESTORM_LC")) == (
        "9000 of 5280 ICESTORM_LC, 35 of 30 ICESTORM_RAM")
    assert lack(error.format("ICESTORM_DSP")) == "there is no ICESTORM_DSP"
    assert lack("Info: \t  ICESTORM_LC:  5280/   5280   100%\nERROR: out of luck\n") == ""


def test_the_clock_is_that_of_the_critical_path(built: Outcome) -> None:
    assert built.fmax is not None
    assert 50 < built.fmax < 600
    path = built.typical.path
    assert path is not None
    # What nextpnr says of the path is what it says of the clock.
    assert path.logic + path.routing == pytest.approx(1000 / built.fmax, rel=1e-3)
    assert built.pixels_per_second == built.fmax * 1e6


def test_gowins_block_rams_have_delays(tmp_path: Path) -> None:
    """Else its clock would not hold for a core. Lines that go from block to block are the slowest
    paths of a filter that does little else."""
    target = TARGETS["gw1n-9"]
    needs(target)
    filter = Filter(kernel=[[1]] * 5, width=2000, height=8, padding="valid", channels=2)
    synthesise(filter, target, tmp_path, seeds=[1, 2])
    (top,) = read(tmp_path / "routed.json")["modules"].values()
    delays = [step["delay"] for seed in (1, 2)
              for path in read(tmp_path / f"seed_{seed}.json")["critical_paths"]
              for step in path["path"] if step["type"] == "clk-to-q"
              and top["cells"][step["from"]["cell"]]["type"].startswith("SDP")]
    assert delays, "the slowest path starts at a flip-flop"
    assert all(1 < delay < 10 for delay in delays)


def test_the_capacity_is_what_the_device_has(built: Outcome) -> None:
    available = {name: cell["available"]
                 for name, cell in read(built.folder / "seed_1.json")["utilization"].items()}
    target = built.target
    (luts, *_), (rams, *_) = target.luts, target.rams
    assert target.capacity["luts"] == available[luts]
    assert target.capacity["rams"] == available[rams]
    dsps = {"ecp5": "MULT18X18D", "ice40": "ICESTORM_DSP", "gowin": "MULT18X18",
            "gatemate": ""}[target.family]
    assert target.capacity["dsps"] == available.get(dsps, 0)
    flip_flops = {"ecp5": "TRELLIS_FF", "ice40": "ICESTORM_LC", "gowin": "DFF",
                  "gatemate": "CPE_FF"}[target.family]
    assert target.capacity["flip_flops"] == available[flip_flops]


def test_a_build_folder_holds_this_run_alone(built: Outcome) -> None:
    names = {path.name for path in built.folder.iterdir()}
    assert "seed_99.json" not in names
    assert {"core.v", "harness.v", "netlist.json", "yosys.log", "seed_1.json", "seed_1.log",
            "seed_2.json", "seed_2.log", "core.bit", "seed_notes.json"} <= names
    assert (built.folder / "core.bit").stat().st_size > 10_000
    assert set(built.versions) == {"yosys", built.target.router, built.target.packer[0]}
    assert all(version[0].isdigit() for version in built.versions.values())


def test_every_port_of_the_core_meets_a_flip_flop_of_its_own(built: Outcome) -> None:
    modules = read(built.folder / "netlist.json")["modules"]
    cells, core = modules["harness"]["cells"], modules["core"]
    instance = cells["core"]
    data = {"Q": [], "D": [], "DI": [], "M": []}
    for cell in cells.values():
        if cell["type"].startswith(built.target.flip_flops):
            for port, bits in cell["connections"].items():
                data.get(port, []).extend(bits)
    inputs = [bit for name, bits in instance["connections"].items()
              if core["ports"][name]["direction"] == "input" and name != "aclk" for bit in bits]
    outputs = [bit for name, bits in instance["connections"].items()
               if core["ports"][name]["direction"] == "output" for bit in bits]
    assert len(inputs) == len(set(inputs)) == 1 + 8 + 3 + 1
    assert set(inputs) <= set(data["Q"])
    # All of the outputs' bits, none a constant.
    assert len(outputs) == len(set(outputs)) == 1 + 8 + 3
    assert set(outputs) <= {*data["D"], *data["DI"], *data["M"]}


def test_the_harness_is_small_and_told_apart(built: Outcome) -> None:
    kinds = Counter(cell["type"] for cell in
                    read(built.folder / "netlist.json")["modules"]["harness"]["cells"].values())
    luts = sum(count for kind, count in kinds.items() if "LUT" in kind)
    assert luts == 4, "12 outputs, three a LUT"
    # Of the 13 + 12 + 4 flip-flops, some take a cell of their own.
    assert 4 <= built.harness_luts <= 29
    report = read(built.folder / "seed_1.json")["utilization"]
    total = sum(report[name]["used"] * count for name, count in built.target.luts.items()
                if name in report)
    assert built.usage.luts + built.harness_luts == total


@pytest.mark.parametrize("keys", [
    {}, {"width": 41, "pixels_per_clock": 4}, {"pixel": "u1", "output": "u1"},
    {"channels": 3, "output": "s16"},
])
def test_the_harness_fits_every_core(keys: dict[str, object], tmp_path: Path) -> None:
    target = TARGETS["ecp5-25k"]
    needs(target)
    from windrow.hdl import build

    filter_ = Filter.from_dict({"kernel": [[1]], "width": 40, "height": 8, **keys})
    core = build(filter_, "core")
    (tmp_path / "core.v").write_text(core.verilog)
    (tmp_path / "harness.v").write_text(harness(core.manifest))
    netlist = make_netlist(target, tmp_path)
    core_ports = netlist["modules"]["core"]["ports"]
    connections = netlist["modules"]["harness"]["cells"]["core"]["connections"]
    assert set(core_ports) == set(connections)
    for name, port in core_ports.items():
        assert len(connections[name]) == len(port["bits"])
    assert "is not connected" not in (tmp_path / "yosys.log").read_text()


def fake(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def small_core(folder: Path, body: str) -> None:
    """Hand-written sources in place of a filter's."""
    (folder / "core.v").write_text(f"module core (input aclk, input a, output b);{body} endmodule")
    (folder / "harness.v").write_text(
        "module harness (input clk, input din, output dout);"
        "  core core (.aclk(clk), .a(din), .b(dout)); endmodule")


def test_a_driver_conflict_is_an_error_though_yosys_ends_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    yosys = fake(tmp_path / "fake-yosys", "echo 'Warning: Driver-driver conflict for \\x between "
                 "cell a.O and constant 0' >yosys.log; echo '{}' >netlist.json")
    monkeypatch.setenv("YOSYS", yosys)
    with pytest.raises(ToolError, match=r"Driver-driver conflict.* \(see .*yosys\.log\)$"):
        make_netlist(TARGETS["up5k"], tmp_path)


def test_two_drivers_in_the_source_are_an_error(tmp_path: Path) -> None:
    needs(TARGETS["ecp5-25k"])
    small_core(tmp_path, "assign b = a; assign b = aclk;")
    with pytest.raises(ToolError, match=r"conflicting drivers for core.*yosys\.log\)$"):
        make_netlist(TARGETS["ecp5-25k"], tmp_path)


def test_a_sound_netlist_passes(tmp_path: Path) -> None:
    needs(TARGETS["ecp5-25k"])
    small_core(tmp_path, "reg r; always @(posedge aclk) r <= a; assign b = r;")
    netlist = make_netlist(TARGETS["ecp5-25k"], tmp_path)
    assert [cell["type"] for cell in netlist["modules"]["core"]["cells"].values()] == ["TRELLIS_FF"]


def test_no_room_is_an_error_that_names_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(TARGETS["hx8k"])
    router = fake(tmp_path / "router", "echo 'ERROR: Unable to place cell, no Bels remaining' >&2; "
                                       "exit 125")
    monkeypatch.setenv("NEXTPNR_ICE40", router)
    with pytest.raises(ToolError, match=r"^router fails \(status 125\): ERROR: Unable to place "
                                        r"cell, no Bels remaining \(see .*seed_1\.log\)$"):
        synthesise(SMALL, TARGETS["hx8k"], tmp_path)


@pytest.mark.parametrize("name", ["yosys", "nextpnr-ecp5", "ecppack"])
def test_a_missing_tool_is_found_before_the_work(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tools._synthesis
    monkeypatch.delenv(name.upper().replace("-", "_"), raising=False)
    monkeypatch.setattr(tools, "_synthesis", lambda each: None if each == name else real(each))
    with pytest.raises(MissingTool, match=rf"^{name} is not installed: .*pip install"):
        synthesise(SMALL, TARGETS["ecp5-25k"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(TARGETS["ecp5-25k"])
    told: list[tuple[str, int, int]] = []
    synthesise(SMALL, TARGETS["ecp5-25k"], tmp_path, seeds=[5],
               progress=lambda *step: told.append(step))
    assert [done for _, done, _ in told] == [0, 1, 2, 3]
    assert {total for *_, total in told} == {4}
    assert "first start" in told[1][0]
    assert "seed 5" in told[2][0]
