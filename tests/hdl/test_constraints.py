"""The constraints of the input FIFO name every crossing that there is, and no other."""

import fnmatch
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structure import yosys_cells

from windrow.hdl import build
from windrow.model import Filter


# Input ports of yosys's cells at which a clock edge takes a value, or an asynchronous reset acts.
TAKEN = ("D", "EN", "SRST", "ARST", "WR_ADDR", "WR_DATA", "WR_EN")


@pytest.fixture(scope="module")
def built() -> Any:
    return build(Filter(kernel=[[1]], width=8, height=4, input_fifo=8, control="axi4-lite"), "dut")


Names = tuple[str, ...]  # a register's own, and those of the ports that it drives


class Netlist:
    """A flat netlist of yosys: which registers see which."""

    def __init__(self, module: dict[str, Any]) -> None:
        self._cells = [*module["cells"].values()]
        self._names: dict[Any, list[str]] = {}
        for name, net in module["netnames"].items():
            for bit in net["bits"]:
                self._names.setdefault(bit, []).append(name.replace(".", "/"))
        self._drivers = {
            bit: cell for cell in self._cells for pin, bits in cell["connections"].items()
            if cell["port_directions"][pin] == "output" for bit in bits}

    def _names_and_clock(self, cell: dict[str, Any]) -> tuple[Names, Any] | None:
        """Of a register or a memory; of others ``None``."""
        pins = cell["connections"]
        if cell["type"] == "$mem_v2":
            name = cell["parameters"]["MEMID"].lstrip("\\").replace(".", "/")
            return (name,), pins["WR_CLK"][0]
        return (tuple(self._names[pins["Q"][0]]), pins["CLK"][0]) if "Q" in pins else None

    def crossings(self) -> Iterator[tuple[Names, Names, str]]:
        """Source, sink, and the sink's pin, where their clocks are not the same."""
        for cell in self._cells:
            if (register := self._names_and_clock(cell)) is not None:
                names, clock = register
                for pin in TAKEN:
                    for source, other in self._sources(cell["connections"].get(pin, [])):
                        if other != clock:
                            yield source, names, pin

    def _sources(self, bits: list[Any]) -> set[tuple[Names, Any]]:
        found, seen, left = set(), set(), list(bits)
        while left:
            bit = left.pop()
            if bit in seen or bit not in self._drivers:
                continue
            seen.add(bit)
            cell = self._drivers[bit]
            pins = cell["connections"]
            register = self._names_and_clock(cell)
            if register is not None:
                found.add(register)
            if cell["type"] == "$mem_v2":
                left += pins["RD_ADDR"]  # it is read between two clock edges
            elif register is None:
                for pin, inputs in pins.items():
                    if cell["port_directions"][pin] == "input":
                        left += inputs
        return found


def matches(names: Names, pattern: str, after: str = "_reg") -> bool:
    """Whether Vivado would find a register in some design."""
    return any(fnmatch.fnmatchcase(f"top/{name}{after}", pattern) for name in names)


def test_every_crossing_is_constrained(built: Any, tmp_path: Path) -> None:
    (tmp_path / "dut.v").write_text(built.verilog)
    yosys_cells(tmp_path)
    netlist = Netlist(json.loads((tmp_path / "dut.json").read_text())["modules"]["dut"])
    # What nobody reads, the FIFO's level, synthesis takes away.
    found = {ends for ends in netlist.crossings() if "consume_buffered_cdc" not in str(ends[1])}
    memory = {ends for ends in found if ends[0][0].endswith("/storage")}
    resets = {ends for ends in found if ends[2] == "ARST"}
    others = found - memory - resets

    text = built.constraints["dut.xdc"]
    delays = re.findall(r'-from \[get_cells .*?"(.*?)".*?\n  -to \[get_cells .*?"(.*?)"', text)
    [stored] = re.findall(r'-quiet .* -from .*?"(.*?)"', text)
    pins = re.findall(r'set_false_path -to .*?"(.*?)"', text)
    assert (len(memory), len(delays)) == (1, 5)
    assert all(matches(source, stored) for source, _, _ in memory)
    for source, sink, _ in others:
        assert any(matches(source, start) and matches(sink, end) for start, end in delays), sink
    for start, end in delays:
        assert any(matches(source, start) and matches(sink, end) for source, sink, _ in others), end
    for _, sink, _ in resets:
        assert any(matches(sink, pin, "_reg/PRE") for pin in pins), sink


def test_both_files_hold_the_same_paths(built: Any) -> None:
    paths = {
        ending: set(re.findall(r"\*(fifo[^ \"}]*?)(?:_reg\*|\*|/stage\*_reg\*/PRE)[\"}]",
                               built.constraints[f"dut.{ending}"].replace("|", "/")))
        for ending in ("xdc", "sdc")
    }
    assert {path.removesuffix("/stage") for path in paths["sdc"]} == paths["xdc"]
    assert len(paths["xdc"]) == 14


def test_bits_of_gray_codes_arrive_together(built: Any) -> None:
    """A set of bits with more than one that is old, or new, would be another number."""
    skews = re.findall(r"set_max_skew \$period -from \[get_registers {\*(\S+?)\*}\]",
                       built.constraints["dut.sdc"])
    assert [path.rpartition("|")[2] for path in skews] == ["produce_w_gry", "consume_r_gry"]


def test_synchronisers_are_marked(built: Any) -> None:
    marked = re.findall(r'\(\* ASYNC_REG = "TRUE" \*\)\n  reg (?:\[\S+\] )?(\S+)', built.verilog)
    assert set(marked) == {"stage0", "stage1", "stage2", "stage3"}
    assert len(marked) == len(re.findall(r"^  reg .*stage\d", built.verilog, re.MULTILINE))


def test_only_an_input_fifo_has_constraints(built: Any) -> None:
    assert built.manifest["constraints"] == ["dut.xdc", "dut.sdc"] == [*built.constraints]
    plain = build(Filter(kernel=[[1]], width=8, height=4), "dut")
    assert not plain.constraints
    assert "ASYNC_REG" not in plain.verilog
    assert "constraints" not in plain.manifest
