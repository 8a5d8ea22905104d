"""The changes of the mutation run: which there are, and that each makes another program."""

import ast
import importlib
import signal
from pathlib import Path
from types import ModuleType

import forks
import pytest
from mutants import changes
from mutated import Modules
from reach import IMPORT, Test, at_import, cases, chosen, sources


ROOT = Path(__file__).resolve().parents[1]

SOURCE = '''
"""Not this 1."""
def elaborate(self, count: int = 2) -> "Module":
    if count == 0:
        raise InputError(f"count {count - 1}")
    m.d.sync += [a.eq(b & c), d.eq(Mux(e, f, g))]
    with m.If(a):
        m.d.comb += h.eq(~i)
    with m.Else():
        j.append(Signal(name="j" + k, reset_less=True))
    assert count < 3
    return In(1)
'''


def text_of(number: int) -> str:
    tree = ast.parse(SOURCE)
    list(changes(tree))[number].apply()
    return ast.unparse(ast.fix_missing_locations(tree))


def test_changes() -> None:
    assert [change.text for change in changes(ast.parse(SOURCE))] == [
        "`2` -> `3`",
        "`count == 0` -> `count != 0`",
        "`count == 0` -> `count == 1`",
        "without `raise InputError(f'count {count - 1}')`",
        "without `a.eq(b & c)`",
        "without `d.eq(Mux(e, f, g))`",
        "`b & c` -> `b | c`",
        "`b & c` -> `b`",
        "`b & c` -> `c`",
        "`Mux(e, f, g)` -> `Mux(e, g, f)`",
        "`a` -> `a == 0`",
        "without `m.d.comb += h.eq(~i)`",
        "`~i` -> `i`",
        "without `with m.Else(): j.append(Signal(name='j' + k, reset_less=True))`",
        "without `j.append(Signal(name='j' + k, reset_less=True))`",
    ]
    assert {change.function for change in changes(ast.parse(SOURCE))} == {"elaborate"}


def test_lines_are_those_of_the_statement() -> None:
    """Constants of several lines are reached by the first; what a condition holds is not."""
    source = "TABLE = (1,\n         2)\nif (a or\n        b):\n    c = 3\nelse:\n    d = 4\n"
    found = [(change.text, change.line, [*change.lines])
             for change in changes(ast.parse(source)) if "->" in change.text]
    assert found == [
        ("`(1, 2)` -> `(2, 2)`", 1, [1, 2]), ("`(1, 2)` -> `(1, 3)`", 2, [1, 2]),
        ("`a or b` -> `a and b`", 3, [3, 4]), ("`a or b` -> `b`", 3, [3, 4]),
        ("`a or b` -> `a`", 3, [3, 4]), ("`a or b` -> `not (a or b)`", 3, [3, 4]),
        ("`3` -> `4`", 5, [5]), ("`4` -> `5`", 7, [7])]


def test_names_of_constants() -> None:
    """Of a module and of its classes, not of functions."""
    source = "A = 1\nclass B:\n    C: int = 2\n    D, E = 3, 4\n    def f(self):\n        g = 5\n"
    assert [(change.text, change.names) for change in changes(ast.parse(source))] == [
        ("`1` -> `2`", ("A",)), ("`2` -> `3`", ("C",)), ("`(3, 4)` -> `(4, 4)`", ("D", "E")),
        ("`(3, 4)` -> `(3, 5)`", ("D", "E")), ("`5` -> `6`", ())]


def test_each_change_is_made() -> None:
    original = ast.unparse(ast.parse(SOURCE))
    texts = [text_of(number) for number in range(len(list(changes(ast.parse(SOURCE)))))]
    assert original not in texts
    assert len(set(texts)) == len(texts)
    assert all(compile(text, "mutant", "exec") for text in texts)


@pytest.mark.parametrize("file", sources())
def test_changes_of_the_sources(file: str) -> None:
    """They can be told apart, and some of them are made."""
    text = (ROOT / file).read_text()
    found = list(changes(ast.parse(text)))
    assert len({(change.function, change.text) for change in found}) == len(found)
    for number in range(0, len(found), 60):
        tree = ast.parse(text)
        list(changes(tree))[number].apply()
        compile(ast.fix_missing_locations(tree), file, "exec")
        assert ast.unparse(tree) != ast.unparse(ast.parse(text))


def a_test(function: str, number: int, seconds: float, *lines: int) -> Test:
    return Test("test_edges", function, number, seconds, {"hdl/edges.py": list(lines)})


def test_tests_that_reach_a_change_come_in_turns() -> None:
    tests = [a_test("one", 0, 0.1, 5, 6), a_test("one", 1, 0.2, 5), a_test("other", 0, 0.3, 6, 7),
             a_test("third", 0, 0.1, 8), a_test(IMPORT, 0, 0, 1)]

    def found(*lines: int) -> list[str]:
        return [f"{test.function} {test.number}" for test in chosen(
            tests, "hdl/edges.py", range(lines[0], lines[-1] + 1))]

    assert found(5, 6) == ["one 0", "other 0", "one 1"]
    assert found(7) == ["other 0"]
    assert found(9) == []
    assert found(1) == ["one 0", "third 0", "other 0", "one 1"]
    assert chosen(tests, "hdl/exchange.py", range(1, 100)) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.mark.parametrize("name", ["choices", "plain"])
def test_cases(name: str) -> None:
    """As pytest has them: each combination, by value or by `pytest.param`, and fixtures."""
    calls = []
    module = ModuleType("module")

    @pytest.mark.parametrize("c", [pytest.param(5, id="five"), 6])
    @pytest.mark.parametrize("a, b", [(1, 2), (3, 4)])
    def test_choices(a: int, b: int, c: int) -> None:
        calls.append((a, b, c))

    def test_plain(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert folder.is_dir()
        pytest.skip("does not fail")

    @pytest.mark.slow
    def test_slow() -> None:
        raise AssertionError

    for function in (test_choices, test_plain, test_slow):
        function.__module__ = "module"
        setattr(module, function.__name__, function)
    found = cases(module)
    assert set(found) == {*(("test_choices", number) for number in range(4)), ("test_plain", 0)}
    for (function, _), call in found.items():
        if function == f"test_{name}":
            call()
    wanted = [(1, 2, 5), (1, 2, 6), (3, 4, 5), (3, 4, 6)] if name == "choices" else []
    assert sorted(calls) == wanted


def ends() -> int:
    return 5


def never_ends() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0.1)
    while True:
        pass


def crashes() -> None:
    raise ValueError


def test_forks() -> None:
    tasks = [("ends", ends), ("never ends", never_ends), ("sleeps", signal.pause),
             ("crashes", crashes)]
    found = dict(forks.run(tasks, 2, patience=2))
    assert {key: ended.how for key, ended in found.items()} == {
        "ends": "", "never ends": "time", "sleeps": "time", "crashes": "crash"}
    assert found["ends"].value == 5
    assert found["never ends"].seconds > 0.05


SIZES = """
from functools import lru_cache
WIDTH = 3
class Base:
    def area(self):
        return 2
class Frame(Base):
    @property
    def pixels(self):
        return super().area() * WIDTH
    def rows(self):
        return [row for row in range(4)]
@lru_cache
def double(number):
    def twice():
        return 2 * number
    return twice()
EIGHT = double(4)
"""


def changed(folder: Path, old: str, new: str, imported: bool) -> list[int]:
    """What another module finds in one that is changed, after importing."""
    (folder / "mutated_sizes.py").write_text(SIZES)
    (folder / "mutated_user.py").write_text("from mutated_sizes import EIGHT, Frame, double\n")

    def found() -> list[int]:
        importlib.invalidate_caches()
        modules = Modules(["mutated_user"], folder)
        assert old in SIZES
        code = compile(SIZES.replace(old, new), "mutated_sizes.py", "exec")
        modules.change("mutated_sizes", code, imported)
        user = importlib.import_module("mutated_user")
        return [user.Frame().pixels, len(user.Frame().rows()), user.double(5), user.EIGHT]

    ((_, ended),) = forks.run([("", found)], 1, patience=60)
    assert not ended.how
    return list(ended.value)


@pytest.mark.parametrize("imported", [False, True])
@pytest.mark.parametrize("old, new, wanted", [
    ("", "", [6, 4, 10, 8]),
    ("super().area() * WIDTH", "super().area() + WIDTH", [5, 4, 10, 8]),
    ("super().area() * WIDTH", "WIDTH", [3, 4, 10, 8]),
    ("range(4)", "range(5)", [6, 5, 10, 8]),
])
def test_functions_are_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, wanted: list[int],
    imported: bool,
) -> None:
    """Properties, decorated and inner functions; also such as need another cell."""
    monkeypatch.syspath_prepend(tmp_path)
    assert changed(tmp_path, old, new, imported) == wanted


@pytest.mark.parametrize("old, new, wanted", [
    ("WIDTH = 3", "WIDTH = 4", [8, 4, 10, 8]), ("2 * number", "3 * number", [6, 4, 15, 12]),
])
def test_what_importing_reaches_is_imported_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, wanted: list[int]
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    assert changed(tmp_path, old, new, True) == wanted


def test_reached_by_importing() -> None:
    tests = [Test("test_a", IMPORT, 0, 0, {"hdl/a.py": [1, 7]}),
             Test("test_a", "test_it", 0, 1.0, {"hdl/a.py": [3]})]
    assert at_import(tests, "hdl/a.py", range(6, 8))
    assert not at_import(tests, "hdl/a.py", range(2, 7))
    assert not at_import(tests, "hdl/b.py", range(1, 8))
