"""Attacks that once ended as an internal error, a hang, or an unreadable line."""

import struct
from pathlib import Path

import pytest
from endings import command_fault, patience, unfit

from windrow import Filter
from windrow.cli import main
from windrow.model import InputError


SMALL = ["generate", "--kernel", "sobel-x", "--size", "16x9"]


def refused(words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The message of a command that must be refused with nothing left behind."""
    assert command_fault(words, folder) == ""
    assert main(words) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("words, key", [
    (["kernels", "gaussian:ksize=" + "9" * 400], "ksize"),
    (["kernels", "gaussian:ksize=" + "9" * 5000], "ksize"),
    (["kernels", "gaussian:sigma=1e300"], "sigma"),
    (["kernels", "high-pass:sigma=1e300"], "sigma"),
    ([*SMALL[:3], "--size", "9" * 5000 + "x9"], "size"),
    ([*SMALL, "--shift", "9" * 5000], "shift"),
    ([*SMALL, "--pixel", "u" + "9" * 5000], "pixel"),
    ([*SMALL, "--pixel", "x" * 100_000], "pixel"),
    ([*SMALL, "--name", "x" * 300], "name"),
    ([*SMALL, "--name", "a\x1b[2Jb"], "name"),
    ([*SMALL[:1], "--preset", "cv2.GaussianBlur:ksize=" + "9" * 400, "--size", "9x9"], "ksize"),
    (["boards", "\x1b[2J" + "x" * 5000], "board"), (["boards", "\x1b" * 5000], "board"),
    ([*SMALL, "--" + "\udcff" * 900], "argument"), (["generate", "--kernel=--"], "--kernel"),
])
def test_words(
    words: list[str], key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert key in refused(words, tmp_path, capsys)


@pytest.mark.parametrize("keys, words", [
    ({"pixel": int("f" * 5000, 16)}, ["pixel"]),
    ({"output": int("f" * 5000, 16)}, ["output"]),
    ({"kernel": [[2**70]]}, ["kernel", str(2**70)]),
    ({"border": {"\x1b[2Jx": "constant"}}, ["border"]),
    ({"pixel": "x" * 10_000_000}, ["pixel"]),
    ({"x" * 10_000: 1}, ["xxx"]),
], ids=["pixel", "output", "kernel", "border", "long", "unknown"])
def test_keys(keys: dict[str, object], words: list[str]) -> None:
    with pytest.raises(InputError) as refusal:
        Filter.from_dict({"kernel": [[1]], "width": 8, "height": 8, **keys})
    message = str(refusal.value)
    assert unfit(message) == ""
    assert "coefficient_bits must" not in message
    assert all(word in message for word in words)


@pytest.mark.parametrize("name, text", [
    ("a.toml", "pixel = 0x" + "f" * 5000), ("a.toml", ".".join("a" * 200_000) + " = 1"),
    ("a.json", '{"border": {"\\u001b[2Jx": "constant"}}'), ("a.json", "[" * 2_000_000),
    ("a.toml", "x = " + "[" * 100_000), ("a.toml", "\0"),
], ids=["digits", "dotted", "escape", "nested", "nested toml", "nul"])
def test_filter_files(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name
    file.write_text(text)
    with patience():
        refused(["generate", str(file), "-o", str(tmp_path / "out")], tmp_path, capsys)


@pytest.mark.parametrize("header", [
    "((((", "{'descr': '<i8', 'fortran_order': False, 'shape': (1", "  {\n {}\n  }", "\0",
    f"{{'descr': '<i8', 'fortran_order': False, 'shape': ({2**70},1)}}",
    "{'descr': '<i8', 'fortran_order': False, 'shape': (True,True)}",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,1)}",
    f"{{'descr': '<i8', 'fortran_order': False, 'shape': ({1 << 40},1)}}",
])
@pytest.mark.parametrize("command", ["kernel", "picture"])
def test_arrays(
    header: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.npy"
    file.write_bytes(b"\x93NUMPY\x01\0" + struct.pack("<H", len(header) + 1)
                     + header.encode() + b"\n" + bytes(8))
    words = (["generate", "--kernel", str(file), "--size", "9x9"] if command == "kernel"
             else ["simulate", "--kernel", "sobel-x", str(file), "-o", "out.png"])
    assert "a.npy" in refused(words, tmp_path, capsys)
