"""Pipelines written as Python: values with operators, which stand for the stages of a file.

>>> frame = Input(1280, 720)
>>> smooth = frame.median(3).filter("gaussian:ksize=5", border="reflect101")
>>> gx, gy = smooth.bank("sobel-x", "sobel-y", output="s16")
>>> size = minimum(255, sqrt(gx * gx + gy * gy, rounding="nearest")).named("size", output="u8")
>>> edges = Pipeline(where(size > 60, 255, smooth), output="u8")

A value that is used twice is a branch. Nothing is computed here: operators make the text of an
expression, which is exact until it becomes a tap.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from ..errors import InputError, nearest, shorten
from .compound import Table
from .reading import INPUT
from .verbs import VERBS


__all__ = ["Expr", "Input", "Picture", "absolute", "clip", "divide", "maximum", "minimum", "sqrt",
           "tables", "where"]

#: In which order pictures were made: each after all that it reads.
_numbers = itertools.count()

Operand: TypeAlias = "Expr | int"


def _parts(value: Operand) -> tuple[str | Picture, ...]:
    if isinstance(value, Expr):
        return value._parts
    try:
        return (str(value.__index__()),)
    except AttributeError:
        raise InputError(f"an expression is of integers and pictures, not {shorten(value)}"
                         ) from None


def _call(function: str, *operands: Operand) -> Expr:
    parts: list[str | Picture] = [f"{function}("]
    for number, operand in enumerate(operands):
        parts += [", "] * (number > 0) + [*_parts(operand)]
    return Expr([*parts, ")"])


Method: TypeAlias = "Callable[[Expr, Operand], Expr]"


def _operator(symbol: str) -> tuple[Method, Method]:
    """The methods of an operator, with an expression on its left and on its right."""

    def left(self: Expr, other: Operand) -> Expr:
        return Expr(["(", *_parts(self), f" {symbol} ", *_parts(other), ")"])

    def right(self: Expr, other: Operand) -> Expr:
        return left(other, self)  # type: ignore[arg-type]  # an integer is written as one

    return left, right


class Expr:
    """Integers made of pictures, exact: what operators and functions give.

    Parameters
    ----------
    parts : iterable
        Its text, with a :class:`Picture` wherever the name of one stands.
    """

    def __init__(self, parts: Iterable[str | Picture]) -> None:
        self._parts = tuple(parts)

    def named(self, name: str, **keys: Any) -> Picture:
        """A tap of this, under a name. ``output`` and ``overflow`` say how it is kept.

        Its sample is that of the first picture in it unless given.
        """
        return Picture({"name": name, "expr": self, **keys})

    def __getattr__(self, verb: str) -> Any:
        """Each verb of a stage is a method: ``picture.median(3, border="symmetric")``.

        Several values are a list: ``picture.canny(60, 150)``.
        """
        if verb not in VERBS or verb.startswith("expr"):
            raise AttributeError(f"{type(self).__name__!r} has no attribute {verb!r}")
        return lambda *values, **keys: self.stage(
            **{verb: values[0] if len(values) == 1 else list(values)}, **keys)

    def stage(self, **keys: Any) -> Picture:
        """A stage that reads this, with keys as in a file."""
        return Picture({"from": self._picture(), **keys})

    def filter(self, kernel: Any, **keys: Any) -> Picture:
        """A stage with a kernel."""
        return self.stage(kernel=kernel, **keys)

    def bank(self, *kernels: Any, **keys: Any) -> tuple[Picture, ...]:
        """Several kernels on one window: a picture of each."""
        made = self.stage(kernels=list(kernels), **keys)
        return tuple(Picture(made.table, of=(made, number)) for number in range(len(kernels)))

    def _picture(self) -> Picture:
        return Picture({"expr": self})

    def __bool__(self) -> bool:
        raise InputError("a picture is neither true nor false: write where(condition, a, b), and & "
                         "or | in place of and, or")

    def __truediv__(self, other: object) -> Expr:
        raise InputError("a picture has no fractions: write a // b, or divide(a, b), which rounds")

    __rtruediv__ = __truediv__

    def __pow__(self, other: object) -> Expr:
        raise InputError("a power of a picture is written as a product: v * v")

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("a picture of a pipeline cannot be iterated over")

    __add__, __radd__ = _operator("+")
    __sub__, __rsub__ = _operator("-")
    __mul__, __rmul__ = _operator("*")
    __floordiv__, __rfloordiv__ = _operator("//")
    __mod__, __rmod__ = _operator("%")
    __lshift__, __rlshift__ = _operator("<<")
    __rshift__, __rrshift__ = _operator(">>")
    __and__, __rand__ = _operator("&")
    __or__, __ror__ = _operator("|")
    __xor__, __rxor__ = _operator("^")
    __lt__, __gt__ = _operator("<")[0], _operator(">")[0]
    __le__, __ge__ = _operator("<=")[0], _operator(">=")[0]
    __eq__, __ne__ = _operator("==")[0], _operator("!=")[0]  # type: ignore[assignment]
    __hash__ = object.__hash__

    def __neg__(self) -> Expr:
        return Expr(["(-", *self._parts, ")"])

    def __invert__(self) -> Expr:
        return Expr(["(~", *self._parts, ")"])

    def __abs__(self) -> Expr:
        return absolute(self)


class Picture(Expr):
    """A tap: the input, or what a stage makes.

    Parameters
    ----------
    table : mapping
        The stage, with pictures and expressions in place of names and text.
    of : (:class:`Picture`, :class:`int`)
        Of a bank's tap: the bank, and which of its kernels.
    """

    def __init__(self, table: Mapping[str, Any], of: tuple[Picture, int] | None = None) -> None:
        super().__init__((self,))
        self.table = dict(table)
        self.of = of
        self.number: int = next(_numbers) if of is None else of[0].number

    def named(self, name: str, **keys: Any) -> Picture:
        """The same under a name, or with other keys."""
        if self.of is not None or "input" in self.table:
            return super().named(name, **keys)
        return Picture({**self.table, "name": name, **keys})

    def plane(self, number: int) -> Expr:
        """One of several channels."""
        return Expr([self, f".{number}"])

    def __getitem__(self, offset: tuple[int, int]) -> Expr:
        """A neighbour: ``picture[dy, dx]``, rows down and columns to the right."""
        return Expr([self, f"[{', '.join(map(str, offset))}]"])

    def _picture(self) -> Picture:
        return self


class Input(Picture):
    """What comes into a pipeline.

    Parameters
    ----------
    width, height : :class:`int`
        The frame, in pixels.
    keys
        Others of a pipeline's top, such as ``pixel``, ``channels``, ``border`` or ``parameters``.
    """

    def __init__(self, width: int, height: int, **keys: Any) -> None:
        super().__init__({"input": {"width": width, "height": height, **keys}})

    def parameter(self, name: str) -> Expr:
        """One of the key ``parameters``."""
        known = self.table["input"].get("parameters", {})
        if name not in known:
            raise InputError(f"parameters has no {shorten(name)}: {nearest(str(name), known)}")
        return Expr([name])


def tables(outputs: Iterable[Expr], **keys: Any) -> Table:
    """The keys of the pipeline that makes some values, ``stage`` among them.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If they come from no input, or from two.
    """
    for key in keys:
        if key not in ("output", "overflow"):
            raise InputError(f"key {key!r} is the Input's: write Input(width, height, {key}=...)")
    given = list(outputs)
    if keys and all(isinstance(each, Picture) for each in given):
        raise InputError(f"key {next(iter(keys))!r} is for expressions, and every output is a "
                         "stage's: give it there")
    wanted = [_tap(each, keys) for each in given]
    found: dict[int, Picture] = {}
    todo = list(wanted)
    while todo:
        each = todo.pop()
        if each.of is not None:
            each = each.of[0]
        if found.setdefault(each.number, each) is not each:
            continue
        source, text = each.table.get("from"), each.table.get("expr")
        todo += [source] if source is not None else []
        todo += [part for part in text._parts
                 if isinstance(part, Picture)] if text is not None else []
    stages = [found[number] for number in sorted(found)]
    inputs = [each for each in stages if "input" in each.table]
    if len(inputs) != 1:
        raise InputError(f"a pipeline has one Input, not {len(inputs)}")
    stages = [each for each in stages if each is not inputs[0]]
    names = _names(stages) | {inputs[0]: INPUT}
    written = [_written(each, names) for each in stages]
    joined = [_name(each, names) for each in wanted]
    return {**inputs[0].table["input"], "stage": written, "outputs": joined}


def _tap(value: object, keys: Mapping[str, Any]) -> Picture:
    if not isinstance(value, Expr):
        raise InputError(f"an output must be a picture or an expression, not {shorten(value)}")
    return value if isinstance(value, Picture) else Picture({"expr": value, **keys})


def _names(stages: list[Picture]) -> dict[Picture, str]:
    given = {each.table["name"] for each in stages if "name" in each.table}
    names: dict[Picture, str] = {}
    for number, each in enumerate(stages, 1):
        name = each.table.get("name", f"stage_{number}")
        while "name" not in each.table and name in given:
            name += "_"
        names[each] = name
    return names


def _name(picture: Picture, names: Mapping[Picture, str]) -> str:
    if picture.of is None:
        return names[picture]
    whole, number = picture.of
    return f"{names[whole]}_{number}"


def _written(picture: Picture, names: Mapping[Picture, str]) -> Table:
    """A stage as a file has it."""
    table = {"name": names[picture], **picture.table}
    if "from" in table:
        table["from"] = _name(table["from"], names)
    if "expr" in table:
        table["expr"] = "".join(part if isinstance(part, str) else _name(part, names)
                                for part in table["expr"]._parts)
    if isinstance(table.get("kernels"), list):
        table["kernels"] = {f"{names[picture]}_{number}": kernel
                            for number, kernel in enumerate(table["kernels"])}
    return table


def minimum(*values: Operand) -> Expr:
    """The least of some values."""
    return _call("min", *values)


def maximum(*values: Operand) -> Expr:
    """The greatest of some values."""
    return _call("max", *values)


def absolute(value: Operand) -> Expr:
    """The magnitude, as ``abs(value)``."""
    return _call("abs", value)


def clip(value: Operand, least: Operand, greatest: Operand) -> Expr:
    """The value, brought between two bounds."""
    return _call("clip", value, least, greatest)


def where(condition: Operand, a: Operand, b: Operand) -> Expr:
    """``a`` where the condition is not 0, else ``b``."""
    return _call("where", condition, a, b)


def divide(a: Operand, b: Operand) -> Expr:
    """The quotient as the function ``divide`` of expressions gives it."""
    return _call("divide", a, b)


def sqrt(value: Operand, *, rounding: str = "floor") -> Expr:
    """The square root, rounded down, or with ``rounding="nearest"`` to the nearest integer."""
    if rounding not in ("floor", "nearest"):
        raise InputError(f"rounding must be floor or nearest, not {shorten(rounding)}")
    root = _call("sqrt", value)
    return _call("round", root) if rounding == "nearest" else root
