"""A camera as data: what it puts on its pins, and what it hears over SCCB. For simulation."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


__all__ = ["CameraPins", "SCCBListener", "rgb565_bytes", "rgb565_seen",
           "yuv422_bytes"]


def rgb565_bytes(frame: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
    """The bytes of a frame, (H, W, 3) of 0 to 255, as RGB565, high byte first: (H, 2 W)."""
    red, green, blue = np.moveaxis(frame.astype(np.int64), -1, 0)
    words = (red >> 3 << 11) | (green >> 2 << 5) | blue >> 3
    return np.stack([words >> 8, words & 255], axis=-1).reshape(len(frame), -1).astype(np.uint8)


def rgb565_seen(frame: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
    """What RGB565 leaves of a frame, as eight bits with the upper ones repeated."""
    wide = []
    for channel, bits in enumerate((5, 6, 5)):
        part = frame[:, :, channel].astype(np.int64) >> 8 - bits
        wide.append(part << 8 - bits | part >> 2 * bits - 8)
    return np.stack(wide, axis=2).astype(np.uint8)


def yuv422_bytes(frame: npt.NDArray[np.integer]) -> npt.NDArray[np.uint8]:
    """The bytes of a frame of Y, Cb, Cr, (H, W, 3) with W even, as Y Cb Y Cr: (H, 2 W). Each pair
    has the Cb and Cr of its first pixel."""
    chroma = frame[:, ::2, 1:].reshape(len(frame), -1)
    return np.stack([frame[:, :, 0], chroma], axis=-1).reshape(len(frame), -1).astype(np.uint8)


@dataclass(frozen=True)
class CameraPins:
    """The pins of a camera with a parallel port, in the cycles of its pixel clock.

    Parameters
    ----------
    line : :class:`int`
        Cycles of a line, blank ones included.
    before, after : :class:`int`
        Blank lines before a frame's first line with a picture, behind the vertical sync pulse, and
        behind its last one.
    sync : :class:`int`
        Lines of the vertical sync pulse.
    jitter : :class:`int`
        Each line may be up to so many cycles longer.
    seed : :class:`int`
        Of the jitter, and of what is on the data pins in blanking.
    """

    line: int
    before: int = 2
    after: int = 1
    sync: int = 1
    jitter: int = 0
    seed: int = 0
    _rng: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rng", random.Random(self.seed))

    def cycles(self, frame: npt.NDArray[np.uint8]) -> Iterable[tuple[int, int, int]]:
        """VSYNC, HREF and data of a frame's bytes, (H, bytes of a line), sync pulse first."""
        blank = np.zeros(0, np.uint8)
        lines = [(1, blank)] * self.sync + [(0, blank)] * self.before
        lines += [(0, row) for row in frame] + [(0, blank)] * self.after
        for vsync, row in lines:
            for byte in row.tolist():
                yield vsync, 1, byte
            for _ in range(self.line - len(row) + self._rng.randint(0, self.jitter)):
                yield vsync, 0, self._rng.randrange(256)


@dataclass
class SCCBListener:
    """The other end of SCCB: a camera that writes down what it is told.

    Parameters
    ----------
    address : :class:`int`
        Its address for writing.
    register_bytes : :class:`int`
        Bytes of a register's address.

    Attributes
    ----------
    writes : list of pairs of :class:`int`
        Register and value, in order.
    """

    address: int
    register_bytes: int
    writes: list[tuple[int, int]] = field(default_factory=list)
    _last: tuple[int, int] = (1, 1)
    _bits: list[int] | None = None
    _bytes: list[int] = field(default_factory=list)
    _pulls: bool = False

    def step(self, scl: int, sda: int) -> int:
        """Look at the lines as the master drives them; return what the camera does to the data
        line: 0 pulls it low.

        Raises
        ------
        :exc:`AssertionError`
            If a transfer is no write of this camera's size.
        """
        last_scl, last_sda = self._last
        self._last = (scl, sda)
        if scl and last_scl and sda != last_sda:
            if sda:
                self._stop()
            else:
                self._bits, self._bytes = [], []
        elif self._bits is not None and scl and not last_scl:
            self._bits.append(sda)
        elif self._bits is not None and last_scl and not scl:
            if len(self._bits) == 9:
                self._bits = []
            self._pulls = False
            if len(self._bits) == 8:
                self._bytes.append(int("".join(map(str, self._bits)), 2))
                self._pulls = self._bytes[0] == self.address
        return int(not self._pulls)

    def _stop(self) -> None:
        assert self._bits is not None, "a stop without a start"
        # The clock rose once for the stop itself.
        assert len(self._bits) <= 1, f"a stop within a byte, behind {len(self._bits)} bits"
        self._bits = None
        self._pulls = False
        if self._bytes and self._bytes[0] == self.address:
            assert len(self._bytes) == 2 + self.register_bytes, f"a write of {self._bytes}"
            register = int.from_bytes(bytes(self._bytes[1:-1]), "big")
            self.writes.append((register, self._bytes[-1]))
