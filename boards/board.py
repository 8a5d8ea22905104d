"""What there is to know of a board."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..hdl.devices import DEVICES
from ..model import InputError
from ..model.errors import nearest
from .clocks import CLOCKS
from .video.timing import TIMINGS


__all__ = ["Board", "DVIPins", "ParallelPins", "Still"]


@dataclass(frozen=True)
class DVIPins:
    """A DVI or HDMI socket straight on the FPGA's pins.

    Parameters
    ----------
    resource : :class:`str`
        Name of the platform's resource, with the differential pairs ``clk`` and ``d`` (blue, green,
        red).
    gowin_buffer : :class:`str`
        Gowin's buffer for a pair: emulated LVDS, ``ELVDS_OBUF``, or ``TLVDS_OBUF`` on pins that
        have true LVDS, where Apycula 0.32 takes no other.
    """

    resource: str = "hdmi"
    gowin_buffer: str = "ELVDS_OBUF"
    kind: ClassVar[str] = "DVI, serialised by the FPGA"


@dataclass(frozen=True)
class ParallelPins:
    """Parallel RGB to a transmitter on another board.

    Parameters
    ----------
    resource : :class:`str`
        Name of the platform's resource, with ``clk``, ``de``, ``hs``, ``vs`` and ``d``: twelve
        pins, blue in the lowest four, then green, then red.
    """

    resource: str = "dvi"
    kind: ClassVar[str] = "DVI, 4 bits a colour, by a transmitter"


@dataclass(frozen=True)
class Still:
    """How a still picture is kept in block RAM.

    Parameters
    ----------
    scale : :class:`int`
        How often each of its pixels is shown, across and down, at 640 x 480; more in proportion for
        larger pictures.
    pixel_format : :class:`str`
        One of :data:`.video.still.FORMATS`.
    """

    scale: int
    pixel_format: str


@dataclass(frozen=True)
class Board:
    """A board, as data; its platform says the rest.

    Parameters
    ----------
    name : :class:`str`
        As a user types it.
    title : :class:`str`
        Maker, name and device.
    family : :class:`str`
        Device family: a target of windrow, and with a screen a key of :data:`.clocks.CLOCKS`.
    platform : callable
        Makes the Amaranth platform. Late, so that :mod:`amaranth_boards` is imported only then.
    video : :class:`DVIPins`, :class:`ParallelPins` or ``None``
        Where the picture goes; ``None`` for a board without a screen.
    modes : tuple of :class:`str`
        Timings that it is built for, names in :data:`.video.timing.TIMINGS`; the first one is the
        default. Empty without a screen.
    buttons : tuple of pairs of :class:`str` and :class:`int`
        Resources of the buttons, in the order of :class:`.panel.ControlPanel`.
    still : :class:`Still` or ``None``
        What its memory has room for.
    filter : mapping
        Keys of the filter that is built where no other one is given.
    loader : :class:`str`
        The board's name for openFPGALoader.
    camera : :class:`str`, optional
        Resource of a header for a camera with a parallel port: ``pclk``, ``vsync``, ``href``,
        ``d``, ``xclk``, ``scl``, ``sda``.
    header : :class:`str`, optional
        How the camera's header is printed on the board, and where its power is.
    led : pair of :class:`str` and :class:`int`
        Resource of the light that is on while there is a picture.
    held_high : tuple of :class:`str`
        Output pins that must be high: resources, or a resource and one of its parts, ``esp32.en``.
    unchecked : tuple of :class:`str`
        What nobody has seen on the hardware, or no tool can tell.
    seen_working : tuple of :class:`str`
        Who has seen it on the hardware, and where that is told: names with links.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If the name cannot be a folder's, or there is no such family or mode, or modes without a
        screen.
    """

    name: str
    title: str
    family: str
    platform: Callable[[], Any]
    video: DVIPins | ParallelPins | None
    modes: tuple[str, ...]
    buttons: tuple[tuple[str, int], ...]
    still: Still | None
    loader: str
    filter: Mapping[str, Any] = field(default_factory=lambda: DEMO_FILTER)
    camera: str | None = None
    header: str = ""
    led: tuple[str, int] | None = None
    held_high: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    seen_working: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", self.name):
            raise InputError(f"board name {self.name!r} must be small letters, digits, '-', '_' "
                             "and '.'")
        families = CLOCKS if self.modes else DEVICES.keys() - {"generic"}
        if self.family not in families:
            raise InputError(f"board {self.name}: family {self.family!r} is not known; "
                             f"{nearest(self.family, families)}")
        for each in self.modes:
            if each not in TIMINGS:
                raise InputError(f"board {self.name}: mode {each!r} is not known; "
                                 f"{nearest(each, TIMINGS)}")
        if bool(self.modes) != (self.video is not None):
            raise InputError(f"board {self.name}: modes and video go together: give both for a "
                             "board with a screen, none for one without")

    @property
    def inputs(self) -> str:
        """What it can be told and shown, for a table."""
        buttons = len(self.buttons)
        parts = ["UART", f"{buttons} button{'' if buttons == 1 else 's'}" if buttons else "",
                 "still picture" if self.still else "", "camera" if self.camera else ""]
        return ", ".join(part for part in parts if part)

    @property
    def largest_mode(self) -> str:
        """The mode with the most pixels, and of these the fastest."""
        if not self.modes:
            return "none"
        return max(self.modes, key=lambda name: (
            TIMINGS[name].width * TIMINGS[name].height, TIMINGS[name].rate))


DEMO_FILTER: Mapping[str, Any] = {
    "kernel": "sobel-x",
    "overflow": "abs-saturate",
    "border": "reflect101",
    "control": "axi4-lite",
    "coefficients": "runtime",
}
"""Edges, as bright as they are steep, and any other kernel of 3x3 at run time."""
