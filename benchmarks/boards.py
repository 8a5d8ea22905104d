"""Build the demo for every board, and say what was met.

    .venv/bin/python benchmarks/boards.py
    .venv/bin/python benchmarks/boards.py --all --only tang-nano

Each board is built as far as its bitstream, in its first mode and in its largest one (``--all``: in
every mode), with what `windrow build BOARD` takes by default. Writes ``docs/boards.md``, unless
``--only`` is given: what each build takes of its device, how fast each clock is and has to be, and
what could not be checked without the hardware. Ends with status 1 where a clock has a margin of
less than 10 %. Takes some 20 minutes on two cores.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from windrow.board_flags import add_board_flags, design
from windrow.boards.catalogue import BOARDS
from windrow.synth.board import MARGIN, BoardBuild, build_board


ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "boards.md"
BUILDS = ROOT / "out" / "boards"

LUTS = ("TRELLIS_COMB", "ICESTORM_LC", "LUT4")
RAMS = ("DP16KD", "ICESTORM_RAM", "BSRAM")
DSPS = ("MULT18X18D", "ICESTORM_DSP", "MULT9X9", "MULT18X18", "MULTALU18X18", "MULTADDALU18X18")


@dataclass(frozen=True)
class Row:
    """One build."""

    board: str
    mode: str
    build: BoardBuild | None
    failure: str
    seconds: float

    @property
    def good(self) -> bool:
        """Whether every clock has its margin."""
        return self.build is not None and self.build.margin >= MARGIN


def build(board: str, mode: str) -> Row:
    """Build a board's demo in a mode."""
    parser = argparse.ArgumentParser()
    add_board_flags(parser)
    begun = time.perf_counter()
    made: BoardBuild | None = None
    failure = ""
    try:
        # What `windrow build` does.
        what = design(parser.parse_args([board, *(["--mode", mode] if mode else [])]))
        folder = BUILDS / board / (mode or "serial")
        folder.mkdir(parents=True, exist_ok=True)
        made = build_board(what.top, what.top.platform, what.board.family, what.top.frequency,
                           folder)
    except Exception as error:  # one board's failure is a row of the table
        failure = f"{type(error).__name__}: {error}"
    return Row(board, mode, made, failure, time.perf_counter() - begun)


def jobs(only: Sequence[str], every: bool) -> list[tuple[str, str]]:
    """Boards and modes to build."""
    found = []
    for name, board in BOARDS.items():
        if only and not any(name.startswith(each) for each in only):
            continue
        modes = board.modes if every else dict.fromkeys(
            (*board.modes[:1], *([board.largest_mode] if board.modes else [])))
        found += [(name, mode) for mode in modes or ("",)]
    return found


def table(rows: Sequence[Row]) -> list[str]:
    """The builds, as lines of Markdown."""
    lines = ["| board | mode | LUTs | RAMs | DSPs | clocks: needed, reached, MHz | least margin "
             "| seed | seconds |", "|---|---|--:|--:|--:|---|--:|--:|--:|"]
    for row in rows:
        mode = row.mode or "UART"
        if row.build is None:
            lines.append(f"| `{row.board}` | {mode} | | | | {row.failure} | | | |")
            continue
        clocks = "; ".join(f"{clock.name} {clock.needed:.2f}, {clock.reached:.1f}"
                           for clock in row.build.clocks)
        lines.append(f"| `{row.board}` | {mode} | {count(row.build, LUTS)} | "
                     f"{count(row.build, RAMS)} | {count(row.build, DSPS)} | "
                     f"{clocks} | {row.build.margin:+.0%} | {row.build.seed} | "
                     f"{row.seconds:.0f} |")
    return lines


def count(build: BoardBuild, kinds: Sequence[str]) -> str:
    """How many cells of some kinds there are."""
    found = [build.used[kind] for kind in kinds if kind in build.used]
    return " + ".join(f"{some} of {there}" for some, there in found) or "0"


def document(rows: Sequence[Row]) -> str:
    """``docs/boards.md``."""
    versions: dict[str, str] = {}
    for row in rows:
        versions |= row.build.versions if row.build else {}
    lines = [
        "# Boards", "",
        "Made by `benchmarks/boards.py`: the demo of each board, built as far as its bitstream in "
        "its first and its largest mode, after place and route. LUTs are nextpnr's TRELLIS_COMB on "
        "ECP5, logic cells on iCE40 and LUT4 on Gowin.", "",
        *table(rows), "",
        "Tools: " + ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
        + ".", "",
        "## Not checked, for want of the hardware", "",
        "Nobody has run these bitstreams on a board. What is known of each is its simulation, pins "
        "included (`windrow preview`), and what the tools say of its timing. In particular:", "",
    ]
    for board in BOARDS.values():
        lines += [f"**{board.name}** ({board.title})", "",
                  *(f"- {each}" for each in board.unchecked), ""]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="every mode of each board")
    parser.add_argument("--only", action="append", default=[], metavar="BOARD",
                        help="boards whose names start like this; may be repeated")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="side by side")
    options = parser.parse_args()
    wanted = jobs(options.only, options.all)
    rows = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for row in pool.map(build, *zip(*wanted, strict=True)):
            rows.append(row)
            print(*table([row])[2:], flush=True)
    if not options.only:
        DOCUMENT.write_text(document(rows))
    bad = [f"{row.board} {row.mode}" for row in rows if not row.good]
    print(f"{len(rows) - len(bad)} of {len(rows)} builds meet all clocks with {MARGIN:.0%}"
          + (f"; not: {', '.join(bad)}" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
