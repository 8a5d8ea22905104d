"""The proofs hold, and each notices when its hardware is changed."""

import claims
import pytest
from checker import check, missing_tool
from proofs import PROOFS, THREE, Proof, forked


pytestmark = pytest.mark.skipif(missing_tool() is not None, reason=str(missing_tool()))


@pytest.mark.parametrize("proof", [
    pytest.param(proof, id=proof.title, marks=[pytest.mark.formal] if proof.long else [])
    for proof in PROOFS
])
def test_it_holds(proof: Proof) -> None:
    outcome = proof.run()
    assert outcome.holds, outcome.note


@pytest.mark.thinned(2)
@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.title)
def test_a_change_breaks_it(proof: Proof) -> None:
    assert any(proof.broken_by(change) for change in proof.changes())


@pytest.mark.parametrize("height, width", [(3, 1), (1, 3)])
def test_a_wait_that_is_one_short_breaks_it(height: int, width: int) -> None:
    short = (int(height > 1), int(width > 1))
    assert not check(claims.branches_meet(forked(height, width), short)).holds


def test_a_wait_of_rows_is_right() -> None:
    """Not among the proofs: both ways lead through the same lines, and few changes part them."""
    assert check(claims.branches_meet(forked(3, 1))).holds


@pytest.mark.parametrize(("rooms", "width", "depth"), [
    ([2, 3], 1, None), ([3, 2], 2, None), ([3], 2, 2), ([3, 3], 1, 1)])
def test_a_row_or_a_beat_less_brings_a_network_to_a_standstill(rooms, width, depth) -> None:
    """A fork holds a beat for the branch that waits, so that a queue may be one shorter than the
    rows that it is for."""
    assert not check(claims.rows_go_on([THREE] * len(rooms), rooms, width, depth)).holds


def test_each_has_a_name_and_says_what_it_proves() -> None:
    assert len({proof.title for proof in PROOFS}) == len(PROOFS)
    assert all(proof.says for proof in PROOFS)
