"""RTLIL, yosys's own text format, as far as Amaranth writes it: modules of word-level cells.

Source: yosys documentation, "RTLIL text representation".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


__all__ = ["Bit", "Bits", "Cell", "Module", "Process", "Statement", "Switch", "parse"]

#: A bit of a wire, or a constant: "0", "1"; what is undefined counts as "0".
Bit: TypeAlias = tuple[str, int] | str

#: Bits, the lowest first.
Bits: TypeAlias = list[Bit]


@dataclass
class Cell:
    """A cell, or an instance of a module."""

    type: str
    name: str
    parameters: dict[str, str] = field(default_factory=dict)
    ports: dict[str, Bits] = field(default_factory=dict)

    def number(self, parameter: str) -> int:
        """Value of a parameter that is an integer or a constant."""
        text = self.parameters[parameter]
        return int(text.partition("'")[2], 2) if "'" in text else int(text)

    def is_set(self, parameter: str) -> bool:
        """Whether a flag is there and not 0."""
        return parameter in self.parameters and self.number(parameter) != 0


@dataclass
class Switch:
    """A choice: the first case with a pattern that matches, none where none does.

    A pattern has a character a bit, the highest first, ``-`` for any; a case without patterns
    matches always.
    """

    selector: Bits
    cases: list[tuple[list[str], list[Statement]]] = field(default_factory=list)


#: What stands in a process: assignments of a left to a right side, and switches, in order.
Statement: TypeAlias = tuple[Bits, Bits] | Switch


@dataclass
class Process:
    """Combinational statements; of the assignments to a bit the last one counts."""

    body: list[Statement] = field(default_factory=list)


@dataclass
class Module:
    """A module: widths of its wires and their initial values, ports, and what drives them."""

    name: str
    widths: dict[str, int] = field(default_factory=dict)
    initial: dict[str, str] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    memories: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Width and number of words of each memory."""
    distributed: set[str] = field(default_factory=set)
    """Memories that are to be made of LUTs."""
    cells: list[Cell] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    connections: list[tuple[Bits, Bits]] = field(default_factory=list)


def parse(text: str) -> dict[str, Module]:
    """Read the modules of a text, by name, in the order in which they stand there.

    Raises
    ------
    :exc:`ValueError`
        If a line cannot be read.
    """
    lines = _lines(text)
    modules: dict[str, Module] = {}
    for words in lines:
        if words[0] == "module":
            module = modules[words[1]] = Module(words[1])
            _read_module(module, lines)
        elif words[0] not in ("autoidx", "attribute"):
            raise ValueError(f"RTLIL: cannot read {' '.join(words)!r}")
    return modules


def _lines(text: str) -> Iterator[list[str]]:
    """The words of each line that has any."""
    for line in text.splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            yield words


def _read_module(module: Module, lines: Iterator[list[str]]) -> None:
    initial: str | None = None
    distributed = False
    for words in lines:
        match words[0]:
            case "end":
                return
            case "attribute":
                if words[1] == "\\init":
                    initial = words[2].partition("'")[2]
                distributed |= words[1:] == ["\\ram_style", '"distributed"']
                continue
            case "wire":
                _read_wire(module, words, initial)
            case "memory":
                options = dict(zip(words[1:-1:2], words[2:-1:2], strict=True))
                module.memories[words[-1]] = int(options["width"]), int(options["size"])
                if distributed:
                    module.distributed.add(words[-1])
            case "cell":
                module.cells.append(_read_cell(module, Cell(words[1], words[2]), lines))
            case "process":
                module.processes.append(Process(_read_body(module, lines)))
            case "connect":
                left, rest = _signal(module, words, 1)
                module.connections.append((left, _signal(module, words, rest)[0]))
            case "parameter":
                pass
            case _:
                raise ValueError(f"RTLIL: cannot read {' '.join(words)!r}")
        initial, distributed = None, False


def _read_wire(module: Module, words: Sequence[str], initial: str | None) -> None:
    name = words[-1]
    options = words[1:-1]
    module.widths[name] = int(options[options.index("width") + 1]) if "width" in options else 1
    if initial is not None:
        module.initial[name] = initial
    for word in options:
        if word == "input":
            module.inputs.append(name)
        elif word == "output":
            module.outputs.append(name)


def _read_cell(module: Module, cell: Cell, lines: Iterator[list[str]]) -> Cell:
    for words in lines:
        if words[0] == "end":
            return cell
        if words[0] == "connect":
            cell.ports[words[1]] = _signal(module, words, 2)[0]
        elif words[0] == "parameter":
            # `parameter signed \NAME VALUE` has a word more.
            cell.parameters[next(word for word in words if word[0] == "\\")] = words[-1]
    raise ValueError(f"RTLIL: cell {cell.name!r} has no end")


def _read_body(module: Module, lines: Iterator[list[str]]) -> list[Statement]:
    """Statements up to their `end`."""
    body: list[Statement] = []
    for words in lines:
        match words[0]:
            case "end":
                return body
            case "assign":
                left, rest = _signal(module, words, 1)
                body.append((left, _signal(module, words, rest)[0]))
            case "switch":
                switch = Switch(_signal(module, words, 1)[0])
                _read_cases(module, switch, lines)
                body.append(switch)
            case "attribute":
                pass
            case _:
                raise ValueError(f"RTLIL: cannot read {' '.join(words)!r} in a process")
    raise ValueError("RTLIL: a process has no end")


def _read_cases(module: Module, switch: Switch, lines: Iterator[list[str]]) -> None:
    """The cases of a switch up to its `end`; a case ends where the next one begins."""
    for words in lines:
        match words[0]:
            case "end":
                return
            case "case":
                patterns = re.findall(r"'([-01xz]*)", " ".join(words[1:]))
                switch.cases.append((patterns, []))
            case "assign":
                left, rest = _signal(module, words, 1)
                switch.cases[-1][1].append((left, _signal(module, words, rest)[0]))
            case "switch":
                inner = Switch(_signal(module, words, 1)[0])
                _read_cases(module, inner, lines)
                switch.cases[-1][1].append(inner)
            case "attribute":
                pass
            case _:
                raise ValueError(f"RTLIL: cannot read {' '.join(words)!r} in a switch")
    raise ValueError("RTLIL: a switch has no end")


def _signal(module: Module, words: Sequence[str], at: int) -> tuple[Bits, int]:
    """The bits of the signal that begins at a word, and the place of the word after it."""
    word = words[at]
    if word == "{":
        parts: list[Bits] = []
        at += 1
        while words[at] != "}":
            part, at = _signal(module, words, at)
            parts.append(part)
        return [bit for part in reversed(parts) for bit in part], at + 1
    if word[0] in "\\$":
        high, low = module.widths[word] - 1, 0
        if at + 1 < len(words) and words[at + 1][0] == "[":
            at += 1
            first, _, last = words[at][1:-1].partition(":")
            high, low = int(first), int(last or first)
        return [(word, number) for number in range(low, high + 1)], at + 1
    width, quote, digits = word.partition("'")
    if not quote:
        return ["1" if int(word) >> number & 1 else "0" for number in range(32)], at + 1
    digits = digits.rjust(int(width), "0")
    return ["1" if digit == "1" else "0" for digit in reversed(digits)], at + 1
