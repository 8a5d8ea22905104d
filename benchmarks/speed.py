"""How fast pictures are simulated and Verilog is generated, beside the targets.

    .venv/bin/python benchmarks/speed.py

The simulation times the picture harness's run of a 3x3 filter at one pixel a clock, without the
build, which is cached. Generation is timed after the imports. Both are the best of three, since
everything else on the machine can only slow them down. Prints; asserts nothing.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from windrow import Filter
from windrow.console import print_table
from windrow.hdl import build
from windrow.sim import simulate


REPEATS = 3


def seconds(task: Callable[[], object]) -> float:
    """Wall time of the fastest of three runs."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def simulation(width: int, height: int) -> float:
    """Millions of pixels a second through the default engine."""
    binomial = Filter(kernel="binomial:ksize=3", width=width, height=height)
    frame = np.random.default_rng(0).integers(0, 256, (height, width), dtype=np.uint8)
    best = min(simulate(binomial, [frame] * 4).seconds for _ in range(REPEATS))
    return 4 * width * height / best / 1e6


def generation(ksize: int) -> float:
    """Seconds from the keys of a dense Gaussian to its files."""
    def task() -> None:
        with tempfile.TemporaryDirectory() as folder:
            keys = {"kernel": f"gaussian:ksize={ksize}", "width": 1920, "height": 1080}
            build(Filter.from_dict(keys), "dut").write(Path(folder))
    return seconds(task)


def main() -> int:
    """Print the table."""
    rows = []
    for width, height in ((600, 400), (1920, 1080)):
        rate = simulation(width, height)
        rows.append((f"simulate 3x3, 4 frames of {width}x{height}", f"{rate:.2f} Mpixel/s",
                     "1.5 Mpixel/s or more", "met" if rate >= 1.5 else "MISSED"))
    for ksize, limit in ((3, 2), (15, 6)):
        took = generation(ksize)
        rows.append((f"generate {ksize}x{ksize}", f"{took:.2f} s", f"{limit} s or less",
                     "met" if took <= limit else "MISSED"))
    print_table(("job", "measured", "target", ""), rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
