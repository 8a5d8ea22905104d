"""How the hardware of a report did."""

from dataclasses import dataclass
from typing import Any

from windrow.model.markup import Markup, element


__all__ = ["Simulation"]


@dataclass(frozen=True)
class Simulation:
    """How the hardware did on some frames.

    Parameters
    ----------
    result : :class:`~windrow.sim.job.Result`, :class:`~windrow.sim.network.NetworkResult` or \
``None``
        What came out; ``None`` where nothing ran to its end.
    compared : :class:`str`
        What of it was compared with the model, in words.
    mismatch : :class:`str`
        What is wrong, in words; empty where nothing is.
    reason : :class:`str`
        Why nothing ran.
    """

    result: Any = None
    compared: str = ""
    mismatch: str = ""
    reason: str = ""

    @property
    def bit_exact(self) -> bool | None:
        """Whether every sample was right; ``None`` where nothing ran."""
        return False if self.mismatch else None if self.result is None else True

    @property
    def verdict(self) -> str:
        """Whether it was right, in a few words."""
        if self.bit_exact is None:
            return f"not simulated: {self.reason}"
        if self.mismatch:
            return f"not bit-exact: {self.mismatch}"
        return f"bit-exact: {self.compared} equal the golden model's"

    @property
    def html(self) -> Markup:
        """The verdict as a line of a page."""
        state = {True: "right", False: "wrong", None: "open"}[self.bit_exact]
        return element("p", self.verdict, class_=f"verdict {state}")
