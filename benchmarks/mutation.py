"""Whether the tests notice when the hardware's sources are wrong.

    .venv/bin/python benchmarks/mutation.py
    .venv/bin/python benchmarks/mutation.py --only hdl/edges.py --only hdl/devices
    .venv/bin/python benchmarks/mutation.py --sample 400 --seed 1

Each mutant is one file of ``hdl/`` with one small change: an operator flipped, a term, a statement
or a branch dropped, a constant off by one, a condition inverted, the arms of a multiplexer swapped.
It is killed if a test of ``tests/hdl`` fails, or does not come to an end. The tests that reach the
lines of the change are tried, those first that killed others of its file, then the quick ones, then
those that are closest to the file, for a limited time: see ``reach.py``. If none reaches them, or
if the change leaves the netlists of all small filters that reach them as they were
(``tests/hdl/test_small_filters.py``), a survivor is marked so.

Results are kept in ``build/mutation.jsonl``: a run that was cut off goes on where it was. They hold
as long as the mutated file is the same. Survivors are tried again, but with those tests only that
they have not been tried with: new and changed ones, and those for which there was no time. So all
mutants may be run in parts, first with few ``--seconds`` for each. Unless ``--only`` is given,
``docs/mutation.md`` is written anew; many of the survivors in it make the same hardware, or
hardware that costs more and works.

There are libraries for this: mutmut 3, cosmic-ray, mutatest. mutmut switches between variants of
functions at run time and leaves out decorated ones, so properties and everything outside functions;
cosmic-ray and mutatest start Python and the whole test command anew for each mutant, which takes
longer than most mutants live here. None knows a statement of an ``m.d.sync`` list, an ``m.Elif`` or
a ``Mux``. What is needed beyond them is short: see ``mutants.py``.
"""

import argparse
import ast
import functools
import gc
import hashlib
import importlib
import json
import os
import random
import signal
import statistics
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import forks
import reach
from mutants import Change, changes
from mutated import Modules
from reach import ROOT


RESULTS = ROOT / "build" / "mutation.jsonl"

WARM = ("amaranth.back.rtlil", "amaranth.back.verilog", "amaranth.sim", "hypothesis.strategies",
        "numpy", "windrow.model.lowering.arithmetic", "windrow.model.presets", "yaml")
"""Imported once, in the process that all others are forked from, before windrow.hdl is."""

SOON = 3
"""Seconds of processor time after which the netlists are compared."""
SAME = 10
"""Further seconds for the tests of a mutant that leaves them as they were."""
MOST = 30
"""Further seconds for one that does not."""


@dataclass(frozen=True)
class Result:
    """What became of a mutant."""

    file: str
    function: str
    line: int
    change: str
    sources: str
    """Digest of the file."""
    killed: bool
    by: str
    """The test that failed; of a survivor, what is known of it."""
    seconds: float
    tried: tuple[str, ...] = ()
    """Of a survivor the tests that did not fail, with their states."""


def module(file: str) -> str:
    """The name under which a file of ``hdl/`` is imported."""
    return ".".join(["windrow", *Path(file).with_suffix("").parts]).removesuffix(".__init__")


def netlist(name: str) -> str:
    """A digest of a small filter's netlist, and of what the core says of itself."""
    from amaranth.back import rtlil  # type: ignore[attr-defined]  # not in the stubs

    from windrow.hdl import Core

    small: Any = importlib.import_module("test_small_filters")
    core = Core(small.make(name), strategy=small.FILTERS[name][0])
    text = rtlil.convert(core, emit_src=False)
    facts = f"{core.latency} {core.cycles_per_frame} {core.strategy} {text}"
    return hashlib.sha256(facts.encode()).hexdigest()


def netlists() -> dict[str, str]:
    """Of all small filters."""
    small: Any = importlib.import_module("test_small_filters")
    return {name: netlist(name) for name in small.FILTERS}


def trial(
    modules: Modules, file: str, change: Change | None, imported: bool,
    tests: Sequence[reach.Test], reference: dict[str, str], known: str | None = None,
    most: float = MOST,
) -> dict[str, Any]:
    """Run tests against a mutant; in a process of its own, which they may end with.

    Without a change nothing may fail. ``imported`` tells whether importing reaches it, ``known`` is
    what was found of it before, ``most`` are the seconds of processor time for tests that it is not
    killed by soon.
    """
    tree = ast.parse((ROOT / file).read_text())
    if change is not None:
        list(changes(tree))[change.number].apply()
    code = compile(ast.fix_missing_locations(tree), str(ROOT / file), "exec")
    signal.setitimer(signal.ITIMER_PROF, 60)
    try:
        modules.change(module(file), code, imported)
    except Exception as error:
        return {"killed": True, "by": f"import ({type(error).__name__})"}

    def failing(end: float) -> str:
        """Go on with the tests until one fails, or until there is no time for more."""
        while waiting and forks.seconds() < end:
            test = waiting.pop(0)
            # Hardware that is wrong may wait for ever; the slowest tests take half a minute.
            signal.setitimer(signal.ITIMER_PROF, 1 + 5 * test.seconds
                             if test.seconds < reach.LONG else 60)
            try:
                if test.module not in found:
                    found[test.module] = reach.cases(importlib.import_module(test.module))
                call = found[test.module].get((test.function, test.number))
                if call is not None:  # parameters may come from what is changed
                    call()
            except BaseException as error:
                return f"{test.name} ({type(error).__name__})"
        return ""

    found: dict[str, dict[tuple[str, int], Callable[[], None]]] = {}
    waiting = list(tests)
    by = failing(forks.seconds() + SOON)
    if by:
        return {"killed": True, "by": by}
    if known is None:
        names = list(reference)
        reaching = [names[test.number] for test in tests if test.function == "test_small_filter"]
        signal.setitimer(signal.ITIMER_PROF, 60)
        try:
            same = bool(reaching) and all(netlist(name) == reference[name] for name in reaching)
        except Exception as error:
            return {"killed": True, "by": f"netlist ({type(error).__name__})"}
        known = "same netlists" if same else "" if tests else "not reached"
    waiting = reach.closest(waiting, file)
    by = failing(forks.seconds() + (min(SAME, most) if known == "same netlists" else most))
    if by:
        return {"killed": True, "by": by}
    left = {test.name for test in waiting}
    return {"killed": False, "by": known,
            "tried": [attempt(test) for test in tests if test.name not in left]}


def attempt(test: reach.Test) -> str:
    """A test as it is."""
    return f"{test.name} {test.state}"


def promising(
    tests: Sequence[reach.Test], done: Iterable[Result], file: str, function: str
) -> list[reach.Test]:
    """The same tests, those first that killed most in a file for the time they take.

    Those that did so in the function count five times as much.
    """
    kills: Counter[str] = Counter()
    for result in done:
        if result.killed and result.file == file:
            kills[result.by.partition(" ")[0]] += 5 if result.function == function else 1
    return sorted(tests, key=lambda test: -kills[test.name] / (0.1 + test.seconds))


def document(results: Sequence[Result], total: int, command: str) -> str:
    """``docs/mutation.md``."""
    killed = sum(result.killed for result in results)
    survivors = [result for result in results if not result.killed]
    minutes = sum(result.seconds for result in results) / 60
    lines = [
        "# Mutation run", "",
        f"Made by `{command}`; what a mutant is, and what kills it, is written there.", "",
        f"**{killed} of {len(results)} mutants killed: {killed / len(results):.1%}.** "
        + (f"They are a random sample of {total}; tests that were written for survivors of the "
           "same sample make it look better than the rest, of which another seed tells. "
           if total > len(results) else "")
        + f"The trials took {minutes:.0f} minutes of processor time"
        + (f", those of a survivor {statistics.median(each.seconds for each in survivors):.0f} "
           "seconds in the median." if survivors else "."), "",
        "| file | mutants | killed | |", "|---|--:|--:|--:|",
    ]
    for file, count in sorted(Counter(result.file for result in results).items()):
        dead = sum(result.killed for result in results if result.file == file)
        lines.append(f"| `{file}` | {count} | {dead} | {dead / count:.0%} |")
    lines += ["", "## Survivors", "",
              "`=`: the netlists of all small filters that reach the line are as they were; "
              "`-`: no test reaches it.", "", "| where | change | |", "|---|---|---|"]
    marks = {"same netlists": "=", "not reached": "-", "": ""}
    for result in sorted(survivors, key=lambda each: (each.file, each.line, each.change)):
        change = result.change.replace("|", "\\|")
        lines.append(f"| `{result.file}`:{result.line} {result.function} | {change} "
                     f"| {marks[result.by]} |")
    return "\n".join(lines) + "\n"


def kept(state: dict[str, str]) -> dict[tuple[str, str, str], Result]:
    """Results that still hold, of the last runs."""
    found = {}
    for line in RESULTS.read_text().splitlines() if RESULTS.exists() else ():
        result = Result(**json.loads(line))
        if result.sources == state.get(result.file):
            found[result.file, result.function, result.change] = result
    return found


def prepared(jobs: int) -> tuple[list[reach.Test], Modules, dict[str, str]]:
    """What the tests reach, hardware and tests as modules, and the netlists of the sources as they
    are, with which none fails."""
    tests = reach.record(jobs)
    modules = Modules(["windrow.hdl", *sorted({test.module for test in tests})])
    missing = [file for file in reach.sources() if module(file) not in sys.modules]
    assert not missing, f"nothing imports {missing}"
    gc.freeze()  # else each process looks through all that, and copies it
    ((_, ended),) = forks.run([("", netlists)], 1, patience=3600)
    reference = ended.value
    for imported in (False, True):
        for file in sorted(reach.sources(), key=lambda file: (ROOT / file).stat().st_size)[-2:]:
            unchanged = functools.partial(
                trial, modules, file, None, imported,
                reach.chosen(tests, file, range(1, 1000)), reference)
            ((_, ended),) = forks.run([("", unchanged)], 1, patience=3600)
            assert ended.value, f"{file} as it is: {ended.how}"
            assert not ended.value["killed"], f"{file} as it is fails at {ended.value['by']}"
    return tests, modules, reference


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", metavar="FILE", help="a file or a folder")
    parser.add_argument("--sample", type=int, metavar="N", help="run the first N of them")
    parser.add_argument("--seed", type=int, default=0, help="of their order (0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="side by side")
    parser.add_argument("--seconds", type=float, default=MOST,
                        help=f"most for a mutant that lives so long ({MOST})")
    parser.add_argument("--kept", action="store_true", help="do not try survivors again")
    options = parser.parse_args()
    # As pytest has it, but that of two files of one name hdl's is meant; the working directory is
    # the tests' too.
    os.chdir(ROOT)
    pytest = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    sys.path[:0] = sorted(pytest["pythonpath"], key=lambda each: not each.startswith("tests/hdl"))

    for name in WARM:
        importlib.import_module(name)
    assert "windrow.hdl" not in sys.modules

    state = reach.sources()
    everything = [(file, change) for file in state
                  for change in changes(ast.parse((ROOT / file).read_text()))]
    mutants = [(file, change) for file, change in everything
               if not options.only or file.startswith(tuple(options.only))]
    # In a random order: however many are tried, they are a random sample.
    random.Random(options.seed).shuffle(mutants)
    mutants = mutants[:options.sample]
    done = kept(state)
    tests, modules, reference = prepared(options.jobs)

    def before(file: str, change: Change) -> Result | None:
        return done.get((file, change.function, change.text))

    def untried(file: str, change: Change) -> list[reach.Test]:
        last = before(file, change)
        tried = last.tried if last else ()
        return [test for test in reach.chosen(tests, file, change.lines, change.names)
                if attempt(test) not in tried]

    def again(file: str, change: Change) -> bool:
        last = before(file, change)
        return last is None or (
            not last.killed and not options.kept and bool(untried(file, change)))

    def task(file: str, change: Change) -> Callable[[], dict[str, Any]]:
        """As it is begun: with what is done by then."""
        last = before(file, change)
        known = last.by if last and last.tried else None
        return functools.partial(
            trial, modules, file, change, reach.at_import(tests, file, change.lines),
            promising(untried(file, change), done.values(), file, change.function), reference,
            known, options.seconds)

    todo = [each for each in mutants if again(*each)]
    tasks = ((each, task(*each)) for each in todo)
    begun = time.perf_counter()
    with RESULTS.open("a") as results_file:
        for count, ((file, change), ended) in enumerate(
                forks.run(tasks, options.jobs, patience=3600), 1):
            found = ended.value or {"killed": True, "by": ended.how}
            last = before(file, change)
            if not found["killed"] and last:
                found["tried"] += last.tried
            result = Result(file, change.function, change.line, change.text, state[file], **found,
                            seconds=ended.seconds + (last.seconds if last else 0))
            print(json.dumps(asdict(result)), file=results_file, flush=True)
            done[file, change.function, change.text] = result
            if not result.killed:
                print(f"survives: {file}:{result.line} {result.function}: {result.change} "
                      f"({result.by}) {result.seconds:.0f} s")
            if count % 50 == 0:
                left = (time.perf_counter() - begun) / count * (len(todo) - count)
                print(f"{count} of {len(todo)}, {left / 60:.0f} min left", flush=True)
    results = [done[file, change.function, change.text] for file, change in mutants]
    killed = sum(result.killed for result in results)
    print(f"{killed} of {len(results)} killed: {killed / len(results):.1%}, "
          f"{sum(result.seconds for result in results) / 60:.0f} min of processor time")
    if not options.only:
        words = [f"--sample {options.sample} --seed {options.seed}"] if options.sample else []
        (ROOT / "docs" / "mutation.md").write_text(document(
            results, len(everything), " ".join(["benchmarks/mutation.py", *words])))
    return 0 if killed >= 0.93 * len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
