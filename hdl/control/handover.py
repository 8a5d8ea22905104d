"""From what is committed to what the stages of the pipeline work with."""

from typing import Any

from amaranth import *
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ...model import Filter
from ...model.pipeline import Pipeline
from ..delay import late_reset
from ..settings import Extent, settings_of


__all__ = ["Handover"]


class Handover(wiring.Component):
    """Hands the settings of each frame to the stages, which take their parts in turn.

    The first row of a frame comes in while the last rows of the frame before go out. So a frame's
    settings stand in one register from its start on, and each stage copies its part of them when
    the frame's first beat comes to it. Until all have, the register must stay as it is: a commit
    that comes meanwhile waits, and only where frames are so small that a next one would start
    before does that frame wait too.

    A new size is for the sequencer, which has finished with a frame before it takes it.

    Parameters
    ----------
    design : :class:`~windrow.model.Filter` or :class:`~windrow.model.pipeline.Pipeline`
        The design, whose settings are in force after a reset.
    most_frames : :class:`int`
        As many frames may have started whose first beat is not through yet.
    sizing_cycles : :class:`int`
        Cycles from a new size to the start of a frame of that size.

    Members
    -------
    settings : :py:`In(settings_of(design))`
        What was committed.
    extent : :py:`In(Extent)`
        Likewise the size.
    pending : :py:`In(1)`
        There is a commit that was not taken, from the cycle before its settings are there.
    resized : :py:`In(1)`
        With ``pending``: it wrote the size.
    started : :py:`In(1)`
        A frame starts.
    turned : :py:`In(1)`
        The last stage copies its part, or has done so.
    idle : :py:`In(1)`
        There is no frame whose pushes are not all made.
    taken : :py:`Out(settings_of(design))`
        Those of the newest frame, from the cycle after its start on.
    size : :py:`Out(Extent)`
        Size of the frames.
    took : :py:`Out(1)`
        The commit is taken: by the frame that starts or, a new size, for the next one. In the cycle
        before the settings of another are there it is not that one.
    hold : :py:`Out(1)`
        No frame may start. A cycle late, so that the sequencer has it out of a register.
    """

    settings: Any
    extent: Any
    pending: Signal
    resized: Signal
    started: Signal
    turned: Signal
    idle: Signal
    taken: Any
    size: Any
    took: Signal
    hold: Signal

    def __init__(
        self, design: Filter | Pipeline, most_frames: int, sizing_cycles: int
    ) -> None:
        self._most_frames = most_frames
        self._sizing_cycles = sizing_cycles
        self._design = design
        settings = settings_of(design)
        assert settings is not None
        self._settings = settings
        super().__init__({
            "settings": In(settings),
            "extent": In(Extent()),
            "pending": In(1),
            "resized": In(1),
            "started": In(1),
            "turned": In(1),
            "idle": In(1),
            "taken": Out(settings),
            "size": Out(Extent()),
            "took": Out(1),
            "hold": Out(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        own_settings: Any = self._settings.reset_value()
        own_size: Any = {"width": self._design.width, "height": self._design.height}
        taken: Any = Signal(self._settings, init=own_settings, reset_less=True)
        size: Any = Signal(Extent(), init=own_size)
        m.d.comb += [self.taken.eq(taken), self.size.eq(size)]

        # Frames that have started and whose first beat is not through. What is compared is
        # registered: all of the settings wait for it.
        frames = Signal(range(self._most_frames + 1))
        settled = Signal(init=1)
        with m.If(self.started & ~self.turned):
            m.d.sync += [frames.eq(frames + 1), settled.eq(0)]
        with m.Elif(~self.started & self.turned):
            m.d.sync += [frames.eq(frames - 1), settled.eq(frames == 1)]

        # While a new size waits no frame starts; a few idle cycles on, none can be about to.
        calm = Signal(4)
        resizes = Signal()
        resizing = Signal()
        left = Signal(range(self._sizing_cycles))
        sizing = Signal()
        m.d.comb += resizes.eq(calm.all() & ~resizing)
        m.d.sync += [
            calm.eq(Cat(self.pending & self.resized & settled & self.idle & ~resizing, calm[:-1])),
            resizing.eq(resizes),
        ]
        with m.If(resizing):
            m.d.sync += [
                size.eq(self.extent), sizing.eq(1), left.eq(self._sizing_cycles - 1)]
        with m.Else():
            m.d.sync += [sizing.eq(left != 0), left.eq(left - (left != 0))]

        # A commit is copied again and again until a frame starts: another may overwrite it. Whether
        # it is to be stands in two registers, one for the many that are enabled and are far away,
        # and one for the answer. They stay two, since only one has a reset (yosys merges likes).
        waits = self.pending & settled & ~self.started & ~self.resized
        enables = Signal(reset_less=True)
        answers = Signal()
        m.d.sync += [enables.eq(waits | resizes), answers.eq(waits)]
        with m.If(enables):
            m.d.sync += taken.eq(self.settings)
        late_reset(m, taken)

        m.d.comb += self.took.eq(resizing | (answers & self.started))
        m.d.sync += self.hold.eq((self.pending & (~settled | self.resized)) | sizing)
        return m
