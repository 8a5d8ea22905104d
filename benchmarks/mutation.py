"""Whether the tests notice when the hardware's sources are wrong.

    .venv/bin/python benchmarks/mutation.py
    .venv/bin/python benchmarks/mutation.py --only hdl/edges.py --only hdl/devices
    .venv/bin/python benchmarks/mutation.py --sample 400 --seed 1

Each mutant is one file of ``hdl/`` with one small change: an operator flipped, a term, a statement
or a branch dropped, a constant off by one, a condition inverted, the arms of a multiplexer swapped.
It is killed if a test of ``tests/hdl`` fails, or does not come to an end. The tests run in stages,
up to the first failure: the small filters of ``tests/hdl/test_small_filters.py``, then the tests
that mirror the file, then those of other parts that use it, in a random order and for a limited
time; those called small are the first of their file. A survivor that leaves the netlists of all
small filters as they were is marked so: it is equivalent there, or not reached.

Results are kept in ``build/mutation.jsonl``: a run that was cut off goes on where it was. Kills
hold as long as ``hdl/`` and ``model/`` are the same, survivors are tried again. Unless ``--only``
is given, ``docs/mutation.md`` is written anew. What is known to survive has its reason in
``benchmarks/mutation_reasons.toml``, and is not tried with the tests of other parts.

There are libraries for this: mutmut 3, cosmic-ray, mutatest. mutmut switches between variants of
functions at run time and leaves out decorated ones, so properties and everything outside functions;
cosmic-ray and mutatest start Python and the whole test command anew for each mutant, which takes
longer than most mutants live here. None knows a statement of an ``m.d.sync`` list, an ``m.Elif`` or
a ``Mux``. What is needed beyond them is short: see ``mutants.py``.
"""

import argparse
import ast
import functools
import hashlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import random
import re
import resource
import selectors
import signal
import sys
import time
import tomllib
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from mutants import Change, changes


ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build" / "mutation.jsonl"
REASONS = Path(__file__).with_name("mutation_reasons.toml")
TESTS = "tests/hdl"

WARM = ("amaranth.back.rtlil", "amaranth.back.verilog", "amaranth.sim", "hypothesis.strategies",
        "numpy", "windrow.model.arithmetic", "windrow.model.presets", "yaml")
"""Imported once, in the process that all mutants are forked from. windrow.hdl is not."""

FEW = 30
"""Seconds of processor time for the small filters, which take three; more is a hang."""
SOME = 20
"""Seconds for one further test: as long as the slowest of them takes, twice over."""
MOST = 120
"""Seconds for all tests of a mutant, about as long as all of them take; they come in a random
order. One that lasts longer survives."""

FAMILIES = ("generic", "ecp5", "ice40", "gowin")
ALSO = {
    "hdl/axis.py": ("run_time_size", "runtime"),
    "hdl/border_choice.py": ("runtime",),
    "hdl/core.py": ("runtime_size", "runtime"),
    "hdl/exchange.py": ("running_sum",),
    "hdl/geometry.py": ("run_time_size",),
    "hdl/row_border.py": ("runtime",),
    "hdl/row_size.py": ("run_time_size",),
    "hdl/running_columns.py": ("running_sum",),
    "hdl/running_sums.py": ("running_sum",),
    "hdl/runtime_sums.py": ("runtime",),
    "hdl/sequencer.py": ("malformed", "run_time_size", "runtime_size"),
    "hdl/window.py": ("runtime",),
}
"""Tests that mirror a file under another name."""
CORES = ("core", "malformed", "run_time_size", "runtime", "running_sum", "time_folded", "verilog")
"""Tests of whole cores, which are the last to try."""


@dataclass(frozen=True)
class Result:
    """What became of a mutant."""

    file: str
    function: str
    line: int
    change: str
    sources: str
    """Digest of ``hdl/`` and ``model/``, and of the mutant's place in them."""
    killed: bool
    by: str
    """The test that failed; of a survivor, what it left as it was."""
    seconds: float

    @property
    def reason(self) -> str:
        """Why it may survive."""
        return reason(self.file, self.function, self.change)


class _Mutated(importlib.abc.MetaPathFinder):
    """Imports one module with another text than its file has."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self._name, self._path, self._code = name, path, code

    def find_spec(self, fullname: str, path: object, target: object = None) -> Any:
        if fullname != self._name:
            return None
        code = self._code

        class Loader(importlib.machinery.SourceFileLoader):
            def get_code(self, fullname: str) -> CodeType:
                return code

        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=Loader(fullname, str(self._path)),
            submodule_search_locations=(
                [str(self._path.parent)] if self._path.name == "__init__.py" else None))


class _Watch:
    """pytest's plugin: which test failed first, and an end to those that hang."""

    def __init__(self, begun: float, file: str) -> None:
        self.failed: str | None = None
        self._begun = begun
        family = Path(file).stem
        self._others = {*FAMILIES, "spram"} - {family} if is_family(file) else set()
        if family == "ice40":
            self._others.remove("spram")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items
                    if not any(family in item.name for family in self._others)]
        random.Random(0).shuffle(items)
        # One of each file in turn: those of a long file are much alike, and come to nothing alike.
        turns: Counter[Path] = Counter()
        order: dict[str, int] = {}
        for item in items:
            order[item.nodeid] = turns[item.path]
            turns[item.path] += 1
        items.sort(key=lambda item: ("small" not in item.name, order[item.nodeid]))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        signal.setitimer(signal.ITIMER_PROF, SOME)
        if time.process_time() - self._begun > MOST:
            item.session.shouldstop = "enough"
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.failed is None:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and self.failed is None:
            self.failed = f"import of {report.nodeid}"


def sources() -> list[str]:
    """The files that are mutated."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "hdl").rglob("*.py"))


def is_family(file: str) -> bool:
    """Whether a source file is of a device family, which the small filters do not use."""
    return Path(file).stem in FAMILIES


def mirror(file: str) -> list[str]:
    """The test files that mirror a source file, then those of what it is a part of."""
    path = Path(file)
    names = [path.stem, *ALSO.get(file, ()), *path.parts[1:-1]]
    found = [each for name in names for each in sorted((ROOT / TESTS).rglob(f"test_{name}.py"))]
    for folder in path.parts[1:-1]:
        found += sorted((ROOT / TESTS / folder).glob("test_*.py"))
    return list(dict.fromkeys(str(each.relative_to(ROOT)) for each in found))


def later(file: str) -> list[str]:
    """The test files of other parts that use a source file."""
    names = CORES
    if "devices" in file or Path(file).stem in ("line_memory", "multiplier", "select_adder"):
        names = ("devices", *CORES)
    found = (f"{TESTS}/test_{name}.py" for name in names)
    return [test for test in found if test not in mirror(file)]


def digest() -> str:
    """Of all that the hardware is made from."""
    text = hashlib.sha256()
    for path in sorted([*(ROOT / "hdl").rglob("*.py"), *(ROOT / "model").rglob("*.py")]):
        text.update(path.read_bytes())
    return text.hexdigest()[:16]


def netlists(small: Any) -> list[str]:
    """A digest of each small filter's netlist, and of what the core says of itself."""
    from amaranth.back import rtlil  # type: ignore[attr-defined]  # not in the stubs

    from windrow.hdl import Core

    found = []
    for name, (strategy, _) in small.FILTERS.items():
        core = Core(small.make(name), strategy=strategy)
        text = rtlil.convert(core, emit_src=False)
        facts = f"{core.latency} {core.cycles_per_frame} {core.strategy} {text}"
        found.append(hashlib.sha256(facts.encode()).hexdigest())
    return found


def trial(
    file: str, change: Change | None, reference: Sequence[str], stages: int
) -> dict[str, Any]:
    """Run the tests against a mutant; in a process of its own, which they end with."""
    begun = time.process_time()
    if change is not None:
        tree = ast.parse((ROOT / file).read_text())
        list(changes(tree))[change.number].apply()
        code = compile(ast.fix_missing_locations(tree), str(ROOT / file), "exec")
        name = ".".join(["windrow", *Path(file).with_suffix("").parts]).removesuffix(".__init__")
        sys.meta_path.insert(0, _Mutated(name, ROOT / file, code))
    signal.setitimer(signal.ITIMER_PROF, FEW)
    small: Any = None
    each = ""
    try:
        small = importlib.import_module("test_small_filters")
        for test, names in (() if is_family(file) else small.SMALL):
            for each in names:
                test(each)
    except BaseException as error:
        at = f"small filter: {each}" if each else "import"
        return {"killed": True, "by": f"{at} ({type(error).__name__})"}
    try:
        found = [] if is_family(file) else netlists(small)
    except Exception as error:
        return {"killed": True, "by": f"RTLIL ({type(error).__name__})"}
    if change is None:
        return {"killed": False, "by": "", "netlists": found}
    watch = _Watch(begun, file)
    for stage in [mirror(file), later(file)][: None if stages > 2 else 1]:
        if stage and stages > 1:
            signal.setitimer(signal.ITIMER_PROF, SOME)
            options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no"]
            pytest.main([*options, *stage], plugins=[watch])
        if watch.failed:
            return {"killed": True, "by": watch.failed.removeprefix(f"{TESTS}/")}
    return {"killed": False, "by": "same netlists" if found == list(reference) else ""}


def fork(
    file: str, change: Change | None, reference: Sequence[str], stages: int
) -> tuple[int, int]:
    """Start a trial; return the process and the file that it writes its findings to."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        warnings.simplefilter("ignore")
        os.write(writing, json.dumps(trial(file, change, reference, stages)).encode())
    finally:
        os._exit(0)


def outcome(process: int, reading: int) -> dict[str, Any]:
    """What a trial that has ended found."""
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status, usage = os.wait4(process, 0)
    found: dict[str, Any] = json.loads(text) if text else {
        "killed": True, "by": "time" if os.WIFSIGNALED(status) else "crash"}
    return {**found, "seconds": round(usage.ru_utime + usage.ru_stime, 2)}


def run(
    mutants: Iterable[tuple[str, Change]], reference: Sequence[str], jobs: int, stages: int,
    state: str,
) -> Iterator[Result]:
    """Run mutants side by side."""
    waiting = iter(mutants)
    running: dict[int, tuple[int, str, Change, float]] = {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        stack.callback(lambda: [os.killpg(each[0], signal.SIGKILL) for each in running.values()])
        while True:
            while len(running) < jobs and (following := next(waiting, None)):
                file, change = following
                # What is known to survive is not worth the time of the last stage.
                known = bool(reason(file, change.function, change.text))
                most = min(stages, 2) if known else stages
                process, reading = fork(file, change, reference, most)
                running[reading] = (process, *following, time.perf_counter())
                selector.register(reading, selectors.EVENT_READ)
            if not running:
                return
            ready = {key.fd for key, _ in selector.select(1)}
            for reading, (process, file, change, begun) in list(running.items()):
                if reading not in ready and time.perf_counter() - begun < 10 * MOST:
                    continue
                if reading not in ready:  # asleep, which the timers of its own do not see
                    os.killpg(process, signal.SIGKILL)
                selector.unregister(reading)
                del running[reading]
                found = outcome(process, reading)
                yield Result(file, change.function, change.line, change.text, state, **found)


@functools.cache
def reasons() -> list[dict[str, Any]]:
    """The explanations, by file, function and changes."""
    entries: list[dict[str, Any]] = tomllib.loads(REASONS.read_text())["survivor"]
    return entries


def reason(file: str, function: str, change: str) -> str:
    """Why a mutant may survive: the first entry that fits. An entry without a key fits any.

    A change without a number fits the same one at any place of the function.
    """
    either = {change, re.sub(r" #\d+$", "", change)}
    for entry in reasons():
        if (entry.get("file", file) == file and entry.get("function", function) == function
                and not either.isdisjoint(entry.get("changes", [change]))):
            return str(entry["reason"])
    return ""


def document(results: Sequence[Result], total: int, command: str) -> str:
    """``docs/mutation.md``."""
    killed = sum(result.killed for result in results)
    survivors = [result for result in results if not result.killed]
    explained = sum(bool(result.reason) for result in survivors)
    seconds = sum(result.seconds for result in results)
    lines = [
        "# Mutation run", "",
        f"Made by `{command}`; what a mutant is, and what kills it, is written there.", "",
        f"**{killed} of {len(results)} mutants killed: {killed / len(results):.1%}.** "
        + f"Of the {len(survivors)} survivors, {explained} are explained below. "
        + (f"They are a random sample of {total}. " if total > len(results) else "")
        + f"A mutant took {seconds / len(results):.1f} s of processor time in the mean.", "",
        "| file | mutants | killed | |", "|---|--:|--:|--:|",
    ]
    for file, count in sorted(Counter(result.file for result in results).items()):
        dead = sum(result.killed for result in results if result.file == file)
        lines.append(f"| `{file}` | {count} | {dead} | {dead / count:.0%} |")
    lines += ["", "## Survivors", "",
              "`=`: the netlists of all small filters are as they were.", "",
              "| where | change | | why |", "|---|---|---|---|"]
    for result in sorted(survivors, key=lambda each: (each.file, each.line, each.change)):
        change = result.change.replace("|", "\\|")
        lines.append(f"| `{result.file}`:{result.line} {result.function} | {change} "
                     f"| {'=' if result.by else ''} | {result.reason} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", metavar="FILE", help="a file or a folder")
    parser.add_argument("--sample", type=int, metavar="N", help="run N of them")
    parser.add_argument("--seed", type=int, default=0, help="of the sample (0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="side by side")
    parser.add_argument("--stages", type=int, default=3, help="1: only the small filters, 2: no "
                        "tests of other parts, 3: all (3)")
    parser.add_argument("--kept", action="store_true", help="do not try survivors again")
    options = parser.parse_args()
    # As pytest's configuration has it; the working directory is the tests' too.
    os.chdir(ROOT)
    sys.path[:0] = ["tests", TESTS, f"{TESTS}/control", "tests/sim", "tests/synth"]

    for name in WARM:
        importlib.import_module(name)
    assert "windrow.hdl" not in sys.modules

    everything = [(file, change) for file in sources()
                  for change in changes(ast.parse((ROOT / file).read_text()))]
    mutants = [(file, change) for file, change in everything
               if not options.only or file.startswith(tuple(options.only))]
    if options.sample is not None and options.sample < len(mutants):
        mutants = sorted(random.Random(options.seed).sample(mutants, options.sample),
                         key=lambda each: (each[0], each[1].number))
    first = outcome(*fork("", None, [], 1))
    if first["killed"]:
        print(f"the sources as they are fail at {first['by']}")
        return 1

    state = digest()
    done: dict[tuple[str, str, str], Result] = {}
    if RESULTS.exists():
        for line in RESULTS.read_text().splitlines():
            result = Result(**json.loads(line))
            if result.sources == state and (result.killed or options.kept):
                done[result.file, result.function, result.change] = result
    RESULTS.parent.mkdir(exist_ok=True)
    todo = [(file, change) for file, change in mutants
            if (file, change.function, change.text) not in done]
    begun = time.perf_counter()
    with RESULTS.open("a") as kept:
        for count, result in enumerate(run(
                todo, first["netlists"], options.jobs, options.stages, state), 1):
            kept.write(json.dumps(asdict(result)) + "\n")
            kept.flush()
            done[result.file, result.function, result.change] = result
            left = (time.perf_counter() - begun) / count * (len(todo) - count)
            if not result.killed:
                print(f"survives: {result.file}:{result.line} {result.function}: {result.change}"
                      f"{' (same netlists)' if result.by else ''} {result.seconds:.0f} s")
            if count % 50 == 0:
                print(f"{count} of {len(todo)}, {left / 60:.0f} min left", flush=True)
    results = [done[file, change.function, change.text] for file, change in mutants]
    killed = sum(result.killed for result in results)
    seconds = sum(result.seconds for result in results) / len(results)
    print(f"{killed} of {len(results)} killed: {killed / len(results):.1%}, "
          f"{seconds:.2f} s of processor time each")
    if not options.only:
        words = [f"--sample {options.sample} --seed {options.seed}"] if options.sample else []
        words += [f"--stages {options.stages}"] if options.stages != 3 else []
        (ROOT / "docs" / "mutation.md").write_text(document(
            results, len(everything), " ".join(["benchmarks/mutation.py", *words])))
    unexplained = [result for result in results
                   if not result.killed and not result.reason]
    print(f"{len(unexplained)} survivors without a reason")
    return 0 if killed >= 0.95 * len(results) and not unexplained else 1


if __name__ == "__main__":
    sys.exit(main())
