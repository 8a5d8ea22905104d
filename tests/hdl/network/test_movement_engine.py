"""Layers that move samples, against the golden model."""

from typing import Any

import pytest
from engine_bench import beats_of, run
from random_networks import random_frames

from windrow.hdl.devices import device
from windrow.hdl.network.movement_engine import MovementEngine
from windrow.model import Sample
from windrow.model.network import Crop, DepthToSpace, Pad, Resize, SpaceToDepth, Tensor


@pytest.mark.parametrize("kind, shape, lanes, keys", [
    (DepthToSpace, (12, 2, 3), 2, {"block": 2}),
    (DepthToSpace, (12, 2, 3), 2, {"block": 2, "mode": "CRD"}),
    (DepthToSpace, (9, 1, 1), 1, {"block": 3, "mode": "CRD"}),
    (SpaceToDepth, (3, 4, 2), 2, {"block": 2}),
    (SpaceToDepth, (3, 4, 2), 2, {"block": 2, "mode": "CRD"}),
    (Pad, (5, 3, 4), 2, {"pads": (1, 2, 0, 3), "value": 7}),
    (Pad, (1, 3, 4), 1, {"pads": (2, 2, 3, 1), "mode": "reflect"}),
    (Pad, (2, 2, 3), 1, {"pads": (3, 0, 0, 4), "mode": "replicate"}),
    (Pad, (2, 2, 3), 3, {"pads": (2, 1, 0, 3), "mode": "circular"}),
    (Crop, (5, 4, 3), 2, {"channels": (1, 4), "rows": (1, 3), "columns": (0, 2)}),
    (Resize, (3, 2, 4), 2, {"factors": (3, 2)}),
    (Resize, (1, 1, 1), 1, {"factors": (2, 1)}),
])
@pytest.mark.parametrize("stall", [0.0, 0.4])
def test_movement(kind: Any, shape: tuple[int, int, int], lanes: int, keys: dict[str, Any],
                  stall: float) -> None:
    source = Tensor(*shape, Sample.parse("u8"), zero_point=200)
    layer = kind(name="layer", inputs=("input",), sources=(source,), **keys)
    engine = MovementEngine(layer, lanes, 3 * shape[1] + 20, device("generic"))
    frames = random_frames(source, 3, 1)
    wanted = beats_of(layer.compute(frames), engine.given)
    trace = run(engine, [(engine.i, beats_of(frames, engine.taken))], engine.o, len(wanted),
                stall_in=stall, stall_out=stall)
    for number, (got, beat) in enumerate(zip(trace.beats, wanted, strict=True)):
        assert got[:len(beat)] == beat, f"beat {number}"
    if not stall:
        frame = len(wanted) // 3
        most = max(len(engine.taken) * shape[1] * shape[2],
                   len(engine.given) * layer.output.height * layer.output.width,
                   frame)
        words = len(engine._reader._passes.word_channels) * shape[1] * shape[2]
        reads = layer.output.height * layer.output.width * len(engine._reader._passes.given)
        assert trace.cycles[-1] - trace.cycles[-1 - frame] == max(most, words, reads)
