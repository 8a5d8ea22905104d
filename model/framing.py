"""How a stream of beats is cut into frames, whatever the beats: the rules for malformed streams.

A frame has ``height`` lines of ``width`` pixels, and a line ``ceil(width / pixels_per_clock)``
beats. A beat says of itself whether it is the ``first`` of a frame and the ``last`` of a line. A
well-formed stream marks just those. What it may do else, and what becomes of it:

Between frames
    A beat with ``first`` starts a frame, and is its first. Any other is dropped: event ``stray``,
    once for all that are dropped until the next frame starts.
Inside a frame, a beat without ``first``
    It is the frame's next. If it has ``last`` and its line is to have more beats, these are filled
    with zeros: event ``short_line``. If it should end its line and has no ``last``, all beats up to
    and including the next one with ``last`` are dropped: event ``long_line``. After the frame's
    last line these are no ``stray``; what comes after them is, as between any frames.
Inside a frame, a beat with ``first``
    All that the frame lacks, in its line and in the lines below, is filled with zeros: event
    ``early_start``. Then the beat starts the next frame. It also does so where beats were being
    dropped. Behind the end of a frame's last line it is no early start: the frame lacks nothing.

So every beat with ``first`` starts a frame, every frame that starts gets exactly its lines and its
pixels, and no other beat is waited for than the frame's next. A frame whose source has stopped
waits for it: that cannot be told from a pause. Each frame that starts is an event ``frame``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .filter import Filter


__all__ = ["Beat", "Framer", "frames_of"]


@dataclass(frozen=True)
class Beat:
    """One beat of a stream.

    Attributes
    ----------
    samples : sequence of :class:`int`
        Sample ``p * channels + c`` is channel ``c`` of the beat's pixel ``p``. Those past the end
        of a line mean nothing.
    first, last : :class:`bool`
        It says that it is a frame's first, a line's last.
    """

    samples: Sequence[int]
    first: bool = False
    last: bool = False


@dataclass
class Framer:
    """Cuts a stream into frames, one beat after the other.

    Attributes
    ----------
    width, height : :class:`int`
        A frame in pixels. Changed between frames, they are the next frame's.
    pixels_per_clock, channels : :class:`int`
        Pixels in a beat, and samples in a pixel.
    discards : :class:`bool`
        While this is true no frame starts: beats between frames are dropped, ``first`` or not, and
        neither they nor those dropped from then on until the next frame starts are a ``stray``.
    frames : list of (height, width, channels) arrays
        The frames that are complete.
    events : list of :class:`str`
        What happened, in this order: members of :class:`~windrow.hdl.settings.Events`.
    """

    width: int
    height: int
    pixels_per_clock: int = 1
    channels: int = 1
    discards: bool = False
    frames: list[npt.NDArray[Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    _frame: npt.NDArray[Any] | None = None
    _row: int = 0
    _column: int = 0
    _drops: bool = False  # ... until a beat with `last`
    _strayed: bool = False

    @property
    def unfinished(self) -> bool:
        """Whether a frame has started and is not complete."""
        return self._frame is not None

    @property
    def begun(self) -> npt.NDArray[Any] | None:
        """The frame that has started and is not complete, zero where nothing has come yet."""
        return self._frame

    def take(self, beat: Beat) -> None:
        """Go on by a beat."""
        if beat.first and self._frame is not None:
            self.events.append("early_start")
            self._finish(self._frame)
        if self._frame is None and beat.first and not self.discards:
            self.events.append("frame")
            self._frame = np.zeros((self.height, self.width, self.channels), np.int64)
            self._row = self._column = 0
            self._drops = self._strayed = False

        if self._drops:
            self._drops = not beat.last
            self._strayed |= self.discards and self._frame is None
        elif self._frame is not None:
            self._put(self._frame, beat)
        elif not self._strayed:
            self._strayed = True
            if not self.discards:
                self.events.append("stray")

    def _put(self, frame: npt.NDArray[Any], beat: Beat) -> None:
        """The beat is the frame's next."""
        here = frame[self._row, self._column : self._column + self.pixels_per_clock]
        here[:] = np.reshape(beat.samples, (self.pixels_per_clock, self.channels))[: len(here)]
        self._column += self.pixels_per_clock

        complete = self._column >= self.width
        if beat.last and not complete:
            self.events.append("short_line")
        if complete and not beat.last:
            self.events.append("long_line")
            self._drops = True
        if beat.last or complete:
            self._row, self._column = self._row + 1, 0
            if self._row == self.height:
                self._finish(frame)

    def _finish(self, frame: npt.NDArray[Any]) -> None:
        """The frame is complete: what was not put into it is 0."""
        self.frames.append(frame)
        self._frame = None


def frames_of(filter: Filter, beats: Iterable[Beat]) -> Framer:
    """Cut ``beats`` into frames of ``filter``; see what comes of them in the attributes."""
    framer = Framer(filter.width, filter.height, filter.pixels_per_clock, filter.channels)
    for beat in beats:
        framer.take(beat)
    return framer
