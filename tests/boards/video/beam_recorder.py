"""What a component sends to the screen, as a monitor sees it."""

import numpy as np

from windrow.boards.video.signal import VideoSignal


class BeamRecorder:
    """Takes the output of a component in each cycle."""

    def __init__(self, beam) -> None:
        self._beam = beam
        self._seen: list[tuple[int, ...]] = []

    async def record(self, ctx) -> None:
        """Record for ever; a background test bench."""
        async for _, _, beam in ctx.tick().sample(self._beam):
            self._seen.append((beam.red, beam.green, beam.blue, beam.hsync, beam.vsync,
                               beam.active))

    def signal(self) -> VideoSignal:
        """What was seen so far."""
        seen = np.array(self._seen)
        return VideoSignal(seen[:, :3].astype(np.uint8), *(seen[:, 3:].T == 1))
