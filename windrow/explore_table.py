"""The builds of an exploration as a table, for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from windrow.console import Table


if TYPE_CHECKING:
    from windrow.synth.exploration import Exploration, Finding

__all__ = ["beaten", "rate_unit", "table"]


def rate_unit(found: Sequence[Finding]) -> tuple[str, float]:
    """What is counted a second, and how many of it."""
    networks = any(each.candidate.point.multipliers for each in found)
    return ("frames/s", 1.0) if networks else ("Mpixel/s", 1e6)


def beaten(found: Exploration) -> list[Finding]:
    """What `auto` would have taken and is not on the front."""
    best = found.front
    return [each for each in found.findings
            if each.candidate.is_auto and each.usage is not None and each.clocks
            and each not in best]


def table(found: list[Finding], title: str = "the front") -> Table:
    """Builds as a table."""
    unit, scale = rate_unit(found)
    rows: list[tuple[str, ...]] = []
    for each in found:
        assert each.usage is not None
        assert each.fmax is not None
        assert each.rate is not None
        assert each.best is not None
        point, clocks = each.candidate.point, [clock for _, clock in each.clocks]
        rams = str(each.usage.rams) + (
            f" + {each.usage.large_rams} large" if each.usage.large_rams else "")
        knobs = " ".join((*point.synthesis, *point.routing))
        rows.append((
            point.target,
            (f"{point.multipliers} multipliers" if point.multipliers else point.strategy)
            + (" *" if each.candidate.is_auto else ""),
            str(point.pixels_per_clock), str(each.usage.luts), rams, str(each.usage.dsps),
            f"{each.fmax:.1f} [{min(clocks):.1f}..{max(clocks):.1f}]", str(len(clocks)),
            str(each.best[0]), f"{each.rate / scale:.1f}", knobs))
    columns: tuple[str, ...] = (
        title, "strategy", "pixels a clock", "LUTs", "RAMs", "DSPs", "MHz [seeds]", "seeds",
        "best seed", unit, "knobs")
    if not any(row[-1] for row in rows):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    return Table(columns, rows)
