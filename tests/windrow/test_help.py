# amaranth: UnusedElaboratable=no

"""The frame of the command line: help, examples, near names, `-`, init, completion, widths."""

import io
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from windrow import Filter, cli, console, names
from windrow.boards.catalogue import BOARDS
from windrow.cli import main
from windrow.hdl.devices import DEVICES
from windrow.hdl.strategies import AUTO, STRATEGIES
from windrow.init_command import TEXT
from windrow.model import presets
from windrow.model.files import read_keys
from windrow.model.kernels import catalogue
from windrow.model.keys import KEYS
from windrow.ready import ready_designs
from windrow.sim.job import ENGINES
from windrow.synth.netlist import FAMILIES
from windrow.synth.targets import TARGETS


ROOT = Path(__file__).resolve().parents[2]
COMMANDS = cli.parsers()[1]
EXAMPLES = [line.strip() for parser in COMMANDS.values()
            for line in (parser.epilog or "").splitlines()[1:]]

#: Of these only the arguments are read: they take minutes, or a board.
LONG = {"report", "synth", "explore", "web", "build", "preview", "program", "serial"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an example is typed."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "pictures", "pictures")
    Path("edges.toml").write_text('kernel = "sobel-x"\nwidth = 64\nheight = 48\n')
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_two_examples_and_a_usage_of_one_line(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    parser = COMMANDS[command]
    text = parser.format_help()
    assert text.count(f"\n  windrow {command}") >= 2
    assert re.match(rf"usage: windrow {command}.*\n\n", text)
    assert "--json" in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_works(line: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(line.partition(" > ")[0])
    assert words[0] == "windrow"
    if words[1] == "init" and len(words) > 2:
        Path(words[2]).unlink(missing_ok=True)
    if words[1] in LONG:
        assert cli.parse(words[1:]).run
        return
    assert main(words[1:]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("argv", [[], ["--help"], ["help"], ["-h"], ["help", "help"]], ids=" ".join)
def test_windrow_alone_is_help(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(argv)
    assert not end.value.code
    out = capsys.readouterr().out
    assert all(command in out for command in COMMANDS)


def test_help_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["help", "plan"], ["plan", "-h"]):
        with pytest.raises(SystemExit) as end:
            main(argv)
        assert not end.value.code
        assert capsys.readouterr().out == COMMANDS["plan"].format_help()


@pytest.mark.parametrize("argv, words", [
    (["generat"], ["'generat'", "did you mean 'generate'?", "windrow --help"]),
    (["Simulate"], ["did you mean 'simulate'?"]),
    (["help", "genrate"], ["did you mean 'generate'?"]),
    (["zzz"], ["'zzz' is not known", "windrow --help"]),
    (["generate", "--kernell", "x"], ["did you mean --kernel?", "windrow generate --help"]),
    (["generate", "--kernell=x"], ["did you mean --kernel?"]),
    (["plan", "-target", "ecp5"], ["did you mean --target?", "windrow plan --help"]),
    (["simulate", "--Kernel", "x", "y.png"], ["did you mean --kernel?"]),
    (["boards", "--jsn"], ["did you mean --json?"]),
    (["--verison"], ["did you mean --version?"]),
    (["--json", "kernels"], ["--json: flags come after the command"]),
    (["generate", "--zzz"], ["--zzz (see windrow generate --help)"]),
])
def test_a_near_name_is_offered(
    argv: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    for word in words:
        assert word in captured.err


def test_the_light_lists_are_whole() -> None:
    assert list(names.KERNELS) == catalogue.names()
    assert list(names.PRESETS) == presets.names()
    assert list(names.DESIGNS) == list(ready_designs())
    assert list(names.BOARDS) == list(BOARDS)
    assert list(names.DEVICES) == list(TARGETS)
    assert list(names.FAMILIES) == list(DEVICES)
    assert list(names.STRATEGIES) == [AUTO, *STRATEGIES]
    assert list(names.ENGINES) == list(ENGINES)
    assert list(names.NETLISTS) == list(FAMILIES)


@pytest.mark.parametrize("line, wanted", [
    ("windrow gen", {"generate "}),
    ("windrow generate --kernel gauss", {"gaussian", "gaussian-derivative-x",
                                         "gaussian-derivative-y"}),
    ("windrow generate --preset cv2.S", {"cv2.Sobel", "cv2.Scharr"}),
    ("windrow build ulx3s-8", {"ulx3s-85f "}),
    ("windrow synth --target gw", {"gw1n-9", "gw2a-18"}),
    ("windrow generate --target i", {"ice40 "}),
    ("windrow generate --strategy time", {"time-folded "}),
    ("windrow simulate --eng", {"--engine "}),
])
def test_completion(line: str, wanted: set[str], tmp_path: Path) -> None:
    found = tmp_path / "found"
    environment = {
        **os.environ, "_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "COMP_LINE": line,
        "COMP_POINT": str(len(line)), "_ARGCOMPLETE_STDOUT_FILENAME": str(found),
        "COMP_TYPE": "9"}
    subprocess.run([sys.executable, "-c", "from windrow.cli import main; main()"],
                   env=environment, check=False, timeout=60)
    assert set(found.read_text().split("\n")) == wanted


def test_a_filter_file_to_begin_with(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init"]) == 0
    assert "`windrow generate filter.toml`" in capsys.readouterr().out
    written = Path("filter.toml").read_text()
    assert main(["generate", "filter.toml", "-o", "out"]) == 0
    # Every key is there, and those that are comments say their defaults.
    listed = re.findall(r"^(?:# )?(\w+) = ", TEXT, re.MULTILINE)
    assert set(listed) == {*KEYS, "preset"} - {"kernels", "rank", "footprint"}
    Path("whole.toml").write_text(
        re.sub(r"^# (\w+ = )", r"\1", written, flags=re.MULTILINE).replace("preset =", "# "))
    whole, short = (Filter.from_dict(read_keys(name)) for name in ("whole.toml", "filter.toml"))
    assert whole == short

    Path("filter.toml").write_text("mine")
    capsys.readouterr()
    assert main(["init"]) == 2
    assert "'filter.toml' is there already" in capsys.readouterr().err
    assert Path("filter.toml").read_text() == "mine"
    assert main(["init", "--force"]) == 0
    assert "replaced" in capsys.readouterr().out
    assert Path("filter.toml").read_text() == written
    assert main(["init", "filter.txt"]) == 2


@pytest.mark.parametrize("text", [
    b'kernel = "sobel-x"\nwidth = 64\nheight = 48\n',
    b'\xef\xbb\xbfkernel = "sobel-x"\r\nwidth = 64\r\nheight = 48\r\n',
    b' {"kernel": "sobel-x", "width": 64, "height": 48}',
])
def test_a_filter_on_standard_input_and_verilog_on_standard_output(
    text: bytes, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["generate", "edges.toml", "-o", "out", "--name", "windrow_filter"]) == 0
    capsys.readouterr()
    before = sorted(folder.rglob("*"))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert main(["generate", "-", "-o", "-"]) == 0
    captured = capsys.readouterr()
    assert captured.out == Path("out/windrow_filter.v").read_text()
    assert captured.err == ""
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("text, words", [
    (b"kernel = [", "standard input is no valid"), (b"\xc3(", "standard input is no UTF-8"),
    (b"", "key kernel is missing"), (b"[1, 2]", "standard input"),
])
def test_bad_standard_input(
    text: bytes, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert main(["generate", "-", "-o", "-"]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert words in captured.err


def test_closed_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["generate", "-", "-o", "-"]) == 2


def test_generate_says_what_it_did_and_what_is_next(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", "edges.toml", "-o", "out"]) == 0
    first = capsys.readouterr().out
    assert len(re.findall(r"^wrote +out/edges\.\w+$", first, re.MULTILINE)) == 3
    for words in ("strategy", "tdata 8 bits", "60 frames a second need a clock of 0.184 MHz",
                  "`windrow simulate edges.toml PICTURE`"):
        assert words in first
    assert main(["generate", "edges.toml", "-o", "out"]) == 0
    again = capsys.readouterr().out
    assert len(re.findall(r"^replaced +out/edges\.\w+$", again, re.MULTILINE)) == 3
    assert main(["generate", "edges.toml", "-o", "out", "-q"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["generate", "edges.toml", "-o", "-", "--json"]) == 2


@pytest.mark.parametrize("argv", [
    ["kernels"], ["presets"], ["designs"], ["targets"], ["boards"], ["boards", "ulx3s-85f"],
    ["doctor"],
    ["kernels", "deblur"], ["presets", "cv2.filter2D"],
    ["plan", "edges.toml", "--target", "ecp5-25k"], ["generate", "edges.toml"],
], ids=" ".join)
def test_what_is_printed_fits_and_is_whole(
    argv: list[str], folder: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    main(argv)
    whole = capsys.readouterr().out
    monkeypatch.setenv("COLUMNS", "80")
    main(argv)
    folded = capsys.readouterr().out
    assert max(map(len, folded.splitlines())) <= 80
    assert sorted(re.sub("replaced", "wrote", whole).split()) == sorted(
        re.sub("replaced", "wrote", folded).split())


def test_a_word_is_never_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    path = "/a/path/that/is/longer-than/the-line"
    console.show(SimpleNamespace(json=False, quiet=False), {},  # type: ignore[arg-type]
                [console.Table(("", ""), [("wrote", path), ("x", "one two three four")])])
    assert capsys.readouterr().out.splitlines() == [
        f"wrote  {path}", "x      one two three four"]


def test_progress_without_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "PATIENCE", 0.02)

    def stages() -> None:
        for stage in ("one", "two"):
            for done in range(3):
                tell(stage, done, 3)
                time.sleep(0.05)

    with console.progress() as tell:
        stages()
    assert capsys.readouterr().err == "windrow: one ...\nwindrow: two ...\n"
    with console.progress(quiet=True) as tell:
        stages()
    monkeypatch.setattr(console, "PATIENCE", 100.0)
    with console.progress() as tell:
        stages()
    assert capsys.readouterr().err == ""


def test_verbose_shows_the_programs(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loader = folder / "loader"
    loader.write_text("#!/bin/sh\n")
    loader.chmod(0o755)
    monkeypatch.setenv("OPENFPGALOADER", str(loader))
    Path("some.bin").touch()
    assert main(["program", "icebreaker", "some.bin", "-v"]) == 0
    captured = capsys.readouterr()
    assert re.search(rf"^windrow: runs {loader} -b \S+ some.bin$", captured.err, re.MULTILINE)
    assert "runs" not in captured.out
    logging.getLogger("windrow").setLevel(logging.WARNING)


def test_quiet_keeps_the_verdict(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["simulate", "--kernel", "sobel-x", "small.png", "--engine", "pysim"]
    Image.new("L", (16, 8), 7).save("small.png")
    assert main([*argv, "-q"]) == 0
    assert capsys.readouterr().out == (
        "bit-exact: all 128 samples of 1 frame of 16x8 equal the golden model's\n")
