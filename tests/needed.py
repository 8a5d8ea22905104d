"""Tests that need a tool are skipped where it is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from windrow.sim import MissingTool


@contextmanager
def needed() -> Iterator[None]:
    """Skip the test where what is asked for inside is missing."""
    try:
        yield
    except MissingTool as missing:
        pytest.skip(str(missing))
