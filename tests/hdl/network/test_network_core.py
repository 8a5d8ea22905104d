"""Whole networks: every layer's tensor, the frames' places, and the cycles of the plan."""

import random

import numpy as np
import pytest
from network_bench import run
from random_networks import random_frames, random_network

from windrow.hdl.network.planning import plan_network
from windrow.model import InputError, Sample
from windrow.model.framing import Beat, Framer
from windrow.model.network import Add, Convolution, Network, Pool, Tensor


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


def test_streams_that_break_the_rules() -> None:
    sample = Sample.parse("u8")
    source = Tensor(1, 4, 5, sample, zero_point=10)
    layer = Pool(name="pool", inputs=("input",), sources=(source,), kind="max", kernel=(3, 3),
                 pads=(1, 1, 1, 1))
    network = Network(name="pool", input=source, layers=(layer,), arithmetic="onnxruntime")
    rng = random.Random(4)
    beats = []
    for at in range(400):
        first, last = at % 20 == 0, at % 5 == 4
        if rng.random() < 0.03:
            first, last = rng.random() < 0.3, not last
        if rng.random() > 0.02:  # else it is missing
            beats.append(Beat([rng.randrange(256)], first, last))
    # A last whole frame, so that the one before it is complete.
    beats += [Beat([at], at == 0, at % 5 == 4) for at in range(20)]
    framer = Framer(5, 4)
    for beat in beats:
        framer.take(beat)
    assert not framer.unfinished
    frames = np.stack(framer.frames).transpose(0, 3, 1, 2)
    run(network, plan_network(network, multipliers=1), frames, beats=beats, stall_in=0.2,
        stall_out=0.2)
