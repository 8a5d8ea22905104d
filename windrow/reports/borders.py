"""Which sample each tap takes at each position, as data for a moving picture."""

import json
from dataclasses import replace

from windrow.model.format import Format
from windrow.model.markup import Markup, element, join
from windrow.model.window import Window
from windrow.reports.section import Section


__all__ = ["border_figure", "border_section", "border_table"]

_INSIDE = 4
"""Rows and columns that the small frame has beyond the window."""


def border_table(window: Window, frame: Format) -> dict[str, list[int | None] | int]:
    """What the extended frame shows at each row and column, on a frame that is just large enough.

    ``rows[0]`` is the sample's row that stands ``pads.top`` rows above the frame; ``None`` is the
    border value. Beyond a few rows and columns all places inside are alike.
    """
    small = replace(frame, height=min(frame.height, window.height + _INSIDE),
                    width=min(frame.width, window.width + _INSIDE), pixels_per_clock=1)
    down, along = window.axes(small)
    pads = window.pads
    return {
        "rows": [down.source(at) for at in range(-pads.top, small.height + pads.bottom)],
        "columns": [along.source(at) for at in range(-pads.left, small.width + pads.right)],
        "top": pads.top, "left": pads.left, "height": small.height, "width": small.width,
        "windowRows": window.height, "windowColumns": window.width,
    }


def border_figure(window: Window, frame: Format) -> Markup:
    """The figure that the page's script fills: a frame, its border, and a window that moves."""
    data = json.dumps(border_table(window, frame))
    slider = {"type": "range", "min": 0, "value": 0}
    return element(
        "div", element("svg", role="img", aria_label="the window on the extended frame"),
        element("div", element("label", "row ", element("input", **slider, class_="row")),
                element("label", "column ", element("input", **slider, class_="column")),
                element("button", "play", type="button")),
        element("p", class_="note"), class_="border", data_table=data)


def border_section(windows: dict[str, Window], frames: dict[str, Format]) -> Section | None:
    """A figure for each window that is larger than a pixel, by what it is called.

    ``None`` where there is none.
    """
    parts = []
    for name, window in windows.items():
        if (window.height, window.width) == (1, 1):
            continue
        borders = ", ".join(f"{side} {border}" for side, border in window.borders._asdict().items())
        if len(set(window.borders)) == 1:
            borders = window.borders.top
        value = f" {window.border_value}" if "constant" in window.borders else ""
        parts += [*([element("h3", name)] if name else []),
                  element("p", f"Border {borders}{value}; the window of {window.height} x "
                               f"{window.width} adds {tuple(window.pads)} (top, bottom, left, "
                               "right).", class_="note"),
                  border_figure(window, frames[name])]
    return Section("border", "Borders", join(parts)) if parts else None
