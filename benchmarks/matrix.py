"""How fast and how small: builds every row of a table for its device.

    .venv/bin/python benchmarks/matrix.py
    .venv/bin/python benchmarks/matrix.py --only binomial-3x3 sobel-x-3x3

Each row is what `windrow synth` does with the same filter, target and strategy: yosys, nextpnr with
three seeds, the packer. Writes docs/benchmarks.json, docs/benchmarks.md and four rows in README.md;
with `--only`, the other rows stay as they were (without a name after it, nothing is built and only
the tables are written again). Logs and reports of a row stay in out/matrix/NAME. Ends with status 1
where a row misses what is wanted of it, and shows the critical path. The whole table takes some
fifteen minutes.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from windrow import Filter, Pipeline
from windrow.model import InputError
from windrow.model.errors import nearest
from windrow.synth import TARGETS, Outcome, synthesise, target
from windrow.synth.targets import GOWIN_CLOCK, NO_CLOCK


ROOT = Path(__file__).resolve().parents[1]
JSON = ROOT / "docs" / "benchmarks.json"
MARKDOWN = ROOT / "docs" / "benchmarks.md"
README = ROOT / "README.md"
BEGIN, END = "<!-- benchmarks/matrix.py: begin -->", "<!-- benchmarks/matrix.py: end -->"
BUILDS = ROOT / "out" / "matrix"

# numpy.random.default_rng(3).integers(-128, 128, (3, 3)): nine magnitudes, no power of two.
DENSE_3X3 = [[79, -107, -83], [-68, -82, 77], [94, 21, -118]]

# numpy.random.default_rng(7).integers(-128, 128, (7, 7))
DENSE_7X7 = [
    [113, 32, 47, 101, 20, 70, 85],
    [-71, -114, -52, -56, 95, 105, -127],
    [-1, 82, -95, 76, -98, -9, 81],
    [-51, -41, -57, 56, -63, 125, -15],
    [-6, 1, 21, 13, 2, 126, 78],
    [74, 51, 31, -41, 125, -9, -73],
    [88, -87, 91, 28, -99, -117, -15],
]

SOBEL_SIZE = [
    {"kernels": {"gx": "sobel-x", "gy": "sobel-y"}, "output": "s11"},
    {"expr": "min(255, round(sqrt(gx*gx + gy*gy)))", "output": "u8"},
]
CANNY = [{"canny": [60, 150], "edges": "classes"}]

HD = {"width": 1920, "height": 1080}
VGA = {"width": 640, "height": 480}
RUNTIME = {"control": "axi4-lite", "coefficients": "runtime"}

#: What can be asked of a row: how it is written, and its unit.
FIGURES = {
    "fmax": ("fmax", " MHz"),
    "mpixels": ("Mpixel/s", ""),
    "luts": ("LUTs", ""),
    "rams": ("RAMs", ""),
    "dsps": ("DSPs", ""),
    "growth": ("LUTs over {base}'s", " %"),
}


@dataclass(frozen=True)
class Row:
    """One build, and what is wanted of it."""

    name: str
    filter: str
    """What the table calls the filter."""
    keys: Mapping[str, Any]
    target: str = "ecp5-25k"
    strategy: str = "auto"
    wanted: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    """Least and most of each of the :data:`FIGURES`."""
    chosen: str | None = None
    """The strategy that `auto` has to choose."""
    base: str | None = None
    """The row against which ``growth`` is measured, in percent of its LUTs."""
    seeds: int = 3
    placer: str = ""
    """As ``windrow synth --placer``; empty for the target's own."""

    @property
    def size(self) -> str:
        """Frame, and how its pixels come."""
        text = f"{self.keys['width']}x{self.keys['height']}"
        if self.keys.get("pixels_per_clock", 1) > 1:
            text += f", {self.keys['pixels_per_clock']} pixels a clock"
        if self.keys.get("clocks_per_pixel", 1) > 1:
            text += f", {self.keys['clocks_per_pixel']} clocks a pixel"
        return text

    def wishes(self) -> list[str]:
        """What is wanted, in words."""
        texts = []
        for figure, (least, most) in self.wanted.items():
            name, unit = FIGURES[figure]
            name = name.format(base=self.base)
            if least == most:
                texts.append(f"{name} {least:g}{unit}")
            else:
                texts += [f"{name} {sign} {bound:g}{unit}"
                          for sign, bound in (("≥", least), ("≤", most)) if bound is not None]
        if self.chosen is not None:
            texts.append(f"chooses {self.chosen}")
        return texts


def least(value: float) -> tuple[float | None, float | None]:
    return value, None


def most(value: float) -> tuple[float | None, float | None]:
    return None, value


def exactly(value: float) -> tuple[float | None, float | None]:
    return value, value


ROWS: tuple[Row, ...] = (
    Row("binomial-3x3", "binomial 3x3", {"kernel": "binomial:ksize=3", **HD},
        wanted={"fmax": least(270), "luts": most(400), "rams": exactly(2), "dsps": exactly(0)}),
    Row("sobel-x-3x3", "Sobel-x 3x3", {"kernel": "sobel-x", **HD},
        wanted={"fmax": least(270), "luts": most(400), "rams": exactly(2), "dsps": exactly(0)}),
    Row("laplacian-3x3", "Laplacian 3x3", {"kernel": "laplacian", **HD},
        wanted={"rams": exactly(2), "dsps": exactly(0)}),
    Row("dense-3x3", "dense 3x3, signed 8-bit", {"kernel": DENSE_3X3, "shift": 8, **HD},
        strategy="multipliers",
        wanted={"fmax": least(240), "luts": most(500), "dsps": exactly(9)}),
    Row("binomial-5x5", "binomial 5x5", {"kernel": "binomial:ksize=5", **HD},
        wanted={"fmax": least(250), "luts": most(700), "rams": exactly(4)}),
    Row("dense-7x7", "dense 7x7, signed 8-bit", {"kernel": DENSE_7X7, "shift": 10, **HD},
        strategy="adder-graph", wanted={"fmax": least(220), "dsps": exactly(0)}),
    Row("gaussian-15x15", "Gaussian 15x15, sigma 2.5",
        {"kernel": "gaussian:ksize=15,sigma=2.5", **HD}, chosen="separable",
        wanted={"fmax": least(200), "rams": most(14), "dsps": most(16)}),
    Row("box-15x15", "box 15x15", {"kernel": "box:ksize=15", **HD}, strategy="running-sum"),
    Row("box-31x31", "box 31x31", {"kernel": "box:ksize=31", **HD}, strategy="running-sum",
        base="box-15x15", wanted={"luts": most(2000), "growth": most(20)}),
    Row("binomial-3x3-gatemate", "binomial 3x3",
        {"kernel": "binomial:ksize=3", "width": 1280, "height": 720}, target="ccgm1a1",
        wanted={"fmax": least(150), "rams": exactly(3), "dsps": exactly(0)}),
    Row("binomial-3x3-4k", "binomial 3x3",
        {"kernel": "binomial:ksize=3", "width": 3840, "height": 2160, "pixels_per_clock": 4},
        target="ecp5-85k", wanted={"fmax": least(165), "mpixels": least(594)}),
    Row("binomial-3x3-8k", "binomial 3x3",
        {"kernel": "binomial:ksize=3", "width": 7680, "height": 4320, "pixels_per_clock": 8},
        target="ecp5-85k", placer="heap", wanted={"fmax": least(249)}),
    Row("dense-3x3-folded", "dense 3x3, signed 8-bit",
        {"kernel": DENSE_3X3, "shift": 8, "clocks_per_pixel": 9, **VGA}, strategy="time-folded",
        wanted={"dsps": exactly(1)}),
    Row("sobel-bank", "|Sobel x|, |Sobel y|, a bank",
        {"kernels": {"x": "sobel-x", "y": "sobel-y"}, "overflow": "abs-saturate", **HD},
        wanted={"fmax": least(270), "luts": most(330), "rams": exactly(2)}),
    Row("median-3x3", "median 3x3", {"median": 3, **HD},
        wanted={"fmax": least(200), "luts": most(450)}),
    Row("median-5x5", "median 5x5", {"median": 5, **HD},
        wanted={"fmax": least(200), "luts": most(1100)}),
    Row("median-7x7", "median 7x7", {"median": 7, **HD},
        wanted={"fmax": least(200), "luts": most(2000)}),
    Row("median-3x3-4k", "median 3x3",
        {"median": 3, "width": 3840, "height": 2160, "pixels_per_clock": 4}, target="ecp5-85k"),
    Row("dilate-3x3", "dilate 3x3", {"dilate": 3, **HD},
        wanted={"fmax": least(250), "luts": most(350)}),
    Row("dilate-31x31", "dilate 31x31", {"dilate": 31, **HD},
        wanted={"fmax": least(250), "luts": most(350)}),
    Row("runtime-3x3", "run-time 3x3, register port",
        {"kernel": "binomial:ksize=3", **RUNTIME, **HD}, placer="heap",
        wanted={"fmax": least(250), "luts": most(1400), "rams": exactly(2),
                "dsps": exactly(9)}),
    Row("runtime-5x5", "run-time 5x5, register port",
        {"kernel": "binomial:ksize=5", **RUNTIME, **HD}, placer="heap",
        wanted={"fmax": least(230), "rams": exactly(4), "dsps": most(25)}),
    Row("sobel-size", "exact Sobel magnitude", {"stage": SOBEL_SIZE, "border": "reflect101", **HD},
        wanted={"fmax": least(220), "luts": most(550), "rams": exactly(2), "dsps": exactly(2)}),
    Row("canny", "Canny's classes, aperture 3, L1", {"stage": CANNY, **HD},
        wanted={"fmax": least(220), "luts": most(750), "rams": exactly(5)}),
    Row("canny-4k", "Canny's classes, aperture 3, L1",
        {"stage": CANNY, "width": 3840, "height": 2160, "pixels_per_clock": 4},
        target="ecp5-85k", wanted={"mpixels": least(594)}),
    Row("unsharp-5x5", "unsharp mask 5x5", {"border": "reflect101", "stage": [
        {"name": "soft", "kernel": "gaussian:ksize=5"}, {"expr": "2*input - soft"}], **HD},
        wanted={"fmax": least(220), "rams": exactly(4)}),
    Row("difference-5-9", "difference of Gaussians 5 and 9", {"border": "reflect101", "stage": [
        {"name": "near", "kernel": "gaussian:ksize=5"},
        {"name": "far", "from": "input", "kernel": "gaussian:ksize=9"},
        {"expr": "abs(near - far)"}], **HD}, wanted={"fmax": least(220), "rams": exactly(8)}),
    Row("median-sobel", "median 5x5, Sobel-x, threshold", {"stage": [
        {"median": 5}, {"kernel": "sobel-x", "overflow": "abs-saturate"}, {"threshold": 60}], **HD},
        wanted={"fmax": least(220)}),
    Row("sobel-x-up5k", "Sobel-x 3x3", {"kernel": "sobel-x", **VGA}, target="up5k",
        wanted={"fmax": least(60), "luts": most(500)}),
    Row("sobel-x-hx8k", "Sobel-x 3x3", {"kernel": "sobel-x", **VGA}, target="hx8k",
        wanted={"fmax": least(150)}),
    Row("binomial-3x3-gw1n-9", "binomial 3x3",
        {"kernel": "binomial:ksize=3", "width": 1280, "height": 720}, target="gw1n-9"),
    Row("binomial-3x3-gw2a-18", "binomial 3x3",
        {"kernel": "binomial:ksize=3", "width": 1280, "height": 720}, target="gw2a-18"),
)

BY_NAME = {row.name: row for row in ROWS}

#: The rows that README.md shows: full HD, 4K, the smallest device, registers.
HIGHLIGHTS = ("binomial-3x3", "binomial-3x3-4k", "sobel-x-up5k", "runtime-3x3")


def measure(row: Row) -> dict[str, Any]:
    """Build a row, and return what is kept of it."""
    folder = BUILDS / row.name
    folder.mkdir(parents=True, exist_ok=True)

    def progress(text: str, done: int, total: int) -> None:
        print(f"  {done + 1}/{total} {text}", file=sys.stderr, flush=True)

    device = target(row.target)
    if row.placer:
        device = device.with_arguments(f"--placer={row.placer}")
    return record(row, synthesise(
        design(row), device, folder, strategy=row.strategy,
        seeds=range(1, row.seeds + 1), progress=progress))


def design(row: Row) -> Filter | Pipeline:
    """The filter or the pipeline of a row."""
    kind = Pipeline if "stage" in row.keys else Filter
    return kind.from_dict(row.keys)


def record(row: Row, outcome: Outcome) -> dict[str, Any]:
    """What is kept of a build: no times and no paths, so that it is the same when made again."""
    pixels = outcome.pixels_per_second
    return {
        "keys": dict(row.keys),
        "target": row.target,
        "strategy": row.strategy,
        "placer": row.placer,
        "chosen": outcome.strategy,
        "luts": outcome.usage.luts,
        "flip_flops": outcome.usage.flip_flops,
        "rams": outcome.usage.rams,
        "large_rams": outcome.usage.large_rams,
        "dsps": outcome.usage.dsps,
        "harness_luts": outcome.harness_luts,
        "fmax": None if outcome.fmax is None else round(outcome.fmax, 1),
        "fmax_of_seeds": [round(value, 1) for value in outcome.fmax_values],
        "mpixels": None if pixels is None else round(pixels / 1e6, 1),
        "critical_path": None if outcome.typical.path is None else str(outcome.typical.path),
        "tools": dict(outcome.versions),
    }


def missed(row: Row, found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What a row was wanted to reach and did not, in words."""
    figures = dict(found[row.name])
    if row.base is not None and row.base in found:
        figures["growth"] = round(100 * (figures["luts"] / found[row.base]["luts"] - 1), 1)
    texts = []
    for figure, (low, high) in row.wanted.items():
        name, unit = FIGURES[figure]
        name = name.format(base=row.base)
        value = figures.get(figure)
        if value is None:
            texts.append(f"{name} not measured")
        elif (low is not None and value < low) or (high is not None and value > high):
            texts.append(f"{name} {value:g}{unit}")
    if row.chosen is not None and figures["chosen"] != row.chosen:
        texts.append(f"chose {figures['chosen']}")
    return texts


def table(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The Markdown table."""
    lines = [
        "| row | filter | frame | strategy | device | LUTs | FFs | RAMs | DSPs | fmax, MHz | "
        "Mpixel/s | wanted | met |",
        "|---|---|---|---|---|--:|--:|--:|--:|---|--:|---|---|",
    ]
    for row in ROWS:
        if row.name not in found:
            continue
        figures = found[row.name]
        strategy = row.strategy
        if figures["chosen"] != strategy:
            strategy += f": {figures['chosen']}"
        if row.placer:
            strategy += f"; `--placer {row.placer}`"
        rams = str(figures["rams"])
        if figures["large_rams"]:
            rams += f" + {figures['large_rams']} large"
        seeds = figures["fmax_of_seeds"]
        fmax = (f"{figures['fmax']:.1f} [{min(seeds):.1f}..{max(seeds):.1f}]" if seeds
                else NO_CLOCK.partition(":")[0])
        pixels = "" if figures["mpixels"] is None else f"{figures['mpixels']:.1f}"
        misses = missed(row, found)
        met = ("no: " + ", ".join(misses)) if misses else ("yes" if row.wishes() else "")
        cells = (f"`{row.name}`", row.filter, row.size, strategy, TARGETS[row.target].device,
                 figures["luts"], figures["flip_flops"], rams, figures["dsps"], fmax, pixels,
                 ", ".join(row.wishes()), met)
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def tools(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The tools and their versions."""
    versions: dict[str, set[str]] = {}
    for figures in found.values():
        for name, version in figures["tools"].items():
            versions.setdefault(name, set()).add(version)
    return ", ".join(f"{name} {' and '.join(sorted(each))}"
                     for name, each in sorted(versions.items()))


def summary(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The table with what is needed to read it."""
    return (
        f"{table(found)}\n"
        "8-bit grey, replicate border, AXI4-Stream ports, one pixel a clock unless said. LUTs are "
        "nextpnr's TRELLIS_COMB on ECP5, logic cells on iCE40, and LUTs, carries and LUT RAM on "
        "Gowin, each without the shift registers that stand in for pins. fmax is the median of the "
        "seeds [lowest..highest]; on Gowin it is "
        f"{GOWIN_CLOCK}; it does not know its DSPs' delays.\n"
        f"Tools: {tools(found)}.\n"
    )


def document(found: Mapping[str, Mapping[str, Any]]) -> str:
    """docs/benchmarks.md."""
    text = (
        "# How fast and how small\n\n"
        "Made by `make matrix` (`benchmarks/matrix.py`); do not edit. One row again: "
        "`.venv/bin/python benchmarks/matrix.py --only NAME`.\n\n"
        + summary(found)
    )
    paths = [(row, found[row.name]) for row in ROWS
             if row.name in found and found[row.name]["critical_path"] is not None]
    text += "\n## What bounds the clock\n\nThe slowest path of the median seed.\n\n"
    text += "".join(f"- `{row.name}`: {figures['critical_path']}\n" for row, figures in paths)
    return text


def highlights(found: Mapping[str, Mapping[str, Any]]) -> str:
    """A few rows, and of these what a first look needs, for README.md."""
    lines = [
        "| filter | frame | device | LUTs | flip-flops | RAMs | DSPs | fmax, MHz | Mpixel/s |",
        "|---|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in (BY_NAME[name] for name in HIGHLIGHTS if name in found):
        figures = found[row.name]
        cells = (row.filter, row.size, TARGETS[row.target].device.split(",")[0], figures["luts"],
                 figures["flip_flops"], figures["rams"], figures["dsps"], f"{figures['fmax']:.0f}",
                 f"{figures['mpixels']:.0f}")
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + (
        "\n\nMade by `make matrix`: 8-bit grey, after place and route by open tools. "
        "[All rows](docs/benchmarks.md).\n")


def with_table(readme: str, found: Mapping[str, Mapping[str, Any]]) -> str:
    """README.md with its rows between its two marks, if it has them."""
    if BEGIN not in readme or END not in readme:
        return readme
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{highlights(found)}{END}{after}"


def read() -> dict[str, dict[str, Any]]:
    """What was measured before."""
    if not JSON.exists():
        return {}
    rows: dict[str, dict[str, Any]] = json.loads(JSON.read_text(encoding="utf-8"))["rows"]
    return rows


def write(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the JSON, the Markdown and the README's table, rows in the table's order."""
    rows = {row.name: found[row.name] for row in ROWS if row.name in found}
    JSON.write_text(json.dumps({"rows": rows}, indent=1) + "\n", encoding="utf-8")
    MARKDOWN.write_text(document(rows), encoding="utf-8")
    README.write_text(with_table(README.read_text(encoding="utf-8"), rows), encoding="utf-8")


def chosen_rows(names: Sequence[str] | None) -> list[Row]:
    """The rows to build.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If a name is none of theirs.
    """
    if names is None:
        return list(ROWS)
    for name in names:
        if name not in BY_NAME:
            raise InputError(f"only: there is no row {name!r}: {nearest(name, BY_NAME)}")
    return [BY_NAME[name] for name in names]


def build_rows(rows: Iterable[Row], found: dict[str, dict[str, Any]]) -> list[str]:
    """Build rows one after the other, each written as it is done; return what was missed."""
    complaints: list[str] = []
    rows = list(rows)
    for number, row in enumerate(rows, start=1):
        print(f"{number}/{len(rows)} {row.name} on {row.target}, {row.strategy}", flush=True)
        try:
            found[row.name] = measure(row)
        except InputError as error:
            # The other rows can still be built. What was measured before is no longer true.
            found.pop(row.name, None)
            complaints.append(f"{row.name}: not built: {error}")
            print(f"  NOT BUILT: {error}", flush=True)
            continue
        finally:
            write(found)
        figures = found[row.name]
        clock = "" if figures["fmax"] is None else f", {figures['fmax']:.1f} MHz"
        print(f"  {figures['luts']} LUTs, {figures['flip_flops']} FFs, {figures['rams']} RAMs, "
              f"{figures['dsps']} DSPs{clock}", flush=True)
    for row in rows:
        if row.name in found and (misses := missed(row, found)):
            path = found[row.name]["critical_path"]
            complaints.append(f"{row.name}: {', '.join(misses)} (wanted: "
                              f"{', '.join(row.wishes())}); critical path: {path}")
    return complaints


def main(argv: Sequence[str] | None = None) -> int:
    """Build the rows, write the tables, and say what was missed."""
    parser = argparse.ArgumentParser(description="Build the benchmark matrix.")
    parser.add_argument("--only", nargs="*", metavar="NAME",
                        help="build these rows alone; without a name none, and write the tables")
    args = parser.parse_args(argv)
    try:
        rows = chosen_rows(args.only)
    except InputError as error:
        print(f"matrix: error: {error}", file=sys.stderr)
        return 2
    found = {name: figures for name, figures in read().items() if name in BY_NAME}
    complaints = build_rows(rows, found)
    write(found)
    for complaint in complaints:
        print(f"MISSED {complaint}")
    print("all rows as wanted" if not complaints else f"{len(complaints)} of {len(rows)} MISSED")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
