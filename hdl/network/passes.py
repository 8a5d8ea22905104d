"""The order of a window layer's work: passes over the window, words of channels, lanes."""

from dataclasses import dataclass
from functools import cached_property

from ...model.errors import InputError
from ...model.network.convolution import Convolution
from ...model.network.folding import Folding
from ...model.network.pooling import Pool
from .axis import WindowAxis


__all__ = ["Passes"]


@dataclass(frozen=True)
class Passes:
    """What is read and made when, for one place of the window.

    ``for group: for fold: for tap row: for tap column: for word:`` one cycle. A *pass* is all but
    the outermost two: the window once, for up to :attr:`outputs` channels. In a depthwise layer,
    and in a pool, each word of channels is a group of its own.

    Parameters
    ----------
    layer : :class:`~windrow.model.network.convolution.Convolution` or \
:class:`~windrow.model.network.pooling.Pool`
    folding : :class:`~windrow.model.network.folding.Folding`
    """

    layer: Convolution | Pool
    folding: Folding

    def __post_init__(self) -> None:
        if self.separate and self.multiple > 1 and (
                self.folding.outputs % self.multiple and self.multiple % self.folding.outputs):
            raise InputError(
                f"layer {self.layer.name}: outputs of its folding must be a multiple or a divisor "
                f"of {self.multiple}, the outputs of an input channel, not {self.folding.outputs}")

    @property
    def separate(self) -> bool:
        """Whether each output channel is made of one input channel, not of all of its group."""
        return isinstance(self.layer, Pool) or self.layer.depthwise

    @property
    def multiple(self) -> int:
        """Output channels of an input channel, where they are separate."""
        return self.layer.output.channels // self.layer.input.channels

    @property
    def outputs(self) -> int:
        """Channels that a pass makes, the last of a group maybe fewer."""
        return self.folding.outputs

    @property
    def lanes(self) -> int:
        """Channels of a word: what comes at once of each tap."""
        return max(self.outputs // self.multiple, 1) if self.separate else self.folding.inputs

    @property
    def words(self) -> int:
        """Words of a tap that a pass reads."""
        return 1 if self.separate else -(-self._group_inputs // self.lanes)

    @property
    def groups(self) -> int:
        """Groups, each of words of its own."""
        if self.separate:
            return -(-self.layer.input.channels // self.lanes)
        assert isinstance(self.layer, Convolution)
        return self.layer.groups

    @property
    def folds(self) -> int:
        """Passes of a group."""
        if self.separate:
            return max(self.multiple // self.outputs, 1)
        return -(-(self.layer.output.channels // self.groups) // self.outputs)

    @property
    def _group_inputs(self) -> int:
        return self.layer.input.channels // self.groups

    @cached_property
    def word_channels(self) -> tuple[tuple[int, ...], ...]:
        """The channels of each word of a pixel."""
        size = self.layer.input.channels if self.separate else self._group_inputs
        return tuple(
            tuple(range(start + at, start + min(at + self.lanes, size)))
            for start in range(0, self.layer.input.channels, size)
            for at in range(0, size, self.lanes))

    @cached_property
    def channels(self) -> tuple[tuple[int, ...], ...]:
        """The output channels of each pass."""
        total = self.layer.output.channels
        if self.separate:
            return tuple(tuple(range(at, min(at + self.outputs, total)))
                         for at in range(0, total, self.outputs))
        size = total // self.groups
        return tuple(
            tuple(range(start + at, start + min(at + self.outputs, size)))
            for start in range(0, total, size)
            for at in range(0, size, self.outputs))

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns of the window."""
        return self.layer.kernel

    @property
    def first_word(self) -> int:
        """The first word that is read of a pixel."""
        return 0

    @property
    def tap_lanes(self) -> int:
        """Taps, one below the other, that come at once."""
        return self.kernel[0] if self.folding.column else 1

    @property
    def steps(self) -> tuple[tuple[int, int, int], ...]:
        """Tap row (the first of those that come at once), tap column and word of each cycle."""
        return tuple((row, column, word)
                     for row in range(0, self.kernel[0], self.tap_lanes)
                     for column in range(self.kernel[1])
                     for word in range(self.words))

    @cached_property
    def axes(self) -> tuple[WindowAxis, WindowAxis]:
        """What the window sees: rows, columns."""
        layer = self.layer
        mode, apart = "zeros", (1, 1)
        if isinstance(layer, Convolution):
            mode, apart = layer.padding_mode, layer.input_dilation
        rows, columns = (
            WindowAxis(layer.input.shape[1 + axis], layer.output.shape[1 + axis],
                       layer.kernel[axis], layer.stride[axis], layer.dilation[axis],
                       layer.pads[2 * axis], mode, apart[axis])
            for axis in range(2))
        return rows, columns
