"""Bad input: one line on standard error that names the key, the value and the rule; status 2."""

from pathlib import Path

import pytest

from windrow.cli import main


PICTURES = Path(__file__).resolve().parents[2] / "pictures"
COFFEE = str(PICTURES / "coffee.jpg")  # 600x400

SMALL = ["generate", "--kernel", "1 2 1; 2 4 2; 1 2 1", "--size", "16x8"]


def refused(capsys: pytest.CaptureFixture[str], argv: list[str]) -> str:
    """The message of a command that must be refused."""
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("windrow: error: ")
    assert captured.err.count("\n") == 1, "one line"
    assert captured.err.endswith("\n")
    return captured.err


@pytest.mark.parametrize("extra, words", [
    (["--size", "2x8"], ["width", "2", "3"]),
    (["--size", "8"], ["size", "'8'", "1920x1080"]),
    (["--width", "16"], ["size", "'16x8'", "--width"]),
    (["--size", "99999x8"], ["width", "99999", "16384"]),
    (["--border", "reflect"], ["border", "'reflect'", "symmetric", "reflect101"]),
    (["--border", "circular"], ["border", "'circular'", "'wrap'"]),
    (["--border", "wrap", "--pixels-per-clock", "2"], ["border 'wrap'", "one pixel a clock"]),
    (["--border", "top=reflect"], ["border.top", "'reflect'", "symmetric", "reflect101"]),
    (["--border", "up=constant"], ["border", "up", "top"]),
    (["--anchor", "3,0"], ["anchor", "[3, 0]", "0 to 2"]),
    (["--anchor", "-1,0"], ["anchor", "[-1, 0]", "0 to 2"]),
    (["--anchor", "middle"], ["anchor", "'middle'", "integer"]),
    (["--border-value", "256"], ["border_value", "256", "255"]),
    (["--pixel", "u17"], ["pixel", "u17", "16"]),
    (["--output", "s99"], ["output", "s99", "32"]),
    (["--shift", "32"], ["shift", "32", "31"]),
    (["--shift", "x"], ["shift", "'x'", "integer"]),
    (["--channels", "0"], ["channels", "0"]),
    (["--padding", "3,0,0,0"], ["padding", "3", "2"]),
    (["--padding", "some"], ["padding", "'some'", "same, valid, full"]),
    (["--rounding", "up"], ["rounding", "'up'", "half-up"]),
    (["--overflow", "clip"], ["overflow", "'clip'", "saturate"]),
    (["--operation", "xcorr"], ["operation", "'xcorr'", "correlate"]),
    (["--pixels-per-clock", "3"], ["pixels_per_clock", "3", "1, 2, 4, 8"]),
    (["--kernel", "gausian"], ["kernel", "'gausian'", "did you mean 'gaussian'"]),
    (["--kernel", "gaussian:ksize=4"], ["ksize", "4", "odd"]),
    (["--kernel", "gaussian:size=5"], ["'size'", "'ksize'"]),
    (["--kernel", "1 2; 3"], ["kernel", "ragged"]),
    (["--kernel", "0,25 0,5 0,25"], ["kernel", "'0,25 0,5 0,25'", "two ways"]),
    (["--kernel", "kernel.xlsx"], ["'kernel.xlsx'", ".csv", ".mat"]),
    (["--kernel", "cv2.medianBlur"], ["cv2.medianBlur", "it is a preset"]),
    (["--kernel", "Sobel-X"], ["'Sobel-X'", "did you mean 'sobel-x'"]),
    (["--kernel-bits", "x"], ["kernel_bits", "'x'", "integer"]),
    (["--kernel-bits", "32"], ["kernel_bits", "32", "0 to 31"]),
    (["--kernel", "0.5", "--kernel-bits", "0", "--shift", "32"], ["shift", "32", "31"]),
    (["--kernel", "gaussian:ksize=" + "9" * 400], ["ksize", "..."]),
    (["--kernel", "high-pass:sigma=1e300"], ["sigma", "'1e300'"]),
    (["--size", "9" * 5000 + "x9"], ["size", "1920x1080"]),
    (["--shift", "9" * 5000], ["shift", "integer"]),
    (["--border", "cv2.BORDER_REFLECT_101"], ["border", "write reflect101"]),
    (["--anchor", "-1,-1"], ["anchor", "OpenCV", "leave it out"]),
    (["--preset", "torch.conv2d", "--channels", "3"], ["channels 3", "sums over its input"]),
    (["--name", "n" * 300], ["name", "at most 200"]),
    (["--kernel", "1 x"], ["kernel", "'x'"]),
    (["--kernel", ";".join(["1"] * 32)], ["kernel", "32x1", "31x31"]),
    (["--kernel", str(1 << 60)], ["kernel", "63"]),
    (["--kernel", "none.npy"], ["kernel", "none.npy", "No such file"]),
    (["--preset", "cv2.GaussianBlr"], ["preset", "cv2.GaussianBlr", "did you mean"]),
    (["--preset", "cv2.blur:ksize=4"], ["ksize", "4", "odd"]),
    (["--name", "1st"], ["name", "'1st'"]),
    (["--name", "module"], ["name", "'module'"]),
    (["--name", "a/b"], ["name", "'a/b'"]),
    (["--nmae", "x"], ["--nmae", "did you mean --name?", "windrow generate --help"]),
    (["extra.toml", "more.toml"], ["more.toml"]),
    (["--kernel"], ["--kernel", "expected one argument"]),
])
def test_a_filter_is_refused_and_nothing_written(
    extra: list[str], words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    message = refused(capsys, [*SMALL, "-o", str(tmp_path / "made" / "here"), *extra])
    for word in words:
        assert word in message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("argv, words", [
    (["genrate"], ["'genrate'", "did you mean 'generate'?"]),
    (["generate"], ["kernel", "--kernel", "`windrow kernels`"]),
    (["generate", "--kernel", "sobel-x"], ["width", "--size WxH"]),
    (["generate", "--preset", "cv2.filter2D", "--size", "9x9"], ["kernel"]),
    (["generate", "none.toml"], ["none.toml", "No such file"]),
    (["generate", "filter.txt"], ["filter.txt", ".toml", ".json"]),
    (["simulate", "--kernel", "sobel-x"], ["PICTURE"]),
    (["simulate", "a.toml", "b.png", "c.png"], ["a.toml", "No such file"]),
    (["simulate", "--kernel", "sobel-x", "none.png"], ["none.png", "not there"]),
    (["simulate", "--kernel", "sobel-x", "--frames", "0", COFFEE], ["frames", "0"]),
    (["simulate", "--kernel", "sobel-x", "--stall", "1.5", COFFEE], ["stall", "1.5"]),
    (["simulate", "--kernel", "sobel-x", "--seed", "x", COFFEE], ["seed", "'x'"]),
    (["simulate", "--kernel", "sobel-x", "--engine", "modelsim", COFFEE],
     ["modelsim", "verilator"]),
    (["simulate", "--kernel", "sobel-x", "-o", "new/out.txt", COFFEE], ["'new/out.txt'", ".png"]),
    (["simulate", "--kernel", "sobel-x", "--size", "100x100", COFFEE],
     ["600x400", "100x100", "crop", "scale"]),
    (["kernels", "gausian"], ["'gausian'", "did you mean 'gaussian'"]),
])
def test_a_command_is_refused(
    argv: list[str], words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    message = refused(capsys, argv)
    for word in words:
        assert word in message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name, text, words", [
    ("unknown.toml", 'kernle = "sobel-x"\nwidth = 9\nheight = 9', ["kernle", "'kernel'"]),
    ("type.toml", 'kernel = "sobel-x"\nwidth = "9"\nheight = 9', ["width", "'9'", "integer"]),
    ("syntax.toml", "kernel = [", ["syntax.toml"]),
    ("list.json", "[1, 2]", ["list.json", "table"]),
    ("syntax.json", "{", ["syntax.json"]),
    ("null.json", '{"kernel": null, "width": 9, "height": 9}', ["kernel", "None"]),
])
def test_a_filter_file_is_refused(
    name: str, text: str, words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:
    (tmp_path / name).write_text(text)
    message = refused(capsys, ["generate", str(tmp_path / name), "-o", str(tmp_path / "out")])
    for word in words:
        assert word in message
    assert not (tmp_path / "out").exists()


def test_a_picture_that_is_no_picture(
    capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:
    (tmp_path / "notes.png").write_text("no picture")
    out = tmp_path / "new" / "out.png"
    message = refused(capsys, ["simulate", "--kernel", "sobel-x", str(tmp_path / "notes.png"),
                               "-o", str(out)])
    assert "notes.png" in message
    assert not out.parent.exists()


def test_an_unwritable_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    message = refused(capsys, [*SMALL, "-o", str(tmp_path / "file" / "folder")])
    assert str(tmp_path / "file") in message

    message = refused(capsys, ["simulate", "--kernel", "identity", COFFEE,
                               "-o", str(tmp_path / "file" / "out.png")])
    assert str(tmp_path / "file") in message
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_missing_tool(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message = refused(capsys, ["simulate", "--kernel", "identity", "--engine", "icarus", COFFEE,
                               "-o", str(tmp_path / "new" / "out.png")])
    assert "iverilog" in message
    assert "apt-get install iverilog" in message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("out", ["x.xyz", "x.pdf", "x.png/y.ico"])
def test_an_output_name_is_refused_before_the_work(
    out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waves = tmp_path / "w.vcd"
    message = refused(capsys, ["simulate", "--kernel", "1", "--engine", "pysim", "--waves",
                               str(waves), COFFEE, "-o", str(tmp_path / out)])
    assert str(tmp_path / out) in message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("frames", ["0", "-1", "1001", "999999999999999999", "two"])
def test_frames(frames: str, capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, ["simulate", "--kernel", "1", f"--frames={frames}", COFFEE])
    assert f"frames must be an integer from 1 to 1000, not {frames!r}" in message


def test_a_folder_in_the_way_of_one_file_keeps_all_as_they_were(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "f.json").mkdir()
    (tmp_path / "f.v").write_text("older")
    message = refused(capsys, [*SMALL, "-o", str(tmp_path), "--name", "f"])
    assert str(tmp_path / "f.json") in message
    assert "is a folder" in message
    assert (tmp_path / "f.v").read_text() == "older"


def test_an_empty_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "name" in refused(capsys, [*SMALL, "-o", str(tmp_path / "new"), "--name", ""])
    assert list(tmp_path.iterdir()) == []


def test_a_key_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "f.json"
    file.write_text('{"kernel": [[1]], "width": 4, "width": 5, "height": 4}')
    assert "the key 'width' is there twice" in refused(capsys, ["generate", str(file)])


@pytest.mark.parametrize("name, text, words", [
    ("f.json", '{"kernel": [[1]], "border": {"\\u001b[2Jx": "constant"}}', [r"border.\x1b[2Jx"]),
    ("f.json", '{"kernel": [[1]], "\\u001b]0;x\\u0007": 1}', [r"unknown key '\x1b]0;x\x07'"]),
    ("f.toml", f'kernel = [[{2**70}]]', ["kernel has the entry 1180591620717411303424"]),
    ("f.toml", f'kernel = [[1]]\npixel = 0x{"f" * 5000}', ["pixel", "very long integer"]),
    ("f.toml", f'kernel = [[1]]\noutput = "{"u" * 60_000}"', ["output", "u1..u32"]),
    ("f.toml", f'kernel = [[1]]\n{"k" * 60_000} = 1', ["unknown key", "..."]),
    ("f.toml", "a." * 200_000 + "b = 1", ["too large", "65536"]),
    ("f.toml", "[" * 60_000, ["f.toml"]),
])
def test_hostile_files_are_refused_in_a_short_printable_line(
    name: str, text: str, words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:
    file = tmp_path / name
    frame = ', "width": 9, "height": 9}' if name.endswith("json") else "\nwidth = 9\nheight = 9\n"
    file.write_text(text.removesuffix("}") + frame if name.endswith("json")
                    else frame + text)
    message = refused(capsys, ["generate", str(file), "-o", str(tmp_path / "out")])
    for word in words:
        assert word in message
    assert message.rstrip("\n").isprintable()
    assert len(message) < 1100
    assert not (tmp_path / "out").exists()


def test_a_long_command_line_is_refused_in_a_short_line(
    capsys: pytest.CaptureFixture[str]
) -> None:
    for argv in ([*SMALL, "--" + "x" * 9000], ["x" * 9000], [*SMALL, "--border", "\x1b[2J" * 900],
                 [*SMALL, "--target", "x" * 9000], ["boards", "x" * 9000]):
        message = refused(capsys, argv)
        assert len(message) < 1100
        assert message.rstrip("\n").isprintable()
