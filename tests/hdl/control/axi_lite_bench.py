"""A master on an AXI4-Lite port in Amaranth's simulator, which watches the port's rules."""

import random
from typing import Any


class Master:
    """Reads and writes, with random pauses before and between the channels' handshakes.

    Parameters
    ----------
    bus : AXI4-Lite interface
        The port, or whatever has signals of these names.
    rng : :class:`random.Random`
        Of the pauses.
    pause : :class:`float`
        Chance of another cycle's pause.
    """

    def __init__(self, bus: Any, rng: random.Random, pause: float = 0.5) -> None:
        self.bus = bus
        self.rng = rng
        self.pause = pause
        self.patience = 64
        self.cycles: dict[str, int] = {}
        """Of the last access of either kind: from its last handshake to its answer's valid."""

    async def _idle(self, ctx: Any) -> None:
        while self.rng.random() < self.pause:
            await ctx.tick()

    async def write(self, ctx: Any, address: int, word: int, strobe: int = 0xF) -> int:
        """Write, and return the answer."""
        bus = self.bus
        left = {"aw": {"awaddr": address, "awprot": self.rng.getrandbits(3)},
                "w": {"wdata": word, "wstrb": strobe}}
        offered: set[str] = set()
        waited = 0
        while left:
            for channel, payload in left.items():
                if channel not in offered and self.rng.random() >= self.pause:
                    offered.add(channel)
                    ctx.set(getattr(bus, f"{channel}valid"), 1)
                    for name, value in payload.items():
                        ctx.set(getattr(bus, name), value)
            _, _, aw, w, b = await ctx.tick().sample(bus.awready, bus.wready, bus.bvalid)
            assert not b, "an answer before the write"
            for channel, ready in (("aw", aw), ("w", w)):
                if channel in offered and channel in left:
                    waited += 1
                    assert waited < self.patience, f"{channel} is not taken"
                    if ready:
                        del left[channel]
                        ctx.set(getattr(bus, f"{channel}valid"), 0)
                        self._scramble(ctx, channel)
        return (await self._answer(ctx, "write", "b", bus.bresp))[0]

    async def read(self, ctx: Any, address: int) -> tuple[int, int]:
        """Read, and return the word and the answer."""
        bus = self.bus
        await self._idle(ctx)
        ctx.set(bus.arvalid, 1)
        ctx.set(bus.araddr, address)
        ctx.set(bus.arprot, self.rng.getrandbits(3))
        for _ in range(self.patience):
            _, _, ready, valid = await ctx.tick().sample(bus.arready, bus.rvalid)
            assert not valid, "an answer before the read"
            if ready:
                break
        else:
            raise AssertionError("ar is not taken")
        ctx.set(bus.arvalid, 0)
        self._scramble(ctx, "ar")
        word, answer = await self._answer(ctx, "read", "r", bus.rdata, bus.rresp)
        return word, answer

    def _scramble(self, ctx: Any, channel: str) -> None:
        """Nothing may look at what is not valid."""
        names = {"aw": ("awaddr",), "w": ("wdata", "wstrb"), "ar": ("araddr",)}[channel]
        for name in names:
            ctx.set(getattr(self.bus, name), self.rng.getrandbits(len(getattr(self.bus, name))))

    async def _answer(self, ctx: Any, access: str, channel: str, *payload: Any) -> tuple[int, ...]:
        bus = self.bus
        valid, ready = getattr(bus, f"{channel}valid"), getattr(bus, f"{channel}ready")
        held: tuple[int, ...] | None = None
        for cycle in range(self.patience):
            takes = self.rng.random() >= self.pause
            ctx.set(ready, takes)
            _, _, is_valid, *now = await ctx.tick().sample(valid, *payload)
            if is_valid:
                if held is None:
                    self.cycles[access] = cycle + 1
                assert held in (None, tuple(now)), "the answer changed while it waited"
                held = tuple(now)
                if takes:
                    ctx.set(ready, 0)
                    return held
            assert is_valid or held is None, "the answer was withdrawn"
        raise AssertionError(f"no answer to a {access}")
