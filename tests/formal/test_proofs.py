"""The proofs hold, and each finds the bug that is put into its hardware."""

import pytest
from checker import missing_tool
from proofs import PROOFS, Proof
from seeded import Bug, seeded

from windrow.hdl import output_queue


pytestmark = pytest.mark.skipif(missing_tool() is not None, reason=str(missing_tool()))


@pytest.mark.parametrize("proof", [
    pytest.param(proof, id=proof.title, marks=[pytest.mark.formal] if proof.long else [])
    for proof in PROOFS
])
def test_it_holds(proof: Proof) -> None:
    outcome = proof.run()
    assert outcome.holds, outcome.note


@pytest.mark.parametrize("proof", [
    pytest.param(proof, id=proof.title, marks=[pytest.mark.formal] if proof.deep else [])
    for proof in PROOFS
])
def test_a_bug_breaks_it(proof: Proof) -> None:
    outcome = proof.run_with_bug()
    assert not outcome.holds


def test_each_has_a_name_and_says_what_it_proves() -> None:
    assert len({proof.title for proof in PROOFS}) == len(PROOFS)
    assert all(proof.says for proof in PROOFS)


def test_a_bug_is_gone_afterwards() -> None:
    sound = output_queue.BlockQueue
    with seeded(Bug("output_queue", "latency = 2", "latency = 3")):
        assert output_queue.BlockQueue is not sound
        assert output_queue.BlockQueue.latency == 3
    assert output_queue.BlockQueue is sound
    assert sound.latency == 2


def test_a_bug_that_is_nowhere_to_be_put() -> None:
    with (pytest.raises(ValueError, match=r"output_queue\.py must hold 'no such' once"),
          seeded(Bug("output_queue", "no such", "thing"))):
        pass
