"""A design bit by bit: the word-level cells that Amaranth makes of a core, taken apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .gates import ONE, ZERO, Gates
from .rtlil import Bit, Bits, Cell, Module, Statement, Switch


__all__ = ["Adder", "Block", "Design"]


@dataclass(frozen=True, eq=False)
class Adder:
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


@dataclass(frozen=True, eq=False)
class Block:
    """A memory or a block of the device, counted as a whole: needed if one of its outputs is."""

    type: str
    width: int = 0
    words: int = 0
    registered: bool = False  # out of LUTs into flip-flops
    inputs: list[int] = field(default_factory=list)


class Design:
    """All modules as one, bit by bit. A bit's gate is worked out when it is asked for."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.gates = Gates()
        self._drivers: dict[tuple[str, str, int], tuple[Any, ...]] = {}
        self._known: dict[tuple[str, str, int], int] = {}
        self._sums: dict[int, list[int]] = {}
        self._blocks: dict[int, Block] = {}
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
                    self._blocks[key] = block = Block("product")
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
        adder = Adder("sub" if subtracts else "add", a[start:], b[start:])
        out += [self._carry(adder, each) for each in range(width - start)]
        self._sums[id(cell)] = out
        return out

    def _carry(self, adder: Adder, place: int) -> int:
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
            less = self._carry(Adder("less", a, b), width - 1)
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
            self._blocks[key] = block = Block(kind, width, words, registered=clocked and luts)
            for each in [cell, *self._memories.get((module, memory), [])]:
                for port in ("\\ADDR", "\\EN", "\\DATA"):
                    if each is not cell or port != "\\DATA":
                        block.inputs.extend(self.value(module, bit) for bit in each.ports[port])
        return self.gates.leaf("block", self._blocks[key], place)

    def _block_output(self, module: str, cell: Cell, port: str, place: int) -> int:
        key = id(cell)
        if key not in self._blocks:
            self._blocks[key] = block = Block(cell.type.lstrip("\\"))
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
