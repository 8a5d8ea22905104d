"""Whole pipelines in hardware, on a photograph's crop, with random stalls.

That the model is OpenCV's, ``tests/model/pipeline/test_opencv.py`` shows.
"""

from pathlib import Path

import cv2
import numpy as np
import pytest
from exact import assert_same
from ten_pipelines import TEN

from windrow.model import Pipeline
from windrow.sim import simulate
from windrow.sim.job import judge
from windrow.sim.taps import first_wrong_tap, simulated_taps


PICTURES = Path(__file__).resolve().parents[2] / "pictures"


def test_canny_whole_at_640x480() -> None:
    """Of OpenCV's edges no pixel is missing, and a frame takes next to no cycle more."""
    size = 640, 480
    frames = [cv2.resize(np.asarray(cv2.imread(str(PICTURES / name), 0)), size)
              for name in ("camera.png", "coffee.jpg")]
    frames += [np.random.default_rng(4).integers(0, 256, size[::-1], np.uint8), frames[0]]
    pipeline = Pipeline([{"preset": "cv2.Canny:threshold1=60,threshold2=150"}], width=640,
                        height=480)
    result = simulate(pipeline, frames)
    for output, frame in zip(result.outputs, frames, strict=True):
        assert_same(output, cv2.Canny(frame, 60, 150))
    assert 640 * 480 <= result.cycles_per_frame <= 640 * 480 + 1000


@pytest.mark.slow
@pytest.mark.parametrize("name", TEN)
def test_ten_pipelines_are_bit_exact_and_take_no_cycle_more(name: str) -> None:
    written = TEN[name]
    # Not followed, so that no picture takes longer than another.
    stages = [{**stage, "edges": "classes"} if "canny" in stage else stage
              for stage in written.stages]
    if written.colour:
        frame = np.asarray(cv2.imread(str(PICTURES / "coffee.jpg")))[100:196, 200:328]
    else:
        frame = np.asarray(cv2.imread(str(PICTURES / "camera.png"), 0))[150:246, 180:308]
    pipeline = Pipeline(stages, width=128, height=96, border="reflect101",
                        channels=3 if written.colour else 1)
    frames = [frame, frame[::-1].copy(), frame[:, ::-1].copy()]
    result = simulate(pipeline, frames)
    assert judge(result, pipeline, frames)[0] is None
    assert result.cycles_per_frame == 128 * 96
    taps = simulated_taps(pipeline, lambda each: simulate(each, frames, stall=0.3, seed=6))
    assert first_wrong_tap(pipeline, frames, taps) is None
