"""Calibrate what `windrow plan` predicts, on measured builds.

    .venv/bin/python benchmarks/calibrate.py
    .venv/bin/python benchmarks/calibrate.py --only NAME ...
    .venv/bin/python benchmarks/calibrate.py --fit

Builds a training set of varied small filters for each device family, and fits the coefficients of
``synth/calibration.json`` to what they took. What is measured is kept in
``benchmarks/training.json``; rows that are there already are not built again, but for those of
``--only``; ``--fit`` builds none. None of the rows is one of the matrix (``benchmarks/matrix.py``),
on which ``benchmarks/plan_error.py`` prints the error of the predictions.

The fit has coefficients of at least zero and the least sum of squared relative errors.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import nnls

from windrow import Filter
from windrow.hdl import VideoCore
from windrow.model import InputError
from windrow.model.errors import nearest
from windrow.sim.tools import ToolError
from windrow.synth.census import Census, census
from windrow.synth.prediction import CALIBRATION, LUT_FEATURES, PERIOD_FEATURES
from windrow.synth.targets import target


ROOT = Path(__file__).resolve().parents[1]
TRAINING = ROOT / "benchmarks" / "training.json"
BUILDS = ROOT / "out" / "training"


@dataclass(frozen=True)
class Row:
    """One build of the training set."""

    name: str
    target: str
    keys: Mapping[str, Any]
    strategy: str = "auto"


def dense(seed: int, height: int, width: int) -> list[list[int]]:
    """Random coefficients of 8 bits."""
    return np.random.default_rng(seed).integers(-128, 128, (height, width)).tolist()


FRAMES = {"720p": (1280, 720), "vga": (640, 480), "small": (300, 200), "1080p": (1920, 1080),
          "xga": (1024, 768), "wide": (2000, 500)}


def keys(kernel: Any, frame: str, **others: Any) -> dict[str, Any]:
    width, height = FRAMES[frame]
    return {"kernel": kernel, "width": width, "height": height, **others}


#: Name, keys and strategies of filters for every family.
FILTERS: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("identity", keys("identity", "vga"), ("auto",)),
    ("scharr-x", keys("scharr-x", "720p"), ("auto", "adder-graph", "symmetric")),
    ("prewitt-y", keys("prewitt-y", "720p", output="s16", border="reflect101"),
     ("auto", "adder-graph")),
    ("sharpen", keys("sharpen", "xga", border="constant"), ("auto",)),
    ("emboss", keys("emboss", "small", rounding="half-even", offset=128), ("auto",)),
    ("dense-3x3", keys(dense(11, 3, 3), "vga", shift=8), ("adder-graph", "multipliers")),
    ("row-1x7", keys([[1, 2, 3, 4, 3, 2, 1]], "small", shift=4), ("auto", "symmetric")),
    ("column-5x1", keys([[1], [4], [6], [4], [1]], "vga", shift=4), ("auto",)),
    ("box-4x4", keys([[1] * 4] * 4, "720p", shift=4), ("auto", "adder-graph")),
    ("gaussian-5x5", keys("gaussian:ksize=5,sigma=1", "720p"), ("auto", "separable-multipliers")),
    ("log-5x5", keys("laplacian-of-gaussian:ksize=5,sigma=0.8,bits=8", "720p",
                     overflow="abs-saturate"), ("auto",)),
)

#: The same for ECP5 alone, which has room for more.
LARGER: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("sobel-5x5", keys("sobel-x:ksize=5", "1080p", output="s16"), ("auto", "symmetric")),
    ("dense-4x4", keys(dense(12, 4, 4), "1080p", shift=9, pixel="u10"),
     ("adder-graph", "multipliers")),
    ("dense-5x5", keys(dense(13, 5, 5), "1080p", shift=9), ("adder-graph", "multipliers")),
    ("dense-5x5-u12", keys(dense(14, 5, 5), "wide", shift=9, pixel="u12", border="symmetric"),
     ("adder-graph",)),
    ("gaussian-7x7", keys("gaussian:ksize=7,sigma=1.2", "1080p"), ("auto", "adder-graph")),
    ("gaussian-9x9", keys("gaussian:ksize=9,sigma=2", "1080p"),
     ("auto", "separable-multipliers")),
    ("gaussian-13x13", keys("gaussian:ksize=13,sigma=2", "1080p"), ("auto",)),
    ("box-7x7", keys("box:ksize=7", "1080p"), ("auto", "adder-graph")),
    ("box-11x11", keys("box:ksize=11", "1080p"), ("auto", "running-sum")),
    ("box-21x21", keys("box:ksize=21", "1080p"), ("running-sum",)),
    ("box-6x6", keys([[1] * 6] * 6, "720p", shift=5), ("running-sum",)),
    ("scharr-x-2", keys("scharr-x", "1080p", pixels_per_clock=2), ("auto",)),
    ("gaussian-5x5-4", keys("gaussian:ksize=5", "1080p", pixels_per_clock=4), ("auto",)),
    ("sharpen-rgb", keys("sharpen", "1080p", channels=3), ("auto",)),
    ("dense-4x4-folded", keys(dense(15, 4, 4), "vga", shift=9, clocks_per_pixel=8),
     ("time-folded",)),
    ("dense-5x5-folded", keys(dense(16, 5, 5), "vga", shift=9, clocks_per_pixel=25),
     ("time-folded",)),
)

ICE40: tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...] = (
    ("box-7x7", keys("box:ksize=7", "vga"), ("auto", "running-sum")),
    ("dense-5x5", keys(dense(13, 5, 5), "vga", shift=9), ("adder-graph",)),
    ("dense-3x3-folded", keys(dense(17, 3, 3), "small", shift=8, clocks_per_pixel=9),
     ("time-folded",)),
)


def rows_of(target: str, *sets: Iterable[tuple[str, dict[str, Any], tuple[str, ...]]]) -> list[Row]:
    return [Row(f"{target} {name} {strategy}", target, filter_keys, strategy)
            for each in sets for name, filter_keys, strategies in each for strategy in strategies]


#: iCE40 HX8K has no multipliers.
_SETS = (
    rows_of("ecp5-25k", FILTERS, LARGER),
    rows_of("up5k", FILTERS, ICE40),
    [row for row in rows_of("hx8k", FILTERS, ICE40)
     if row.strategy in ("auto", "adder-graph", "running-sum")],
    rows_of("gw2a-18", FILTERS),
    rows_of("gw1n-9", ICE40),
    [row for row in rows_of("ccgm1a1", FILTERS) if row.strategy in ("auto", "adder-graph")],
)

#: A row of each device in turn, so that a run that is stopped has seen them all.
ROWS: tuple[Row, ...] = tuple(
    row for each in zip_longest(*_SETS) for row in each if row is not None)
BY_NAME = {row.name: row for row in ROWS}


def measure(row: Row, seeds: int, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Build a row, and return what is kept of it; without seeds, with the clock of before."""
    from windrow.synth import synthesise
    from windrow.synth.flow import packed

    folder = BUILDS / row.name.replace(" ", "-")
    folder.mkdir(parents=True, exist_ok=True)
    filter, part = Filter.from_dict(dict(row.keys)), target(row.target)
    if seeds:
        outcome = synthesise(filter, part, folder, strategy=row.strategy,
                             seeds=range(1, seeds + 1))
        strategy, usage, fmax = outcome.strategy, outcome.usage, outcome.fmax
    else:
        strategy, usage = packed(filter, part, folder, strategy=row.strategy)
        fmax = None if before is None else before["fmax"]
    return {
        "keys": dict(row.keys), "target": row.target, "strategy": strategy, **asdict(usage),
        "fmax": None if fmax is None else round(fmax, 1),
    }


def read() -> dict[str, dict[str, Any]]:
    """What was measured before."""
    if not TRAINING.exists():
        return {}
    found: dict[str, dict[str, Any]] = json.loads(TRAINING.read_text(encoding="utf-8"))
    return found


def write(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Write what was measured, a row a line."""
    lines = [f" {json.dumps(name)}: {json.dumps(found[name])}" for name in BY_NAME if name in found]
    TRAINING.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def build_rows(rows: Iterable[Row], found: dict[str, dict[str, Any]], seeds: int) -> None:
    """Build rows one after the other, each written as it is done."""
    rows = list(rows)
    for number, row in enumerate(rows, start=1):
        print(f"{number}/{len(rows)} {row.name}", end=": ", flush=True)
        try:
            figures = found[row.name] = measure(row, seeds, found.get(row.name))
        except (InputError, ToolError) as error:
            # A filter that is too large for the device, or a strategy that does not suit it.
            print(f"left out: {error}", flush=True)
            continue
        write(found)
        print(", ".join(f"{name} {value}" for name, value in figures.items()
                        if name not in ("keys", "target")), flush=True)


#: What takes no LUTs of a family. A logic cell of iCE40 is a LUT and a flip-flop, and what a carry
#: chain takes away is inverted in front of it. nextpnr puts a LUT before each flip-flop of Gowin's.
#: Constants at the pins of a GateMate's block RAM take cells of their own.
NO_LUTS = {"ecp5": ("inverted_bits", "lone_flip_flops", "block_rams"),
           "ice40": ("block_rams",), "gowin": ("inverted_bits", "block_rams")}


def lut_features(family: str) -> dict[str, Callable[[Census], float]]:
    """What LUTs of a family can be proportional to."""
    return {name: feature for name, feature in LUT_FEATURES.items()
            if name not in NO_LUTS.get(family, ())}


def fit(
    rows: Sequence[tuple[Census, float]], features: Mapping[str, Callable[[Census], float]]
) -> dict[str, float]:
    """Coefficients of at least zero with the least sum of squared relative errors."""
    counts = np.array([[feature(each) for feature in features.values()] for each, _ in rows])
    measured = np.array([value for _, value in rows])
    weights, _ = nnls(counts / measured[:, None], np.ones(len(rows)))
    rounded = zip(features, (round(float(weight), 4) for weight in weights), strict=True)
    return {name: weight for name, weight in rounded if weight}


def calibrate(found: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, dict[str, float]]]:
    """Fit LUTs by family, and clock periods by device; those of ECP5's devices are one."""
    luts: dict[str, list[tuple[Census, float]]] = {}
    periods: dict[str, list[tuple[Census, float]]] = {}
    for figures in found.values():
        family = target(figures["target"]).family
        counts = census(VideoCore(Filter.from_dict(figures["keys"]), target=family,
                                  strategy=figures["strategy"]))
        if figures["luts"] is not None:  # of the core as it is now
            luts.setdefault(family, []).append((counts, figures["luts"]))
        if figures["fmax"] is not None:
            speed = family if family == "ecp5" else figures["target"]
            periods.setdefault(speed, []).append((counts, 1e3 / figures["fmax"]))
    return {
        "luts": {family: fit(rows, lut_features(family)) for family, rows in luts.items()},
        "period": {speed: fit(rows, PERIOD_FEATURES) for speed, rows in periods.items()},
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Build what is missing, and fit."""
    parser = argparse.ArgumentParser(description="Calibrate what `windrow plan` predicts.")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="build these rows again")
    parser.add_argument("--fit", action="store_true", help="build none")
    parser.add_argument("--seeds", type=int, default=3, metavar="N",
                        help="seeds of place and route, whose median clock is taken (3); 0: all "
                        "but the clock is measured")
    args = parser.parse_args(argv)
    for name in args.only or ():
        if name not in BY_NAME:
            print(f"calibrate: error: only: there is no row {name!r}: {nearest(name, BY_NAME)}",
                  file=sys.stderr)
            return 2
    found = {name: figures for name, figures in read().items() if name in BY_NAME}
    if not args.fit:
        wanted = args.only or [name for name in BY_NAME if name not in found]
        build_rows([BY_NAME[name] for name in wanted], found, args.seeds)
    text = json.dumps(calibrate(found), indent=1)
    CALIBRATION.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
