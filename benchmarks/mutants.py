"""Small changes to a syntax tree that make it wrong, as `mutation.py` needs them."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any


__all__ = ["Change", "changes"]

_FLIPPED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd,
}
_DROPPED = (ast.Add, ast.Sub, ast.BitAnd, ast.BitOr, ast.BitXor)
"""Operators that are also left out with one of their terms."""
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE,
    ast.GtE: ast.Gt, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}
_INVERTIBLE = (ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
_TEXT_ONLY = ("__repr__", "__str__")
_TEXT_KEYWORDS = ("name", "src_loc_at", "strip_internal_attrs")


@dataclass(frozen=True)
class Change:
    """One small change.

    Attributes
    ----------
    number : :class:`int`
        Its place among the changes of its tree.
    function : :class:`str`
        Qualified name of the function or class that it is in.
    line : :class:`int`
        Where it begins in the source.
    lines : :class:`range`
        Lines of the statement that it is in, or of the head of one that holds others: a constant is
        reached by the first of them.
    names : tuple of :class:`str`
        What its statement gives a value to, outside functions.
    text : :class:`str`
        What becomes what. With ``function`` it tells the change from the others of its file.
    apply : callable
        Makes it, in the tree that it comes from.
    """

    number: int
    function: str
    line: int
    lines: range
    names: tuple[str, ...]
    text: str
    apply: Callable[[], None]


def changes(tree: ast.Module) -> Iterator[Change]:
    """All changes of a module: the same ones in the same order for the same text.

    Not changed are strings, names, annotations, assertions (``strict=True`` of a ``zip`` is one),
    imports, messages of errors and what serves only to print; nor what cannot make wrong hardware:

    - the width of a port or of a layout's member of one bit, of which nothing would use a second;
    - ``raise NotImplementedError``, of what stands in every other class;
    - ``reset_less=True``: with a reset the register is, after it, as it is when power comes on;
    - ``strip_internal_attrs=True``, which keeps comments out of the Verilog.
    """
    seen: Counter[tuple[str, str]] = Counter()
    names = {line: found for found, lines in _constants(tree.body) for line in lines}
    for number, (function, lines, parent, place, old, new) in enumerate(
            _replacements(tree, "", range(0))):
        text = _describe(parent, place, old, new)
        seen[function, text] += 1
        if seen[function, text] > 1:
            text += f" #{seen[function, text]}"
        yield Change(number, function, old.lineno, lines, names.get(old.lineno, ()), text,
                     lambda p=place, n=new: p(n))


def _constants(body: list[ast.stmt]) -> Iterator[tuple[tuple[str, ...], range]]:
    """Names of a module and of its classes, and the lines of the statement that gives them values.
    """
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _constants(node.body)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield (tuple(each.id for target in targets for each in ast.walk(target)
                         if isinstance(each, ast.Name)),
                   range(node.lineno, (node.end_lineno or node.lineno) + 1))


_Replacement = tuple[str, range, ast.AST, Callable[[ast.AST], None], Any, ast.AST]


def _replacements(node: ast.AST, function: str, lines: range) -> Iterator[_Replacement]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        function = f"{function}.{node.name}".lstrip(".")
    if isinstance(node, ast.stmt):
        body = getattr(node, "body", None)
        end = body[0].lineno if body else (node.end_lineno or node.lineno) + 1
        lines = range(node.lineno, max(end, node.lineno + 1))
    for name, value in ast.iter_fields(node):
        if _is_text(node, name):
            continue
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(child, ast.AST) or _is_fixed(child) or _is_flag(node, child):
                continue
            own: Any = child  # has lines, if there is anything to put in its place

            def place(new: ast.AST, name: str = name, index: int | None = (
                    index if isinstance(value, list) else None)) -> None:
                if index is None:
                    setattr(node, name, new)
                else:
                    getattr(node, name)[index] = new

            for new in _variants(node, name, child):
                within = not isinstance(child, ast.stmt) and own.lineno in lines
                yield (function, lines if within else range(own.lineno, own.end_lineno + 1), node,
                       place, child, new)
            yield from _replacements(child, function, lines)


def _is_text(node: ast.AST, field: str) -> bool:
    """Whether a field is there for the reader or for the type checker."""
    return field in ("annotation", "returns", "decorator_list", "bases", "type_params") or (
        isinstance(node, ast.Raise))


def _is_flag(node: ast.AST, child: ast.AST) -> bool:
    """Whether a number is the width of a port, or of a layout's member, of one bit."""
    match node, child:
        case ast.Call(func=ast.Name(id="In" | "Out" | "back")), ast.Constant(value=1):
            return True
        case ast.Dict(values=values), ast.Constant(value=1):
            return any(child is value for value in values)
        case ast.DictComp(value=value), ast.Constant(value=1):
            return child is value
    return False


def _is_fixed(node: ast.AST) -> bool:
    """Whether a node and what is in it is left as it is."""
    match node:
        case ast.Assert() | ast.Import() | ast.ImportFrom() | ast.JoinedStr():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Raise(exc=ast.Name(id="NotImplementedError")):
            return True
        case ast.FunctionDef(name=name):
            return name in _TEXT_ONLY
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar"))):
            return True
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
            return True
        case ast.keyword(arg="reset_less" | "strict", value=ast.Constant(value=True)):
            return True
        case ast.keyword(arg=arg):
            return arg in _TEXT_KEYWORDS
    return False


def _variants(parent: ast.AST, field: str, node: Any) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    match node:
        case ast.BinOp(left=left, op=op, right=right) if not (_string(left) or _string(right)):
            if type(op) in _FLIPPED:
                yield ast.BinOp(left, _FLIPPED[type(op)](), right)
            if isinstance(op, _DROPPED):
                yield left
                if not isinstance(op, ast.Sub):
                    yield right
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield from (_without(node, "values", index) for index in range(len(values)))
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.Compare(left=left, ops=[op], comparators=others):
            yield ast.Compare(left, [_COMPARED[type(op)]()], others)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Call(func=ast.Name(id="Mux"), args=[which, one, other]):
            yield ast.Call(node.func, [which, other, one], [])
        case ast.Call(func=ast.Name(id="Instance"), keywords=keywords):
            yield from (_without(node, "keywords", index) for index in range(len(keywords)))
        case ast.Call(func=ast.Name(id=name)) if name in _NAMES:
            yield ast.Call(ast.Name(_NAMES[name], ast.Load()), node.args, node.keywords)
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in _NAMES:
            yield ast.Call(ast.Attribute(value, _NAMES[name], ast.Load()), node.args, node.keywords)
        case ast.AugAssign(value=ast.List(elts=elements)) if len(elements) > 1:
            for index in range(len(elements)):
                new = deepcopy(node)
                del new.value.elts[index]  # type: ignore[attr-defined]
                yield new
        case ast.AugAssign() | ast.Raise() | ast.Break() | ast.Continue():
            yield ast.Pass()
        case ast.Expr(value=ast.Call(func=called)) if "super()" not in ast.unparse(called):
            yield ast.Pass()
        case ast.With(items=[ast.withitem(context_expr=ast.Call(func=ast.Attribute(attr=name)))]):
            if name in ("Elif", "Else", "Case", "Default"):
                yield ast.Pass()
        case ast.If(orelse=[_, *_]):
            yield ast.If(node.test, node.body, [])
    if isinstance(node, ast.expr) and _is_condition(parent, field) and not _inverted_anyway(node):
        if isinstance(parent, ast.Call):  # of hardware, and perhaps more than one bit wide
            yield ast.Compare(node, [ast.Eq()], [ast.Constant(0)])
        else:
            yield ast.UnaryOp(ast.Not(), node)


def _without(node: ast.AST, field: str, index: int) -> ast.AST:
    """A node that lacks one of a list of parts."""
    parts = [part for number, part in enumerate(getattr(node, field)) if number != index]
    if isinstance(node, ast.BoolOp) and len(parts) == 1:
        return parts[0]
    new = type(node)(**dict(ast.iter_fields(node)))
    setattr(new, field, parts)
    return new


def _is_condition(parent: ast.AST, field: str) -> bool:
    match parent:
        case ast.If() | ast.IfExp() | ast.While():
            return field == "test"
        case ast.comprehension():
            return field == "ifs"
        case ast.Call(func=ast.Attribute(attr="If" | "Elif")):
            return field == "args"
    return False


def _inverted_anyway(node: ast.AST) -> bool:
    """Whether another change inverts the condition already."""
    match node:
        case ast.Compare(ops=[op]):
            return isinstance(op, _INVERTIBLE)
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            return True
    return False


def _string(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str))


def _describe(
    parent: ast.AST, place: Callable[[ast.AST], None], old: ast.AST, new: ast.AST
) -> str:
    def brief(node: ast.AST) -> str:
        text = " ".join(ast.unparse(node).split())
        if isinstance(parent, ast.keyword) and parent.arg is not None:
            text = f"{parent.arg}={text}"
        return text if len(text) <= 90 else text[:60] + " ... " + text[-25:]

    if isinstance(new, ast.Pass):
        return f"without `{brief(old)}`"
    if isinstance(old, ast.AugAssign) and isinstance(new, ast.AugAssign):
        kept = [ast.dump(element) for element in new.value.elts]  # type: ignore[attr-defined]
        gone = next((element for element in old.value.elts  # type: ignore[attr-defined]
                     if ast.dump(element) not in kept), old)
        return f"without `{brief(gone)}`"
    if isinstance(old, ast.If) and isinstance(new, ast.If):
        return f"without the else of `{brief(old.test)}`"
    if isinstance(old, ast.Call) and isinstance(new, ast.Call) and len(new.keywords) < len(
            old.keywords):
        gone = next(word for word in old.keywords if word not in new.keywords)
        return f"without `{brief(gone)}`"
    if isinstance(old, ast.Constant) and isinstance(parent, ast.expr):
        # A number by itself says little.
        before = brief(parent)
        place(new)
        after = brief(parent)
        place(old)
        return f"`{before}` -> `{after}`"
    return f"`{brief(old)}` -> `{brief(new)}`"
