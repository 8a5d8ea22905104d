"""What synthesis finds in the Verilog: line memory, latches, loops, and Verilator's lint."""

import pytest
from structure import FILTERS, Structure, least_lines, structure

from windrow import Filter

# Enough for each feature once; the whole list is benchmarks/structure.py's.
CHOSEN = ("binomial 3x3", "box 4x6 over u12", "row 1x7", "column 7x1, full")


@pytest.mark.parametrize("name", CHOSEN)
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
    assert least_lines(Filter.from_dict({"kernel": "box:ksize=5", "width": 9, "height": 9, **keys})) == lines


@pytest.mark.parametrize("fault", [
    {"line_bits": 1}, {"latches": 1}, {"loops": 1}, {"lint": ("%Warning-LATCH",)},
])
def test_a_fault_is_no_good(fault: dict[str, object]) -> None:
    good = {"line_bits": 0, "least_bits": 0, "other_bits": 64, "latches": 0, "loops": 0, "lint": ()}
    assert Structure(**good).good  # type: ignore[arg-type]
    assert not Structure(**{**good, **fault}).good  # type: ignore[arg-type]
