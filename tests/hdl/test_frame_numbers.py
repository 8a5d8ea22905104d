"""The numbers of a frame, written down by hand, and the least sizes against a search."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from windrow.hdl.axis import Axis
from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import DEVICES
from windrow.hdl.geometry import Geometry
from windrow.model import Filter


def geometry(**keys: Any) -> Geometry:
    """Of a 3x3 filter, if ``keys`` do not say otherwise."""
    filter = Filter(**{"kernel": [[1] * 3] * 3, "width": 10, "height": 8, "output": "u16"} | keys)
    return frame_geometry(filter, DEVICES["generic"])


@pytest.mark.parametrize("keys, numbers", [
    ({}, {"row_pushes": 10, "line_beats": 10, "most_pushes": 10, "frame_rows": 8, "added_rows": 1,
          "yielding_rows": 1, "drain_pushes": 1, "first_output_push": 11, "cycles_per_frame": 80,
          "pixel_bits": 8, "border_pixel": 0}),
    ({"padding": "valid"}, {"row_pushes": 10, "frame_rows": 8, "added_rows": 0, "drain_pushes": 0,
                            "first_output_push": 22}),
    # Two rows and two beats more come out than go in.
    ({"padding": "full"}, {"row_pushes": 12, "line_beats": 10, "most_pushes": 12, "frame_rows": 10,
                           "added_rows": 2, "yielding_rows": 0, "drain_pushes": 0,
                           "first_output_push": 0, "cycles_per_frame": 120}),
    ({"pixels_per_clock": 4, "clocks_per_pixel": 1, "width": 27}, {
        "row_pushes": 7, "line_beats": 7, "cycles_per_frame": 56}),
    ({"clocks_per_pixel": 3}, {"cycles_per_frame": 240}),
    # A short line waits: 6 pushes, in which it drains.
    ({"width": 4}, {"row_pushes": 6, "line_beats": 4, "most_pushes": 6, "drain_pushes": 0}),
    # At run time another width may not leave it time for that.
    ({"width": 4, "control": "axi4-lite"}, {"row_pushes": 6, "most_pushes": 6, "drain_pushes": 1}),
    # ... and any border may be asked for: one that reflects needs two beats first.
    ({"width": 10, "max_width": 30, "control": "axi4-lite", "padding": "full"}, {
        "row_pushes": 12, "line_beats": 30, "most_pushes": 32, "drain_pushes": 2}),
    ({"width": 12, "control": "axi4-lite", "padding": "valid"}, {
        "row_pushes": 12, "line_beats": 12, "most_pushes": 12, "drain_pushes": 0}),
    ({"channels": 3, "border": "constant", "border_value": 0x7b}, {
        "pixel_bits": 24, "border_pixel": 0x7b7b7b}),
    ({"channels": 2, "pixel": "s6", "output": "s16", "border": "constant", "border_value": -5}, {
        "pixel_bits": 12, "border_pixel": 59 << 6 | 59}),
], ids=str)
def test_numbers(keys: dict[str, Any], numbers: dict[str, int]) -> None:
    found = geometry(**keys)
    assert {name: getattr(found, name) for name in numbers} == numbers


def search(axis: Axis, least: int, table: Callable[[Axis], object]) -> int:
    """The least size, up to 150, from which on all have the same delay and table."""
    found = [replace(axis, size=size) for size in range(150)
             if size >= max(least, axis.kernel) and size % axis.lanes == axis.size % axis.lanes]
    facts = [(each.delay, table(each)) for each in found]
    return next(each.size for number, each in enumerate(found)
                if all(fact == facts[-1] for fact in facts[number:]))


@pytest.mark.parametrize("padding", ["same", "full", "valid", [2, 0, 0, 2]])
@pytest.mark.parametrize("border", ["reflect101", "symmetric", "replicate"])
@pytest.mark.parametrize("kernel, lanes, width", [
    ((3, 3), 1, 40), ((4, 5), 2, 41), ((5, 4), 2, 40), ((3, 11), 4, 63), ((3, 9), 8, 75),
    ((9, 3), 1, 20), ((3, 17), 1, 60),
])
def test_least_sizes(
    kernel: tuple[int, int], lanes: int, width: int, border: str, padding: Any
) -> None:
    found = geometry(kernel=[[1] * kernel[1]] * kernel[0], width=width, height=60, border=border,
                     padding=padding, pixels_per_clock=lanes, control="axi4-lite")
    beats = (found.least_beats - 1) * lanes + 1
    assert found.least_width == search(found.columns, beats, Axis.updates)
    assert found.least_height == search(found.rows, 2, Axis.selects)
