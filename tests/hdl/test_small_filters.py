"""Small filters that use every part of a core between them, in a few seconds.

What is broken at large mostly fails here first: `benchmarks/mutation.py` starts with these.
"""

import dataclasses
import itertools
import random
from typing import Any

import numpy as np
import pytest
from core_bench import check, run
from register_bench import Registers, random_commit
from strategies import random_image
from stream_bench import check as check_stream
from stream_bench import stream

from windrow.model import Filter
from windrow.model.framing import Beat


SYMMETRIC = [[3, -5, 3], [7, 11, 7], [3, -5, 3]]
DENSE = [[1, -2, 3, 5], [2, 7, -9, 4]]

FILTERS: dict[str, tuple[str, dict[str, Any]]] = {
    "binomial": ("auto", {
        "kernel": "gaussian:ksize=3", "shift": 4, "width": 7, "height": 4}),
    "adder graph": ("adder-graph", {
        "kernel": [[1, -3, 5], [7, 9, -11], [-13, 6, 23]], "width": 6, "height": 5, "shift": 3,
        "border": "symmetric", "rounding": "half-even"}),
    "even, two lanes": ("multipliers", {
        "kernel": DENSE, "width": 13, "height": 4, "pixels_per_clock": 2, "border": "reflect101",
        "output": "s13", "overflow": "wrap"}),
    "symmetric": ("symmetric", {
        "kernel": SYMMETRIC, "width": 8, "height": 5, "shift": 2, "offset": -9, "pixel": "s6",
        "output": "s7", "rounding": "half-away",
        "border": {"top": "constant", "bottom": "reflect101", "left": "symmetric",
                   "right": "replicate"}, "border_value": -5}),
    "larger output": ("auto", {
        "kernel": [[1, 2, 1], [0, 3, 0]], "width": 10, "height": 3, "padding": "full",
        "pixels_per_clock": 4, "border": "constant", "border_value": 200, "shift": 3,
        "operation": "convolve"}),
    "uneven padding": ("auto", {
        "kernel": [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [1, 1, 1, 1, 2], [0, 0, 9, 0, 0]],
        "width": 9, "height": 6, "padding": [3, 1, 0, 4], "border": "reflect101", "shift": 5,
        "rounding": "toward-zero"}),
    "valid, two channels": ("separable-multipliers", {
        "kernel": [[3, 9, -15], [5, 15, -25], [7, 21, -35]], "width": 7, "height": 4,
        "channels": 2, "padding": "valid", "output": "u9", "overflow": "abs-saturate", "shift": 4,
        "rounding": "floor"}),
    "mean": ("running-sum", {
        "kernel": [[1] * 3] * 3, "width": 9, "height": 5, "output": "u12"}),
    "constant mean": ("running-sum", {
        "kernel": [[-3] * 4] * 2, "width": 8, "height": 4, "output": "s16", "channels": 2,
        "border": "constant", "border_value": 77, "padding": "full"}),
    "mirrored mean": ("running-sum", {
        "kernel": [[2] * 5] * 4, "width": 11, "height": 6, "output": "u14", "border": "reflect101",
        "padding": [3, 3, 4, 4]}),
    "wide mean": ("running-sum", {
        "kernel": [[1] * 7] * 3, "width": 20, "height": 4, "shift": 4, "border": "symmetric"}),
    "folded": ("time-folded", {
        "kernel": [[1, -22, 3], [5, 17, -9], [4, 33, 12]], "width": 6, "height": 3,
        "clocks_per_pixel": 3, "channels": 2, "border": "symmetric", "output": "s16"}),
    "folded, symmetric": ("time-folded", {
        "kernel": SYMMETRIC, "width": 7, "height": 4, "clocks_per_pixel": 2, "shift": 4}),
    "slow adders": ("separable", {
        "kernel": [[2, 4, 2], [3, 6, 3]], "width": 5, "height": 3, "clocks_per_pixel": 5,
        "shift": 4}),
    "bank": ("auto", {
        "kernels": {"x": "sobel-x", "y": "sobel-y"}, "width": 7, "height": 4, "channels": 2,
        "overflow": "abs-saturate"}),
    "sorted": ("sorting-network", {
        "median": 3, "width": 6, "height": 4, "border": "symmetric"}),
    "searched": ("bit-search", {
        "footprint": [[0, 1, 0, 1], [1, 1, 1, 0]], "rank": 3, "width": 6, "height": 3,
        "pixels_per_clock": 2, "pixel": "s5"}),
    "searched, of three bits": ("bit-search", {
        "median": [1, 3], "width": 6, "height": 2, "pixel": "u1"}),
    "dilated": ("doubling", {"dilate": [4, 5], "width": 7, "height": 5}),
    "dilated, many bits": ("doubling", {
        "dilate": [9, 5], "width": 8, "height": 10, "pixel": "u16", "channels": 3}),
    "one pixel": ("auto", {
        "kernel": [[-3]], "width": 3, "height": 2, "output": "s8", "offset": 100}),
    "one row": ("auto", {
        "kernel": [[1, 2, 3, 2, 1]], "width": 6, "height": 2, "pixels_per_clock": 2, "shift": 3,
        "border": "reflect101"}),
    "one column": ("auto", {
        "kernel": [[1], [5], [2], [-1], [1]], "width": 4, "height": 5, "anchor": [4, 0],
        "border": "symmetric", "shift": 3}),
    "of the kernel's size": ("auto", {
        "kernel": np.arange(1, 17).reshape(4, 4), "width": 4, "height": 4, "pixels_per_clock": 8,
        "border": "reflect101", "output": "u16", "anchor": [0, 3]}),
    "run time": ("auto", {
        "kernel": [[3, -5, 7], [11, 13, -37], [77, 101, 9]], "width": 7, "height": 4,
        "control": "axi4-lite", "coefficients": "runtime", "output": "s12",
        "border": "reflect101"}),
    "run time, two lanes": ("auto", {
        "kernel": [[1, 2, 3, 4], [5, 4, 3, 2]], "width": 9, "height": 4, "control": "axi4-lite",
        "pixels_per_clock": 2, "padding": "full", "output": "u9", "overflow": "wrap"}),
}
"""Strategy and keys of each."""

RESETS = ("mean", "binomial")
"""Those that are reset at several moments."""

STREAMS = ("even, two lanes", "one column")
"""Those that are also given malformed streams."""


def make(name: str) -> Filter:
    """The filter of that name."""
    return Filter(**FILTERS[name][1])


@pytest.mark.parametrize("name", FILTERS)
def test_small_filter(name: str) -> None:
    filter, strategy = make(name), FILTERS[name][0]
    rng = random.Random(name)
    images = [random_image(rng, filter) for _ in range(3)]

    def registers() -> Registers | None:
        commits = [(rng.randrange(40), random_commit(rng, filter)) for _ in range(6 * runtime)]
        return Registers(filter, commits) if runtime else None

    runtime = filter.registers
    drives = registers()
    trace = run(filter, images, strategy=strategy, registers=drives)
    check(drives.frames if drives else filter, images, trace)
    assert trace.first_out[0] - trace.first_in[0] == trace.latency
    if not runtime:  # so small a frame may have to wait for the settings of the one before
        assert {b - a for a, b in itertools.pairwise(trace.first_in)} == {trace.cycles_per_frame}
    drives = registers()
    trace = run(filter, images, strategy=strategy, stall_in=0.2, stall_out=0.5, seed=1,
                gaps=[rng.randrange(1, 12), 60 * filter.clocks_per_pixel],
                upset=0 if runtime else rng.randrange(20, 60) * filter.clocks_per_pixel,
                registers=drives)
    check(drives.frames if drives else filter, images, trace)


@pytest.mark.parametrize("name", RESETS)
def test_small_reset(name: str) -> None:
    """Whatever was under way, nothing of it comes after a reset."""
    filter = make(name)
    for upset in (20, 33, 64):
        images = [random_image(random.Random(upset), filter)]
        trace = run(filter, images, strategy=FILTERS[name][0], seed=upset, upset=upset)
        check(filter, images, trace)


@pytest.mark.parametrize("name", STREAMS)
def test_small_stream(name: str) -> None:
    """Frames of which each has a fault, or none."""
    filter = make(name)
    rng = random.Random(name)
    beats: list[Beat] = []
    line = -(-filter.width // filter.pixels_per_clock)
    for fault in ("", "start", "end", "lost", "twice", "", "cut", "open", "stray", ""):
        frame = [
            Beat([rng.randint(filter.pixel.minimum, filter.pixel.maximum)
                  for _ in range(filter.pixels_per_clock * filter.channels)],
                 first=number == 0, last=number % line == line - 1)
            for number in range(line * filter.height)
        ]
        at = rng.randrange(len(frame))
        match fault:
            case "start":
                frame[at] = dataclasses.replace(frame[at], first=not frame[at].first)
            case "end":
                frame[at] = dataclasses.replace(frame[at], last=not frame[at].last)
            case "lost":
                del frame[at]
            case "twice":
                frame.insert(at, frame[at])
            case "cut":
                del frame[at:]
            case "open":
                frame = [dataclasses.replace(beat, last=False) for beat in frame]
            case "stray":
                del frame[0]
        beats += frame
    check_stream(filter, beats, stream(filter, beats, strategy=FILTERS[name][0]))
    check_stream(filter, beats, stream(filter, beats, strategy=FILTERS[name][0], stall_in=0.2,
                                       stall_out=0.3, pause=0.05))


SMALL = ((test_small_filter, FILTERS), (test_small_reset, RESETS), (test_small_stream, STREAMS))
"""All of this file."""
