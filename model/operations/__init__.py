"""What can be made of a window, each a frozen value with its exact model in plain numpy.

:data:`KINDS` is the table of them.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from .correlate import Correlate
from .footprint import Footprint
from .operation import Operation
from .rank import Rank


__all__ = ["KINDS", "Correlate", "Footprint", "Kind", "Operation", "Rank", "kind_of"]


class Kind(NamedTuple):
    """A row: what a filter keeps of an operation, and the operation.

    Attributes
    ----------
    keys : tuple of :class:`str`
        The filter's keys. All of them are empty or 0 in filters of other kinds.
    make : callable
        The operation of a filter.
    """

    keys: tuple[str, ...]
    make: Callable[[Any], Operation]


def _flipped(filter: Any) -> bool:
    return filter.operation == "convolve"


KINDS = (
    Kind(("kernel",), lambda filter: Correlate.of(
        [("", filter.kernel)], flipped=_flipped(filter))),
    Kind(("kernels",), lambda filter: Correlate.of(filter.kernels, flipped=_flipped(filter))),
    Kind(("rank", "footprint"), lambda filter: Rank(filter.footprint, filter.rank)),
)


def kind_of(filter: Any) -> Kind:
    """What kind of operation a filter has."""
    return next(kind for kind in KINDS if any(getattr(filter, key) for key in kind.keys))
