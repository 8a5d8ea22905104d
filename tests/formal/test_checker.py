"""The checker itself: what is true it proves, what is not it refutes, in each of its ways."""

import pytest
from amaranth import *
from checker import Bench, Claim, check, missing_tool


pytestmark = pytest.mark.skipif(missing_tool() is not None, reason=str(missing_tool()))


def counts_to(most: int, claimed: int) -> Claim:
    """A counter that stops at ``most`` never goes beyond ``claimed``."""

    def claim(m: Module, bench: Bench) -> None:
        count = Signal(range(16))
        with m.If(bench.anything() & (count != most)):
            m.d.sync += count.eq(count + 1)
        bench.always(count <= claimed)

    return claim


@pytest.mark.parametrize(("mode", "depth"), [("invariant", 0), ("induction", 12), ("bmc", 12)])
def test_true_and_false(mode: str, depth: int) -> None:
    assert check(counts_to(9, 9), mode, depth).holds
    outcome = check(counts_to(9, 7), mode, depth)
    assert not outcome.holds
    # The reset is cycle 0, and the count 8 in cycle 9 at the earliest.
    assert outcome.note.startswith("a fault in cycle 9")


def test_a_bound_is_a_bound() -> None:
    assert check(counts_to(9, 7), "bmc", 8).holds


def test_proofs_start_from_reset_values() -> None:
    """A register without reset may hold anything, one with a reset what the reset says."""

    def claim(m: Module, bench: Bench, reset_less: bool) -> None:
        kept = Signal(reset_less=reset_less)
        m.d.sync += kept.eq(kept)
        bench.always(~kept)

    assert check(lambda m, bench: claim(m, bench, False)).holds
    assert not check(lambda m, bench: claim(m, bench, True)).holds


def test_memories_may_hold_anything() -> None:
    from amaranth.lib.memory import Memory

    def claim(m: Module, bench: Bench) -> None:
        m.submodules.memory = memory = Memory(shape=1, depth=2, init=[])
        port = memory.read_port(domain="comb")
        m.d.comb += port.addr.eq(bench.anything())
        bench.always(~port.data)

    assert not check(claim).holds


def test_a_tautology_needs_no_invariant() -> None:
    def claim(m: Module, bench: Bench) -> None:
        value = bench.anything(3)
        bench.always((value & 5) <= value)

    assert check(claim).holds


def test_a_tool_that_fails_is_no_proof() -> None:
    with pytest.raises(KeyError):
        check(counts_to(9, 9), "nonsense")
