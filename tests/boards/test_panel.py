"""The panel at a core's registers, from its serial line and its buttons."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import numpy as np
import pytest
from amaranth import *
from amaranth.lib import wiring
from amaranth.sim import Simulator
from serial_line import levels, listen

from windrow import Filter, Pipeline
from windrow.boards.kernel_choice import register_writes
from windrow.boards.panel import ControlPanel, default_choices, default_kernels
from windrow.hdl.control import Registers
from windrow.hdl.control.axi_lite import OKAY, SLVERR
from windrow.model import InputError


CLOCK, BAUD, BIT = 800, 100, 8
WIDTH = 640
RUNTIME = Filter(kernel="sobel-x", width=WIDTH, height=8, control="axi4-lite",
                 coefficients="runtime")
CONSTANT = Filter(kernel="sobel-x", width=WIDTH, height=8, control="axi4-lite")
PLAIN = Filter(kernel="sobel-x", width=WIDTH, height=8)
CANNY = Pipeline(
    [{"name": "smooth", "kernel": "binomial:ksize=3", "coefficients": "runtime"},
     {"canny": ["low", "high"], "edges": "classes"}],
    width=WIDTH, height=8, control="axi4-lite",
    parameters={"low": 60, "high": {"value": 0, "range": [-8, 1020]}})


def run(filter: Filter, lines: Sequence[str],
        presses: Sequence[int] = ()) -> tuple[list[str], dict]:
    """The answers to lines, and how things are then; a press bounces."""
    dut = ControlPanel(filter, default_choices(filter), ["a", "b", "c"], WIDTH, CLOCK, baud=BAUD,
                       buttons=4)
    m = Module()
    m.submodules.dut = dut
    registers = None
    if filter.registers:
        m.submodules.registers = registers = Registers(filter)
        wiring.connect(m, dut.bus, registers.bus)
    answers: list[str] = []
    state: dict = {}

    async def testbench(ctx):
        for line in lines:
            heard = []
            silent = 0
            # An answer begins within the time that a kernel takes to be written.
            for level in chain(levels(f"{line}\r".encode(), BIT), repeat(1, 1400)):
                ctx.set(dut.rx, level)
                heard.append(ctx.get(dut.tx))
                silent = silent + 1 if heard[-1] and level else 0
                if silent > 400:
                    break
                await ctx.tick()
            answers.append(listen(heard, BIT).decode())
        for button in presses:
            for pressed in (1, 0, 1, 0, *[1] * 12, *[0] * 400):
                ctx.set(dut.buttons, pressed << button)
                await ctx.tick()
        state["source"], state["split"] = ctx.get(dut.source), ctx.get(dut.split)
        if registers is not None:
            settings = ctx.get(registers.settings)
            if isinstance(filter, Pipeline):
                state["low"], state["high"] = settings.low, settings.high
                state["kernel"] = list(settings.smooth.coefficients)
                return
            state["bypass"] = settings.bypass
            if filter.runtime_kernel:
                state["kernel"] = list(settings.coefficients)
                state["shift"], state["offset"] = settings.shift, settings.offset
                state["rounding"] = settings.rounding

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    return answers, state


@pytest.mark.parametrize("number", range(len(default_kernels(RUNTIME))))
def test_a_kernel_is_committed_whole(number: int) -> None:
    choice = default_kernels(RUNTIME)[number]
    answers, state = run(RUNTIME, [f"k{number}"])
    assert answers == ["ok\r\n"]
    assert state["kernel"] == np.ravel(choice.kernel).tolist()
    assert (state["shift"], state["offset"], state["rounding"]) == (choice.shift, choice.offset, 1)


def test_lines() -> None:
    answers, state = run(RUNTIME, [
        "s2", "p0140", "p281", "s3", "kFF", "r0", "w200 fffffffe", "r200", "r3fc", "w0 1", "x",
        "p1z", "p27f", "r1044", "w1000 1", "p10000027f", "r100000000", "s000000001",
        "w02C  8", "w0200 5 ", "r02C", "r0200", "w02C 8", "r02C"])
    assert answers == [text + "\r\n" for text in (
        "ok", "ok", "?", "?", "?", "57524F57", "ok", "FFFFFFFE", "?", "?", "?", "?", "ok",
        "?", "?", "?", "?", "ok", "?", "?", "00000000", "FFFFFFFE", "ok", "00000008")]
    assert (state["source"], state["split"]) == (1, 0x27F)


@pytest.mark.parametrize(("presses", "source", "split"), [
    ([1], 1, 320), ([1] * 3, 0, 320), ([2], 0, 280), ([3, 3], 0, 400), ([2] * 9, 0, 0),
    ([3] * 9, 0, 640),
])
def test_buttons(presses: list[int], source: int, split: int) -> None:
    _, state = run(PLAIN, [], presses)
    assert (state["source"], state["split"]) == (source, split)


def test_the_kernel_button() -> None:
    kernels = default_kernels(RUNTIME)
    assert run(RUNTIME, [], [0, 0])[1]["kernel"] == np.ravel(kernels[2].kernel).tolist()
    assert run(RUNTIME, [], [0] * len(kernels))[1]["kernel"] == np.ravel(kernels[0].kernel).tolist()


@pytest.mark.parametrize(("lines", "presses", "low", "high", "identity"), [
    ([], [], 60, 0, False), (["k2"], [], 120, 0, False), (["k6"], [], 60, 510, False),
    (["k5", "k9"], [], 60, 0, True), ([], [0, 0, 0], 30, 0, False), (["k4"], [0], 60, 255, False)])
def test_settings_of_a_pipeline(
    lines: list[str], presses: list[int], low: int, high: int, identity: bool
) -> None:
    answers, state = run(CANNY, lines, presses)
    assert answers == ["ok\r\n"] * len(lines)
    assert (state["low"], state["high"]) == (low, high)
    kernel = [0, 0, 0, 0, 1, 0, 0, 0, 0] if identity else [1, 2, 1, 2, 4, 2, 1, 2, 1]
    assert state["kernel"] == kernel


def test_constant_coefficients_are_bypassed() -> None:
    assert run(CONSTANT, ["k1", "k2"]) == (
        ["ok\r\n", "?\r\n"], {"source": 0, "split": 320, "bypass": 1})
    assert run(CONSTANT, [], [0])[1]["bypass"] == 1
    assert run(CONSTANT, [], [0, 0])[1]["bypass"] == 0


def test_without_registers() -> None:
    answers, state = run(PLAIN, ["k0", "r0", "w0 0", "s1"], [0, 1])
    assert answers == ["?\r\n", "?\r\n", "?\r\n", "ok\r\n"]
    assert state["source"] == 2


@pytest.mark.parametrize("wrong", [None, 0, 5, 11])
def test_an_error_while_a_kernel_loads_ends_it(wrong: int | None) -> None:
    kernels = default_kernels(RUNTIME)
    writes = register_writes(RUNTIME, kernels)
    dut = ControlPanel(RUNTIME, kernels, ["a"], WIDTH, CLOCK, baud=BAUD, buttons=1)
    bus = dut.bus
    written: list[tuple[int, int]] = []
    answers: list[str] = []

    async def port(ctx: Any) -> None:
        ctx.set(bus.awready, 1)
        ctx.set(bus.wready, 1)
        while True:
            _, _, valid, address, word = await ctx.tick().sample(
                bus.awvalid, bus.awaddr, bus.wdata)
            if not valid:
                continue
            written.append((address, word))
            ctx.set(bus.bresp, SLVERR if len(written) - 1 == wrong else OKAY)
            ctx.set(bus.bvalid, 1)
            await ctx.tick()
            ctx.set(bus.bvalid, 0)

    async def say(ctx: Any, line: str) -> None:
        heard = []
        for level in [*levels(line.encode(), BIT), *[1] * 600]:
            ctx.set(dut.rx, level)
            heard.append(ctx.get(dut.tx))
            await ctx.tick()
        answers.append(listen(heard, BIT).decode())

    def words(kernel: int, count: int | None) -> list[tuple[int, int]]:
        return [(address, word & 0xFFFFFFFF) for address, word in writes[kernel][:count]]

    async def testbench(ctx: Any) -> None:
        await say(ctx, "k2\r")
        assert written == words(2, None if wrong is None else wrong + 1)
        # It goes on with the next one as if nothing had been.
        written[:] = [(0, 0)] * (99 if wrong is None else wrong + 1)
        begun = len(written)
        await say(ctx, "k3\r")
        assert written[begun:] == words(3, None)

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(port, background=True)
    sim.add_testbench(testbench)
    sim.run()
    assert answers == ["ok\r\n" if wrong is None else "?\r\n", "ok\r\n"]


def test_latency() -> None:
    """From the start of a line's last byte: 9.5 bits and so many cycles.

    A word that a kernel writes takes 14; the last one is the commit, answered 3 after it.
    """
    dut = ControlPanel(
        RUNTIME, default_kernels(RUNTIME), ["a", "b", "c"], WIDTH, CLOCK, baud=BAUD)
    m = Module()
    m.submodules.dut = dut
    m.submodules.registers = registers = Registers(RUNTIME)
    wiring.connect(m, dut.bus, registers.bus)
    cycles: dict[str, int] = {}

    async def testbench(ctx: Any) -> None:
        for line, watched, wanted in (
            ("s2", dut.source, 2), ("p10", dut.split, 16), ("k1", registers.pending, 1),
            ("s1", dut.tx, 0),
        ):
            for level in [*levels(line.encode(), BIT), *[1] * BIT]:
                ctx.set(dut.rx, level)
                await ctx.tick()
            for cycle, level in enumerate([*levels(b"\r", BIT), *[1] * 900]):
                ctx.set(dut.rx, level)
                if ctx.get(watched) == wanted:
                    cycles.setdefault(line, cycle)
                await ctx.tick()

    sim = Simulator(m)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    received = BIT * 19 // 2
    assert {line: cycle - received for line, cycle in cycles.items()} == {
        "s2": 5, "p10": 5, "k1": 5 + 14 * 12 - 3, "s1": 6}


FIRST = default_kernels(RUNTIME)[0]


@pytest.mark.parametrize(("keys", "message"), [
    ({"sources": []}, "sources must name at least one source"),
    ({"width": 0}, "width must be at least 1, not 0"),
    ({"buttons": -1}, "buttons must be at least 0, not -1"),
    ({"kernels": []},
     "0 kernels do not suit coefficients 'runtime': there must be at least one"),
    ({"filter": CONSTANT, "kernels": [FIRST]},
     "1 kernels do not suit coefficients 'constant': there must be none"),
    ({"kernels": [FIRST, replace(FIRST, name="wide", kernel=((1, 2),))]},
     "kernel 'wide' is 1x2; it must be 3x3, as the filter's"),
    ({"kernels": [replace(FIRST, shift=32)]},
     "kernel 'filter': shift must be an integer from 0 to 31, not 32"),
    ({"baud": 200}, "baud 200 is too fast for a clock of 800 Hz: a bit must take at least 8 "
                    "cycles"),
])
def test_what_is_refused(keys: dict[str, Any], message: str) -> None:
    given = {"filter": RUNTIME, "kernels": [FIRST], "sources": ["a"], "width": WIDTH,
             "clock": CLOCK, "baud": BAUD}
    with pytest.raises(InputError, match=rf"^{re.escape(message)}$"):
        ControlPanel(**given | keys)
