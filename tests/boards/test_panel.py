"""The panel at a core's registers, from its serial line and its buttons."""

from collections.abc import Sequence

import numpy as np
import pytest
from amaranth import *
from amaranth.lib import wiring
from amaranth.sim import Simulator
from serial_line import levels, listen

from windrow import Filter
from windrow.boards.panel import ControlPanel, default_kernels
from windrow.hdl.control import Registers


CLOCK, BAUD, BIT = 800, 100, 8
WIDTH = 640
RUNTIME = Filter(kernel="sobel-x", width=WIDTH, height=8, control="axi4-lite",
                 coefficients="runtime")
CONSTANT = Filter(kernel="sobel-x", width=WIDTH, height=8, control="axi4-lite")
PLAIN = Filter(kernel="sobel-x", width=WIDTH, height=8)


def run(filter: Filter, lines: Sequence[str],
        presses: Sequence[int] = ()) -> tuple[list[str], dict]:
    """The answers to lines, and how things are then; a press bounces."""
    dut = ControlPanel(filter, default_kernels(filter), ["a", "b", "c"], WIDTH, CLOCK, baud=BAUD,
                       buttons=4)
    m = Module()
    m.submodules.dut = dut
    registers = None
    if filter.control != "none":
        m.submodules.registers = registers = Registers(filter)
        wiring.connect(m, dut.bus, registers.bus)
    answers: list[str] = []
    state: dict = {}

    async def testbench(ctx):
        for line in lines:
            heard = []
            for level in [*levels(f"{line}\r".encode(), BIT), *[1] * 500, *[1] * 900]:
                ctx.set(dut.rx, level)
                heard.append(ctx.get(dut.tx))
                await ctx.tick()
            answers.append(listen(heard, BIT).decode())
        for button in presses:
            for pressed in (1, 0, 1, 0, *[1] * 12, *[0] * 400):
                ctx.set(dut.buttons, pressed << button)
                await ctx.tick()
        state["source"], state["split"] = ctx.get(dut.source), ctx.get(dut.split)
        if registers is not None:
            settings = ctx.get(registers.settings)
            state["bypass"] = settings.bypass
            if filter.coefficients == "runtime":
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
        "p1z", "p27f"])
    assert answers == [text + "\r\n" for text in (
        "ok", "ok", "?", "?", "?", "57524F57", "ok", "FFFFFFFE", "?", "?", "?", "?", "ok")]
    assert (state["source"], state["split"]) == (2, 0x27F)


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


def test_constant_coefficients_are_bypassed() -> None:
    assert run(CONSTANT, ["k1", "k2"]) == (
        ["ok\r\n", "?\r\n"], {"source": 0, "split": 320, "bypass": 1})
    assert run(CONSTANT, [], [0])[1]["bypass"] == 1
    assert run(CONSTANT, [], [0, 0])[1]["bypass"] == 0


def test_without_registers() -> None:
    answers, state = run(PLAIN, ["k0", "r0", "w0 0", "s1"], [0, 1])
    assert answers == ["?\r\n", "?\r\n", "?\r\n", "ok\r\n"]
    assert state["source"] == 2
