"""Random filters through Verilator, and pipelines of every verb, mostly through Icarus, by seed.

    pytest -m slow -n 2 tests/sim/test_sweep.py

``WINDROW_SWEEP_COUNT`` (500 filters, 300 pipelines) and ``WINDROW_SWEEP_SEED`` (0) choose the
seeds: each test's name ends with its seed, which makes the same design, frames and traffic again.
"""

import os

import pytest
from pipeline_trial import pipeline_trial
from trial import trial_of_seed

from windrow.sim.job import ENGINES
from windrow.sim.tools import MissingTool


FIRST = int(os.environ.get("WINDROW_SWEEP_SEED", "0"))
COUNT, PIPELINES = (int(os.environ.get("WINDROW_SWEEP_COUNT", count)) for count in ("500", "300"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(FIRST, FIRST + COUNT))
def test_sweep(seed: int) -> None:
    print(f"seed {seed}")
    trial_of_seed(seed)


@pytest.mark.parametrize("seed", [3, *(
    pytest.param(seed, marks=pytest.mark.slow) for seed in range(FIRST, FIRST + PIPELINES)
    if seed != 3)])
def test_pipelines(seed: int) -> None:
    engine = "icarus" if seed % 10 else "verilator"
    try:
        ENGINES[engine].require()
    except MissingTool as error:
        pytest.skip(str(error))
    pipeline_trial(seed, engine)
