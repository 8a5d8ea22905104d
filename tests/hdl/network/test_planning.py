"""The search for foldings, and the rows and queues with which a network keeps to its cycles."""

from itertools import product

import numpy as np
import pytest
from random_networks import U8, random_network
from test_small_networks import Small

from windrow.hdl.network.planning import NetworkRows, plan_network
from windrow.hdl.network.row_timing import (
    DeadlockError,
    Engine,
    Read,
    RowTiming,
    Wait,
    fit_rooms,
)
from windrow.model import InputError
from windrow.model.network import (
    INPUT,
    Concat,
    Convolution,
    FloatRequantiser,
    Mul,
    Network,
    Tensor,
    cycles,
)
from windrow.model.network.folding import foldings
from windrow.model.network.row_reads import RowReads, row_reads


class Layers(Small):
    """With windows as high as wide, whose frames stay as large unless told."""

    def square(self, name, outputs, size, **keys) -> None:
        self.convolution(name, outputs, size, size, **{"pads": (size // 2,) * 4} | keys)


def mnist() -> Network:
    layers = Layers(1, 28, 28)
    layers.square("one", 8, 5)
    layers.pool("half", "max", 2, 2, stride=(2, 2))
    layers.square("two", 16, 5)
    layers.pool("third", "max", 3, 3, stride=(3, 3))
    layers.square("full", 10, 4, pads=(0,) * 4)
    return layers.network


def skip(rows: int = 8, deep: int = 2) -> Network:
    """A branch of convolutions, beside one that only waits."""
    layers = Layers(4, rows, 6)
    layers.square("head", 4, 3)
    for number in range(deep):
        layers.square(f"main{number}", 4, 3)
    layers.add(Mul, "join", "head", layers.last, requantiser=FloatRequantiser(
        sample=U8, scales=(np.float32(2**-8),)))
    return layers.network


def test_the_network_of_the_data_sheet() -> None:
    """semantics-layers, 7.2: 62 720 cycles with 16 products, 31 360 with 28; here fewer."""
    network = mnist()
    assert plan_network(network, multipliers=16).cycles == 58_800
    plan = plan_network(network, multipliers=28, blocks=8, block_products=2)
    assert (plan.cycles, plan.products) == (31_360, 26)
    assert sum(layer.dsp_products for layer in plan.layers.values()) == 16
    assert plan_network(network, cycles=62_720).products == 14


@pytest.mark.parametrize(("rows", "columns", "in_dsps"), [
    (5, 5, 1), (19, 1, 1), (9, 2, 0), (3, 5, 0), (3, 3, 0)])
def test_a_depthwise_layer_idle_for_half_of_a_frame_takes_no_multiplier(
    rows, columns, in_dsps
) -> None:
    """The first layer takes 8 * 8 * 4 * 4 * 9 = 9216 cycles, the other 8 * 8 * 4 for each tap."""
    layers = Layers(4, 8, 8)
    layers.square("all", 4, 3)
    layers.convolution("each", 4, rows, columns, groups=4, pads=(
        rows // 2, rows - 1 - rows // 2, columns // 2, columns - 1 - columns // 2))
    plan = plan_network(layers.network, multipliers=2, blocks=28)
    assert plan.cycles == 9216
    found = {name: (each.products, each.dsp_products) for name, each in plan.layers.items()}
    assert found == {"all": (1, 1), "each": (1, in_dsps)}


@pytest.mark.parametrize(("zero", "in_dsps"), [(0, 4), (-1, 2)])
def test_factors_of_more_than_eight_bits_take_a_multiplier_each(zero, in_dsps) -> None:
    """127 less a zero point of -1 is no s8: two multipliers make two products, not four."""
    layers = Layers(4, 4, 4)
    weights = np.array([127, -128] * 8).reshape(4, 4, 1, 1)
    layers.add(Convolution, "all", weights=weights, weight_zero_point=(zero,),
               requantiser=FloatRequantiser(sample=U8, scales=(np.float32(2**-10),)))
    plan = plan_network(layers.network, multipliers=4, blocks=2, block_products=2)
    assert (plan.layers["all"].products, plan.layers["all"].dsp_products) == (4, in_dsps)


@pytest.mark.parametrize("budget", [3, 5, 9, 20])
def test_no_other_folding_is_faster(budget) -> None:
    layers = Layers(3, 6, 5)
    layers.square("a", 4, 3)
    layers.square("b", 6, 3, groups=2)
    layers.square("c", 6, 3, groups=6)
    network = layers.network
    every = product(*(foldings(layer) for layer in network.layers))
    best = min((max(30, *map(cycles, network.layers, each)), products) for each in every
               if (products := sum(folding.products(layer) for layer, folding in zip(
                   network.layers, each, strict=True))) <= budget)
    plan = plan_network(network, multipliers=budget)
    assert (plan.cycles, plan.products) == best


def test_budgets_that_cannot_be_met_say_what_can() -> None:
    with pytest.raises(InputError, match="multipliers must be at least 3, one for each layer"):
        plan_network(mnist(), multipliers=2)
    with pytest.raises(InputError, match="cycles must be at least 3920"):
        plan_network(mnist(), cycles=3919)
    with pytest.raises(InputError, match="multipliers must be at least 14 for 62720 cycles"):
        plan_network(mnist(), cycles=62_720, multipliers=13)
    assert plan_network(mnist(), cycles=3920).cycles == 3920


@pytest.mark.parametrize("network", [mnist(), skip(), skip(5, 3)])
@pytest.mark.parametrize("budget", [6, 40])
def test_rooms_are_the_least_that_keep_the_cycles(network, budget) -> None:
    plan = plan_network(network, multipliers=budget)
    rows = NetworkRows(network, plan)
    rooms, timing = fit_rooms(rows.engines, rows.waits, plan.cycles)
    assert timing.period() == (1, plan.cycles)
    for room in range(len(rooms)):
        fewer = [size - (at == room) for at, size in enumerate(rooms)]
        with_fewer = RowTiming(rows.engines, rows.waits, fewer)
        try:
            with_fewer.run(64)
        except (DeadlockError, IndexError):
            continue
        assert not with_fewer.keeps(plan.cycles)


def test_rooms_fill_slowly_where_engines_are_nearly_as_slow_as_the_slowest() -> None:
    """Each frame six clocks are left of 54: it takes more than 64 frames until rows settle."""
    read, pair = RowReads(1, (0,), (1,)), RowReads(2, (1, 1), (0, 2))
    engines = [Engine(2, 12), Engine(2, 24, Read(0, pair, 1)), Engine(2, 24, Read(1, pair, 1)),
               Engine(1, 36, Read(2, RowReads(2, (1,), (2,)), 1)), Engine(1, 54, Read(3, read, 1)),
               Engine(1, 30, Read(4, read, 1))]
    _, timing = fit_rooms(engines, [Wait(1, 2, 48), Wait(3, 4, 96)], 54)
    assert timing.period() == (1, 54)


@pytest.mark.parametrize(("seed", "channels", "size", "budgets"), [
    (1171, 6, 4, (8, 20, 60)), (1010, 24, 8, (157,))])
def test_frames_that_repeat_after_many(seed, channels, size, budgets) -> None:
    """Rows of nine frames differ, and come again: more than any one room holds."""
    network = random_network(seed, channels, size)
    for budget in budgets:
        plan = plan_network(network, multipliers=budget, blocks=40)
        rows = NetworkRows(network, plan)
        _, timing = fit_rooms(rows.engines, rows.waits, plan.cycles)
        repeats = timing.period()
        assert repeats is not None
        assert repeats[1] <= repeats[0] * plan.cycles


def test_rows_that_do_not_settle_are_refused() -> None:
    read = RowReads(1, (0,), (1,))
    engines = [Engine(1, 999_999), Engine(1, 1_000_000, Read(0, read, 1))]
    with pytest.raises(InputError, match="give another number of --multipliers or --cycles"):
        fit_rooms(engines, [], 1_000_000)


@pytest.mark.parametrize(("rows", "deep"), [(8, 1), (8, 2), (9, 4)])
def test_a_skip_queue_one_row_short_blocks(rows, deep) -> None:
    """The branch swallows ``deep`` rows, and one more is on its way, before it gives one."""
    network = skip(rows, deep)
    found = NetworkRows(network, plan_network(network, multipliers=20))
    reads = [row_reads(layer).least for layer in network.layers[:-1]]
    needed = deep + 1
    RowTiming(found.engines, found.waits, [*reads, needed]).run(8)
    with pytest.raises(DeadlockError):
        RowTiming(found.engines, found.waits, [*reads, needed - 1]).run(8)


@pytest.mark.parametrize(("keys", "last", "free", "least"), [
    ({}, (1, 2, 3, 4, 4), (0, 1, 2, 3, 5), 3),
    ({"stride": (2, 1)}, (1, 3, 4), (1, 3, 5), 3),
    ({"dilation": (2, 1)}, (3, 4, 4), (0, 1, 5), 5),
    ({"padding_mode": "circular"}, (4, 4, 4, 4, 4), (0, 0, 0, 0, 5), 5),
    ({"padding_mode": "reflect"}, (1, 2, 3, 4, 4), (0, 1, 2, 3, 5), 3),
    ({"input_dilation": (2, 1)}, (0, 1, 1, 2, 2, 3, 3, 4, 4), (0, 1, 1, 2, 2, 3, 3, 4, 5), 2),
])
def test_rows_that_a_window_reads(keys, last, free, least) -> None:
    layer = Convolution(name="c", inputs=(INPUT,), sources=(Tensor(1, 5, 4, U8),),
                        weights=np.ones((1, 1, 3, 1), int), pads=(1, 1, 0, 0), **keys)
    found = row_reads(layer)
    assert (found.last, found.free, found.least) == (last, free, least)
    assert all(found.free[row] > place and (row == 0 or found.free[row - 1] <= place)
               for place, row in enumerate(found.freed))


@pytest.mark.parametrize("order", ["long, short", "short, long"])
def test_the_shorter_branch_waits_wherever_it_is_written(order: str) -> None:
    """Two windows swallow two rows, one swallows one."""
    layers = Layers(2, 8, 6)
    layers.square("head", 2, 3)
    for branch in order.split(", "):
        layers.last = "head"
        for number in range(1 + (branch == "long")):
            layers.square(f"{branch}{number}", 2, 3)
    layers.add(Mul, "join", "long1", "short0", requantiser=FloatRequantiser(
        sample=U8, scales=(np.float32(2**-8),)))
    plan = plan_network(layers.network, multipliers=40)
    assert NetworkRows(layers.network, plan).queues == [("join", 1)]
    assert plan.layers["join"].queues[0] == 0
    assert plan.layers["join"].queues[1] > 0


def test_channels_side_by_side_begin_a_beat_with_each_input() -> None:
    """Three and three channels are four beats of two, not three: else frames take longer."""
    made = Layers(3, 4, 2)
    made.square("side", 3, 1)
    made.add(Concat, "joined", "side", INPUT, tables=(None, None), sample=U8)
    for most in (24, 31, 32, 48):
        plan = plan_network(made.network, cycles=most)
        beats = 2 * -(-3 // plan.lanes("joined"))
        assert plan.layers["joined"].cycles == 8 * beats <= plan.cycles <= most
    # A pixel of the output takes two beats, one of each input.
    assert plan_network(made.network, multipliers=99).cycles == 16
