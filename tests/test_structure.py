"""What synthesis finds in the Verilog: line memory, latches, loops, and Verilator's lint."""

from pathlib import Path

import pytest
from structure import FILTERS, Structure, least_lines, structure, verilator_lint, yosys_cells

from windrow import Filter


# All but the largest, which takes as long as the others together.
@pytest.mark.parametrize("name", [name for name in FILTERS if "11x11" not in name])
def test_structure(name: str) -> None:
    filter_ = Filter.from_dict(FILTERS[name])
    found = structure(filter_)
    beats = -(-filter_.width // filter_.pixels_per_clock)
    bits = beats * filter_.pixels_per_clock * filter_.channels * filter_.pixel.bits
    assert found.line_bits == least_lines(filter_) * bits
    assert found.latches == 0
    assert found.loops == 0
    assert found.lint == ()
    # The output queue holds what is in flight, not lines.
    assert found.other_bits < 4096


@pytest.mark.parametrize("keys, lines", [
    ({"border": "replicate"}, 4),
    ({"border": "reflect101"}, 4),
    ({"border": "reflect101", "padding": [4, 0, 0, 0]}, 8),
    ({"border": "symmetric", "padding": [0, 4, 0, 0]}, 7),
    ({"border": "constant", "padding": "full"}, 4),
])
def test_least_lines(keys: dict[str, object], lines: int) -> None:
    box = Filter.from_dict({"kernel": "box:ksize=5", "width": 9, "height": 9, **keys})
    assert least_lines(box) == lines


@pytest.mark.parametrize("fault", [
    {"line_bits": 1}, {"latches": 1}, {"loops": 1}, {"lint": ("%Warning-LATCH",)},
])
def test_a_fault_is_no_good(fault: dict[str, object]) -> None:
    good = {"line_bits": 0, "least_bits": 0, "other_bits": 64, "latches": 0, "loops": 0, "lint": ()}
    assert Structure(**good).good  # type: ignore[arg-type]
    assert not Structure(**{**good, **fault}).good  # type: ignore[arg-type]


def test_yosys_finds_a_latch_and_a_loop(tmp_path: Path) -> None:
    (tmp_path / "dut.v").write_text("""
        module dut (input a, input en, output reg latched, output looped);
          wire other = looped | en;
          assign looped = other & a;
          always @* if (en) latched = a;
        endmodule
    """)
    cells, loops = yosys_cells(tmp_path)
    assert loops > 0
    assert "$dlatch" in [cell["type"] for cell in cells]


def test_verilator_finds_what_is_not_waived(tmp_path: Path) -> None:
    (tmp_path / "dut.v").write_text("""
        module dut (input [3:0] a, output [2:0] b);
          assign b = a;
        endmodule
    """)
    assert any("WIDTHTRUNC" in line for line in verilator_lint(tmp_path))
