"""A box, a network and what it says, between a source and a screen."""

from typing import Any

import numpy as np
import numpy.typing as npt
from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ...hdl.network.core import NetworkCore
from ...hdl.network.planned import PlannedNetwork
from ..video.colour import RGBToLuma
from ..video.source import RGB_BEAT
from .box_sampler import BoxSampler
from .layout import Layout
from .overlay import Overlay, draw
from .scores import Scores


__all__ = ["Recogniser"]


class Recogniser(wiring.Component):
    """Shows a stream, and on it what a network sees in a box in the middle.

    Frames pass; none waits for the network. A frame's box is captured when the network has taken
    the last one, and its class is drawn from the start of the first frame that begins after it is
    known. A network of one channel gets the luma.

    Parameters
    ----------
    design : :class:`~windrow.hdl.network.planned.PlannedNetwork`
        A network that classifies, and how it is built: see :meth:`.Layout.of`.
    width, height : :class:`int`
        Of a frame, in pixels.
    target : :class:`str`
        A device family.
    inverted : :class:`bool`
        As of :class:`~.box_sampler.BoxSampler`.

    Raises
    ------
    :exc:`InputError`
        If the network does not classify a picture, or there is no room on the screen.

    Members
    -------
    i, o : streams of :py:`PixelBeat(u8, 3)`
        Whole frames.
    """

    latency = Overlay.latency
    restart_cycles = late_cycles = 0

    i: stream.Interface
    o: stream.Interface

    def __init__(
        self, design: PlannedNetwork, width: int, height: int, *, target: str = "generic",
        inverted: bool = False,
    ) -> None:
        self.network = network = design.network
        self.layout = layout = Layout.of(network, width, height)
        self.core = NetworkCore(network, target=target, plan=design.plan)
        self.strategy = self.core.strategy
        self._sampler = BoxSampler(
            layout, network.input.channels, network.input.sample,
            len(self.core.i.payload.samples), inverted=inverted)
        result = self.core.o.payload.samples
        self._scores = Scores(layout, network.tensor(network.output).sample, len(result))
        pixels = stream.Signature(RGB_BEAT)
        super().__init__({"i": In(pixels), "o": Out(pixels)})

    def compute(
        self, frame: npt.NDArray[np.uint8], seen: npt.NDArray[np.uint8] | None
    ) -> npt.NDArray[np.uint8]:
        """The model: a frame (height, width, 3), with what the network says of another one drawn
        over it; of none: it has said nothing yet."""
        if seen is None:
            return draw(frame, self.layout, None)
        pixels = (seen if self.network.input.channels == 3
                  else RGBToLuma.compute(seen)[:, :, None])
        result = self.network.compute(self._sampler.compute(pixels)[None])[0, :, 0, 0]
        if not self.layout.bars:
            return draw(frame, self.layout, int(result[0]))
        lowest = self.network.tensor(self.network.output).sample.minimum
        return draw(frame, self.layout, [int(each) - lowest for each in result])

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.sampler = sampler = self._sampler
        m.submodules.network = network = self.core
        m.submodules.scores = scores = self._scores
        m.submodules.overlay = overlay = Overlay(self.layout)
        wiring.connect(m, wiring.flipped(self.i), overlay.i)
        wiring.connect(m, overlay.o, wiring.flipped(self.o))
        wiring.connect(m, sampler.o, network.i)
        wiring.connect(m, network.o, scores.i)

        # The box sees what passes, and never stops it.
        passes = self.i.valid & self.i.ready
        seen = sampler.i
        if self.network.input.channels == 1:
            m.submodules.luma = luma = RGBToLuma()
            wiring.connect(m, luma.o, sampler.i)
            seen = luma.i
        m.d.comb += [
            seen.valid.eq(passes),
            Value.cast(seen.payload).eq(Value.cast(self.i.payload)),
            scores.starts.eq(passes & self.i.payload.first),
            overlay.known.eq(scores.known),
            overlay.tens.eq(scores.tens),
            overlay.ones.eq(scores.ones),
            overlay.score.eq(scores.score),
            scores.read_class.eq(overlay.read_class),
            scores.read_enable.eq(overlay.read_enable),
        ]
        return m
