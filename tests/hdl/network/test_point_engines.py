"""Layers without a window, alone: every number of lanes, whole pixels and rests, with stalls."""

from typing import Any

import numpy as np
import pytest
from engine_bench import beats_of, run
from random_networks import S8, U8, random_frames

from windrow.hdl.devices import device
from windrow.hdl.network.argmax_engine import ArgMaxEngine
from windrow.hdl.network.concat_engine import ConcatEngine
from windrow.hdl.network.point_engine import AddEngine, MulEngine, TableEngine
from windrow.model import Sample
from windrow.model.network import (
    Add,
    ArgMax,
    Concat,
    FloatRequantiser,
    Mul,
    OnnxAdd,
    Table,
    Tensor,
)


GENERIC = device("generic")


def check(layer: Any, engine: Any, taken: list[tuple[int, ...]], stall: float,
          frames: list[np.ndarray] | None = None) -> None:
    """Three frames of each input, beat by beat."""
    given = frames or [random_frames(source, 3, 7 + number)
                       for number, source in enumerate(layer.sources)]
    wanted = beats_of(layer.compute(*given), engine.given)
    trace = run(engine, [(port, beats_of(each, counts)) for port, each, counts in zip(
        engine.inputs, given, taken, strict=True)], engine.o, len(wanted), stall_in=stall,
        stall_out=stall)
    for number, (got, beat) in enumerate(zip(trace.beats, wanted, strict=True)):
        assert got[:len(beat)] == beat, f"beat {number}"
    if not stall:
        first = trace.cycles[0]
        beats = sum(map(len, taken)) if isinstance(layer, Concat) else len(taken[0])
        pixels = layer.input.height * layer.input.width * 3
        took = trace.cycles[-1] - first - beats * pixels
        # An input's table is filled when its turn comes for the first time.
        assert 0 <= took + 1 <= 8 if isinstance(layer, Concat) else took == -(
            beats if isinstance(layer, ArgMax) else 1)
        if hasattr(engine, "latency"):
            # In the first cycle the queue behind the others has no room.
            assert first == engine.latency + (beats if isinstance(layer, ArgMax) else 2)


@pytest.mark.parametrize("lanes", [1, 2, 3, 5])
@pytest.mark.parametrize("keys", [{}, {"last": True}, {"least": True}])
@pytest.mark.parametrize("stall", [0.0, 0.4])
def test_argmax(lanes: int, keys: dict[str, bool], stall: float) -> None:
    source = Tensor(5, 3, 4, S8)
    layer = ArgMax(name="layer", inputs=("input",), sources=(source,), **keys)
    frames = random_frames(source, 3, lanes)
    frames[1] = frames[1] // 100  # many that are equal
    frames[2, :, 1] = frames[2, 0, 1]
    engine = ArgMaxEngine(layer, lanes)
    check(layer, engine, [engine.taken], stall, [frames])


@pytest.mark.parametrize("lanes, count", [
    (1, 1), (1, 2), (1, 5), (2, 5), (3, 5), (5, 5), (5, 1), (2, 4)])
@pytest.mark.parametrize("sample", [U8, S8], ids=str)
@pytest.mark.parametrize("stall", [0.0, 0.4])
def test_tables(lanes: int, count: int, sample: Sample, stall: float) -> None:
    rng = np.random.default_rng(lanes + count)
    source = Tensor(5 if count == 1 else count, 2, 3, sample)
    layer = Table(name="layer", inputs=("input",), sources=(source,), sample=S8, tables=tuple(
        tuple(rng.integers(-128, 128, 256).tolist()) for _ in range(count)))
    engine = TableEngine(source, layer.output, lanes, GENERIC, layer.tables)
    check(layer, engine, [engine.taken], stall)


@pytest.mark.parametrize("lanes", [1, 2, 3])
@pytest.mark.parametrize("samples", [(U8, U8), (S8, U8)], ids=str)
@pytest.mark.parametrize("stall", [0.0, 0.4])
def test_products(lanes: int, samples: tuple[Sample, Sample], stall: float) -> None:
    one, two = (Tensor(3, 3, 4, sample, 1.0, zero) for sample, zero in zip(
        samples, (100, 7), strict=True))
    layer = Mul(name="layer", inputs=("one", "two"), sources=(one, two),
                requantiser=FloatRequantiser(sample=U8, zero_point=90, scales=(0.011,)))
    engine = MulEngine(layer, lanes, GENERIC)
    check(layer, engine, [engine.taken] * 2, stall)


@pytest.mark.parametrize("lanes, stall", [(1, 0.4), (2, 0.0)])
def test_sums(lanes: int, stall: float) -> None:
    one, two = (Tensor(3, 3, 4, S8, 1.0, zero) for zero in (-5, 9))
    layer = Add(name="layer", inputs=("one", "two"), sources=(one, two), rule=OnnxAdd(
        scales=(0.5, 1.0, 1.0), zero_points=(-5, 9, 2), sample=S8, low=-100))
    engine = AddEngine(layer, lanes, GENERIC)
    check(layer, engine, [engine.taken] * 2, stall)


@pytest.mark.parametrize("lanes", [1, 2, 4])
@pytest.mark.parametrize("tabled", [(), (0,), (1, 2)], ids=str)
@pytest.mark.parametrize("stall", [0.0, 0.4])
def test_side_by_side(lanes: int, tabled: tuple[int, ...], stall: float) -> None:
    rng = np.random.default_rng(1)
    sources = tuple(Tensor(count, 2, 3, U8) for count in (3, 1, 4))
    layer = Concat(name="layer", inputs=("a", "b", "c"), sources=sources, sample=U8, tables=tuple(
        tuple(rng.integers(0, 256, 256).tolist()) if number in tabled else None
        for number in range(3)))
    engine = ConcatEngine(layer, lanes, GENERIC)
    check(layer, engine, list(engine.taken), stall)
