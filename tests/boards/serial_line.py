"""A serial line as a sender of any rate drives it, and as a listener reads it."""

import math
from collections.abc import Sequence


__all__ = ["levels", "listen"]


def levels(made: bytes, bit: float, *, start: float = 0.0, pause: float = 0.0) -> list[int]:
    """The line in each clock cycle.

    Parameters
    ----------
    made : :class:`bytes`
        What is sent.
    bit : :class:`float`
        Clock cycles of a bit, whole or not.
    start : :class:`float`
        Clock cycles before the first start bit.
    pause : :class:`float`
        Bits between two bytes, beyond the stop bit.
    """
    edges: list[tuple[float, int]] = []
    time = start
    for byte in made:
        edges += [(time + place * bit, level) for place, level in enumerate(
            (0, *(byte >> place & 1 for place in range(8)), 1))]
        time += (10 + pause) * bit
    line = [1] * math.ceil(time)
    for at, level in edges:
        first = math.ceil(at)
        line[first:] = [level] * (len(line) - first)
    return line


def listen(line: Sequence[int], bit: float) -> bytes:
    """The bytes on a line, one level a clock cycle; every stop bit must be there."""
    heard = bytearray()
    at = 0
    while 0 in line[at:]:
        start = line.index(0, at)
        if start + 10 * bit > len(line):
            break
        bits = [line[int(start + (place + 0.5) * bit)] for place in range(10)]
        assert bits[0] == 0, f"a glitch at cycle {start}"
        assert bits[9] == 1, f"no stop bit of the byte at cycle {start}"
        heard.append(sum(level << place for place, level in enumerate(bits[1:9])))
        at = int(start + 9.5 * bit)
    return bytes(heard)
