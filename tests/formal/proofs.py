"""What is proved of the hardware: ``python tests/formal/proofs.py`` proves it all.

Each row of :data:`PROOFS` is a claim, made of one small instance of a component, and a bug that
breaks it. :mod:`claims` has the claims in words and in hardware, :mod:`checker` the ways to prove
them and what they start from: any state at all, and one cycle of reset.

Where the bound is ``none`` the claim holds for ever. Whatever is not said to be assumed is open:
inputs may do anything in any cycle. What is assumed is that a source keeps what it offers until it
is taken (where the claim is about what becomes of its beats), and of the output queue in whole
cores that it loses nothing, which is a claim of its own: with it in place the proof would have to
find out anew that what is inside does not matter.

The instances are the smallest that have every part: frames of a few pixels of one bit, kernels
from 1x1 to 3x3, queues of 4 and 8 values. Sizes are parameters of the same few lines; larger ones
are what the simulations are for.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import claims
from checker import Outcome, check
from seeded import Bug, seeded

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.geometry import Geometry
from windrow.model import Filter


__all__ = ["PROOFS", "Proof"]


@dataclass(frozen=True)
class Proof:
    """A claim about an instance of a component.

    Attributes
    ----------
    name : :class:`str`
        The component, and which instance.
    claim : callable
        Makes the claim.
    bug : :class:`~.seeded.Bug`
        Breaks it.
    mode : :class:`str`
        How it is proved.
    depth : :class:`int`
        ... and within how many cycles: only for ``bmc`` and ``induction``.
    long : :class:`bool`
        It takes longer than some seconds.
    """

    name: str
    claim: Callable[[], claims.Claim]
    bug: Bug
    mode: str = "invariant"
    depth: int = 0
    long: bool = False

    @property
    def bound(self) -> str:
        """Cycles after which anything might happen."""
        return f"{self.depth} cycles" if self.mode == "bmc" else "none"

    def run(self) -> Outcome:
        """Prove it."""
        return check(self.claim(), self.mode, self.depth)

    def run_with_bug(self) -> Outcome:
        """Try to prove it of the hardware with the bug."""
        with seeded(self.bug):
            return self.run()
