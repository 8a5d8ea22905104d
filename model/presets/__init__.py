"""Filters that compute what a named library function does."""

from . import linear, ranks
from .table import Preset, entries, expand, names, without_preset_keys


__all__ = ["Preset", "entries", "expand", "linear", "names", "ranks", "without_preset_keys"]
