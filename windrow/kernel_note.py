"""What is said of a real-valued kernel: how finely it was quantised, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from windrow.model import Filter
    from windrow.model.kernels.kernel_keys import KernelError

__all__ = ["error_text", "kernel_data", "kernel_rows"]


def error_text(error: KernelError) -> str:
    """The worst error of an entry, in a few words."""
    if not error.tap:
        return f"quantised to {error.bits} fraction bits, exactly"
    return f"quantised to {error.bits} fraction bits, worst error {error.tap:.2g} a tap"


def kernel_rows(design: object) -> list[tuple[str, str]]:
    """A row of a table for each real-valued kernel.

    What is bit-exact is the integer filter; this says how far the real one may be from it.
    """
    rows = []
    for stage, filter in _filters(design):
        error = filter.kernel_error
        if error is None:
            continue
        text = f"{stage}: {error_text(error)}" if stage else error_text(error)
        if error.tap:
            text += f" and {_worst_output(filter, error):.2g} an output sample"
        rows.append(("kernel", text))
    return rows


def kernel_data(design: object) -> dict[str, Any] | None:
    """The same as data, ``None`` where kernels are of integers; of a pipeline by stage."""
    each = {stage: _data(filter) for stage, filter in _filters(design)}
    if "" in each:
        return each[""]
    return {stage: found for stage, found in each.items() if found is not None} or None


def _filters(design: object) -> list[tuple[str, Filter]]:
    """The filters of a design, each with its stage's name; a filter itself has none."""
    from windrow.model import Filter  # late: numpy comes with it
    from windrow.model.pipeline import FilterStage

    if isinstance(design, Filter):
        return [("", design)]
    return [(stage.name, stage.filter) for stage in getattr(design, "stages", ())
            if isinstance(stage, FilterStage)]


def _data(filter: Filter) -> dict[str, Any] | None:
    error = filter.kernel_error
    if error is None:
        return None
    return {"bits": error.bits, "worst_error": error.tap,
            "worst_output_error": _worst_output(filter, error)}


def _worst_output(filter: Filter, error: KernelError) -> float:
    """The worst error of any output sample of any picture, before its rounding."""
    return error.total * max(-filter.pixel.minimum, filter.pixel.maximum)
