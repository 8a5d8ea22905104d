"""What small designs cost: cycles of latency, bits of registers, of memory and of logic.

A change that adds a cycle or a register shall say so, here. Where it takes some away, be glad and
write down the new number.
"""

import re
from typing import Any

import pytest
import test_small_networks
import test_small_pipelines
from amaranth.back import rtlil  # type: ignore[attr-defined]  # not in the stubs
from test_small_filters import FILTERS, make

from windrow.hdl import Core, PipelineCore
from windrow.hdl.controlled_core import ControlledCore
from windrow.hdl.network.core import NetworkCore


FILTER_COSTS: dict[str, tuple[int, int, int, int]] = {
    "binomial": (21, 333, 272, 1054),
    "adder graph": (23, 559, 416, 1660),
    "even, two lanes": (22, 902, 672, 1890),
    "symmetric": (27, 498, 384, 1240),
    "larger output": (12, 731, 640, 2194),
    "uneven padding": (47, 1051, 752, 2944),
    "valid, two channels": (36, 1073, 864, 1757),
    "mean": (24, 748, 620, 1356),
    "constant mean": (15, 1043, 816, 1837),
    "mirrored mean": (63, 1057, 1268, 2265),
    "wide mean": (39, 846, 1040, 1662),
    "folded": (39, 993, 464, 3142),
    "folded, symmetric": (36, 549, 272, 1703),
    "slow adders": (19, 330, 120, 1029),
    "bank": (22, 708, 768, 2223),
    "sorted": (24, 578, 416, 1467),
    "searched": (19, 786, 414, 1769),
    "searched, of three bits": (10, 139, 48, 544),
    "dilated": (21, 356, 328, 998),
    "one pixel": (11, 202, 160, 687),
    "one row": (14, 441, 288, 1266),
    "one column": (33, 539, 384, 1447),
    "of the kernel's size": (35, 7187, 4928, 8672),
    "run time": (31, 1715, 560, 4301),
    "run time, two lanes": (27, 1469, 880, 4891),
}
PIPELINE_COSTS: dict[str, tuple[int, int, int, int]] = {
    "chain": (36, 672, 744, 1902),
    "branches": (35, 2163, 1856, 3876),
    "arithmetic": (54, 2573, 816, 3293),
    "relations": (27, 663, 304, 1357),
    "colour": (23, 1817, 2112, 3965),
    "slow": (73, 2632, 744, 3779),
    "parts": (53, 501, 360, 1417),
    "parts that meet": (34, 1601, 1392, 3914),
    "enlarged": (31, 798, 2381, 2566),
    "enlarged, two lanes": (9, 327, 1763, 2119),
    "surrounded": (39, 346, 752, 1252),
    "pyramid": (47, 889, 2340, 2901),
    "edges": (137, 2171, 12354, 7717),
    "edges in lines": (121, 2255, 13736, 8111),
    "threshold": (61, 3821, 656, 10970),
    "looked up": (17, 1534, 576, 10204),
    "of any size": (44, 2934, 608, 9452),
}
NETWORK_COSTS: dict[str, tuple[int, int, int, int]] = {
    "classes": (1090, 2090, 6564, 4960),
    "classes, fast": (284, 8560, 10084, 15290),
    "depthwise": (384, 5630, 8358, 8291),
    "depthwise, fast": (169, 12567, 14362, 17898),
    "multiplied": (282, 2429, 2914, 4176),
    "multiplied, fast": (106, 5100, 6009, 8541),
    "skip": (704, 1951, 6012, 5156),
    "skip, fast": (213, 7769, 7036, 11359),
    "product": (65, 2638, 2714, 5086),
    "product, fast": (56, 4977, 9816, 12400),
    "side by side": (144, 2658, 14792, 4964),
    "side by side, fast": (110, 5028, 19526, 8597),
    "means": (161, 3628, 6136, 7487),
    "moves": (127, 1048, 5184, 4744),
    "transposed": (484, 1109, 2443, 2944),
    "transposed, fast": (111, 4209, 4658, 6350),
    "line": (388, 3375, 2567, 5315),
    "line, fast": (163, 6495, 6449, 9745),
    "pixel": (25, 574, 1296, 2648),
}


def registers(text: str) -> int:
    """Bits of the registers of a design, as it is before synthesis."""
    return sum(int(re.search(r"parameter \\WIDTH (\d+)", cell)[1])  # type: ignore[index]
               for cell in re.findall(r"cell \$dff.*?\n\s*end\n", text, re.DOTALL))


def memory(text: str) -> int:
    """Bits of its memories."""
    return sum(int(width) * int(size)
               for width, size in re.findall(r"memory width (\d+) size (\d+)", text))


def logic(text: str) -> int:
    """Bits that its operators make, and bits that are assigned in a branch."""
    made = sum(int(width) for width in re.findall(r"parameter \\Y_WIDTH (\d+)", text))
    chosen = sum(int(width) for width in re.findall(
        r"cell \$mux \S+\n\s*parameter \\WIDTH (\d+)", text))
    assigned = sum(int(high) - int(low or high) + 1 for high, low in re.findall(
        r"assign \S+ \[(\d+)(?::(\d+))?\]", text))
    return made + chosen + assigned


def cost(core: Any, latency: int) -> tuple[int, int, int, int]:
    """All four."""
    text = rtlil.convert(core, emit_src=False)
    return latency, registers(text), memory(text), logic(text)


@pytest.mark.parametrize("name", FILTERS)
def test_cost_of_a_filter(name: str) -> None:
    core = Core(make(name), strategy=FILTERS[name][0])
    assert cost(core, core.latency) == FILTER_COSTS[name]


@pytest.mark.parametrize("name", test_small_pipelines.PIPELINES)
def test_cost_of_a_pipeline(name: str) -> None:
    core = PipelineCore(test_small_pipelines.make(name))
    assert cost(core, core.latency) == PIPELINE_COSTS[name]


@pytest.mark.parametrize("name", test_small_pipelines.RUNNING)
def test_cost_of_a_pipeline_and_its_registers(name: str) -> None:
    core = ControlledCore(test_small_pipelines.make(name))
    assert cost(core, core.core.latency) == PIPELINE_COSTS[name]


@pytest.mark.parametrize("name", test_small_networks.NETWORKS)
def test_cost_of_a_network(name: str) -> None:
    network, plan = test_small_networks.make(name)
    core = NetworkCore(network, plan=plan)
    assert cost(core, core.latency) == NETWORK_COSTS[name]
