"""Which lines of ``hdl/`` each test of ``tests/hdl`` reaches, and how long it takes.

The tests are called here without pytest, which would collect all of them anew in each process.
"""

import ast
import functools
import hashlib
import importlib
import inspect
import itertools
import json
import os
import random
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import forks
import pytest


__all__ = [
    "IMPORT", "LONG", "ROOT", "Test", "at_import", "cases", "chosen", "closest", "record",
    "sources",
]

ROOT = Path(__file__).resolve().parents[1]
HDL = ROOT / "hdl"
TESTS = ROOT / "tests" / "hdl"
KEPT = ROOT / "build" / "reach.jsonl"

LONG = 2.0
"""Seconds after which a test is cut off: by then it has made its hardware, and simulates."""
ENOUGH = 60.0
"""Seconds after which the further tests of a function are left out."""

IMPORT = "import"
"""Stands for what is reached by importing ``hdl/`` and the tests."""


@dataclass(frozen=True)
class Test:
    """What is known of a test: one function with one set of parameters."""

    __test__ = False  # itself it is none for pytest

    module: str
    function: str
    number: int
    """Of the set of parameters."""
    seconds: float
    """Processor time, at most `LONG`."""
    lines: dict[str, list[int]]
    """Those that it reaches of each file."""
    state: str = ""
    """Digest of its module, of what tests share, and of ``model/``."""

    @property
    def name(self) -> str:
        """As in ``test_axis.test_delay[2]``."""
        return f"{self.module}.{self.function}[{self.number}]"

    def reaches(self, file: str, lines: range) -> bool:
        """Whether it reaches any of the lines."""
        return any(line in lines for line in self.lines.get(file, ()))


def sources() -> dict[str, str]:
    """Each file of ``hdl/`` and its digest."""
    files = (str(path.relative_to(ROOT)) for path in sorted(HDL.rglob("*.py")))
    return {file: _file_digest(file) for file in files}


@functools.cache
def _file_digest(file: str) -> str:
    """Of one file; empty where it is gone."""
    return _digest(ROOT / file) if (ROOT / file).exists() else ""


def _digest(*paths: Path) -> str:
    text = hashlib.sha256()
    for path in sorted(paths):
        text.update(path.read_bytes())
    return text.hexdigest()[:16]


def cases(module: ModuleType) -> dict[tuple[str, int], Callable[[], None]]:
    """The tests of a module that run by default, by function and number."""
    found = {}
    for name, function in vars(module).items():
        if name.startswith("test_") and function.__module__ == module.__name__:
            marks = getattr(function, "pytestmark", [])
            if not any(mark.name in ("slow", "formal") or (mark.name == "skipif" and mark.args[0])
                       for mark in marks):
                thinned = next((mark.args[0] for mark in marks if mark.name == "thinned"), 1)
                for number, arguments in enumerate(_arguments(marks)):
                    if number % thinned == 0:
                        found[name, number] = functools.partial(_call, function, arguments)
    return found


def record(jobs: int) -> list[Test]:
    """All tests; those whose files, and what they reach, are as they were, as they were found then.

    Raises
    ------
    AssertionError
        If a test fails.
    """
    others = [path for path in [*TESTS.rglob("*.py"), *TESTS.parent.glob("*.py")]
              if not path.name.startswith("test_")] + [*(ROOT / "model").rglob("*.py")]
    state = {path.stem: _digest(path, *others) for path in TESTS.rglob("test_*.py")}
    found: dict[tuple[str, str], list[Test]] = {}
    for line in KEPT.read_text().splitlines() if KEPT.exists() else ():
        entry = json.loads(line)
        if entry["state"] == state.get(entry["module"]) and all(
                _file_digest(file) == kept for file, kept in entry["files"].items()):
            found[entry["module"], entry["function"]] = [
                Test(**each, state=entry["state"]) for each in entry["tests"]]
    todo = [each for each in _functions() if each not in found]
    if todo:
        print(f"what is reached by {len(todo)} functions of {len(state)} files", flush=True)
    KEPT.parent.mkdir(exist_ok=True)
    tasks = ((each, functools.partial(_record, *each)) for each in todo)
    with KEPT.open("a") as kept:
        for (module, function), ended in forks.run(tasks, jobs, patience=3600):
            failed = ended.how or ended.value["failed"]
            assert not failed, f"{module}.{function} fails: {failed}"
            tests = ended.value["tests"]
            reached = {file: _file_digest(file) for test in tests for file in test["lines"]}
            print(json.dumps({"state": state[module], "files": reached, "module": module,
                              "function": function, "tests": tests}), file=kept, flush=True)
            found[module, function] = [Test(**each, state=state[module]) for each in tests]
    current = {*_functions()}
    return [test for key, tests in found.items() if key in current for test in tests]


def at_import(tests: Sequence[Test], file: str, lines: range) -> bool:
    """Whether any of a file's lines are reached by importing."""
    return any(test.function == IMPORT and test.reaches(file, lines) for test in tests)


def chosen(
    tests: Sequence[Test], file: str, lines: range, names: Sequence[str] = ()
) -> list[Test]:
    """The tests that reach lines of a file, in the order in which to try them.

    The quick ones come first, and of each function, whose tests are much alike, one at a time. For
    lines that are reached while the file is imported, which give values to ``names``, those that
    reach a line with such a name come first; then all that use the file, and all that take next to
    no time: they may look at a number that stands there.
    """
    found = [test for test in tests if test.reaches(file, lines)]
    near: set[str] = set()
    if {test.function for test in found} == {IMPORT}:
        found = [test for test in tests if file in test.lines or test.seconds < 0.02]
        places = [place for name in names for place in _uses().get(name, ())]
        near = {test.name for test in found if any(
            line in test.lines.get(other, ()) for other, line in places)}
    turn = _turns(found)
    return sorted((test for test in found if test.function != IMPORT), key=lambda test: (
        test.name not in near, test.seconds * turn[test.name]))


@functools.cache
def _uses() -> dict[str, list[tuple[str, int]]]:
    """File and line of every use of a name within a function of ``hdl/``."""
    found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for file in sources():
        for node in ast.walk(ast.parse((ROOT / file).read_text())):
            if isinstance(node, ast.FunctionDef):
                for each in ast.walk(node):
                    if isinstance(each, ast.Name):
                        found[each.id].append((file, each.lineno))
                    elif isinstance(each, ast.Attribute):
                        found[each.attr].append((file, each.lineno))
    return found


def closest(tests: Sequence[Test], file: str) -> list[Test]:
    """The same tests, those first that reach little else than a file, for the time they take; of
    each function one at a time."""
    def share(test: Test) -> float:
        return len(test.lines.get(file, ())) / max(sum(map(len, test.lines.values())), 1)

    turn = _turns(tests)
    return sorted(tests, key=lambda test: test.seconds * turn[test.name] / max(share(test), 0.001))


def _turns(tests: Sequence[Test]) -> dict[str, int]:
    """Of each test, which of its function it is, the quickest being the first."""
    turns: Counter[str] = Counter()
    found: dict[str, int] = {}
    for test in sorted(tests, key=lambda test: test.seconds):
        turns[test.function] += 1
        found[test.name] = turns[test.function]
    return found


def _functions() -> Iterator[tuple[str, str]]:
    """Module and name of each test function, and of each module's import; nothing is imported."""
    for path in sorted(TESTS.rglob("test_*.py")):
        yield path.stem, IMPORT
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path.stem, node.name


def _record(module: str, function: str) -> dict[str, Any]:
    """Run all tests of a function."""
    if function == IMPORT:
        with _Lines() as lines:
            importlib.import_module(module)
        return {"failed": "", "tests": [_kept(Test(module, IMPORT, 0, 0, lines.found))]}
    tests: list[dict[str, Any]] = []
    found = list(cases(importlib.import_module(module)).items())
    random.Random(0).shuffle(found)  # neighbours are most alike
    for (name, number), call in found:
        if name != function or sum(test["seconds"] for test in tests) > ENOUGH:
            continue
        begun = forks.seconds()
        with _Lines() as lines:
            try:
                call()
            except BaseException as error:
                # Being cut off may come here as another error.
                if not lines.cut_off:
                    return {"failed": f"{number}: {error!r}", "tests": []}
        spent = min(round(forks.seconds() - begun, 3), LONG)
        tests.append(_kept(Test(module, function, number, spent, lines.found)))
    return {"failed": "", "tests": tests}


def _kept(test: Test) -> dict[str, Any]:
    """All but its state, which is that of its function."""
    return {name: value for name, value in asdict(test).items() if name != "state"}


class _Enough(BaseException):
    """A test that is cut off."""


class _Lines:
    """The lines of ``hdl/`` that are reached within this context, for a limited time."""

    def __init__(self) -> None:
        self._lines: defaultdict[str, set[int]] = defaultdict(set)
        self.cut_off = False

    @property
    def found(self) -> dict[str, list[int]]:
        return {file: sorted(lines) for file, lines in self._lines.items()}

    def __enter__(self) -> "_Lines":
        def enough(*_: Any) -> None:
            self.cut_off = True
            raise _Enough

        signal.signal(signal.SIGPROF, enough)
        signal.setitimer(signal.ITIMER_PROF, LONG)
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: Any) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.settrace(None)

    def _trace(self, frame: FrameType, event: str, _: Any) -> Any:
        file = _source(frame.f_code.co_filename)
        if file is None:
            return None
        self._lines[file].add(frame.f_lineno)
        return self._trace


@functools.cache
def _source(file: str) -> str | None:
    """A file of ``hdl/``, relative to the root; None if it is another one."""
    path = Path(os.path.realpath(file))
    return str(path.relative_to(ROOT)) if path.is_relative_to(HDL) else None


def _arguments(marks: Sequence[pytest.Mark]) -> Iterator[dict[str, Any]]:
    """The sets of parameters of a function that run by default."""
    choices = []
    for mark in marks:
        if mark.name == "parametrize":
            names, values = mark.args[:2]
            names = names.replace(" ", "").split(",") if isinstance(names, str) else list(names)
            choices.append([_named(names, value) for value in values if not any(
                mark.name == "slow" for mark in getattr(value, "marks", ()))])
    for chosen in itertools.product(*choices):
        yield {name: value for each in chosen for name, value in each.items()}


def _named(names: Sequence[str], value: Any) -> dict[str, Any]:
    if isinstance(value, type(pytest.param())):
        value = value.values
    elif len(names) == 1:
        value = (value,)
    return dict(zip(names, value, strict=True))


def _call(function: Callable[..., None], arguments: dict[str, Any]) -> None:
    """Run a test, with those of pytest's fixtures that are used here and its module's own."""
    with ExitStack() as stack:
        made = dict(arguments)

        def fill(function: Callable[..., Any]) -> Any:
            wanted = [*inspect.signature(function).parameters]
            for name in wanted:
                if name in made:
                    continue
                if name == "tmp_path":
                    made[name] = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                elif name == "monkeypatch":
                    made[name] = stack.enter_context(pytest.MonkeyPatch.context())
                else:
                    made[name] = fill(inspect.unwrap(function.__globals__[name]))
            return function(**{name: made[name] for name in wanted})

        with suppress(pytest.skip.Exception):
            fill(function)
