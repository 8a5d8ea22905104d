"""The block RAMs that a plan says a network takes are those of its hardware."""

import numpy as np
import pytest
from amaranth.back import rtlil  # type: ignore[attr-defined]  # not in the stubs
from device_bench import written_cells
from random_networks import random_network
from strategies import seeds
from test_small_networks import NETWORKS, Small, make

from windrow.hdl.devices import device
from windrow.hdl.network.core import NetworkCore
from windrow.hdl.network.planned import PlannedNetwork
from windrow.hdl.network.planning import NetworkPlan, plan_network
from windrow.model import InputError
from windrow.model.network import Convolution, Crop, Network, Resize
from windrow.synth.network_cost import layer_costs, network_cost


def blocks(component: object) -> int:
    """Block RAMs of an ECP5 that are written out, before any synthesis."""
    return written_cells(rtlil.convert(component, emit_src=False), "DP16KD")


def check(network: Network, plan: NetworkPlan) -> int:
    """As many as are written out; how many."""
    found = blocks(NetworkCore(network, plan=plan, target="ecp5"))
    assert found == network_cost(PlannedNetwork(network, plan), device("ecp5")).rams
    return found


@pytest.mark.parametrize("name", [
    name if name in ("classes, fast", "side by side", "skip", "means", "moves") else
    pytest.param(name, marks=pytest.mark.slow) for name in NETWORKS])
def test_small_networks(name: str) -> None:
    assert check(*make(name))


@pytest.mark.parametrize("seed", seeds(4, 40))
def test_many_channels(seed: int) -> None:
    """Weights, biases, numbers of requantisers and corrections in block RAM; lanes not all full."""
    random = np.random.default_rng(seed)
    made = Small(int(random.integers(40, 120)), 2, 2)
    made.convolution("wide", int(random.integers(100, 300)), 1, 1)
    made.convolution("next", int(random.integers(20, 90)), 1, 2)
    plan = plan_network(made.network, multipliers=int(random.integers(2, 30)))
    assert check(made.network, plan) > 4
    costs = layer_costs(PlannedNetwork(made.network, plan), device("ecp5"))
    assert [*costs] == ["wide", "next"]
    assert min(each.rams or 0 for each in costs.values()) > 0


@pytest.mark.parametrize("kind, keys, shape", [
    (Resize, {"factors": (2, 2)}, (8, 2, 2)),
    (Crop, {"channels": (1, 3), "rows": (0, 16), "columns": (0, 128)}, (4, 16, 128))])
def test_layers_that_move_samples(kind: type, keys: dict[str, object],
                                  shape: tuple[int, int, int]) -> None:
    network = Small(*shape).add(kind, "moved", **keys).network
    check(network, plan_network(network, multipliers=1))


def test_constants_that_are_alike_take_no_memory() -> None:
    made = Small(64, 3, 3, zero_point=0)
    made.add(Convolution, "box", weights=np.full((64, 1, 3, 3), 100), groups=64)
    check(made.network, plan_network(made.network, multipliers=2))


@pytest.mark.parametrize("seed", [1008, 1009, *range(4)])
def test_random_networks(seed: int) -> None:
    network = random_network(seed, 24, 8)
    try:
        plan = plan_network(network, multipliers=60)
    except InputError as error:
        pytest.skip(str(error))
    check(network, plan)
