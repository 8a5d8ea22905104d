"""The proofs hold, and each notices when its hardware is changed."""

import pytest
from checker import missing_tool
from proofs import PROOFS, Proof


pytestmark = pytest.mark.skipif(missing_tool() is not None, reason=str(missing_tool()))


@pytest.mark.parametrize("proof", [
    pytest.param(proof, id=proof.title, marks=[pytest.mark.formal] if proof.long else [])
    for proof in PROOFS
])
def test_it_holds(proof: Proof) -> None:
    outcome = proof.run()
    assert outcome.holds, outcome.note


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.title)
def test_a_change_breaks_it(proof: Proof) -> None:
    assert any(proof.broken_by(change) for change in proof.changes())


def test_each_has_a_name_and_says_what_it_proves() -> None:
    assert len({proof.title for proof in PROOFS}) == len(PROOFS)
    assert all(proof.says for proof in PROOFS)
