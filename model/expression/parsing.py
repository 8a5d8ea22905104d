"""From the text of an expression to its operations. Python's own parser reads it; nothing runs."""

import ast
import re
import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from ..errors import InputError, nearest, shorten
from ..interval import Interval
from ..kernels.kernel import LARGEST_KERNEL
from .operations import (
    MOST_BITS,
    Entries,
    NoValueError,
    Operation,
    Read,
    rule_of,
)


__all__ = ["FUNCTIONS", "LONGEST_TEXT", "PLACE", "Operations", "parse", "ranges"]

#: Characters of the longest text: the sum of all of a 31x31 window takes 14,000, a table of 4096
#: entries 25,000.
LONGEST_TEXT = 40_000

#: How deeply an expression may be nested, sums and products in a row not counted.
DEEPEST = 100

PLACE = ("x", "y")
"""Names that are a pixel's column and row."""

FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "abs": (1, 1), "min": (2, None), "max": (2, None), "clip": (3, 3), "where": (3, 3),
    "sqrt": (1, 1), "round": (1, 1), "divide": (2, 2), "lut": (2, None),
}
"""Each function, and its least and greatest number of arguments."""

_HINTS = {
    "floor": "write a // b, or sqrt(v), which is the floor of the root",
    "int": "everything is an integer; write a // b, or round(a / b)",
    "pow": "write v * v", "hypot": "write round(sqrt(a * a + b * b))",
    "isqrt": "sqrt(v) is the floor of the root", "minimum": "write min(a, b)",
    "maximum": "write max(a, b)", "clamp": "write clip(v, low, high)",
}

_BINARY = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//", ast.Mod: "%",
    ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
}
_COMPARED = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}
_UNARY = {ast.USub: "negate", ast.Invert: "~", ast.Not: "not"}
_SIGNS = {ast.Div: "/", ast.Pow: "**", ast.MatMult: "@", ast.In: "in", ast.NotIn: "not in",
          ast.Is: "is", ast.IsNot: "is not"}

#: Characters that Python takes and an expression does not: text, comments, statements.
_STRANGE = "'\"\\#;`$?"

#: Stands before the number of a plane while Python's parser has the text. It is no ASCII, so that
#: no text has it.
_PLANE = "π"

#: The operations of an expression, the last of them its value, and the piece of text of each.
Operations = tuple[tuple[Operation, ...], tuple[str, ...]]


def parse(
    text: object, names: Collection[str] | None, key: str, numbers: Mapping[str, int | None]
) -> Operations:
    """Read an expression.

    Parameters
    ----------
    text : :class:`str`
        The expression.
    names : collection of :class:`str` or ``None``
        The taps that there are; ``None``: any name is one.
    key : :class:`str`
        What messages call it.
    numbers : mapping
        Names that are one number for all pixels; ``None`` for one that is not known yet.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If it is none. The message names the piece.
    """
    if not isinstance(text, str):
        raise InputError(f"{key} must be an expression as text, not {shorten(text)}")
    if len(text) > LONGEST_TEXT:
        raise InputError(f"{key} has {len(text)} characters; the rule is at most {LONGEST_TEXT}")
    line = " ".join(text.split())
    for character in line:
        if not character.isascii() or not character.isprintable() or character in _STRANGE:
            raise InputError(f"{key} has {character!r}, which is no part of an expression")
    if not line:
        raise InputError(f"{key} is empty; write an expression such as 'max(a, b) - 1'")
    return _Parser(line, names, key, numbers).operations()


def ranges(
    operations: Sequence[Operation], pieces: Sequence[str], reads: Mapping[Read, Interval], key: str
) -> list[Interval]:
    """Range of each operation, of those of what is read.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If one may have no value, or needs more than 63 bits.
    """
    made: list[Interval] = []
    for operation, piece in zip(operations, pieces, strict=True):
        made.append(_range(operation, [made[each] for each in operation.operands], reads, piece,
                           key))
    return made


def _range(
    operation: Operation, operands: Iterable[Interval], reads: Mapping[Read, Interval], piece: str,
    key: str,
) -> Interval:
    if isinstance(operation.value, Read):
        interval = reads[operation.value]
    elif isinstance(operation.value, int):
        interval = Interval(operation.value, operation.value)
    else:
        try:
            interval = rule_of(operation).range(*operands)
        except NoValueError as error:
            raise InputError(f"{key} {shorten(piece)}: {error}") from None
    if interval.bits > MOST_BITS:
        raise InputError(f"{key} {shorten(piece)} needs {interval.bits} bits; the rule is at most "
                         f"{MOST_BITS}")
    return interval


class _Parser:
    """Turns a syntax tree into operations, each of which is there once."""

    def __init__(
        self, line: str, names: Collection[str] | None, key: str, numbers: Mapping[str, int | None]
    ) -> None:
        self._names = names
        self._numbers = numbers
        self._key = key
        # name.0 is no Python; name.π0 is.
        source = re.sub(r"(?<![\w.])([A-Za-z_]\w*)\.(\d+)(?!\w)", rf"\1.{_PLANE}\2", line)
        self._source = source.encode()
        self._made: list[Operation] = []
        self._pieces: list[str] = []
        self._known: dict[Operation, int] = {}
        self._line = line

    def operations(self) -> Operations:
        """All of the text."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # 1or 2
                tree = ast.parse(self._source.decode(), mode="eval")
        except SyntaxError as error:
            if "digits" in str(error.msg):
                raise self._error(self._line, "it has a number of too many digits") from None
            at = f" at character {error.offset}" if error.offset else ""
            raise self._error(self._line, f"Python's grammar does not have it: {error.msg}{at}"
                              ) from None
        except (RecursionError, MemoryError):
            raise self._error(self._line, "it is nested too deeply") from None
        root = self._made_of(tree.body, 0)
        # Whatever was folded into a constant is not needed any more.
        used = {root}
        for number in reversed(range(len(self._made))):
            if number in used:
                used.update(self._made[number].operands)
        order = sorted(used)
        place = {old: new for new, old in enumerate(order)}
        return (
            tuple(self._made[old]._replace(
                operands=tuple(place[each] for each in self._made[old].operands))
                for old in order),
            tuple(self._pieces[old] for old in order))

    def _error(self, piece: str | ast.AST, rule: str) -> InputError:
        shown = piece if isinstance(piece, str) else self._piece(piece)
        return InputError(f"{self._key} {shorten(shown)}: {rule}")

    def _piece(self, node: ast.AST) -> str:
        start, end = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", None)
        return self._source[start:end].decode().replace(f".{_PLANE}", ".")

    def _then(
        self, piece: str, kind: str, *operands: int,
        value: int | Read | Entries | None = None,
    ) -> int:
        """The number of an operation; a constant where it has only one value."""
        if kind == "*" and operands[0] == operands[1]:
            kind, operands = "square", operands[:1]
        operation = Operation(kind, operands, value)
        if operation in self._known:
            return self._known[operation]
        constants = [self._made[each].value for each in operands]
        if not isinstance(value, int | Read) and all(isinstance(each, int) for each in constants):
            points = [Interval(each, each) for each in constants if isinstance(each, int)]
            _range(operation, points, {}, piece, self._key)
            folded = int(rule_of(operation).compute(*(np.int64(each.low) for each in points)))
            number = self._then(piece, "constant", value=folded)
        else:
            if isinstance(value, int):
                _range(operation, (), {}, piece, self._key)
            number = len(self._made)
            self._made.append(operation)
            self._pieces.append(piece)
        self._known[operation] = number
        return number

    def _made_of(self, node: ast.expr, depth: int) -> int:
        """The number of the operation that a node of the tree stands for."""
        if depth > DEEPEST:
            raise self._error(node, f"it is nested more than {DEEPEST} deep")
        depth += 1
        piece = self._piece(node)
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name() | ast.Attribute() | ast.Subscript():
                return self._read(node)
            case ast.BinOp():
                return self._binary(node, depth)
            case ast.UnaryOp(op=ast.UAdd()):
                return self._made_of(node.operand, depth)
            case ast.UnaryOp():
                return self._then(piece, _UNARY[type(node.op)],
                                  self._made_of(node.operand, depth))
            case ast.BoolOp():
                kind = "and" if isinstance(node.op, ast.And) else "or"
                return self._then(piece, kind,
                                  *(self._made_of(each, depth) for each in node.values))
            case ast.Compare():
                return self._comparison(node, depth)
            case ast.Call():
                return self._call(node, depth)
            case ast.IfExp():
                raise self._error(node, "write where(condition, a, b)")
        raise self._error(node, f"{_words(node)} is no part of an expression")

    def _constant(self, node: ast.Constant) -> int:
        if isinstance(node.value, float):
            raise self._error(node, "numbers are integers; write round(3 * a / 2), or "
                                    "(a * 3) >> 1, for a * 1.5")
        if not isinstance(node.value, int):
            raise self._error(node, "only integers are numbers here")
        return self._then(self._piece(node), "constant", value=int(node.value))

    def _binary(self, node: ast.BinOp, depth: int) -> int:
        # Operators in a row count as one level: to Python a sum of 961 samples has 961.
        row: list[ast.BinOp] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            row.append(left)
            left = left.left
        number = self._made_of(left, depth)
        for each in reversed(row):
            sign = _BINARY.get(type(each.op))
            if sign is None:
                hint = {"/": "write a // b, round(a / b) or divide(a, b)", "**": "write v * v"}
                known = _SIGNS[type(each.op)]
                raise self._error(each, hint.get(known, f"{known} is no operator here"))
            number = self._then(self._piece(each), sign, number,
                                self._made_of(each.right, depth))
        return number

    def _comparison(self, node: ast.Compare, depth: int) -> int:
        piece = self._piece(node)
        each = [self._made_of(one, depth) for one in (node.left, *node.comparators)]
        made = []
        for op, a, b in zip(node.ops, each, each[1:], strict=False):
            sign = _COMPARED.get(type(op))
            if sign is None:
                raise self._error(node, f"{_SIGNS[type(op)]} is no operator here")
            made.append(self._then(piece, sign, a, b))
        return made[0] if len(made) == 1 else self._then(piece, "and", *made)

    def _call(self, node: ast.Call, depth: int) -> int:
        piece = self._piece(node)
        if not isinstance(node.func, ast.Name):
            raise self._error(node, f"a function is one of {', '.join(FUNCTIONS)}")
        name = node.func.id
        if name not in FUNCTIONS:
            hint = _HINTS.get(name) or nearest(name, FUNCTIONS)
            raise self._error(node, f"there is no function {name!r}; {hint}")
        for each in node.args:
            if isinstance(each, ast.Starred):
                raise self._error(each, "write each argument")
        if node.keywords:
            raise self._error(node, "arguments have no names here")
        least, most = FUNCTIONS[name]
        if len(node.args) < least or (most is not None and len(node.args) > most):
            wanted = f"{least}" if least == most else f"{least} or more"
            raise self._error(node, f"{name} takes {wanted} argument{'s' * (wanted != '1')}, "
                                    f"not {len(node.args)}")
        if name == "lut":
            return self._table(node, depth)
        if name == "round":
            return self._rounded(node, node.args[0], depth)
        return self._then(piece, name, *(self._made_of(each, depth) for each in node.args))

    def _table(self, node: ast.Call, depth: int) -> int:
        index, *given = (self._made_of(each, depth) for each in node.args)
        entries = []
        for number, each in zip(given, node.args[1:], strict=True):
            entry = self._made[number].value
            if not isinstance(entry, int):
                raise self._error(each, "an entry of a table is a number")
            entries.append(entry)
        return self._then(self._piece(node), "lut", index, value=Entries(entries))

    def _rounded(self, node: ast.Call, inner: ast.expr, depth: int) -> int:
        piece = self._piece(node)
        match inner:
            case ast.BinOp(op=ast.Div()):
                for each in (inner.left, inner.right):
                    if isinstance(each, ast.Call) and self._piece(each.func) == "sqrt":
                        raise self._error(node, "a root that is not whole cannot be divided; "
                                                "write sqrt(v) // b")
                return self._then(piece, "round /", self._made_of(inner.left, depth),
                                  self._made_of(inner.right, depth))
            case ast.Call(func=ast.Name(id="sqrt"), args=[value], keywords=[]):
                return self._then(piece, "round sqrt", self._made_of(value, depth))
        raise self._error(node, "round takes a / b or sqrt(v); everything else is whole")

    def _read(self, node: ast.expr) -> int:
        dy = dx = 0
        inner = node
        if isinstance(inner, ast.Subscript):
            dy, dx = self._offsets(inner)
            inner = inner.value
        plane: int | None = None
        if isinstance(inner, ast.Attribute):
            if not re.fullmatch(rf"{_PLANE}\d{{1,9}}", inner.attr):
                raise self._error(node, "a name has planes, such as name.0, and nothing else "
                                        "behind its point")
            plane, inner = int(inner.attr[1:]), inner.value
        if not isinstance(inner, ast.Name):
            raise self._error(node, "only a name has planes and neighbours: name.0, name[dy, dx]")
        name = inner.id
        if name in PLACE or name in self._numbers:
            if node is not inner:
                what = "the pixel's place" if name in PLACE else "a parameter"
                raise self._error(node, f"{name} is {what}, which has no planes and no neighbours")
            number = self._numbers.get(name)
            if number is not None:
                return self._then(name, "constant", value=number)
        elif name in FUNCTIONS:
            raise self._error(node, f"{name} is a function")
        elif self._names is not None and name not in self._names:
            known = nearest(name, [*self._names, *self._numbers, *PLACE], "")
            raise self._error(node, f"there is no tap {shorten(name)}; {known}")
        return self._then(self._piece(node), "read", value=Read(name, dy, dx, plane))

    def _offsets(self, node: ast.Subscript) -> tuple[int, int]:
        inside = node.slice
        if isinstance(inside, ast.Tuple) and len(inside.elts) == 2:
            given = []
            for each in inside.elts:
                sign = 1
                while isinstance(each, ast.UnaryOp) and isinstance(each.op, ast.USub | ast.UAdd):
                    sign = -sign if isinstance(each.op, ast.USub) else sign
                    each = each.operand
                if isinstance(each, ast.Constant) and type(each.value) is int:
                    given.append(sign * each.value)
            if len(given) == 2:
                if max(map(abs, given)) >= LARGEST_KERNEL:
                    raise self._error(node, "a neighbour is at most "
                                            f"{LARGEST_KERNEL - 1} rows and columns away")
                return given[0], given[1]
        raise self._error(node, "a neighbour is name[dy, dx], two whole numbers")


def _words(node: ast.AST) -> str:
    """What the reader calls a kind of syntax."""
    name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(node).__name__).lower()
    return {"list comp": "a comprehension", "generator exp": "a comprehension",
            "set comp": "a comprehension", "dict comp": "a comprehension",
            "named expr": "an assignment", "joined str": "text", "lambda": "a function",
            }.get(name, f"a {name}")
