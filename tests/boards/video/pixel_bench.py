"""Frames as beats, into a component and out of it."""

import random
from collections.abc import Iterable, Sequence

import numpy as np


__all__ = ["Beat", "beats", "random_frames", "send", "take"]

Beat = tuple[list[int], int, int]
"""Samples, first, last."""


def random_frames(height: int, width: int, count: int, seed: int = 1) -> np.ndarray:
    """Frames of noise: (count, height, width, 3)."""
    return np.random.default_rng(seed).integers(0, 256, (count, height, width, 3))


def beats(frames: Iterable[np.ndarray]) -> list[Beat]:
    """The beats of whole frames."""
    made: list[Beat] = []
    for frame in frames:
        height, width, channels = np.atleast_3d(frame).shape
        samples = np.reshape(frame, (height, width, channels)).tolist()
        made += [(samples[y][x], int(x == y == 0), int(x == width - 1))
                 for y in range(height) for x in range(width)]
    return made


async def send(ctx, stream, made: Sequence[Beat], stall: float = 0.0, seed: int = 0) -> None:
    """Send beats, each with a random pause before it; ready must come."""
    rng = random.Random(seed)
    for samples, first, last in made:
        while rng.random() < stall:
            ctx.set(stream.valid, 0)
            await ctx.tick()
        ctx.set(stream.valid, 1)
        ctx.set(stream.payload, {"samples": samples, "first": first, "last": last})
        async for _, _, ready in ctx.tick().sample(stream.ready):
            if ready:
                break
    ctx.set(stream.valid, 0)


async def take(ctx, stream, count: int, stall: float = 0.0, seed: int = 1) -> list[Beat]:
    """Take beats under random stalls; what is offered must be held until it is taken."""
    rng = random.Random(seed)
    taken: list[Beat] = []
    held = None
    waited = 0
    while len(taken) < count:
        ready = rng.random() >= stall
        ctx.set(stream.ready, ready)
        _, _, valid, payload = await ctx.tick().sample(stream.valid, stream.payload)
        now = (list(payload.samples), payload.first, payload.last) if valid else None
        assert held in (None, now), "not held until it was taken"
        held = None if ready else now
        if valid and ready:
            taken.append(now)
        waited = 0 if valid else waited + 1
        assert waited < 10_000, f"nothing comes after beat {len(taken)}"
    ctx.set(stream.ready, 0)
    return taken
