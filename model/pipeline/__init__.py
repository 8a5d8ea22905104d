"""Several stages as one design: each reads taps above it and makes taps of its own."""

from .stage import FilterStage, Stage, SubsetStage, Tap
from .value import Pipeline


__all__ = ["FilterStage", "Pipeline", "Stage", "SubsetStage", "Tap"]
