"""Timings small enough for Amaranth's simulator, each with other lengths and polarities."""

from windrow.boards.video.timing import Span, Timing


def small(
    across: tuple[int, int, int, int, bool], down: tuple[int, int, int, int, bool]
) -> Timing:
    """A timing of a frame a second."""
    horizontal, vertical = Span(*across), Span(*down)
    total = horizontal.total * vertical.total
    return Timing(f"{horizontal.active}x{vertical.active}", total, 1, horizontal, vertical, "test")


SMALL = small((8, 3, 2, 4, True), (4, 2, 1, 3, False))
SMALLEST = small((2, 1, 1, 1, False), (1, 1, 1, 1, True))
TINY = small((4, 1, 1, 2, True), (3, 1, 1, 1, True))
ODD = small((13, 1, 5, 1, False), (5, 1, 2, 1, True))
