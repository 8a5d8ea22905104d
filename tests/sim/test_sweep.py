"""Random legal filters through Verilator, by seed.

    pytest -m slow -n 2 tests/sim/test_sweep.py

``WINDROW_SWEEP_COUNT`` (500) and ``WINDROW_SWEEP_SEED`` (0) choose the seeds: each test's name
ends with its seed, which makes the same filter, frames and traffic again.
"""

import os

import pytest
from trial import trial_of_seed


FIRST = int(os.environ.get("WINDROW_SWEEP_SEED", "0"))
COUNT = int(os.environ.get("WINDROW_SWEEP_COUNT", "500"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_sweep(seed: int) -> None:
    print(f"seed {seed}")
    trial_of_seed(seed)
