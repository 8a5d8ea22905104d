# amaranth: UnusedElaboratable=no

"""The page in a browser: it works, is silent, and asks nobody but this machine."""

import io
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Watched, browser
from PIL import Image

from windrow import Filter
from windrow.cli import main
from windrow.sim import MissingTool, Traffic
from windrow.sim.engine import Design
from windrow.sim.job import ENGINES, run_design


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page that is served."""
    pytest.importorskip("nicegui")
    command = [sys.executable, "-m", "windrow", "web", "--no-browser", "-o",
               str(tmp_path_factory.mktemp("web"))]
    # NiceGUI would take itself for a part of the test.
    own = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=own) as server:
        assert server.stdout is not None
        found = re.fullmatch(r"windrow web: (http://127\.0\.0\.1:\d+/\?token=\S{32})\n",
                             server.stdout.readline())
        assert found is not None, server.stderr and server.stderr.read()
        yield found[1]
        server.terminate()
        _, errors = server.communicate(timeout=120)
        assert errors.strip() in ("", "windrow: error: ended by SIGTERM")


def test_the_page(address: str) -> None:
    with browser() as chromium:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(180_000)  # a busy machine
        watched = Watched(page)
        page.on("websocket", lambda socket: watched.requests.append(socket.url))
        page.goto(address)
        page.wait_for_selector("img[alt=after]")

        def picture() -> np.ndarray:
            source = page.get_attribute("img[alt=after]", "src")
            with urllib.request.urlopen(source) as file:  # a data URI
                return np.asarray(Image.open(io.BytesIO(file.read())))

        def after(change: Any) -> np.ndarray:
            """The picture that a change brings."""
            old = page.get_attribute("img[alt=after]", "src")
            change()
            page.wait_for_function(
                "old => document.querySelector('img[alt=after]').src != old", arg=old)
            return picture()

        after(lambda: page.get_by_label("width").fill("48"))
        before = after(lambda: page.get_by_label("height").fill("32"))
        assert before.shape == (32, 48)
        # The kernel's middle, which is 36 of 256.
        cells = page.locator(".kernel input")
        assert cells.count() == 25
        edited = after(lambda: cells.nth(12).fill("100"))
        assert edited.mean() > before.mean() + 5
        page.wait_for_selector(".uses td")

        page.get_by_text("Run the hardware").click()
        page.wait_for_function("document.body.innerText.match(/bit-exact: all 1,536 samples|"
                               "is not installed/)", timeout=180_000)
        with page.expect_download() as download:
            page.get_by_text("Download ZIP").click()
        packed = Path(download.value.path()).read_bytes()

        page.get_by_role("tab", name="Pipeline").click()
        page.get_by_label("stages, in TOML").fill("[[stage]]\nmedien = 3\n")
        page.wait_for_function("document.body.innerText.includes('medien')")
        after(lambda: page.get_by_label("stages, in TOML").fill("[[stage]]\nerode = 3\n"))
    assert watched.errors == []
    here = address.partition("://")[2].partition("?")[0]
    assert [url for url in watched.requests if not url.startswith(
        (f"http://{here}", f"ws://{here}", "data:", "blob:"))] == []

    kernel = [[1, 4, 6, 4, 1], [4, 16, 24, 16, 4], [6, 24, 100, 24, 6], [4, 16, 24, 16, 4],
              [1, 4, 6, 4, 1]]
    filter = Filter(kernel=kernel, width=48, height=32, shift=8)
    with zipfile.ZipFile(io.BytesIO(packed)) as file:
        manifest = json.loads(file.read("my_filter/my_filter.json"))
        verilog = file.read("my_filter/my_filter.v").decode()
    assert Filter.from_dict(manifest["filter"]) == filter
    try:
        ENGINES["icarus"].require()
    except MissingTool as missing:
        pytest.skip(str(missing))
    frame = np.random.default_rng(2).integers(0, 256, (32, 48), np.uint8)
    output, = run_design(Design(verilog, manifest), [frame], engine="icarus",
                         traffic=Traffic()).outputs
    assert np.array_equal(output, filter.compute(frame))


def test_nobody_comes_in_without_the_token(address: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.partition("?")[0])


@pytest.mark.parametrize("argv, words", [
    (["--port", "0"], ["port", "1 to 65535", "'0'"]), (["--port", "x"], ["port", "'x'"]),
    (["--json"], ["json"]),
])
def test_bad_input(argv: list[str], words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["web", *argv]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    for word in words:
        assert word in captured.err
