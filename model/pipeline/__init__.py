"""Several stages as one design: each reads taps above it and makes taps of its own."""

from .stage import Stage, Tap
from .value import Pipeline


__all__ = ["Pipeline", "Stage", "Tap"]
