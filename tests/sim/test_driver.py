"""The generated C driver, compiled strictly, on the core that it was generated with."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driver_trial import driven

from windrow.hdl.control import RegisterMap
from windrow.model import Filter
from windrow.model.borders import BORDERS
from windrow.model.nodes import ROUNDINGS
from windrow.model.sides import Sides


KEYS: dict[str, Any] = {
    "kernel": "gaussian:ksize=5", "width": 40, "height": 25, "control": "axi4-lite",
    "coefficients": "runtime",
}
KERNEL = [[(7 * (5 * i + j)) % 31 - 15 for j in range(5)] for i in range(5)]
LOAD = "load_kernel " + " ".join(str(tap) for row in KERNEL for tap in row)
FRAME, TAKEN = 1 << 8, 1 << 9


def image(filter: Filter, seed: int) -> np.ndarray:
    low, high = filter.pixel.minimum, filter.pixel.maximum
    shape = (filter.height, filter.width) + ((filter.channels,) if filter.channels > 1 else ())
    return np.random.default_rng(seed).integers(low, high, shape, endpoint=True)


@pytest.mark.parametrize("stall", [0.0, 0.3])
def test_it_loads_a_kernel_while_frames_run(stall: float, tmp_path: Path) -> None:
    own = Filter(**KEYS)
    loaded = own.replace(kernel=KERNEL, shift=2)
    core = driven(own)
    frames = [(own, 0), (own, 1), (loaded, 2), (loaded, 3)]
    script = [
        "init", "kernel", "frames", "send", "drain", "frames", "events",
        # Back to back: the second is under way when the kernel is committed, the third takes it.
        "clear_events 1023", "send", "send", "wait 40", LOAD, "set_scale 2 1", "kernel", "frames",
        "commit", "is_pending", "frames", "wait_taken 1000", "events", "drain", "is_pending",
        "frames", "send", "drain", "counters", "frames",
    ]
    printed = core.run(script, [(f, image(own, seed)) for f, seed in frames], tmp_path,
                       stall=stall, seed=1)
    own_taps = [str(tap) for row in own.kernel for tap in row]
    assert printed == [
        ["init", "0"], ["kernel", *own_taps], ["frames", "0"], ["drain"], ["frames", "1"],
        ["events", str(FRAME)], ["clear_events"], ["wait"], ["load_kernel", "0"],
        ["set_scale", "0"], ["kernel", *LOAD.split()[1:]], ["frames", "2"],
        ["commit"], ["is_pending", "1"], ["frames", "2"], ["wait_taken", "0"],
        ["events", str(FRAME | TAKEN)], ["drain"], ["is_pending", "0"], ["frames", "3"],
        ["drain"], ["counters", "0", "0", "0", "0", "0"], ["frames", "4"],
    ]


def test_driver_and_port_refuse_the_same_values(tmp_path: Path) -> None:
    own = Filter(**KEYS)
    core = driven(own)
    refused = [
        "load_kernel " + " ".join(["0"] * 24 + ["128"]),
        "load_kernel " + " ".join(["-129"] + ["0"] * 24),
        "set_size 41 25", "set_size 40 26", "set_size 4 25", "set_size 40 4",
        "set_scale 32 0", "set_scale 0 5", "set_border 4 0 0 0", "set_border 0 0 0 4",
        "set_border_value 256", "set_border_value -1",
    ]
    raw = [(0x200 + 96, 128), (0x200, 2**32 - 129), (0x24, 25 << 16 | 41), (0x24, 26 << 16 | 40),
           (0x24, 25 << 16 | 4), (0x24, 4 << 16 | 40), (0x28, 32), (0x28, 5 << 8), (0x30, 4),
           (0x30, 4 << 24), (0x34, 256), (0x34, 2**32 - 1), (0x00, 0), (0x1C, 0)]
    script = [*refused, *(f"raw_write {offset} {word}" for offset, word in raw),
              "raw_read 28", "raw_read 0", "commit", "send", "drain"]
    printed = core.run(script, [(own, image(own, 5))], tmp_path)
    count = len(refused)
    assert printed == [
        *([line.split()[0], "-3"] for line in refused), *([["raw_write", "2"]] * len(raw)),
        ["raw_read", "2", "0"], ["raw_read", "0", str(0x57524F57)], ["commit"], ["drain"]]
    assert len(printed) == count + len(raw) + 4


def test_interrupts(tmp_path: Path) -> None:
    own = Filter(**KEYS)
    script = [
        "init", "interrupt", f"enable_interrupts {TAKEN}", "send", "drain", "interrupt",
        "commit", "interrupt", "send", "drain", "interrupt", f"clear_events {FRAME}", "interrupt",
        f"clear_events {TAKEN}", "interrupt"]
    printed = driven(own).run(script, [(own, image(own, 1)), (own, image(own, 2))], tmp_path)
    assert [line[1] for line in printed if line[0] == "interrupt"] == [
        "0", "0", "0", "1", "1", "0"]


def test_bypass_and_enable(tmp_path: Path) -> None:
    own = Filter(**KEYS | {"shift": 3, "offset": 40, "border": "constant"})
    anchor = [[int((i, j) == (2, 2)) for j in range(5)] for i in range(5)]
    as_it_is = own.replace(kernel=anchor, shift=0, offset=0)
    script = [
        "set_control 1 1", "commit", "send", "drain",
        "set_control 0 0", "commit", "drop", "drop", "wait 2200", "frames", "is_pending",
        # The commit that enables brings what the one that disabled could not.
        LOAD, "set_control 1 0", "commit", "send", "drain", "frames", "is_pending", "counters"]
    filters = [as_it_is, own, own, own.replace(kernel=KERNEL)]
    printed = driven(own).run(
        script, [(filter, image(own, seed)) for seed, filter in enumerate(filters)], tmp_path)
    assert [line for line in printed if line[0] in ("frames", "is_pending", "counters")] == [
        ["frames", "1"], ["is_pending", "1"], ["frames", "2"], ["is_pending", "0"],
        ["counters", "0", "0", "0", "0", "0"]]


def test_the_size_changes_between_frames(tmp_path: Path) -> None:
    """From 1920x1080 down to the kernel's size and back, with another kernel each time."""
    own = Filter(**KEYS | {"width": 1920, "height": 1080, "border": "reflect101"})
    sizes = [(1920, 1080), (5, 5), (6, 5), (5, 7), (1919, 6), (7, 1079), (5, 5), (64, 48),
             (1920, 1080), (320, 240)]
    rng = random.Random(1)
    frames = []
    script = ["init"]
    for number, (width, height) in enumerate(sizes):
        kernel = [[rng.randint(-20, 20) for _ in range(5)] for _ in range(5)]
        filter = own.replace(width=width, height=height, kernel=kernel, shift=4)
        script += [
            # While the frame before runs: its beats stand in front of these.
            "load_kernel " + " ".join(str(tap) for row in kernel for tap in row), "set_scale 4 1",
            f"set_size {width} {height}", "commit", "send", f"wait_frames {number + 1}"]
        frames.append((filter, image(filter, number)))
    printed = driven(own, brief=False).run([*script, "drain", "counters"], frames, tmp_path)
    assert [line for line in printed if line[0] == "set_size"] == [["set_size", "0"]] * len(sizes)
    assert printed[-1] == ["counters", "0", "0", "0", "0", "0"]


CASES: dict[str, dict[str, Any]] = {
    "5x5": KEYS | {"max_width": 50},
    "3x2 colour, s10 to s16": {
        "kernel": [[1, -2], [3, 4], [-5, 6]], "width": 19, "height": 9, "pixel": "s10",
        "channels": 3, "output": "s16", "control": "axi4-lite", "coefficients": "runtime",
        "operation": "convolve", "padding": "full", "border": "constant", "border_value": -300,
        "max_width": 29, "max_height": 21,
    },
    "3x4, 4 a clock": {
        "kernel": [[1, -2, 3, 4], [3, 4, -5, 6], [-5, 6, 7, 8]], "width": 22, "height": 9,
        "pixels_per_clock": 4, "control": "axi4-lite", "coefficients": "runtime",
        "padding": "valid", "max_width": 38, "max_height": 12,
    },
    "constant 3x3": {
        "kernel": "sobel-x", "width": 15, "height": 11, "output": "s16", "control": "axi4-lite",
    },
}


@pytest.mark.thinned(3)
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", [1, 2])
def test_random_settings(name: str, seed: int, tmp_path: Path) -> None:
    """Everything in any order, with commits in mid-frame."""
    own = Filter(**CASES[name])
    rng = random.Random(seed)
    script = ["init"]
    frames: list[tuple[Filter, np.ndarray]] = []
    written = committed = own
    most = (1 << own.coefficient_bits - 1) - 1
    size = {field.name: field for field in RegisterMap(own)["SIZE"].fields}
    for _ in range(20):
        for _ in range(rng.randint(0, 3)):
            match rng.randrange(6):
                case 0 if own.runtime_kernel:
                    kernel = [[rng.randint(-most - 1, most) for _ in row] for row in own.kernel]
                    written = written.replace(kernel=kernel)
                    script.append("load_kernel " + " ".join(
                        str(tap) for row in kernel for tap in row))
                case 1:
                    written = written.replace(shift=rng.randint(0, 12),
                                              rounding=rng.choice(ROUNDINGS))
                    script.append(f"set_scale {written.shift} {ROUNDINGS.index(written.rounding)}")
                case 2:
                    written = written.replace(offset=rng.randint(-300, 300))
                    script.append(f"set_offset {written.offset}")
                case 3:
                    written = written.replace(border=Sides(*rng.choices(BORDERS, k=4)))
                    script.append("set_border " + " ".join(
                        str(BORDERS.index(side)) for side in written.borders))
                case 4:
                    written = written.replace(border_value=rng.randint(
                        own.pixel.minimum, own.pixel.maximum))
                    script.append(f"set_border_value {written.border_value}")
                case 5:
                    height = rng.randint(size["height"].minimum, size["height"].maximum)
                    width = rng.choice([
                        width for width in range(size["width"].minimum, size["width"].maximum + 1)
                        if size["width"].allows(width)])
                    written = written.replace(width=width, height=height)
                    script.append(f"set_size {width} {height}")
        if rng.random() < 0.7:
            committed = written
            script.append("commit")
        frames.append((committed, image(committed, rng.getrandbits(32))))
        # The next settings are written while the frame runs.
        script += ["send", f"wait_frames {len(frames)}"]
        if rng.random() < 0.3:
            script.append("drain")
    driven(own).run([*script, "drain"], frames, tmp_path, stall=rng.choice([0.0, 0.3]), seed=seed)
