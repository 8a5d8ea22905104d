"""What the tests of synthesis share."""

import pytest

from windrow.sim import MissingTool, tools


@pytest.fixture
def _yosys() -> None:
    """Skip where yosys is missing."""
    try:
        tools.synthesis("yosys")
    except MissingTool as missing:
        pytest.skip(str(missing))
