"""What is proved of the hardware: ``python tests/formal/proofs.py`` proves it all.

Each row of :data:`PROOFS` is a claim, made of one small instance of a component. :mod:`claims` has
the claims in words and in hardware, :mod:`checker` the way to prove them and what they start from:
any state at all, and one cycle of reset. Beside each is printed how many of some small changes to
the component's netlist break it: many change only what another claim is about.

The claims hold for ever. Whatever is not said to be assumed is open: inputs may do anything in any
cycle. What is assumed is that a source keeps what it offers until it
is taken (where the claim is about what becomes of its beats), and of the output queue in whole
cores that it loses nothing, which is a claim of its own: with it in place the proof would have to
find out anew that what is inside does not matter.

The instances are the smallest that have every part: frames of a few pixels of one bit, kernels
from 1x1 to 3x3, queues of 4 and 8 values. Sizes are parameters of the same few lines; larger ones
are what the simulations are for.
"""

import inspect
import sys
import time
import warnings
from dataclasses import dataclass
from typing import Any

import claims
from checker import Claim, Outcome, changes, check, refute

from windrow.hdl import PipelineCore
from windrow.hdl.framing.sequencer import Sequencer
from windrow.hdl.geometry import Geometry
from windrow.model import Filter
from windrow.model.network.row_reads import RowReads
from windrow.model.pipeline import Pipeline


__all__ = ["PROOFS", "Proof"]


@dataclass(frozen=True)
class Proof:
    """A claim about an instance of a component.

    Attributes
    ----------
    name : :class:`str`
        The component, and which instance.
    claim : callable
        The claim. The docstring of the function in :mod:`claims` that made it says it in words.
    second_clock : :class:`str` or ``None``
        Domain of another clock.
    long : :class:`bool`
        It takes longer than some seconds.
    """

    name: str
    claim: Claim
    second_clock: str | None = None
    long: bool = False

    @property
    def title(self) -> str:
        """Its name and the claim's."""
        return f"{self.claim.__qualname__.split('.')[0]}: {self.name}"

    @property
    def says(self) -> str:
        """The claim in words."""
        function = getattr(claims, self.claim.__qualname__.split(".")[0])
        return inspect.cleandoc(function.__doc__ or "")

    def run(self) -> Outcome:
        """Prove it."""
        return check(self.claim, self.second_clock)

    def changes(self) -> list[str]:
        """Small changes to the component's netlist."""
        return changes(self.claim, 16, self.second_clock)

    def broken_by(self, change: str) -> bool:
        """Whether it is seen to be false of the changed netlist."""
        return refute(self.claim, change, self.second_clock)


def moves(size: int, width: int, height: int, **keys: Any) -> Filter:
    """A filter of one-bit pixels whose kernel has a single 1, under the anchor."""
    anchor = size // 2
    kernel = [[int(row == column == anchor) for column in range(size)] for row in range(size)]
    return Filter(kernel=kernel, width=width, height=height, pixel="u1", **keys)


def frame(size: int, width: int, height: int, padding: str) -> Geometry:
    """The geometry of such a filter's frames."""
    return Geometry.of(moves(size, width, height, padding=padding), Sequencer.shortest_row)


def forked(height: int, width: int) -> Pipeline:
    """A picture and what a kernel hands through of it, side by side; one kernel in a frame."""
    kernel = [[int((row, column) == (height // 2, width // 2)) for column in range(width)]
              for row in range(height)]
    return Pipeline([{"name": "moved", "kernel": kernel}], outputs=["input", "moved"],
                    width=width, height=height, pixel="u1")


#: What a 3x3 layer with pads reads of a frame of three rows.
THREE = RowReads(3, (1, 2, 2), (0, 1, 3))


QUEUES = ("BlockQueue", "DistributedQueue", "StoredQueue")

PROOFS = [
    *[
        Proof(f"{kind} behind {in_flight} cycles", claims.queue_keeps_all(kind, in_flight),
              long=in_flight > 1)
        for in_flight in (1, 4) for kind in QUEUES
    ],
    *[
        Proof(f"{kind} behind 2 cycles", claims.queue_never_stops_a_ready_consumer(kind, 2))
        for kind in QUEUES[:2]  # of the third it holds, too, and none of the changes breaks it
    ],
    *[
        Proof(f"{kind} behind 1 cycle, ready in 1 of 3", claims.queue_makes_room(kind, 1, 3))
        for kind in QUEUES
    ],
    Proof("InputFifo of 4", claims.fifo_keeps_all(4), second_clock="source", long=True),
    *[
        Proof(f"Sequencer {size}x{size} in {width}x{height}, {padding}",
              claims.pushes_follow_the_rules(frame(size, width, height, padding)), long=width > 2)
        for size, width, height, padding in (
            (1, 1, 1, "same"), (1, 2, 2, "same"), (1, 8, 2, "same"), (3, 3, 3, "same"),
            (3, 7, 3, "same"), (2, 3, 2, "full"),
        )
    ],
    *[
        Proof(f"Sequencer of a PipelineCore, {height}x{width}", claims.pushes_follow_the_rules(
            PipelineCore(forked(height, width)).parts[0].plan.sweep), long=height > 1)
        for height, width in ((1, 3), (3, 3))  # for which PipelineCores are proved, below
    ],
    *[
        Proof(f"Core {size}x{size} in {width}x{height}",
              claims.frames_are_whole(moves(size, width, height)), long=True)
        for size, width, height in ((1, 2, 2), (2, 2, 2), (3, 3, 3))
    ],
    *[
        Proof(f"Core {size}x{size} in 2x2", claims.pixels_stay_in_order(moves(size, 2, 2), most),
              long=True)
        for size, most in ((1, 12), (2, 24))
    ],
    *[
        Proof(f"Core {size}x{size} in 2x2", claims.frames_come_to_an_end(moves(size, 2, 2)),
              long=True)
        for size in (1, 2)
    ],
    Proof("PipelineCore of a 1x3 kernel in 3x1", claims.branches_meet(forked(1, 3))),
    Proof("PipelineCore of a 3x3 kernel in 3x3", claims.branches_meet(forked(3, 3)), long=True),
    Proof("Handover, 2 frames at most",
          claims.settings_change_together(moves(1, 3, 2, control="axi4-lite"), 2), long=True),
    *[
        Proof(f"{len(rooms)} layers of 3x3{f', {depth} beats past them' if depth else ''}",
              claims.rows_go_on([THREE] * len(rooms), rooms, width, depth))
        for rooms, width, depth in (([3, 3], 2, None), ([3], 2, 3), ([3, 3], 1, 2))
    ],
    Proof("Registers of a 1x1 filter",
          claims.accesses_are_answered(moves(1, 3, 2, control="axi4-lite"), 11), long=True),
]


def main() -> int:
    """Prove everything, and print what was proved."""
    warnings.filterwarnings("ignore", ".* created but never used")
    wrong = 0
    said = ""
    start = time.perf_counter()
    for proof in PROOFS:
        if proof.says != said:
            said = proof.says
            print(f"\n{said}")
        outcome = proof.run()
        tried = proof.changes()
        breaking = sum(map(proof.broken_by, tried))
        wrong += not (outcome.holds and breaking)
        print(f"  {'holds' if outcome.holds else 'FAILS'}  {proof.name:42}"
              f"  {outcome.seconds:6.1f} s  {outcome.note:16}"
              f"  {breaking:2} of {len(tried)} changes break it", flush=True)
    print(f"\n{len(PROOFS)} proofs in {time.perf_counter() - start:.0f} s: "
          f"{f'{wrong} FAIL' if wrong else 'all hold'}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
