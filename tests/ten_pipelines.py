"""Pipelines as people write them with OpenCV, and the scripts that they stand for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from windrow.model.files import read_keys


__all__ = ["EXAMPLE", "TEN", "Written"]

Picture = Any
ROOT = Path(__file__).resolve().parents[1]

BLUR = {"kernel": "gaussian:ksize=5"}
GRADIENT = {"kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s16"}


class Written(NamedTuple):
    """Stages on a frame with the border ``reflect101``, and the function of OpenCV's calls."""

    stages: list[dict[str, Any]]
    function: Callable[[Picture], Picture]
    colour: bool = False


def _blur(image: Picture, size: int = 5, sigma: float = 0) -> Picture:
    return cv2.GaussianBlur(image, (size, size), sigma)


def _magnitude(image: Picture) -> Picture:
    return cv2.convertScaleAbs(cv2.magnitude(
        cv2.Sobel(image, cv2.CV_32F, 1, 0), cv2.Sobel(image, cv2.CV_32F, 0, 1)))


def _opened_gradient(image: Picture) -> Picture:
    binary = cv2.threshold(image, 99.5, 255, cv2.THRESH_BINARY_INV)[1]
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    opened = cv2.morphologyEx(binary, cv2.MORPH_OPEN, element)
    return cv2.morphologyEx(opened, cv2.MORPH_GRADIENT, np.ones((3, 3)))


def _half(image: Picture) -> Picture:
    grey = cv2.cvtColor(cv2.demosaicing(image, cv2.COLOR_BayerBG2RGB), cv2.COLOR_RGB2GRAY)
    return cv2.pyrDown(_blur(grey))


def _adaptive(image: Picture) -> Picture:
    return cv2.adaptiveThreshold(cv2.medianBlur(image, 3), 255, cv2.ADAPTIVE_THRESH_MEAN_C,
                                 cv2.THRESH_BINARY, 11, 2)


def _moved(image: Picture) -> Picture:
    binary = cv2.threshold(cv2.absdiff(image, _blur(image)), 8, 255, cv2.THRESH_BINARY)[1]
    return cv2.dilate(binary, np.ones((3, 3)), iterations=2)


def _edges(image: Picture) -> Picture:
    smooth = _blur(cv2.medianBlur(image, 3))
    return np.where(_magnitude(smooth) > 60, 255, smooth)


TEN: dict[str, Written] = {
    "unsharp": Written(
        [{"name": "blurred", **BLUR}, {"expr": "round((3*input - blurred) / 2)"}],
        lambda image: cv2.addWeighted(image, 1.5, _blur(image), -0.5, 0)),
    "difference of Gaussians": Written(
        [{"name": "fine", **BLUR},
         {"name": "coarse", "from": "input", "kernel": "gaussian:ksize=9"},
         {"expr": "fine - coarse"}],
        lambda image: cv2.subtract(_blur(image), _blur(image, 9))),
    "Laplacian of a blur": Written(
        [BLUR, {"kernel": "laplacian:ksize=3", "overflow": "abs-saturate"}],
        lambda image: cv2.convertScaleAbs(cv2.Laplacian(_blur(image), cv2.CV_16S, ksize=3))),
    "Canny behind a Gaussian": Written(
        [{"preset": "cv2.GaussianBlur:ksize=5,sigma=1.4"}, {"canny": [40, 110]}],
        lambda image: cv2.Canny(_blur(image, 5, 1.4), 40, 110)),
    "Canny, L2, behind a median": Written(
        [{"preset": "cv2.medianBlur:ksize=5"}, {"canny": [40, 110], "L2gradient": True}],
        lambda image: cv2.Canny(cv2.medianBlur(image, 5), 40, 110, L2gradient=True)),
    "magnitude of a gradient, from colour": Written(
        [{"convert": "bgr2gray"}, GRADIENT,
         {"expr": "round(sqrt(gx*gx + gy*gy))", "output": "u8"}, {"threshold": 60}],
        lambda image: cv2.threshold(_magnitude(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)), 60, 255,
                                    cv2.THRESH_BINARY)[1], True),
    "threshold, opening, gradient": Written(
        [{"threshold": 99.5, "type": "binary_inv"},
         {"preset": "cv2.morphologyEx:op=open,shape=ellipse,ksize=5"},
         {"preset": "cv2.morphologyEx:op=gradient,ksize=3"}], _opened_gradient),
    "mosaic to grey, half the size": Written(
        [{"demosaic": "rggb"}, {"convert": "rgb2gray"}, BLUR, {"kernel": "binomial:ksize=5"},
         {"shrink": 2}], _half),
    "median, adaptive threshold": Written(
        [{"preset": "cv2.medianBlur:ksize=3"},
         {"preset": "cv2.adaptiveThreshold:blockSize=11,C=2"}], _adaptive),
    "difference, threshold, two dilations": Written(
        [{"name": "still", **BLUR}, {"expr": "abs(input - still)"}, {"threshold": 8},
         {"preset": "cv2.dilate:ksize=3,iterations=2"}], _moved),
}
"""The ten that a pipeline must stand for."""

EXAMPLE = Written(read_keys(ROOT / "examples" / "pipeline.toml")["stage"], _edges)
"""The example of the documentation."""
