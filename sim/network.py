"""A network's Verilog run on many frames at once, every layer judged by the model."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..hdl.network.planned import PlannedNetwork
from ..model.errors import InputError
from .children import Pool
from .engine import Design, Engine, Progress, Remake, check_waves, complete, kept_waves
from .frames import Port
from .job import ENGINES, Mismatch, cycles_per_frame, pack
from .recording import CoreError, Recording, Span
from .traffic import Traffic
from .verilator import Verilator


__all__ = ["LAYER_ENGINES", "NetworkResult", "check_engine", "first_wrong_layer", "layers_design",
           "run_network", "simulate_network"]

LAYER_ENGINES = ("verilator", "icarus")
"""Engines that read the ports by which a simulated core shows its layers."""

Frames = npt.NDArray[np.int64]


@dataclass(frozen=True)
class NetworkResult:
    """What came out of a simulation.

    Parameters
    ----------
    taps : mapping of :class:`str` to (frames, channels, height, width) array
        What the hardware made of every frame in every layer.
    output : array of the same kind
        What came out of the network.
    cycles, cycles_per_frame, latency_cycles, seconds, build_seconds
        As of :class:`~.job.Result`; of several runs side by side the greatest.
    jobs : :class:`int`
        How many runs there were side by side, each of a part of the frames.
    traffic : :class:`~.traffic.Traffic`
        How the streams flowed.
    spans : tuple of :class:`~.recording.Span`
        Of the first run, when its frames came and went.
    engine : :class:`str`
        The engine that ran.
    """

    taps: Mapping[str, Frames]
    output: Frames
    cycles: int
    cycles_per_frame: int
    latency_cycles: int
    seconds: float
    build_seconds: float
    jobs: int
    traffic: Traffic
    spans: tuple[Span, ...]
    engine: str


def simulate_network(
    design: PlannedNetwork, frames: npt.NDArray[Any], *, target: str = "generic",
    engine: str = "verilator", traffic: Traffic | None = None, jobs: int | None = None,
    waves: str | Path | None = None, progress: Progress = lambda text, done, total: None,
    remake: Remake | None = None,
) -> NetworkResult:
    """Generate a network's Verilog and run frames through it, back to back.

    Parameters
    ----------
    design : :class:`~windrow.hdl.network.planned.PlannedNetwork`
        The network, and how it is built.
    frames : (frames, channels, height, width) array of integers
        At least one.
    target : :class:`str`
        The device family that the Verilog is made for.
    engine : :class:`str`
        ``verilator``, or ``icarus``: slow, but built at once, and it knows undefined values.
    traffic : :class:`~.traffic.Traffic`
        How the streams flow: without stalls by default.
    jobs : :class:`int`, optional
        Simulators side by side, each with a part of the frames: by default one a processor in
        Verilator, as long as each has two frames.
    waves : path, optional
        Keep a waveform of all frames in this file; then there is one simulator.
    progress : callable, optional
        Told what is being done.
    remake : callable, optional
        Makes another design of the generated one, as its netlist, and that is run instead.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If it is another engine: no other reads the ports of the layers; if the target's cells have
        no model.
    :exc:`~windrow.sim.tools.MissingTool`
        If the engine's tools are missing.
    :exc:`~windrow.sim.recording.CoreError`
        If the core breaks a rule of its ports, or hangs.
    """
    _runner(engine, waves)  # what is missing is said before anything is made
    progress("generating Verilog", 0, 0)
    core = complete(layers_design(design, target), target, remake, progress)
    return run_network(core, frames, engine=engine, traffic=traffic, jobs=jobs, waves=waves,
                       progress=progress)


def layers_design(design: PlannedNetwork, target: str = "generic") -> Design:
    """A network's core with ports that show every layer."""
    from ..hdl import build

    made = build(replace(design, taps=True), "core", target=target)
    return Design(made.verilog, made.manifest)


def check_engine(name: str) -> None:
    """Refuse an engine that cannot run a network.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If it does not read the ports that show the layers.
    :exc:`~windrow.sim.tools.MissingTool`
        If its tools are missing.
    """
    if name not in LAYER_ENGINES:
        raise InputError(f"engine {name!r} cannot show a network's layers: choose from "
                         f"{', '.join(LAYER_ENGINES)}")
    ENGINES[name].require()


def _runner(name: str, waves: str | Path | None) -> Engine:
    """The engine of a name, its tools at hand."""
    check_engine(name)
    if waves is not None:
        check_waves(ENGINES[name], Path(waves))
    return ENGINES[name]


def run_network(
    core: Design, frames: npt.NDArray[Any], *, engine: str = "verilator",
    traffic: Traffic | None = None, jobs: int | None = None, waves: str | Path | None = None,
    progress: Progress = lambda text, done, total: None,
) -> NetworkResult:
    """Run frames through what :func:`layers_design` made; parameters as of
    :func:`simulate_network`."""
    runner = _runner(engine, waves)
    flow = traffic if traffic is not None else Traffic()
    beside = jobs or (os.cpu_count() if isinstance(runner, Verilator) else None) or 1
    count = 1 if waves is not None else max(
        1, min(beside, len(frames) if jobs else len(frames) // 2))
    parts = np.array_split(np.arange(len(frames)), count)
    pictures = [np.ascontiguousarray(frame.transpose(1, 2, 0)).reshape(core.input.shape)
                for frame in frames]
    start = time.perf_counter()
    if isinstance(runner, Verilator):  # once, for all of them
        runner.prepare(core, len(parts[0]), waves is not None, progress)
    seconds = time.perf_counter() - start
    done = [0] * count

    def run(number: int) -> Recording:
        part = parts[number]
        beats = pack(core, [pictures[at] for at in part], flow.seed + number)

        def say(text: str, beats_done: int, total: int) -> None:
            done[number] = beats_done
            progress(text, sum(done), total * count)

        with kept_waves(None if waves is None else Path(waves)) as draft:
            return runner.run(core, beats, replace(flow, seed=flow.seed + number), draft, say)

    with Pool(count) as pool:
        recordings = list(pool.map(run, range(count)))
    spans = [recording.spans for recording in recordings]
    taps = {name: np.concatenate([tensor(port, recording.taps[name], len(part), name)
                                  for recording, part in zip(recordings, parts, strict=True)])
            for name, port in core.taps.items()}
    return NetworkResult(
        taps=taps,
        output=np.concatenate([tensor(core.output, recording.beats, len(part))
                               for recording, part in zip(recordings, parts, strict=True)]),
        cycles=max(each[-1].last_out - each[0].first_in + 1 for each in spans),
        cycles_per_frame=max(map(interval, recordings)),
        latency_cycles=max(each[0].first_out - each[0].first_in for each in spans),
        seconds=max(recording.run_seconds for recording in recordings),
        build_seconds=seconds + max(recording.build_seconds for recording in recordings),
        jobs=count,
        traffic=flow,
        spans=tuple(spans[0]),
        engine=engine,
    )


def interval(recording: Recording) -> int:
    """The longest time between the last beats of two frames; of one frame as of any core.

    Not the first beats of the input: its first frames run ahead, until all memories are full.
    """
    ends = [span.last_out for span in recording.spans]
    return max((late - early for early, late in pairwise(ends)),
               default=cycles_per_frame(recording))


def tensor(port: Port, beats: npt.NDArray[np.uint8], count: int, name: str = "") -> Frames:
    """Frames of a port's beats, channels first.

    Raises
    ------
    :exc:`~.recording.CoreError`
        If there are more or fewer beats than such frames have.
    """
    if len(beats) != count * port.beats_per_frame:
        raise CoreError(f"layer {name}: {len(beats)} beats of {count * port.beats_per_frame}")
    frames = [port.unpack(part) for part in np.split(beats, count)]
    return np.stack([np.atleast_3d(frame).transpose(2, 0, 1) for frame in frames])


def first_wrong_layer(
    design: PlannedNetwork, frames: npt.NDArray[Any], result: NetworkResult
) -> tuple[str, Mismatch] | None:
    """The first layer in which the hardware differs from the model, and where it first does."""
    wanted = design.network.taps(frames)
    for name, got in [*result.taps.items(), (design.network.output, result.output)]:
        places = np.argwhere((got != wanted[name]).transpose(0, 2, 3, 1))
        if len(places):
            frame, row, column, channel = map(int, places[0])
            at = (frame, channel, row, column)
            return name, Mismatch(frame, row, column, channel, int(got[at]), int(wanted[name][at]))
    return None
