"""The changes of the mutation run: which there are, and that each makes another program."""

import ast
from pathlib import Path

import mutation
import pytest
from mutants import changes


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
        "`reset_less=True` -> `reset_less=False`",
    ]
    assert {change.function for change in changes(ast.parse(SOURCE))} == {"elaborate"}


def test_each_change_is_made() -> None:
    original = ast.unparse(ast.parse(SOURCE))
    texts = [text_of(number) for number in range(len(list(changes(ast.parse(SOURCE)))))]
    assert original not in texts
    assert len(set(texts)) == len(texts)
    assert all(compile(text, "mutant", "exec") for text in texts)


@pytest.mark.parametrize("file", mutation.sources())
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


def test_reasons_are_of_sources_that_are_there() -> None:
    for entry in mutation.reasons():
        assert entry.keys() <= {"file", "function", "changes", "reason"}
        assert entry["reason"]
        if "file" in entry:
            found = [change for change in changes(ast.parse((ROOT / entry["file"]).read_text()))
                     if change.function == entry.get("function", change.function)]
            unknown = set(entry.get("changes", ())) - {change.text for change in found}
            assert not unknown, "the source has changed"


@pytest.mark.parametrize("file, first", [
    ("hdl/edges.py", "tests/hdl/test_edges.py"),
    ("hdl/sequencer.py", "tests/hdl/test_malformed.py"),
    ("hdl/devices/ecp5.py", "tests/hdl/test_devices.py"),
    ("hdl/control/registers.py", "tests/hdl/control/test_registers.py"),
])
def test_mirror(file: str, first: str) -> None:
    assert mutation.mirror(file)[0] == first
    assert all((ROOT / test).exists() for test in mutation.mirror(file) + mutation.later(file))
