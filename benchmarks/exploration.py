"""What docs/exploration.md shows: a front, whether `auto` is on fronts, and how time falls.

    .venv/bin/python benchmarks/exploration.py gaussian [FLAG ...]
    .venv/bin/python benchmarks/exploration.py document

``gaussian`` explores a Gaussian 7x7 on three devices (hours on one processor; flags such as
``--workers 4`` or ``--scheduler tcp://host:8786`` are `windrow explore`'s; it goes on where it was
stopped) and keeps what was found, and how long each run of a tool took, in
``docs/exploration.json``. ``document`` writes the tables and the drawing from that file, and from
the builds that ``docs/benchmarks.json`` and ``benchmarks/training.json`` hold.
"""

import argparse
import contextlib
import heapq
import io
import json
import math
import random
import re
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from windrow.cli import main as windrow
from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.strategies import AUTO, choose
from windrow.model import Filter
from windrow.synth.targets import target


ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "exploration.md"
FOUND = ROOT / "docs" / "exploration.json"
DRAWING = ROOT / "docs" / "images" / "exploration-scaling.svg"
FOLDER = ROOT / "out" / "exploration"
BUILDS = (ROOT / "benchmarks" / "training.json", ROOT / "docs" / "benchmarks.json")

GAUSSIAN = ("--kernel", "gaussian:ksize=7", "--size", "1280x720",
            "--target", "ecp5-25k,up5k,gw1n-9", "--pixels-per-clock", "1,2")
SEEDS = ("--seeds", "1..3")

#: What is simulated: 6 devices, 5 strategies, 3 numbers of pixels a clock, 27 seeds for each build.
POINTS, PLACEMENTS = 90, 27
WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)

COSTS = ("luts", "rams", "large_rams", "dsps")


def explore(flags: Sequence[str]) -> dict[str, Any]:
    """Explore the Gaussian, and return what is kept of it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = windrow(["explore", *GAUSSIAN, *SEEDS, *flags, "-o", str(FOLDER), "--json"])
    if status:
        sys.exit(status)
    return kept(json.loads(printed.getvalue()), FOLDER / "exploration.sqlite")


def kept(found: Mapping[str, Any], database: Path) -> dict[str, Any]:
    """Builds, versions of the tools, and the seconds of syntheses and of placements."""
    with contextlib.closing(sqlite3.connect(database)) as rows:
        jobs = rows.execute("SELECT seed, seconds, versions FROM jobs ORDER BY title").fetchall()
    versions: dict[str, str] = {}
    for _, _, text in jobs:
        versions |= json.loads(text)
    return {
        "builds": found["builds"], "versions": versions,
        "synthesis_seconds": [seconds for seed, seconds, _ in jobs if seed is None],
        "placement_seconds": [seconds for seed, seconds, _ in jobs if seed is not None]}


def front_table(found: Mapping[str, Any]) -> str:
    """The front, with what `auto` chooses and is not on it."""
    lines = ["| device | strategy | pixels a clock | LUTs | RAMs | DSPs | MHz [seeds] | Mpixel/s |"
             " |",
             "|---|---|--:|--:|--:|--:|---|--:|---|"]
    shown = [each for each in found["builds"] if each["on_front"] or (
        each["is_auto"] and each["fmax_mhz"] is not None)]
    for each in sorted(shown, key=lambda each: (each["target"], each["luts"])):
        clocks = [seed["fmax_mhz"] for seed in each["seeds"]]
        note = ("`auto`" if each["is_auto"] else "") + (
            "" if each["on_front"] else ", not on the front")
        lines.append("| " + " | ".join(map(str, (
            each["target"], each["strategy"], each["pixels_per_clock"], each["luts"], each["rams"],
            each["dsps"], f"{each['fmax_mhz']:.1f} [{min(clocks):.1f}..{max(clocks):.1f}]",
            f"{each['pixels_per_second'] / 1e6:.0f}", note))) + " |")
    tools = ", ".join(f"{name} {version.partition(',')[0]}"
                      for name, version in sorted(found["versions"].items()))
    built = [each for each in found["builds"] if each["luts"] is not None]
    seeds = [len(each["seeds"]) for each in built if each["seeds"]]
    return "\n".join(lines) + (
        f"\n\n{len(built)} builds, each placed with up to {max(seeds)} seeds; without a "
        f"clock, for their DSPs on Gowin, are {sum(each['fmax_mhz'] is None for each in built)}. "
        f"Tools: {tools}.\n")


def measured() -> Iterator[tuple[Filter, str, dict[str, Mapping[str, Any]]]]:
    """Filters of which several strategies were built for a device, by strategy."""
    groups: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for path in BUILDS:
        content = json.loads(path.read_text(encoding="utf-8"))
        for row in content.get("rows", content).values():
            if "stage" not in row["keys"]:
                text = json.dumps(Filter.from_dict(row["keys"]).to_dict(), sort_keys=True)
                groups.setdefault((text, row["target"]), {})[
                    row.get("chosen", row["strategy"])] = row
    for (text, name), builds in groups.items():
        if len(builds) > 1:
            yield Filter.from_dict(json.loads(text)), name, builds


def auto_table() -> str:
    """Whether `auto`'s choice is on the front, wherever it and another strategy were built."""
    lines = ["| filter | device | `auto`: LUTs, DSPs, RAMs, MHz | others | `auto` is |",
             "|---|---|---|---|---|"]
    count = beaten = 0
    filters = set()
    for filter, name, builds in measured():
        family = device(target(name).components)
        auto = choose(filter, frame_geometry(filter, family), family, AUTO).strategy
        if auto not in builds or builds[auto]["fmax"] is None:
            continue
        mine = builds[auto]
        others = {strategy: row for strategy, row in builds.items() if strategy != auto}
        better = [strategy for strategy, row in others.items() if _beats(row, mine)]
        faster = [strategy for strategy, row in others.items()
                  if row["fmax"] is not None and row["fmax"] > mine["fmax"]]
        verdict = f"beaten by {', '.join(better)}" if better else (
            f"on the front; faster for more: {', '.join(faster)}" if faster else "on the front")
        kernel = _title(mine["keys"])
        filters.add(kernel)
        count += 1
        beaten += bool(better)
        lines.append(f"| {kernel} | {name} | {auto}: {_figures(mine)} | " + "; ".join(
            f"{strategy}: {_figures(row)}" for strategy, row in others.items()) + f" | {verdict} |")
    return "\n".join(lines) + (
        f"\n\n`auto` is on the front in {count - beaten} of {count} cases, of {len(filters)} "
        "filters.\n")


def _beats(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return (one["fmax"] is not None and one["fmax"] >= other["fmax"]
            and all(one[cost] <= other[cost] for cost in COSTS))


def _title(keys: Mapping[str, Any]) -> str:
    kernel = keys.get("kernel", "rank")
    if isinstance(kernel, str):
        return kernel
    return f"rows {len(kernel)}x{len(kernel[0])}"


def _figures(row: Mapping[str, Any]) -> str:
    return f"{row['luts']}, {row['dsps']}, {row['rams']}, {row['fmax']:.0f}"


def makespan(workers: int, found: Mapping[str, Any]) -> float:
    """Seconds that all takes with so many workers, with the times that were recorded.

    A placement can begin when its synthesis is done; whoever is free takes what is ready first.
    The client makes the Verilog one after another, which it does while the workers are at work.
    """
    rng = random.Random(1)
    syntheses = rng.choices(found["synthesis_seconds"], k=POINTS)
    free = [0.0] * workers
    ready: list[tuple[float, int, float]] = []
    for number, seconds in enumerate(syntheses):
        heapq.heappush(ready, (number * VERILOG_SECONDS, number, seconds))
    end, number = 0.0, POINTS
    while ready:
        at, which, seconds = heapq.heappop(ready)
        start = max(at, heapq.heappop(free))
        done = start + seconds
        heapq.heappush(free, done)
        end = max(end, done)
        if which < POINTS:
            for _ in range(PLACEMENTS):
                heapq.heappush(ready, (done, number, rng.choice(found["placement_seconds"])))
                number += 1
    return end


VERILOG_SECONDS = 1.0
"""What the client takes for the Verilog of a point: 0.5 to 1.5 seconds for a Gaussian 7x7."""


def scaling(found: Mapping[str, Any]) -> tuple[str, str]:
    """The table and the drawing of time against workers."""
    times = {workers: makespan(workers, found) for workers in WORKERS}
    lines = ["| workers | hours | times as fast |", "|--:|--:|--:|"]
    lines += [f"| {workers} | {seconds / 3600:.2f} | {times[1] / seconds:.0f} |"
              for workers, seconds in times.items()]
    return "\n".join(lines) + "\n", drawing(times)


def drawing(times: Mapping[int, float]) -> str:
    """Time against workers, both logarithmic, beside what would be as many times as fast."""
    width, height, left, top = 560, 320, 60, 16
    most, least = times[1], times[1] / 1000

    def place(workers: float, seconds: float) -> tuple[float, float]:
        return (left + (width - left - 16) * math.log(workers) / math.log(1000),
                top + (height - top - 40) * math.log(most / seconds) / math.log(most / least))

    def path(points: Mapping[int, float]) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in (
            place(workers, seconds) for workers, seconds in points.items()))

    grid = ""
    for power in range(4):
        x, _ = place(10**power, most)
        _, y = place(1, most / 10**power)
        hours = most / 10**power / 3600
        grid += (f'<path d="M{x:.1f} {top}V{height - 40}M{left} {y:.1f}H{width - 16}"/>'
                 f'<text x="{x:.1f}" y="{height - 22}" text-anchor="middle">{10**power}</text>'
                 f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{hours:.2g} h</text>')
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<title>Time of an exploration against workers</title>
<style>text {{ font: 12px sans-serif; fill: #6e7781 }} path {{ stroke: #6e778155; fill: none }}
polyline {{ fill: none; stroke-width: 2 }}</style>
{grid}
<text x="{width / 2}" y="{height - 4}" text-anchor="middle">workers</text>
<polyline points="{path({w: most / w for w in times})}" stroke="#6e7781" stroke-dasharray="4 4"/>
<polyline points="{path(times)}" stroke="#0072b2"/>
</svg>
"""


def document() -> None:
    """Write what docs/exploration.md shows."""
    found = json.loads(FOUND.read_text(encoding="utf-8"))
    times, picture = scaling(found)
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, content in (("front", front_table(found)), ("auto", auto_table()),
                          ("scaling", times)):
        text = re.sub(rf"(<!-- {name} -->\n).*?(<!-- end -->)",
                      lambda mark, content=content: f"{mark[1]}{content}{mark[2]}", text,
                      flags=re.DOTALL)
    DOCUMENT.write_text(text, encoding="utf-8")
    DRAWING.write_text(picture, encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Explore, or write the document."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("what", choices=("gaussian", "document"))
    args, flags = parser.parse_known_args(argv)
    if args.what == "gaussian":
        FOUND.write_text(json.dumps(explore(flags), indent=1) + "\n", encoding="utf-8")
    elif flags:
        parser.error(f"unknown argument: {flags[0]}")
    document()
    return 0


if __name__ == "__main__":
    sys.exit(main())
