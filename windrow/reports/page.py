"""Sections as one page of HTML that asks for no other file."""

from collections.abc import Sequence

from windrow.distribution import missing, version
from windrow.model.markup import Markup, join
from windrow.reports.plots import BACKGROUND, FOREGROUND, GRID, library, plot_json
from windrow.reports.section import Section


__all__ = ["Page", "page"]


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


class Page:
    """What is shown as a page: a title and views."""

    @property
    def title(self) -> str:
        """What it is about, in a few words."""
        raise NotImplementedError

    @property
    def sections(self) -> tuple[Section, ...]:
        """All views, in the order of the page."""
        raise NotImplementedError

    def html(self) -> str:
        """The whole page, in one file that asks for no other."""
        return page(self.title, self.sections)

    def _repr_html_(self) -> str:
        return join([section.html for section in self.sections
                     if section.name in ("summary", "structure")])
