"""The pipeline that users meet: the data and golden model, and the way to its hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from windrow.model.markup import Drawing, element, table
from windrow.model.pipeline import Pipeline as PipelineData


if TYPE_CHECKING:
    from windrow.hdl import PipelineCore

__all__ = ["Pipeline"]


class Pipeline(PipelineData):
    # What `help(Pipeline)` shows: all keys.
    __doc__ = PipelineData.__doc__

    def _repr_html_(self) -> str:
        """What a notebook shows: a row for each stage."""
        facts = (f"{self.width}x{self.height}, {self.channels} of {self.pixel} in; "
                 f"{self.output_width}x{self.output_height}, {self.output_format.channels} of "
                 f"{self.output} out: {', '.join(self.outputs)}")
        return table(("stage", "what it computes", "reads", "sample"), [
            (stage.name, stage.title, ", ".join(stage.sources), stage.output)
            for stage in self.stages]) + element("p", facts)

    def diagram(self) -> Drawing:
        """The block diagram of the hardware: an SVG, which notebooks show."""
        from windrow.reports.structure import block_diagram  # late: Amaranth comes with it

        return block_diagram(self)

    def create(self) -> PipelineCore:
        """The hardware: an Amaranth component with stream members ``i`` and ``o``.

        As :meth:`windrow.Filter.create`.
        """
        from windrow.hdl import PipelineCore  # late: Amaranth comes with it

        return PipelineCore(self)
