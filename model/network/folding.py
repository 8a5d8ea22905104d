"""How a window layer's work is spread over space and time."""

from dataclasses import dataclass

from ..errors import InputError
from .convolution import Convolution
from .layer import Layer
from .pooling import Pool


__all__ = ["Folding", "cycles", "foldings", "words", "work"]


@dataclass(frozen=True)
class Folding:
    """What one cycle of a window layer works on.

    Parameters
    ----------
    outputs : :class:`int`
        Output channels at once (of a depthwise layer or a pool, channels at once).
    inputs : :class:`int`
        Input channels at once; 1 in a depthwise layer or a pool.
    column : :class:`bool`
        Whether all taps of a column of the window come at once.
    """

    outputs: int = 1
    inputs: int = 1
    column: bool = False

    def __post_init__(self) -> None:
        for key, value in (("outputs", self.outputs), ("inputs", self.inputs)):
            if value < 1:
                raise InputError(f"{key} of a folding must be at least 1, not {value}")

    def tap_lanes(self, layer: Layer) -> int:
        """Taps at once."""
        return _shape(layer)[2] if self.column else 1

    def products(self, layer: Layer) -> int:
        """Products (of a pool: comparisons or sums) at once."""
        return self.outputs * self.inputs * self.tap_lanes(layer)

    def fold(self, layer: Layer) -> int:
        """Cycles between two groups of :attr:`outputs` results."""
        _, inputs, rows, columns = _shape(layer)
        return -(-rows // self.tap_lanes(layer)) * columns * -(-inputs // self.inputs)


def cycles(layer: Layer, folding: Folding) -> int:
    """Cycles a frame: its :func:`work`, or those in which the frame comes in, where they are more.
    """
    source = layer.input
    return max(work(layer, folding), source.height * source.width * words(layer, folding))


def work(layer: Layer, folding: Folding) -> int:
    """Cycles of a frame's products: ``OH * OW * groups * ceil(outputs of a group / outputs) *
    fold``."""
    output = layer.output
    groups = layer.groups if isinstance(layer, Convolution) and not layer.depthwise else 1
    rounds = groups * -(-(output.channels // groups) // folding.outputs)
    return output.height * output.width * rounds * folding.fold(layer)


def words(layer: Layer, folding: Folding) -> int:
    """Words of a pixel of the input, a cycle each."""
    source, output = layer.input, layer.output
    if isinstance(layer, Convolution) and not layer.depthwise:
        return layer.groups * -(-layer.weights.shape[1] // folding.inputs)
    # A word has the channels that are at once.
    lanes = max(folding.outputs * source.channels // output.channels, 1)
    return -(-source.channels // lanes)


def _shape(layer: Layer) -> tuple[int, int, int, int]:
    """Outputs of a group, inputs of a group, rows and columns of the window."""
    if isinstance(layer, Convolution):
        outputs = layer.output.channels // (1 if layer.depthwise else layer.groups)
        return outputs, layer.weights.shape[1], *layer.kernel
    assert isinstance(layer, Pool), "only layers with a window are folded"
    return layer.input.channels, 1, *layer.kernel


def foldings(layer: Layer) -> tuple[Folding, ...]:
    """The foldings of a layer that no smaller one equals in cycles."""
    outputs, inputs, rows, _ = _shape(layer)
    parts = _parts(outputs)
    words = _parts(inputs)
    if isinstance(layer, Convolution) and layer.groups > 1:
        # What is at once comes from one word of the memory.
        each = layer.output.channels // layer.groups
        if layer.depthwise:
            parts = [part for part in parts if not (part % each and each % part)]
        words = [word for word in words if not inputs % word]
    return tuple(Folding(part, word, column) for part in parts for word in words
                 for column in (False, True)[:1 + (rows > 1)])


def _parts(count: int) -> list[int]:
    """The sizes of parts that cut a number into fewer parts than any smaller size."""
    return sorted({-(-count // parts) for parts in range(1, count + 1)})
