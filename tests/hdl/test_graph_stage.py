"""A graph in every lane and channel: parameters that change with a frame, and its text."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from amaranth import ClockDomain, Module, signed
from amaranth.back import verilog
from amaranth.lib import data
from amaranth.sim import Simulator

from windrow.hdl.arithmetic.graph_pipeline import GraphPipeline
from windrow.hdl.arithmetic.graph_stage import GraphStage
from windrow.hdl.arithmetic.multiplier import Multiplier
from windrow.hdl.beat import FRAME_PLACE, Beat
from windrow.hdl.devices import device
from windrow.hdl.text import Text
from windrow.model.graph import Graph
from windrow.model.interval import Interval
from windrow.model.nodes import Node, Parameter, Product, Sum, Term


PIXEL = Interval(0, 255)
GAIN, MORE = (Parameter(name, None, Interval(-128, 127)) for name in ("gain", "more"))
SETTINGS = data.StructLayout({"gain": signed(8), "more": signed(8)})


def graph(nodes: Sequence[Node], outputs: Sequence[int], inputs: int = 1) -> Graph:
    """Nodes of pixels; inputs are the first of them."""
    made = Graph.wires([PIXEL] * inputs)
    for node in nodes:
        made = made.then(node)
    return replace(made, outputs=tuple(map(Term, outputs)))


GRAPHS = {
    "held by the multiplier alone": graph([GAIN, Product(0, Term(1))], [2]),
    "held in a register alone": graph([GAIN, Sum(Term(0), Term(1))], [2]),
    "the parameter itself": graph([Sum(Term(0), Term(0)), GAIN], [1, 2]),
    "the first parameter itself": graph([GAIN, Sum(Term(0), Term(0))], [2, 1]),
    "in a later cycle": graph([Sum(Term(0), Term(0)), GAIN, Sum(Term(1), Term(2))], [3]),
    "both ways": graph([GAIN, MORE, Product(0, Term(1)), Sum(Term(3), Term(2))], [4]),
    "one twice": graph([GAIN, Product(0, Term(1)), Sum(Term(2), Term(1))], [3]),
    "of two columns": graph([GAIN, Product(0, Term(2)), MORE, Product(1, Term(4)),
                             Sum(Term(3), Term(5))], [6], inputs=2),
}


class Free(Multiplier):
    """One whose registers have no enable."""

    can_hold = False


DEVICES = {"held": device("generic"), "free": replace(device("generic"), multiplier=Free)}


def stage(made: Graph, holds: str = "held", lanes: int = 2, channels: int = 2) -> GraphStage:
    beat = Beat(FRAME_PLACE, [PIXEL], channels, lanes + len(made.inputs) - 1, switches=True)
    return GraphStage(beat, lanes, made, DEVICES[holds], SETTINGS)


@pytest.mark.parametrize("holds", DEVICES)
@pytest.mark.parametrize("name", GRAPHS)
def test_each_frame_has_its_own_parameters(name: str, holds: str) -> None:
    """To the last beat, with and without a gap between frames; each beat keeps its place."""
    made, rng = GRAPHS[name], random.Random(name)
    dut = stage(made, holds)
    beat = dut.i.shape()
    expected: list[tuple[list[int], dict[str, int]]] = []
    found: list[tuple[list[int], dict[str, int]]] = []
    switched: list[int] = []
    switches: list[int] = []

    async def testbench(ctx: Any) -> None:
        cycle = 0

        async def tick() -> None:
            nonlocal cycle
            if ctx.get(dut.o.valid):
                found.append((
                    [ctx.get(column[channel][number]) for column in dut.o.columns
                     for channel in range(beat.channels) for number in range(len(made.outputs))],
                    {flag: ctx.get(dut.o.place[flag]) for flag in FRAME_PLACE}))
            if ctx.get(dut.switched):
                switched.append(cycle)
            if ctx.get(dut.o.frame_switch):
                assert cycle - switches[len(switched) - 1] == dut.latency
            cycle += 1
            await ctx.tick()

        def start() -> dict[str, int]:
            settings = {each: rng.randint(-128, 127) for each in ("gain", "more")}
            for each, value in settings.items():
                ctx.set(dut.settings[each], value)
            ctx.set(dut.i.frame_switch, 1)
            switches.append(cycle)
            return settings

        settings = start()
        await tick()
        for _ in range(6):
            ctx.set(dut.i.frame_switch, 0)
            gaps = rng.random() < 0.5
            for number in range(15):
                while gaps and rng.random() < 0.3:
                    ctx.set(dut.i.valid, 0)
                    await tick()
                columns = [[rng.randint(*PIXEL) for _ in range(beat.channels)]
                           for _ in range(beat.count)]
                place = {flag: rng.randint(0, 1) for flag in FRAME_PLACE}
                for column, values in zip(dut.i.columns, columns, strict=True):
                    for channel, value in enumerate(values):
                        ctx.set(column[channel][0], value)
                for flag, value in place.items():
                    ctx.set(dut.i.place[flag], value)
                ctx.set(dut.i.valid, 1)
                expected.append(([
                    value for lane in range(beat.count - len(made.inputs) + 1)
                    for channel in range(beat.channels)
                    for value in made.compute(
                        [column[channel] for column in columns[lane : lane + len(made.inputs)]],
                        {(each, None): value for each, value in settings.items()})], place))
                if number == 14:
                    settings = start()
                await tick()
            ctx.set(dut.i.valid, 0)
            while gaps and rng.random() < 0.7:
                # The next frame is announced again, a cycle before it comes.
                ctx.set(dut.i.frame_switch, 0)
                await tick()
                settings = start()
                await tick()
        ctx.set(dut.i.frame_switch, 0)
        for _ in range(dut.latency + 1):
            await tick()

    top = Module()
    top.domains.sync = ClockDomain()
    top.submodules.dut = dut
    sim = Simulator(top)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    assert found == expected
    assert switched == [each + dut.latency - 1 for each in switches]


def test_what_a_multiplier_holds_takes_no_register() -> None:
    """It is given the settings as they are."""
    found = {name: GraphPipeline(made, DEVICES["held"], SETTINGS) for name, made in GRAPHS.items()}
    alone = {"held by the multiplier alone", "of two columns"}
    assert {name for name, each in found.items() if each.loaded} == {
        *alone, "both ways", "one twice"}
    assert {name for name, each in found.items() if each.wanted} == {*GRAPHS} - alone
    assert not any(GraphPipeline(made, DEVICES["free"], SETTINGS).loaded
                   for made in GRAPHS.values())


@pytest.mark.parametrize("name", [*GRAPHS, "wires"])
@pytest.mark.parametrize("lanes, channels", [(1, 1), (2, 1), (1, 3), (2, 2)])
def test_what_is_alike_is_one_module_of_a_text(name: str, lanes: int, channels: int) -> None:
    """What is there once stands where it is used, and so do wires."""
    text = Text("top")
    beat = Beat(FRAME_PLACE, [PIXEL], channels, lanes)
    dut = (GraphStage(beat, lanes, Graph.wires([PIXEL]), DEVICES["held"]) if name == "wires"
           else stage(GRAPHS[name], lanes=lanes, channels=channels))
    verilog.convert(dut, platform=text, name="top")
    modules = re.findall(r"^module \\top\.pipeline_\d+ *\(", text.modules(), re.MULTILINE)
    assert len(modules) == (name != "wires" and lanes * channels > 1)
