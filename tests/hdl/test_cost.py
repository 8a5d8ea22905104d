"""What small designs cost: cycles of latency, bits of registers, of memory and of logic.

A change that adds a cycle or a register shall say so, here. Where it takes some away, be glad and
write down the new number.
"""

import re
from typing import Any

import pytest
from amaranth.back import rtlil  # type: ignore[attr-defined]  # not in the stubs
from device_bench import written_cells
from test_small_filters import FILTERS
from test_small_filters import make as make_filter
from test_small_networks import NETWORKS
from test_small_networks import make as make_network
from test_small_pipelines import PIPELINES, RUNNING
from test_small_pipelines import make as make_pipeline

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
    "dilated, many bits": (48, 1778, 3872, 3717),
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
    "divided": (33, 851, 684, 2005),
    "relations": (28, 704, 304, 1374),
    "colour": (23, 1817, 2112, 3965),
    "slow": (73, 2632, 744, 3779),
    "parts": (53, 501, 360, 1417),
    "parts that meet": (35, 1644, 1520, 4041),
    "taps that meet": (43, 1478, 3264, 3948),
    "enlarged": (31, 798, 2381, 2566),
    "enlarged, two lanes": (9, 327, 1763, 2119),
    "surrounded": (39, 346, 752, 1252),
    "pyramid": (47, 889, 2340, 2901),
    "edges": (137, 2171, 12354, 7717),
    "edges in lines": (121, 2255, 13736, 8109),
    "threshold": (61, 3821, 656, 10970),
    "two kernels": (50, 3330, 1104, 10657),
    "looked up": (18, 1650, 16960, 10579),
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

DEVICE_COSTS: dict[tuple[str, str], tuple[int, int, int, int, int]] = {
    ("ecp5", "symmetric"): (26, 404, 288, 1184, 5),
    ("ecp5", "bank"): (21, 674, 544, 2171, 26),
    ("ecp5", "searched"): (18, 774, 384, 1753, 1),
    ("ecp5", "dilated"): (20, 330, 160, 977, 27),
    ("ecp5", "dilated, many bits"): (56, 2180, 0, 4684, 215),
    ("ecp5", "folded"): (38, 831, 272, 3120, 6),
    ("ecp5", "run time"): (30, 1409, 448, 4002, 27),
    ("ice40", "symmetric"): (26, 385, 288, 1188, 5),
    ("ice40", "bank"): (21, 646, 544, 2277, 2),
    ("ice40", "searched"): (18, 753, 384, 1759, 1),
    ("ice40", "dilated"): (25, 445, 320, 1053, 2),
    ("ice40", "dilated, many bits"): (47, 1355, 800, 4513, 24),
    ("ice40", "folded"): (38, 803, 272, 3132, 6),
    ("ice40", "run time"): (30, 1431, 448, 4452, 9),
    ("gowin", "symmetric"): (26, 404, 288, 1184, 5),
    ("gowin", "bank"): (21, 674, 544, 2207, 1),
    ("gowin", "searched"): (18, 774, 384, 1753, 1),
    ("gowin", "dilated"): (20, 330, 160, 982, 2),
    ("gowin", "dilated, many bits"): (47, 1392, 800, 4469, 13),
    ("gowin", "folded"): (38, 831, 272, 3056, 5),
    ("gowin", "run time"): (30, 1409, 448, 4211, 10),
    ("gatemate", "symmetric"): (27, 504, 288, 1464, 1),
    ("gatemate", "bank"): (22, 676, 544, 2287, 2),
    ("gatemate", "searched"): (19, 776, 384, 1769, 1),
    ("gatemate", "dilated"): (21, 332, 160, 998, 2),
    ("gatemate", "dilated, many bits"): (48, 1394, 800, 4485, 21),
    ("gatemate", "folded"): (39, 1023, 272, 4060, 2),
    ("gatemate", "run time"): (31, 1843, 448, 6380, 1),
    ("ecp5", "classes, fast"): (282, 7574, 6028, 14314, 408),
    ("ecp5", "product"): (63, 2506, 1106, 4986, 5),
    ("ecp5", "depthwise"): (381, 5344, 5542, 8138, 16),
    ("ecp5", "parts that meet"): (35, 1630, 1408, 4193, 1),
    ("ecp5", "edges in lines"): (119, 2175, 12824, 8203, 43),
    ("ecp5", "arithmetic"): (54, 2471, 704, 3146, 53),
    ("ice40", "classes, fast"): (279, 6770, 4544, 18013, 38),
    ("ice40", "product"): (64, 2459, 800, 5465, 4),
    ("ice40", "depthwise"): (380, 5113, 4064, 10061, 14),
    ("ice40", "parts that meet"): (31, 1438, 704, 3973, 1),
    ("ice40", "edges in lines"): (117, 2062, 12824, 8194, 6),
    ("ice40", "arithmetic"): (51, 2315, 704, 3197, 3),
    ("gowin", "classes, fast"): (282, 7574, 6028, 15058, 35),
    ("gowin", "product"): (63, 2506, 1106, 4986, 5),
    ("gowin", "depthwise"): (381, 5344, 5542, 8138, 16),
    ("gowin", "parts that meet"): (35, 1630, 1408, 4193, 1),
    ("gowin", "edges in lines"): (119, 2175, 12824, 8133, 3),
    ("gowin", "arithmetic"): (54, 2471, 704, 3346, 3),
}
"""By target and design; with the cells of the device."""


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


def cost(core: Any, latency: int, *, of_device: bool = False) -> tuple[int, ...]:
    """All four, and of a device its cells."""
    text = rtlil.convert(core, emit_src=False)
    found = latency, registers(text), memory(text), logic(text)
    return (*found, written_cells(text)) if of_device else found


@pytest.mark.parametrize("name", FILTERS)
def test_cost_of_a_filter(name: str) -> None:
    core = Core(make_filter(name), strategy=FILTERS[name][0])
    assert cost(core, core.latency) == FILTER_COSTS[name]


@pytest.mark.parametrize("name", PIPELINES)
def test_cost_of_a_pipeline(name: str) -> None:
    core = PipelineCore(make_pipeline(name))
    assert cost(core, core.latency) == PIPELINE_COSTS[name]


@pytest.mark.parametrize("name", RUNNING)
def test_cost_of_a_pipeline_and_its_registers(name: str) -> None:
    core = ControlledCore(make_pipeline(name))
    assert cost(core, core.core.latency) == PIPELINE_COSTS[name]


@pytest.mark.parametrize("name", NETWORKS)
def test_cost_of_a_network(name: str) -> None:
    network, plan = make_network(name)
    core = NetworkCore(network, plan=plan)
    assert cost(core, core.latency) == NETWORK_COSTS[name]


@pytest.mark.parametrize("target", ["ecp5", "ice40", "gowin", "gatemate"])
@pytest.mark.parametrize("name", [
    "symmetric", "bank", "searched", "dilated", "dilated, many bits", "folded", "run time"])
def test_cost_of_a_filter_on_a_device(target: str, name: str) -> None:
    core = Core(make_filter(name), strategy=FILTERS[name][0], target=target)
    assert cost(core, core.latency, of_device=True) == DEVICE_COSTS[target, name]


@pytest.mark.parametrize("target", ["ecp5", "ice40", "gowin"])
@pytest.mark.parametrize("name", ["classes, fast", "product", "depthwise"])
def test_cost_of_a_network_on_a_device(target: str, name: str) -> None:
    network, plan = make_network(name)
    core = NetworkCore(network, plan=plan, target=target)
    assert cost(core, core.latency, of_device=True) == DEVICE_COSTS[target, name]


@pytest.mark.parametrize("target", ["ecp5", "ice40", "gowin"])
@pytest.mark.parametrize("name", ["parts that meet", "edges in lines", "arithmetic"])
def test_cost_of_a_pipeline_on_a_device(target: str, name: str) -> None:
    core = PipelineCore(make_pipeline(name), target=target)
    assert cost(core, core.latency, of_device=True) == DEVICE_COSTS[target, name]
