"""What generating the Verilog of large filters takes, beside the estimate of `model/effort.py`.

`python benchmarks/effort.py [NAME ...]`: processor seconds and peak memory, each in a process of
its own.
"""

import random
import resource
import subprocess
import sys
from typing import Any

from windrow.hdl import build
from windrow.model import Filter
from windrow.model.effort import effort


def dense(size: int) -> list[list[int]]:
    """A kernel without structure, of 8 bits."""
    rng = random.Random(size)
    return [[rng.randint(-128, 127) for _ in range(size)] for _ in range(size)]


FILTERS: dict[str, dict[str, Any]] = {
    "dense 15x15": {"kernel": dense(15), "width": 1920, "height": 1080},
    "dense 15x15, 4 pixels a clock": {
        "kernel": dense(15), "width": 1920, "height": 1080, "pixels_per_clock": 4},
    "dense 31x31": {"kernel": dense(31), "width": 1920, "height": 1080},
    "dense 31x31, 3 channels, 8 pixels a clock": {
        "kernel": dense(31), "width": 1920, "height": 1080, "channels": 3, "pixels_per_clock": 8},
    "Gaussian 3x3, u16, 16 channels, 8 pixels a clock": {
        "kernel": "gaussian:ksize=3", "width": 16384, "height": 1080, "pixel": "u16",
        "channels": 16, "pixels_per_clock": 8},
    "Gaussian 3x3, u16, 64 channels, 8 pixels a clock": {
        "kernel": "gaussian:ksize=3", "width": 16384, "height": 1080, "pixel": "u16",
        "channels": 64, "pixels_per_clock": 8},
    "run-time 11x11, 16 bits": {
        "kernel": dense(11), "width": 1920, "height": 1080, "control": "axi4-lite",
        "coefficients": "runtime", "coefficient_bits": 16},
}


def measure(name: str) -> str:
    """A row: measured, and estimated."""
    filter = Filter(**FILTERS[name])
    expected = effort(filter)
    text = build(filter, "measured").verilog
    seconds, memory = 0.0, 0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        seconds, memory = seconds + used.ru_utime + used.ru_stime, max(memory, used.ru_maxrss)
    return (f"{name:<50} {seconds:7.1f} s {memory / 1e6:5.2f} GB {len(text) / 1e6:6.2f} MB, "
            f"estimated {expected.seconds:7.1f} s {expected.gigabytes:5.2f} GB")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(measure(sys.argv[1]), flush=True)
    else:
        for each in sys.argv[1:] or FILTERS:
            subprocess.run([sys.executable, __file__, each], check=True)
