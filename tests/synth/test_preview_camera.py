"""A camera before a board's top: set up over its two wires, its frames on the screen, and what
becomes of a cable that is pulled."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from preview_bench import BOARD, need_tools, photograph
from preview_timings import LOW

from windrow.boards import cameras
from windrow.boards.board import Board
from windrow.boards.cameras import CAMERAS, CameraModule, Pace
from windrow.boards.catalogue import board
from windrow.boards.top import Top
from windrow.boards.video.camera_model import CameraPins, SCCBListener, rgb565_bytes, rgb565_seen
from windrow.boards.video.timing import TIMINGS, Timing
from windrow.model import Filter
from windrow.synth.preview import CameraPlay, Recording, Stimulus, preview
from windrow.synth.preview.picture import shown_picture


OV7670 = CAMERAS["640x480p60"]
LINE = 2 * (LOW.width + 8)

START = 5000
"""Pixel clocks until a camera's first frame."""

SET_UP = 1_150_000
"""Pixel clocks until a camera is set up: it needs 20 ms to wake up, and the wires are slow."""


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> CameraModule:
    """An OV7670 of few pixels, set up as the large one."""
    module = replace(OV7670, mode=LOW.name, line_clocks=LINE, lines=LOW.vertical.total - 2,
                     table=lambda clocks, lines: OV7670.table(0, 510))
    monkeypatch.setitem(cameras.CAMERAS, LOW.name, module)
    return module


def pins(cycles: Iterable[tuple[int, int, int]]) -> np.ndarray:
    """Cycles of a camera's pins as a :class:`CameraPlay` has them."""
    array = np.array(list(cycles), np.uint8)
    return np.stack([array[:, 2], array[:, 0] | array[:, 1] << 1], axis=1)


def writes(recording: Recording, camera: Top) -> None:
    """Hold what went over the two wires against the camera's table."""
    source = camera.demo.sources["camera"]
    listener = SCCBListener(source.table.address, source.table.register_bytes)
    for level in recording.outputs[:, 1].tolist():
        listener.step(level >> 2 & 1, level >> 3 & 1)
    assert listener.writes == [(each.register, each.value) for each in source.table.writes]


def look(
    where: Board, timing: Timing, play: np.ndarray, ratio: float, frames: int
) -> tuple[list[np.ndarray], Recording, Top, Filter]:
    """What the screen shows of a camera whose clock is ``ratio`` of what it should be."""
    filter_ = Filter.from_dict({
        **where.filter, "width": timing.width, "height": timing.height})
    top = Top(where, filter_, timing, ("camera", "box"), photograph())
    assert top.pace is not None
    frequency = top.clocks.camera_frequency * ratio
    table = top.demo.sources["camera"].table
    shown = preview(where, filter_, timing, top, frames=frames, judge=False,
                    stretch=top.pace.stretch,
                    stimulus=Stimulus(camera=CameraPlay(frequency, play, table.address)))
    assert shown.passed, shown.checks
    assert shown.recording is not None
    return list(shown.frames), shown.recording, top, filter_


def random_frames(timing: Timing, count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(7)
    return [rng.integers(0, 256, (timing.height, timing.width, 3), np.uint8)
            for _ in range(count)]


def blank(pixel_clocks: float, camera: float) -> np.ndarray:
    """A camera that says nothing, its clock as many times as fast as the screen's."""
    return np.zeros((round(pixel_clocks * camera), 2), np.uint8)


def model(timing: Timing, pace: Pace, jitter: int) -> CameraPins:
    """A camera with the pace that its table asks for."""
    before = 4
    return CameraPins(pace.line_clocks - jitter, before=before, sync=1, jitter=jitter, seed=3,
                      after=pace.lines - timing.height - before - 1)


def paced(timing: Timing, where: Board) -> tuple[Pace, float]:
    """The pace of a camera, and its clock as a multiple of the screen's."""
    filter_ = Filter.from_dict({
        **where.filter, "width": timing.width, "height": timing.height})
    top = Top(where, filter_, timing, ("camera",), photograph())
    assert top.pace is not None
    return top.pace, top.clocks.camera_frequency / top.frequency


def found(shown: list[np.ndarray], wanted: list[np.ndarray]) -> list[int | None]:
    """For each picture on the screen which of the camera's frames it is; ``None``: none."""
    return [next((number for number, picture in enumerate(wanted) if (frame == picture).all()),
                 None) for frame in shown]


def search(timing: Timing, pace: Pace, multiple: float) -> int:
    """Most frames until the start of one falls where the screen can wait for it: the screen's
    frames are longer by what it waits in vain, and so come nearer by a part of that each time."""
    lines = pace.lines * pace.line_clocks / multiple / timing.horizontal.total
    nearer = timing.vertical.total + pace.stretch - lines
    return int(lines / nearer) + 2


@pytest.mark.parametrize(("ratio", "jitter"), [(0.9997, 0), (0.973, 0), (0.9861, 5)])
def test_every_frame_is_shown(small: CameraModule, ratio: float, jitter: int) -> None:
    pace, multiple = paced(LOW, BOARD)
    frames = random_frames(LOW, 40)
    camera = model(LOW, pace, jitter)
    play = np.concatenate([blank(START, multiple * ratio),
                           *(pins(camera.cycles(rgb565_bytes(frame))) for frame in frames)])
    shown, _, _, filter_ = look(BOARD, LOW, play, ratio, 60)
    wanted = [shown_picture(rgb565_seen(frame), filter_, LOW.width // 2, 8) for frame in frames]
    places = found(shown, wanted)
    order = [number for number in places if number is not None]
    assert order == [*range(order[0], 40)]
    assert order[0] <= search(LOW, pace, multiple * ratio)
    assert not any(frame.any() for frame, number in zip(shown, places, strict=True)
                   if number is None), "black, or a frame"


@pytest.mark.parametrize(("row", "column", "turns", "goes_on"), [
    (7, 31, 1, False), (0, 1, 1, False), (19, 95, 2, False), (12, 40, 9.3, False),
    (9, 50, 1, True),
], ids=["mid-line", "first-pixel", "last-pixel", "out-of-step", "loose-contact"])
def test_a_cable_is_pulled(
    small: CameraModule, row: int, column: int, turns: float, goes_on: bool
) -> None:
    """In a line, behind so many bytes; for a number of frames' times less what was sent of this
    one. Then the camera starts a new frame, or goes on where it was."""
    pace, multiple = paced(LOW, BOARD)
    ratio, count = 0.991, 44
    pulled = 18
    frames = random_frames(LOW, count)
    camera = model(LOW, pace, 0)
    parts = [pins(camera.cycles(rgb565_bytes(frame))) for frame in frames]
    at = (camera.sync + camera.before + row) * camera.line + column
    length = camera.line * pace.lines
    gone = np.zeros((round(turns * length) - (0 if goes_on else at), 2), np.uint8)
    gone[:, 1] = 4
    rest = [parts[pulled][at:]] if goes_on else []
    play = np.concatenate([
        blank(START, multiple * ratio), *parts[:pulled], parts[pulled][:at], gone, *rest,
        *parts[pulled + 1 :]])
    shown, _, _, filter_ = look(BOARD, LOW, play, ratio, 55 + round(turns))
    wanted = [shown_picture(rgb565_seen(frame), filter_, LOW.width // 2, 8) for frame in frames]
    order = [number for number in found(shown, wanted) if number is not None]
    before = [number for number in order if number < pulled]
    after = [number for number in order if number > pulled]
    assert before == [*range(before[0], pulled)]
    # In step, the next frame is shown; else as soon as the screen has found the new one's start.
    assert after == [*range(after[0], count)]
    out_of_step = search(LOW, pace, multiple * ratio)
    assert after[0] <= pulled + (1 if turns == int(turns) else out_of_step)


def test_it_is_set_up(small: CameraModule) -> None:
    play = blank(SET_UP, paced(LOW, BOARD)[1])
    _, recording, top, _ = look(BOARD, LOW, play, 1, SET_UP // LOW.total)
    writes(recording, top)


def test_a_picture_is_played_to_it(small: CameraModule) -> None:
    """What `windrow preview --source camera --picture FILE` does."""
    filter_ = Filter.from_dict({**BOARD.filter, "width": LOW.width, "height": LOW.height})
    top = Top(BOARD, filter_, LOW, ("camera",), photograph())
    picture = random_frames(LOW, 1)[0]
    shown = preview(BOARD, filter_, LOW, top, frames=2, camera=picture)
    assert shown.passed, shown.checks
    wanted = shown_picture(rgb565_seen(picture), filter_, LOW.width // 2, 8)
    assert sum((frame == wanted).all() for frame in shown.frames) >= 2


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_vga() -> None:
    """A whole OV7670 on a ULX3S, 640 x 480. It comes so that its first frames find the screen."""
    where, timing, ratio = board("ulx3s-85f"), TIMINGS["640x480p60"], 0.9997
    pace, multiple = paced(timing, where)
    frames = random_frames(timing, 4)
    camera = model(timing, pace, 3)
    turn = [pins(camera.cycles(rgb565_bytes(frame))) for frame in frames]
    # The screen's frames are longer by what it waits in vain. It may start a picture behind its
    # blank lines; the camera's first line must lie as many lines back as the screen waits for.
    line = timing.horizontal.total
    waiting = (timing.vertical.total + pace.stretch) * line
    behind = timing.vertical.start + pace.stretch // 2
    ahead = pace.fill / timing.width * pace.line_clocks / multiple
    start = -(-SET_UP // waiting) * waiting + behind * line - ahead - (
        camera.sync + camera.before) * pace.line_clocks / multiple
    count = 7
    play = np.concatenate([blank(start, multiple * ratio),
                           *(turn[number % 4] for number in range(count))])
    shown, recording, top, filter_ = look(where, timing, play, ratio, round(start / waiting) + 10)
    writes(recording, top)
    wanted = [shown_picture(rgb565_seen(frame), filter_, timing.width // 2, 8) for frame in frames]
    order = [number for number in found(shown, wanted) if number is not None]
    assert len(order) >= 4
    assert order == [(order[0] + number) % 4 for number in range(len(order))]
