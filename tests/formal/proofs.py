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

import inspect
import sys
import time
import warnings
from dataclasses import dataclass
from typing import Any

import claims
from checker import Claim, Outcome, check
from seeded import Bug, seeded

from windrow.hdl.geometry import Geometry
from windrow.hdl.sequencer import Sequencer
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
        The claim. The docstring of the function in :mod:`claims` that made it says it in words.
    bug : :class:`~.seeded.Bug`
        Breaks it.
    mode : :class:`str`
        How it is proved.
    depth : :class:`int`
        ... and within how many cycles: only for ``bmc`` and ``induction``.
    second_clock : :class:`str` or ``None``
        Domain of another clock.
    long : :class:`bool`
        It takes longer than some seconds.
    deep : :class:`bool`
        ... and so does finding the bug, which takes many cycles to show.
    """

    name: str
    claim: Claim
    bug: Bug
    mode: str = "invariant"
    depth: int = 0
    second_clock: str | None = None
    long: bool = False
    deep: bool = False

    @property
    def title(self) -> str:
        """Its name and the claim's."""
        return f"{self.claim.__qualname__.split('.')[0]}: {self.name}"

    @property
    def bound(self) -> str:
        """Cycles after which anything might happen."""
        return f"{self.depth} cycles" if self.mode == "bmc" else "none"

    @property
    def says(self) -> str:
        """The claim in words."""
        function = getattr(claims, self.claim.__qualname__.split(".")[0])
        return inspect.cleandoc(function.__doc__ or "")

    def run(self) -> Outcome:
        """Prove it."""
        return check(self.claim, self.mode, self.depth, self.second_clock)

    def run_with_bug(self) -> Outcome:
        """Try to prove it of the hardware with the bug."""
        with seeded(self.bug):
            return self.run()


def moves(size: int, width: int, height: int, **keys: Any) -> Filter:
    """A filter of one-bit pixels whose kernel has a single 1, under the anchor."""
    anchor = size // 2
    kernel = [[int(row == column == anchor) for column in range(size)] for row in range(size)]
    return Filter(kernel=kernel, width=width, height=height, pixel="u1", **keys)


def frame(size: int, width: int, height: int, padding: str) -> Geometry:
    """The geometry of such a filter's frames."""
    return Geometry(moves(size, width, height, padding=padding), Sequencer.shortest_row)


PROOFS = [
    *[
        Proof(f"{kind} behind {in_flight} cycles", claims.queue_keeps_all(kind, in_flight), bug,
              long=in_flight > 1)
        for kind, in_flight, bug in (
            ("BlockQueue", 1, Bug("output_queue", "read.en.eq(taken)", "read.en.eq(1)")),
            ("DistributedQueue", 1, Bug("output_queue", "self.o.valid.eq(waits),",
                                        "self.o.valid.eq(waits & self.o.ready),")),
            ("BlockQueue", 4, Bug("output_queue", "level[self.depth - self._uncounted]",
                                  "level[self.depth - self._uncounted + 1]")),
            ("DistributedQueue", 4, Bug("output_queue", "puts ^ (self._takes() & ~empty)",
                                        "puts | (self._takes() & ~empty)")),
        )
    ],
    *[
        Proof(f"{kind} behind 2 cycles", claims.queue_never_stops_a_ready_consumer(kind, 2),
              Bug("output_queue", "level[self.depth - self._uncounted]", "level[0]"))
        for kind in ("BlockQueue", "DistributedQueue")
    ],
    *[
        Proof(f"{kind} behind 1 cycle, ready in 1 of 3", claims.queue_makes_room(kind, 1, 3),
              Bug("output_queue", "level >> 1)", "level)"))
        for kind in ("BlockQueue", "DistributedQueue")
    ],
    Proof("InputFifo of 4", claims.fifo_keeps_all(4),
          Bug("input_fifo", 'ResetSynchronizer(follows, domain="source")',
              'ResetSynchronizer(clears, domain="source")'), second_clock="source", long=True),
    *[
        Proof(f"Sequencer {size}x{size} in {width}x{height}, {padding}",
              claims.pushes_follow_the_rules(frame(size, width, height, padding)), bug,
              long=width > 2)
        for size, width, height, padding, bug in (
            (1, 1, 1, "same", Bug("sequencer", '"frame_end": inside | (between & arrives)',
                              '"frame_end": inside')),
            (1, 2, 2, "same", Bug("sequencer", "Mux(row_end, ~on_first & ~last, unended)", "0")),
            (1, 8, 2, "same", Bug("sequencer", "reaches(pushes - 2)", "reaches(pushes - 3)")),
            (3, 3, 3, "same",
             Bug("sequencer", "owed_rows.eq(owed_rows - 1)", "owed_rows.eq(owed_rows)")),
            (3, 7, 3, "same", Bug("sequencer", "m.If(on_first & ~between)", "m.If(on_first)")),
            (2, 3, 2, "full",
             Bug("sequencer", "row_is_last & (forced_rows == 0)", "row_is_last")),
        )
    ],
    *[
        Proof(f"Core {size}x{size} in {width}x{height}",
              claims.frames_are_whole(moves(size, width, height)),
              Bug("window", "self.o.last.eq(edges.ends)", "self.o.last.eq(edges.starts)"),
              long=True)
        for size, width, height in ((1, 2, 2), (2, 2, 2), (3, 3, 3))
    ],
    *[
        Proof(f"Core {size}x{size} in 2x2", claims.pixels_stay_in_order(moves(size, 2, 2), most),
              Bug("window", "self.i.valid & edges.shown", "self.i.valid"), long=True)
        for size, most in ((1, 12), (2, 24))
    ],
    *[
        Proof(f"Core {size}x{size} in 2x2", claims.frames_come_to_an_end(moves(size, 2, 2)),
              Bug("sequencer", "m.If(cuts):\n            m.d.sync += on_first.eq(1)",
                  "m.If(cuts):\n            m.d.sync += on_first.eq(0)"), long=True, deep=True)
        for size in (1, 2)
    ],
    Proof("Handover, 2 frames at most",
          claims.settings_change_together(moves(1, 3, 2, control="axi4-lite"), 2),
          Bug("handover", "self.pending & settled & ~self.started", "self.pending"), long=True),
    Proof("Registers of a 1x1 filter",
          claims.accesses_are_answered(moves(1, 3, 2, control="axi4-lite"), 11),
          Bug("control.axi_lite", "Mux(self.read_error, SLVERR, OKAY)", "OKAY"), long=True),
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
        wrong += not outcome.holds
        print(f"  {'holds' if outcome.holds else 'FAILS'}  {proof.name:28}  bound {proof.bound:10}"
              f"  {outcome.seconds:6.1f} s  {outcome.note}", flush=True)
    print(f"\n{len(PROOFS)} proofs in {time.perf_counter() - start:.0f} s: "
          f"{f'{wrong} FAIL' if wrong else 'all hold'}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
