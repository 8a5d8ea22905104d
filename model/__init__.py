"""What is right: the filter as data, its golden model, named kernels and library presets."""

from importlib import import_module
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from .errors import InputError
    from .filter import Filter
    from .kernels.kernel_files import parse_kernel
    from .kernels.quantised import quantise
    from .pipeline import Pipeline
    from .sample import Sample
    from .sides import Sides

__all__ = ["Filter", "InputError", "Pipeline", "Sample", "Sides", "parse_kernel", "quantise"]

_FILES = dict(zip(__all__, (
    "filter", "errors", "pipeline", "sample", "sides", "kernels.kernel_files",
    "kernels.quantised"), strict=True))


def __getattr__(name: str) -> Any:
    # Late: the command line reads the table of keys before anything needs numpy.
    if name in _FILES:
        return getattr(import_module(f".{_FILES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
