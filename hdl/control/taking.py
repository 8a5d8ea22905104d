"""The side of a core that its registers face: what it is given, and how its frames take it."""

from typing import Any

from amaranth import *
from amaranth.lib.wiring import In, Out

from ...model import Filter
from ...model.pipeline import Pipeline
from ..settings import Events, Extent, TableWrites, runtime_tables, settings_of
from .handover import Handover


__all__ = ["hand_over", "ports"]


def ports(design: Filter | Pipeline) -> dict[str, Any]:
    """The members of a core that has settings; none where it has none."""
    settings = settings_of(design)
    if settings is None:
        return {}
    given: Any = In  # `init` is missing in amaranth-stubs 0.5.0
    return {
        "settings": given(settings, init=settings.reset_value()),
        "extent": given(Extent(), init={"width": design.width, "height": design.height}),
        "pending": In(1),
        "resized": In(1),
        "enable": given(1, init=1),
        "events": Out(Events()),
        **({"tables": In(TableWrites(design))} if isinstance(design, Pipeline) and runtime_tables(
            design) else {}),
    }


def hand_over(
    m: Module, core: Any, handover: Handover, sequencer: Any, turned: Value
) -> None:
    """Connect a core's :func:`ports`, its handover and its sequencer.

    ``turned`` is true for one cycle a frame, when the last stage has what it is to work with.
    """
    m.submodules.handover = handover
    m.d.comb += [
        handover.settings.eq(core.settings),
        handover.extent.eq(core.extent),
        handover.pending.eq(core.pending),
        handover.resized.eq(core.resized),
        handover.started.eq(sequencer.started),
        handover.idle.eq(sequencer.idle),
        handover.turned.eq(turned),
        sequencer.hold.eq(handover.hold),
        core.events.eq(sequencer.events),
        core.events.taken.eq(handover.took),
        sequencer.discard.eq(~core.enable),
    ]
    if "extent" in sequencer.signature.members:
        m.d.comb += sequencer.extent.eq(handover.size)
