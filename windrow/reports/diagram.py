"""Drawings of boxes and wires, from top to bottom, as SVG that takes the page's colours."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from windrow.model.markup import Drawing, Markup, element, join


__all__ = ["Box", "Wire", "draw"]

BOX_WIDTH, BOX_GAP, LINE, PAD, ROW_GAP = 210, 36, 16, 10, 18
#: About the width of a letter on a wire.
_LETTER = 6.5
_MOST_LETTERS = 32


# A page has colours of its own; elsewhere these are readable on white and on black.
_STYLE = """
.diagram text { font: 12px system-ui, sans-serif; fill: var(--ink, #808890); }
.diagram .name { font-weight: 600; }
.diagram .box rect { fill: var(--panel, none); stroke: var(--faint, #808890); }
.diagram .port rect { stroke: var(--above, #d55e00); stroke-width: 2; }
.diagram .stage rect { stroke: var(--below, #0072b2); stroke-width: 2; }
.diagram .wire path { fill: none; stroke: var(--faint, #808890); stroke-width: 1.5; }
.diagram .wire text { font-size: 11px; fill: var(--faint, #808890); }
.diagram .head { fill: var(--faint, #808890); }
"""


@dataclass(frozen=True)
class Box:
    """A box: its first line is its title; ``kind`` is its CSS class."""

    name: str
    lines: tuple[str, ...]
    kind: str = "part"


@dataclass(frozen=True)
class Wire:
    """From one box to another one below, with a few lines of text."""

    source: str
    sink: str
    lines: tuple[str, ...] = ()


def draw(boxes: Sequence[Box], wires: Sequence[Wire], title: str) -> Drawing:
    """Lay out boxes in rows, each below all that it is fed by, and draw the wires between them.

    A wire that passes rows gets a place of its own in each of them, so that none lies behind a box.

    Parameters
    ----------
    boxes : sequence of :class:`Box`
        In such an order that every wire goes from an earlier one to a later one.
    wires : sequence of :class:`Wire`
        Between them.
    title : :class:`str`
        What the drawing shows, for those who cannot see it.
    """
    rows = _rows(boxes, wires)
    depth = {name: number for number, row in enumerate(rows) for name in row}
    paths = {}
    for number, wire in enumerate(wires):
        lanes = [f"\0{number}.{row}" for row in range(depth[wire.source] + 1, depth[wire.sink])]
        for row, lane in enumerate(lanes, depth[wire.source] + 1):
            rows[row].append(lane)
        paths[wire] = [wire.source, *lanes, wire.sink]
    above: dict[str, list[str]] = {}
    for path in paths.values():
        for upper, lower in pairwise(path):
            above.setdefault(lower, []).append(upper)
    place = _places(rows, above)
    columns = max(map(len, rows))
    width = columns * BOX_WIDTH + (columns - 1) * BOX_GAP + 2 * PAD

    by_name = {box.name: box for box in boxes}
    heights = [max(_height(by_name[name]) if name in by_name else 0 for name in row)
               for row in rows]
    into: dict[str, list[Wire]] = {}
    for wire in sorted(wires, key=lambda wire: place[paths[wire][-2]]):
        into.setdefault(wire.sink, []).append(wire)
    # Wires into a box end side by side, and their texts stand one above the other.
    gaps = [2 * ROW_GAP + LINE * max((sum(len(wire.lines) for wire in into.get(name, ()))
                                      for name in row), default=0) for row in rows]
    tops, y = [], PAD
    for number, height in enumerate(heights):
        y += gaps[number] if number else 0
        tops.append(y)
        y += height
    total = y + PAD

    def centre(name: str) -> float:
        left, count = place[name]
        own = count * BOX_WIDTH + (count - 1) * BOX_GAP
        return (width - own) / 2 + left * (BOX_WIDTH + BOX_GAP) + BOX_WIDTH / 2

    drawn, widest = [], float(width)
    for sink, arriving in into.items():
        below = 0
        for number, wire in reversed([*enumerate(arriving, 1)]):
            end = centre(sink) + BOX_WIDTH * (number / (len(arriving) + 1) - 0.5)
            at = [centre(name) for name in paths[wire][:-1]] + [end]
            drawn.append(_wire(wire, at, tops, heights,
                               [by_name[name] for name in (wire.source, wire.sink)], depth, below))
            below += len(wire.lines)
            widest = max([widest, *(end + 16 + _LETTER * len(line) for line in wire.lines)])
    drawn += [_box(box, centre(box.name), tops[depth[box.name]], heights[depth[box.name]])
              for box in boxes]
    arrow = element("marker", element("path", d="M0,0 L8,4 L0,8 z", class_="head"), id="arrow",
                    markerWidth=8, markerHeight=8, refX=8, refY=4, orient="auto")
    return Drawing(element(
        "svg", element("title", title), element("style", Markup(_STYLE)), element("defs", arrow),
        *drawn, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {widest:.0f} {total}",
        width=f"{widest:.0f}", height=total, class_="diagram", role="img"))


def _rows(boxes: Sequence[Box], wires: Sequence[Wire]) -> list[list[str]]:
    depth: dict[str, int] = {}
    for box in boxes:
        depth[box.name] = max((depth[wire.source] + 1 for wire in wires if wire.sink == box.name),
                              default=0)
    rows: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for name, number in depth.items():
        rows[number].append(name)
    return rows


def _places(rows: Iterable[list[str]], above: Mapping[str, Sequence[str]]
            ) -> dict[str, tuple[int, int]]:
    """The place of each in its row, and how many that row has: as those above it lie."""
    place: dict[str, tuple[int, int]] = {}

    def wish(name: str) -> float:
        upper = [place[each][0] + 0.5 - place[each][1] / 2 for each in above.get(name, ())]
        return sum(upper) / len(upper) if upper else 0.0

    for row in rows:
        row.sort(key=wish)
        place |= {name: (number, len(row)) for number, name in enumerate(row)}
    return place


def _height(box: Box) -> int:
    return LINE * len(box.lines) + PAD


def _box(box: Box, x: float, top: float, height: int) -> Markup:
    own = _height(box)
    top += (height - own) / 2
    first = top + PAD / 2 + LINE * 0.75
    return element(
        "g",
        element("rect", x=f"{x - BOX_WIDTH / 2:.0f}", y=f"{top:.0f}", width=BOX_WIDTH, height=own,
                rx=6),
        *(element("text", *_fitted(line), x=f"{x:.0f}", y=f"{first + LINE * number:.0f}",
                  text_anchor="middle", class_=None if number else "name")
          for number, line in enumerate(box.lines)),
        class_=f"box {box.kind}")


def _fitted(line: str) -> list[object]:
    """A line of a box, cut where it is too long, with the whole of it to be pointed at."""
    if len(line) <= _MOST_LETTERS:
        return [line]
    return [f"{line[:_MOST_LETTERS - 3]}...", element("title", line)]


def _wire(wire: Wire, path: Sequence[float], tops: Sequence[float], heights: Sequence[int],
          ends: Sequence[Box], depth: Mapping[str, int], below: int) -> Markup:
    """A wire through the places of ``path``, its text above ``below`` lines of others'."""
    first, last = depth[wire.source], depth[wire.sink]
    # A box that is lower than its row ends, and starts, inside of it.
    y = tops[first] + (heights[first] + _height(ends[0])) / 2
    x = path[0]
    line = [f"M{x:.0f},{y:.0f}"]
    for number, to in enumerate(path[1:], first + 1):
        entry = tops[number] + ((heights[number] - _height(ends[1])) / 2 if number == last else 0)
        middle = y + min(ROW_GAP * 1.2, (entry - y) / 2)
        line.append(f"C{x:.0f},{middle:.0f} {to:.0f},{y:.0f} {to:.0f},{middle + 6:.0f} "
                    f"L{to:.0f},{entry:.0f}")
        x, y = to, entry
        if number < last:
            y = tops[number] + heights[number]
            line.append(f"L{to:.0f},{y:.0f}")
    lowest = y - 8 - LINE * (below + len(wire.lines) - 1)
    words = [element("text", text, x=f"{x + 8:.0f}", y=f"{lowest + LINE * number:.0f}")
             for number, text in enumerate(wire.lines)]
    return element("g", element("path", d=" ".join(line), marker_end="url(#arrow)"), join(words),
                   class_="wire")
