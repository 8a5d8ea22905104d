"""Which rows, or columns, of its input a layer's window sees at each place."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property


__all__ = ["WindowAxis", "steps"]


@dataclass(frozen=True)
class WindowAxis:
    """One axis of a window that moves over a frame.

    What a window sees is said from a *base*, the least position that it or any later window sees.
    So a memory may let go of all before it, and windows inside the frame see the same offsets.

    Parameters
    ----------
    size : :class:`int`
        Rows or columns of the frame.
    count : :class:`int`
        Places of the window.
    kernel, stride, dilation, before : :class:`int`
        Taps of the window, its step, the distance of its taps, and the pad before the frame.
    mode : :class:`str`
        ``zeros``, ``reflect``, ``replicate`` or ``circular``.
    apart : :class:`int`
        Distance of the frame's samples, zeros between them: above 1 in a transposed convolution.
    repeat : :class:`int`
        Places that see the same.
    place_words : :class:`int`
        By how many words each of these is behind the one before it.
    """

    size: int
    count: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    mode: str = "zeros"
    apart: int = 1
    repeat: int = 1
    place_words: int = 0

    def taps(self, place: int) -> tuple[int | None, ...]:
        """The position that each tap sees, ``None`` where that is no sample."""
        start = place // self.repeat * self.stride - self.before
        return tuple(self._seen(start + tap * self.dilation) for tap in range(self.kernel))

    def _seen(self, at: int) -> int | None:
        last = self.size - 1
        if self.mode == "reflect":
            return min(abs(at), 2 * last - at)
        if self.mode == "replicate":
            return min(max(at, 0), last)
        if self.mode == "circular":
            return at % self.size
        position, between = divmod(at, self.apart)
        return position if not between and 0 <= position <= last else None

    @cached_property
    def _seen_at(self) -> list[list[int]]:
        return [[at for at in self.taps(place) if at is not None] for place in range(self.count)]

    @property
    def words(self) -> tuple[int, ...]:
        """The word of a pixel that each place begins with."""
        return tuple(place % self.repeat * self.place_words for place in range(self.count))

    @cached_property
    def bases(self) -> tuple[int, ...]:
        """The base at each place."""
        bases = [self.size]
        for seen in reversed(self._seen_at):
            bases.append(min([bases[-1], *seen]))
        return tuple(bases[:0:-1])

    @cached_property
    def needed(self) -> tuple[int, ...]:
        """How many positions from the frame's start each place needs, with all places before it; at
        least the first, so that no frame starts before its input does."""
        needed, most = [], 1
        for seen in self._seen_at:
            most = max([most, *(at + 1 for at in seen)])
            needed.append(most)
        return tuple(needed)

    @property
    def freed(self) -> tuple[int, ...]:
        """Positions that nothing sees any more at the end of each place. After the last these are
        the rest of the frame, and what none of the next sees."""
        return steps(self.bases, self.size)

    @property
    def least(self) -> int:
        """Positions that must be there at once."""
        return max(1, *(need - base for need, base in zip(self.needed, self.bases, strict=True)))

    @cached_property
    def offsets(self) -> tuple[tuple[int | None, ...], ...]:
        """What the taps see, from the base; each kind once."""
        return tuple(dict.fromkeys(self._offsets_at))

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """The number in :attr:`offsets` of each place."""
        numbers = {offsets: number for number, offsets in enumerate(self.offsets)}
        return tuple(numbers[offsets] for offsets in self._offsets_at)

    @cached_property
    def _offsets_at(self) -> list[tuple[int | None, ...]]:
        return [tuple(None if at is None else at - base for at in self.taps(place))
                for place, base in enumerate(self.bases)]


def steps(values: Sequence[int], size: int) -> tuple[int, ...]:
    """From each value to the next, and from the last to the first, ``size`` further on."""
    return tuple(late - early for early, late in zip(
        values, (*values[1:], values[0] + size), strict=True))
