"""Text files from Jinja2 templates, wherever they lie in the package."""

from collections.abc import Mapping
from functools import cache
from typing import Any


__all__ = ["render"]


def render(package: str, template: str, words: Mapping[str, Any]) -> str:
    """Fill in a template of the folder ``templates`` of a package, such as ``windrow.packages``."""
    return str(_environment(package).get_template(template).render(words))


@cache
def _environment(package: str) -> Any:
    import jinja2  # late: only designs with registers, and packages, need it

    return jinja2.Environment(
        loader=jinja2.PackageLoader(package, "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )
