"""Pipelines in hardware beside their model and beside OpenCV: each command prints what it counted.

`python benchmarks/pipelines.py random [COUNT] [FIRST]`: random pipelines of every verb, exact under
random stalls; one in ten by Verilator, the others by Icarus.

`python benchmarks/pipelines.py whole`: pipelines as people write them, on photographs.

`python benchmarks/pipelines.py canny [COUNT]`: edges beside `cv2.Canny`, and the time they take.

They end with status 1 where a sample differs or a frame takes longer than is promised.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np


ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in (".", "sim", "hdl")]

from hysteresis_bench import run as run_hysteresis  # noqa: E402
from mazes import MAZES, noise  # noqa: E402
from pipeline_trial import pipeline_trial  # noqa: E402
from random_pipelines import DRAWN  # noqa: E402
from ten_pipelines import EXAMPLE, TEN  # noqa: E402

from windrow.hdl import build  # noqa: E402
from windrow.hdl.hysteresis import Hysteresis  # noqa: E402
from windrow.model import Pipeline  # noqa: E402
from windrow.model.hysteresis import hysteresis, line_hysteresis  # noqa: E402
from windrow.sim import Traffic  # noqa: E402
from windrow.sim.engine import Design  # noqa: E402
from windrow.sim.job import Result, run_design  # noqa: E402


Picture = np.ndarray
PICTURES = ROOT / "pictures"
#: Clocks, in hertz, that `windrow synth` reaches with Canny of that size: docs/pipelines.md.
CANNY_CLOCKS = {(640, 480): 134e6, (1280, 720): 87e6}
FRAMES_A_SECOND = 60


def randomly(count: int = 300, first: int = 0) -> int:
    """Random pipelines, by seed."""
    verbs: Counter[str] = Counter()
    engines: Counter[str] = Counter()
    samples, wrong = 0, []
    for seed in range(first, first + count):
        engine = "icarus" if seed % 10 else "verilator"
        try:
            drawn, compared = pipeline_trial(seed, engine)
        except Exception as error:
            wrong.append(seed)
            print(f"seed {seed}, {engine}: {type(error).__name__}: {error}", flush=True)
            continue
        engines[engine] += 1
        verbs.update(drawn)
        samples += compared
        print(f"seed {seed}, {engine}: {', '.join(drawn)}: {compared} samples", flush=True)
    print("stages:", ", ".join(f"{verb} {verbs[verb]}" for verb in DRAWN))
    print(f"{count} random pipelines, {verbs.total()} stages,",
          ", ".join(f"{number} by {engine}" for engine, number in engines.items()) + ":",
          f"{samples} samples compared, {len(wrong)} pipelines wrong {wrong or ''}")
    return int(bool(wrong) or (count >= 100 and not all(verbs[verb] for verb in DRAWN)))


def _photographs(colour: bool) -> list[Picture]:
    """Frames of one size: a photograph as it is, mirrored, and darker."""
    name, flag = ("coffee.jpg", 1) if colour else ("camera.png", 0)
    picture = np.asarray(cv2.imread(str(PICTURES / name), flag))
    return [picture, picture[:, ::-1].copy(), (picture // 2)[::-1].copy()]


def _differing(result: Result, frames: Sequence[Picture],
               function: Callable[[Picture], Picture]) -> int:
    """Samples in which hardware and OpenCV differ."""
    return sum(int((np.asarray(output) != function(frame)).sum())
               for output, frame in zip(result.outputs, frames, strict=True))


def whole() -> int:
    """The pipelines of :mod:`ten_pipelines` on whole photographs, frames back to back."""
    wrong = 0
    for name, written in {**TEN, "examples/pipeline.toml": EXAMPLE}.items():
        frames = _photographs(written.colour)
        height, width = frames[0].shape[:2]
        pipeline = Pipeline(written.stages, width=width, height=height, border="reflect101",
                            channels=3 if written.colour else 1)
        core = build(pipeline, "core")
        design = Design(core.verilog, core.manifest, pipeline)
        steady = run_design(design, frames)
        stalled = run_design(design, frames, traffic=Traffic(
            stall=0.3, seed=5, gap=[0, 900], late=[0, 70], hold=[40, 0]))
        differing = [_differing(each, frames, written.function) for each in (steady, stalled)]
        # Following edges takes what the picture makes it take, beyond a cycle a beat.
        most = width * height * (1 if pipeline.whole is None else 1.01)
        intime = width * height <= steady.cycles_per_frame <= most
        wrong += bool(any(differing) or not intime)
        print(f"{name}: {width}x{height}, {len(frames)} frames, "
              f"{steady.cycles_per_frame - width * height:+} cycles a frame to one a pixel, "
              f"wrong pixels {differing[0]}, under stalls {differing[1]}", flush=True)
    print(f"{len(TEN) + 1} pipelines beside OpenCV, {wrong} wrong")
    return int(wrong > 0)


def _canny_pictures(width: int, height: int, seed: int) -> Iterator[Picture]:
    """Natural ones: parts of photographs, turned and with other contrast; and random ones."""
    rng = np.random.default_rng(seed)
    while True:
        for name in ("camera.png", "coffee.jpg"):
            picture = np.asarray(cv2.imread(str(PICTURES / name), 0))
            rows, columns = (int(side * rng.uniform(0.5, 1)) for side in picture.shape)
            top, left = (int(rng.integers(0, side - part + 1))
                         for side, part in zip(picture.shape, (rows, columns), strict=True))
            part = cv2.resize(picture[top : top + rows, left : left + columns], (width, height))
            part = np.rot90(part, 2 * int(rng.integers(2)))[:, :: int(rng.choice([-1, 1]))]
            yield cv2.convertScaleAbs(part, alpha=float(rng.uniform(0.6, 1.6)), beta=0)
        grain = rng.integers(0, 256, (height, width), np.uint8)
        yield grain
        yield cv2.GaussianBlur(grain, (0, 0), float(rng.uniform(1, 4)))
        # A long path through the frame, as thick as edges are.
        maze = list(MAZES.values())[int(rng.integers(len(MAZES)))](height // 6, width // 6)
        yield cv2.resize((maze > 0) * np.uint8(200), (width, height),
                         interpolation=cv2.INTER_NEAREST)


def canny(count: int = 30, large: int = 4) -> int:
    """Edges of so many pictures of 640x480, and of some of 1280x720, beside `cv2.Canny`."""
    wrong = 0
    ways = [(aperture, squared) for aperture in (3, 5, 7) for squared in (False, True)]
    each = -(-count // len(ways))
    for (width, height), number, way in [
            *(((640, 480), each, way) for way in ways),
            *(((1280, 720), large // 2, way) for way in ((3, False), (5, True)))]:
        wrong += _canny(width, height, number, *way)
    wrong += _flags()
    return int(wrong > 0)


def _canny(width: int, height: int, count: int, aperture: int, squared: bool) -> int:
    low, high = {3: (60, 150), 5: (900, 2400), 7: (6000, 16000)}[aperture]
    made = _canny_pictures(width, height, aperture + squared)
    frames = [next(made) for _ in range(count)]
    pipeline = Pipeline([{"preset": f"cv2.Canny:threshold1={low},threshold2={high},"
                                    f"apertureSize={aperture},L2gradient={int(squared)}"}],
                        width=width, height=height)
    core = build(pipeline, "core")
    start = time.perf_counter()
    # A blank one behind the last: a frame's time is that to the next.
    result = run_design(Design(core.verilog, core.manifest, pipeline),
                        [*frames, np.zeros_like(frames[0])])
    outputs, edges = result.outputs[:-1], [
        cv2.Canny(frame, low, high, apertureSize=aperture, L2gradient=squared) for frame in frames]
    differing = sum(int((np.asarray(output) != edge).sum())
                    for output, edge in zip(outputs, edges, strict=True))
    allowed = CANNY_CLOCKS[width, height] / FRAMES_A_SECOND
    on_edges = sum(int((edge > 0).sum()) for edge in edges) / sum(edge.size for edge in edges)
    good = not differing and result.cycles_per_frame <= allowed and 0 < on_edges < 0.9
    print(f"cv2.Canny {width}x{height}, aperture {aperture}, {'L2' if squared else 'L1'}: "
          f"{count} pictures, {on_edges:.1%} on edges, wrong pixels {differing}; at most "
          f"{result.cycles_per_frame} cycles a frame, {allowed:.0f} allowed for "
          f"{FRAMES_A_SECOND} a second ({time.perf_counter() - start:.0f} s)", flush=True)
    return int(not good)


def _flags(frames: int = 120) -> int:
    """Edges that are followed through some lines: whether a frame's flag is ever wrong."""
    rng = random.Random(1)
    wrong = checked = incomplete = 0
    while checked < frames:
        # A frame of few rows is kept whole, and so is the next one.
        height = rng.choice([rng.randint(9, 16), rng.randint(36, 48)])
        width, lanes = rng.randint(9, 40), rng.choice([1, 1, 2, 4])
        lines = rng.choice([1, 2, 3, 5])
        made = [MAZES[maze](height, width) for maze in MAZES if maze != "noise"]
        # Mazes with some walls broken, and what is near hanging together.
        keeps = np.random.default_rng(rng.getrandbits(32))
        made += [maze * (keeps.random(maze.shape) > 0.02) for maze in made]
        made += [noise(height, width, weak, rng.getrandbits(16)) for weak in (0.3, 0.4, 0.5, 0.7)]
        told: list[int] = []
        outputs, _ = run_hysteresis(
            Hysteresis(width, height, lanes, queue_depth=rng.choice([8, 512]), lines=lines), made,
            stall_in=rng.choice([0, 0.4]), stall_out=rng.choice([0, 0.4]), seed=checked,
            incomplete=told)
        for number, classes in enumerate(made):
            edges, complete = line_hysteresis(classes, lines)
            exact = bool((edges == hysteresis(classes)).all())
            wrong += not (complete == exact == (number not in told)
                          and bool((outputs[number] == edges * 255).all()))
            incomplete += not exact
        checked += len(made)
    print(f"edges through 1 to 5 lines: {checked} frames of mazes and noise, {incomplete} with "
          f"edges missing, flags or edges wrong in {wrong}", flush=True)
    return int(wrong > 0 or not 0 < incomplete < checked)


COMMANDS: dict[str, Any] = {"random": randomly, "whole": whole, "canny": canny}


if __name__ == "__main__":
    name, *numbers = sys.argv[1:] or ["random"]
    sys.exit(COMMANDS[name](*map(int, numbers)))
