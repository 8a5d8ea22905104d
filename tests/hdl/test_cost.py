"""What small filters cost: cycles of latency, bits of registers and of memory.

A change that adds a cycle or a register shall say so, here. Where it takes some away, be glad and
write down the new number.
"""

import re

import pytest
from amaranth.back import rtlil  # type: ignore[attr-defined]  # not in the stubs
from test_small_filters import FILTERS, make

from windrow.hdl import Core


COSTS: dict[str, tuple[int, int, int]] = {
    "binomial": (21, 330, 272),
    "adder graph": (23, 556, 416),
    "even, two lanes": (22, 899, 672),
    "symmetric": (27, 495, 384),
    "larger output": (12, 728, 640),
    "uneven padding": (47, 1048, 752),
    "valid, two channels": (36, 1070, 864),
    "mean": (24, 745, 620),
    "constant mean": (15, 1040, 816),
    "mirrored mean": (63, 1054, 1268),
    "wide mean": (39, 843, 1040),
    "folded": (39, 991, 464),
    "folded, symmetric": (36, 546, 272),
    "slow adders": (19, 327, 120),
    "bank": (22, 705, 768),
    "sorted": (24, 574, 416),
    "searched": (19, 783, 414),
    "dilated": (21, 353, 328),
    "one pixel": (11, 199, 160),
    "one row": (14, 438, 288),
    "one column": (33, 536, 384),
    "of the kernel's size": (35, 7183, 4928),
    "run time": (31, 1674, 560),
    "run time, two lanes": (27, 1451, 880),
}


def registers(text: str) -> int:
    """Bits of the registers of a design, as it is before synthesis."""
    return sum(int(re.search(r"parameter \\WIDTH (\d+)", cell)[1])  # type: ignore[index]
               for cell in re.findall(r"cell \$dff.*?\n\s*end\n", text, re.DOTALL))


def memory(text: str) -> int:
    """Bits of its memories."""
    return sum(int(width) * int(size)
               for width, size in re.findall(r"memory width (\d+) size (\d+)", text))


@pytest.mark.parametrize("name", FILTERS)
def test_cost(name: str) -> None:
    core = Core(make(name), strategy=FILTERS[name][0])
    text = rtlil.convert(core, emit_src=False)
    assert (core.latency, registers(text), memory(text)) == COSTS[name]
