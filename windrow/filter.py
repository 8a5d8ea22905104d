"""The filter that users meet: the data and golden model, and the way to its hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from windrow.model.filter import Filter as FilterData


if TYPE_CHECKING:
    from windrow.hdl import Core

__all__ = ["Filter"]


class Filter(FilterData):
    """A 2D filter: validated, immutable, and able to compute and to create.

    Takes the keys of :class:`windrow.model.filter.Filter` as keyword arguments; ``kernel``,
    ``width`` and ``height`` are required.
    """

    def create(self) -> Core:
        """The hardware: an Amaranth component with stream members ``i`` and ``o``.

        Its ``latency`` is in cycles, from the edge that takes a frame's first beat to the one that
        gives its first output beat.
        """
        from windrow.hdl import Core  # Amaranth takes longer to import than most filters to compute

        return Core(self)
