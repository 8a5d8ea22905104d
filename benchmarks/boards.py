"""Build the demo for every board, and say what was met.

    .venv/bin/python benchmarks/boards.py
    .venv/bin/python benchmarks/boards.py --all --only tang-nano
    .venv/bin/python benchmarks/boards.py --only

Each board is built as far as its bitstream, in its first mode and in its largest one (``--all``: in
every mode), with what `windrow build BOARD` takes by default. Keeps what each build takes of its
device, and how fast each clock is and has to be, in ``docs/boards.json``, and writes
``docs/boards.md`` of that and of what the boards' files say. With ``--only`` the other rows stay as
they were; without a name after it nothing is built, and the document alone is written again. Ends
with status 1 where a clock has a margin of less than 10 %. Takes some 20 minutes on two cores.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from windrow.board_flags import add_board_flags, design
from windrow.boards.board import Board
from windrow.boards.catalogue import BOARDS
from windrow.boards.operation import CAMERA_WIRES, operation, wiring
from windrow.sim.tools import LOADER_LIBRARIES
from windrow.synth.board import MARGIN, build_board


ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "boards.md"
JSON = ROOT / "docs" / "boards.json"
BUILDS = ROOT / "out" / "boards"


def build(board: str, mode: str) -> dict[str, Any]:
    """Build a board's demo in a mode; return what is kept of it."""
    parser = argparse.ArgumentParser()
    add_board_flags(parser)
    begun = time.perf_counter()
    try:
        # What `windrow build` does.
        what = design(parser.parse_args([board, *(["--mode", mode] if mode else [])]))
        folder = BUILDS / board / (mode or "serial")
        folder.mkdir(parents=True, exist_ok=True)
        made = build_board(what.top, what.top.platform, what.board.family, what.top.frequency,
                           folder)
    except Exception as error:  # one board's failure is a row of the table
        return {"failure": f"{type(error).__name__}: {error}"}
    return {
        "used": made.used, "untimed": made.untimed, "seed": made.seed,
        "clocks": [[each.name, round(each.needed, 2), round(each.reached, 1)]
                   for each in made.clocks],
        "margin": round(made.margin, 3),
        "seconds": round(time.perf_counter() - begun), "tools": dict(made.versions),
    }


def jobs(only: Sequence[str] | None, every: bool) -> list[tuple[str, str]]:
    """Boards and modes to build."""
    found = []
    for name, board in BOARDS.items():
        if only is not None and not any(name.startswith(each) for each in only):
            continue
        modes = board.modes if every else dict.fromkeys(
            (*board.modes[:1], *([board.largest_mode] if board.modes else [])))
        found += [(name, mode) for mode in modes or ("",)]
    return found


def table(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The builds, as lines of Markdown."""
    lines = ["| board | mode | LUTs | RAMs | DSPs | clocks: needed, reached, MHz | least margin "
             "| seed | seconds |", "|---|---|--:|--:|--:|---|--:|--:|--:|"]
    for key, row in found.items():
        board, _, mode = key.partition(" ")
        begin = f"| `{board}` | {mode or 'UART'} | "
        if "failure" in row:
            lines.append(f"{begin}| | | {row['failure']} | | | |")
            continue
        counts = ["{} of {}".format(*row["used"][each]) if each in row["used"] else "0"
                  for each in ("LUTs", "block RAMs", "DSPs")]
        clocks = "; ".join(f"{name} {needed:.2f}, {reached:.1f}"
                           for name, needed, reached in row["clocks"])
        most = "at most " if row["untimed"] else ""
        lines.append(f"{begin}{' | '.join(counts)} | {clocks} | {most}{row['margin']:+.0%} | "
                     f"{row['seed']} | {row['seconds']} |")
    return lines


def document(found: Mapping[str, Mapping[str, Any]]) -> str:
    """``docs/boards.md``."""
    versions: dict[str, set[str]] = {}
    for row in found.values():
        for name, version in row.get("tools", {}).items():
            versions.setdefault(name, set()).add(version)
    lines = [
        "# Boards", "",
        "Made by `benchmarks/boards.py`: the demo of each board, built as far as its bitstream in "
        "its first and its largest mode, after place and route. LUTs are nextpnr's TRELLIS_COMB on "
        "ECP5, logic cells on iCE40, and LUTs, carries and LUT RAM on Gowin. `at most`: nextpnr "
        "does not know Gowin's DSP delays.", "",
        *table(found), "",
        "Tools: " + ", ".join(f"{name} {' and '.join(sorted(each))}"
                              for name, each in sorted(versions.items())) + ".", "",
        "## Seen working", "",
        *([] if any(board.seen_working for board in BOARDS.values()) else [
            "Nobody has told us yet that they ran one of these bitstreams."]),
        "If you run one, please open an issue with the form *I ran it on a board*, with a photo, "
        "whether it works or not.",
        "", "| board | seen working by |", "|---|---|",
        *(f"| `{board.name}` ({board.title}) | {', '.join(board.seen_working)} |"
          for board in BOARDS.values()), "",
        "## Programming a board", "",
        "`windrow program BOARD` starts openFPGALoader. It needs libraries of the operating system "
        f"(on Debian or Ubuntu: `sudo {LOADER_LIBRARIES}`; `windrow doctor` "
        "says whether they are there). A user who is not root also needs a udev rule, else it "
        "cannot open the cable:", "",
        "```text", "sudo tee /etc/udev/rules.d/99-fpga-cable.rules <<'END'",
        'SUBSYSTEM=="usb", ATTRS{idVendor}=="0403", MODE="660", TAG+="uaccess"',
        "END", "sudo udevadm control --reload && sudo udevadm trigger", "```", "",
        "0403 is FTDI, whose chip most boards have; `lsusb` shows the number of yours, in front of "
        "the colon. The rules of openFPGALoader itself, `99-openfpgaloader.rules` in its "
        "repository, have all of them.", "",
        "## What is where, and what is not checked", "",
        "`windrow boards BOARD` prints the same. What is known of each board is its simulation, "
        "pins included (`windrow preview`), and what the tools say of its timing.", "",
    ]
    sections: dict[tuple[str, ...], list[str]] = {}
    for board in BOARDS.values():
        section = (*use(board), "Not checked, for want of the hardware:", "",
                   *(f"- {each}" for each in board.unchecked), "")
        sections.setdefault(section, []).append(board.name)
    for section, names in sections.items():
        lines += [f"### {', '.join(names)}", "", *section]
    return "\n".join(lines).rstrip() + "\n"


def use(board: Board) -> list[str]:
    """What a user of a board has to know."""
    if board.video is None:
        return []
    parser = argparse.ArgumentParser()
    add_board_flags(parser)
    made = design(parser.parse_args([board.name]))
    top: Any = made.top  # one with a screen
    lines = [f"- {name}: {what}" for name, what in operation(
        board, made.filter, list(top.demo.sources), sites=True)]
    if board.camera is not None:
        lines += ["", "| camera | header | FPGA site |", "|---|---|---|",
                  *(f"| {pin} | {header} | {site} |" for pin, header, site in wiring(board)),
                  *(f"| {pin} | {what} | |" for pin, what in CAMERA_WIRES), "",
                  f"Header: {board.header}."]
    return [*lines, ""]


def write(kept: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the JSON and the document, rows in the boards' order."""
    order = [f"{board} {mode}".strip() for board, mode in jobs(None, every=True)]
    rows = {key: kept[key] for key in order if key in kept}
    JSON.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    DOCUMENT.write_text(document(rows), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="every mode of each board")
    parser.add_argument("--only", nargs="*", metavar="BOARD",
                        help="boards whose names start like this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="side by side")
    options = parser.parse_args()
    wanted = jobs(options.only, options.all)
    kept: dict[str, Any] = json.loads(JSON.read_text(encoding="utf-8")) if JSON.exists() else {}
    with ProcessPoolExecutor(options.jobs) as pool:
        for (board, mode), row in zip(
                wanted, pool.map(build, *zip(*wanted, strict=True)) if wanted else (), strict=True):
            kept[f"{board} {mode}".strip()] = row
            write(kept)
            print(*table({f"{board} {mode}".strip(): row})[2:], flush=True)
    write(kept)
    bad = [key for key in (f"{board} {mode}".strip() for board, mode in wanted)
           if kept[key].get("margin", -1) < MARGIN]
    print(f"{len(wanted) - len(bad)} of {len(wanted)} builds meet all clocks with {MARGIN:.0%}"
          + (f"; not: {', '.join(bad)}" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
