"""What a core is made of, counted before any synthesis: see :func:`census`.

A core is taken apart into bits (:mod:`.design_bits`). What synthesis does to them in any case is
done here in short: constants are propagated; what nothing needs is left out, and what is there
twice; enables and resets of registers become those of flip-flops. What is left is counted: carry
chains bit by bit, flip-flops, memories, the device's own blocks, and the LUTs that cover the other
logic. That is no synthesis: a calibration relates the counts to what yosys and nextpnr make of the
same core (:mod:`.prediction`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from amaranth.back import rtlil  # type: ignore[attr-defined]  # not in the stubs

from .design_bits import Adder, Block, Design
from .gates import ONE, ZERO, Gates
from .rtlil import parse


__all__ = ["Census", "census", "count"]

#: Registers that must share an enable or a reset for it to be the flip-flops' own: fewer, and yosys
#: makes it a LUT before them (`dfflegalize -mince 2 -minsrst 2`).
SHARING = 2


#: Blocks that are pieces of a carry chain, and how many bits of it: each a bit of LUT and carry.
CARRY_BLOCKS = {"CCU2C": 2}


@dataclass(frozen=True)
class Census:
    """What there is of everything.

    Parameters
    ----------
    luts : :class:`int`
        LUTs of four inputs that cover the logic, carry chains and memories left out.
    carry_lengths : tuple of :class:`int`
        Bits of each carry chain: sums, differences, comparisons of two variables.
    inverted_bits : :class:`int`
        Bits that are taken away from something, in carry chains.
    flip_flops : :class:`int`
        Bits of registers, those inside of blocks left out.
    lone_flip_flops : :class:`int`
        Of these, those with no LUT or carry bit of their own in front of them.
    lut_memories : :class:`int`
        Memories of 16 words of 4 bits, in LUTs, that are read without a clock.
    memories : tuple of (:class:`int`, :class:`int`)
        Bits a word and words of each memory that is read at a clock's edge.
    products : :class:`int`
        Multipliers that are left to the tools.
    blocks : mapping of :class:`str` to :class:`int`
        The device's own blocks, by their names.
    levels : :class:`int`
        LUTs and carry chains on the longest way from register to register.
    fanout : :class:`int`
        Inputs of flip-flops and gates that wait for the register that most of them need.
    """

    luts: int
    carry_lengths: tuple[int, ...]
    inverted_bits: int
    flip_flops: int
    lone_flip_flops: int
    lut_memories: int
    memories: tuple[tuple[int, int], ...]
    products: int
    blocks: Mapping[str, int]
    levels: int
    fanout: int

    @property
    def carry_bits(self) -> int:
        """Bits of all carry chains."""
        return sum(self.carry_lengths)

    @property
    def carry_chains(self) -> int:
        """Number of them."""
        return len(self.carry_lengths)

    @property
    def longest_carry(self) -> int:
        """Bits of the longest one."""
        return max(self.carry_lengths, default=0)


def census(top: Any) -> Census:
    """Count what a component is made of.

    Parameters
    ----------
    top : :class:`amaranth.lib.wiring.Component`
        The component, not yet elaborated.
    """
    return count(rtlil.convert(top, name="core", emit_src=False))


def count(text: str) -> Census:
    """Count what a design in RTLIL is made of, as Amaranth writes it; the first module is the top.

    Raises
    ------
    :exc:`ValueError`
        If it has cells that are not known here.
    """
    return _Counter(Design(parse(text))).census()


@dataclass
class _Register:
    """A bit of a register: its output, what it holds first, and how it comes by its next value."""

    q: int
    initial: int
    d: int = ZERO
    enables: frozenset[int] = frozenset()
    resets: frozenset[int] = frozenset()


class _Counter:
    """Finds what a design needs, makes it less where synthesis would, and counts it."""

    def __init__(self, design: Design) -> None:
        self._gates = design.gates
        self._design = design
        top = design.top
        self._outputs = [design.value(top.name, (wire, number))
                         for wire in top.outputs for number in range(top.widths[wire])]
        self._registers: dict[int, _Register] = {}
        self._adders: list[Adder] = []
        self._blocks: list[Block] = []
        self._find()
        for register in self._registers.values():
            self._separate_controls(register)
        while self._merge():
            pass
        self._dissolve_controls()

    def _find(self) -> None:
        """Find what the outputs need."""
        gates, design = self._gates, self._design
        seen: set[int] = set()
        tops: dict[Adder, int] = {}
        blocks: dict[Block, None] = {}
        stack = list(self._outputs)
        while stack:
            gate = stack.pop()
            if gate in seen:
                continue
            seen.add(gate)
            stack.extend(gates.inputs(gate))
            if gates.kind(gate) != "leaf":
                continue
            match gates.source(gate):
                case "register", *_:
                    module, bit, reset, initial = design.registers[gate]
                    d = gates.mux(design.value(module, reset), design.value(module, bit), initial)
                    self._registers[gate] = _Register(gate, initial, d)
                    stack.append(d)
                case "carry", adder, place:
                    # A bit of a sum needs the bits below it.
                    if place > tops.get(adder, -1):
                        tops[adder] = place
                        stack += adder.a[: place + 1] + adder.b[: place + 1]
                case "block", block, *_:
                    if block not in blocks:
                        blocks[block] = None
                        stack += block.inputs
        for adder, top in tops.items():
            del adder.a[top + 1 :], adder.b[top + 1 :]
        self._adders, self._blocks = list(tops), list(blocks)

    def _separate_controls(self, register: _Register) -> None:
        """Take the resets and the enables off a register's input, in either order."""
        gates = self._gates
        enables: set[int] = set()
        resets: set[int] = set()
        order = ""
        while gates.kind(register.d) == "mux":
            select, zero, one = gates.inputs(register.d)
            inverse = gates.not_(select)
            if register.q in (zero, one):
                kind, controls = "e", enables
                control, rest = (select, one) if zero == register.q else (inverse, zero)
            elif register.initial in (zero, one):
                kind, controls = "r", resets
                control, rest = (select, zero) if one == register.initial else (inverse, one)
            else:
                break
            if kind not in order:
                if len(order) == 2:
                    break
                order += kind
            elif order[-1] != kind:
                break
            controls.add(control)
            register.d = rest
        register.enables, register.resets = frozenset(enables), frozenset(resets)

    def _merge(self) -> bool:
        """Make one what is there twice, and constant what never changes; whether any was."""
        gates = self._gates
        leaves: dict[int, int] = {}
        first: dict[Any, Any] = {}
        for leaf, register in list(self._registers.items()):
            same = first.setdefault(
                (register.d, register.initial, register.enables, register.resets), leaf)
            if register.d in (register.q, register.initial):
                same = register.initial
            if same != leaf:
                leaves[leaf] = same
                del self._registers[leaf]
        for adder in list(self._adders):
            same = first.setdefault((adder.kind, tuple(adder.a), tuple(adder.b)), adder)
            if same is not adder:
                self._adders.remove(adder)
                leaves |= {gates.leaf("carry", adder, place): gates.leaf("carry", same, place)
                           for place in range(len(adder.a))}
        if not leaves:
            return False
        new = gates.replaced(leaves, self._needed())
        self._outputs = [new[each] for each in self._outputs]
        for register in self._registers.values():
            register.d = new[register.d]
            register.enables = frozenset(new[each] for each in register.enables) - {ONE}
            register.resets = frozenset(new[each] for each in register.resets) - {ZERO}
        for operands in self._operands():
            operands[:] = [new[each] for each in operands]
        return True

    def _operands(self) -> Iterator[list[int]]:
        """The inputs of the carry chains and of the blocks."""
        for adder in self._adders:
            yield adder.a
            yield adder.b
        for block in self._blocks:
            yield block.inputs

    def _needed(self) -> list[int]:
        """Gates that something else than a gate needs."""
        needed = list(self._outputs)
        for register in self._registers.values():
            needed += [register.d, *register.enables, *register.resets]
        for operands in self._operands():
            needed += operands
        return needed

    def _dissolve_controls(self) -> None:
        """Make enables and resets that too few registers share a part of the logic again."""
        gates = self._gates
        registers = list(self._registers.values())
        enables = Counter(each.enables for each in registers)
        resets = Counter(each.resets for each in registers)
        for each in registers:
            if enables[each.enables] < SHARING:
                each.d = gates.mux(gates.all(sorted(each.enables)), each.q, each.d)
                each.enables = frozenset()
            if resets[each.resets] < SHARING:
                each.d = gates.mux(gates.any(sorted(each.resets)), each.d, each.initial)
                each.resets = frozenset()

    def census(self) -> Census:
        """Count."""
        gates = self._gates
        registers = list(self._registers.values())
        controls = [gates.all(sorted(each)) for each in {each.enables for each in registers}]
        controls += [gates.any(sorted(each)) for each in {each.resets for each in registers}]
        roots = [*self._outputs, *(each.d for each in registers), *controls]
        for operands in self._operands():
            roots += operands
        luts = gates.cover(roots)
        uses = Counter(roots)
        for cut in luts.values():
            uses.update(cut)
        for register in registers:
            uses.update((*register.enables, *register.resets))

        def own(gate: int) -> bool:
            """Whether a flip-flop can stand behind the LUT or carry bit that makes its input."""
            makes = gate in luts or (
                gates.kind(gate) == "leaf" and gates.source(gate)[0] == "carry")
            return makes and uses[gate] == 1

        levels = _Levels(gates, luts)
        pieces = [each for each in self._blocks if each.type in CARRY_BLOCKS]
        lengths = [len(each.a) for each in self._adders]
        lengths += [_chain_length(gates, each) for each in _chain_ends(gates, pieces)]
        lut_memories = [each for each in self._blocks if each.type == "LUT memory"]
        deep = [-(-each.words // 16) for each in lut_memories]
        return Census(
            luts=len(luts) + sum((count - 1) * each.width
                                 for count, each in zip(deep, lut_memories, strict=True)),
            carry_lengths=tuple(lengths),
            inverted_bits=sum(not gates.is_constant(bit) for each in self._adders
                              if each.kind != "add" for bit in each.b),
            flip_flops=len(registers) + sum(
                each.width for each in lut_memories if each.registered),
            lone_flip_flops=sum(not own(each.d) for each in registers),
            lut_memories=sum(count * -(-each.width // 4)
                             for count, each in zip(deep, lut_memories, strict=True)),
            memories=tuple((each.width, each.words)
                           for each in self._blocks if each.type == "memory"),
            products=sum(each.type == "product" for each in self._blocks),
            blocks=dict(Counter(
                each.type for each in self._blocks
                if each.type not in ("LUT memory", "memory", "product", *CARRY_BLOCKS))),
            levels=max(map(levels.of, roots), default=0),
            fanout=max((uses[leaf] for leaf in self._registers), default=0),
        )


def _carry_in(gates: Gates, piece: Block) -> Block | None:
    """The piece of a carry chain before another; ``None``: that one is the first."""
    for gate in piece.inputs:
        if gates.kind(gate) == "leaf":
            match gates.source(gate):
                case "block", before, "\\COUT", *_:
                    return before
    return None


def _chain_ends(gates: Gates, pieces: Sequence[Block]) -> list[Block]:
    """The pieces that are the last of their carry chains."""
    followed = {_carry_in(gates, each) for each in pieces}
    return [each for each in pieces if each not in followed]


def _chain_length(gates: Gates, piece: Block | None) -> int:
    """Bits of a carry chain up to a piece."""
    bits = 0
    while piece is not None:
        bits += CARRY_BLOCKS[piece.type]
        piece = _carry_in(gates, piece)
    return bits


class _Levels:
    """How many LUTs and carry chains there are between registers and a gate."""

    def __init__(self, gates: Gates, luts: Mapping[int, frozenset[int]]) -> None:
        self._gates = gates
        self._luts = luts
        self._known: dict[int, int] = {}
        self._chains: dict[Adder | Block, int] = {}

    def of(self, gate: int) -> int:
        """The number for a gate."""
        if gate not in self._known:
            self._known[gate] = self._level(gate)
        return self._known[gate]

    def _level(self, gate: int) -> int:
        if gate in self._luts:
            return 1 + max(map(self.of, self._luts[gate]), default=0)
        if self._gates.kind(gate) != "leaf":
            return 0
        match self._gates.source(gate):
            case "carry", adder, _:
                if adder not in self._chains:
                    self._chains[adder] = 1 + max(map(self.of, (*adder.a, *adder.b)), default=0)
                return self._chains[adder]
            case "block", block, *_ if block.type in CARRY_BLOCKS:
                if block not in self._chains:
                    before = _carry_in(self._gates, block)
                    # A chain is a level as a whole.
                    self._chains[block] = max(
                        (self.of(gate) + (self._from(gate) is not before or before is None)
                         for gate in block.inputs), default=1)
                return self._chains[block]
            case _:
                return 0

    def _from(self, gate: int) -> Block | None:
        """The block that a gate comes from; ``None``: from no block."""
        if self._gates.kind(gate) != "leaf":
            return None
        source = self._gates.source(gate)
        return source[1] if source[0] == "block" else None
