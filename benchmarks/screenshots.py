"""The pictures in the documents: reports, views of the gallery, and `windrow web`, in Chromium.

    .venv/bin/python benchmarks/screenshots.py docs/images
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from windrow.cli import main as windrow


ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

#: Reports by name: the command's arguments, and the views of each in the gallery.
REPORTS = {
    "edges": (["edges.toml", "pictures/coffee.jpg"], ("picture", "structure")),
    "blur": (["--kernel", "gaussian:ksize=7,sigma=1.5", "pictures/camera.png"],
             ("kernel", "border")),
    "pipeline": (["examples/pipeline.toml", "pictures/camera.png"],
                 ("taps", "timing", "resources")),
}
#: The one whose whole page is shown, in each scheme and width.
SHOWN = "edges"


def shots(page: Path) -> Iterator[tuple[str, Any]]:
    """A report's beginning in both schemes, wide and narrow."""
    from browser import browser

    with browser() as chromium:
        for scheme in ("light", "dark"):
            for width in (1280, 400):
                tab = chromium.new_page(color_scheme=scheme,
                                        viewport={"width": width, "height": 900})
                tab.goto(page.as_uri())
                tab.wait_for_timeout(1500)
                yield f"report-{scheme}-{width}", tab.screenshot()


def views(name: str, page: Path) -> Iterator[tuple[str, Any]]:
    """The views of a report that the gallery has."""
    from browser import browser

    with browser() as chromium:
        tab = chromium.new_page(viewport={"width": 900, "height": 900})
        tab.goto(page.as_uri())
        tab.wait_for_timeout(1500)
        for section in REPORTS[name][1]:
            yield f"{name}-{section}", tab.locator(f"#{section}").screenshot()


def web_shots() -> Iterator[tuple[str, Any]]:
    """The page of `windrow web`."""
    from browser import browser

    with subprocess.Popen([sys.executable, "-m", "windrow", "web", "--no-browser"],
                          stdout=subprocess.PIPE, text=True) as server, browser() as chromium:
        assert server.stdout is not None
        address = server.stdout.readline().split()[-1]
        for scheme in ("light", "dark"):
            for width in (1280, 400):
                tab = chromium.new_page(color_scheme=scheme,
                                        viewport={"width": width, "height": 900})
                tab.goto(address)
                tab.wait_for_selector(".uses td", timeout=60_000)
                tab.wait_for_timeout(1000)
                yield f"web-{scheme}-{width}", tab.screenshot(full_page=True)
        server.terminate()


def main() -> int:
    """Make the reports, and keep their pictures small."""
    target = Path(sys.argv[1])
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, (words, _) in REPORTS.items():
            page = Path(folder, f"{name}.html")
            if status := windrow(["report", *words, "-o", str(page), "-q"]):
                return status
            found = [*views(name, page), *(shots(page) if name == SHOWN else ())]
            for picture, data in found:
                small = Image.open(BytesIO(data)).convert("RGB")
                if not picture.startswith("report"):
                    small.thumbnail((640, 2000))
                # Photographs would be too large as they are, plots would lose their colours.
                if picture.startswith("report") or picture.endswith(("picture", "taps")):
                    small = small.quantize(96)
                small.save(target / f"{picture}.png", optimize=True)
    for picture, data in web_shots():
        Image.open(BytesIO(data)).convert("RGB").quantize(96).save(
            target / f"{picture}.png", optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
