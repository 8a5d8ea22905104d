"""Filters that compute what a named library function does."""

from . import linear, points, ranks, sequences, stages
from .table import Preset, entries, expand, is_staged, names, without_preset_keys


__all__ = ["Preset", "entries", "expand", "is_staged", "linear", "names", "points",
           "ranks", "sequences", "stages", "without_preset_keys"]
