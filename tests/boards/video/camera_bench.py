"""A behavioural OV7670 on the pins of a component, at a clock of its own."""

import random
from collections.abc import Iterable

from amaranth import *
from amaranth.sim import Simulator

from windrow.boards.video.camera_model import SCCBListener


__all__ = ["CameraBench"]


class CameraBench:
    """Drives the pins and the pixel clock of a camera, and listens on its set-up wires.

    Parameters
    ----------
    dut : component
        With the members ``vsync``, ``href``, ``data``, ``scl``, ``sda`` and ``sda_in`` of
        :class:`~windrow.boards.video.camera.Camera`, and the domains ``sync`` and ``camera``.
    camera : component
        That has them, if it is not ``dut`` itself.
    period : :class:`float`
        Of the pixel clock, in cycles of ``sync``.
    jitter : :class:`float`
        Each of its edges may be early or late by as much, as a part of the period.
    """

    def __init__(self, dut, camera=None, *, period: float, jitter: float = 0.0, seed: int = 0,
                 listener: SCCBListener | None = None) -> None:
        self._camera = dut if camera is None else camera
        self._period = period * 1e-8
        self._jitter = jitter
        self._rng = random.Random(seed)
        self.listener = listener or SCCBListener(0x42, 1)
        self._pclk = Signal()
        m = Module()
        m.domains.sync = ClockDomain()
        m.domains.camera = domain = ClockDomain(reset_less=True)
        m.d.comb += domain.clk.eq(self._pclk)
        m.submodules.dut = dut
        self.simulator = Simulator(m)
        self.simulator.add_clock(1e-8)
        self.simulator.add_testbench(self._listen, background=True)

    async def _listen(self, ctx) -> None:
        camera = self._camera
        async for _, _, scl, sda in ctx.tick().sample(camera.scl, camera.sda):
            ctx.set(camera.sda_in, sda & self.listener.step(scl, sda))

    async def play(self, ctx, cycles: Iterable[tuple[int, int, int]]) -> None:
        """Put VSYNC, HREF and data on the pins; they change as the pixel clock falls."""
        camera = self._camera
        half = self._period / 2
        for vsync, href, byte in cycles:
            ctx.set(camera.vsync, vsync)
            ctx.set(camera.href, href)
            ctx.set(camera.data, byte)
            # An edge that is late makes the next half as much shorter.
            late = half * self._jitter * self._rng.uniform(-1, 1)
            await ctx.delay(half + late)
            ctx.set(self._pclk, 1)
            await ctx.delay(half - late)
            ctx.set(self._pclk, 0)
