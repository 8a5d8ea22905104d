"""Streaming 2D convolution hardware, bit-exact, with any border.

:class:`Filter` is one filter as data: ``compute`` is its golden model, ``create`` its hardware.
:class:`Pipeline` is several stages as one such value.
"""

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from windrow.filter import Filter
    from windrow.pipeline import Pipeline

    __version__: str

__all__ = ["Filter", "Pipeline", "__version__"]


def __getattr__(name: str) -> Any:
    # Late, so that `windrow --help` waits for neither numpy nor package metadata.
    if name == "Filter":
        from windrow.filter import Filter

        return Filter
    if name == "Pipeline":
        from windrow.pipeline import Pipeline

        return Pipeline
    if name == "__version__":
        from windrow.distribution import version

        return version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
