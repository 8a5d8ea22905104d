"""RTLIL as text: what is read of it, and what is refused."""

import pytest

from windrow.synth.rtlil import Switch, parse


TEXT = r"""
attribute \generator "Amaranth"
attribute \top 1
module \top
  attribute \init 4'0101
  wire width 4 \state
  wire width 1 input 0 \clk
  wire width 8 input 1 \i[0]
  wire output 2 \o
  wire width 4 $2
  memory width 10 size 16 \storage
  cell $dff $1
    parameter \WIDTH 4
    parameter signed \CLK_POLARITY 1'1
    connect \D $2 [3:0]
    connect \CLK \clk [0]
    connect \Q \state
  end
  process $3
    assign $2 [3:0] \state [3:0]
    switch { \i[0] [0] \clk }
      case 2'1-
        assign $2 [1:0] 2'10
        switch \i[0] [1]
          case 1'1
            assign $2 [3] 1'1
        end
      case 2'00, 2'01
        assign $2 [2] \i[0] [7]
      case
    end
  end
  connect \o { \state [2:1] 1'x \i[0] [3] }
end
module \other
end
"""


def test_a_module_is_read() -> None:
    modules = parse(TEXT)
    assert list(modules) == ["\\top", "\\other"]
    top = modules["\\top"]
    assert top.widths == {"\\state": 4, "\\clk": 1, "\\i[0]": 8, "\\o": 1, "$2": 4}
    assert top.initial == {"\\state": "0101"}
    assert (top.inputs, top.outputs) == (["\\clk", "\\i[0]"], ["\\o"])
    assert top.memories == {"\\storage": (10, 16)}
    (cell,) = top.cells
    assert (cell.type, cell.number("\\WIDTH"), cell.is_set("\\CLK_POLARITY")) == ("$dff", 4, True)
    assert cell.is_set("\\SIGNED") is False
    assert cell.ports["\\D"] == [("$2", bit) for bit in range(4)]
    # Lowest bit first; what is undefined counts as 0.
    assert top.connections == [
        ([("\\o", 0)], [("\\i[0]", 3), "0", ("\\state", 1), ("\\state", 2)])]


def test_a_process_is_read() -> None:
    (process,) = parse(TEXT)["\\top"].processes
    first, switch = process.body
    assert isinstance(first, tuple)
    assert first[1] == [("\\state", bit) for bit in range(4)]
    assert isinstance(switch, Switch)
    assert switch.selector == [("\\clk", 0), ("\\i[0]", 0)]
    assert [patterns for patterns, _ in switch.cases] == [["1-"], ["00", "01"], []]
    assigned, inner = switch.cases[0][1]
    assert assigned == ([("$2", 0), ("$2", 1)], ["0", "1"])
    assert isinstance(inner, Switch)
    assert inner.cases == [(["1"], [([("$2", 3)], ["1"])])]


@pytest.mark.parametrize("text, words", [
    ("modul \\top", "cannot read 'modul"),
    ("module \\top\n  sync always\nend", "cannot read 'sync always'"),
    ("module \\top\n  cell $and $1\n", "no end"),
    ("module \\top\n  process $1\n    sync always\n  end\nend", "in a process"),
])
def test_unknown_rtlil_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("\\", "\\\\")):
        parse(text)
