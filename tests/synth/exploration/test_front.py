"""Which points are kept: of predictions, of measurements, and for more seeds."""

import pytest

from windrow import Filter
from windrow.model import InputError
from windrow.synth.exploration.front import Finding, front, promising
from windrow.synth.exploration.point import Candidate, Point, Space, prune
from windrow.synth.outcome import Usage
from windrow.synth.prediction import Prediction
from windrow.synth.targets import target


FILTER = Filter(kernel="sobel-x", width=40, height=8)


def candidate(name: str, luts: int, clock: float | None, *, dsps: int = 0, rams: int = 2,
              device: str = "ecp5-25k") -> Candidate:
    return Candidate(Point(device, name, 1), FILTER,
                     Prediction(luts, 100, dsps, rams, 0, 0, clock), is_auto=False)


def finding(name: str, luts: int, *clocks: float, dsps: int = 0, device: str = "ecp5-25k"
            ) -> Finding:
    return Finding(candidate(name, luts, None, device=device), Usage(luts, 100, 2, 0, dsps),
                   tuple(enumerate(clocks, start=1)))


def names(findings: list[Finding]) -> list[str]:
    return [each.candidate.point.strategy for each in findings]


def test_only_what_is_surely_worse_is_dropped() -> None:
    best = candidate("best", 400, 300)
    kept, skipped = prune([
        best, candidate("worse", 500, 250), candidate("perhaps-faster", 500, 275),
        candidate("perhaps-smaller", 415, 250), candidate("no-clock", 900, None),
        candidate("fewer-rams", 900, 100, rams=1),
        candidate("elsewhere", 900, 50, device="up5k"),
    ])
    assert [(each.point.strategy, each.reason) for each in skipped] == [
        ("worse", "best is expected to be smaller and faster")]
    assert len(kept) == 6


def test_what_does_not_fit_is_dropped() -> None:
    kept, skipped = prune([candidate("large", 30_000, 300), candidate("nearly", 25_000, 300),
                           candidate("rams", 100, 300, rams=57),
                           candidate("dsps", 100, 300, dsps=29)])
    assert [each.point.strategy for each in kept] == ["nearly"]
    assert [each.reason for each in skipped] == [
        "is expected to take at least 28500 of 24288 luts",
        "is expected to take at least 57 of 56 rams",
        "is expected to take at least 29 of 28 dsps"]


def test_the_front_trades_speed_luts_and_dsps() -> None:
    found = [finding("small", 300, 200, 210, 220), finding("fast", 500, 280, 300, 290),
             finding("slow", 500, 250), finding("dsps", 200, 205, dsps=4),
             finding("elsewhere", 900, 50, device="up5k"), finding("no-clock", 100),
             finding("twin", 500, 290)]
    assert names(front(found)) == ["dsps", "small", "fast", "twin", "elsewhere"]
    fast = found[1]
    assert (fast.fmax, fast.best, fast.rate) == (290, (2, 300), 290e6)


def test_more_seeds_go_to_the_front_and_to_what_may_get_there() -> None:
    best = finding("best", 300, 200, 210, 220)
    near, far = finding("near", 350, 190, 199, 215), finding("far", 350, 150, 160, 170)
    near_too = finding("near-too", 350, 190, 199, 206)
    assert names(promising([far, near, best])) == ["best", "near"]
    assert names(promising([far, near_too, near, best])) == ["best", "near"], "half of all"
    alone = finding("alone", 350, 195)  # a single seed may be ten percent off
    assert names(promising([alone, far, best])) == ["best", "alone"]


def test_rounds_have_three_times_as_many_seeds() -> None:
    assert Space(["up5k"]).seed_counts == [3, 9, 27]
    assert Space(["up5k"], fewest_seeds=2, most_seeds=7).seed_counts == [2, 6, 7]
    assert Space(["up5k"], fewest_seeds=5, most_seeds=5).seed_counts == [5]


def test_names_are_checked() -> None:
    with pytest.raises(InputError, match="target 'ecp6'"):
        Space(["ecp6"])
    with pytest.raises(InputError, match="strategy 'seperable' is not known: did you mean 'sepa"):
        Space(["up5k"], ["seperable"])


def test_knobs_are_arguments_of_the_tools() -> None:
    plain = target("ecp5-25k")
    device = Point("ecp5-25k", "auto", 1, synthesis=("-nowidelut",), routing=(
        "--placer=heap", "--tmg-ripup", "--placer-heap-beta=0.8")).device
    assert device.synthesis == "synth_ecp5 -nowidelut -top harness -cmp2softlogic"
    rest = [each for each in plain.arguments if each not in ("--placer", "static")]
    assert list(device.arguments) == [
        *rest, "--placer", "heap", "--tmg-ripup", "--placer-heap-beta", "0.8"]
    assert Point("up5k", "auto", 1).device == target("up5k")
