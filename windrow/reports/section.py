"""What a report is made of: sections of HTML, and plots as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from windrow.model.markup import Markup


__all__ = ["Bars", "Curves", "Heat", "Histogram", "Plot", "Section"]

Reals = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Curves:
    """Lines over one axis, each named."""

    title: str
    x: str
    y: str
    lines: Mapping[str, tuple[Reals, Reals]]


@dataclass(frozen=True)
class Heat:
    """A matrix as colours, the first row at the bottom; all axes from ``low`` to ``high``."""

    title: str
    x: str
    y: str
    values: Reals
    low: float
    high: float


@dataclass(frozen=True)
class Histogram:
    """How often values fall between edges, on a logarithmic axis."""

    title: str
    x: str
    edges: Reals
    counts: npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Bars:
    """Groups of bars: a number for each category in each group."""

    title: str
    y: str
    categories: Sequence[str]
    groups: Mapping[str, Sequence[float]]


Plot = Curves | Heat | Histogram | Bars


@dataclass(frozen=True)
class Section:
    """One view of a design.

    Parameters
    ----------
    name : :class:`str`
        Its anchor in the page.
    title : :class:`str`
        Its heading.
    html : :class:`~.markup.Markup`
        What it shows, without any other file.
    plots : tuple of plots
        What is drawn below, where Bokeh is installed.
    """

    name: str
    title: str
    html: Markup
    plots: tuple[Plot, ...] = ()
