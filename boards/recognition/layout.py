"""Where on the screen the box, the class and the bars are."""

from dataclasses import dataclass

from ...model import InputError
from ...model.network import ArgMax, Network
from .font import COLUMNS, ROWS


__all__ = ["MOST_CLASSES", "Layout"]

MOST_CLASSES = 32


@dataclass(frozen=True)
class Layout:
    """Places on a frame, in pixels.

    ::

        +--------------------------------+
        |         +--------+             |
        |         |        |  ###        |   the class, a large number
        |         |  box   |  # #        |
        |         |        |             |
        |         +--------+  0 ====     |   a bar a class
        |                     1 ==       |
        +--------------------------------+

    Parameters
    ----------
    width, height : :class:`int`
        The frame.
    columns, rows : :class:`int`
        The network's input. Each of its samples is the mean of a square of the box.
    classes : :class:`int`
        How many there are.
    bars : :class:`bool`
        Whether the network says how much it takes each for.
    """

    width: int
    height: int
    columns: int
    rows: int
    classes: int
    bars: bool

    def __post_init__(self) -> None:
        if self.factor_bits < 1:
            raise InputError(
                f"network: its input of {self.columns}x{self.rows} must fit twice into the box of "
                f"a frame of {self.width}x{self.height}")
        if self.bars_left + 16 > self.width or (
                self.bars and self.bars_top + self.classes * self.pitch > self.height):
            raise InputError(f"network: a screen of {self.width}x{self.height} has no room for "
                             f"{self.classes} classes beside the box")

    @classmethod
    def of(cls, network: Network, width: int, height: int) -> "Layout":
        """The places for a network that classifies.

        Raises
        ------
        :exc:`InputError`
            If it does not, or there is no room.
        """
        given, last = network.input, network.layers[-1]
        result = network.tensor(network.output)
        if given.channels not in (1, 3) or given.sample.bits != 8:
            raise InputError(
                f"network: a camera's box has samples of 8 bits and 1 channel or 3, not "
                f"{given.channels} of {given.sample}")
        if (result.height, result.width) != (1, 1):
            raise InputError(
                f"network: what is drawn is a class; its output must be of 1x1 pixel, not "
                f"{result.height}x{result.width}")
        chosen = isinstance(last, ArgMax) and network.output == last.name
        classes = network.tensor(last.inputs[0]).channels if chosen else result.channels
        if not 2 <= classes <= MOST_CLASSES:
            raise InputError(f"network: 2 to {MOST_CLASSES} classes can be drawn, not {classes}")
        if not chosen and result.sample.bits != 8:
            raise InputError(
                f"network: its scores must have 8 bits, not be {result.sample}")
        return cls(width, height, given.width, given.height, classes, not chosen)

    @property
    def factor_bits(self) -> int:
        """Each sample is the mean of ``2**factor_bits`` pixels each way."""
        most = min(3 * self.height // (4 * self.rows), self.width // (2 * self.columns))
        return most.bit_length() - 1

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of the box."""
        width, height = self.columns << self.factor_bits, self.rows << self.factor_bits
        return (self.width - width) // 2, (self.height - height) // 2, width, height

    @property
    def zoom_bits(self) -> int:
        """A pixel of the large number is ``2**zoom_bits`` pixels each way."""
        left, _, width, _ = self.box
        room = self.width - left - width - self.pitch
        most = min(self.height // (6 * ROWS), room // (self.digits * (COLUMNS + 1)))
        return max(most.bit_length() - 1, 0)

    @property
    def digits(self) -> int:
        """Digits of a class."""
        return 2 if self.classes > 10 else 1

    @property
    def glyph(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of the large number: its digits have a blank column each."""
        left, top, width, _ = self.box
        return (left + width + self.pitch, top,
                self.digits * (COLUMNS + 1) << self.zoom_bits, ROWS << self.zoom_bits)

    @property
    def pitch_bits(self) -> int:
        """Rows of pixels from bar to bar: ``2**pitch_bits``."""
        return 4 if self.height >= 600 and self.classes <= 16 else 3

    @property
    def pitch(self) -> int:
        """Rows of pixels from bar to bar."""
        return 1 << self.pitch_bits

    @property
    def bars_left(self) -> int:
        """Where the bars begin, behind a place for their two digits."""
        return self.glyph[0] + 2 * (COLUMNS + 1) + 4

    @property
    def bars_top(self) -> int:
        """The first bar's first row."""
        _, top, _, height = self.glyph
        return top + height + self.pitch

    @property
    def bar_shift(self) -> int:
        """A full bar has ``255 >> bar_shift`` pixels."""
        room = self.width - self.bars_left
        return next(shift for shift in range(8) if 255 >> shift <= room - 1)
