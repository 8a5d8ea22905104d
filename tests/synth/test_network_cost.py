"""The block RAMs that a plan says a network takes are those of its hardware."""

import re

import pytest
from amaranth.back import rtlil  # type: ignore[attr-defined]  # not in the stubs
from test_small_networks import NETWORKS, make

from windrow.hdl.devices import device, ecp5
from windrow.hdl.network.core import NetworkCore
from windrow.hdl.network.planned import PlannedNetwork
from windrow.synth.network_cost import network_cost


def blocks(component: object) -> int:
    """Block RAMs of an ECP5 that are written out, before any synthesis."""
    return len(re.findall(r"cell \\DP16KD ", rtlil.convert(component, emit_src=False)))


@pytest.mark.parametrize("name", NETWORKS)
def test_block_rams_are_as_planned(name: str) -> None:
    network, plan = make(name)
    found = blocks(NetworkCore(network, plan=plan, target="ecp5"))
    assert found == network_cost(PlannedNetwork(network, plan), device("ecp5")).rams


@pytest.mark.parametrize("bits, depth, count", [
    (8, 16, 0), (8, 256, 0), (9, 256, 1), (18, 512, 1), (18, 513, 1), (36, 512, 1), (36, 513, 2),
    (40, 300, 2), (20, 1500, 3), (1, 2048, 0), (1, 2049, 1), (1, 16384, 1), (1, 16385, 1),
    (3, 40000, 8), (1, 65536, 4)])
def test_constants(bits: int, depth: int, count: int) -> None:
    """Both ports of a block read up to half of its words, its end may stand in LUTs."""
    assert ecp5.constant_count(bits, depth) == count
    rom = ecp5.BlockROM([number % (1 << bits) for number in range(depth)], bits)
    assert blocks(rom) == count
