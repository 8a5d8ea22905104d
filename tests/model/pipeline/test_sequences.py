"""Presets that are several stages: a case of each against the function, and what is refused."""

import importlib
from typing import Any

import cv2
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal

from windrow.model import InputError, Pipeline


IMAGE = np.random.default_rng(3).integers(0, 256, (24, 30), np.uint8)
KEYS = {"width": 30, "height": 24}


def scores(threshold: int) -> np.ndarray:
    found = np.zeros_like(IMAGE)
    for each in cv2.FastFeatureDetector_create(threshold).detect(IMAGE):
        found[int(each.pt[1]), int(each.pt[0])] = each.response + 1
    return found


def made(preset: str, **keys: Any) -> np.ndarray:
    return Pipeline([{"preset": preset}], **{**KEYS, **keys}).compute(IMAGE)


@pytest.mark.parametrize("preset, wanted", [
    ("cv2.pyrDown", lambda: cv2.pyrDown(IMAGE)),
    ("cv2.pyrUp", lambda: cv2.pyrUp(IMAGE)),
    *((f"cv2.resize:fx={fx!r},fy={fy!r},interpolation=INTER_{kind}", lambda fx=fx, fy=fy, kind=kind:
       cv2.resize(IMAGE, None, fx=fx, fy=fy, interpolation=getattr(cv2, f"INTER_{kind}")))
      for fx, fy, kind in ((2.0, 2.0, "LINEAR"), (2.0, 2.0, "LINEAR_EXACT"), (.5, .5, "LINEAR"),
                           (3.0, 2.0, "NEAREST"), (.2, .25, "NEAREST"), (1 / 3, .5, "AREA"),
                           (.5, .5, "AREA"), (.2, .25, "AREA"))),
    ("cv2.FastFeatureDetector:threshold=30", lambda: scores(30)),
    ("cv2.cornerHarris:blockSize=2,ksize=3,threshold=0.0004", lambda: 255 * (
        cv2.cornerHarris(IMAGE, 2, 3, 0.04) > 0.0004)),
    ("cv2.magnitude:y=input", lambda: np.clip(np.rint(cv2.magnitude(
        *[IMAGE.astype(np.float32)] * 2)), 0, 255)),
    ("cv2.spatialGradient", lambda: np.dstack(cv2.spatialGradient(IMAGE))),
    *((f"scipy.ndimage.{name}:size=(3,2)", lambda name=name: getattr(scipy.ndimage, name)(
        IMAGE, size=(3, 2))) for name in (
            "grey_opening", "white_tophat", "black_tophat", "morphological_laplace")),
], ids=lambda each: each if isinstance(each, str) else "")
def test_it_is_the_function(preset: str, wanted: Any) -> None:
    np.testing.assert_array_equal(made(preset), wanted())


@pytest.mark.parametrize("name", ["opening", "closing", "black_tophat"])
def test_scikit_image(name: str) -> None:
    run = getattr(importlib.import_module("skimage.morphology"), name)
    np.testing.assert_array_equal(made(f"skimage.morphology.{name}:footprint=1 1 1; 1 1 1"),
                                  run(IMAGE, np.ones((2, 3))))


def test_the_complex_gradient_of_scipys_documentation() -> None:
    """A bank of the real and the imaginary kernel, and the length of both."""
    scharr = np.array([[-3 - 3j, -10j, 3 - 3j], [-10, 0, 10], [-3 + 3j, 10j, 3 + 3j]])
    shared = {"operation": "convolve", "border": "symmetric", "output": "s16", "from": "input"}
    pipeline = Pipeline([
        {"name": name, "kernel": np.rint(part).astype(int).tolist(), **shared}
        for name, part in (("re", scharr.real), ("im", scharr.imag))] + [
        {"expr": "round(sqrt(re*re + im*im))", "output": "u16"}], **KEYS)
    gradient = scipy.signal.convolve2d(IMAGE.astype(int), scharr, boundary="symm", mode="same")
    np.testing.assert_array_equal(pipeline.compute(IMAGE), np.rint(np.abs(gradient)))


@pytest.mark.parametrize("preset, keys, message", [
    ("cv2.resize:fx=1.5", {}, "fx and fy must be both 1, 2 ... 8, or both 1, 1/2"),
    ("cv2.resize:fx=0.25", {}, "fx and fy must be 2 or 1/2 with INTER_LINEAR"),
    ("cv2.resize:fx=2,interpolation=INTER_AREA", {}, "fx and fy must be at most 1 with INTER_AREA"),
    ("cv2.resize:fx=0.25,interpolation=INTER_NEAREST", {},
     "fx is 1/4, and 'input' has 30 pixels that way; there must be a multiple"),
    ("cv2.resize:fx=0.5,fy=0.142857,interpolation=INTER_AREA", {"height": 28},
     "blocks of 7x2 have means that lie half way"),
    ("cv2.resize:fx=2,interpolation=INTER_CUBIC", {}, "interpolation must be INTER_AREA"),
    ("cv2.FastFeatureDetector:threshold=300", {}, "threshold must be from 0 to 255"),
    ("cv2.FastFeatureDetector", {"control": "axi4-lite"}, "its size can change while"),
    ("cv2.FastFeatureDetector", {"channels": 3}, "it takes one channel, and 'input' has 3"),
    ("cv2.FastFeatureDetector", {"pixel": "u16"}, "pixel must be u8, not u16"),
    ("cv2.cornerHarris:blockSize=2,ksize=7,threshold=1", {}, "ksize must be 3 or 5, not 7"),
    ("cv2.cornerHarris:blockSize=2,ksize=3,threshold=1,k=0.05", {}, "k must be 0.04, not 0.05"),
    ("scipy.ndimage.grey_opening:size=3,origin=1", {}, "it computes with origin 0"),
    ("scipy.ndimage.white_tophat", {}, "size or footprint must be given"),
])
def test_what_is_refused(preset: str, keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        made(preset, **keys)
