"""`windrow simulate` of a network: frames through its Verilog, every layer judged by the model."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from windrow.console import Table, progress, show
from windrow.network_flags import network_plan
from windrow.network_report import short
from windrow.output_folder import output_folder
from windrow.usage import UsageError, whole_number


if TYPE_CHECKING:
    import numpy.typing as npt

    from windrow.hdl.network.planned import PlannedNetwork
    from windrow.model.network import Network
    from windrow.sim.network import NetworkResult

__all__ = ["simulate_network_command"]

SHOWN = 5
"""Classes of an output that are shown, and outputs."""


def simulate_network_command(
    args: argparse.Namespace, network: Network, names: list[str], frame_count: int | None,
    stall: float, seed: int,
) -> int:
    """Simulate, print every layer's verdict and what came out.

    Parameters
    ----------
    names : list of :class:`str`
        Pictures, folders of them, or ``.npy`` files.
    frame_count : :class:`int` or ``None``
        How many frames: the inputs again and again.
    """
    import numpy as np  # late, as all that follows

    from windrow.hdl.network.planned import PlannedNetwork
    from windrow.sim import CoreError, Traffic
    from windrow.sim.network import check_engine, first_wrong_layer, simulate_network
    from windrow.synth.netlist import Remake

    check_engine(args.engine)
    remake = None if args.netlist is None else Remake(args.netlist)
    where, netlists = ("", []) if remake is None else (remake.where, remake.made)

    jobs = None if args.jobs is None else whole_number("jobs", args.jobs)
    labels = network.labels or read_labels(args.labels, network)
    frames, called, notes = read_frames(args, network, names)
    if frame_count is not None:
        if frame_count < len(frames):
            raise UsageError(f"frames {frame_count} is less than the {len(frames)} that are given")
        frames = frames[np.arange(frame_count) % len(frames)]
    files = result_file(args.out, network)
    args.target = args.netlist or "generic"
    design = PlannedNetwork(network, network_plan(args, network))

    with contextlib.ExitStack() as stack:
        for folder in [*(file.parent for file in files), *filter(None, [args.taps])]:
            stack.enter_context(output_folder(folder))
        with progress(quiet=args.quiet) as report:
            try:
                result = simulate_network(
                    design, frames, target=args.target, engine=args.engine, jobs=jobs,
                    traffic=Traffic(stall=stall, seed=seed), waves=args.waves, progress=report,
                    remake=remake)
            except CoreError as error:
                show(args, {"bit_exact": False, "error": str(error)}, [],
                     f"not bit-exact{where}: {error}")
                return 1
            report("comparing with the model", 0, 0)
            wrong = first_wrong_layer(design, frames, result)
        written = [*(save(file, result.output) for file in files),
                   *save_taps(args.taps, result)]
    found = data(design, result, wrong)
    late = (not stall and len(frames) // result.jobs > 1
            and result.cycles_per_frame > design.plan.cycles)
    answers = classes(result.output, labels)
    cells = dict(netlists[0].cells) if netlists else None
    show(args, {**found, "netlist": cells, "input_notes": notes, "classes": answers,
                "files": written}, [
        layer_table(design, result, wrong[0] if wrong else None),
        Table(("", ""), [
            *(("netlist", str(netlist)) for netlist in netlists),
            *(("input", note) for note in notes),
            *measured(design, result),
            *answer_rows(answers, called),
            *(("wrote", str(file)) for file in written)])],
        verdict(design, result, wrong, where) if wrong or not late else
        f"too slow: {result.cycles_per_frame} cycles a frame, planned {design.plan.cycles}")
    return 1 if wrong or late else 0


def read_frames(
    args: argparse.Namespace, network: Network, names: list[str]
) -> tuple[npt.NDArray[Any], list[str], list[str]]:
    """The input: (frames, channels, height, width), what they are called, what is to be said."""
    import numpy as np

    from windrow.sim import pictures

    tensor = network.input
    paths, passed_over = pictures.find(names)
    frames: list[Any] = []
    called: list[str] = []
    notes: dict[str, None] = {}
    for path in paths:
        if path.suffix.lower() == ".npy":
            more, note = read_array(path, network)
            called += [path.stem] if len(more) == 1 else [
                f"{path.stem}[{number}]" for number in range(len(more))]
        else:
            picture = pictures.open_picture(path)
            if (picture.width, picture.height) != (tensor.width, tensor.height):
                size = f"{tensor.width}x{tensor.height}"
                raise UsageError(
                    f"picture {str(path)!r} is {picture.width}x{picture.height} and the network's "
                    f"input {size}: crop or scale it (convert IN -resize {size}! OUT)")
            listed, said = picture.frames(
                width=tensor.width, height=tensor.height, channels=tensor.channels,
                pixel=tensor.sample, samples=args.samples)
            more = np.stack([np.atleast_3d(frame).transpose(2, 0, 1) for frame in listed])
            note = "; ".join(said)
            called += [path.stem]
        frames += list(more)
        notes |= {note: None} if note else {}
    if passed_over:
        notes[f"other files in folders, passed over: {passed_over}"] = None
    if tensor.scale is not None:
        notes[f"{tensor.sample} samples as they are, of scale {tensor.scale:g} and zero point "
              f"{tensor.zero_point}"] = None
    return np.stack(frames), called, list(notes)


def read_array(path: Path, network: Network) -> tuple[npt.NDArray[Any], str]:
    """The frames of a ``.npy`` file."""
    import numpy as np

    tensor = network.input
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"input {str(path)!r} cannot be read: {reason}") from None
    if array.dtype.kind not in "bui":
        raise UsageError(f"input {str(path)!r} holds {array.dtype}; samples must be integers of "
                         f"{tensor.sample}, which mean (sample - {tensor.zero_point}) * "
                         f"{tensor.scale or 1:g}")
    shape = array.shape
    channels, height, width = tensor.shape
    if channels == 1 and shape[-2:] == (height, width) and (
            len(shape) == 2 or (len(shape) == 3 and shape[0] != 1)):
        array = array.reshape(-1, 1, height, width)
    elif len(shape) == 3:
        array = array[None]
    if array.ndim != 4 or array.shape[1:] != tensor.shape or not len(array):
        hint = "; its channels are last" if shape[-3:] == (height, width, channels) else ""
        raise UsageError(f"input {str(path)!r} has the shape {shape}; it must be (N, {channels}, "
                         f"{height}, {width}){hint}")
    low, high = int(array.min()), int(array.max())
    for value in (low, high):
        if value not in tensor.sample:
            raise UsageError(f"input {str(path)!r} holds {value}; samples of {tensor.sample} are "
                             f"from {tensor.sample.minimum} to {tensor.sample.maximum}")
    return array.astype(np.int64), ""


def read_labels(file: Path | None, network: Network) -> tuple[str, ...]:
    """A name a line, one for each channel of the output."""
    if file is None:
        return ()
    from windrow.model.files import read_text

    lines = [line.strip() for line in read_text(file, f"labels {str(file)!r}").splitlines()]
    labels = tuple(line for line in lines if line)
    channels = network.tensor(network.output).channels
    if len(labels) != channels:
        raise UsageError(f"labels {str(file)!r} has {len(labels)} lines; it must have {channels}, "
                         "one a channel of the output")
    return labels


def result_file(out: str | None, network: Network) -> list[Path]:
    """Where the output goes."""
    if out is None:
        return []
    path = Path(out)
    if path.suffix.lower() != ".npy":
        from windrow.sim.pictures import check_name

        tensor = network.tensor(network.output)
        if tensor.channels not in (1, 3) or tensor.height * tensor.width == 1 or not path.suffix:
            raise UsageError(f"out {out!r} must be a .npy file: the output {tensor} is no picture")
        check_name(path, tensor.channels)
    return [path]


def save(file: Path, frames: npt.NDArray[Any]) -> Path:
    """Write all frames to a ``.npy`` file, or the first as a picture."""
    import numpy as np

    from windrow.model.sample import Sample
    from windrow.sim.pictures import save as save_picture

    if file.suffix.lower() == ".npy":
        np.save(file, frames)
    else:
        picture = frames[0].transpose(1, 2, 0)
        sample = Sample.holding(int(frames.min()), max(int(frames.max()), 255))
        save_picture(file, picture[:, :, 0] if picture.shape[2] == 1 else picture, sample)
    return file


def save_taps(folder: Path | None, result: NetworkResult) -> list[Path]:
    """Write what every layer made of all frames."""
    if folder is None:
        return []
    from windrow.hdl.ports.module_name import legal_name

    return [save(folder / f"{number}_{legal_name(name)}.npy", frames)
            for number, (name, frames) in enumerate(result.taps.items())]


def layer_table(design: PlannedNetwork, result: NetworkResult, wrong: str | None) -> Table:
    """Each layer's verdict."""
    from windrow.hdl.network.planned import describe

    rows, behind = [], False
    for layer in design.network.layers:
        rows.append((short(layer.name), describe(layer), str(layer.output),
                     "differs" if layer.name == wrong else "comes after it" if behind
                     else f"all {result.taps[layer.name].size} equal"))
        behind = behind or layer.name == wrong
    return Table(("layer", "what it computes", "output", "values"), rows)


def measured(design: PlannedNetwork, result: NetworkResult) -> list[tuple[str, str]]:
    """What the run took."""
    frames, plan = len(result.output), design.plan
    rows = [*([("engine", result.engine)] * (result.engine != "verilator")),
            ("cycles a frame", f"{result.cycles_per_frame}; planned {plan.cycles}"
             + ("" if frames // result.jobs > 1 else ", which several frames show")),
            ("latency", f"{result.latency_cycles} cycles"),
            ("simulated", f"{frames} frames in {result.seconds:.1f} s, {result.jobs} side by side, "
                          f"after a build of {result.build_seconds:.1f} s")]
    if result.traffic.stall:
        rows.append(("stalls", f"{result.traffic.stall:g} on each side, seed "
                               f"{result.traffic.seed}"))
    return rows


def classes(output: npt.NDArray[Any], labels: tuple[str, ...]) -> list[list[dict[str, Any]]]:
    """The greatest values of each frame's output, where that is one pixel; greatest first."""
    import numpy as np

    if output.shape[2:] != (1, 1):
        return []
    values = output[:, :, 0, 0]
    if values.shape[1] == 1:  # a class by its number
        return [[{"class": int(each), "label": label(labels, int(each)), "value": None}]
                for each in values[:, 0]]
    return [[{"class": int(at), "label": label(labels, int(at)), "value": int(row[at])}
             for at in np.argsort(-row, kind="stable")[:SHOWN]] for row in values]


def label(labels: tuple[str, ...], number: int) -> str | None:
    """What a class is called."""
    return labels[number] if number < len(labels) else None


def answer_rows(answers: list[list[dict[str, Any]]], called: list[str]) -> list[tuple[str, str]]:
    """The first frames' classes, as rows of a table."""
    def words(each: dict[str, Any]) -> str:
        name = f"{each['class']}" + (f" {each['label']}" if each["label"] else "")
        return name if each["value"] is None else f"{name} ({each['value']})"

    rows = [(f"output of {called[number % len(called)]}", ", ".join(map(words, answer)))
            for number, answer in enumerate(answers[:SHOWN])]
    if len(answers) > SHOWN:
        rows.append(("", f"and {len(answers) - SHOWN} more"))
    return rows


def data(
    design: PlannedNetwork, result: NetworkResult, wrong: tuple[str, Any] | None
) -> dict[str, Any]:
    """What the run took as ``--json`` prints it."""
    return {
        "bit_exact": wrong is None,
        "wrong_layer": wrong and wrong[0],
        "mismatch": None if wrong is None else wrong[1]._asdict(),
        "engine": result.engine,
        "frames": len(result.output),
        "shape": list(result.output.shape[1:]),
        "values": sum(tap.size for tap in result.taps.values()),
        "stall": result.traffic.stall,
        "seed": result.traffic.seed,
        "cycles": result.cycles,
        "cycles_per_frame": result.cycles_per_frame,
        "planned_cycles_per_frame": design.plan.cycles,
        "latency_cycles": result.latency_cycles,
        "seconds": result.seconds,
        "build_seconds": result.build_seconds,
        "jobs": result.jobs,
    }


def verdict(
    design: PlannedNetwork, result: NetworkResult, wrong: tuple[str, Any] | None, where: str
) -> str:
    """The last line."""
    if wrong is not None:
        return f"not bit-exact{where}: layer {wrong[0]!r} is the first that differs: {wrong[1]}"
    values = sum(tap.size for tap in result.taps.values())
    count_ = len(result.output)
    return (f"bit-exact{where}: all {values} values of {len(result.taps)} layers in {count_} "
            f"frame{'s' * (count_ > 1)} equal the golden model's")
