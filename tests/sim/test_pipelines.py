"""Whole pipelines in hardware, on a photograph's crop, with random stalls.

That the model is OpenCV's, ``tests/model/pipeline/test_opencv.py`` shows.
"""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from exact import assert_same

from windrow.model import Pipeline
from windrow.sim import simulate
from windrow.sim.job import judge
from windrow.sim.taps import first_wrong_tap, simulated_taps


PICTURES = Path(__file__).resolve().parents[2] / "pictures"
BLUR = {"kernel": "gaussian:ksize=5"}
GRADIENT = {"kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s16"}
CANNY = {"canny": [40, 110], "edges": "classes"}

TEN: dict[str, list[dict[str, Any]]] = {
    "unsharp": [{"name": "blurred", **BLUR}, {"expr": "round((3*input - blurred) / 2)"}],
    "difference of Gaussians": [
        {"name": "fine", **BLUR}, {"name": "coarse", "from": "input", "kernel": "gaussian:ksize=9"},
        {"expr": "fine - coarse"}],
    "Laplacian of a blur": [BLUR, {"kernel": "laplacian:ksize=3", "overflow": "abs-saturate"}],
    "Canny behind a Gaussian": [{"preset": "cv2.GaussianBlur:ksize=5,sigma=1.4"}, CANNY],
    "Canny, L2, behind a median": [{"preset": "cv2.medianBlur:ksize=5"},
                                   {**CANNY, "L2gradient": True}],
    "magnitude of a gradient, from colour": [
        {"convert": "bgr2gray"}, GRADIENT,
        {"expr": "round(sqrt(gx*gx + gy*gy))", "output": "u8"}, {"threshold": 60}],
    "threshold, opening, gradient": [
        {"threshold": 99.5, "type": "binary_inv"},
        {"preset": "cv2.morphologyEx:op=open,shape=ellipse,ksize=5"},
        {"preset": "cv2.morphologyEx:op=gradient,ksize=3"}],
    "mosaic to grey, half the size": [
        {"demosaic": "rggb"}, {"convert": "rgb2gray"}, BLUR, {"kernel": "binomial:ksize=5"},
        {"shrink": 2}],
    "median, adaptive threshold": [
        {"preset": "cv2.medianBlur:ksize=3"}, {"preset": "cv2.adaptiveThreshold:blockSize=11,C=2"}],
    "difference, threshold, two dilations": [
        {"name": "still", **BLUR}, {"expr": "abs(input - still)"}, {"threshold": 8},
        {"preset": "cv2.dilate:ksize=3,iterations=2"}],
}


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
    if "colour" in name:
        frame = np.asarray(cv2.imread(str(PICTURES / "coffee.jpg")))[100:196, 200:328]
    else:
        frame = np.asarray(cv2.imread(str(PICTURES / "camera.png"), 0))[150:246, 180:308]
    pipeline = Pipeline(TEN[name], width=128, height=96, border="reflect101",
                        channels=3 if "colour" in name else 1)
    frames = [frame, frame[::-1].copy(), frame[:, ::-1].copy()]
    result = simulate(pipeline, frames)
    assert judge(result, pipeline, frames)[0] is None
    assert result.cycles_per_frame == 128 * 96
    taps = simulated_taps(pipeline, lambda each: simulate(each, frames, stall=0.3, seed=6))
    assert first_wrong_tap(pipeline, frames, taps) is None
