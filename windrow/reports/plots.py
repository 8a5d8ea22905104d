"""Plots as Bokeh draws them, in colours that the page puts in place."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from windrow.reports.section import Bars, Curves, Heat, Histogram, Plot


__all__ = ["BACKGROUND", "FOREGROUND", "GRID", "library", "plot_json"]

# The page replaces these by those of its light or dark scheme; nothing else has them.
FOREGROUND, GRID, BACKGROUND = "#010203", "#040506", "#070809"

#: Colours that can be told apart, also by the colour-blind: Okabe and Ito, jfly.uni-koeln.de, 2008.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def library() -> str:
    """Bokeh's own code, to be put into a page.

    Raises
    ------
    :exc:`ModuleNotFoundError`
        If Bokeh is not installed.
    """
    from bokeh.resources import Resources

    return str(Resources(mode="inline", components=["bokeh"]).render_js())


def plot_json(plot: Plot) -> str:
    """A plot as the JSON that BokehJS embeds, safe inside of a ``script`` element."""
    from bokeh.embed import json_item

    return json.dumps(json_item(_figure(plot))).replace("<", "\\u003c")


def _figure(plot: Plot) -> Any:
    match plot:
        case Curves():
            return _curves(plot)
        case Heat():
            return _heat(plot)
        case Histogram():
            return _histogram(plot)
        case Bars():
            return _bars(plot)


def _empty(plot: Plot, x: str, y: str, tips: Sequence[tuple[str, str]], **options: Any) -> Any:
    from bokeh.models import HoverTool
    from bokeh.models.annotations import Title
    from bokeh.plotting import figure

    made = figure(
        title=Title(text=plot.title, text_color=FOREGROUND), height=300,
        sizing_mode="stretch_width", toolbar_location=None, tools="", x_axis_label=x,
        y_axis_label=y, background_fill_color=BACKGROUND, border_fill_color=BACKGROUND,
        outline_line_color=GRID, **options)
    made.add_tools(HoverTool(tooltips=list(tips)))
    for axis in made.axis:
        axis.axis_label_text_color = axis.major_label_text_color = FOREGROUND
        axis.axis_line_color = axis.major_tick_line_color = axis.minor_tick_line_color = FOREGROUND
    made.grid.grid_line_color = GRID
    return made


def _legend(made: Any, names: Mapping[str, Any]) -> None:
    if len(names) < 2:  # the title says it
        made.legend.visible = False
        return
    made.add_layout(made.legend[0], "below")
    made.legend.orientation = "horizontal"
    made.legend.label_text_color = FOREGROUND
    made.legend.background_fill_color = BACKGROUND
    made.legend.border_line_color = None


def _curves(plot: Curves) -> Any:
    made = _empty(plot, plot.x, plot.y, [(plot.x, "$x{0.000}"), (plot.y, "$y{0.0000}")])
    for number, (name, (x, y)) in enumerate(plot.lines.items()):
        made.line(x, y, legend_label=name, line_width=3 if number == 0 else 2,
                  line_dash="solid" if number == 0 else "dashed", color=COLOURS[number])
    _legend(made, plot.lines)
    return made


def _heat(plot: Heat) -> Any:
    from bokeh.models import LinearColorMapper
    from bokeh.models.annotations import ColorBar

    span = plot.high - plot.low
    made = _empty(plot, plot.x, plot.y, [(plot.x, "$x{0.000}"), (plot.y, "$y{0.000}"),
                                         ("response", "@image{0.0000}")],
                  x_range=(plot.low, plot.high), y_range=(plot.low, plot.high))
    colours = LinearColorMapper(palette="Viridis256", low=0, high=float(plot.values.max()) or 1.0)
    made.image([plot.values.astype(np.float32)], x=plot.low, y=plot.low, dw=span, dh=span,
               color_mapper=colours)
    made.add_layout(ColorBar(color_mapper=colours, major_label_text_color=FOREGROUND,
                             background_fill_color=BACKGROUND), "right")
    return made


def _histogram(plot: Histogram) -> Any:
    made = _empty(plot, plot.x, "samples", [(plot.x, "@left{0.000} to @right{0.000}"),
                                            ("samples", "@top")], y_axis_type="log")
    there = plot.counts > 0
    made.quad(left=plot.edges[:-1][there], right=plot.edges[1:][there], bottom=0.5,
              top=plot.counts[there], fill_color=COLOURS[0], line_color=BACKGROUND)
    return made


def _bars(plot: Bars) -> Any:
    from bokeh.models import ColumnDataSource
    from bokeh.transform import dodge

    data: dict[str, Sequence[Any]] = {"category": plot.categories, **plot.groups}
    source = ColumnDataSource(data={name: list(values) for name, values in data.items()})
    made = _empty(plot, "", plot.y, [("", "@category"), *(
        (name, f"@{{{name}}}{{0.[0]}}") for name in plot.groups)],
        x_range=list(plot.categories))
    width = 0.8 / len(plot.groups)
    for number, name in enumerate(plot.groups):
        made.vbar(x=dodge("category", width * (number + 0.5) - 0.4, range=made.x_range), top=name,
                  width=width * 0.9, source=source, color=COLOURS[number], legend_label=name)
    made.y_range.start = 0
    made.xgrid.grid_line_color = None
    made.xaxis.major_label_orientation = 0.6
    _legend(made, plot.groups)
    return made
