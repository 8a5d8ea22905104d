"""The designs that every package is tried on: fixed, with registers, a pipeline, a network."""

from functools import cache
from typing import Any

import numpy as np

from windrow import Network, layers
from windrow.hdl import PlannedNetwork, build
from windrow.hdl.network.planning import plan_network
from windrow.hdl.ports.verilog import Build
from windrow.model import Filter, Pipeline
from windrow.packages.table import add_packages, applicable


SMALL: dict[str, Any] = {"width": 24, "height": 16}
LAYERS = Network.from_layers(
    [layers.Conv2d(3, 5, (3, 1), padding=(1, 0), weight=np.arange(-22, 23).reshape(5, 3, 3, 1),
                   weight_scale=0.01, output_scale=1.0), layers.MaxPool2d((1, 2))],
    channels=3, height=9, width=6, scale=1.0)
DESIGNS: dict[str, Filter | Pipeline | PlannedNetwork] = {
    # Beats that are partly filled, a clock of the input's own, signed samples.
    "fixed": Filter(kernel="sobel-x", pixel="u10", channels=3, pixels_per_clock=4, output="s16",
                    input_fifo=16, width=26, height=16),
    "live": Filter(kernel="gaussian:ksize=3", control="axi4-lite", coefficients="runtime",
                   coefficient_bits=10, **SMALL),
    "steps": Pipeline([{"name": "smooth", "kernel": "binomial:ksize=3", "coefficients": "runtime"},
                       {"kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s16"},
                       {"expr": "min(255, abs(gx) + abs(gy) + lift) // 32", "output": "u3"},
                       {"name": "curve", "lut": [*range(0, 256, 32)], "entries": "runtime",
                        "output": "u8"}],
                      control="axi4-lite", parameters={"lift": 3}, **SMALL),
    # Pixels of several beats, the last one filled up with zeros.
    "layers": PlannedNetwork(LAYERS, plan_network(LAYERS, cycles=108)),
}


@cache
def packed(name: str) -> Build:
    """A design's build with every package that it can have."""
    built = build(DESIGNS[name], name)
    return add_packages(built, applicable(built))
