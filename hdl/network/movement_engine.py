"""Layers that move samples, at work."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.network.movement import Crop, DepthToSpace, Movement, Pad, Resize, SpaceToDepth
from ..beat import sample_shape
from ..delay import delayed
from ..devices import Device
from .axis import WindowAxis
from .repack import Repack
from .window_reader import WindowReader


__all__ = ["MovementEngine", "Moves"]


@dataclass(frozen=True)
class Moves:
    """What is read when, for one place of the output: as :class:`~.passes.Passes` says it.

    Parameters
    ----------
    layer : :class:`~windrow.model.network.movement.Movement`
    lanes : :class:`int`
        Channels of a word, at most.
    """

    layer: Movement
    lanes: int

    folds = 1
    tap_lanes = 1

    @property
    def _block(self) -> int:
        return self.layer.block if isinstance(self.layer, DepthToSpace) else 1

    @cached_property
    def _parts(self) -> tuple[tuple[int, int], ...]:
        """The channels of a pixel that no word of others has, first and last (not included)."""
        channels = self.layer.input.channels
        if isinstance(self.layer, Crop):
            start, stop = self.layer.channels
            return tuple(each for each in ((0, start), (start, stop), (stop, channels))
                         if each[0] < each[1])
        size = channels // self._block**2
        return tuple((start, start + size) for start in range(0, channels, size))

    @cached_property
    def word_channels(self) -> tuple[tuple[int, ...], ...]:
        """The channels of each word of a pixel."""
        return tuple(tuple(range(at, min(at + self.lanes, stop)))
                     for start, stop in self._parts for at in range(start, stop, self.lanes))

    @property
    def first_word(self) -> int:
        """The first word that is read of a pixel."""
        start = self.layer.channels[0] if isinstance(self.layer, Crop) else 0
        return next(number for number, channels in enumerate(self.word_channels)
                    if channels[0] == start)

    @property
    def _output_words(self) -> int:
        """Words of a pixel that are read at once."""
        size = self.layer.output.channels
        if isinstance(self.layer, SpaceToDepth):
            size = self.layer.input.channels
        return -(-size // self.lanes)

    @property
    def groups(self) -> int:
        """Passes of a place, one word each; but all is one pass where several pixels become one."""
        return 1 if isinstance(self.layer, SpaceToDepth) else self._output_words

    @property
    def words(self) -> int:
        """Words of a tap that a pass reads."""
        return self._output_words // self.groups

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns that become one place."""
        block = self.layer.block if isinstance(self.layer, SpaceToDepth) else 1
        return block, block

    @property
    def given(self) -> tuple[int, ...]:
        """Samples of each beat of an output pixel."""
        counts = [len(each) for each in self.word_channels]
        read = counts[self.first_word:self.first_word + self._output_words]
        return tuple(read * (self.kernel[0] * self.kernel[1]))

    @cached_property
    def axes(self) -> tuple[WindowAxis, WindowAxis]:
        """What is seen: rows, columns."""
        layer = self.layer
        words = len(self.word_channels) // self._block**2
        keys: tuple[dict[str, Any], ...] = ({}, {})
        match layer:
            case Resize():
                keys = tuple({"repeat": factor} for factor in layer.factors)
            case Crop():
                keys = tuple({"before": -each[0]} for each in (layer.rows, layer.columns))
            case Pad():
                keys = tuple({"before": pad, "mode": layer.mode} for pad in layer.pads[::2])
            case SpaceToDepth():
                keys = ({"stride": layer.block},) * 2
            case DepthToSpace():
                keys = tuple({"repeat": layer.block, "place_words": step}
                             for step in (layer.block * words, words))
        rows, columns = (
            WindowAxis(layer.input.shape[1 + axis], layer.output.shape[1 + axis],
                       self.kernel[axis], **keys[axis]) for axis in range(2))
        return rows, columns


class MovementEngine(wiring.Component):
    """Reads the words of a :class:`~windrow.model.network.movement.Movement` in its order.

    Throughput is a word a cycle. Where channels change places (mode ``CRD``), a pixel stands whole
    in registers on its way.

    Parameters
    ----------
    layer : :class:`~windrow.model.network.movement.Movement`
    lanes : :class:`int`
        Channels of a word, at most.
    rows : :class:`int`
        Rows of the input that are kept.
    device : :class:`~..devices.Device`
        Whose memory and queue to use.

    Attributes
    ----------
    taken, given : tuple of :class:`int`
        Samples of each beat of a pixel, at ``i`` and at ``o``.

    Members
    -------
    i, o : streams of arrays of samples
        Pixels in raster order.
    """

    i: stream.Interface
    o: stream.Interface

    def __init__(self, layer: Movement, lanes: int, rows: int, device: Device) -> None:
        size = layer.output.channels if isinstance(layer, DepthToSpace) else layer.input.channels
        moves = Moves(layer, min(lanes, size))
        fill = layer.fill if isinstance(layer, Pad) else 0
        self._reader = WindowReader(moves, rows, fill, device)
        words = tuple(len(each) for each in moves.word_channels)
        beats = len(moves.given) // moves.groups
        payload = self._reader.i.payload.shape()
        self._queue = device.queue(
            payload, beats * (self._reader.latency // beats + 2), 2 * beats)
        self.taken, self.given = words, moves.given
        self._repack: Repack | None = None
        self._orders: dict[str, list[int]] = {}
        sample = sample_shape(layer.input.sample)
        lanes_of = {"i": moves.lanes, "o": moves.lanes}
        if isinstance(layer, DepthToSpace | SpaceToDepth) and layer.mode == "CRD":
            # Channel c of place b of a block is here channel b * C + c, and c * B + b in this mode.
            total = max(layer.input.channels, layer.output.channels)
            places = layer.block**2
            order = [channel * places + place
                     for place in range(places) for channel in range(total // places)]
            if isinstance(layer, DepthToSpace):
                self.taken, lanes_of["i"], self._orders["i"] = (total,), total, order
                self._repack = Repack(sample, self.taken, words, total, moves.lanes)
            else:
                self.given, lanes_of["o"] = (total,), total
                self._orders["o"] = [order.index(channel) for channel in range(total)]
                self._repack = Repack(sample, moves.given, self.given, moves.lanes, total)
        super().__init__({
            name: flow(stream.Signature(data.ArrayLayout(sample, lanes_of[name])))
            for name, flow in (("i", In), ("o", Out))})

    @property
    def inputs(self) -> list[stream.Interface]:
        """The streams of the inputs."""
        return [self.i]

    @property
    def latencies(self) -> tuple[int, int]:
        """As of :class:`~.window_engine.WindowEngine`, to some cycles."""
        late = self._reader.latency + self._queue.latency
        return late + len(self.given), late + len(self.given)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.reader = reader = self._reader
        m.submodules.queue = queue = self._queue
        m.d.comb += [
            reader.room.eq(queue.room),
            queue.i_valid.eq(delayed(m, reader.step, reader.latency, name="valid")),
            Value.cast(queue.i).eq(Value.cast(reader.samples)),
        ]
        ends: dict[str, tuple[Any, Any]] = {
            "i": (wiring.flipped(self.i), reader.i), "o": (queue.o, wiring.flipped(self.o))}
        if self._repack is not None:
            m.submodules.repack = repack = self._repack
            if "i" in self._orders:
                wiring.connect(m, repack.o, reader.i)
                ends["i"] = ends["i"][0], repack.i
            else:
                wiring.connect(m, queue.o, repack.i)
                ends["o"] = repack.o, ends["o"][1]
        for name, (made, to) in ends.items():
            order = self._orders.get(name, range(len(to.payload)))
            m.d.comb += [
                to.valid.eq(made.valid),
                made.ready.eq(to.ready),
                *(Value.cast(to.payload[lane]).eq(made.payload[source])
                  for lane, source in enumerate(order)),
            ]
        return m
