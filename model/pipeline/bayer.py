"""Colours from a sensor's mosaic: the stage ``demosaic``.

The rules are those of OpenCV's bilinear and edge-aware demosaicing, probed on 4.14 and 5.0: means
rounded half up, and the outermost ring of pixels copied from the ring inside it.
"""

from ..errors import InputError
from .compound import Compound, Table


__all__ = ["KEYS", "PATTERNS", "demosaic"]

KEYS = ("method",)

PATTERNS = {"rggb": (0, 0), "grbg": (0, 1), "gbrg": (1, 0), "bggr": (1, 1)}
"""Row and column of the first red pixel, by the colours of the first two rows."""


def demosaic(compound: Compound) -> list[Table]:
    """Red, green and blue of each pixel of a one-channel mosaic."""
    pattern = compound.choice("demosaic", "", tuple(PATTERNS))
    method = compound.choice("method", "bilinear", ("bilinear", "edge-aware"))
    carried, tap = compound.format, compound.source
    if carried.channels != 1:
        raise InputError(f"demosaic takes 1 channel, and {tap!r} has {carried.channels}")
    if min(carried.width, carried.height) < 3:
        raise InputError(f"demosaic takes frames of at least 3x3, and {tap!r} is "
                         f"{carried.width}x{carried.height}")

    def mean(*places: tuple[int, int]) -> str:
        total = " + ".join(f"{tap}[{dy}, {dx}]" for dy, dx in places)
        return f"(({total} + {len(places) // 2}) >> {len(places) // 2})"

    across, down = mean((0, -1), (0, 1)), mean((-1, 0), (1, 0))
    corners = mean((-1, -1), (-1, 1), (1, -1), (1, 1))
    green = mean((0, -1), (0, 1), (-1, 0), (1, 0))
    if method == "edge-aware":
        steeper = f"abs({tap}[0, -1] - {tap}[0, 1]) > abs({tap}[-1, 0] - {tap}[1, 0])"
        green = f"where({steeper}, {down}, {across})"
    row, column = PATTERNS[pattern]

    def colour(row: int, column: int) -> str:
        """Red or blue, of which the first pixel is there."""
        on_row, on_column = f"(y & 1) == {row}", f"(x & 1) == {column}"
        return (f"where({on_row}, where({on_column}, {tap}, {across}), "
                f"where({on_column}, {down}, {corners}))")

    inner = compound.inner("inner")
    planes = [colour(row, column), f"where(((x ^ y) & 1) == {row ^ column}, {green}, {tap})",
              colour(1 - row, 1 - column)]
    columns = [(f"x == {place}", dx) for place, dx in ((0, 1), (carried.width - 1, -1))]
    rows = [(f"y == {place}", dy) for place, dy in ((0, 1), (carried.height - 1, -1))]

    def chosen(dy: int) -> str:
        text = f"{inner}[{dy}, 0]"
        for condition, dx in columns:
            text = f"where({condition}, {inner}[{dy}, {dx}], {text})"
        return text

    ring = chosen(0)
    for condition, dy in rows:
        ring = f"where({condition}, {chosen(dy)}, {ring})"
    return [{"name": inner, "expr": planes}, compound.last(expr=ring)]
