"""Whole networks: every layer's tensor, the frames' places, and the cycles of the plan."""

import random

import pytest
from network_bench import run
from random_networks import random_frames, random_network

from windrow.hdl.network.planning import plan_network
from windrow.model import InputError
from windrow.model.network import Add, Convolution


@pytest.mark.parametrize("seed", [
    *range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 60))])
def test_any_network(seed: int) -> None:
    rng = random.Random(seed)
    network = random_network(seed, channels=4, size=6)
    count = sum(isinstance(layer, Convolution) for layer in network.layers)
    try:
        for layer in network.layers:
            if isinstance(layer, Add):
                assert layer.form
        plan = plan_network(network, multipliers=max(1, count * rng.choice([1, 2, 4, 8])))
    except InputError as error:
        pytest.skip(str(error))
    stall = rng.choice([0.0, 0.3])
    trace = run(network, plan, random_frames(network.input, 5, seed), stall_in=stall,
                stall_out=stall, seed=seed)
    if not stall:
        frame = len(trace.beats) // 5
        assert trace.cycles[-1] - trace.cycles[-1 - frame] == plan.cycles
