"""Each file that connects a core connects all of its ports."""

import re
from typing import Any

import pytest
from designs import DESIGNS, SMALL

from windrow.hdl import build
from windrow.model import Pipeline
from windrow.packages.table import PACKAGES, add_packages


CORES: dict[str, Any] = {
    **DESIGNS,
    "lines": Pipeline([{"canny": [60, 150], "lines": 6}], **SMALL),
    "lines_live": Pipeline([{"canny": [60, 150], "lines": 6}], control="axi4-lite", **SMALL),
    "many": Pipeline([{"kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s16"},
                      {"name": "size", "expr": "abs(gx) + abs(gy)", "output": "u12"}],
                     outputs=["gx", "gy", "size"], input_fifo=16, pixels_per_clock=2, **SMALL),
}

#: File, and how it connects a port: its name, and what to, which must not be left out.
CONNECTIONS: dict[str, tuple[str, str]] = {
    "ip-xact": ("{}_ip/component.xml", r"<spirit:port>\s*<spirit:name>(\w+)<()"),
    "quartus": ("{}_hw.tcl", r"add_interface_port \w+ (\w+) (\w+) (?:In|Out)put"),
    "vhdl": ("{}_records.vhd", r"^ +(\w+) => (?!open)([\w.]+)"),
    "systemverilog": ("{}_wrap.sv", r"\.(\w+)\(([\w.]+)\)"),
    "litex": ("{}_litex.py", r'"[io]_(\w+)"(?:: |\] = )([^,\n]+)'),
    # A bench may leave an output open that it has no use for, and no input.
    "fusesoc": ("{}_tb.sv", r"^    \.(\w+)\(([^)\n]*)\),?$"),
}

#: Files by which a tool takes the ports from the Verilog, or knows registers alone.
BY_NAME = {"vivado", "cocotb", "systemrdl", "svd", "linux", "pynq"}


def test_every_package_is_looked_at() -> None:
    assert {*CONNECTIONS, *BY_NAME} == set(PACKAGES)


@pytest.mark.parametrize("name", CORES)
def test_no_port_is_left_open(name: str) -> None:
    made: Any = add_packages(build(CORES[name], name), CONNECTIONS)
    ports = {port.name: port.is_input for port in made.ports}
    assert ("incomplete" in ports) == name.startswith("lines")
    for package, (file, pattern) in CONNECTIONS.items():
        found = dict(re.findall(pattern, made.files[file.format(name)], re.MULTILINE))
        assert set(found) >= set(ports), package
        if package == "fusesoc":
            assert all(found[port] for port, is_input in ports.items() if is_input)
