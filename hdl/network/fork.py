"""One stream for several readers."""

from typing import Any

from amaranth import *
from amaranth.hdl import ShapeLike
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out


__all__ = ["Fork"]


class Fork(wiring.Component):
    """Gives every beat to each reader as soon as that takes it; the next comes when all have it.

    Combinational. ``o_N.valid`` depends on ``i.valid`` alone.

    Parameters
    ----------
    shape : :ref:`shape-like <lang-shapelike>`
        A beat.
    count : :class:`int`
        Readers.

    Members
    -------
    i : stream of ``shape``
        Input.
    o_0, o_1, ... : streams of ``shape``
        What the readers take.
    """

    i: stream.Interface

    def __init__(self, shape: ShapeLike, count: int) -> None:
        self._count = count
        super().__init__({
            "i": In(stream.Signature(shape)),
            **{f"o_{number}": Out(stream.Signature(shape)) for number in range(count)},
        })

    @property
    def outputs(self) -> list[Any]:
        """The readers' streams."""
        return [getattr(self, f"o_{number}") for number in range(self._count)]

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        has = Signal(self._count)
        done = Cat(has[number] | port.ready for number, port in enumerate(self.outputs))
        m.d.comb += self.i.ready.eq(done.all())
        for number, port in enumerate(self.outputs):
            m.d.comb += [
                Value.cast(port.payload).eq(Value.cast(self.i.payload)),
                port.valid.eq(self.i.valid & ~has[number]),
            ]
        with m.If(self.i.valid):
            m.d.sync += has.eq(Mux(self.i.ready, 0, done))
        return m
