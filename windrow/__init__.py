"""Streaming 2D convolution hardware, bit-exact, with any border.

:class:`Filter` is one filter as data: ``compute`` is its golden model, ``create`` its hardware.
:class:`Pipeline` is several stages as one such value, :class:`Network` the layers of a network.
"""

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from windrow.filter import Filter
    from windrow.model.pipeline.writing import (
        Input,
        absolute,
        clip,
        divide,
        maximum,
        minimum,
        sqrt,
        where,
    )
    from windrow.network import Network
    from windrow.pipeline import Pipeline

    __version__: str

#: What pipelines are written with.
_WRITING = ("Input", "absolute", "clip", "divide", "maximum", "minimum", "sqrt", "where")

__all__ = [
    "Filter", "Input", "Network", "Pipeline", "__version__", "absolute", "clip", "divide",
    "maximum", "minimum", "sqrt", "where",
]


def __getattr__(name: str) -> Any:
    # Late, so that `windrow --help` waits for neither numpy nor package metadata.
    if name == "Filter":
        from windrow.filter import Filter

        return Filter
    if name == "Pipeline":
        from windrow.pipeline import Pipeline

        return Pipeline
    if name == "Network":
        from windrow.network import Network

        return Network
    if name in _WRITING:
        from windrow.model.pipeline import writing

        return getattr(writing, name)
    if name == "__version__":
        from windrow.distribution import version

        return version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
