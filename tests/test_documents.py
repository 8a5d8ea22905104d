"""Every example in the documents runs; every file and preset that they name is there."""

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from windrow.cli import main
from windrow.hdl.control import RegisterMap
from windrow.hdl.control.register_map import ERRORS
from windrow.hdl.devices import DEVICES
from windrow.hdl.strategies import AUTO, STRATEGIES
from windrow.model import Filter, Pipeline, presets
from windrow.model.expression import Expression
from windrow.model.expression.parsing import FUNCTIONS
from windrow.model.keys import TABLE
from windrow.model.pipeline.verbs import VERBS
from windrow.synth import TARGETS


ROOT = Path(__file__).resolve().parents[1]
GUIDES = tuple(f"docs/{name}.md" for name in (
    "arm", "command_line", "exploration", "expressions", "filters", "first_steps", "gallery",
    "index", "json", "layers", "networks", "on_a_board", "opencv", "pipelines", "python",
    "pytorch-keras", "registers", "reports", "simulation", "strategies", "streams", "testbench",
    "vivado", "web"))
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "pictures/README.md", "examples/README.md",
             "CHANGELOG.md", *GUIDES)


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def lines(language: str) -> list[str]:
    """The lines of all blocks of a language, each once."""
    return list(dict.fromkeys(line for document in DOCUMENTS for block in blocks(document, language)
                              for line in block.splitlines()))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a reader stands: in a clone, with its pictures and examples."""
    for name in ("pictures", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", [line for line in lines("sh") if line.startswith("windrow ")])
def test_a_windrow_command_works(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = shlex.split(command)
    # A report predicts the size on every device, which takes most of its time: here on one.
    monkeypatch.setattr("windrow.reports.resources.TARGETS", {"ecp5-25k": TARGETS["ecp5-25k"]})
    assert main(words[1:]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    if words[1] == "simulate":
        assert captured.out.splitlines()[-1].startswith("bit-exact")
    if "-o" in words:
        assert Path(words[words.index("-o") + 1]).exists()


@pytest.mark.parametrize("command", [
    line for line in lines("sh") if not line.startswith("windrow ")])
def test_other_commands_are_targets_of_the_makefile(command: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    program, target = command.split()
    assert program == "make"
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("document", [
    "README.md", "docs/opencv.md", "docs/pipelines.md", "docs/expressions.md"])
@pytest.mark.filterwarnings("ignore::amaranth.hdl.UnusedElaboratable")
def test_a_python_example_runs(document: str, folder: Path) -> None:
    block = "\n".join(blocks(document, "python"))
    if "import cv2" in block:
        pytest.importorskip("cv2")
    exec(compile(block, document, "exec"), {})


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.toml")), ids=lambda p: p.name)
def test_an_example_generates_and_is_listed(path: Path, folder: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# ")
    assert main(["generate", f"examples/{path.name}", "-o", "out"]) == 0
    assert Path("out", f"{path.stem}.v").exists()
    assert f"| [{path.name}]({path.name}) |" in Path("examples/README.md").read_text()


def test_the_readme_shows_an_example() -> None:
    (block,) = blocks("README.md", "toml")
    name = re.match(r"# (examples/\S+\.toml)\n", block)
    assert name is not None
    assert tomllib.loads(block) == tomllib.loads((ROOT / name[1]).read_text(encoding="utf-8"))


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_the_guide_to_pipelines_shows_an_example_and_every_verb() -> None:
    block, changing = blocks("docs/pipelines.md", "toml")
    assert Pipeline.from_dict(tomllib.loads(changing)).registers
    assert block == (ROOT / "examples" / "pipeline.toml").read_text(encoding="utf-8")
    table = "".join(f"| `{verb.name}` | {verb.summary} | "
                    f"{', '.join(f'`{key}`' for key in verb.keys or ())} |\n"
                    for verb in VERBS.values() if not verb.missing)
    text = (ROOT / "docs" / "pipelines.md").read_text(encoding="utf-8")
    assert f"|---|---|---|\n{table}\n" in text, f"the table should be\n{table}"


def test_the_page_of_expressions_has_every_function_and_only_what_there_is() -> None:
    text = (ROOT / "docs" / "expressions.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (.*?) \| .* \|$", text, re.MULTILINE)[1:]
    written = [part for cell in cells for part in re.findall(r"`([^`]+)`", cell)]
    assert set(FUNCTIONS) == {part.partition("(")[0] for part in written if "(" in part}
    for part in written:
        if re.search(r"\w", part) and part not in ("and", "or", "not"):
            Expression.parse(re.sub(r"\bd([yx])\b", "3", part).replace(", ...", ""))


def test_every_key_is_explained() -> None:
    text = (ROOT / "docs" / "filters.md").read_text(encoding="utf-8")
    table = "".join(f"| `{key.name}` | {key.help} | {key.default_words} |\n" for key in TABLE)
    assert f"|---|---|---|\n{table}\n" in text, f"the table should be\n{table}"


@pytest.mark.parametrize("block", blocks("docs/registers.md", "c"))
def test_a_c_example_compiles(block: str, folder: Path) -> None:
    command = next(line for line in blocks("docs/registers.md", "sh")[0].splitlines())
    assert main(shlex.split(command)[1:]) == 0
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    Path("out/example.c").write_text(block)
    done = subprocess.run(
        [compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-c", "example.c"],
        cwd="out", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_table_of_events_is_whole() -> None:
    text = (ROOT / "docs" / "registers.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (?:`(\w+)`|-) \|", text, re.MULTILINE)
    assert {event: name for event, name in rows if event not in ("frame", "taken")} == ERRORS
    registers = RegisterMap(Filter(kernel="sobel-x", width=9, height=9, control="axi4-lite"))
    assert [event for event, _ in rows] == [field.name for field in registers["EVENTS"].fields]


def test_every_preset_is_named() -> None:
    text = (ROOT / "docs" / "opencv.md").read_text(encoding="utf-8")
    table = text[text.index("## Presets"):text.index("Parameters follow")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in table.splitlines() if line.startswith("| ")][1:]
    listed = {name: set(re.findall(r"`(\w+)`", row[2]))
              for row in rows for name in re.findall(r"`([\w.]+)`", row[1])}
    assert listed == {entry.name: set(entry.parameters) for entry in presets.entries()}


def test_every_strategy_and_target_is_named() -> None:
    text = (ROOT / "docs" / "strategies.md").read_text(encoding="utf-8")
    table = text[text.index("| strategy |"):text.index("## Synthesis")]
    assert re.findall(r"^\| `(\S+)` \|", table, re.MULTILINE) == [AUTO, *STRATEGIES]
    families = table[table.index("`--target` says"):]
    assert {name for name in DEVICES if f"`{name}`" in families} == set(DEVICES)
    targets = re.search(r"The targets are\s(.*?)\. ", text, re.DOTALL)
    assert targets is not None
    assert re.findall(r"`(\S+)`", targets[1]) == list(TARGETS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert "://" in link or (ROOT / document).parent.joinpath(link).exists(), link
    for name in re.findall(
            r"`((?:docs|pictures|benchmarks|tests|windrow|hdl|model|sim|synth)/[\w./]+)`", text):
        assert (ROOT / name).exists(), name


def test_the_pictures_say_where_they_come_from() -> None:
    text = (ROOT / "pictures" / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "pictures").iterdir():
        assert path.name == "README.md" or path.name in text
        assert path.stat().st_size < 300_000
