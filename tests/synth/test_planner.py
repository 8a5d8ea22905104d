"""Plans: candidates, the choice and its reason; predictions of a census."""

from dataclasses import replace

import pytest

from windrow import Filter
from windrow.hdl import Core
from windrow.hdl.devices import DEVICES, device
from windrow.hdl.strategies import STRATEGIES
from windrow.model import InputError
from windrow.synth import prediction
from windrow.synth.census import Census
from windrow.synth.planner import Candidate, Plan, plan
from windrow.synth.prediction import Prediction, predict
from windrow.synth.targets import TARGETS


SIZE = {"width": 64, "height": 48}
SCHARR = Filter(kernel="scharr-x", **SIZE)


@pytest.mark.parametrize("target", [*TARGETS, *DEVICES])
def test_a_plan_of_every_target(target: str) -> None:
    steps: list[tuple[str, int, int]] = []
    found = plan(SCHARR, target, progress=lambda *step: steps.append(step))
    assert found.target is TARGETS.get(target)
    assert found.device is device(found.target.components if found.target else target)
    assert {each.strategy for each in found.candidates} | set(found.others) == set(STRATEGIES)
    assert {"adder-graph", "multipliers", "symmetric", "separable"} <= {
        each.strategy for each in found.candidates}
    assert found.choice == Core(SCHARR, target=found.device.name).strategy
    assert found.chosen.strategy == found.choice
    for each in found.candidates:
        core = Core(SCHARR, target=found.device.name, strategy=each.strategy)
        assert each.latency == core.latency
        assert each.prediction.luts > 50
        assert (each.prediction.clock is None) == (
            found.device.name != "ecp5" and target not in ("up5k", "hx8k", "ccgm1a1"))
    assert steps[0][1:] == (0, len(STRATEGIES) + 1)
    assert [step[0] for step in steps[:-1]] == list(STRATEGIES)


def test_multipliers_are_those_of_the_strategy() -> None:
    dsps = {each.strategy: each.prediction.dsps for each in plan(SCHARR, "ecp5").candidates}
    # 3 10 3 in two columns; 3 and 5 as odd parts.
    assert dsps["adder-graph"] == dsps["separable"] == 0
    assert dsps["multipliers"] == 3
    assert dsps["symmetric"] == 2


@pytest.mark.parametrize("target", ["ecp5-45k", "generic-25k", "", "ECP5"])
def test_an_unknown_target_is_refused(target: str) -> None:
    with pytest.raises(InputError, match=f"target '{target}' is not known: "):
        plan(SCHARR, target)


def a_plan(*candidates: tuple[str, int, int, int], target: str | None = None) -> Plan:
    """A plan of strategies with LUTs, multipliers and RAMs, the first of which is the choice."""
    return Plan(
        DEVICES["ecp5"], None if target is None else TARGETS[target],
        tuple(Candidate(name, 100, Prediction(luts, 50, dsps, rams, 0, 0, 200.0))
              for name, luts, dsps, rams in candidates),
        (), candidates[0][0])


@pytest.mark.parametrize("candidates, reason", [
    ([("a", 200, 0, 2)], "a: 200 LUTs, the only strategy that applies"),
    ([("a", 200, 0, 2), ("b", 300, 0, 2), ("c", 250, 1, 2)],
     "a: 200 LUTs, the least of 3 strategies; c would take 250"),
    ([("a", 200, 0, 2), ("b", 300, 0, 2), ("c", 150, 3, 4)],
     "a: 200 LUTs, the least of the strategies that keep to 2 RAMs and no multipliers; "
     "c would take 150 and 3 multipliers and 4 RAMs"),
    ([("a", 200, 1, 2), ("b", 190, 1, 2)],
     "a: 200 LUTs, chosen for its adders and registers; b may take 5% less, less than the "
     "prediction's error"),
    ([("a", 200, 0, 2), ("b", 100, 0, 2), ("c", 120, 0, 5)],
     "a: 200 LUTs, chosen for its adders and registers; b may take 50% less; c would take 120 and "
     "5 RAMs"),
    ([("a", 200, 0, 2), ("b", 200, 0, 2)],
     "a: 200 LUTs, the least of 2 strategies; b would take as many"),
])
def test_the_reason(candidates: list[tuple[str, int, int, int]], reason: str) -> None:
    assert a_plan(*candidates).reason == reason


def test_the_reason_compares_with_what_fits() -> None:
    rivals = (("b", 150, 29, 2), ("c", 100, 1, 2))
    assert a_plan(("a", 200, 0, 2), *rivals, target="ecp5-25k").reason == (
        "a: 200 LUTs, the least of the strategies that keep to no multipliers; "
        "c would take 100 and 1 multiplier")
    assert a_plan(("a", 200, 0, 2), ("b", 300, 0, 2), ("c", 90, 29, 2), target="ecp5-25k").reason \
        == "a: 200 LUTs, the least of 2 strategies that fit; b would take 300"
    # An HX8K has no multipliers.
    assert a_plan(("a", 200, 0, 2), *rivals, target="hx8k").reason == (
        "a: 200 LUTs, the only strategy that fits")
    assert a_plan(("a", 200, 30, 2), ("b", 300, 29, 2), target="ecp5-25k").reason == (
        "a: 200 LUTs, the least of 2 strategies; b would take 300")


def test_what_does_not_fit() -> None:
    assert a_plan(("a", 30000, 29, 56), target="ecp5-25k").overflow == (
        "30000 of 24288 LUTs, 29 of 28 multipliers")
    assert a_plan(("a", 300, 28, 56), target="ecp5-25k").overflow == ""
    assert a_plan(("a", 30000, 29, 57)).overflow == ""
    found = a_plan(("a", 300, 29, 56), ("b", 200, 30, 56), ("c", 500, 28, 56), ("d", 600, 0, 56),
                   target="ecp5-25k")
    assert (found.overflow, found.alternative) == ("29 of 28 multipliers", "c")
    assert a_plan(("a", 300, 29, 56), target="ecp5-25k").alternative is None


CENSUS = Census(
    luts=100, carry_lengths=(12, 12, 12, 12, 2), inverted_bits=3, flip_flops=70, lone_flip_flops=10,
    lut_memories=2, memories=((16, 640), (8, 20)), products=1,
    blocks={"DP16KD": 3, "MULT18X18D": 2, "SB_SPRAM256KA": 1, "SB_RAM40_4K": 1}, levels=3,
    fanout=31)


def test_a_prediction_is_the_sum_of_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prediction, "_calibration", lambda: {
        "luts": {"ice40": {"luts": 0.5, "carry_bits": 2, "lone_flip_flops": 1.0,
                           "inverted_bits": 1, "carry_chains": 10, "lut_memories": 100}},
        "period": {"hx8k": {"constant": 1.0, "levels": 0.5, "longest_carry": 0.125,
                            "log2_fanout": 0.1, "log2_luts": 0.5 / 7.238404739325079}},
    })
    ice40 = DEVICES["ice40"]
    assert ice40.block_count is not None
    found = predict(CENSUS, ice40, TARGETS["hx8k"])
    assert found == Prediction(
        luts=50 + 100 + 10 + 3 + 50 + 200, flip_flops=70, dsps=3,
        rams=4 + ice40.block_count(16, 640) + ice40.block_count(8, 20), large_rams=1,
        memory_bits=16 * 640 + 160, clock=pytest.approx(1000 / 5))
    # Another device of the family has no clock, another family no LUTs of its own.
    assert predict(CENSUS, ice40, TARGETS["up5k"]) == replace(found, clock=None)
    assert predict(CENSUS, DEVICES["generic"]) == replace(
        found, luts=150, dsps=3, rams=None, clock=None)


def test_a_block_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="block 'PLL' is not known"):
        predict(replace(CENSUS, blocks={"PLL": 1}), DEVICES["ecp5"])


def test_the_calibration_names_what_there_is() -> None:
    calibration = prediction._calibration()
    assert set(calibration) == {"luts", "period"}
    assert set(calibration["luts"]) <= set(DEVICES)
    assert set(calibration["period"]) <= {*TARGETS, *DEVICES}
    for features, families in ((prediction.LUT_FEATURES, calibration["luts"]),
                               (prediction.PERIOD_FEATURES, calibration["period"])):
        for weights in families.values():
            assert set(weights) <= set(features)
            assert all(weight > 0 for weight in weights.values())
