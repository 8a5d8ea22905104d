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
    "binomial": (21, 333, 272, 1536),
    "adder graph": (23, 559, 416, 2487),
    "even, two lanes": (22, 902, 672, 2702),
    "symmetric": (27, 498, 384, 1878),
    "larger output": (12, 731, 640, 3027),
    "uneven padding": (47, 1051, 752, 3928),
    "valid, two channels": (36, 1073, 864, 2519),
    "mean": (24, 748, 620, 1939),
    "constant mean": (15, 1043, 816, 2524),
    "mirrored mean": (63, 1057, 1268, 3329),
    "wide mean": (39, 846, 1040, 2429),
    "folded": (39, 993, 464, 4311),
    "folded, symmetric": (36, 549, 272, 2440),
    "slow adders": (19, 330, 120, 1553),
    "bank": (22, 708, 768, 2932),
    "sorted": (24, 578, 416, 2137),
    "searched": (19, 786, 414, 3161),
    "searched, of three bits": (10, 139, 48, 889),
    "dilated": (21, 356, 328, 1520),
    "dilated, many bits": (48, 1778, 3872, 4910),
    "one pixel": (11, 202, 160, 1107),
    "one row": (14, 441, 288, 1937),
    "one column": (33, 539, 384, 2320),
    "of the kernel's size": (35, 7187, 4928, 13448),
    "run time": (31, 1715, 560, 6833),
    "run time, two lanes": (27, 1469, 880, 8412),
}
PIPELINE_COSTS: dict[str, tuple[int, int, int, int]] = {
    "chain": (36, 672, 744, 2532),
    "branches": (35, 2163, 1856, 4876),
    "arithmetic": (54, 2573, 816, 4465),
    "divided": (33, 851, 684, 2800),
    "relations": (28, 704, 304, 1907),
    "colour": (23, 1817, 2112, 4713),
    "slow": (73, 2632, 744, 6638),
    "parts": (53, 501, 360, 2049),
    "parts that meet": (35, 1644, 1520, 5002),
    "taps that meet": (43, 1510, 3840, 5235),
    "larger between": (52, 734, 640, 2983),
    "thinned twice": (29, 592, 416, 2412),
    "outputs that meet": (31, 991, 576, 3136),
    "cuts that meet": (42, 1367, 2328, 4519),
    "enlarged": (31, 800, 2381, 3600),
    "enlarged, two lanes": (9, 345, 3331, 2885),
    "surrounded": (39, 346, 752, 1855),
    "pyramid": (47, 889, 2340, 4175),
    "edges": (137, 2171, 12354, 13559),
    "edges in lines": (121, 2255, 13736, 14266),
    "threshold": (61, 3821, 656, 20137),
    "two kernels": (50, 3330, 1104, 20203),
    "looked up": (18, 1650, 16960, 16979),
    "of any size": (44, 2934, 608, 17970),
    "detail": (99, 1517, 3671, 6981),
    "four lanes": (50, 3501, 3712, 8317),
    "raw colours": (47, 3695, 1792, 10666),
    "two parts": (78, 3042, 2982, 17356),
    "border": (19, 1770, 408, 12741),
    "two ends": (24, 648, 1461, 3243),
    "edges, wide": (357, 2227, 14533, 13796),
    "edges in lines, wide": (182, 3181, 16379, 18391),
    "cut out": (41, 1797, 704, 10482),
    "of any size, two lanes": (45, 3317, 1216, 19103),
}
NETWORK_COSTS: dict[str, tuple[int, int, int, int]] = {
    "classes": (1090, 2090, 6564, 7959),
    "classes, fast": (284, 8560, 10084, 26883),
    "depthwise": (384, 5630, 8358, 14519),
    "depthwise, fast": (169, 12567, 14362, 30816),
    "multiplied": (282, 2429, 2914, 7240),
    "multiplied, fast": (106, 5100, 6009, 14821),
    "skip": (704, 1951, 6012, 8323),
    "skip, fast": (213, 7769, 7036, 19161),
    "product": (65, 2638, 2714, 9103),
    "product, fast": (56, 4977, 9816, 22386),
    "side by side": (146, 2688, 14984, 8833),
    "side by side, fast": (112, 5060, 20174, 15560),
    "means": (161, 3628, 6136, 12296),
    "moves": (127, 1048, 5184, 7744),
    "transposed": (484, 1109, 2443, 4902),
    "transposed, fast": (111, 4209, 4658, 10676),
    "line": (388, 3375, 2567, 9313),
    "line, fast": (163, 6495, 6449, 16867),
    "strided": (1587, 1873, 6053, 7940),
    "strided, fast": (214, 12694, 11761, 40086),
    "points": (270, 5891, 4709, 14894),
    "points, fast": (109, 22203, 25360, 119545),
    "joined": (388, 4507, 5367, 16723),
    "joined, fast": (153, 13778, 13207, 35444),
    "pixel": (25, 574, 1296, 3946),
}

DEVICE_COSTS: dict[tuple[str, str], tuple[int, int, int, int, int]] = {
    ("ecp5", "symmetric"): (26, 404, 288, 1764, 5),
    ("ecp5", "bank"): (21, 674, 544, 2774, 26),
    ("ecp5", "searched"): (18, 774, 384, 3131, 1),
    ("ecp5", "dilated"): (20, 330, 160, 1405, 27),
    ("ecp5", "dilated, many bits"): (56, 2180, 0, 5214, 215),
    ("ecp5", "folded"): (38, 831, 272, 4197, 6),
    ("ecp5", "run time"): (30, 1409, 448, 6302, 27),
    ("ice40", "symmetric"): (26, 385, 288, 1784, 5),
    ("ice40", "bank"): (21, 646, 544, 2990, 2),
    ("ice40", "searched"): (18, 753, 384, 3153, 1),
    ("ice40", "dilated"): (25, 445, 320, 1581, 2),
    ("ice40", "dilated, many bits"): (47, 1355, 800, 5754, 24),
    ("ice40", "folded"): (38, 803, 272, 4237, 6),
    ("ice40", "run time"): (30, 1431, 448, 7050, 9),
    ("gowin", "symmetric"): (26, 404, 288, 1764, 5),
    ("gowin", "bank"): (21, 674, 544, 2902, 1),
    ("gowin", "searched"): (18, 774, 384, 3131, 1),
    ("gowin", "dilated"): (20, 330, 160, 1490, 2),
    ("gowin", "dilated, many bits"): (47, 1392, 800, 5648, 13),
    ("gowin", "folded"): (38, 831, 272, 4133, 5),
    ("gowin", "run time"): (30, 1409, 448, 6576, 10),
    ("gatemate", "symmetric"): (27, 504, 288, 2255, 1),
    ("gatemate", "bank"): (22, 676, 544, 2996, 2),
    ("gatemate", "searched"): (19, 776, 384, 3161, 1),
    ("gatemate", "dilated"): (21, 332, 160, 1520, 2),
    ("gatemate", "dilated, many bits"): (48, 1394, 800, 5678, 21),
    ("gatemate", "folded"): (39, 1023, 272, 5967, 2),
    ("gatemate", "run time"): (31, 1843, 448, 10712, 1),
    ("ecp5", "classes, fast"): (282, 7574, 6028, 24354, 408),
    ("ecp5", "product"): (63, 2506, 1106, 8914, 5),
    ("ecp5", "depthwise"): (381, 5344, 5542, 14215, 16),
    ("ecp5", "parts that meet"): (35, 1630, 1408, 5231, 1),
    ("ecp5", "edges in lines"): (119, 2175, 12824, 14265, 43),
    ("ecp5", "arithmetic"): (54, 2471, 704, 4161, 53),
    ("ice40", "classes, fast"): (279, 6770, 4544, 29302, 38),
    ("ice40", "product"): (64, 2459, 800, 9418, 4),
    ("ice40", "depthwise"): (380, 5113, 4064, 16188, 14),
    ("ice40", "parts that meet"): (31, 1438, 704, 4933, 1),
    ("ice40", "edges in lines"): (117, 2062, 12824, 14362, 6),
    ("ice40", "arithmetic"): (51, 2315, 704, 4327, 3),
    ("gowin", "classes, fast"): (282, 7574, 6028, 26358, 35),
    ("gowin", "product"): (63, 2506, 1106, 8914, 5),
    ("gowin", "depthwise"): (381, 5344, 5542, 14215, 16),
    ("gowin", "parts that meet"): (35, 1630, 1408, 5231, 1),
    ("gowin", "edges in lines"): (119, 2175, 12824, 14331, 3),
    ("gowin", "arithmetic"): (54, 2471, 704, 4551, 3),
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
    """Bits that its operators take and make, and bits that are assigned in a branch."""
    made = sum(int(width) for width in re.findall(r"parameter \\[ABY]_WIDTH (\d+)", text))
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
