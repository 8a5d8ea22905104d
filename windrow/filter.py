"""The filter that users meet: the data and golden model, and the way to its hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from windrow.model.filter import Filter as FilterData
from windrow.model.markup import Drawing, element, join


if TYPE_CHECKING:
    from windrow.hdl import Core

__all__ = ["Filter"]


class Filter(FilterData):
    # What `help(Filter)` shows: all keys.
    __doc__ = FilterData.__doc__

    def _repr_html_(self) -> str:
        """What a notebook shows: kernels or a footprint as tables, and the other keys that matter.
        """
        cells = self.matrices or (tuple(tuple(map(int, row)) for row in self.footprint),)
        tables = join(
            element("table", *(element("tr", *(
                element("td", cell, style="text-align:right") for cell in row)) for row in matrix))
            for matrix in cells)
        border = self.border if isinstance(self.border, str) else ", ".join(
            f"{side} {name}" for side, name in self.border._asdict().items())
        facts = (
            f"{self.applied.title}; "
            f"{self.width}x{self.height}, {self.channels} of {self.pixel} in; "
            f"{self.output_width}x{self.output_height}, {self.output_format.channels} of "
            f"{self.output} out; "
            f"/ 2**{self.shift} + {self.offset}; {self.operation}, {self.rounding}, "
            f"{self.overflow}, padding {self.padding}, border {border}")
        return tables + element("p", facts)

    def diagram(self) -> Drawing:
        """The block diagram of the hardware: an SVG, which notebooks show."""
        from windrow.reports.structure import block_diagram  # late: Amaranth comes with it

        return block_diagram(self)

    def create(self) -> Core:
        """The hardware: an Amaranth component with stream members ``i`` and ``o``.

        Its ``latency`` is in cycles, from the edge that takes a frame's first beat to the one that
        gives its first output beat.
        """
        from windrow.hdl import Core  # Amaranth takes longer to import than most filters to compute

        return Core(self)
