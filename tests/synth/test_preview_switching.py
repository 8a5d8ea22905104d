"""Kernel, source and split line changed while a board's top runs: no torn frame, no lost sync."""


import numpy as np
import pytest
from preview_bench import BOARD, need_tools, photograph
from preview_timings import LOW

from windrow.boards.kernel_choice import default_kernels
from windrow.boards.top import Top
from windrow.model import Filter
from windrow.synth.preview import Stimulus, preview
from windrow.synth.preview.picture import shown_picture, source_frame


BAUD = 115_200
BIT = 25_179_000 / BAUD
"""Pixel clocks."""

MIDDLE = LOW.width // 2


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


class Scene:
    """A top, and what its screen may show."""

    def __init__(self) -> None:
        self.filter = Filter.from_dict({
            **BOARD.filter, "width": LOW.width, "height": LOW.height})
        self.top = Top(BOARD, self.filter, LOW, ("box", "still"), photograph())
        self.kernels = [
            self.filter.replace(kernel=each.kernel, shift=each.shift, offset=each.offset)
            for each in default_kernels(self.filter)]

    def picture(self, kernel: int, source: str, number: int, split: int) -> np.ndarray:
        frame = source_frame(self.top.demo.sources[source], number)
        return shown_picture(frame, self.kernels[kernel], split, 8)

    def show(self, stimulus: Stimulus, frames: int) -> tuple[list[np.ndarray], list[str]]:
        """What is on the screen, checked signal and all, and what the UART answers."""
        shown = preview(BOARD, self.filter, LOW, self.top, frames=frames, stimulus=stimulus,
                        judge=False)
        assert shown.passed, shown.checks
        assert len(shown.frames) >= frames
        assert shown.recording is not None
        answers = shown.recording.sent(BAUD, shown.pixel_clock).decode("ascii").split()
        return list(shown.frames), answers

    def told(self, frames: list[np.ndarray], states: list[tuple[int, str, int]]) -> list[int]:
        """The state that each frame is in, by its place in ``states``: each frame is all of one of
        them, they come in order, and a moving source goes on by a frame each time it is shown."""
        found: list[int] = []
        at, number = 0, 0
        for index, frame in enumerate(frames):
            while not (frame == self.picture(*states[at][:2], number, states[at][2])).all():
                at += 1
                assert at < len(states), f"frame {index} is none that it may be, after {found}"
            number += states[at][1] == "box"
            found.append(at)
        return found


def test_commands_of_the_uart() -> None:
    scene = Scene()
    commands = {
        "k1": (1, "box", MIDDLE), "k2": (2, "box", MIDDLE), "s1": (2, "still", MIDDLE),
        "k4": (4, "still", MIDDLE), "p8": (4, "still", 8), "s0": (4, "box", 8),
        "p0": (4, "box", 0), "k0": (0, "box", 0), f"p{LOW.width:x}": (0, "box", LOW.width),
    }
    states = [(0, "box", MIDDLE), *commands.values()]
    # As fast as the answers let them come.
    apart = round(90 * BIT)
    uart = [(2 * LOW.total + number * apart + 37 * number, f"{command}\r".encode())
            for number, command in enumerate(commands)]
    frames, answers = scene.show(Stimulus(uart=uart, baud=BAUD), uart[-1][0] // LOW.total + 25)
    assert answers == ["ok"] * len(commands)
    assert set(scene.told(frames, states)) == set(range(len(states)))


def test_wrong_commands_change_nothing() -> None:
    scene = Scene()
    uart = [(2 * LOW.total + round(number * 150 * BIT), f"{command}\n".encode())
            for number, command in enumerate(("k99", "s2", "p31", "x", "w000 1", "rffc", "k1"))]
    frames, answers = scene.show(Stimulus(uart=uart, baud=BAUD), uart[-1][0] // LOW.total + 20)
    assert answers == ["?"] * 6 + ["ok"]
    assert set(scene.told(frames, [(0, "box", MIDDLE), (1, "box", MIDDLE)])) == {0, 1}


@pytest.mark.slow
def test_buttons() -> None:
    """Each is pressed for 20 ms, longer than contacts bounce."""
    scene = Scene()
    press = 504_000
    presses = []
    for number, mask in enumerate((1, 2, 8, 4, 4)):
        presses += [((2 * number + 1) * press, mask), ((2 * number + 2) * press, 0)]
    frames, _ = scene.show(Stimulus(buttons=presses), 12 * press // LOW.total)
    step = LOW.width // 16
    states = [(0, "box", MIDDLE), (1, "box", MIDDLE), (1, "still", MIDDLE),
              (1, "still", MIDDLE + step), (1, "still", MIDDLE), (1, "still", MIDDLE - step)]
    assert set(scene.told(frames, states)) == set(range(len(states)))
