"""How far the predictions of `windrow plan` are from measured builds.

    .venv/bin/python benchmarks/plan_error.py
    .venv/bin/python benchmarks/plan_error.py FILE

Predicts every build of ``docs/benchmarks.json`` (made by ``benchmarks/matrix.py``), or of another
file such as ``benchmarks/training.json``, and prints it beside what was measured: the errors of
LUTs, flip-flops and clock, their medians, and whether multipliers and block RAMs are exact. Ends
with status 1 where the median error of LUTs is over 15 %, or a multiplier or block RAM is not
exact, or one strategy against another is predicted worse than `windrow explore` takes for granted
(:data:`~windrow.synth.prediction.COMPARISON_ERROR`). Rows that are in the training set have a star,
and count for nothing unless the file is the training set itself.
"""

import argparse
import itertools
import json
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from windrow import Filter
from windrow.console import print_table
from windrow.hdl import VideoCore
from windrow.hdl.devices import device
from windrow.model import InputError
from windrow.synth.census import census
from windrow.synth.prediction import COMPARISON_ERROR, Prediction, predict
from windrow.synth.targets import target


ROOT = Path(__file__).resolve().parents[1]
MATRIX = ROOT / "docs" / "benchmarks.json"
TRAINING = ROOT / "benchmarks" / "training.json"

#: Median error of LUTs that is good enough.
BOUND = 0.15


@dataclass(frozen=True)
class Comparison:
    """A measured build and its prediction."""

    name: str
    measured: Mapping[str, Any]
    predicted: Prediction
    trained: bool

    def error(self, figure: str) -> float | None:
        """Relative error; ``None`` where there is nothing to compare."""
        measured, predicted = self.measured[figure], self._of(figure)
        return predicted / measured - 1 if measured and predicted is not None else None

    def wrong(self, figure: str) -> bool:
        """Whether it is not exact."""
        return bool(self.measured[figure] != self._of(figure))

    def _of(self, figure: str) -> Any:
        return getattr(self.predicted, "clock" if figure == "fmax" else figure)


def key(measured: Mapping[str, Any]) -> str:
    """What makes two builds the same."""
    return json.dumps([Filter.from_dict(measured["keys"]).to_dict(), measured["target"],
                       measured.get("chosen", measured["strategy"])])


def compare(
    rows: Mapping[str, Mapping[str, Any]], training: Iterable[Mapping[str, Any]]
) -> list[Comparison]:
    """Predict every row, with the strategy that was built."""
    known = {key(each) for each in training}
    found = []
    for name, measured in rows.items():
        part = target(measured["target"])
        try:
            top = VideoCore(Filter.from_dict(measured["keys"]), target=part.components,
                            strategy=measured.get("chosen", measured["strategy"]))
        except InputError as error:
            print(f"{name}: left out: {error}", file=sys.stderr)
            continue
        predicted = predict(census(top), device(part.components), part)
        found.append(Comparison(name, measured, predicted, key(measured) in known))
    return found


def median_error(comparisons: Iterable[Comparison], figure: str) -> float | None:
    """Median of the relative errors without their signs."""
    errors = [each.error(figure) for each in comparisons]
    sizes = [abs(error) for error in errors if error is not None]
    return statistics.median(sizes) if sizes else None


def comparison_error(comparisons: Iterable[Comparison], figure: str) -> float | None:
    """How wrong the ratio of two strategies of a filter on a device is, in nine pairs of ten."""
    alike: dict[str, list[Comparison]] = {}
    for each in comparisons:
        alike.setdefault(json.dumps([each.measured["keys"], each.measured["target"]],
                                    sort_keys=True), []).append(each)
    errors = sorted(
        abs((1 + one) / (1 + other) - 1)
        for group in alike.values() for pair in itertools.combinations(group, 2)
        for one, other in [[each.error(figure) for each in pair]]
        if one is not None and other is not None)
    return errors[int(0.9 * len(errors))] if errors else None


def rows_of(comparisons: Iterable[Comparison]) -> list[tuple[str, ...]]:
    """The table's rows."""
    def beside(each: Comparison, figure: str, predicted: float | None) -> str:
        error = each.error(figure)
        if error is None or predicted is None:
            return ""
        return f"{predicted:.0f}, {each.measured[figure]:.0f}: {error:+.1%}"

    def counts(each: Comparison, figure: str) -> str:
        text = str(getattr(each.predicted, figure))
        return f"{text}, NOT {each.measured[figure]}" if each.wrong(figure) else text

    return [
        (each.name + (" *" if each.trained else ""), each.measured["target"],
         beside(each, "luts", each.predicted.luts),
         beside(each, "flip_flops", each.predicted.flip_flops),
         beside(each, "fmax", each.predicted.clock),
         counts(each, "dsps"), counts(each, "rams"), counts(each, "large_rams"))
        for each in comparisons
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table and the medians."""
    parser = argparse.ArgumentParser(description="Compare predictions with measured builds.")
    parser.add_argument("file", nargs="?", type=Path, default=MATRIX, metavar="FILE")
    args = parser.parse_args(argv)
    try:
        content = json.loads(args.file.read_text(encoding="utf-8"))
    except OSError as error:
        print(f"plan_error: error: {args.file}: {error.strerror}", file=sys.stderr)
        return 2
    training = json.loads(TRAINING.read_text(encoding="utf-8"))
    # Pipelines choose among no strategies.
    rows = {name: each for name, each in content.get("rows", content).items()
            if "stage" not in each["keys"]}
    found = compare(rows, training.values())
    print_table(("build", "target", "LUTs: predicted, measured", "FFs", "clock, MHz",
                 "multipliers", "RAMs", "large RAMs"), rows_of(found))
    # A build that is in both counts once, as it was measured last.
    pairs = compare({key(each): each for each in (*training.values(), *rows.values())}, ())
    if args.file.resolve() != TRAINING:
        found = [each for each in found if not each.trained]
    good = bool(found)
    for name, figure in (("LUTs", "luts"), ("FFs", "flip_flops"), ("clock", "fmax")):
        median = median_error(found, figure)
        if median is not None:
            print(f"{name}: median error {median:.1%}")
            good = good and (figure != "luts" or median <= BOUND)
    for name, figure in (("multipliers", "dsps"), ("RAMs", "rams"), ("large RAMs", "large_rams")):
        exact = sum(not each.wrong(figure) for each in found)
        print(f"{name}: {exact} of {len(found)} exact")
        good = good and exact == len(found)
    for name, figure in (("LUTs", "luts"), ("clock", "fmax")):
        pair_error = comparison_error(pairs, figure)
        if pair_error is not None:
            print(f"{name} of one strategy against another: nine pairs of ten within "
                  f"{pair_error:.1%}")
            limit = COMPARISON_ERROR["luts" if figure == "luts" else "clock"]
            good = good and pair_error <= limit
    print("good enough" if good else "NOT good enough")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
