"""The checker itself: what is true it proves, what is not it refutes, in each of its ways."""

import pytest
from amaranth import *
from checker import Bench, Claim, changes, check, missing_tool, refute


pytestmark = pytest.mark.skipif(missing_tool() is not None, reason=str(missing_tool()))


def counts_to(most: int, claimed: int) -> Claim:
    """A counter that stops at ``most`` never goes beyond ``claimed``."""

    def claim(m: Module, bench: Bench) -> None:
        count = Signal(range(16))
        with m.If(bench.anything() & (count != most)):
            m.d.sync += count.eq(count + 1)
        bench.always(count <= claimed)

    return claim


def test_true_and_false() -> None:
    assert check(counts_to(9, 9)).holds
    outcome = check(counts_to(9, 7))
    assert not outcome.holds
    # The reset is cycle 0, and the count 8 in cycle 9 at the earliest.
    assert outcome.note == "a fault in cycle 9"


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


def parity(m: Module, bench: Bench) -> None:
    """Two exclusive-or gates in a module of their own, the second of which undoes the first."""
    m.submodules.dut = dut = Module()
    value, twice = bench.anything(), Signal()
    key = bench.anything()
    dut.d.comb += twice.eq(value ^ key ^ key)
    bench.always(twice == value)


def test_a_change_breaks_what_is_claimed() -> None:
    found = changes(parity, 4)
    assert len(found) == 4
    assert found == changes(parity, 4)
    assert all("-module top.dut " in change for change in found)
    assert check(parity).holds
    assert not refute(parity, "")
    assert any(refute(parity, change) for change in found)


def test_a_tool_that_fails_is_no_proof() -> None:
    with pytest.raises(RuntimeError, match="no conclusion"):
        refute(parity, "no_such_command")
