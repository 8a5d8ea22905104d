"""The three kinds of design that every package is tried on: fixed, with registers, a pipeline."""

from functools import cache
from typing import Any

from windrow.hdl import build
from windrow.hdl.ports.verilog import Build
from windrow.model import Filter, Pipeline
from windrow.packages.table import add_packages, applicable


SMALL: dict[str, Any] = {"width": 24, "height": 16}
DESIGNS: dict[str, Filter | Pipeline] = {
    # Beats that are partly filled, a clock of the input's own, signed samples.
    "fixed": Filter(kernel="sobel-x", pixel="u10", channels=3, pixels_per_clock=4, output="s16",
                    input_fifo=16, width=26, height=16),
    "live": Filter(kernel="gaussian:ksize=3", control="axi4-lite", coefficients="runtime",
                   coefficient_bits=10, **SMALL),
    "steps": Pipeline([{"name": "smooth", "kernel": "binomial:ksize=3", "coefficients": "runtime"},
                       {"kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s16"},
                       {"expr": "min(255, abs(gx) + abs(gy) + lift)", "output": "u8"}],
                      control="axi4-lite", parameters={"lift": 3}, **SMALL),
}


@cache
def packed(name: str) -> Build:
    """A design's build with every package that it can have."""
    built = build(DESIGNS[name], name)
    return add_packages(built, applicable(built))
