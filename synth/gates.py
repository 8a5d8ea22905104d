"""Logic as a graph of gates of one bit, the same gate never twice, and how many LUTs hold it."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any


__all__ = ["ONE", "ZERO", "Gates"]

#: The gates that are constant.
ZERO, ONE = 0, 1

#: Inputs of a LUT.
LUT_INPUTS = 4


class Gates:
    """Gates by number. A gate's inputs have smaller numbers than itself.

    What is constant, or an input handed on, is no gate. A multiplexer with a constant input stays
    one: synthesis makes it the reset of a register where it can.
    """

    def __init__(self) -> None:
        self._made: list[tuple[Any, ...]] = [("0",), ("1",)]
        self._numbers: dict[tuple[Any, ...], int] = {}

    def __len__(self) -> int:
        return len(self._made)

    def kind(self, gate: int) -> str:
        """``0``, ``1``, ``leaf``, ``not``, ``and``, ``or``, ``xor`` or ``mux``."""
        kind: str = self._made[gate][0]
        return kind

    def inputs(self, gate: int) -> tuple[int, ...]:
        """The gates that a gate is made of; of a multiplexer select, 0-input and 1-input."""
        return () if self.kind(gate) in ("0", "1", "leaf") else self._made[gate][1:]

    def source(self, leaf: int) -> tuple[Any, ...]:
        """What a leaf was made for."""
        source: tuple[Any, ...] = self._made[leaf][1]
        return source

    def is_constant(self, gate: int) -> bool:
        """Whether it is :data:`ZERO` or :data:`ONE`."""
        return gate <= ONE

    def leaf(self, *source: object) -> int:
        """What comes from something else than a gate."""
        return self._number(("leaf", source))

    def not_(self, a: int) -> int:
        """The inverse."""
        if a <= ONE:
            return ONE - a
        if self.kind(a) == "not":
            return self.inputs(a)[0]
        return self._number(("not", a))

    def and_(self, a: int, b: int) -> int:
        """Both."""
        a, b = min(a, b), max(a, b)
        if a == ZERO:
            return ZERO
        return b if a in (ONE, b) else self._number(("and", a, b))

    def or_(self, a: int, b: int) -> int:
        """Either or both."""
        a, b = min(a, b), max(a, b)
        if ONE in (a, b):
            return ONE
        return b if a in (ZERO, b) else self._number(("or", a, b))

    def xor(self, a: int, b: int) -> int:
        """One of the two."""
        a, b = min(a, b), max(a, b)
        if a == b:
            return ZERO
        if a <= ONE:
            return b if a == ZERO else self.not_(b)
        return self._number(("xor", a, b))

    def mux(self, select: int, a: int, b: int) -> int:
        """``b`` where ``select`` is true, else ``a``."""
        if select <= ONE:
            return b if select == ONE else a
        if a == b:
            return a
        if (a, b) == (ZERO, ONE):
            return select
        if (a, b) == (ONE, ZERO):
            return self.not_(select)
        return self._number(("mux", select, a, b))

    def all(self, gates: Iterable[int]) -> int:
        """All of them, as a tree."""
        return self._tree(self.and_, list(gates), ONE)

    def any(self, gates: Iterable[int]) -> int:
        """Any of them, as a tree."""
        return self._tree(self.or_, list(gates), ZERO)

    def parity(self, gates: Iterable[int]) -> int:
        """An odd number of them, as a tree."""
        return self._tree(self.xor, list(gates), ZERO)

    @staticmethod
    def _tree(join: Callable[[int, int], int], gates: list[int], empty: int) -> int:
        while len(gates) > 1:
            gates = [join(gates[at], gates[at + 1]) if at + 1 < len(gates) else gates[at]
                     for at in range(0, len(gates), 2)]
        return gates[0] if gates else empty

    def _number(self, made: tuple[Any, ...]) -> int:
        number = self._numbers.get(made)
        if number is None:
            number = self._numbers[made] = len(self._made)
            self._made.append(made)
        return number

    def made_of(self, roots: Iterable[int]) -> list[int]:
        """All gates and leaves that are needed, each after its inputs."""
        found = set(roots)
        stack = list(found)
        while stack:
            for gate in self.inputs(stack.pop()):
                if gate not in found:
                    found.add(gate)
                    stack.append(gate)
        return sorted(found)

    def replaced(self, leaves: Mapping[int, int], roots: Iterable[int]) -> dict[int, int]:
        """Make the gates again with other leaves: what stands for each gate after that."""
        made: dict[str, Callable[..., int]] = {
            "not": self.not_, "and": self.and_, "or": self.or_, "xor": self.xor, "mux": self.mux}
        new: dict[int, int] = {}
        for gate in self.made_of(roots):
            inputs = self.inputs(gate)
            new[gate] = (made[self.kind(gate)](*(new[each] for each in inputs)) if inputs
                         else leaves.get(gate, gate))
        return new

    def cover(self, roots: Sequence[int]) -> dict[int, frozenset[int]]:
        """Cover the gates with LUTs, so that each root is the output of one.

        From the leaves on, a gate takes its inputs' gates into its own LUT as long as there are
        inputs left, those first that bring fewest; but none that another gate or root needs too,
        unless it is an inverter.

        Returns
        -------
        mapping of :class:`int` to set of :class:`int`
            The gate at the output of each LUT, and the gates and leaves at its inputs.
        """
        order = [gate for gate in self.made_of(roots) if self.inputs(gate)]
        uses = Counter(roots)
        for gate in order:
            uses.update(self.inputs(gate))
        cuts: dict[int, frozenset[int]] = {}
        for gate in order:
            cut = frozenset(each for each in self.inputs(gate) if each > ONE)
            inner = [each for each in cut
                     if each in cuts and (uses[each] == 1 or self.kind(each) == "not")]
            for each in sorted(inner, key=lambda each: (len(cuts[each]), each)):
                wider = cut - {each} | cuts[each]
                if len(wider) <= LUT_INPUTS:
                    cut = wider
            cuts[gate] = cut
        luts: dict[int, frozenset[int]] = {}
        stack = [root for root in roots if root in cuts]
        while stack:
            gate = stack.pop()
            if gate not in luts:
                luts[gate] = cuts[gate]
                stack += [each for each in cuts[gate] if each in cuts]
        return luts
