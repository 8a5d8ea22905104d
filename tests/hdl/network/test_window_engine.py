"""Convolutions and pools of any kind, against the golden model and the cycles they are to take."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine_bench import beats_of, run
from random_layers import convolution, frames, pool

from windrow.hdl.devices import device
from windrow.hdl.network.convolution_engine import ConvolutionEngine
from windrow.hdl.network.pool_engine import PoolEngine
from windrow.model import Sample
from windrow.model.network import (
    Convolution,
    FloatRequantiser,
    Folding,
    Pool,
    Tensor,
    cycles,
)
from windrow.model.network.folding import foldings


#: The second has registers where iCE40 has them.
FAMILIES = device("generic"), replace(
    device("generic"), spare_registers=False, constant_memory=device("ice40").constant_memory)


def check(layer: Convolution | Pool, folding: Folding, seed: int, stall: float = 0.0) -> None:
    # So many rows that nothing ever waits for one, however short frames are.
    rows = 2 * layer.input.height + 40
    kind = ConvolutionEngine if isinstance(layer, Convolution) else PoolEngine
    engine = kind(layer, folding, rows, FAMILIES[seed % 2])  # type: ignore[arg-type]
    images = frames(layer, 3, seed)
    wanted = beats_of(layer.compute(images), engine.given)
    trace = run(engine, [(engine.i, beats_of(images, engine.taken))], engine.o, len(wanted),
                stall_in=stall, stall_out=stall, seed=seed)
    for number, (got, beat) in enumerate(zip(trace.beats, wanted, strict=True)):
        assert got[:len(beat)] == beat, f"beat {number}: got {got}, wanted {beat}; {layer}"
    if not stall:
        frame = len(wanted) // 3
        pixels = layer.input.height * layer.input.width
        took = trace.cycles[-1] - trace.cycles[-1 - frame]
        assert took == max(cycles(layer, folding), pixels * len(engine.taken), frame), layer


MANY = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(200)]


# Seed 167: three times the greatest sum takes two bits more than the sum, and has no sign.
@pytest.mark.parametrize("seed", [*range(10), *MANY[10:167], 167, *MANY[168:]])
def test_any_convolution(seed: int) -> None:
    rng = random.Random(seed)
    layer = convolution(rng)
    check(layer, rng.choice(foldings(layer)), seed, stall=rng.choice([0.0, 0.3]))


@pytest.mark.parametrize("seed", [*range(6), *MANY[6:]])
def test_any_pool(seed: int) -> None:
    rng = random.Random(seed)
    layer = pool(rng)
    check(layer, rng.choice(foldings(layer)), seed, stall=rng.choice([0.0, 0.3]))


@pytest.mark.parametrize("shape, kernel, count, keys, folding", [
    ((1, 1, 1), (1, 1), 4, {}, Folding()),
    ((5, 1, 1), (1, 1), 4, {}, Folding(2, 3)),
    ((3, 4, 2), (4, 2), 4, {}, Folding(3, 2, True)),
    ((3, 4, 2), (4, 2), 4, {}, Folding(1, 1)),
    ((1, 1, 9), (1, 3), 4, {"pads": (0, 0, 2, 0)}, Folding(2)),
    ((2, 3, 3), (5, 5), 4, {"pads": (2, 2, 2, 2)}, Folding(4, 2, True)),
    ((2, 2, 3), (1, 3), 7, {}, Folding(3)),
    ((2, 2, 3), (1, 2), 4, {}, Folding(2)),
], ids=["pixel", "channels", "frame", "frame, one by one", "causal", "larger than the frame",
        "unequal passes", "equal passes"])
@pytest.mark.parametrize("stall", [0.0, 0.5])
def test_edges(shape: tuple[int, int, int], kernel: tuple[int, int], count: int,
               keys: dict[str, Any], folding: Folding, stall: float) -> None:
    random = np.random.default_rng(3)
    sample = Sample.parse("u8")
    check(Convolution(
        name="layer", inputs=("input",), sources=(Tensor(*shape, sample, zero_point=9),),
        weights=random.integers(-128, 128, (count, shape[0], *kernel)),
        bias=(5, -5, 0, 1000, 7, -999, 1)[:count],
        requantiser=FloatRequantiser(sample=sample, zero_point=100, scales=(2.0 ** -9,)), **keys),
        folding, 7, stall)
