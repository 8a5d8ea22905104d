"""What can be made of a window, each a frozen value with its exact model in plain numpy."""

from .correlate import Correlate
from .footprint import Footprint
from .operation import Operation
from .rank import Rank


__all__ = ["Correlate", "Footprint", "Operation", "Rank"]
