"""From pushes to the kernel's rows: line buffer and vertical border."""

from typing import Any

from amaranth import *
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ..devices import Device
from ..framing.push import Push
from ..geometry import Geometry
from .line_buffer import LineBuffer
from .row_border import RowBorder


__all__ = ["Lines"]


class Lines(wiring.Component):
    """The Kh samples of each column that the kernel lies on, border included.

    Where several windows lie on one frame, they :meth:`share` one line buffer, which is deep enough
    for all of them.

    Latency is :attr:`latency` cycles, throughput is one push a cycle.

    Parameters
    ----------
    geometry : :class:`~.geometry.Geometry`
        The frame.
    device : :class:`~.devices.Device`
        Whose memory to use.
    settings : struct or ``None``
        As of :class:`~.row_border.RowBorder`.

    Members
    -------
    i : :py:`In(Push)`
        Pushes.
    settings : :py:`In(Settings)`
        Those of the newest frame. Only where there are settings.
    o : :py:`Out(Beat)`
        The same pushes with the samples of their columns, from top to bottom.
    """

    i: Any
    settings: Any
    o: Any

    def __init__(
        self, geometry: Geometry, device: Device,
        settings: data.StructLayout | None = None,
    ) -> None:
        self._runtime = settings is not None
        self._geometry = geometry
        self._memory = device.line_memory
        self._shared: LineBuffer | None = None
        self._row_border = RowBorder(geometry, self._memory.read_latency, settings)
        super().__init__({
            "i": In(Push(geometry)),
            **({"settings": In(settings)} if settings is not None else {}),
            "o": Out(self._row_border.o.shape()),
        })

    def share(self, line_buffer: LineBuffer) -> None:
        """Use the lines of a buffer of the same pushes, instead of keeping some."""
        self._shared = line_buffer

    @property
    def latency(self) -> int:
        """Cycles from a push to its columns."""
        return self._row_border.latency

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.row_border = row_border = self._row_border
        line_buffer = self._shared
        if line_buffer is None:
            m.submodules.line_buffer = line_buffer = LineBuffer(self._geometry, self._memory)
            m.d.comb += line_buffer.i.eq(self.i)
        m.d.comb += [
            row_border.push.eq(self.i),
            Value.cast(row_border.column).eq(Value.cast(line_buffer.o)),
            row_border.column_push.eq(line_buffer.o_push),
            self.o.eq(row_border.o),
        ]
        if self._runtime:
            m.d.comb += row_border.settings.eq(self.settings)
        return m
