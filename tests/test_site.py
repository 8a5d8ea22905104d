"""The documentation site has every page once, and says of the program what the program says."""

import importlib.util
import re
import subprocess
import sys
import urllib.parse
from collections import Counter
from pathlib import Path

import pytest

from windrow import cli
from windrow.model import presets
from windrow.model.kernels import catalogue
from windrow.ready import ready_designs


DOCS = Path(__file__).resolve().parents[1] / "docs"


def pages() -> dict[str, str]:
    """The generated pages."""
    spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, str] = module.pages()
    return found


def test_every_page_is_in_the_contents_once() -> None:
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    listed = Counter(line for block in re.findall(r"(?s)```\{toctree\}\n(.*?)```", text)
                     for line in block.split() if not line.startswith(":"))
    # The options of the lists have values of a word.
    for word in ("Tutorial", "How", "to", "Reference", "Explanation", "1"):
        del listed[word]
    written = {str(path.relative_to(DOCS).with_suffix("")) for pattern in ("*.md", "*/*.ipynb")
               for path in DOCS.glob(pattern)} - {"index"}
    assert set(listed) == written | {f"generated/{name}" for name in pages()}
    assert set(listed.values()) == {1}


def test_the_generated_pages_are_whole() -> None:
    found = pages()
    assert re.findall(r"^## windrow (\w+)$", found["commands"], re.MULTILINE) == list(
        cli.parsers()[1])
    assert re.findall(r"^\| `([\w-]+)` \|", found["kernels"], re.MULTILINE) == catalogue.names()
    assert re.findall(r"^\| `([\w.]+)` \|", found["presets"], re.MULTILINE) == presets.names()
    assert re.findall(r"^## (.*)$", found["designs"], re.MULTILINE) == list(ready_designs())


def test_pictures_are_small_and_shown() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    for path in (DOCS / "images").iterdir():
        assert f"images/{path.name}" in text
        assert path.stat().st_size < 350_000
    for name in re.findall(r"\]\(images/([^)]+)\)", text):
        assert (DOCS / "images" / name).exists(), name


HOSTS = {"distributed.dask.org", "github.com", "keepachangelog.com", "optuna.org", "semver.org",
         "ulx3s.github.io", "www.cocotb.org"}


def test_links_lead_to_known_places() -> None:
    """Well formed, encrypted, and on hosts that somebody has looked at: `make links` asks them."""
    root = DOCS.parent
    readmes = (root / name / "README.md" for name in ("examples", "pictures"))
    for path in (*root.glob("*.md"), *DOCS.glob("*.md"), *readmes):
        text = re.sub(r"(?ms)^```.*?^```$|`[^`\n]*`", "", path.read_text(encoding="utf-8"))
        for link in re.findall(r"\w+://[^\s)>\"]+", text):
            address = urllib.parse.urlsplit(link)
            assert (address.scheme, address.query, address.port) == ("https", "", None), link
            assert address.hostname in HOSTS, f"{path.name}: {link}"


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    for package in ("sphinx", "furo", "myst_nb"):
        pytest.importorskip(package)
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", str(DOCS),
         str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for path in tmp_path.glob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert not re.search(r"<(script|link|img)[^>]*(src|href)=\"https?:", page), path.name
