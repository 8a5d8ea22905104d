"""Beats of other sizes: every sample in order, and no cycle lost."""

import random
import re

import numpy as np
import pytest
from amaranth.back import rtlil
from amaranth.hdl import unsigned
from engine_bench import beats_of, run

from windrow.hdl.network.repack import Repack, beat_counts


def pieces(rng: random.Random, total: int, lanes: int) -> tuple[int, ...]:
    """Any beats of a pixel."""
    found: list[int] = []
    while sum(found) < total:
        found.append(rng.randint(1, min(lanes, total - sum(found))))
    return tuple(found)


@pytest.mark.parametrize("channels, taken_lanes, given_lanes, any_size", [
    (1, 1, 1, False), (8, 1, 8, False), (8, 8, 1, False), (5, 2, 3, False), (7, 3, 2, False),
    (16, 4, 3, False), (10, 4, 4, True), (9, 3, 5, True), (11, 2, 7, True), (1, 4, 2, False),
    pytest.param(170, 170, 160, False, marks=pytest.mark.slow)])
@pytest.mark.parametrize("stall", [0.0, 0.4])
def test_beats(channels: int, taken_lanes: int, given_lanes: int, any_size: bool,
               stall: float) -> None:
    rng = random.Random(channels)
    taken, given = (pieces(rng, channels, lanes) if any_size else beat_counts(channels, lanes)
                    for lanes in (taken_lanes, given_lanes))
    repack = Repack(unsigned(8), taken, given, taken_lanes, given_lanes)
    frame = np.random.default_rng(1).integers(0, 256, (1, channels, 4, 5))
    wanted = [beat + [0] * (given_lanes - len(beat)) for beat in beats_of(frame, given)]
    trace = run(repack, [(repack.i, beats_of(frame, taken))], repack.o, len(wanted),
                stall_in=stall, stall_out=stall)
    assert trace.beats == wanted
    if not stall and not any_size:
        most = 20 * max(len(taken), len(given))
        assert trace.cycles[-1] <= most + 2


@pytest.mark.parametrize("taken, given, held", [
    ((1,) * 8, (8,), 9), ((8,), (1,) * 8, 9), ((4, 4), (4, 4), 8), ((4, 2), (2, 2, 2), 6),
    ((2, 2, 1), (3, 2), 6), ((3, 2), (2, 2, 1), 6), ((2, 1, 2), (3, 2), 7)])
def test_it_holds_what_it_needs(
    taken: tuple[int, ...], given: tuple[int, ...], held: int
) -> None:
    """A beat that goes and one that comes; more where ends of neither are all ends of the other."""
    text = rtlil.convert(Repack(unsigned(8), taken, given, max(taken), max(given)))
    assert re.findall(r"wire width (\d+) .*kept", text)[0] == str(8 * held)
