"""What the rules for malformed streams and the register port cost, beside the fixed core.

    .venv/bin/python benchmarks/control_cost.py

Builds the same 3x3 filter of 1920x1080 frames for an ECP5 with a little more each time, and prints
what each takes and how fast it is: a fixed core whose source is trusted (its sequencer without the
rules; there is no such option, this is what they are measured against), the fixed core, the same
behind a register port, with coefficients in registers, and with an input FIFO; then 5x5. Writes
docs/control_cost.md. Ends with status 1 where the run-time 3x3 is slower than 220 MHz or the 5x5
takes more than 25 multipliers. Takes some five minutes.
"""

import inspect
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from matrix import DENSE_3X3, HD

from windrow import Filter
from windrow.hdl.framing import sequencer
from windrow.synth import Outcome, synthesise, target


ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "control_cost.md"
BUILDS = ROOT / "out" / "control_cost"

LEAST_FMAX = 220
MOST_DSPS = 25

RULES = {
    # A beat that is a frame's first is never inside another; a line's last is where it should be.
    "cuts.eq(valid & first & ~on_first)": "cuts.eq(0)",
    "waits: Value = first & ~between": "waits: Value = Const(0)",
    "skips.eq(then_row & (": "skips.eq(Const(0) & (",
    "(on_first & ~starts_frame) | last | (": "(on_first & ~starts_frame) | (",
}
"""What the sequencer does about malformed streams, and what is there instead without it."""

KERNEL_5X5 = [[(7 * row + 3 * column) % 19 - 9 for column in range(5)] for row in range(5)]


@dataclass(frozen=True)
class Build:
    """One row of the table."""

    name: str
    keys: dict[str, Any]
    strategy: str = "multipliers"
    trusting: bool = False


PORT = {"control": "axi4-lite"}
RUNTIME = {**PORT, "coefficients": "runtime"}
BUILDS_OF_3X3 = (
    Build("fixed, source trusted", {}, trusting=True),
    Build("fixed", {}),
    Build("with a register port", PORT),
    Build("with run-time coefficients", RUNTIME, "runtime-multipliers"),
    Build("with an input FIFO too", {**RUNTIME, "input_fifo": 16}, "runtime-multipliers"),
)
BUILDS_OF_5X5 = (
    Build("5x5, fixed", {"kernel": KERNEL_5X5}),
    Build("5x5, with run-time coefficients", {"kernel": KERNEL_5X5, **RUNTIME},
          "runtime-multipliers"),
)


@contextmanager
def trusted_source() -> Iterator[None]:
    """While this lasts, sequencers rely on well-formed streams."""
    source = textwrap.dedent(inspect.getsource(sequencer.Sequencer.elaborate))
    for rule, instead in RULES.items():
        if source.count(rule) != 1:
            raise ValueError(f"the sequencer must hold {rule!r} once")
        source = source.replace(rule, instead)
    scope: dict[str, Any] = {}
    exec(compile(source, str(sequencer.__file__), "exec"), dict(vars(sequencer)), scope)
    with mock.patch.object(sequencer.Sequencer, "elaborate", scope["elaborate"]):
        yield


def measure(build: Build) -> Outcome:
    """Build it with three seeds."""
    folder = BUILDS / build.name.replace(", ", "-").replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    filter = Filter.from_dict({"kernel": DENSE_3X3, "shift": 8, **HD, **build.keys})
    print(build.name, file=sys.stderr, flush=True)
    with trusted_source() if build.trusting else nullcontext():
        return synthesise(filter, target("ecp5-25k"), folder, strategy=build.strategy)


def table(outcomes: dict[str, Outcome]) -> str:
    """The Markdown table, each row with what it takes more than the one above."""
    lines = ["| core | LUTs | more | FFs | RAMs | DSPs | fmax, MHz | slowest path |",
             "|---|--:|--:|--:|--:|--:|---|---|"]
    before: Outcome | None = None
    for name, outcome in outcomes.items():
        usage = outcome.usage
        first = before is None or name == BUILDS_OF_5X5[0].name
        more = "" if first or before is None else f"{usage.luts - before.usage.luts:+d}"
        seeds = outcome.fmax_values
        lines.append(
            f"| {name} | {usage.luts} | {more} | {usage.flip_flops} | {usage.rams} | {usage.dsps} "
            f"| {outcome.fmax:.1f} [{min(seeds):.1f}..{max(seeds):.1f}] | {outcome.typical.path} |")
        before = outcome
    return "\n".join(lines) + "\n"


def document(outcomes: dict[str, Outcome]) -> str:
    """docs/control_cost.md."""
    last = next(reversed(outcomes.values()))
    versions = ", ".join(f"{name} {version}" for name, version in sorted(last.versions.items()))
    return (
        "# Cost of run-time control\n\n"
        "Made by `.venv/bin/python benchmarks/control_cost.py`; do not edit.\n\n"
        f"A dense 3x3 filter of signed 8-bit coefficients, 1920x1080, on a {last.target.device}; "
        "\"more\" is what a core takes beyond the one above it. fmax is the median of three seeds "
        "[lowest..highest]. The first row is for comparison only: the fixed core without the rules "
        "for [malformed streams](streams.md), which every generated core follows.\n\n"
        f"{table(outcomes)}\nTools: {versions}.\n"
    )


def main() -> int:
    """Build, print, write the document, and judge."""
    outcomes = {build.name: measure(build) for build in (*BUILDS_OF_3X3, *BUILDS_OF_5X5)}
    DOCUMENT.write_text(document(outcomes), encoding="utf-8")
    print(table(outcomes))
    runtime, larger = outcomes[BUILDS_OF_3X3[3].name], outcomes[BUILDS_OF_5X5[1].name]
    fast = runtime.fmax is not None and runtime.fmax >= LEAST_FMAX
    small = larger.usage.dsps <= MOST_DSPS
    print(f"run-time 3x3: {'at least' if fast else 'MISSES'} {LEAST_FMAX} MHz; run-time 5x5: "
          f"{'at most' if small else 'MORE THAN'} {MOST_DSPS} multipliers")
    return 0 if fast and small else 1


if __name__ == "__main__":
    sys.exit(main())
