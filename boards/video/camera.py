"""A camera: set up, captured, and taken over into the clock of what follows."""

from typing import Any

from amaranth import *
from amaranth.lib import cdc, fifo, stream, wiring
from amaranth.lib.wiring import In, Out

from ...hdl.beat import PixelBeat
from ...model import InputError, Sample
from ...model.errors import nearest
from .dvp import DVPCapture, DVPWord
from .sccb import CameraTable, SCCBSetup
from .unpack import UNPACKERS


__all__ = ["Camera"]


class Camera(wiring.Component):
    """Pixels of a camera with a parallel port, as a stream.

    A camera cannot wait. Its pixels cross into ``sync`` in an asynchronous queue; where that is
    full, the rest of the frame is dropped, and the next one is whole again (``overflow``). Frames
    come as the camera sends them: if a cable is pulled, a line or a frame is cut short, and what
    comes after it starts with ``first``, as far as the camera itself starts a frame with VSYNC.

    After a time without a frame the camera is set up anew: one that was plugged in again has
    forgotten everything. It is set up anew, over and over, as long as there is none.

    The domain ``camera`` is the camera's pixel clock, of any frequency and any phase. It may stop.

    Parameters
    ----------
    table : :class:`~.sccb.CameraTable`
        How to set it up; it must send the format that ``unpack`` wants.
    unpack : :class:`str`
        What to make of its bytes, a name in :data:`~.unpack.UNPACKERS`: ``rgb565`` to red, green,
        blue; of YUV422 ``grey`` or ``yuv422``, which is Y, Cb, Cr.
    clock : :class:`float`
        Frequency of ``sync``, in hertz.
    depth : :class:`int`
        Pixels in the queue, a power of two; at least 8.
    patience : :class:`int`
        Milliseconds without a frame that starts, until the camera is set up anew.
    rate, power_up
        As in :class:`~.sccb.SCCBSetup`.

    Raises
    ------
    :exc:`InputError`
        If there is no such ``unpack``, or ``depth`` is none.

    Members
    -------
    vsync, href : :py:`In(1)`, data : :py:`In(8)`
        Pins, in time with the domain ``camera``.
    scl, sda : :py:`Out(1)`, sda_in : :py:`In(1)`
        SCCB lines; 0 pulls low, 1 lets go.
    o : stream of :py:`PixelBeat(u8, 3 or 1)`
        Frames.
    overflow : :py:`Out(1)`
        Pixels were lost; for one cycle, once a frame at most.
    present : :py:`Out(1)`
        A frame has started within the time of ``patience``.
    refused : :py:`Out(1)`
        The set-up was not answered.
    """

    vsync: Signal
    href: Signal
    data: Signal
    scl: Signal
    sda: Signal
    sda_in: Signal
    o: stream.Interface
    overflow: Signal
    present: Signal
    refused: Signal

    def __init__(
        self, table: CameraTable, unpack: str, clock: float, *, depth: int = 64,
        patience: int = 500, rate: float = 100_000, power_up: int = 20,
    ) -> None:
        if unpack not in UNPACKERS:
            raise InputError(f"unpack {unpack!r} is not known; {nearest(unpack, UNPACKERS)}")
        if depth < 8 or depth & (depth - 1):
            raise InputError(f"depth must be a power of two and at least 8, not {depth}")
        self._depth = depth
        self._patience = max(int(clock * patience / 1000), 1)
        self._unpacker = UNPACKERS[unpack]()
        self.table = table
        self._setup = SCCBSetup(table, clock, rate=rate, power_up=power_up)
        beat = PixelBeat(Sample.parse("u8"), self._unpacker.samples)
        super().__init__({
            "vsync": In(1),
            "href": In(1),
            "data": In(8),
            "scl": Out(1),
            "sda": Out(1),
            "sda_in": In(1),
            "o": Out(stream.Signature(beat)),
            "overflow": Out(1),
            "present": Out(1),
            "refused": Out(1),
        })

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.setup = setup = self._setup
        m.submodules.capture = capture = DVPCapture()
        m.submodules.unpacker = unpacker = self._unpacker
        m.submodules.queue = queue = fifo.AsyncFIFOBuffered(
            width=Shape.cast(DVPWord()).width, depth=self._depth + 1,
            w_domain="camera", r_domain="sync")
        m.submodules.overflow = overflow = cdc.PulseSynchronizer("camera", "sync")

        # A frame goes in up to the first pixel that finds no place.
        open_frame = Signal()
        enters = Mux(capture.o.first, queue.w_rdy, open_frame & queue.w_rdy)
        m.d.comb += [
            capture.vsync.eq(self.vsync),
            capture.href.eq(self.href),
            capture.data.eq(self.data),
            queue.w_data.eq(Value.cast(capture.o)),
            queue.w_en.eq(capture.valid & enters),
            overflow.i.eq(capture.valid & ~enters & (open_frame | capture.o.first)),
            self.overflow.eq(overflow.o),
        ]
        with m.If(capture.valid):
            m.d.camera += open_frame.eq(enters)

        m.d.comb += [
            Value.cast(unpacker.i.payload).eq(queue.r_data),
            unpacker.i.valid.eq(queue.r_rdy),
            queue.r_en.eq(unpacker.i.ready),
        ]
        wiring.connect(m, unpacker.o, wiring.flipped(self.o))

        left = Signal(range(self._patience + 1))
        starts = queue.r_rdy & unpacker.i.payload.first
        m.d.comb += [
            self.scl.eq(setup.scl),
            self.sda.eq(setup.sda),
            setup.sda_in.eq(self.sda_in),
            self.refused.eq(setup.refused),
            setup.restart.eq(left == 0),
        ]
        with m.If(starts):
            m.d.sync += [left.eq(self._patience), self.present.eq(1)]
        with m.Elif(~setup.done):
            m.d.sync += left.eq(self._patience)
        with m.Elif(left != 0):
            m.d.sync += left.eq(left - 1)
        with m.Else():
            m.d.sync += self.present.eq(0)
        return m
