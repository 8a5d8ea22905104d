"""Video timings, as the standards have them: how many pixels and lines, and how fast."""

from dataclasses import dataclass

from ...model import InputError


__all__ = ["CLOCK_TOLERANCE", "TIMINGS", "Span", "Timing"]

CLOCK_TOLERANCE = 0.005
"""How far a pixel clock may be off, as a part of it. Source: VESA DMT, each timing's page."""


@dataclass(frozen=True)
class Span:
    """One direction of a timing: pixels of a line, or lines of a frame.

    Parameters
    ----------
    active, front_porch, sync, back_porch : :class:`int`
        How many, in the order in which the standards list them; at least 1 each.
    positive : :class:`bool`
        The sync pulse is high.

    Raises
    ------
    :exc:`InputError`
        If one is less than 1.
    """

    active: int
    front_porch: int
    sync: int
    back_porch: int
    positive: bool

    def __post_init__(self) -> None:
        for name in ("active", "front_porch", "sync", "back_porch"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} must be at least 1, not {getattr(self, name)}")

    @property
    def start(self) -> int:
        """Where the active part starts, counted from the start of the sync pulse."""
        return self.sync + self.back_porch

    @property
    def blank(self) -> int:
        """How many are not active."""
        return self.front_porch + self.start

    @property
    def total(self) -> int:
        """All of them."""
        return self.active + self.blank


@dataclass(frozen=True)
class Timing:
    """A progressive video timing.

    Parameters
    ----------
    name : :class:`str`
        As a user types it, such as ``640x480p60``.
    pixel_clock : :class:`int`
        Nominal, in hertz.
    rate : :class:`float`
        Frames a second that the name promises.
    horizontal : :class:`Span`
        A line, in pixels.
    vertical : :class:`Span`
        A frame, in lines.
    source : :class:`str`
        The standard that has it.

    Raises
    ------
    :exc:`InputError`
        If the clock is more than 1 % off what the totals need for the rate. (The standards' own
        names round: 60 Hz is 59.94 Hz in CEA-861, and 60.32 Hz in DMT's 800 x 600.)
    """

    name: str
    pixel_clock: int
    rate: float
    horizontal: Span
    vertical: Span
    source: str

    def __post_init__(self) -> None:
        needed = self.total * self.rate
        if abs(self.pixel_clock - needed) > 0.01 * needed:
            raise InputError(
                f"pixel_clock of {self.name} must be within 1 % of {self.total} pixels at "
                f"{self.rate} Hz, {needed / 1e6:.3f} MHz, not {self.pixel_clock / 1e6:.3f} MHz")

    @property
    def width(self) -> int:
        """Of the picture, in pixels."""
        return self.horizontal.active

    @property
    def height(self) -> int:
        """Of the picture, in lines."""
        return self.vertical.active

    @property
    def total(self) -> int:
        """Pixel clocks of a frame."""
        return self.horizontal.total * self.vertical.total

    @property
    def frame_rate(self) -> float:
        """Frames a second at the nominal clock."""
        return self.pixel_clock / self.total

    def accepts(self, clock: float) -> bool:
        """Whether a pixel clock, in hertz, is within the standards' tolerance."""
        return abs(clock - self.pixel_clock) <= CLOCK_TOLERANCE * self.pixel_clock

    def __str__(self) -> str:
        return self.name


TIMINGS: dict[str, Timing] = {timing.name: timing for timing in (
    Timing("640x480p60", 25_175_000, 60,
           Span(640, 16, 96, 48, positive=False), Span(480, 10, 2, 33, positive=False),
           "VESA DMT 1.0 rev. 13, ID 04h; CEA-861, VIC 1"),
    Timing("800x600p60", 40_000_000, 60,
           Span(800, 40, 128, 88, positive=True), Span(600, 1, 4, 23, positive=True),
           "VESA DMT 1.0 rev. 13, ID 09h"),
    Timing("1280x720p60", 74_250_000, 60,
           Span(1280, 110, 40, 220, positive=True), Span(720, 5, 5, 20, positive=True),
           "VESA DMT 1.0 rev. 13, ID 55h; CEA-861, VIC 4"),
    # At the rate of a camera such as the OV5640.
    Timing("1280x720p30", 74_250_000, 30,
           Span(1280, 1760, 40, 220, positive=True), Span(720, 5, 5, 20, positive=True),
           "CEA-861, VIC 62"),
    Timing("1920x1080p30", 74_250_000, 30,
           Span(1920, 88, 44, 148, positive=True), Span(1080, 4, 5, 36, positive=True),
           "CEA-861, VIC 34"),
)}
"""The standard timings that boards offer, by name."""
