"""The core file of a design, read as FuseSoC reads it; tests/packages runs it."""

from typing import Any

import pytest
import yaml

from windrow.hdl.ports.fusesoc import fusesoc_core


def read(**keys: Any) -> Any:
    """The file's tables."""
    text = fusesoc_core("dut", title="A filter", **keys)
    assert text.startswith("CAPI=2:\n")
    return yaml.safe_load(text.partition("\n")[2])


def test_the_verilog_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("windrow.hdl.ports.fusesoc.version", lambda: "1.22.3.dev4")
    core = read(family="generic")
    assert core["filesets"] == {"rtl": {"files": ["dut.v"], "file_type": "verilogSource"}}
    assert core["name"] == "windrow:filter:dut:1.22.3"
    assert list(core["targets"]) == ["default", "lint", "synth"]
    assert {target["toplevel"] for target in core["targets"].values()} == {"dut"}
    assert core["targets"]["default"]["filesets"] == ["rtl"]
    assert core["targets"]["lint"]["flow_options"]["verilator_options"] == ["-Wall"]
    assert core["targets"]["synth"]["flow_options"]["arch"] == "xilinx"


def test_what_else_there_can_be() -> None:
    core = read(family="hx8k", constraint_files=["dut.xdc", "dut.sdc"], vlnv="a:b:c:1",
                software=["dut.h", "dut.md"], cells=["SB_MAC16"], bench="dut_tb.sv")
    assert core["name"] == "a:b:c:1"
    assert core["filesets"]["vivado"] == {"files": ["dut.xdc"], "file_type": "xdc"}
    assert core["filesets"]["quartus"] == {"files": ["dut.sdc"], "file_type": "SDC"}
    assert core["filesets"]["software"] == {"files": ["dut.h", "dut.md"], "file_type": "user"}
    assert core["filesets"]["bench"] == {"files": ["dut_tb.sv"],
                                         "file_type": "systemVerilogSource"}
    assert core["targets"]["default"]["filesets"] == [
        "rtl", "tool_vivado? (vivado)", "tool_quartus? (quartus)", "software"]
    assert core["targets"]["lint"]["flow_options"]["verilator_options"] == [
        "-Wall", "-Wno-MODMISSING", "-Wno-UNDRIVEN"]
    assert core["targets"]["synth"]["flow_options"]["arch"] == "ice40"
    assert core["targets"]["sim"]["toplevel"] == "dut_tb"
    assert core["targets"]["sim"]["filesets"] == ["rtl", "bench"]
