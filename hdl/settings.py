"""What can be changed while a core runs, and what it reports back."""

from typing import Any, TypeAlias

from amaranth.hdl import Shape
from amaranth.lib import data
from amaranth.utils import bits_for

from ..model import Filter
from ..model.borders import BORDERS
from ..model.nodes import ROUNDINGS
from ..model.pipeline import FilterStage, Pipeline, TableStage
from ..model.sides import Sides
from .beat import interval_shape


__all__ = [
    "TABLE_BANKS",
    "AnySettings",
    "Events",
    "Extent",
    "PipelineSettings",
    "Settings",
    "TableWrites",
    "controlled_stages",
    "runtime_tables",
    "settings_of",
]


#: Written tables that there is room for: that of the frame before and of the newest one, the one
#: that is committed, and the one that is being written.
TABLE_BANKS = 4


class Settings(data.StructLayout):
    """How a frame is filtered. One frame has one of them, from its first output to its last.

    Members
    -------
    coefficients : array of Kh * Kw signed
        The kernel, row by row, as the user gives it (not flipped to convolve). Only where
        ``coefficients`` of the filter is ``runtime``.
    shift : unsigned(5)
        As the filter's key.
    offset : signed(32)
        As the filter's key.
    rounding : unsigned(3)
        Index into :data:`ROUNDINGS <windrow.model.nodes.ROUNDINGS>`.
    top, bottom, left, right : unsigned
        The border of each side, an index into :data:`BORDERS <windrow.model.borders.BORDERS>`.
    border_value : a sample of ``pixel``
        As the filter's key.
    bypass : 1 bit
        The output is the sample under the anchor, brought into the output's range.
    """

    def __init__(self, filter: Filter) -> None:
        runtime = filter.runtime_kernel
        cells = filter.kernel_height * filter.kernel_width
        coefficient = Shape(filter.coefficient_bits, signed=True)
        super().__init__({
            **({"coefficients": data.ArrayLayout(coefficient, cells)} if runtime else {}),
            "shift": 5,
            "offset": Shape(32, signed=True),
            "rounding": 3,
            **dict.fromkeys(Sides._fields, bits_for(len(BORDERS) - 1)),
            "border_value": Shape(filter.pixel.bits, signed=filter.pixel.signed),
            "bypass": 1,
        })
        self._filter = filter

    @classmethod
    def of(cls, filter: Filter) -> "Settings | None":
        """The settings of a filter with a register port; ``None`` of one without."""
        return cls(filter) if filter.registers else None

    def reset_value(self) -> dict[str, Any]:
        """The filter's own settings, as the registers are after a reset."""
        f = self._filter
        own = [tap for row in f.kernel for tap in row]
        return {
            **({"coefficients": own} if "coefficients" in self.members else {}),
            "shift": f.shift,
            "offset": f.offset,
            "rounding": ROUNDINGS.index(f.rounding),
            **{side: BORDERS.index(getattr(f.borders, side)) for side in Sides._fields},
            "border_value": f.border_value,
            "bypass": 0,
        }


class PipelineSettings(data.StructLayout):
    """What a frame goes through a pipeline with.

    Members
    -------
    NAME of a stage whose kernel is in registers : :class:`Settings`
        Of that stage.
    NAME of a parameter
        Its value, in its range.
    NAME of a stage whose table is in registers
        Which table it looks into: the design's own, or one that was ``written`` to a ``bank``.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._stages = {stage.name: Settings(stage.filter) for stage in controlled_stages(pipeline)}
        self._parameters = pipeline.parameters
        self._tables = runtime_tables(pipeline)
        super().__init__({
            **self._stages,
            **{each.name: interval_shape(each.range) for each in pipeline.parameters},
            **{each.name: data.StructLayout({"written": 1, "bank": range(TABLE_BANKS)})
               for each in self._tables},
        })

    def reset_value(self) -> dict[str, Any]:
        """The pipeline's own, as the registers are after a reset."""
        return {**{name: each.reset_value() for name, each in self._stages.items()},
                **{each.name: each.value for each in self._parameters},
                **{each.name: {"written": 0, "bank": 0} for each in self._tables}}


class TableWrites(data.StructLayout):
    """Entries of tables, as they are written.

    Members
    -------
    NAME of a stage : struct of ``enable``, ``address`` and ``data``
        As :class:`.TableStage` takes them.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__({
            each.name: data.StructLayout({
                "enable": 1, "address": range(TABLE_BANKS * len(each.entries)),
                "data": each.output.bits})
            for each in runtime_tables(pipeline)})


AnySettings: TypeAlias = Settings | PipelineSettings


def controlled_stages(pipeline: Pipeline) -> list[FilterStage]:
    """The stages whose kernel, border and rounding are in registers."""
    return [stage for stage in pipeline.stages
            if isinstance(stage, FilterStage) and stage.filter.registers]


def runtime_tables(design: Filter | Pipeline) -> list[TableStage]:
    """The stages whose table is in registers."""
    return [] if isinstance(design, Filter) else [
        stage for stage in design.stages if isinstance(stage, TableStage)]


def settings_of(design: Filter | Pipeline) -> AnySettings | None:
    """The settings of a design with a register port; ``None`` of one without."""
    if not design.registers:
        return None
    return Settings(design) if isinstance(design, Filter) else PipelineSettings(design)


class Extent(data.StructLayout):
    """Size of the input frame.

    Members
    -------
    width, height : unsigned(15)
        In pixels.
    """

    def __init__(self) -> None:
        super().__init__({"width": 15, "height": 15})


class Events(data.StructLayout):
    """What happens to a core's input, each for one cycle a time.

    Members
    -------
    short_line : 1 bit
        A line ended early; the missing samples are 0.
    long_line : 1 bit
        A line did not end where it should; what follows in it is dropped.
    early_start : 1 bit
        A frame started inside another one, whose missing samples are 0.
    stray : 1 bit
        Beats came between frames, after a frame's last line or without a start; they are dropped.
    frame : 1 bit
        A frame started.
    taken : 1 bit
        The frame that started took new settings.
    """

    def __init__(self) -> None:
        super().__init__(
            dict.fromkeys(("short_line", "long_line", "early_start", "stray", "frame", "taken"), 1))
