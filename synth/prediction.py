"""From what a core is made of to what it takes of a device: a calibration, not a synthesis.

The counts of a :class:`~.census.Census` are what matters; how many LUTs of a family go with each of
them, and how much of a clock period, are the coefficients of ``calibration.json``. They are fitted
to measured builds by ``benchmarks/calibrate.py``; ``benchmarks/plan_error.py`` prints how far the
predictions are from other builds. Flip-flops, multipliers and block RAMs are counts as they are.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..hdl.devices import Device
from .census import Census
from .targets import Target


__all__ = [
    "CALIBRATION", "COMPARISON_ERROR", "LUT_FEATURES", "PERIOD_FEATURES", "Prediction", "predict",
]

CALIBRATION = Path(__file__).with_name("calibration.json")
"""LUTs, by device family, and nanoseconds of the clock period, by target, of a unit of each
feature."""

LUT_FEATURES: Mapping[str, Callable[[Census], float]] = {
    "constant": lambda census: 1,
    "luts": lambda census: census.luts,
    "carry_bits": lambda census: census.carry_bits,
    "carry_chains": lambda census: census.carry_chains,
    "inverted_bits": lambda census: census.inverted_bits,
    "lone_flip_flops": lambda census: census.lone_flip_flops,
    "lut_memories": lambda census: census.lut_memories,
    "block_rams": lambda census: sum(census.blocks.values()) + len(census.memories),
}
"""What LUTs are proportional to."""

PERIOD_FEATURES: Mapping[str, Callable[[Census], float]] = {
    "constant": lambda census: 1,
    "levels": lambda census: census.levels,
    "longest_carry": lambda census: census.longest_carry,
    "log2_fanout": lambda census: math.log2(1 + census.fanout),
    "log2_luts": lambda census: math.log2(1 + census.luts + census.carry_bits),
}
"""What the clock period is proportional to."""

COMPARISON_ERROR: Mapping[str, float] = {"luts": 0.05, "clock": 0.11}
"""How far wrong the ratio of two strategies' predictions is, for the same filter and device, in
nine pairs of ten; ``benchmarks/plan_error.py`` measures it."""

#: What the beginning of a block's name says of it.
_BLOCKS = {
    "DP16KD": "rams", "PDPW16KD": "rams", "SDP": "rams", "DPB": "rams", "DPX9": "rams",
    "SB_RAM": "rams", "CC_BRAM": "rams", "SB_SPRAM": "large_rams",
    "MULT": "dsps", "ALU54": "dsps", "SB_MAC16": "dsps",
}

RAM_BLOCKS = tuple(name for name, resource in _BLOCKS.items() if resource == "rams")
"""What the names of block RAMs begin with."""


@dataclass(frozen=True)
class Prediction:
    """What a core is expected to take.

    Parameters
    ----------
    luts : :class:`int`
        LUTs, as :class:`~.targets.Target` counts them; of a generic device, LUTs of four inputs and
        carry bits, before any synthesis.
    flip_flops : :class:`int`
        Flip-flops outside of blocks.
    dsps : :class:`int`
        Multipliers.
    rams : :class:`int` or ``None``
        Block RAMs; ``None`` where that is up to the tools.
    large_rams : :class:`int`
        Large RAMs (UP5K's SPRAM).
    memory_bits : :class:`int`
        Bits of the memories that are left to the tools.
    clock : :class:`float` or ``None``
        Clock frequency in MHz; ``None`` where none was measured.
    """

    luts: int
    flip_flops: int
    dsps: int
    rams: int | None
    large_rams: int
    memory_bits: int
    clock: float | None


@cache
def _calibration() -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    found: Mapping[str, Mapping[str, Mapping[str, float]]] = json.loads(
        CALIBRATION.read_text(encoding="utf-8"))
    return found


def predict(census: Census, device: Device, target: Target | None = None) -> Prediction:
    """Predict what a core takes.

    Parameters
    ----------
    census : :class:`~.census.Census`
        What it is made of.
    device : :class:`~windrow.hdl.devices.Device`
        The device family that it was made for.
    target : :class:`~.targets.Target`, optional
        The device. Without it there is no clock, unless the family has one speed.
    """
    calibration = _calibration()
    # Uncalibrated, the census itself is the best guess.
    weights = calibration["luts"].get(device.name, {"luts": 1, "carry_bits": 1})
    counts = {"rams": 0, "large_rams": 0, "dsps": census.products}
    for block, count in census.blocks.items():
        counts[_resource(block)] += count
    rams: int | None = None
    if device.block_count is not None:
        rams = counts["rams"] + sum(device.block_count(*each) for each in census.memories)
    periods = calibration["period"]
    period = periods.get(device.name if target is None else target.name,
                         periods.get(device.name))
    return Prediction(
        luts=round(sum(
            weight * LUT_FEATURES[name](census) for name, weight in weights.items())),
        flip_flops=census.flip_flops,
        dsps=counts["dsps"],
        rams=rams,
        large_rams=counts["large_rams"],
        memory_bits=sum(bits * words for bits, words in census.memories),
        clock=None if period is None else 1e3 / sum(
            weight * PERIOD_FEATURES[name](census) for name, weight in period.items()),
    )


def _resource(block: str) -> str:
    for beginning, resource in _BLOCKS.items():
        if block.startswith(beginning):
            return resource
    raise ValueError(f"prediction: block {block!r} is not known")
