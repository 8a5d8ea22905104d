"""Pictures over a serial line: exact, back to back, and after a transfer that broke off."""

from typing import Any

import numpy as np
import pytest
from amaranth.sim import Simulator
from serial_line import levels, listen

from windrow.boards.serial_filter import SerialFilter
from windrow.model import Filter, InputError


CLOCK, BAUD = 0.8e6, 100_000
PATIENCE = 0.002
BIT = CLOCK / BAUD


def run(filter: Filter, line: list[int], more: int) -> bytes:
    """What comes back of a line's levels, and of silence after it."""
    dut = SerialFilter(filter, family="generic", clock=CLOCK, baud=BAUD,
                       patience=PATIENCE)
    heard: list[int] = []

    async def bench(ctx: Any) -> None:
        for level in [*line, *[1] * more]:
            ctx.set(dut.rx, level)
            await ctx.tick()
            heard.append(ctx.get(dut.tx))

    simulator = Simulator(dut)
    simulator.add_clock(1 / CLOCK)
    simulator.add_testbench(bench)
    simulator.run()
    return listen(heard, round(BIT))


def random_picture(filter: Filter, seed: int) -> np.ndarray:
    shape = (filter.height, filter.width, *([filter.channels] if filter.channels > 1 else []))
    return np.random.default_rng(seed).integers(0, 256, shape)


def as_bytes(picture: np.ndarray) -> bytes:
    return picture.astype(np.uint8).tobytes()


@pytest.mark.parametrize("keys", [
    {"kernel": "sobel-x", "overflow": "abs-saturate", "channels": 1},
    {"kernel": "binomial:ksize=3", "channels": 3},
    {"kernel": "binomial:ksize=3", "channels": 1, "padding": "valid"},
], ids=["grey", "colour", "smaller"])
def test_results_are_exact_back_to_back(keys: dict[str, Any]) -> None:
    filter_ = Filter.from_dict({"width": 5, "height": 4, **keys})
    pictures = [random_picture(filter_, seed) for seed in range(2)]
    line = levels(b"".join(map(as_bytes, pictures)), BIT * 0.985, start=20, pause=1)
    results = run(filter_, line, round(70 * 10 * BIT))
    assert results == b"".join(as_bytes(filter_.compute(picture)) for picture in pictures)


@pytest.mark.thinned(2)
@pytest.mark.parametrize("sent", [1, 3, 17, 47])
def test_a_transfer_that_breaks_off_ends(sent: int) -> None:
    filter_ = Filter.from_dict({
        "kernel": "binomial:ksize=3", "width": 4, "height": 4, "channels": 3})
    broken, whole = (random_picture(filter_, seed) for seed in range(2))
    pause = round(PATIENCE * CLOCK)
    line = levels(as_bytes(broken)[:sent], BIT, start=20)
    line += [1] * (pause + round(60 * 10 * BIT))
    line += levels(as_bytes(whole), BIT, start=20, pause=1)
    results = run(filter_, line, round(70 * 10 * BIT))
    filled = broken.reshape(-1).copy()
    filled[sent - sent % 3:] = 0
    assert results == as_bytes(filter_.compute(filled.reshape(broken.shape))) + as_bytes(
        filter_.compute(whole))


@pytest.mark.parametrize(("keys", "message"), [
    ({"output": "s16"}, "output s16 does not suit a serial line"),
    ({"pixel": "u10"}, "pixel u10"),
    ({"padding": "full"}, "padding full"),
    ({"channels": 2}, "channels 2"),
    ({"input_fifo": 16}, "input_fifo 16"),
    ({"pixels_per_clock": 2}, "pixels_per_clock 2"),
])
def test_other_filters_are_refused(keys: dict[str, Any], message: str) -> None:
    filter_ = Filter.from_dict({"kernel": "box:ksize=3", "width": 8, "height": 8,
                                **keys})
    with pytest.raises(InputError, match=message):
        SerialFilter(filter_, family="generic", clock=CLOCK, baud=BAUD)
