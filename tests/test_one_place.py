"""What is decided in one place of the sources, and asked for everywhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[1]
SOURCES = [path for folder in ("model", "hdl", "sim", "synth", "boards", "windrow", "benchmarks")
           for path in sorted((ROOT / folder).rglob("*.py"))]


def comparisons(source: str, key: str) -> Iterator[str]:
    """The functions, from the outermost one in, that compare a key of a filter with a text."""
    def visit(node: ast.AST, within: str) -> Iterator[str]:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            within = f"{within}.{node.name}".lstrip(".")
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            asked = {getattr(side, "attr", getattr(side, "id", None)) for side in sides}
            if key in asked and any(isinstance(side, ast.Constant) and isinstance(side.value, str)
                                    for side in sides):
                yield within
        for child in ast.iter_child_nodes(node):
            yield from visit(child, within)

    yield from visit(ast.parse(source), "")


@pytest.mark.parametrize(("key", "place"), [
    ("control", "Filter.registers"), ("coefficients", "Filter.runtime_kernel")])
def test_a_key_is_compared_in_one_place(key: str, place: str) -> None:
    found = [f"{path.relative_to(ROOT)}: {function}" for path in SOURCES
             for function in comparisons(path.read_text(encoding="utf-8"), key)]
    assert found == [f"model/filter.py: {place}"]


def test_a_second_comparison_is_found() -> None:
    source = '''
class A:
    def b(self): return self.control == "none"
def c(f): return f.control not in "none" or f.size == "none"
'''
    assert list(comparisons(source, "control")) == ["A.b", "c"]
