"""A demo that is changed while it runs, over its UART pins: every frame is whole."""

from dataclasses import replace

import pytest
from preview_bench import BOARD, design, need_tools
from preview_timings import LOW

from windrow.boards.kernel_choice import default_kernels
from windrow.synth.preview import Stimulus, preview
from windrow.synth.preview.picture import shown_picture, source_frame


BAUD = 115_200


@pytest.fixture(autouse=True)
def _tools() -> None:
    need_tools()


def test_source_kernel_and_line_change_between_frames() -> None:
    filter, top = design(sources=("box", "still"), **BOARD.filter)
    sources = list(top.demo.sources.values())
    kernels = default_kernels(filter)
    filters = [replace(filter, kernel=choice.kernel, shift=choice.shift, offset=choice.offset)
               for choice in (kernels[0], kernels[2])]
    # In pixel clocks: a byte takes some 2200 of them, a frame 1740.
    commands = [(4_000, b"s1\n"), (22_000, b"k2\n"), (40_000, b"p0a\n")]
    shown = preview(BOARD, filter, LOW, top, frames=35, judge=False,
                    stimulus=Stimulus(uart=commands, baud=BAUD))
    assert shown.passed, shown.checks
    assert shown.recording is not None
    assert shown.recording.sent(BAUD, shown.pixel_clock).split() == [b"ok"] * 3

    # What a frame may be: source, kernel, column of the line; in the order of the commands.
    states = [(0, 0, 24), (1, 0, 24), (1, 1, 24), (1, 1, 10)]
    seen = []
    for number, got in enumerate(shown.frames):
        fitting = [state for state in states if (got == shown_picture(
            source_frame(sources[state[0]], number), filters[state[1]], state[2], 8)).all()]
        assert len(fitting) == 1, f"frame {number} is none of {states}, or torn"
        seen.append(states.index(fitting[0]))
    assert seen == sorted(seen)
    assert set(seen) == set(range(len(states)))
