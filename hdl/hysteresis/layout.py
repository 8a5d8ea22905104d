"""How a frame of classes lies in words of memory."""

from dataclasses import dataclass
from itertools import chain, count


__all__ = ["WordLayout"]


@dataclass(frozen=True)
class WordLayout:
    """Words of some pixels of a row each, 2 bits a pixel.

    A row's last word has at least one pixel too many, which is never an edge. So the words lie in
    one line in which every word's neighbours are a fixed distance away, and none is a neighbour
    across the end of a row.

    Parameters
    ----------
    width, height : :class:`int`
        The frame.
    pixels_per_clock : :class:`int`
        Pixels in a beat of its streams.
    """

    width: int
    height: int
    pixels_per_clock: int

    @property
    def pixels(self) -> int:
        """Pixels in a word: full widths of a block RAM where the row lets them be."""
        lanes = self.pixels_per_clock
        best = 9 * max(lanes, 2)
        sizes = chain(range(best, 0, -lanes), count(best + lanes, lanes))
        return next(size for size in sizes if self.width % size)

    @property
    def beats(self) -> int:
        """Beats in a word."""
        return self.pixels // self.pixels_per_clock

    @property
    def row_words(self) -> int:
        """Words in a row."""
        return self.width // self.pixels + 1

    @property
    def words(self) -> int:
        """Words in a frame."""
        return self.row_words * self.height

    @property
    def last_beats(self) -> int:
        """Beats in the last word of a row."""
        row_beats = -(-self.width // self.pixels_per_clock)
        return row_beats - (self.row_words - 1) * self.beats
