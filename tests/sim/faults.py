"""Good frames as beats, and what can be wrong with them."""

import dataclasses
import random
from collections.abc import Callable

import numpy as np

from windrow.model import Filter
from windrow.model.framing import Beat


__all__ = ["FAULTS", "Frame", "Stream"]

Frame = list[Beat]


class Stream:
    """Makes good frames and damages them."""

    def __init__(self, filter: Filter, rng: random.Random) -> None:
        self._filter, self._rng = filter, rng
        self.line = -(-filter.width // filter.pixels_per_clock)
        self.count = self.line * filter.height

    def junk(self) -> Beat:
        """A beat of noise that marks nothing."""
        pixel, samples = self._filter.pixel, self._filter.pixels_per_clock * self._filter.channels
        return Beat([self._rng.randint(pixel.minimum, pixel.maximum) for _ in range(samples)])

    def good(self) -> Frame:
        """A well-formed frame of noise."""
        return [dataclasses.replace(self.junk(), first=number == 0,
                                    last=number % self.line == self.line - 1)
                for number in range(self.count)]

    def image(self, frame: Frame) -> np.ndarray:
        """The picture of a good frame."""
        f = self._filter
        rows = np.array([beat.samples for beat in frame]).reshape(f.height, -1)
        return rows[:, : f.width * f.channels].reshape(f.height, f.width, f.channels)

    def line_of(self, at: int) -> slice:
        """The line that a beat of a good frame is in."""
        return slice(at - at % self.line, at - at % self.line + self.line)


def _marked(frame: Frame, at: int, **marks: bool) -> Frame:
    return [*frame[:at], dataclasses.replace(frame[at], **marks), *frame[at + 1 :]]


FAULTS: dict[str, Callable[[Stream, Frame, int], Frame]] = {
    "short line": lambda _, frame, at: frame[:at] + frame[at + 1 :],
    "long line": lambda _, frame, at: [*frame[:at], frame[at], *frame[at:]],
    "last flips": lambda _, frame, at: _marked(frame, at, last=not frame[at].last),
    "first flips": lambda _, frame, at: _marked(frame, at, first=not frame[at].first),
    "both flip": lambda _, frame, at: _marked(
        frame, at, first=not frame[at].first, last=not frame[at].last),
    "cut off": lambda _, frame, at: frame[:at],
    "missing start": lambda _, frame, at: frame[at:],
    "early start": lambda stream, frame, at: frame[:at] + stream.good() + frame[at:],
    "line twice": lambda stream, frame, at: frame[:at] + frame[stream.line_of(at)] + frame[at:],
    "line lost": lambda stream, frame, at: frame[: at - at % stream.line] + frame[
        stream.line_of(at).stop :],
    "extra rows": lambda stream, frame, at: frame + stream.good()[1 : at + 2],
    "glitches": lambda stream, frame, at: [
        *frame[:at], *(dataclasses.replace(stream.junk(), last=number % 2 == 1)
                       for number in range(at % 4 + 1)), *frame[at:]],
    "no last any more": lambda _, frame, at: frame[:at] + [
        dataclasses.replace(beat, last=False) for beat in frame[at:]],
    "last throughout": lambda _, frame, at: frame[:at] + [
        dataclasses.replace(beat, last=True) for beat in frame[at:]],
}
"""What each makes of a frame, at a beat."""
