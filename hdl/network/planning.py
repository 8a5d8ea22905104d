"""How a network is built: the folding of every layer, the rows it keeps, and the queues between.

The search is exact. For a bound on the clocks of a frame every layer takes its folding of fewest
products that keeps to it, whatever the others do; so the sum of products falls as the bound rises,
and the least bound that a number of products allows is found by bisection over all foldings'
cycles.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...model.errors import InputError
from ...model.format import Format
from ...model.network import (
    INPUT,
    ArgMax,
    Concat,
    Convolution,
    Folding,
    Layer,
    Mul,
    Network,
    Pool,
    Tensor,
    cycles,
)
from ...model.network.folding import foldings, words, work
from ...model.network.movement import Movement
from ...model.network.row_reads import row_reads
from .row_timing import HANDOFF, Engine, Read, RowTiming, Wait, fit_rooms


__all__ = ["LayerPlan", "NetworkPlan", "NetworkRows", "first_row_start", "plan_network",
           "stream_format"]

HELD, HELD_BY_PRODUCT = 16, 32
"""Clocks for which a layer without a memory holds a beat, with the queue before it, at most."""

WAY = 6
"""Clocks that a queue takes, at most."""


@dataclass(frozen=True)
class LayerPlan:
    """How one layer is built.

    Attributes
    ----------
    folding : :class:`~windrow.model.network.Folding` or ``None``
        How the work of a convolution or a pool is spread over clocks; ``None`` of other layers.
    lanes : :class:`int`
        Samples a beat of the stream of its output: a pixel takes ``ceil(channels / lanes)`` beats.
    cycles : :class:`int`
        Clocks of a frame, where nothing waits.
    products : :class:`int`
        Products a clock.
    dsp_products : :class:`int`
        How many of them the device's multipliers make; the others are made of LUTs.
    rows : :class:`int`
        Rows of its input that its memory holds; 0 where it has none.
    queues : tuple of :class:`int`
        For each of its inputs the beats of the queue before it; 0: none.
    """

    folding: Folding | None
    lanes: int
    cycles: int
    products: int = 0
    dsp_products: int = 0
    rows: int = 0
    queues: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class NetworkPlan:
    """How a network is built.

    Attributes
    ----------
    layers : mapping of :class:`str` to :class:`LayerPlan`
        By the layer's name.
    input_lanes : :class:`int`
        Samples a beat of the network's input.
    cycles : :class:`int`
        Clocks a frame, frames back to back: the greatest of the layers' and the input's. Where that
        is of a layer without a memory, behind a faster one with a memory, a frame may take some
        more, up to a few of a row: that one waits, and begins again late.
    """

    layers: Mapping[str, LayerPlan]
    input_lanes: int
    cycles: int

    @property
    def products(self) -> int:
        """Products a clock, of all layers."""
        return sum(layer.products for layer in self.layers.values())

    def lanes(self, name: str) -> int:
        """Samples a beat of a tensor's stream."""
        return self.input_lanes if name == INPUT else self.layers[name].lanes


def plan_network(
    network: Network, *, multipliers: int | None = None, cycles: int | None = None,
    blocks: int | None = None, block_products: int = 1,
) -> NetworkPlan:
    """The fastest way to build a network with so many products, or the smallest for so many cycles.

    Parameters
    ----------
    network : :class:`~windrow.model.network.Network`
        The network.
    multipliers : :class:`int`, optional
        At most so many products a clock, of all layers together. Of equally fast ways it is the one
        with fewest.
    cycles : :class:`int`, optional
        At most so many clocks a frame. Alone it asks for the fewest products; beside
        ``multipliers`` it must be met as well. One of the two is needed.
    blocks : :class:`int`, optional
        How many multipliers the device has, which make as many of the products as they can; unless
        given, all.
    block_products : :class:`int`
        Products of 8 by 8 bits that each of them makes.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If no folding meets the budget; the message says what would.
    """
    found = _Choices(network)
    if cycles is None:
        assert multipliers is not None, "a budget is needed"
        if multipliers < found.fewest:
            raise InputError(f"multipliers must be at least {found.fewest}, one for each layer "
                             f"that multiplies, not {multipliers}")
        chosen = found.fastest(multipliers)
    else:
        if cycles < found.bounds[0]:
            raise InputError(f"cycles must be at least {found.bounds[0]}, which the network takes "
                             f"with all products of a column at once, not {cycles}")
        chosen = found.smallest(cycles)
        products = sum(found.products(layer, folding) for layer, folding in chosen)
        if multipliers is not None and products > multipliers:
            raise InputError(f"multipliers must be at least {products} for {cycles} cycles a "
                             f"frame, not {multipliers}")
    return _with_rooms(network, _without_rooms(network, chosen, blocks, block_products))


class _Choices:
    """The foldings that a search is about."""

    def __init__(self, network: Network) -> None:
        self._layers = [layer for layer in network.layers if isinstance(layer, Convolution | Pool)]
        self._foldings = [_ranked(layer) for layer in self._layers]
        least = max([_fewest_cycles(network), *(
            min(cycles(layer, each) for each in choices)
            for layer, choices in zip(self._layers, self._foldings, strict=True))])
        #: The clocks of a frame that may be the greatest of all layers', ascending.
        self.bounds = sorted({least, *(
            count for layer, choices in zip(self._layers, self._foldings, strict=True)
            for each in choices if (count := cycles(layer, each)) >= least)})
        self.fewest = sum(isinstance(layer, Convolution) for layer in self._layers)

    @staticmethod
    def products(layer: Layer, folding: Folding) -> int:
        """Products a clock; a pool has none."""
        return folding.products(layer) if isinstance(layer, Convolution) else 0

    def smallest(self, bound: int) -> list[tuple[Layer, Folding]]:
        """Each layer with its folding of fewest products within a bound."""
        return [(layer, next(each for each in choices if cycles(layer, each) <= bound))
                for layer, choices in zip(self._layers, self._foldings, strict=True)]

    def fastest(self, multipliers: int) -> list[tuple[Layer, Folding]]:
        """The same for the least bound that so many products allow."""
        place = bisect_left(self.bounds, -multipliers, key=lambda bound: -sum(
            self.products(*each) for each in self.smallest(bound)))
        return self.smallest(self.bounds[place])


def _ranked(layer: Layer) -> list[Folding]:
    """A layer's foldings, the one to take first first."""
    return sorted(foldings(layer), key=lambda each: (
        each.products(layer), cycles(layer, each), each.column, each.outputs))


def _beats(layer: Layer, lanes: int) -> int:
    """Beats of a pixel that a layer without a folding makes. Each input of channels side by side
    begins a beat."""
    tensors = layer.sources if isinstance(layer, Concat) else (layer.output,)
    return sum(-(-tensor.channels // lanes) for tensor in tensors)


def _fewest_cycles(network: Network) -> int:
    """Of a frame, with whole pixels in a beat."""
    source = network.input
    return max([source.height * source.width, *(
        layer.output.height * layer.output.width * _beats(layer, layer.output.channels)
        for layer in network.layers)])


def _fits_block(layer: Layer) -> bool:
    """Whether the factors of a layer's products have at most 8 bits."""
    return isinstance(layer, Convolution) and max(
        layer.input.interval.bits, layer.weights_interval.bits) <= 8


def _without_rooms(
    network: Network, chosen: Sequence[tuple[Layer, Folding]], blocks: int | None,
    block_products: int,
) -> NetworkPlan:
    """The plan but for memories and queues."""
    found = {layer.name: folding for layer, folding in chosen}
    bound = max([_fewest_cycles(network), *(cycles(layer, folding) for layer, folding in chosen)])
    products = {layer.name: _Choices.products(layer, folding) for layer, folding in chosen}
    # The multipliers go to the layers that have most to multiply, and to no depthwise layer that
    # would leave its own idle for half of a frame or more: a product in LUTs is a smaller part of
    # any device than a multiplier.
    in_dsps, left = {}, sum(products.values()) if blocks is None else blocks
    for name in sorted(products, key=lambda name: -products[name]):
        layer = network.layer(name)
        idle = (isinstance(layer, Convolution) and layer.depthwise
                and 2 * layer.macs <= products[name] * bound)
        each = block_products if _fits_block(layer) else 1
        in_dsps[name] = 0 if idle else min(products[name], left * each)
        left -= -(-in_dsps[name] // each)

    def lanes(tensor: Tensor) -> int:
        beats = min(bound // (tensor.height * tensor.width), tensor.channels)
        return -(-tensor.channels // beats)

    def planned(layer: Layer) -> LayerPlan:
        folding, wide = found.get(layer.name), lanes(layer.output)
        if folding is None:
            pixels = layer.output.height * layer.output.width
            while (beats := pixels * _beats(layer, wide)) > bound:
                wide += 1
            return LayerPlan(None, wide, beats)
        # As fast as groups of results come; as many lanes as beats of a pixel then need.
        wide = max(wide, -(-folding.outputs // folding.fold(layer)))
        channels = layer.output.channels
        wide = -(-channels // -(-channels // wide))
        return LayerPlan(folding, wide, cycles(layer, folding), products[layer.name],
                         in_dsps[layer.name])

    return NetworkPlan({layer.name: planned(layer) for layer in network.layers},
                       lanes(network.input), bound)


def _with_rooms(network: Network, plan: NetworkPlan) -> NetworkPlan:
    """The plan with its memories and queues."""
    rows = NetworkRows(network, plan)
    rooms, _ = fit_rooms(rows.engines, rows.waits, plan.cycles)
    sizes = dict(zip([*rows.memories, *rows.queues], rooms, strict=True))
    layers = {}
    for layer in network.layers:
        row_beats = [stream_format(network.tensor(name), plan.lanes(name)).beats_per_line
                     for name in layer.inputs]
        waiting = {place for name, place in rows.queues if name == layer.name}
        layers[layer.name] = replace(
            plan.layers[layer.name], rows=sizes.get(layer.name, 0),
            queues=tuple(
                rows.together.get(layer.name, {0: 0})[place] if place not in waiting
                else sizes[layer.name, place] * beats
                for place, beats in enumerate(row_beats)))
    return replace(plan, layers=layers)


def stream_format(tensor: Tensor, lanes: int) -> Format:
    """What a tensor's stream carries."""
    return Format(tensor.width, tensor.height, tensor.sample, tensor.channels,
                  beats_per_pixel=-(-tensor.channels // lanes))


class NetworkRows:
    """A network as engines that make rows.

    A layer with a memory is an engine. One without passes rows on as they come: it belongs to the
    engine before it, whose row then takes as long as the slowest of them. Where branches meet, the
    rows of the longest meet those of others, which wait in queues. Branches of one engine's rows
    meet beat by beat: what comes early waits in a queue for what layers between them still hold,
    and, where channels come side by side, for the pixel's channels before its own::

        rows of an engine --+--------------[queue]--+
                            |                       join
                            +--table---[queue]------+

    Attributes
    ----------
    engines, waits
        As for :class:`~.row_timing.RowTiming`.
    memories : list of :class:`str`
        The layer of each memory.
    queues : list of (:class:`str`, :class:`int`)
        Layer and input of each queue of rows.
    together : mapping of :class:`str` to a mapping of :class:`int` to :class:`int`
        Of each layer without a memory, the inputs that come with the rows of its engine, and the
        beats of the queue before each; 0: none.
    made_by : mapping of :class:`str` to :class:`int`
        The engine of each tensor.

    Parameters
    ----------
    after : mapping
        What is known of :attr:`.Read.after`, by the layer that reads, and of :attr:`.Wait.after`,
        by layer and number of the input.
    """

    def __init__(self, network: Network, plan: NetworkPlan,
                 after: Mapping[str | tuple[str, int], int] | None = None) -> None:
        known = after or {}
        self.engines: list[Engine] = []
        self.waits: list[Wait] = []
        self.memories: list[str] = []
        self.queues: list[tuple[str, int]] = []
        self.together: dict[str, dict[int, int]] = {}
        self.made_by: dict[str, int] = {}
        made_by = self.made_by
        depths: list[int] = []
        # Clocks and pixels by which a tensor may come later than its engine's own, at most.
        late: dict[str, tuple[int, int]] = {}

        def clocks(name: str) -> int:
            return stream_format(network.tensor(name), plan.lanes(name)).beats_per_line

        def bits(name: str) -> int:
            tensor = network.tensor(name)
            return tensor.width * tensor.channels * tensor.sample.bits

        def add(name: str, read: Read | None, least: int) -> None:
            made_by[name], late[name] = len(self.engines), (0, 0)
            depths.append(0 if read is None else 1 + depths[read.source])
            self.engines.append(Engine(network.tensor(name).height, max(least, clocks(name)), read))

        add(INPUT, None, 1)
        for layer in network.layers:
            own = plan.layers[layer.name]
            if isinstance(layer, Convolution | Pool | Movement):
                (source,) = layer.inputs
                self.memories.append(layer.name)
                add(layer.name, Read(made_by[source], row_reads(layer), bits(source)),
                    -(-(own.cycles if own.folding is None else work(layer, own.folding))
                      // layer.output.height))
                if own.folding is not None:
                    self._slow(made_by[source], layer.input.width * words(layer, own.folding))
                continue
            sources = [made_by[name] for name in layer.inputs]
            # The longest branch comes last: what waits for it waits in a queue.
            index = max(sources, key=lambda source: (depths[source], source))
            made_by[layer.name] = index
            self._slow(index, own.cycles // layer.output.height)
            for place, (name, waits) in enumerate(zip(layer.inputs, sources, strict=True)):
                if waits != index:
                    self.queues.append((layer.name, place))
                    self.waits.append(Wait(waits, index, bits(name)))
            together = {place: layer.inputs[place] for place, source in enumerate(sources)
                        if source == index}
            # Samples may have to be cut into other beats.
            cut = len({plan.lanes(name) for name in (*together.values(), layer.name)}) > 1
            in_turn = isinstance(layer, Concat) and len(sources) > 1
            self.together[layer.name] = {
                place: self._waiting(
                    stream_format(network.tensor(name), plan.lanes(name)).beats_per_pixel,
                    [late[other] for other in together.values() if other != name],
                    cut, in_turn)
                for place, name in together.items()}
            held, pixels = (max(each) for each in zip(*(
                late[name] for name in together.values()), strict=True))
            late[layer.name] = (
                held + (HELD_BY_PRODUCT if isinstance(layer, Mul) else HELD),
                pixels + (cut or in_turn or isinstance(layer, ArgMax)))

        # Now that all rows have their clocks: what comes late is taken and makes room late.
        def handoff(name: str) -> int:
            held, pixels = late[name]
            pixel = -(-self.engines[made_by[name]].clocks // network.tensor(name).width)
            return max(HANDOFF, HANDOFF // 2 + held + pixels * pixel)

        for name in self.memories:
            engine = self.engines[made_by[name]]
            assert engine.read is not None
            self.engines[made_by[name]] = replace(engine, read=replace(
                engine.read, after=known.get(name, handoff(network.layer(name).inputs[0]))))
        for number, (name, place) in enumerate(self.queues):
            inputs = network.layer(name).inputs
            self.waits[number] = replace(
                self.waits[number], after=known.get((name, place), handoff(inputs[place])),
                freed=max(handoff(inputs[each]) for each in self.together[name]))

    @staticmethod
    def _waiting(beats: int, others: Sequence[tuple[int, int]], cut: bool, in_turn: bool) -> int:
        """Beats of a tensor, of so many a pixel, that wait for others of the same rows.

        ``cut``: some are cut into other beats; ``in_turn``: while a pixel of others is taken it
        waits too, or would hold up what makes it.
        """
        held, pixels = (max(each, default=0) for each in (
            [held for held, _ in others], [pixels for _, pixels in others]))
        found = held + beats * (pixels + (cut and bool(others)) + in_turn)
        return found + WAY * (found > 0)

    def _slow(self, index: int, clocks: int) -> None:
        """A row of an engine takes no less."""
        engine = self.engines[index]
        self.engines[index] = replace(engine, clocks=max(engine.clocks, clocks))


def first_row_start(network: Network, plan: NetworkPlan,
                    after: Mapping[str | tuple[str, int], int]) -> int:
    """Clocks from the first input beat to the start of the output's first row.

    Exact where no engine of the first frame waits for room; else at most.
    """
    rows = NetworkRows(network, plan, after)
    rooms = [plan.layers[name].rows for name in rows.memories]
    for name, place in rows.queues:
        source = network.layer(name).inputs[place]
        line = stream_format(network.tensor(source), plan.lanes(source)).beats_per_line
        rooms.append(plan.layers[name].queues[place] // line)
    timing = RowTiming(rows.engines, rows.waits, rooms)
    timing.run(1)
    maker = rows.made_by[network.output]
    return timing.end(maker, 0) - rows.engines[maker].clocks
