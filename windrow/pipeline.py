"""The pipeline that users meet: the data and golden model, and the way to its hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from windrow.model.pipeline import Pipeline as PipelineData


if TYPE_CHECKING:
    from windrow.hdl import PipelineCore

__all__ = ["Pipeline"]


class Pipeline(PipelineData):
    # What `help(Pipeline)` shows: all keys.
    __doc__ = PipelineData.__doc__

    def create(self) -> PipelineCore:
        """The hardware: an Amaranth component with stream members ``i`` and ``o``.

        As :meth:`windrow.Filter.create`.
        """
        from windrow.hdl import PipelineCore  # late: Amaranth comes with it

        return PipelineCore(self)
