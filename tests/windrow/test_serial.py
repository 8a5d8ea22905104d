"""`windrow serial`, with a pseudo-terminal where the board would be."""

import os
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from windrow import Filter
from windrow.cli import main


pytest.importorskip("serial")

KEYS = ["--size", "24x16"]
FILTER = Filter(kernel="sobel-x", overflow="abs-saturate", border="reflect101", width=24, height=16)


def board(answer: Callable[[bytes], bytes], before: bytes = b"") -> str:
    """A port at which pictures are taken and answered."""
    inner, outer = os.openpty()
    tty.setraw(inner)
    tty.setraw(outer)

    def run() -> None:
        os.write(inner, before)
        got = b""
        while len(got) < 24 * 16:
            got += os.read(inner, 64)
        for start in range(0, 24 * 16, 37):
            os.write(inner, answer(got)[start : start + 37])
            time.sleep(0.001)

    threading.Thread(target=run, daemon=True).start()
    return os.ttyname(outer)


def filtered(data: bytes) -> bytes:
    frame = np.frombuffer(data, np.uint8).reshape(16, 24)
    return FILTER.compute(frame).astype(np.uint8).tobytes()


def test_a_picture_there_and_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.png"
    # What is left of a transfer before is no part of the result.
    port = board(filtered, before=b"\x11" * 50)
    assert main(["serial", port, "ecp5-evn", *KEYS, "-o", str(out)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "bit-exact"
    assert Image.open(out).size == (24, 16)


def test_another_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = board(lambda data: bytes([filtered(data)[0] ^ 1]) + filtered(data)[1:])
    assert main(["serial", port, "ecp5-evn", *KEYS, "-o", str(tmp_path / "out.png")]) == 1
    assert "1 of 384 samples differ" in capsys.readouterr().out


def test_too_little_comes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = board(lambda data: filtered(data)[:100])
    assert main(["serial", port, "ecp5-evn", *KEYS, "-o", str(tmp_path / "out.png")]) == 1
    assert "100 of 384 samples came back" in capsys.readouterr().out
    assert not (tmp_path / "out.png").exists()


def test_a_port_that_never_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    inner, outer = os.openpty()
    tty.setraw(inner)
    tty.setraw(outer)
    over = threading.Event()

    def chatter() -> None:
        while not over.is_set():
            os.write(inner, b"x" * 16)
            time.sleep(0.01)

    thread = threading.Thread(target=chatter, daemon=True)
    thread.start()
    assert main(["serial", os.ttyname(outer), "ecp5-evn", *KEYS]) == 2
    over.set()
    assert "does not stop sending" in capsys.readouterr().err


def test_a_board_that_takes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    inner, outer = os.openpty()
    tty.setraw(inner)
    tty.setraw(outer)
    assert main(["serial", os.ttyname(outer), "ecp5-evn", "--size", "320x240"]) == 2
    assert "fails after 0 of 76800 samples" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "message"), [
    ([], "port and board are needed"),
    (["/dev/none", "ecp5-evn"], "port '/dev/none' cannot be opened"),
    (["/dev/none", "ulx3s-85f"], "board ulx3s-85f has a screen"),
    (["/dev/none", "ecp5-evn", "--output", "s16"], "output s16 does not suit a serial line"),
    (["/dev/none", "nope"], "board 'nope' is not known"),
])
def test_bad_input(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serial", *words]) == 2
    assert message in capsys.readouterr().err
