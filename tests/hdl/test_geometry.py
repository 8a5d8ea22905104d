"""A frame's geometry, held against what it says of frames of any size."""

import dataclasses
import random

import pytest
from register_bench import controlled
from strategies import random_filter

from windrow.hdl.framing.sequencer import Sequencer
from windrow.hdl.geometry import Geometry
from windrow.model import Filter, InputError


SEEDS = range(8)


def of(filter: Filter) -> Geometry:
    """As in a core."""
    return Geometry.of(filter, Sequencer.shortest_row)


def any_width(filter: Filter, more: int) -> list[Geometry]:
    """The geometries of all widths that may be asked for, up to so many beats more."""
    lanes = filter.pixels_per_clock
    widths = [filter.width + beats * lanes for beats in range(-filter.width // lanes, more)]
    least = of(filter).least_width
    return [of(filter.replace(width=width, max_width=max(widths)))
            for width in widths if width >= least]


def some(seed: int) -> Filter:
    return random_filter(random.Random(seed), max_kernel=6, max_size=12)


@pytest.mark.parametrize("seed", SEEDS)
def test_drain(seed: int) -> None:
    """A frame's rows and pushes end where its last output has been made."""
    for filter in (some(2 * seed), some(2 * seed + 1)):
        geometry = of(filter)
        rows, columns = geometry.rows, geometry.columns
        last = (rows.delay + rows.output_beats - 1) * geometry.row_pushes + (
            columns.delay + columns.output_beats)
        pushes = (rows.input_beats + geometry.added_rows) * geometry.row_pushes
        assert geometry.drain_pushes == max(last - pushes, 0)
        assert rows.input_beats + geometry.added_rows >= rows.delay + rows.output_beats


@pytest.mark.parametrize("seed", SEEDS)
def test_drain_of_any_width(seed: int) -> None:
    """It is that of the width that needs most."""
    filter = controlled(some(seed))
    needed = max(
        columns.output_beats + columns.delay - max(columns.input_beats, columns.output_beats)
        for columns in (each.columns for each in any_width(filter, 2)))
    assert of(filter).drain_pushes == max(needed, 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_most_pushes(seed: int) -> None:
    """No width has more, and the greatest has so many."""
    filter = controlled(some(seed))
    geometries = any_width(filter, 2)
    assert max(each.row_pushes for each in geometries) == geometries[0].most_pushes
    fixed = of(some(seed))
    assert fixed.most_pushes == fixed.row_pushes


def test_a_wider_output_makes_more_pushes() -> None:
    filter = Filter(kernel=[[1] * 5], width=12, height=2, padding="full", border="constant")
    assert of(filter).most_pushes == of(filter).row_pushes == 16
    geometries = any_width(controlled(filter), 4)
    assert max(each.row_pushes for each in geometries) == geometries[0].most_pushes == 19


def test_rows_of_so_many_pixels_have_no_blank_pushes() -> None:
    filter = Filter(kernel=[[1, 2, 1]] * 3, width=6, height=5)
    assert of(filter).cycles_per_frame == 6 * 5
    assert of(filter.replace(width=5)).cycles_per_frame == 6 * 5


@pytest.mark.parametrize("seed", SEEDS)
def test_least_size(seed: int) -> None:
    """From there on nothing depends on the size; a smaller one is refused, or differs."""
    for filter in (some(seed).replace(control="axi4-lite", width=60, height=60),
                   some(seed + 99).replace(control="axi4-lite", width=60, height=60)):
        lanes = filter.pixels_per_clock
        geometry = of(filter)
        columns, rows = geometry.columns, geometry.rows
        wide, tall = columns.updates(), rows.selects()
        for width in range(geometry.least_width, filter.width, lanes):
            narrow = dataclasses.replace(columns, size=width)
            assert (narrow.delay, narrow.updates()) == (columns.delay, wide)
        for height in range(geometry.least_height, filter.height):
            low = dataclasses.replace(rows, size=height)
            assert (low.delay, low.selects()) == (rows.delay, tall)

        assert geometry.least_width % lanes == filter.width % lanes
        width, height = geometry.least_width - lanes, geometry.least_height - 1
        if width >= filter.kernel_width and -(-width // lanes) >= geometry.least_beats:
            narrow = dataclasses.replace(columns, size=width)
            assert (narrow.delay, narrow.updates()) != (columns.delay, wide)
            with pytest.raises(InputError):
                of(filter.replace(width=width))
        if height >= max(filter.kernel_height, 2):
            low = dataclasses.replace(rows, size=height)
            assert (low.delay, low.selects()) != (rows.delay, tall)
            with pytest.raises(InputError):
                of(filter.replace(height=height))


@pytest.mark.parametrize("size, lanes, width, padding, least", [
    (3, 1, 20, "same", (3, 3)), (5, 1, 20, "same", (5, 5)), (5, 2, 40, "same", (6, 5)),
    (4, 2, 41, "same", (5, 4)), (9, 4, 40, "same", (12, 9)),
    # Where a beat of the kernel's size alone is another than those of more.
    (5, 2, 41, "valid", (7, 5)), (7, 4, 41, "valid", (13, 7)),
])
def test_least_sizes_of_square_kernels(
    size: int, lanes: int, width: int, padding: str, least: tuple[int, int]
) -> None:
    geometry = of(Filter(kernel=[[1] * size] * size, width=width, height=40, shift=7,
                         padding=padding, pixels_per_clock=lanes, control="axi4-lite"))
    assert (geometry.least_width, geometry.least_height) == least


@pytest.mark.parametrize(("least", "waits"), [
    ((0, 0), (0, 0)), ((1, 1), (0, 0)), ((3, 1), (2, 0)), ((0, 4), (0, 3)), ((5, 9), (4, 8))])
def test_an_output_that_waits_for_another_stage(
    least: tuple[int, int], waits: tuple[int, int]
) -> None:
    """A 3x3 window needs a row and a beat itself."""
    geometry = Geometry.of(Filter(kernel=[[1] * 3] * 3, width=20, height=10), 6)
    assert dataclasses.replace(geometry, least_delay=least).waits == waits


def test_border_pixel() -> None:
    """All channels are the same value, in two's complement."""
    for pixel, value, bits in (("s6", -5, 0b111011), ("u8", 200, 200), ("u10", 3, 3)):
        for channels in (1, 2, 3):
            filter = Filter(kernel=[[1, 2]], width=5, height=2, pixel=pixel, channels=channels,
                            border="constant", border_value=value)
            geometry = of(filter)
            width = filter.pixel.bits
            assert geometry.frame.pixel_bits == channels * width
            assert geometry.border_pixel < 1 << geometry.frame.pixel_bits
            for channel in range(channels):
                assert geometry.border_pixel >> channel * width & (1 << width) - 1 == bits
