"""Integer arithmetic on pixels, as text: read by Python's parser, never run by Python."""

from .operations import Read
from .value import Expression, graph_of, reads_of


__all__ = ["Expression", "Read", "graph_of", "reads_of"]
