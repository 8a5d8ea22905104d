"""What the project promises, on real pictures and real frame sizes, through the Verilog."""

from pathlib import Path

import numpy as np
import pytest

from windrow.model import Filter
from windrow.model.filter import BORDERS
from windrow.sim import compare, simulate
from windrow.sim.pictures import load


PICTURES = Path(__file__).resolve().parents[2] / "pictures"

KERNELS = {
    "gaussian 5x5": {"kernel": "gaussian:ksize=5"},
    "sobel-x to s16": {"kernel": "sobel-x", "output": "s16"},
    "2x2": {"kernel": [[1, 2], [3, -4]], "output": "s12"},
    "1x7": {"kernel": [[1, -6, 15, 44, 15, -6, 1]], "shift": 6},
    "7x1": {"kernel": [[1], [-6], [15], [44], [15], [-6], [1]], "shift": 6},
    # In grey: three planes of this one take g++ half a minute.
    "11x11": {"kernel": "gaussian:ksize=11,sigma=1.8", "channels": 1},
    "4x6": {"kernel": np.arange(-11, 13).reshape(4, 6).tolist(), "shift": 3},
}


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("name", KERNELS)
def test_photograph(name: str, border: str) -> None:
    keys = {"width": 600, "height": 400, "channels": 3, "border": border, "border_value": 99,
            **KERNELS[name]}
    if border != "constant":
        del keys["border_value"]
    filter = Filter(**keys)
    picture = load(PICTURES / "coffee.jpg", width=600, height=400, channels=filter.channels,
                   pixel=filter.pixel)
    result = simulate(filter, [picture])
    assert compare(result, filter, [picture]) is None
    assert result.cycles_per_frame == 600 * 400


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("lanes", [1, 4])
def test_vga_back_to_back(lanes: int, border: str) -> None:
    filter = Filter(kernel="binomial:ksize=5", width=640, height=480, border=border,
                    pixels_per_clock=lanes)
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, (480, 640)) for _ in range(3)]
    # The simulator leaves the input idle after the last frame, which must still come out whole.
    result = simulate(filter, frames)
    assert compare(result, filter, frames) is None
    starts = [span.first_in for span in result.spans]
    assert list(np.diff(starts)) == [640 * 480 // lanes] * 2
    assert result.spans[-1].last_in - starts[-1] == 640 * 480 // lanes - 1
