"""A board's screen before there is a board: the whole top in simulation, judged at its video pins.

:func:`preview` takes what is built for a board, its source or the netlist of it, simulates it
(:mod:`.translate`, :mod:`.simulation`), decodes the pins, and holds what a monitor would show
against the models (:mod:`.picture`). The decoders know the standards and nothing of the encoders.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

import numpy as np

from ...boards.board import Board, DVIPins
from ...boards.recognition import Recogniser
from ...boards.sources import fit
from ...boards.top import Top
from ...boards.video.decode import decode
from ...boards.video.monitor import frames as monitor_frames
from ...boards.video.signal import VideoSignal
from ...boards.video.timing import CLOCK_TOLERANCE, Timing
from ...hdl.network.planned import PlannedNetwork
from ...model import Filter, InputError, Pipeline
from ...sim.engine import Progress
from ..board import TOP, design_files
from ..netlist import check_family
from .camera import play
from .parallel import decode_parallel
from .picture import Mismatch, Picture, first_mismatch, shown_picture, source_frame
from .pll import PLL
from .simulation import LOCKED_AFTER, CameraPlay, Recording, Stimulus, simulate_top
from .translate import translate


__all__ = ["CameraPlay", "Check", "Mismatch", "Preview", "Recording", "Stimulus", "preview"]

_SHIFT = 5  # serialised video: both edges of a clock send a bit of ten
_START = LOCKED_AFTER + 44
"""Pixel clocks in which the PLL locks, resets end, and the first frame comes to the pins."""

_SKIPPED = 4
"""How many of a source's frames may be over before the first one is shown."""


@dataclass(frozen=True)
class Check:
    """Something that was checked.

    Parameters
    ----------
    name : :class:`str`
        What.
    passed : :class:`bool`
        Whether it holds.
    finding : :class:`str`
        What was found; where it does not hold, the first place that shows it.
    """

    name: str
    passed: bool
    finding: str


@dataclass(frozen=True)
class Preview:
    """What a board's screen would show.

    Parameters
    ----------
    frames : tuple of (height, width, 3) uint8 arrays
        Every whole frame; none if the signal is not what a monitor takes.
    checks : tuple of :class:`Check`
        In order; behind the first one that fails there may be none.
    pixel_clock : :class:`float`
        That the PLL makes of the board's oscillator, in hertz.
    cycles : :class:`int`
        Pixel clocks that were simulated.
    recording : :class:`~.simulation.Recording` or ``None``
        All that was seen; ``None`` if the clocks alone were wrong.
    """

    frames: tuple[Picture, ...]
    checks: tuple[Check, ...]
    pixel_clock: float
    cycles: int
    recording: Recording | None = field(repr=False, default=None)

    @property
    def passed(self) -> bool:
        """Whether every check holds."""
        return all(check.passed for check in self.checks)


def preview(
    board: Board,
    filter: Filter | Pipeline | PlannedNetwork,
    timing: Timing,
    top: Top,
    *,
    frames: int = 2,
    split: int | None = None,
    netlist: bool = False,
    stimulus: Stimulus | None = None,
    stretch: int = 0,
    judge: bool = True,
    camera: Picture | None = None,
    progress: Progress = lambda text, done, total: None,
) -> Preview:
    """Simulate a board's top, and judge what a monitor would show.

    About 150 000 pixel clocks a second; 420 000 are a frame of 640 x 480.

    Parameters
    ----------
    board, filter, timing
        Of ``top``, as it was made with.
    top : :class:`~windrow.boards.top.Top`
        The design. It is used up. The first one of its sources is shown.
    frames : :class:`int`
        Frames to show.
    split : :class:`int`
        Column of the line between original and filtered picture; the demo's own unless given.
    netlist : :class:`bool`
        Synthesise it, and simulate the netlist.
    stimulus : :class:`~.simulation.Stimulus`
        What happens at the inputs; nothing unless given.
    stretch : :class:`int`
        Lines by which frames may be longer: for a camera.
    judge : :class:`bool`
        Whether the pictures are compared with the models. Without, they are only taken from a
        signal that is checked: for a stimulus that changes what is shown.
    camera : (H, W, 3) uint8 array
        What the camera sees, of any size, if the first source is one: it is played to its pins,
        again and again, and ``stimulus`` and ``stretch`` are made for it.
    progress : callable
        Told what is being done.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If netlists of the board's device family cannot be simulated.
    :exc:`~windrow.sim.tools.MissingTool`
        If yosys, Verilator or a C++ compiler is missing.
    :exc:`~windrow.sim.tools.ToolError`
        If one of them fails, or a cell is used in a way that has no model.
    """
    if netlist:
        check_family(board.family)
    serialised = isinstance(board.video, DVIPins)
    source = next(iter(top.demo.sources.values()))
    late = int(top.demo.lines >= timing.vertical.start)
    progress("elaborating the design", 0, 0)
    design = design_files(top, top.platform, board.family)[f"{TOP}.il"]
    progress("translating the design (yosys; its very first start takes up to a minute)"
             if not netlist else "synthesising the design (yosys)", 0, 0)
    translated = translate(board, design, netlist=netlist)

    pixel_clock, clocks = _check_clocks(translated.pll, timing, serialised)
    if not clocks.passed:
        return Preview((), (clocks,), float(pixel_clock), 0)
    rate, samples = _sampling(translated.pll, pixel_clock, serialised)
    if late and top.pace is not None:
        # While nothing comes, a top with a camera looks for a start of its frames.
        stretch = top.pace.stretch
    cycles = (frames + late) * (timing.total + stretch * timing.horizontal.total) + _START
    shows: Callable[[int], Picture] = partial(source_frame, source)
    if camera is not None:
        played = play(top, timing, fit(camera, timing.width, timing.height), frames)
        stimulus, stretch, cycles, late = (
            played.stimulus, played.stretch, played.cycles, played.black)
        shows = partial(lambda frame, number: frame, played.frame)
    recording = simulate_top(translated, rate, samples, float(pixel_clock), cycles,
                             stimulus or Stimulus(), progress)

    progress("decoding the pins", 0, 0)
    checks = [clocks]

    def result(*shown: Picture) -> Preview:
        return Preview(shown, tuple(checks), float(pixel_clock), cycles, recording)

    try:
        signal = _dvi(recording) if serialised else decode_parallel(recording.video)
    except InputError as error:
        checks.append(Check("signal at the pins", False, str(error)))
        return result()
    checks.append(Check("signal at the pins", True,
                        _SYMBOLS[serialised].format(count=len(signal.active))))
    try:
        shown = monitor_frames(signal, timing, stretch=stretch)
    except InputError as error:
        checks.append(Check("video timing", False, str(error)))
        return result()
    checks.append(Check("video timing", True, _describe(timing, len(shown))))
    if judge:
        progress("comparing with the models", 0, 0)
        split = top.demo.split if split is None else split
        made = top.demo.core if isinstance(filter, PlannedNetwork) else filter
        checks.append(_check_pictures(shown, late, shows, made, split, 8 if serialised else 4,
                                      behind=top.demo.behind))
    return result(*shown)


_SYMBOLS = {
    True: "{count} TMDS symbols on each of 3 channels, aligned, legal and balanced; the clock pin "
          "has 5 bits high and 5 low",
    False: "{count} pixels, steady where the clock pin rises",
}


def _check_clocks(pll: PLL, timing: Timing, serialised: bool) -> tuple[Fraction, Check]:
    """The pixel clock, and whether it is what the timing needs."""
    pixel = min(pll.frequencies, key=lambda each: abs(each - timing.pixel_clock))
    off = float(pixel / timing.pixel_clock - 1)
    finding = (f"pixel clock {float(pixel) / 1e6:.3f} MHz, {off:+.2%} from "
               f"{timing.pixel_clock / 1e6:g} MHz ({CLOCK_TOLERANCE:.1%} allowed)")
    passed = timing.accepts(float(pixel))
    if serialised:
        there = _SHIFT * pixel in pll.outputs.values()
        finding += f"; {'a' if there else 'no'} clock of {_SHIFT} times that for the serialiser"
        passed = passed and there
    return pixel, Check("clocks", passed, finding)


def _sampling(pll: PLL, pixel: Fraction, serialised: bool) -> tuple[int, int]:
    """The PLL's output that drives the video pins, and its edges in a pixel clock."""
    times = _SHIFT if serialised else 1
    number = next(number for number, frequency in pll.outputs.items()
                  if frequency == times * pixel)
    return number, 2 * times


def _dvi(recording: Recording) -> VideoSignal:
    return decode((recording.video[:, None] >> np.arange(4, dtype=np.uint16) & 1).astype(np.uint8))


def _describe(timing: Timing, count: int) -> str:
    across, down = timing.horizontal, timing.vertical
    return (f"{_frames(count)} of {down.total} lines of {across.total} pixels; "
            f"hsync {across.sync} pixels {_polarity(across.positive)}, "
            f"vsync {down.sync} line{'s' * (down.sync > 1)} {_polarity(down.positive)}, "
            f"porches and black blanking as in {timing.source}")


def _frames(count: int) -> str:
    return "1 frame" if count == 1 else f"{count} frames"


def _polarity(positive: bool) -> str:
    return "high" if positive else "low"


def _check_pictures(
    shown: Sequence[Picture], late: int, shows: Callable[[int], Picture],
    filter: Filter | Pipeline | Recogniser,
    split: int, bits: int, *, behind: bool,
) -> Check:
    """Hold the shown frames against the models; up to ``late`` of them may be black first.

    What a network has said of one of the last frames is in a picture, and in the last for certain.
    ``behind``: what is filtered is the frame before.
    """
    while late and len(shown) > 1 and not shown[0].any():
        shown, late = shown[1:], late - 1
    if not shown:
        return Check("picture", False, "there is no whole frame")
    first = _first_number(shown[0], shows, split, bits)
    for number, got in enumerate(shown):
        mismatch = None
        for seen in _seen(first + number, shows, filter, behind):
            wanted = shown_picture(shows(first + number), filter, split, bits, seen)
            mismatch = first_mismatch(number, got, wanted, split)
            if mismatch is None:
                break
        if mismatch is not None:
            return Check("picture", False, f"not bit-exact: {mismatch}")
    if isinstance(filter, Recogniser) and seen is None:
        return Check("picture", False, f"in {_frames(len(shown))} the network has said nothing: "
                                       "show more")
    count = sum(picture.size for picture in shown)
    return Check("picture", True, f"bit-exact: all {count} samples of {_frames(len(shown))}, the "
                                  f"source's from its frame {first} on")


def _seen(
    number: int, shows: Callable[[int], Picture], filter: Filter | Pipeline | Recogniser,
    behind: bool,
) -> list[Picture | None]:
    """The frames that a network may have seen before the one with a number; the first is none.

    Of a filter that is ``behind`` it is the frame before.
    """
    if not isinstance(filter, Recogniser):
        return [shows(max(number - 1, 0)) if behind else None]
    return [None, *(shows(earlier) for earlier in range(max(number - _SKIPPED, 0), number))]


def _first_number(
    shown: Picture, shows: Callable[[int], Picture], split: int, bits: int
) -> int:
    """The number of the source's frame that looks most like the left part of a picture."""
    def difference(number: int) -> int:
        frame = shows(number)[:, :split]
        return int((frame >> 8 - bits != shown[:, :split] >> 8 - bits).sum())

    return min(range(_SKIPPED), key=difference)
