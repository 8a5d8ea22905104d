"""What the tests of synthesis share."""

import pytest
from needed import needed

from windrow.sim import tools


@pytest.fixture
def _yosys() -> None:
    """Skip where yosys is missing."""
    with needed():
        tools.synthesis("yosys")
