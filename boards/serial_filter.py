"""A filter between a UART's two lines: for a board without a screen."""

from typing import Any

from amaranth import *
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from ..hdl import ControlledCore
from ..hdl.beat import PixelBeat
from ..model import Filter, Pipeline, Sample
from .suits import Rule, check_filter
from .uart import UARTReceiver, UARTTransmitter
from .video.beat_queue import BeatQueue
from .video.scan import Scan


__all__ = ["ByteFrames", "SerialFilter"]


class ByteFrames(wiring.Component):
    """Bytes as frames: the samples of each pixel, pixel by pixel, line by line.

    A frame that is not gone on with for a time is filled up with zeros, and the next byte is the
    first one of a frame.

    Combinational for the last byte of a pixel; throughput is a byte a cycle.

    Parameters
    ----------
    width, height : :class:`int`
        Of a frame, in pixels; at least 2 each.
    channels : :class:`int`
        Bytes of a pixel.
    patience : :class:`int`
        Clock cycles without a byte until a frame is filled up.

    Members
    -------
    i : stream of :py:`unsigned(8)`
        Bytes.
    o : stream of :py:`PixelBeat(u8, channels)`
        Frames.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, width: int, height: int, channels: int, patience: int) -> None:
        self._size = (width, height)
        self._channels = channels
        self._patience = patience
        super().__init__({
            "i": In(stream.Signature(8)),
            "o": Out(stream.Signature(PixelBeat(Sample.parse("u8"), channels))),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        held = Signal(8 * (self._channels - 1))
        part = Signal(range(self._channels))
        whole = part == self._channels - 1
        fills = Signal()
        takes = self.i.valid & self.i.ready
        moves = self.o.valid & self.o.ready
        m.submodules.scan = scan = EnableInserter(moves)(Scan(*self._size))
        place = scan.o
        m.d.comb += [
            self.i.ready.eq(~fills & (self.o.ready | ~whole)),
            self.o.valid.eq(fills | (self.i.valid & whole)),
            Value.cast(self.o.payload.samples).eq(Mux(fills, 0, Cat(held, self.i.payload))),
            self.o.payload.first.eq(place.first),
            self.o.payload.last.eq(place.last),
        ]
        idle = Signal(range(self._patience + 1))
        begun = ~place.first | (part != 0)
        m.d.sync += idle.eq(Mux(takes | fills | ~begun, 0, idle + 1))
        with m.If(takes):
            m.d.sync += [part.eq(Mux(whole, 0, part + 1)), held.eq(Cat(held, self.i.payload)[8:])]
        with m.Elif(idle == self._patience):
            m.d.sync += [fills.eq(1), part.eq(0)]
        with m.If(fills & moves & place.end):
            m.d.sync += fills.eq(0)
        return m


class SerialFilter(wiring.Component):
    """Filters pictures that come over a serial line, and sends the results back.

    A picture is its samples of eight bits, the channels of a pixel one after the other, pixel by
    pixel and line by line, with nothing around them; so is the result. The computer should send two
    stop bits, so that results, which have one, keep up with it.

    A transfer that breaks off is over after a time: the picture is filled up with zeros, its result
    comes to an end, and the next byte starts a picture.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter` or :class:`~windrow.model.Pipeline`
        The filter or the pipeline, of samples ``u8`` in and out, a pixel a clock, grey or colour; a
        result may not be larger than its picture.
    family : :class:`str`
        Device family.
    clock : :class:`float`
        Frequency of ``sync``, in hertz.
    baud : :class:`float`
        Bits a second.
    patience : :class:`float`
        Seconds without a byte until a transfer has broken off.

    Raises
    ------
    :exc:`InputError`
        If the filter is another one, or the rate cannot be had.

    Members
    -------
    rx : :py:`In(1)`, tx : :py:`Out(1)`
        The lines.
    """

    rx: Signal
    tx: Signal

    def __init__(
        self, filter: Filter | Pipeline, *, family: str, clock: float, baud: float,
        patience: float = 0.1,
    ) -> None:
        check_filter(filter, "a serial line", (
            Rule("channels", filter.channels in (1, 3), "1 for grey or 3 for colour"),
            Rule("outputs" if isinstance(filter, Pipeline) else "padding",
                 filter.output_width * filter.output_height <= filter.width * filter.height,
                 "one that makes the picture no larger"),
        ))
        self.core = ControlledCore(filter, target=family)
        self._filter = filter
        self._frames = ByteFrames(
            filter.width, filter.height, filter.channels, int(clock * patience))
        self._receiver = UARTReceiver(clock, baud)
        self._transmitter = UARTTransmitter(clock, baud)
        receives: Any = In  # `init` is missing in amaranth-stubs 0.5.0
        sends: Any = Out
        super().__init__({"rx": receives(1, init=1), "tx": sends(1, init=1)})

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.receiver = receiver = self._receiver
        m.submodules.frames = frames = self._frames
        m.submodules.core = core = self.core
        m.submodules.transmitter = transmitter = self._transmitter
        # At a frame's end the core makes its last rows at once, and takes nothing meanwhile where
        # they find no place. A receiver cannot wait.
        m.submodules.queue = queue = BeatQueue(core.o.payload.shape(), self.core.core.latency + 16)
        wiring.connect(m, receiver.o, frames.i)
        wiring.connect(m, frames.o, core.i)
        wiring.connect(m, core.o, queue.i)
        m.d.comb += [receiver.rx.eq(self.rx), self.tx.eq(transmitter.tx)]

        # A pixel's samples one after the other.
        channels = self._filter.output_format.channels
        rest = Signal(8 * channels)
        left = Signal(range(channels + 1))
        m.d.comb += [
            queue.o.ready.eq(left == 0),
            transmitter.i.payload.eq(rest[:8]),
            transmitter.i.valid.eq(left != 0),
        ]
        with m.If(queue.o.valid & queue.o.ready):
            m.d.sync += [
                rest.eq(Value.cast(queue.o.payload.samples)),
                left.eq(channels),
            ]
        with m.Elif(transmitter.i.valid & transmitter.i.ready):
            m.d.sync += [rest.eq(rest >> 8), left.eq(left - 1)]
        return m
