"""Running a board's top: what happens at its pins, and what is seen there."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...model import InputError
from ...sim.engine import Progress
from ...sim.scratch import scratch
from ...sim.tools import ToolError
from ...sim.verilator import compile_harness, drive_harness
from .translate import Translated


__all__ = ["LOCKED_AFTER", "CameraPlay", "Recording", "Stimulus", "simulate_top"]

LOCKED_AFTER = 20
"""Pixel clocks before the PLL says that it has locked. The clocks are there from the start."""

_BRIEF = 30_000
"""Pixel clocks up to which the simulator is compiled at -O0: in half the time, to run slower."""

_CAMERA_SCALE = 1000
"""Steps in the shortest half of a period of the PLL's clocks, where a camera has a clock of its own
that need not fit to them."""


@dataclass(frozen=True)
class CameraPlay:
    """What a camera does.

    Parameters
    ----------
    frequency : :class:`float`
        Of its clock, in hertz.
    cycles : (N, 2) uint8 array
        For each cycle of its clock the data, and VSYNC, HREF and a stopped clock in bits 0, 1
        and 2. Behind the last one the clock stands still: the cable is pulled.
    address : :class:`int`
        What it listens to on its two wires: its address for writing.
    """

    frequency: float
    cycles: npt.NDArray[np.uint8]
    address: int


@dataclass(frozen=True)
class Stimulus:
    """What happens at the inputs; times are in pixel clocks from the start.

    Parameters
    ----------
    uart : sequence of pairs of :class:`int` and :class:`bytes`
        When bytes begin to come in: eight bits, no parity, one stop bit, back to back.
    baud : :class:`int`
        How fast they come.
    buttons : sequence of pairs of :class:`int`
        When the buttons change, and which ones are pressed then, a bit each.
    camera : :class:`CameraPlay`, optional
        A camera.
    """

    uart: Sequence[tuple[int, bytes]] = ()
    baud: int = 115_200
    buttons: Sequence[tuple[int, int]] = ()
    camera: CameraPlay | None = None

    def events(self, samples: int, clock: float) -> list[tuple[int, str, int]]:
        """When which input gets which value, in samples, of which a pixel clock has so many.

        Parameters
        ----------
        samples : :class:`int`
            In a pixel clock.
        clock : :class:`float`
            The pixel clock, in hertz.
        """
        found = [(0, "rx", 1), (samples * LOCKED_AFTER, "locked", 1)]
        found += [(samples * at, "buttons", mask) for at, mask in self.buttons]
        bit = samples * clock / self.baud
        for at, data in self.uart:
            levels = [level for byte in data
                      for level in (0, *(byte >> number & 1 for number in range(8)), 1)]
            found += [(round(samples * at + number * bit), "rx", level)
                      for number, level in enumerate(levels)]
        return sorted(found, key=lambda event: event[0])


@dataclass(frozen=True)
class Recording:
    """What was seen.

    Parameters
    ----------
    video : uint16 array
        The video pins, behind each edge of the clock that drives them.
    samples : :class:`int`
        Of them in a pixel clock.
    outputs : (N, 2) integer array
        Sample and levels whenever the other outputs changed: UART, light, and the camera's clock
        and data wires in bits 0 to 3.
    build_seconds, seconds : :class:`float`
        Time that the simulator took to be made, and the simulation.
    """

    video: npt.NDArray[np.uint16]
    samples: int
    outputs: npt.NDArray[np.int64]
    build_seconds: float
    seconds: float

    def sent(self, baud: int, clock: float) -> bytes:
        """What came out of the UART.

        Parameters
        ----------
        baud : :class:`int`
            How fast.
        clock : :class:`float`
            The pixel clock, in hertz.

        Raises
        ------
        :exc:`InputError`
            If a stop bit is low.
        """
        bit = self.samples * clock / baud
        at, level = self.outputs[:, 0], self.outputs[:, 1] & 1
        found = bytearray()
        falls = at[1:][(level[1:] == 0) & (level[:-1] == 1)]
        end = 0.0
        for start in falls.tolist():
            if start < end or start + 9.5 * bit > len(self.video):
                continue
            middles = start + bit * (np.arange(10) + 0.5)
            bits = level[np.searchsorted(at, middles, side="right") - 1]
            if not bits[9]:
                raise InputError(f"UART: no stop bit behind {bytes(found)!r}")
            found.append(int(bits[1:9] @ (1 << np.arange(8))))
            end = start + 9.5 * bit
        return bytes(found)


def simulate_top(
    top: Translated,
    rate: int,
    samples: int,
    clock: float,
    cycles: int,
    stimulus: Stimulus,
    progress: Progress,
) -> Recording:
    """Run a top.

    Parameters
    ----------
    top : :class:`~.translate.Translated`
        The design.
    rate : :class:`int`
        The PLL's output, both edges of which drive the video pins.
    samples : :class:`int`
        Edges of it in a pixel clock.
    clock : :class:`float`
        The pixel clock, in hertz.
    cycles : :class:`int`
        Pixel clocks to run.
    stimulus : :class:`Stimulus`
        What happens at the inputs.
    progress : callable
        Told what is being done.

    Raises
    ------
    :exc:`~windrow.sim.tools.MissingTool`
        If Verilator or a C++ compiler is missing.
    :exc:`~windrow.sim.tools.ToolError`
        If the simulator stops before the end: a cell is used in a way that has no model.
    """
    start = time.perf_counter()
    harness = compile_harness(
        top.verilog, "preview", Path(__file__).with_name("harness.cpp").read_text(),
        brief=cycles <= _BRIEF, progress=progress)
    built = time.perf_counter()
    camera = stimulus.camera
    halves = _halves(top.pll.outputs)
    if camera is not None:
        halves = {name: half * _CAMERA_SCALE for name, half in halves.items()}
    job = {"samples": samples * cycles, "rate": rate,
           **{f"half{number}": half for number, half in halves.items()}}
    if camera is not None:
        ratio = float(top.pll.outputs[rate]) / camera.frequency
        job |= {"camera": round(halves[rate] * ratio), "address": camera.address}
    with scratch() as folder:
        (folder / "job").write_text("".join(f"{key} {value}\n" for key, value in job.items()))
        (folder / "events").write_text("".join(
            f"{at} {pin} {value}\n" for at, pin, value in stimulus.events(samples, clock)))
        played = np.zeros((0, 2), np.uint8) if camera is None else camera.cycles
        played.tofile(folder / "camera")
        files = ("job", "events", "camera", "video", "outputs")
        command = [str(harness), *(str(folder / file) for file in files)]
        # Whatever else it prints: a model says what it cannot do.
        drive_harness(command, lambda done: progress("simulating", done // samples, cycles),
                      ToolError, folder / "video", cwd=top.folder)
        return Recording(
            np.fromfile(folder / "video", np.uint16), samples,
            np.loadtxt(folder / "outputs", np.int64, ndmin=2),
            built - start, time.perf_counter() - built)


def _halves(outputs: dict[int, Fraction]) -> dict[int, int]:
    """Half a period of each clock, as whole numbers in proportion."""
    common = lcm(*(frequency.numerator for frequency in outputs.values()))
    halves = {name: int(common * frequency.denominator) // frequency.numerator
              for name, frequency in outputs.items()}
    divisor = gcd(*halves.values())
    return {name: half // divisor for name, half in halves.items()}
