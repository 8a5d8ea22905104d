"""The page of an exploration: one HTML file that needs nothing else, with the builds as a plot."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from bokeh.embed import components
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.palettes import Colorblind8
from bokeh.plotting import figure
from bokeh.resources import Resources

from windrow.console import Table
from windrow.explore_table import beaten, rate_unit, table


if TYPE_CHECKING:
    from windrow.synth.exploration import Exploration, Finding

__all__ = ["page"]

STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --back: #ffffff; --line: #d0d7de }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --back: #14181d; --line: #3d444d } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back);
  max-width: 1100px; margin: 0 auto; padding: 1rem }
.wide { overflow-x: auto }
.plot { background: #ffffff; border-radius: 6px }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
td, th { border-bottom: 1px solid var(--line); padding: .2rem .6rem; text-align: left;
  white-space: nowrap }
"""


def page(found: Exploration) -> str:
    """The HTML of what was found.

    Parameters
    ----------
    found : :class:`~windrow.synth.exploration.Exploration`
        What :func:`~windrow.synth.exploration.explore` returned.
    """
    best, code = found.front, ""
    parts = ["<h1>Builds worth having</h1>"]
    if best:
        script, div = components(plot(found))
        code = Resources(mode="inline", components=["bokeh"]).render() + script
        parts += [
            "<p>Each point is a build: its LUTs, and its pixels or frames a second at the median "
            "clock of its seeds. Whiskers go from the slowest seed to the fastest. On the front, "
            "joined by a line, is what no other build of the same device beats in speed, LUTs, "
            "RAMs and DSPs together; a star marks what <code>auto</code> chooses.</p>",
            f"<div class='plot wide'>{div}</div>", "<h2>The front</h2>", html_table(table(best))]
    else:
        parts.append("<p>No build has a clock.</p>")
    others = sorted((each for each in found.findings if each.usage is not None and each.clocks
                     and each not in best),
                    key=lambda each: (each.candidate.point.target, each.costs))
    if others:
        missed = beaten(found)
        parts += ["<h2>Other builds</h2>", html_table(table(others, "device"))]
        if missed:
            parts += ["<p><code>auto</code> would have chosen "
                      + ", ".join(escape(str(each.candidate.point)) for each in missed)
                      + ".</p>"]
    rest = [(str(each.candidate.point), each.error or "nextpnr does not know its cells' delays")
            for each in found.findings if each.usage is None or not each.clocks]
    rest += [(str(each.point), each.reason) for each in found.skipped]
    if rest:
        parts += ["<h2>Without a clock, or not built</h2>",
                  html_table(Table(("build", "why"), rest))]
    return ("<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width'><title>windrow explore</title>"
            f"<style>{STYLE}</style>{code}</head><body>"
            + "\n".join(parts) + "</body></html>\n")


def html_table(content: Table) -> str:
    """A table in HTML."""
    def cells(row: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"

    return ("<div class='wide'><table>" + cells(content.columns, "th")
            + "".join(cells(row, "td") for row in content.rows) + "</table></div>")


def plot(found: Exploration) -> figure:
    """Pixels a second against LUTs, a colour for each device."""
    unit, scale = rate_unit(found.findings)
    shown = figure(height=460, sizing_mode="stretch_width", min_width=360, tools="pan,wheel_zoom,"
                   "box_zoom,reset", x_axis_label="LUTs", y_axis_label=unit, title=None)
    shown.toolbar.logo = None
    timed = [each for each in found.findings if each.usage is not None and each.clocks]
    best = found.front
    targets = list(dict.fromkeys(each.candidate.point.target for each in timed))
    for target, color in zip(targets, Colorblind8 * len(targets), strict=False):
        mine = [each for each in timed if each.candidate.point.target == target]
        path = [each for each in best if each in mine]
        source = ColumnDataSource(columns(mine, scale))
        shown.segment("luts", "low", "luts", "high", source=source, color=color, line_width=2,
                      alpha=0.6)
        dots = shown.scatter("luts", "rate", source=source, color=color, size=9,
                             marker="marker", legend_label=target)
        shown.line([each.costs[0] for each in path], [(each.rate or 0) / scale for each in path],
                   color=color, line_width=1.5, line_dash="dashed")
        shown.add_tools(HoverTool(renderers=[dots], tooltips=[
            ("build", "@name"), ("LUTs, RAMs, DSPs", "@luts, @rams, @dsps"),
            ("MHz", "@clock{0.0}, @seeds seeds"),
            (unit, "@rate{0.0} [@low{0.0}..@high{0.0}]"),
        ]))
    shown.legend.location = "bottom_right"
    return shown


def columns(found: Sequence[Finding], unit: float) -> dict[str, list[object]]:
    """What the plot and its tooltips show of each build."""
    scale = [1e6 * each.candidate.work / unit for each in found]
    clocks = [[clock for _, clock in each.clocks] for each in found]
    return {
        "name": [str(each.candidate.point) for each in found],
        "luts": [each.costs[0] for each in found], "rams": [each.costs[1] for each in found],
        "dsps": [each.costs[3] for each in found], "clock": [each.fmax for each in found],
        "seeds": [len(each) for each in clocks],
        "rate": [(each.rate or 0.0) / unit for each in found],
        "low": [min(each) * factor for each, factor in zip(clocks, scale, strict=True)],
        "high": [max(each) * factor for each, factor in zip(clocks, scale, strict=True)],
        "marker": ["star" if each.candidate.is_auto else "circle" for each in found],
    }
