"""Captions: below the picture, readable, and cut where there is no room."""

import numpy as np
import pytest

from windrow.sim.caption import STRIP, captioned


@pytest.mark.parametrize("width", [48, 640])
def test_the_picture_stays_as_it_is(width: int) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (20, width, 3), np.uint8)
    found = captioned(picture, ("still, as it is", "filtered: " + "sobel-x " * 20))
    assert found.shape == (20 + STRIP, width, 3)
    assert (found[:20] == picture).all()
    strip = found[20:]
    for half in (strip[:, : width // 2], strip[:, width // 2 :]):
        assert half.max() > 100
        assert (half[:, -2:] == 0).all(), "no text runs into the other one"
