"""Random pipelines, by seed: branches and joins of every verb, every border, 1 to 4 pixels a clock.

A stage is drawn and kept if it is legal behind those before it, so that the rules of what may stand
where are the model's and the hardware's own.
"""

import random
from typing import Any

import numpy as np
import parity

from windrow.hdl.lockstep import lock_steps
from windrow.model import InputError, Pipeline
from windrow.model.borders import BORDERS
from windrow.model.keys import OVERFLOWS
from windrow.model.nodes import ROUNDINGS
from windrow.model.pipeline.colours import CONVERSIONS
from windrow.model.pipeline.verbs import THRESHOLDS, VERBS
from windrow.model.sides import Sides


__all__ = ["DRAWN", "drawn_verbs", "random_frames", "random_pipeline"]

Table = dict[str, Any]

#: Verbs that a sweep draws in turn, so that none is left to chance.
DRAWN = tuple(VERBS)

_PLAIN = ("kernel", "kernels", "median", "rank", "percentile", "erode", "dilate")
_ELEMENTS = ("ellipse:ksize=3", "cross:ksize=3", "diamond:ksize=5", "ellipse:ksize=5")
_PIXELS = ("u8", "u8", "u8", "u8", "u4", "u1", "s8", "u10", "s13")


def drawn_verbs(pipeline: Pipeline, verbs: list[str]) -> str:
    """What it is made of, in a line."""
    return (f"{pipeline.width}x{pipeline.height} {pipeline.pixel}, {pipeline.channels} ch, "
            f"{pipeline.pixels_per_clock} px: {', '.join(verbs)}")


def random_pipeline(
    seed: int, *, largest: int = 20, least: int = 2, most: int = 7
) -> tuple[Pipeline, list[str]]:
    """A pipeline and the verbs of its stages; one of them is number ``seed`` of :data:`DRAWN`.

    ``least`` to ``most`` stages as a user counts them, on frames of at most ``largest`` columns.
    """
    rng = random.Random(seed)
    while True:
        made = _attempt(rng, DRAWN[seed % len(DRAWN)], rng.randint(least, most), largest)
        if made is not None:
            return made


def _attempt(
    rng: random.Random, wanted: str, count: int, largest: int
) -> tuple[Pipeline, list[str]] | None:
    """As :func:`random_pipeline`; ``None`` where no legal stage was found."""
    colour = wanted == "convert" or rng.random() < 0.2
    keys: Table = {
        "width": rng.randint(9, largest), "height": rng.randint(7, 14),
        "pixel": "u8" if wanted in ("canny", "demosaic", "lut", "hysteresis") else (
            rng.choice(_PIXELS)),
        "channels": 3 if colour else rng.choice([1, 1, 1, 2]) if wanted != "demosaic" else 1,
        "pixels_per_clock": 1 if wanted == "surround" else rng.choice([1, 1, 2, 4])}
    if wanted == "hysteresis":
        keys["channels"] = 1
    if rng.random() < 0.3:
        keys["border"] = rng.choice(BORDERS)
    tables: list[Table] = []
    verbs: list[str] = []
    at = count - 1 if wanted == "hysteresis" else rng.randrange(count)
    pipeline = None
    for number in range(count):
        for _ in range(40):
            verb = wanted if number == at else rng.choice(DRAWN)
            if number < count - 1 and verb == "hysteresis":  # it is the last
                continue
            stages = _stages(rng, verb, pipeline, number)
            legal = _legal({**keys, "stage": [*tables, *stages]})
            if legal is not None:
                pipeline, tables = legal, [*tables, *stages]
                verbs.append(verb)
                break
        else:
            break
    if pipeline is None or wanted not in verbs or len(verbs) < 2:
        return None
    # Some taps beside what the last stage makes.
    names = [name for name in pipeline.taps if name not in ("input", *pipeline.outputs)]
    if rng.random() < 0.5 and names:
        outputs = [*rng.sample(names, min(len(names), rng.choice([1, 2]))), *pipeline.outputs]
        rng.shuffle(outputs)
        pipeline = _legal({**pipeline.to_dict(), "outputs": outputs}) or pipeline
    return pipeline, verbs


def _legal(keys: Table) -> Pipeline | None:
    """The pipeline, if it can be streamed and no frame in it is much larger than the input."""
    try:
        pipeline = Pipeline.from_dict(keys)
        lock_steps(pipeline, 6)
    except InputError:
        return None
    pixels = [tap.format.width * tap.format.height for tap in pipeline.taps.values()]
    return pipeline if max(pixels) <= 16 * pixels[0] else None


def _stages(rng: random.Random, verb: str, before: Pipeline | None, number: int) -> list[Table]:
    """A stage of a verb, behind one that makes the classes that hysteresis needs."""
    taps = ["input"] if before is None else list(before.taps)
    if verb == "hysteresis":
        name = f"classes_{number}"
        source = rng.choice(taps)
        return [{"name": name, "expr": f"clip({source} >> 1, 0, 2)",
                 "output": "u2"},
                {"name": f"tap_{number}", "from": name,
                 "hysteresis": rng.choice(["frame", 1, 3])}]
    # Mostly what is newest, so that chains become long; else a branch.
    source = taps[-1] if rng.random() < 0.6 else rng.choice(taps)
    stage: Table = {"name": f"tap_{number}", "from": source, **_verb(rng, verb, source, taps)}
    if verb in ("expr", "exprs", "shuffle"):
        del stage["from"]
    if verb in ("kernels", "exprs"):
        del stage["name"]
        stage[verb] = {f"{name}_{number}": value for name, value in stage[verb].items()}
    if VERBS[verb].shared != () and rng.random() < 0.6:
        border: Any = rng.choice(BORDERS)
        if verb in _PLAIN and rng.random() < 0.4:
            border = {side: rng.choice(BORDERS) for side in Sides._fields}
        stage.setdefault("border", border)
        if "constant" in (border, *(border.values() if isinstance(border, dict) else ())):
            stage["border_value"] = rng.choice([0, 1])
    if rng.random() < 0.5 and verb not in ("canny", "preset", "shrink", "crop"):
        stage.setdefault("output", rng.choice(["u8", "u8", "s9", "u4", "s12", "u1"]))
        stage["overflow"] = rng.choice(OVERFLOWS)
    return [stage]


def _matrix(rng: random.Random, most: int) -> list[list[int]]:
    width = rng.randint(1, 5)
    return [[rng.randint(-most, most) for _ in range(width)] for _ in range(rng.randint(1, 4))]


def _size(rng: random.Random) -> Any:
    return rng.choice([2, 3, 3, [1, 3], [4, 2], [2, 5], 5])


def _sample(rng: random.Random) -> int:
    return rng.choice([0, 1, 3, 60, 128, 200])


def _read(rng: random.Random, taps: list[str]) -> str:
    return rng.choice(taps) + rng.choice(
        ["", "", f"[{rng.randint(-2, 2)}, {rng.randint(-2, 2)}]"])


def _expression(rng: random.Random, taps: list[str]) -> str:
    """One of some shapes, mostly of two taps."""
    a, b, c = (_read(rng, taps[-4:]) for _ in range(3))
    return rng.choice([
        f"{a} - {b}", f"abs({a}) + abs({b})", f"where({a} > {b}, {c}, x + 3*y)",
        f"min(255, round(sqrt({a}*{a} + {b}*{b})))", f"max({a}, {b}, {c})",
        f"({a} & {b}) ^ {c}", f"({a} + {b} + 1) // 2", f"divide({a}, {b})",
        f"clip({a} * {rng.randint(-3, 3)}, 0, 99)", f"({a} << 1) % 7",
        f"where({a} == {b} or {c} >= 9, 1, 0)"])


def _verb(rng: random.Random, verb: str, source: str, taps: list[str]) -> Table:
    """The verb's own key and those beside it."""
    element = rng.choice([*_ELEMENTS, _size(rng), [[1, 0, 1], [0, 1, 1]]])
    match verb:
        case "kernel":
            return {"kernel": rng.choice([
                _matrix(rng, 9), "gaussian:ksize=3", "sobel-x", "box:ksize=3"]),
                "shift": rng.randint(0, 4), "rounding": rng.choice(ROUNDINGS),
                "padding": rng.choice(["same"] * 5 + ["valid", "full"]),
                "operation": rng.choice(["correlate", "convolve"])}
        case "kernels":
            one = _matrix(rng, 5)
            return {"kernels": {"a": one, "b": [row[::-1] for row in one]},
                    "shift": rng.randint(0, 3)}
        case "median":
            return {"median": rng.choice([3, [1, 3], [3, 5], 5])}
        case "rank":
            return {"rank": rng.choice([0, 1, -1, -2]), "size": _size(rng)}
        case "percentile":
            return {"percentile": rng.choice([0, 12.5, 30, 77, 100]), "size": _size(rng)}
        case "erode" | "dilate" | "open" | "close" | "gradient" | "tophat" | "blackhat":
            return {verb: element, **({"iterations": 2} if rng.random() < 0.3 else {})}
        case "expr":
            if rng.random() < 0.2:
                return {"expr": [_expression(rng, taps) for _ in range(rng.randint(1, 3))]}
            return {"expr": _expression(rng, taps)}
        case "exprs":
            return {"exprs": {"a": _expression(rng, taps), "b": _expression(rng, taps)}}
        case "preset":
            draw = np.random.default_rng(rng.getrandbits(32))
            name = rng.choice([*parity.DRAWS])
            case = parity.DRAWS[name](draw, rng.choice(parity.ONLY.get(name, ("u8",))))
            own = {key: value.tolist() if isinstance(value, np.ndarray) else value
                   for key, value in case.keys.items() if key != "channels"}
            return {"preset": case.preset.replace("=other", f"={rng.choice(taps)}"), **own}
        case "hitmiss":
            return {"hitmiss": [[rng.choice([-1, 0, 1]) for _ in range(3)] for _ in range(2)]}
        case "threshold":
            return {"threshold": rng.choice([_sample(rng), 99.5]),
                    "type": rng.choice([*THRESHOLDS])}
        case "adaptive_threshold":
            return {"adaptive_threshold": rng.choice([3, 5, 7]), "C": rng.choice([0, 2, -1.5]),
                    "method": rng.choice(["mean", "gaussian"]),
                    "type": rng.choice(["binary", "binary_inv"])}
        case "lut":
            bits = rng.choice([8, 8, 8, 4, 1])
            return {"lut": [rng.randrange(1 << bits) for _ in range(1 << bits)]}
        case "canny":
            return {"canny": sorted([rng.randint(0, 60), rng.randint(30, 300)]),
                    "aperture": rng.choice([3, 3, 5, 7]), "L2gradient": rng.random() < 0.5,
                    **rng.choice([{"edges": "classes"}, {"edges": "classes"}, {}, {"lines": 2}])}
        case "demosaic":
            return {"demosaic": rng.choice(["rggb", "grbg", "gbrg", "bggr"]),
                    "method": rng.choice(["bilinear", "edge-aware"])}
        case "convert":
            return {"convert": rng.choice([*CONVERSIONS])}
        case "shrink":
            return {"shrink": rng.choice([1, 2, [1, 2], [2, 1], [2, 3]])}
        case "crop":
            return {"crop": [rng.randrange(3), rng.randrange(4), rng.randint(4, 10),
                             rng.randint(5, 14)]}
        case "surround":
            return {"surround": [rng.randint(0, 2) for _ in range(4)]}
        case "enlarge":
            method = rng.choice(["nearest", "nearest", "linear", "binomial"])
            return {"enlarge": rng.choice([1, 2, [1, 3], [3, 2]]) if method == "nearest" else 2,
                    "method": method}
        case "shuffle":
            return {"shuffle": [[rng.choice(taps[-2:]) for _ in range(rng.randint(1, 2))]] * (
                rng.randint(1, 2))}
    raise ValueError(f"verb {verb!r} is not drawn: add it here")


def random_frames(pipeline: Pipeline, count: int, seed: int) -> list[np.ndarray]:
    """Frames of noise, of extremes, and of large even parts."""
    rng, pixel = np.random.default_rng(seed), pipeline.pixel
    shape = (pipeline.height, pipeline.width, pipeline.channels)
    low, high = pixel.minimum, pixel.maximum
    frames = []
    for number in range(count):
        frame = rng.integers(low, high, shape, endpoint=True)
        if number % 3 == 1:
            frame = np.where(frame > (low + high) // 2, high, low)
        if number % 3 == 2:
            frame[:, : pipeline.width // 2] = rng.integers(low, high, endpoint=True)
        frames.append(frame[:, :, 0] if pipeline.channels == 1 else frame)
    return frames
