"""Canny's last step on whole frames: a frame store, and what links the edges in it."""

from .hysteresis import Hysteresis
from .layout import WordLayout


__all__ = ["Hysteresis", "WordLayout"]
