"""Kernels as people look at them: numbers as colours, what they do to frequencies, and how far the
integers are from what was wanted."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from windrow.model import Filter, golden
from windrow.model.markup import Markup, element, join, table
from windrow.model.operations import Correlate
from windrow.reports.section import Curves, Heat, Histogram, Plot, Section


__all__ = ["ideal_output", "kernel_section", "quantisation", "response"]

Reals = npt.NDArray[np.float64]

_POINTS = 64
"""Points of a frequency response along each axis."""


def kernel_section(filter: Filter, name: str = "") -> Section:
    """The kernels of a filter as tables, and their frequency responses.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter`
        The filter.
    name : :class:`str`
        The stage that it is, if it is one.
    """
    anchor = f"kernel-{name}" if name else "kernel"
    title = f"Kernel of {name}" if name else "Kernel"
    if not filter.matrices:
        cells = [[int(cell) for cell in row] for row in filter.footprint]
        return Section(anchor, title.replace("Kernel", "Window"), join([
            element("p", f"{filter.applied.title}: the sample of rank {filter.rank} of those under "
                         "the ones.", class_="note"),
            _heat_table(cells, cells)]))
    parts: list[Markup] = []
    plots: list[Plot] = []
    wanted = filter.wanted
    for label, matrix in filter.kernels or (("", filter.kernel),):
        if label:
            parts.append(element("h3", label))
        parts.append(_heat_table(matrix, matrix))
        plots += response(np.array(matrix) / 2.0**filter.shift, wanted, label)
    scale = f" / 2^{filter.shift}" if filter.shift else ""
    facts = [f"{filter.kernel_height} rows, {filter.kernel_width} columns of integers{scale}; "
             f"{filter.operation}, anchor {list(filter.anchor)}."]
    if wanted is not None:
        errors = np.array(filter.kernel) / 2.0**filter.shift - wanted
        if errors.any():
            parts += [element("h3", "Wanted"), _heat_table(wanted, [
                [f"{cell:.4g}" for cell in row] for row in wanted]),
                element("h3", "Error"), _heat_table(errors, [
                    [f"{cell:+.1e}" if cell else "0" for cell in row] for row in errors])]
        facts.append(f"Worst error of a weight: {np.abs(errors).max():.2g}." if errors.any() else
                     "These are the wanted weights exactly.")
    if filter.runtime_kernel:
        facts.append("The kernel is in registers: this is the one after a reset.")
    return Section(anchor, title, join([element("p", " ".join(facts), class_="note"), *parts]),
                   tuple(plots))


def _heat_table(values: Sequence[Sequence[float]] | Reals, texts: Sequence[Sequence[object]]
                ) -> Markup:
    most = float(np.abs(np.asarray(values, dtype=float)).max()) or 1.0

    def cell(value: float, text: object) -> Markup:
        share = abs(value) / most * 100
        sign = "below" if value < 0 else "above"
        return element("td", text, class_=sign + " strong" * bool(share > 60),
                       style=f"--share:{share:.0f}%")

    rows = [element("tr", *map(cell, row, line)) for row, line in zip(values, texts, strict=True)]
    return element("div", element("table", *rows, class_="heat"), class_="scroll")


def response(weights: Reals, wanted: Reals | None, label: str = "") -> list[Plot]:
    """The magnitude of a kernel's frequency response: all of it, and two cuts through the middle.

    Parameters
    ----------
    weights : (Kh, Kw) array
        The kernel as the hardware has it, divided by its shift.
    wanted : (Kh, Kw) array or ``None``
        The real-valued kernel, for the cuts.
    label : :class:`str`
        The kernel's name in a bank.
    """
    end = f" of {label}" if label else ""
    axis = np.linspace(-0.5, 0.5, _POINTS + 1)
    whole = _magnitude(weights)
    plots: list[Plot] = [Heat(f"Frequency response{end}", "cycles a column", "cycles a row", whole,
                              -0.5, 0.5)]
    for title, at in (("along rows", (_POINTS // 2, slice(None))),
                      ("along columns", (slice(None), _POINTS // 2))):
        lines = {"quantised" if wanted is not None else "kernel": (axis, whole[at])}
        if wanted is not None:
            lines["wanted"] = (axis, _magnitude(wanted)[at])
        plots.append(Curves(f"Response {title}{end}", "cycles a pixel", "magnitude", lines))
    return plots


def _magnitude(weights: Reals) -> Reals:
    """``|H|`` at frequencies from -1/2 to 1/2 in both directions, both ends."""
    found = np.abs(np.fft.fftshift(np.fft.fft2(weights, (_POINTS, _POINTS))))
    return np.pad(found, (0, 1), mode="wrap")


def ideal_output(filter: Filter, frame: npt.NDArray[np.integer]) -> Reals | None:
    """What the real-valued filter makes of a frame, without rounding, within the output's range.

    ``None`` where there is no such thing: no kernel or several, or results that wrap.
    """
    if not filter.kernel or filter.overflow == "wrap" or filter.runtime_kernel:
        return None
    assert isinstance(filter.applied, Correlate)
    weights = filter.taps / 2.0**filter.shift if filter.wanted is None else (
        filter.wanted[::-1, ::-1] if filter.operation == "convolve" else filter.wanted)
    padded = golden.pad(frame, filter.pads, filter.borders, filter.border_value).astype(np.float64)
    total = np.full((filter.output_height, filter.output_width, *frame.shape[2:]),
                    float(filter.offset))
    for (row, column), weight in np.ndenumerate(weights):
        if weight:
            total += weight * padded[row:row + filter.output_height,
                                     column:column + filter.output_width]
    if filter.overflow == "abs-saturate":
        total = np.abs(total)
    return np.clip(total, filter.output.minimum, filter.output.maximum)


def quantisation(filter: Filter, frame: npt.NDArray[np.integer], name: str = "") -> Section | None:
    """How far the integer results are from the real-valued ones, on one frame.

    ``name`` is the stage's, if it is one. ``None`` as of :func:`ideal_output`.
    """
    ideal = ideal_output(filter, frame)
    if ideal is None:
        return None
    errors = filter.compute(frame).astype(np.float64) - ideal
    place = np.unravel_index(np.abs(errors).argmax(), errors.shape)
    square = float(np.mean(errors**2))
    peak = filter.output.maximum - filter.output.minimum
    psnr = "none: no sample differs" if square == 0 else (
        f"{10 * np.log10(peak**2 / square):.1f} dB, of a peak of {peak}")
    edge = max(0.5, float(np.abs(errors).max()))
    plots = (Histogram("Error of output samples", "integer less real result",
                       *np.histogram(errors, 64, (-edge, edge))[::-1]),) if square else ()
    of = "the wanted real-valued kernel" if filter.wanted is not None else (
        "the same kernel without rounding")
    anchor, title = (f"quantisation-{name}", f"Quantisation of {name}") if name else (
        "quantisation", "Quantisation")
    return Section(anchor, title, table(("", ""), [
        ("compared", f"integer results with those of {of}"),
        ("worst sample", f"{errors[place]:+.3f} at row {place[0]}, column {place[1]}"),
        ("mean error", f"{errors.mean():+.4f}"),
        ("PSNR", psnr),
    ]), plots)
