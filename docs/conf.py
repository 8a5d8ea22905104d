"""The documentation site: `make docs` builds it into build/docs."""

import re
import sys
from pathlib import Path
from typing import Any


DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))  # for what autodoc and Sphinx import themselves

from reference import pages  # noqa: E402


project = "windrow"
author = "The windrow authors"
project_copyright = author
html_theme = "furo"
html_title = "windrow"
html_static_path = ["images"]
templates_path: list[str] = []
exclude_patterns = ["_build"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
# Notebooks are shown as they were executed: `make notebooks`; the tests run every cell.
nb_execution_mode = "off"
nb_merge_streams = True
napoleon_custom_sections = ["Members"]
napoleon_google_docstring = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say more
autodoc_class_signature = "separated"


def inside(app: Any, name: str, source: list[str]) -> None:
    """Links to files that are no part of the site become their names."""
    source[0] = re.sub(r"\[([^\]]*)\]\(\.\./([^)#]*)(#[^)]*)?\)",
                       lambda link: f"{link[1]} (`{link[2]}`)" if link[1] != link[2]
                       else f"`{link[2]}`", source[0])


def generate(app: Any) -> None:
    """Write the pages that the program itself knows best."""
    folder = DOCS / "generated"
    folder.mkdir(exist_ok=True)
    for name, text in pages().items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("builder-inited", generate)
    app.connect("source-read", inside)
