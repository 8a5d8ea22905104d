"""What a core is made of, counted before any synthesis: see :func:`census`.

The word-level cells that Amaranth makes of a core are taken apart into bits. What synthesis does to
them in any case is done here in short: constants are propagated; what nothing needs is left out,
and what is there twice; enables and resets of registers become those of flip-flops. What is left is
counted: carry chains bit by bit, flip-flops, memories, the device's own blocks, and the LUTs that
cover the other logic. That is no synthesis: a calibration relates the counts to what yosys and
nextpnr make of the same core (:mod:`.prediction`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from amaranth.back import rtlil  # type: ignore[attr-defined]  # not in the stubs

from .gates import ONE, ZERO, Gates
from .rtlil import Bit, Bits, Cell, Module, Statement, Switch, parse


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
    return _Counter(_Design(parse(text))).census()


@dataclass(frozen=True, eq=False)
class _Adder:
    """A carry chain: the gates of its operands, lowest bits first."""

    kind: str
    a: list[int]
    b: list[int]


@dataclass(frozen=True)
class _Choice:
    """A switch, as far as it matters to one bit."""

    selector: Bits
    cases: list[tuple[list[str], _Program]]


#: Steps that give the value of a bit: take the value of another bit, or choose.
_Program: TypeAlias = "list[Bit | _Choice]"


@dataclass
class _Register:
    """A bit of a register: its output, what it holds first, and how it comes by its next value."""

    q: int
    initial: int
    d: int = ZERO
    enables: frozenset[int] = frozenset()
    resets: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class _Block:
    """A memory or a block of the device, counted as a whole: needed if one of its outputs is."""

    type: str
    width: int = 0
    words: int = 0
    registered: bool = False  # out of LUTs into flip-flops
    inputs: list[int] = field(default_factory=list)


class _Design:
    """All modules as one, bit by bit. A bit's gate is worked out when it is asked for."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.gates = Gates()
        self._drivers: dict[tuple[str, str, int], tuple[Any, ...]] = {}
        self._known: dict[tuple[str, str, int], int] = {}
        self._sums: dict[int, list[int]] = {}
        self._blocks: dict[int, _Block] = {}
        self.registers: dict[int, tuple[str, Bit, Bit, int]] = {}
        """Module, input bit and asynchronous reset of each register, and its initial value, by its
        output's leaf."""
        self._modules = modules
        self._memories: dict[tuple[str, str], list[Cell]] = {}
        for module in modules.values():
            self._connect(module)
        self.top = next(iter(modules.values()))

    def _connect(self, module: Module) -> None:
        """Note what drives each bit."""
        name = module.name

        def drive(bits: Bits, *driver: object) -> None:
            for place, bit in enumerate(bits):
                if not isinstance(bit, str):
                    self._drivers[name, bit[0], bit[1]] = (*driver, place)

        for left, right in module.connections:
            drive(left, "bits", name, right)
        for process in module.processes:
            for (wire, number), program in _programs(process.body).items():
                self._drivers[name, wire, number] = ("program", name, program)
        for cell in module.cells:
            if cell.type in self._modules:
                child = self._modules[cell.type]
                for wire in child.inputs:
                    for number, bit in enumerate(cell.ports[wire]):
                        self._drivers[child.name, wire, number] = ("bits", name, [bit], 0)
                for wire in child.outputs:
                    inner: Bits = [(wire, number) for number in range(child.widths[wire])]
                    drive(cell.ports[wire], "bits", child.name, inner)
            elif cell.type in ("$memwr_v2", "$meminit_v2"):
                self._memories.setdefault((name, cell.parameters["\\MEMID"]), []).append(cell)
            elif cell.type.startswith("$"):
                out = {"$dff": "\\Q", "$adff": "\\Q", "$memrd_v2": "\\DATA"}.get(
                    cell.type, "\\Y")
                drive(cell.ports[out], "cell", name, cell)
            else:
                for port, bits in cell.ports.items():
                    # An instance does not say which of its ports are outputs: any other driver of
                    # a bit, or an input of the module, comes first.
                    for place, bit in enumerate(bits):
                        if not isinstance(bit, str) and bit[0] not in module.inputs:
                            self._drivers.setdefault(
                                (name, bit[0], bit[1]), ("port", name, cell, port, place))

    def value(self, module: str, bit: Bit) -> int:
        """The gate that drives a bit."""
        if isinstance(bit, str):
            return ONE if bit == "1" else ZERO
        key = (module, *bit)
        known = self._known.get(key)
        if known is None:
            driver = self._drivers.get(key)
            known = self._known[key] = (
                self.gates.leaf("input", *key) if driver is None else self._driven(*driver))
        return known

    def _driven(self, kind: str, module: str, what: Any, *place: Any) -> int:
        match kind:
            case "bits":
                return self.value(module, what[place[0]])
            case "program":
                found = self._run(module, what, None)
                return ZERO if found is None else found
            case "port":
                return self._block_output(module, what, *place)
            case _:
                return self._cell(module, what, place[0])

    def _run(self, module: str, program: _Program, value: int | None) -> int | None:
        """What a bit holds after what is done; ``None``: no value yet."""
        for step in program:
            if not isinstance(step, _Choice):
                value = self.value(module, step)
                continue
            default = ZERO if value is None else value
            select = [self.value(module, bit) for bit in step.selector]
            choices = []
            for patterns, body in step.cases:
                chosen = self._run(module, body, value)
                choices += [(pattern.rjust(len(select), "-"), default if chosen is None else chosen)
                            for pattern in patterns or [""]]
            value = self._choose(select, choices, default)
        return value

    def _choose(self, select: Sequence[int], cases: list[tuple[str, int]], default: int) -> int:
        """The value of the first case whose pattern matches, highest bit first."""
        if not cases:
            return default
        if not cases[0][0].strip("-"):
            return cases[0][1]
        high, rest = select[-1], select[:-1]
        zero, one = (
            self._choose(rest, [(pattern[1:], value) for pattern, value in cases
                                if pattern[0] in (digit, "-")], default)
            for digit in "01")
        return self.gates.mux(high, zero, one)

    def _operand(self, module: str, cell: Cell, port: str, width: int) -> list[int]:
        """The gates of an operand, extended to a width."""
        found = [self.value(module, bit) for bit in cell.ports[port][:width]]
        sign = found[-1] if found and cell.is_set(port + "_SIGNED") else ZERO
        return found + [sign] * (width - len(found))

    def _bit(self, module: str, cell: Cell, port: str, place: int) -> int:
        """One bit of an operand, beyond its end its sign."""
        bits = cell.ports[port]
        if place < len(bits):
            return self.value(module, bits[place])
        return self.value(module, bits[-1]) if cell.is_set(port + "_SIGNED") else ZERO

    def _cell(self, module: str, cell: Cell, place: int) -> int:
        """One bit of a cell's output."""
        gates = self.gates
        operand = cell.ports.get("\\A", [])
        width = max(len(operand), len(cell.ports.get("\\B", [])))
        match cell.type:
            case "$not":
                return gates.not_(self._bit(module, cell, "\\A", place))
            case "$and" | "$or" | "$xor":
                join = {"$and": gates.and_, "$or": gates.or_, "$xor": gates.xor}[cell.type]
                return join(*(self._bit(module, cell, port, place) for port in ("\\A", "\\B")))
            case "$mux":
                select = self.value(module, cell.ports["\\S"][0])
                return gates.mux(select, *(
                    self.value(module, cell.ports[port][place]) for port in ("\\A", "\\B")))
            case "$dff" | "$adff":
                leaf = gates.leaf("register", module, cell.name, place)
                wire = cell.ports["\\Q"][place]
                digits = self._modules[module].initial.get(wire[0], "")
                digit = digits[-1 - int(wire[1])] if len(digits) > int(wire[1]) else "0"
                reset: Bit = "0"
                if cell.type == "$adff":
                    reset = cell.ports["\\ARST"][0]
                    digit = str(cell.number("\\ARST_VALUE") >> place & 1)
                self.registers[leaf] = (
                    module, cell.ports["\\D"][place], reset, int(digit == "1"))
                return leaf
            case "$add" | "$sub" | "$neg":
                return self._sum(module, cell)[place]
            case "$shl" | "$shr" | "$sshr" | "$shift":
                return self._shifted(module, cell)[place]
            case "$mul":
                key = id(cell)
                if key not in self._blocks:
                    self._blocks[key] = block = _Block("product")
                    for port in ("\\A", "\\B"):
                        block.inputs.extend(self.value(module, bit) for bit in cell.ports[port])
                return gates.leaf("block", self._blocks[key], place)
            case "$memrd_v2":
                return self._memory(module, cell, place)
            case _ if place > 0:
                return ZERO
            case "$reduce_or" | "$reduce_bool":
                return gates.any(self.value(module, bit) for bit in operand)
            case "$reduce_and":
                return gates.all(self.value(module, bit) for bit in operand)
            case "$reduce_xor":
                return gates.parity(self.value(module, bit) for bit in operand)
            case "$eq" | "$ne":
                differs = gates.any(
                    gates.xor(self._bit(module, cell, "\\A", each),
                              self._bit(module, cell, "\\B", each)) for each in range(width))
                return differs if cell.type == "$ne" else gates.not_(differs)
            case "$lt" | "$le" | "$gt" | "$ge":
                return self._compared(module, cell, width)
            case _:
                raise ValueError(f"census: cell {cell.type!r} is not known")

    def _sum(self, module: str, cell: Cell) -> list[int]:
        """The bits of a sum. The low ones to which nothing is added are passed through."""
        found = self._sums.get(id(cell))
        if found is not None:
            return found
        width = len(cell.ports["\\Y"])
        a = self._operand(module, cell, "\\A", width)
        if cell.type == "$neg":
            a, b = [ZERO] * width, a
        else:
            b = self._operand(module, cell, "\\B", width)
        subtracts = cell.type != "$add"
        start = 0
        while start < width and (b[start] == ZERO or (a[start] == ZERO and not subtracts)):
            start += 1
        out = [a[each] if b[each] == ZERO else b[each] for each in range(start)]
        adder = _Adder("sub" if subtracts else "add", a[start:], b[start:])
        out += [self._carry(adder, each) for each in range(width - start)]
        self._sums[id(cell)] = out
        return out

    def _carry(self, adder: _Adder, place: int) -> int:
        return self.gates.leaf("carry", adder, place)

    def _shifted(self, module: str, cell: Cell) -> list[int]:
        """The bits of a shifted value: a multiplexer a bit for each bit of a variable distance."""
        width = len(cell.ports["\\Y"])
        length = max(width, len(cell.ports["\\A"]))
        value = self._operand(module, cell, "\\A", length)
        fill = value[-1] if cell.type == "$sshr" else ZERO
        left = cell.type == "$shl"
        for number, bit in enumerate(cell.ports["\\B"]):
            by = 1 << number
            select = self.value(module, bit)
            moved = ([ZERO] * by + value)[:length] if left else (value + [fill] * by)[by:][:length]
            value = [self.gates.mux(select, *each) for each in zip(value, moved, strict=True)]
        return value[:width]

    def _compared(self, module: str, cell: Cell, width: int) -> int:
        """A comparison: by LUTs bit after bit with a constant, else by a carry chain."""
        gates = self.gates
        a = self._operand(module, cell, "\\A", width)
        b = self._operand(module, cell, "\\B", width)
        if cell.is_set("\\A_SIGNED"):
            a[-1], b[-1] = gates.not_(a[-1]), gates.not_(b[-1])
        # a < b, or not b < a
        inverted = cell.type in ("$le", "$ge")
        if cell.type in ("$le", "$gt"):
            a, b = b, a
        if all(map(gates.is_constant, a)) or all(map(gates.is_constant, b)):
            less = ZERO
            for one, other in zip(a, b, strict=True):
                less = (gates.mux(other, gates.and_(gates.not_(one), less),
                                  gates.or_(gates.not_(one), less)) if gates.is_constant(other)
                        else gates.mux(one, gates.or_(other, less), gates.and_(other, less)))
        else:
            less = self._carry(_Adder("less", a, b), width - 1)
        return gates.not_(less) if inverted else less

    def _memory(self, module: str, cell: Cell, place: int) -> int:
        """A bit that is read from a memory."""
        memory = cell.parameters["\\MEMID"]
        key = id(cell)
        if key not in self._blocks:
            name = memory.strip('"').replace("\\\\", "\\")
            width, words = self._modules[module].memories[name]
            clocked, luts = cell.is_set("\\CLK_ENABLE"), name in self._modules[module].distributed
            kind = "memory" if clocked and not luts else "LUT memory"
            self._blocks[key] = block = _Block(kind, width, words, registered=clocked and luts)
            for each in [cell, *self._memories.get((module, memory), [])]:
                for port in ("\\ADDR", "\\EN", "\\DATA"):
                    if each is not cell or port != "\\DATA":
                        block.inputs.extend(self.value(module, bit) for bit in each.ports[port])
        return self.gates.leaf("block", self._blocks[key], place)

    def _block_output(self, module: str, cell: Cell, port: str, place: int) -> int:
        key = id(cell)
        if key not in self._blocks:
            self._blocks[key] = block = _Block(cell.type.lstrip("\\"))
            for bits in cell.ports.values():
                for bit in bits:
                    if isinstance(bit, str) or self._drivers.get(
                            (module, *bit), (None, None, None))[2] is not cell:
                        block.inputs.append(self.value(module, bit))
        return self.gates.leaf("block", self._blocks[key], port, place)


def _programs(body: Sequence[Statement]) -> dict[tuple[str, int], _Program]:
    """For each bit that statements assign to, those that matter to it."""
    programs: dict[tuple[str, int], _Program] = {}
    for statement in body:
        if isinstance(statement, Switch):
            cases = [(patterns, _programs(inner)) for patterns, inner in statement.cases]
            for bit in dict.fromkeys(bit for _, inner in cases for bit in inner):
                programs.setdefault(bit, []).append(_Choice(
                    statement.selector,
                    [(patterns, inner.get(bit, [])) for patterns, inner in cases]))
        else:
            for left, right in zip(*statement, strict=True):
                assert not isinstance(left, str)
                programs[left] = [right]
    return programs


class _Counter:
    """Finds what a design needs, makes it less where synthesis would, and counts it."""

    def __init__(self, design: _Design) -> None:
        self._gates = design.gates
        self._design = design
        top = design.top
        self._outputs = [design.value(top.name, (wire, number))
                         for wire in top.outputs for number in range(top.widths[wire])]
        self._registers: dict[int, _Register] = {}
        self._adders: list[_Adder] = []
        self._blocks: list[_Block] = []
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
        tops: dict[_Adder, int] = {}
        blocks: dict[_Block, None] = {}
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


def _carry_in(gates: Gates, piece: _Block) -> _Block | None:
    """The piece of a carry chain before another; ``None``: that one is the first."""
    for gate in piece.inputs:
        if gates.kind(gate) == "leaf":
            match gates.source(gate):
                case "block", before, "\\COUT", *_:
                    return before
    return None


def _chain_ends(gates: Gates, pieces: Sequence[_Block]) -> list[_Block]:
    """The pieces that are the last of their carry chains."""
    followed = {_carry_in(gates, each) for each in pieces}
    return [each for each in pieces if each not in followed]


def _chain_length(gates: Gates, piece: _Block | None) -> int:
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
        self._chains: dict[_Adder | _Block, int] = {}

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

    def _from(self, gate: int) -> _Block | None:
        """The block that a gate comes from; ``None``: from no block."""
        if self._gates.kind(gate) != "leaf":
            return None
        source = self._gates.source(gate)
        return source[1] if source[0] == "block" else None
