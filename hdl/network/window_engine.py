"""What every layer with a window is made of: windows, sums, samples."""

from collections.abc import Sequence

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.interval import Interval
from ...model.network.linear_form import Form
from ..delay import delayed
from ..devices import Device
from .passes import Passes
from .results import Results
from .window_reader import WindowReader


__all__ = ["WindowEngine"]


class WindowEngine(wiring.Component):
    """Reads windows out of a memory of rows, gathers what it sees, and makes samples of it.

    A cycle takes one word of a tap, or of a column of taps. What is gathered of a pass is handed on
    while the next pass is at work.

    A frame takes the cycles of :func:`~windrow.model.network.folding.cycles`, frames back to back,
    as long as rows come and results are taken in time. ``i.ready`` does not depend on ``i.valid``,
    nor ``o.valid`` on ``o.ready``.

    Parameters
    ----------
    passes : :class:`~.passes.Passes`
        What is read and made when.
    rows : :class:`int`
        Rows of the input that are kept; at least as many as a window sees.
    fill : :class:`int`
        The sample outside the frame.
    device : :class:`~..devices.Device`
        Whose memories and multipliers to use.
    gather_latency : :class:`int`
        Cycles from the last samples of a pass to what was gathered.
    gathered : :class:`~windrow.model.interval.Interval`
        Its range.
    forms : sequence of sequences of :class:`~windrow.model.network.linear_form.Form`
        As of :class:`~.results.Results`.
    numbered : :class:`bool`
        Likewise.

    Attributes
    ----------
    taken, given : tuple of :class:`int`
        Samples of each beat of a pixel, at ``i`` and at ``o``.

    Members
    -------
    i, o : streams of arrays of samples
        Pixels in raster order, each in some beats, their samples in the lowest lanes.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(
        self, passes: Passes, rows: int, fill: int, device: Device, *, gather_latency: int,
        gathered: Interval, forms: Sequence[Sequence[Form]] | None,
        numbered: bool = False,
    ) -> None:
        self.passes = passes
        self.reader = WindowReader(passes, rows, fill, device)
        # From a step to what was gathered with it.
        self._latency = self.reader.latency + gather_latency
        self.results = Results(
            forms, [len(channels) for channels in passes.channels], passes.outputs,
            len(passes.steps), gathered, passes.layer.output.sample, device,
            begun=len(passes.steps) - 1 + self._latency, numbered=numbered)
        self.taken = tuple(len(channels) for channels in passes.word_channels)
        self.given = self.results.given
        super().__init__({
            "i": In(stream.Signature(self.reader.i.payload.shape())),
            "o": Out(stream.Signature(self.results.o.payload.shape())),
        })

    @property
    def inputs(self) -> list[stream.Interface]:
        """The streams of the inputs."""
        return [self.i]

    @property
    def latencies(self) -> tuple[int, int]:
        """Cycles from a row's first step to its first beat at ``o``, and from its last to its last,
        while nothing waits."""
        return (len(self.passes.steps) - 1 + self._latency + self.results.latency(0),
                self._latency + self.results.last_latency)

    def gather(self, m: Module, first: Value) -> None:
        """Make ``self.results.i`` of ``self.reader.samples``.

        ``first`` is true with the first samples of a pass.
        """
        raise NotImplementedError

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.reader = reader = self.reader
        m.submodules.results = results = self.results
        wiring.connect(m, wiring.flipped(self.i), reader.i)
        wiring.connect(m, results.o, wiring.flipped(self.o))
        m.d.comb += [
            reader.room.eq(results.room),
            results.early.eq(delayed(
                m, reader.step & reader.last, self._latency - 1, name="done")),
        ]
        self.gather(m, delayed(m, reader.step & reader.first, reader.latency, name="first"))
        return m
