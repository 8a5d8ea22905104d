"""Run frames through a filter's generated Verilog, and judge the result by the model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..model.errors import InputError, nearest
from ..model.filter import Filter
from ..model.golden import overflow
from ..model.pipeline import Pipeline
from ..model.sample import Sample
from .clipping import Clipping
from .cocotb_engine import Cocotb
from .engine import Design, Engine, Progress, Remake, check_waves, complete, kept_waves
from .icarus import Icarus
from .picture_writer import png
from .pysim import PySim
from .recording import Recording, Span
from .tools import MissingTool
from .traffic import Traffic
from .verilator import Verilator


__all__ = ["ENGINES", "Mismatch", "Result", "choose_engine", "compare", "cycles_per_frame",
           "first_mismatch", "judge", "pack", "run_design", "simulate"]

ENGINES: dict[str, Engine] = {
    engine.name: engine for engine in (Verilator(), Icarus(), Cocotb(), PySim())
}
"""Every engine by its name."""

_FALLBACK = ("verilator", "icarus", "pysim")
"""The default engine, and what stands in for it where its tools are missing."""


@dataclass(frozen=True)
class Result:
    """What came out of a simulation.

    Parameters
    ----------
    outputs : list of int64 arrays, (Hout, Wout) or (Hout, Wout, C)
        The output frames.
    cycles : :class:`int`
        Clock cycles from the first input beat to the last output beat, both counted.
    cycles_per_frame : :class:`int`
        Of several frames: the longest interval between the first input beats of two consecutive
        ones. Of one frame: the cycles from its first to its last beat, both counted, on the input
        or on the output, whichever takes longer.
    latency_cycles : :class:`int`
        From the edge that takes the first frame's first input beat to the one that gives its first
        output beat.
    seconds : :class:`float`
        Time spent in the simulator, files included, its build excluded.
    build_seconds : :class:`float`
        Time spent on building the simulator; next to nothing where it was cached.
    engine : :class:`str`
        The engine that ran.
    traffic : :class:`Traffic`
        How the streams flowed.
    spans : list of :class:`Span`
        The clock edges of each frame's first and last beats.
    note : :class:`str`
        Empty, or why it was not the engine that was asked for.
    sample : :class:`~windrow.model.sample.Sample` or ``None``
        What the samples of the outputs are.
    """

    outputs: list[npt.NDArray[np.int64]]
    cycles: int
    cycles_per_frame: int
    latency_cycles: int
    seconds: float
    build_seconds: float
    engine: str
    traffic: Traffic
    spans: list[Span]
    note: str = ""
    sample: Sample | None = None

    def _repr_png_(self) -> bytes | None:
        """What a notebook shows: the first frame, where it is a picture."""
        frame = self.outputs[0]
        if self.sample is None or (frame.ndim > 2 and frame.shape[2] not in (1, 3)):
            return None
        return png(frame, self.sample)[0]

    @property
    def pixels_per_second(self) -> float:
        """Output pixels for each second in the simulator."""
        return sum(frame.shape[0] * frame.shape[1] for frame in self.outputs) / self.seconds


class Mismatch(NamedTuple):
    """The first sample that differs, in the order of the stream."""

    frame: int
    row: int
    column: int
    channel: int
    got: int
    wanted: int

    def __str__(self) -> str:
        return (
            f"frame {self.frame}, row {self.row}, column {self.column}, channel {self.channel}: "
            f"got {self.got}, wanted {self.wanted}"
        )


def _silent(text: str, done: int, total: int) -> None:
    """Show no progress."""


def simulate(
    design: Filter | Pipeline,
    frames: npt.NDArray[Any] | Sequence[npt.NDArray[Any]],
    *,
    engine: str = "verilator",
    stall: float = 0.0,
    seed: int = 0,
    traffic: Traffic | None = None,
    waves: str | Path | None = None,
    progress: Progress | None = None,
    target: str = "generic",
    strategy: str = "auto",
    remake: Remake | None = None,
) -> Result:
    """Generate a design's Verilog and run frames through it, back to back.

    Parameters
    ----------
    design : :class:`~windrow.model.filter.Filter` or :class:`~windrow.model.pipeline.Pipeline`
        The filter or the pipeline.
    frames : integer array, (H, W) or (H, W, C), or several
        The input frames, at least one: a sequence, or an array of (N, H, W[, C]). The same array
        may come several times.
    engine : :class:`str`
        One of :data:`ENGINES`. Where the tools of the default are missing, the next best runs, and
        ``note`` of the result says so.
    stall, seed
        As in :class:`Traffic`, which can say more.
    traffic : :class:`Traffic`
        Replaces ``stall`` and ``seed``.
    waves : path
        Keep a waveform in this file. Its suffix says which kind.
    progress : callable
        Told what is being done: ``progress(text, done, total)``.
    target, strategy : :class:`str`
        The device family that the Verilog is made for, and how its sums are made, as for
        :func:`windrow.hdl.build`.
    remake : callable
        Makes another design of the generated one, as its netlist, and that is run instead. The
        engine must then be one that takes Verilog.

    Raises
    ------
    :exc:`InputError`
        If the engine is unknown, its tools are missing, or a frame does not fit the design; if the
        target's cells have no model, or the engine is ``pysim``, which runs ``generic`` alone.
    :exc:`~windrow.sim.recording.CoreError`
        If the core breaks a rule of its ports, or hangs.
    """
    from ..hdl import build

    report = progress or _silent
    chosen, note = choose_engine(
        engine, takes_verilog=remake is not None or target != "generic")
    if waves is not None:
        check_waves(chosen, Path(waves))
    report("generating Verilog", 0, 0)
    made = build(design, "core", target=target, strategy=strategy)
    core = complete(Design(made.verilog, made.manifest, design), target, remake, report)
    flow = traffic if traffic is not None else Traffic(stall=stall, seed=seed)
    result = run_design(core, frames, engine=chosen, traffic=flow, waves=waves, progress=report)
    return replace(result, note=note)


def choose_engine(name: str, *, takes_verilog: bool) -> tuple[Engine, str]:
    """Return the engine to use, and why if it is another than the named one."""
    if name not in ENGINES:
        raise InputError(f"engine {name!r} is not known: {nearest(name, ENGINES)}")
    if takes_verilog and name == PySim.name:
        raise InputError(f"engine {name!r} runs the design before it is Verilog, and no netlist "
                         "nor any target but generic")
    if name != _FALLBACK[0]:
        ENGINES[name].require()
        return ENGINES[name], ""
    missing: list[str] = []
    for candidate in _FALLBACK:
        if takes_verilog and candidate == PySim.name:
            continue
        try:
            ENGINES[candidate].require()
        except MissingTool as error:
            missing.append(str(error))
        else:
            note = f"engine {candidate} stands in for {name}: {missing[0]}" if missing else ""
            return ENGINES[candidate], note
    raise MissingTool(f"engine {name}", "; ".join(missing))


def run_design(
    design: Design,
    frames: npt.NDArray[Any] | Sequence[npt.NDArray[Any]],
    *,
    engine: Engine | str = "verilator",
    traffic: Traffic | None = None,
    waves: str | Path | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run frames through a core that is already there as Verilog and manifest.

    As :func:`simulate`, without generating anything and without falling back.
    """
    runner = ENGINES[engine] if isinstance(engine, str) else engine
    frames = _frame_list(frames, design.input.shape)
    flow = traffic if traffic is not None else Traffic()
    output = design.output
    beats = pack(design, frames, flow.seed)
    with kept_waves(None if waves is None else Path(waves)) as draft:
        recording = runner.run(design, beats, flow, draft, progress or _silent)
    size = output.beats_per_frame
    outputs = [
        output.unpack(recording.beats[index * size : (index + 1) * size])
        for index in range(len(frames))
    ]
    spans = recording.spans
    return Result(
        outputs=outputs,
        cycles=spans[-1].last_out - spans[0].first_in + 1,
        cycles_per_frame=cycles_per_frame(recording),
        latency_cycles=spans[0].first_out - spans[0].first_in,
        seconds=recording.run_seconds,
        build_seconds=recording.build_seconds,
        engine=runner.name,
        traffic=flow,
        spans=spans,
        sample=output.sample,
    )


def cycles_per_frame(recording: Recording) -> int:
    """As of :class:`Result`."""
    spans = recording.spans
    if len(spans) == 1:
        span = spans[0]
        return max(span.last_in - span.first_in, span.last_out - span.first_out) + 1
    return max(b.first_in - a.first_in for a, b in pairwise(spans))


def _frame_list(
    frames: npt.NDArray[Any] | Sequence[npt.ArrayLike], shape: tuple[int, ...]
) -> list[npt.NDArray[Any]]:
    """The frames as arrays of ``shape``, equal ones where they were one array."""
    one = (shape, (*shape, 1)) if len(shape) == 2 else (shape,)
    if isinstance(frames, np.ndarray) and frames.shape in one:
        frames = [frames]
    if len(frames) == 0:
        raise InputError("frames must hold at least one frame")
    arrays: dict[int, npt.NDArray[Any]] = {}
    listed = list(frames)
    for frame in listed:
        if id(frame) in arrays:
            continue
        try:
            array = np.asarray(frame)
        except ValueError:
            raise InputError("a frame must be an array, not ragged rows") from None
        if array.shape not in one:
            hint = "; frames is one, a list of them or an array of (N, H, W[, C])" if isinstance(
                frames, np.ndarray) else ""
            raise InputError(f"a frame must be an array of {shape}, not {array.shape}{hint}")
        array = array.reshape(shape)
        arrays[id(frame)] = array.astype(np.uint8) if array.dtype.kind == "b" else array
    return [arrays[id(frame)] for frame in listed]


def pack(
    design: Design, frames: Sequence[npt.NDArray[Any]], seed: int
) -> npt.NDArray[np.uint8]:
    """Check the frames and turn them into beats."""
    port = design.input
    junk = np.random.default_rng(seed)
    packed: dict[int, npt.NDArray[np.uint8]] = {}
    for frame in frames:
        if id(frame) in packed:
            continue
        if frame.dtype.kind not in "ui":
            raise InputError(f"a frame must hold integers, not {frame.dtype}")
        low, high = int(frame.min()), int(frame.max())
        if low not in port.sample or high not in port.sample:
            raise InputError(
                f"a frame must hold {port.sample} samples, "
                f"{port.sample.minimum} to {port.sample.maximum}, not {low} to {high}"
            )
        packed[id(frame)] = port.pack(frame, junk)
    return np.concatenate([packed[id(frame)] for frame in frames])


def first_mismatch(
    outputs: Sequence[npt.NDArray[Any]], wanted: Sequence[npt.NDArray[Any]]
) -> Mismatch | None:
    """Return the first sample in which the outputs are not what is wanted, or ``None``.

    Raises
    ------
    :exc:`ValueError`
        If their number or their shapes differ, so that samples cannot be compared.
    """
    if len(outputs) != len(wanted):
        raise ValueError(f"{len(outputs)} frames cannot be compared with {len(wanted)}")
    for index, (got, want) in enumerate(zip(outputs, wanted, strict=True)):
        if got.shape != want.shape:
            raise ValueError(f"a frame of {got.shape} cannot be compared with one of {want.shape}")
        places = np.argwhere(got != want)
        if len(places):
            place = tuple(int(axis) for axis in places[0])
            row, column, channel = (*place, 0)[:3]
            return Mismatch(index, row, column, channel, int(got[place]), int(want[place]))
    return None


def compare(
    result: Result, design: Filter | Pipeline,
    frames: npt.NDArray[Any] | Sequence[npt.NDArray[Any]],
) -> Mismatch | None:
    """Compare every sample of a result with the golden model.

    Parameters
    ----------
    result : :class:`Result`
        What the core made of ``frames``.
    design : :class:`~windrow.model.filter.Filter` or :class:`~windrow.model.pipeline.Pipeline`
        What the core was made from.
    frames : integer arrays
        The input frames, as for :func:`simulate`.

    Returns
    -------
    :class:`Mismatch` or ``None``
        The first sample that differs; ``None`` if the result is bit-exact.
    """
    return judge(result, design, frames)[0]


def judge(
    result: Result, design: Filter | Pipeline,
    frames: npt.NDArray[Any] | Sequence[npt.NDArray[Any]],
) -> tuple[Mismatch | None, dict[str, Clipping]]:
    """As :func:`compare`, with how many samples the model had to make fit the output.

    By the name of the stage in which it did; that of a filter is empty.
    """
    golden: dict[int, tuple[npt.NDArray[Any], dict[str, Clipping]]] = {}
    channels = design.channels
    listed = _frame_list(frames, (design.height, design.width, channels)[:2 + (channels > 1)])
    work = _piped if isinstance(design, Pipeline) else _filtered
    for frame in listed:
        if id(frame) not in golden:
            golden[id(frame)] = work(design, frame)  # type: ignore[arg-type]
    mismatch = first_mismatch(result.outputs, [golden[id(frame)][0] for frame in listed])
    clippings: dict[str, Clipping] = {}
    for frame in listed:
        for name, clipping in golden[id(frame)][1].items():
            clippings[name] = clippings.get(name, Clipping()) + clipping
    return mismatch, clippings


def _filtered(
    filter: Filter, frame: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], dict[str, Clipping]]:
    """What a filter makes of a frame."""
    channels = filter.output_format.channels
    wanted = np.empty((filter.output_height, filter.output_width, channels)[:2 + (channels > 1)],
                      filter.output.dtype)
    clipping = Clipping()
    for row, exact in filter.exact(frame):
        clipping += Clipping.of(exact, filter)
        wanted[row:row + len(exact)] = overflow(exact, filter.overflow, filter.output)
    return wanted, {"": clipping}


def _piped(
    pipeline: Pipeline, frame: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], dict[str, Clipping]]:
    """What a pipeline makes of a frame."""
    taps = pipeline.given(frame)
    clippings = dict.fromkeys((stage.name for stage in pipeline.stages), Clipping())
    for stage in pipeline.stages:
        rows = []
        for exact in stage.exact(taps):
            clippings[stage.name] += Clipping.of(exact, stage)
            rows.append(stage.fitted(exact))
        taps |= stage.split(np.concatenate(rows))
    wanted = pipeline.joined(taps)
    return wanted[:, :, 0] if wanted.shape[2] == 1 else wanted, clippings
