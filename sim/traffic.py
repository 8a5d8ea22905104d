"""How the two streams flow: stalls, gaps and resets, the same in every engine."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..model.errors import InputError


__all__ = ["SplitMix", "Traffic"]

_MASK = (1 << 64) - 1


class SplitMix:
    """SplitMix64 by Steele, Lea and Flood (OOPSLA 2014): 64 good bits from an add and two products.

    Small enough to be written out alike in Python, C++ and Verilog.
    """

    def __init__(self, state: int) -> None:
        self.state = state & _MASK

    def next(self) -> int:
        """Return the next 64 bits."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & _MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """How the two streams of a core flow.

    Cycles are counted from the end of reset. ``gap``, ``late`` and ``hold`` take one number, or
    several that the frames use in turn.

    Parameters
    ----------
    stall : :class:`float`
        Probability, in each cycle, that the source does not offer a waiting beat, and likewise
        that the sink is not ready. 0 to 0.99.
    seed : :class:`int`
        Of the two random streams, which are independent of each other.
    gap : :class:`int` or sequence
        Idle cycles before a frame's first input beat, from the second frame on.
    late : :class:`int` or sequence
        Idle cycles before a frame's last input beat.
    hold : :class:`int` or sequence
        Cycles for which the sink lets a frame's last output beat wait.
    reset_at : :class:`int` or ``None``
        The clock edge after which ``aresetn`` falls. After the reset all frames are sent once
        more, from the first; what came out before is dropped. A later one than the run has never
        happens.
    reset_cycles : :class:`int`
        Length of every reset, in cycles.
    """

    stall: float = 0.0
    seed: int = 0
    gap: int | Sequence[int] = 0
    late: int | Sequence[int] = 0
    hold: int | Sequence[int] = 0
    reset_at: int | None = None
    reset_cycles: int = 4

    def __post_init__(self) -> None:
        if not (isinstance(self.stall, int | float) and 0 <= self.stall <= 0.99):
            raise InputError(f"stall must be a probability from 0 to 0.99, not {self.stall!r}")
        for name in ("gap", "late", "hold"):
            value = getattr(self, name)
            cycles = (value,) if isinstance(value, int) else tuple(value)
            if not cycles or any(count < 0 for count in cycles):
                raise InputError(f"{name} must be cycles, 0 or more, not {value!r}")
            object.__setattr__(self, name, cycles)
        if self.reset_at is not None and self.reset_at < 0:
            raise InputError(f"reset_at must be a cycle, 0 or later, not {self.reset_at!r}")
        if self.reset_cycles < 1:
            raise InputError(f"reset_cycles must be at least 1, not {self.reset_cycles!r}")

    def cycles(self, name: str, frame: int) -> int:
        """Return ``gap``, ``late`` or ``hold`` of a frame."""
        values = getattr(self, name)
        return int(values[(frame - (name == "gap")) % len(values)])

    @property
    def threshold(self) -> int:
        """A cycle is stalled if the upper 32 random bits are below this."""
        return math.floor(self.stall * (1 << 32))

    @property
    def states(self) -> tuple[int, int]:
        """The first states of the source's and the sink's random streams."""
        root = SplitMix(self.seed)
        return root.next(), root.next()

    def patience(self, beats: int) -> int:
        """Return for how many cycles without any beat a core that moves ``beats`` may be silent.

        A core is silent for a few lines at most, and one that follows edges through a whole frame
        for a few times as long as that takes. Several frames, stretched as the stalls stretch them,
        err on the patient side and still end every hang within seconds.
        """
        pauses = sum(max(getattr(self, name)) for name in ("gap", "late", "hold"))
        return math.ceil((1000 + 12 * beats) / (1 - self.stall)) + pauses
