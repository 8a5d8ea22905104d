"""How many results do not fit, and whether what is advised keeps them."""

from typing import Any

import numpy as np
import pytest

from windrow import Filter
from windrow.sim.clipping import Clipping


FRAME = np.array([[0, 255, 0, 255, 0, 0, 0, 200, 0]])
"""Its differences by two: 255, 0, 0, 0, -255, 0, 200, 0, -200."""


def counted(**keys: Any) -> tuple[Clipping, str]:
    filter = Filter(**{"kernel": [[-1, 0, 1]], "width": 9, "height": 1, **keys})
    clipping = sum((Clipping.of(exact, filter) for _, exact in filter.exact(FRAME)), Clipping())
    return clipping, clipping.describe(filter)


@pytest.mark.parametrize("keys, below, above, said", [
    ({}, 2, 0, "22.2 % of samples clipped, all below 0: --output s16 keeps them, "
               "--overflow abs-saturate keeps their magnitudes"),
    ({"output": "u7"}, 2, 2, "44.4 % of samples clipped (22.2 % below 0, 22.2 % above 127): "
                             "--output s16 keeps them"),
    ({"output": "s8"}, 2, 2, "44.4 % of samples clipped (22.2 % below -128, 22.2 % above 127): "
                             "--output s16 keeps them"),
    ({"overflow": "wrap"}, 2, 0,
     "22.2 % of samples wrapped, all below 0: --output s16 keeps them"),
    ({"overflow": "abs-saturate"}, 0, 0, ""),
    ({"overflow": "abs-saturate", "output": "u4"}, 0, 4,
     "44.4 % of samples clipped, all above 15: --output u8 keeps them"),
    ({"shift": 1, "rounding": "floor"}, 2, 0,
     "22.2 % of samples clipped, all below 0: --output s8 keeps them, "
     "--overflow abs-saturate keeps their magnitudes"),
    ({"output": "s16"}, 0, 0, ""),
    ({"kernel": [[1 << 40]], "output": "u32"}, 0, 3,
     "33.3 % of samples clipped, all above 4294967295: a greater --shift keeps more of them"),
])
def test_clipping(keys: dict[str, Any], below: int, above: int, said: str) -> None:
    clipping, text = counted(**keys)
    assert (clipping.below, clipping.above, clipping.samples) == (below, above, 9)
    assert text == said
    if "--output " in said:
        wider = text.partition("--output ")[2].split()[0]
        assert counted(**{**keys, "output": wider})[1] == ""


def test_a_few_samples_are_counted() -> None:
    filter = Filter(kernel=[[1]], width=3, height=1, output="u4")
    assert Clipping(0, 7, 7, 100_000).describe(filter) == (
        "7 of 100000 samples clipped, all above 15: --output u8 keeps them")
