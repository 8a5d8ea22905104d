"""Several stages as one design: each reads taps above it and makes taps of its own."""

from .enlarge import ShuffleStage
from .formula import FormulaStage, TableStage
from .reading import INPUT
from .stage import FilterStage, Stage, SubsetStage, Tap
from .surround import SurroundStage
from .value import Pipeline
from .whole import HysteresisStage


__all__ = ["INPUT", "FilterStage", "FormulaStage", "HysteresisStage", "Pipeline", "ShuffleStage",
           "Stage", "SubsetStage", "SurroundStage", "TableStage", "Tap"]
