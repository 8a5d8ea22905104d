"""Pieces of HTML and SVG as text, everything that is not markup escaped.

Values that notebooks show are made of these, and so are pages.
"""

from collections.abc import Iterable, Sequence
from html import escape


__all__ = ["Drawing", "Markup", "element", "join", "table"]


_VOID = ("br", "img", "input")
"""Elements that have no end."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()

    def __html__(self) -> str:
        return self

    def _repr_html_(self) -> str:
        return str(self)


class Drawing(Markup):
    """Text that is an SVG."""

    __slots__ = ()

    def _repr_svg_(self) -> str:
        return str(self)


def _safe(child: object) -> str:
    return child if isinstance(child, Markup) else escape(str(child))


def join(parts: Iterable[object]) -> Markup:
    """Parts one behind the other."""
    return Markup("".join(map(_safe, parts)))


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """``<tag name="value">children</tag>``.

    ``class_`` is the attribute ``class``; an underscore in a name stands for ``-``, two for ``:``.
    Attributes of ``None`` are left out.
    """
    given = "".join(
        f' {name.rstrip("_").replace("__", ":").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items() if value is not None)
    return Markup(f"<{tag}{given}>" + ("" if tag in _VOID else f"{join(children)}</{tag}>"))


def table(columns: Sequence[object], rows: Iterable[Sequence[object]], **attributes: object
          ) -> Markup:
    """A table that scrolls by itself where it is too wide; without columns the first cell of each
    row is its heading."""
    head = [element("tr", *(element("th", each) for each in columns))] if any(columns) else []
    body = [element("tr", *(element("td" if head or number else "th", cell)
                            for number, cell in enumerate(row))) for row in rows]
    return element("div", element("table", *head, *body, **attributes), class_="scroll")
