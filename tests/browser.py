"""A headless Chromium that notes what a page says and asks for."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


__all__ = ["Watched", "browser"]


class Watched:
    """A page, with what went wrong on it and what it asked for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.errors.append(message.text)
                if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium; the test is skipped where it or its driver is missing."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        # Without a sandbox: what is shown is our own page, and containers forbid one.
        running = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()
