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
    "binomial": (21, 333, 272),
    "adder graph": (23, 559, 416),
    "even, two lanes": (22, 902, 672),
    "symmetric": (27, 498, 384),
    "larger output": (12, 731, 640),
    "uneven padding": (47, 1051, 752),
    "valid, two channels": (36, 1073, 864),
    "mean": (24, 748, 620),
    "constant mean": (15, 1043, 816),
    "mirrored mean": (63, 1057, 1268),
    "wide mean": (39, 846, 1040),
    "folded": (39, 993, 464),
    "folded, symmetric": (36, 549, 272),
    "slow adders": (19, 330, 120),
    "bank": (22, 708, 768),
    "sorted": (24, 578, 416),
    "searched": (19, 786, 414),
    "searched, of three bits": (10, 139, 48),
    "dilated": (21, 356, 328),
    "one pixel": (11, 202, 160),
    "one row": (14, 441, 288),
    "one column": (33, 539, 384),
    "of the kernel's size": (35, 7187, 4928),
    "run time": (31, 1715, 560),
    "run time, two lanes": (27, 1469, 880),
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
