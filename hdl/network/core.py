"""A network at work on a stream of frames."""

from itertools import accumulate
from typing import Any, NamedTuple

from amaranth import *
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ...model.errors import InputError
from ...model.network import (
    INPUT,
    Add,
    ArgMax,
    Concat,
    Convolution,
    Layer,
    Mul,
    Network,
    Pool,
    Table,
)
from ...model.network.movement import Movement
from ..beat import PixelBeat, sample_shape
from ..devices import Device, device
from .argmax_engine import ArgMaxEngine
from .branch_queue import BranchQueue
from .concat_engine import ConcatEngine
from .convolution_engine import ConvolutionEngine
from .fork import Fork
from .movement_engine import MovementEngine
from .planning import NetworkPlan, NetworkRows, first_row_start, plan_network, stream_format
from .point_engine import AddEngine, MulEngine, TableEngine
from .pool_engine import PoolEngine
from .repack import Repack, beat_counts, filled
from .whole_frames import PlaceFlags, WholeFrames


__all__ = ["NetworkCore", "Tap"]


class Tap(NamedTuple):
    """The beats of a tensor as they go: ``samples`` mean something while ``valid``."""

    valid: Signal
    samples: Signal


def _repack_latencies(taken: tuple[int, ...], given: tuple[int, ...]) -> tuple[int, int]:
    """Cycles that other beats of a pixel are later: the first, and the last, where beats come
    slowly enough."""
    if taken == given:
        return 0, 0
    before = sum(taken[:-1])
    left = sum(end > before for end in accumulate(given))
    return 1, left


class _Beats(NamedTuple):
    """A stream, and the samples of each beat of a pixel."""

    stream: Any
    counts: tuple[int, ...]


class NetworkCore(wiring.Component):
    """A :class:`~windrow.model.network.Network` at work on a stream of frames.

    An engine a layer, joined by streams: each engine keeps the rows that it needs, and a queue
    stands where branches meet. What a stream carries that is no frame becomes whole frames first:
    :mod:`windrow.model.framing`.

    The output is bit-exact to ``network.compute``. Frames back to back take
    :attr:`cycles_per_frame` each while input comes and output is taken. A frame's last output comes
    without further input.

    Parameters
    ----------
    network : :class:`~windrow.model.network.Network`
        The network.
    target : :class:`str`
        A device family of :data:`~windrow.hdl.devices.DEVICES`.
    plan : :class:`~.planning.NetworkPlan`
        How it is built; unless given with one product a clock and layer.
    taps : :class:`bool`
        Whether :attr:`taps` has every layer's output.

    Attributes
    ----------
    design : :class:`~windrow.model.network.Network`
    taps : mapping of :class:`str` to :class:`Tap`
        By the layer's name.

    Members
    -------
    i, o : streams of :class:`~windrow.hdl.beat.PixelBeat`
        Input and output frames, a pixel in as many beats as their formats say. In the cycle behind
        a reset ``i.ready`` is 0.
    reset_follows : :py:`In(1)`
        The next cycle ends in a reset; no beat is taken in it.
    """

    i: stream.Interface
    o: stream.Interface
    reset_follows: Signal
    strategy = "auto"
    first_may_wait = True

    def __init__(
        self, network: Network, *, target: str = "generic", plan: NetworkPlan | None = None,
        taps: bool = False,
    ) -> None:
        if plan is None:
            plan = plan_network(network, multipliers=sum(
                isinstance(layer, Convolution) for layer in network.layers))
        self.design = network
        self.plan = plan
        family = device(target)
        self.engines: dict[str, Any] = {
            layer.name: _engine(layer, plan, family) for layer in network.layers}
        together = NetworkRows(network, plan).together
        self._queues = {
            (layer.name, place): self._queue(
                layer, place, depth, family, place in together.get(layer.name, ()))
            for layer in network.layers
            for place, depth in enumerate(plan.layers[layer.name].queues) if depth}
        self.taps: dict[str, Tap] = {}
        if taps:
            for number, layer in enumerate(network.layers):
                tensor = layer.output
                bits = tensor.sample.bits * plan.lanes(layer.name)
                self.taps[layer.name] = Tap(Signal(name=f"tap_{number}_valid"),
                                            Signal(bits, name=f"tap_{number}_samples"))
        self._input = stream_format(network.input, plan.input_lanes)
        self._output = stream_format(network.tensor(network.output), plan.lanes(network.output))
        super().__init__({
            "i": In(stream.Signature(PixelBeat(
                self._input.sample, self._input.samples_per_beat))),
            "reset_follows": In(1),
            "o": Out(stream.Signature(PixelBeat(
                self._output.sample, self._output.samples_per_beat))),
        })

    def _taken(self, layer: Layer, place: int) -> tuple[int, ...]:
        """Samples of each beat of a pixel, as a layer takes them from an input."""
        counts = self.engines[layer.name].taken
        return counts if isinstance(counts[0], int) else counts[place]

    def _queue(
        self, layer: Layer, place: int, depth: int, family: Device, together: bool
    ) -> BranchQueue:
        """The one before an input of a layer, for so many beats of that tensor.

        Where channels come side by side it holds the beats that the layer takes: they are there at
        once when it is their turn.
        """
        source, lanes = layer.sources[place], self.plan.lanes(layer.inputs[place])
        in_turn = isinstance(layer, Concat)
        if in_turn:
            depth = -(-depth * len(self._taken(layer, place))
                      // len(beat_counts(source.channels, lanes)))
            lanes = self.plan.lanes(layer.name)
        return BranchQueue(data.ArrayLayout(sample_shape(source.sample), lanes), depth, family,
                           prompt=in_turn or together)

    @property
    def latency(self) -> int:
        """Cycles from the edge that takes a frame's first input beat to the one that gives its
        first output beat, input always valid and output always ready.

        Exact in chains and with skip connections; some cycles off where layers move samples, and
        where a first frame waits for room. Where the output is channels side by side it may be rows
        too many: its first beat does not wait for what the others wait for.
        """
        network, plan = self.design, self.plan
        # From the first and the last cycle of a row of an engine to its first and last beat.
        heads, tails = {INPUT: 0}, {INPUT: 0}
        after: dict[str | tuple[str, int], int] = {}
        rows = NetworkRows(network, plan)
        beats = {name: beat_counts(network.tensor(name).channels, plan.lanes(name))
                 for name in [INPUT, *self.engines]}
        for layer in network.layers:
            engine = self.engines[layer.name]
            come = []
            for place, name in enumerate(layer.inputs):
                queue = self._queues.get((layer.name, place))
                way = 0 if queue is None else queue.latency
                come.append([waits[name] + late + way for waits, late in zip(
                    (heads, tails), _repack_latencies(beats[name], self._taken(layer, place)),
                    strict=True)])
            together = rows.together.get(layer.name, {0: 0})
            head, tail = (max(come[place][end] for place in together) for end in range(2))
            for place, (_, last) in enumerate(come):
                if place not in together:
                    after[layer.name, place] = last - head
            if isinstance(layer, ArgMax):  # when the last beat of a pixel is there
                maker = rows.engines[rows.made_by[layer.name]]
                head = maker.clocks // layer.input.width - 1 + tail
            if layer.name in rows.memories:
                after[layer.name] = tail
                head, tail = engine.latencies
            else:
                head, tail = (each + getattr(engine, "latency", 0) for each in (head, tail))
            heads[layer.name], tails[layer.name] = (each + late for each, late in zip(
                (head, tail), _repack_latencies(engine.given, beats[layer.name]), strict=True))
        return first_row_start(network, plan, after) + heads[network.output]

    @property
    def cycles_per_frame(self) -> int:
        """Clock cycles a frame, back to back, input always valid and output always ready."""
        return self.plan.cycles

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        network = self.design
        m.submodules.frames = frames = WholeFrames(self._input)
        m.submodules.flags = flags = PlaceFlags(self._output)
        wiring.connect(m, wiring.flipped(self.i), frames.i)
        m.d.comb += frames.reset_follows.eq(self.reset_follows)
        wiring.connect(m, flags.o, wiring.flipped(self.o))

        branches: dict[str, list[_Beats]] = {}
        self._branch(m, branches, INPUT, _Beats(
            frames.o, beat_counts(network.input.channels, self._input.samples_per_beat)))
        for number, layer in enumerate(network.layers):
            m.submodules[f"layer_{number}"] = engine = self.engines[layer.name]
            for place, (name, port) in enumerate(zip(layer.inputs, engine.inputs, strict=True)):
                given = branches[name].pop(0)
                to = _Beats(port, self._taken(layer, place))
                repack, tensor = f"repack_{number}_{place}", network.tensor(name)
                if isinstance(layer, Concat):  # its queue holds what it takes
                    given = self._repacked(m, repack, tensor, given, to.counts, len(port.payload))
                if queue := self._queues.get((layer.name, place)):
                    m.submodules[f"queue_{number}_{place}"] = queue
                    wiring.connect(m, given.stream, queue.i)
                    given = _Beats(queue.o, given.counts)
                self._connect(m, repack, tensor, given, to)
            self._branch(m, branches, layer.name, _Beats(engine.o, engine.given))
        (end,) = branches[network.output]
        self._connect(m, "repack_output", network.tensor(network.output), end, _Beats(
            flags.i, beat_counts(network.tensor(network.output).channels,
                                 self._output.samples_per_beat)))
        return m

    def _branch(
        self, m: Module, branches: dict[str, list[_Beats]], name: str, made: _Beats
    ) -> None:
        """A tensor's stream in its planned beats, once for each reader."""
        network = self.design
        tensor = network.tensor(name)
        lanes = self.plan.lanes(name)
        counts = beat_counts(tensor.channels, lanes)
        index = len(branches)
        made = self._repacked(m, f"beats_{index}", tensor, made, counts, lanes)
        if name in self.taps:
            tap = self.taps[name]
            m.d.comb += [
                tap.valid.eq(made.stream.valid & made.stream.ready),
                tap.samples.eq(filled(m, made.stream, counts)),
            ]
        count = len(network.readers(name)) + (name == network.output)
        if count == 1:
            branches[name] = [made]
            return
        # A tensor that nothing reads goes nowhere.
        m.submodules[f"fork_{index}"] = fork = Fork(made.stream.payload.shape(), count)
        wiring.connect(m, made.stream, fork.i)
        branches[name] = [_Beats(port, counts) for port in fork.outputs]

    @staticmethod
    def _repacked(
        m: Module, name: str, tensor: Any, made: _Beats, counts: tuple[int, ...], lanes: int
    ) -> _Beats:
        if made.counts == counts and len(made.stream.payload) == lanes:
            return made
        m.submodules[name] = repack = Repack(
            sample_shape(tensor.sample), made.counts, counts, len(made.stream.payload), lanes)
        wiring.connect(m, made.stream, repack.i)
        return _Beats(repack.o, counts)

    def _connect(self, m: Module, name: str, tensor: Any, made: _Beats, to: _Beats) -> None:
        """Join two streams of a tensor."""
        made = self._repacked(m, name, tensor, made, to.counts, len(to.stream.payload))
        wiring.connect(m, made.stream, to.stream)


def _engine(layer: Layer, plan: NetworkPlan, family: Device) -> Any:
    """What computes a layer."""
    own = plan.layers[layer.name]
    match layer:
        case Convolution():
            assert own.folding is not None
            return ConvolutionEngine(layer, own.folding, own.rows, family, own.dsp_products)
        case Pool():
            assert own.folding is not None
            return PoolEngine(layer, own.folding, own.rows, family)
        case Table():
            return TableEngine(layer.input, layer.output, own.lanes, family, layer.tables)
        case Add():
            return AddEngine(layer, own.lanes, family)
        case Mul():
            return MulEngine(layer, own.lanes, family)
        case Concat():
            return ConcatEngine(layer, own.lanes, family)
        case ArgMax():
            return ArgMaxEngine(layer, plan.lanes(layer.inputs[0]))
        case Movement():
            lanes = max(own.lanes, plan.lanes(layer.inputs[0]))
            return MovementEngine(layer, lanes, own.rows, family)
    raise InputError(f"layer {layer.name}: {type(layer).__name__} has no hardware yet")
