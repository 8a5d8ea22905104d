"""What is said of a real-valued kernel: how finely it was quantised, and what that costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from windrow.model import Filter
    from windrow.model.kernel_keys import KernelError

__all__ = ["error_text", "kernel_data", "kernel_rows"]


def error_text(error: KernelError) -> str:
    """The worst error of an entry, in a few words."""
    if not error.tap:
        return f"quantised to {error.bits} fraction bits, exactly"
    return f"quantised to {error.bits} fraction bits, worst error {error.tap:.2g} a tap"


def kernel_rows(filter: Filter) -> list[tuple[str, str]]:
    """A row of a table where the kernel was real-valued, else none.

    What is bit-exact is the integer filter; this says how far the real one may be from it.
    """
    error = filter.kernel_error
    if error is None:
        return []
    text = error_text(error)
    if error.tap:
        text += f" and {_worst_output(filter, error):.2g} an output sample"
    return [("kernel", text)]


def kernel_data(filter: Filter) -> dict[str, Any] | None:
    """The same as data, ``None`` where the kernel was of integers."""
    error = filter.kernel_error
    if error is None:
        return None
    return {"bits": error.bits, "worst_error": error.tap,
            "worst_output_error": _worst_output(filter, error)}


def _worst_output(filter: Filter, error: KernelError) -> float:
    """The worst error of any output sample of any picture, before its rounding."""
    return error.total * max(-filter.pixel.minimum, filter.pixel.maximum)
