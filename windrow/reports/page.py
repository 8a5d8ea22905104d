"""Sections as one page of HTML that asks for no other file."""

from collections.abc import Sequence

from windrow.distribution import missing, version
from windrow.model.markup import Markup
from windrow.reports.plots import BACKGROUND, FOREGROUND, GRID, library, plot_json
from windrow.reports.section import Section


__all__ = ["page"]


def page(title: str, sections: Sequence[Section]) -> str:
    """The page.

    Plots need Bokeh, whose code is in the page once. Where it is not installed the page says so.

    Parameters
    ----------
    title : :class:`str`
        Its title.
    sections : sequence of :class:`~.section.Section`
        What it shows.
    """
    import jinja2

    code, note = "", ""
    if any(section.plots for section in sections):
        try:
            code = library()
        except ModuleNotFoundError as error:
            note = f"Plots are left out: {missing(error)}"
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__ or "", "templates"), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["plot"] = lambda plot: Markup(plot_json(plot))
    return environment.get_template("page.html").render(
        title=title, sections=sections, library=Markup(code), note=note, version=version(),
        colours={"foreground": FOREGROUND, "grid": GRID, "background": BACKGROUND})
