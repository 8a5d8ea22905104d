"""Gates: what becomes of constants and of what is there twice, and how many LUTs cover them."""

import itertools

from windrow.synth.gates import ONE, ZERO, Gates


def test_constants_and_copies_are_no_gates() -> None:
    gates = Gates()
    a, b = gates.leaf("a"), gates.leaf("b")
    count = len(gates)
    assert gates.and_(a, ZERO) == gates.xor(a, a) == gates.any([]) == gates.not_(ONE) == ZERO
    assert gates.or_(ONE, a) == gates.all([]) == ONE
    assert gates.and_(a, ONE) == gates.or_(ZERO, a) == gates.xor(a, ZERO) == a
    assert gates.and_(a, a) == gates.or_(a, a) == gates.mux(ZERO, a, b) == gates.mux(b, a, a) == a
    assert gates.mux(a, ZERO, ONE) == gates.mux(ONE, b, a) == a
    assert len(gates) == count
    assert gates.not_(gates.not_(a)) == a
    assert gates.mux(a, ONE, ZERO) == gates.xor(ONE, a) == gates.not_(a)


def test_the_same_gate_is_there_once() -> None:
    gates = Gates()
    a, b = gates.leaf("a"), gates.leaf("b")
    assert gates.and_(a, b) == gates.and_(b, a) != gates.or_(a, b)
    assert gates.leaf("a") == a != b
    assert gates.source(a) == ("a",)


def test_gates_are_made_again_with_other_leaves() -> None:
    gates = Gates()
    a, b, c = (gates.leaf(name) for name in "abc")
    root = gates.or_(gates.and_(a, b), gates.mux(c, a, b))
    new = gates.replaced({b: a, c: ONE}, [root])
    assert new[root] == a
    assert new[b] == a


def test_luts_take_in_what_fits() -> None:
    gates = Gates()
    leaves = [gates.leaf(number) for number in range(16)]
    for count, luts in ((1, 0), (2, 1), (4, 1), (5, 2), (7, 2), (16, 5)):
        assert len(gates.cover([gates.all(leaves[:count])])) == luts, count


def test_a_gate_that_others_need_has_its_own_lut() -> None:
    gates = Gates()
    a, b, c, d = (gates.leaf(name) for name in "abcd")
    shared = gates.and_(a, b)
    cover = gates.cover([gates.xor(shared, c), gates.or_(shared, d)])
    assert set(cover) == {shared, gates.xor(shared, c), gates.or_(shared, d)}
    # An inverter goes into each.
    inverse = gates.not_(a)
    cover = gates.cover([gates.xor(gates.and_(inverse, b), c), gates.or_(inverse, d)])
    assert len(cover) == 2
    assert cover[gates.or_(inverse, d)] == {a, d}


def test_a_root_that_is_no_gate_takes_no_lut() -> None:
    gates = Gates()
    assert gates.cover([gates.leaf("a"), ONE, ZERO]) == {}


def test_every_input_of_a_lut_is_a_leaf_or_another_lut() -> None:
    gates = Gates()
    leaves = [gates.leaf(number) for number in range(6)]
    pairs = [gates.xor(*pair) for pair in itertools.combinations(leaves, 2)]
    roots = [gates.any(pairs), gates.parity(leaves), gates.mux(leaves[0], pairs[-1], pairs[-2])]
    cover = gates.cover(roots)
    assert all(root in cover for root in roots)
    for inputs in cover.values():
        assert 1 <= len(inputs) <= 4
        assert all(each in cover or each in leaves for each in inputs)
