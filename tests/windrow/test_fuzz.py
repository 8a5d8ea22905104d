"""Random input ends well: done, or refused in one short line with nothing left behind.

What takes long is replaced by a refusal, so that an input that is accepted must tidy up as well.
An input is told by its kind and number: ``FUZZ_SEED`` in the environment gives others.
"""

import io
import json
import os
import random
import string
import struct
import subprocess
import sys
import traceback
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from endings import Hangs, call_fault, command_fault, patience, unfit
from PIL import Image

from windrow import Filter
from windrow.model import InputError


SEED = int(os.environ.get("FUZZ_SEED", "1"))
BASE: dict[str, Any] = {
    "kernel": [[1, 2, 1], [2, 4, 2], [1, 2, 1]], "width": 16, "height": 9, "pixel": "u8",
    "channels": 1, "operation": "correlate", "anchor": [1, 1], "padding": "same",
    "border": {"top": "replicate", "bottom": "reflect101", "left": "constant",
               "right": "symmetric"},
    "border_value": 0, "shift": 4, "offset": 0, "rounding": "half-up", "overflow": "saturate",
    "output": "u8", "pixels_per_clock": 1, "clocks_per_pixel": 1, "control": "axi4-lite",
    "coefficients": "run-time", "coefficient_bits": 8, "max_width": 64, "max_height": 64,
    "input_fifo": 16,
}
COMMANDS = ("init", "generate", "plan", "simulate", "synth", "build", "preview", "program",
            "serial", "kernels", "presets", "targets", "boards", "help")
FLAGS = ("--size", "--out", "-o", "--name", "--target", "--strategy", "--preset", "--kernel-bits",
         "--json", "-q", "-v", "--frames", "--stall", "--seed", "--engine", "--netlist", "--help",
         "--waves", "--samples", "--source", *(f"--{key.replace('_', '-')}" for key in BASE))
NAMES = ("gaussian:ksize=5,sigma=1.5", "sobel-x", "box:ksize=3", "high-pass:sigma=2", "log:ksize=5",
         "gabor:ksize=7", "cv2.GaussianBlur:ksize=5", "cv2.filter2D", "cv2.Sobel:dx=1,dy=0",
         "scipy.ndimage.uniform_filter:size=3", "ulx3s-85f", "ecp5-25k", "generic", "separable")
NUMBERS = ("0", "-1", "1e300", "1e-300", "nan", "inf", "-0.0", "1_0", "0x" + "f" * 5000, "9" * 400,
           "9" * 5000, str(1 << 70), "1/0", "1/9", "1e999999999", "\u0661", "true", "[]", "{}")
TEXTS = ("", " ", "\x1b[2Jx", "\u202e", "\r\n", "a" * 5000, "\udcff", "../x", "/", "x" * 300, "-",
         "--", "\t;,", "é", "1 2 1", "1,2;3,4", "[[1,2],[3,4]]", "0.0625 0.125; 1 2", "u8", "s16",
         "top=wrap", "16x9", "same", *NUMBERS, *NAMES)


def some_value(random_: random.Random, depth: int = 0) -> Any:
    """Anything that may be a value of a key."""
    one = random_.choice([
        lambda: random_.choice(TEXTS), lambda: random_.choice([0, -1, 2, 31, 64, 1 << 63, 10**400]),
        lambda: random_.choice([0.5, -0.0, float("nan"), float("inf"), 1e308, None, True, False]),
        lambda: random_.choice(list(BASE.values())),
        lambda: [some_value(random_, depth + 1) for _ in range(random_.randrange(4))],
        lambda: {random_.choice(TEXTS): some_value(random_, depth + 1)},
    ][:6 if depth < 3 else 4])
    return one()


def some_keys(random_: random.Random) -> dict[str, Any]:
    """The keys of a filter, some of them missing or wrong."""
    keys = {key: value for key, value in BASE.items()
            if key in ("kernel", "width", "height") or random_.random() < 0.2}
    for _ in range(random_.randrange(1, 4)):
        keys[random_.choice([*BASE, random_.choice(TEXTS)])] = some_value(random_)
    if random_.random() < 0.1:
        keys.pop(random_.choice(list(keys)))
    return keys


def changed(random_: random.Random, data: bytes) -> bytes:
    """Bytes with some of them replaced, dropped, doubled or cut off."""
    found = bytearray(data)
    for _ in range(random_.choice([1, 1, 2, 5, 30])):
        at, size = random_.randrange(len(found) + 1), random_.choice([1, 1, 2, 4, 40])
        found[at:at + random_.choice([0, size])] = random_.choice([
            b"", random_.randbytes(size), bytes(size), b"\xff" * size,
            bytes(found[at:at + size] * 2), random_.choice(TEXTS).encode(errors="replace"),
            random_.choice("()[]{},:'\"\n").encode()])
    return bytes(found[:random_.randrange(len(found) + 1)] if random_.random() < 0.1 else found)


def changed_word(random_: random.Random, word: str) -> str:
    """A word as it could stand on a command line, with other characters, or another number."""
    for _ in range(random_.randrange(3)):
        at = random_.randrange(len(word) + 1)
        word = word[:at] + random_.choice([
            random_.choice(TEXTS), random_.choice(NUMBERS), random_.choice(string.printable),
        ]) + word[at + random_.randrange(3):]
    return word


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(each)}"
                               for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value).replace("NaN", "nan").replace("Infinity", "inf")


def chunks(random_: random.Random, png: bytes) -> bytes:
    """A PNG with a chunk changed, dropped or doubled, and its checksum right."""
    found, at = [], 8
    while at < len(png):
        size = int.from_bytes(png[at:at + 4], "big")
        found.append([png[at + 4:at + 8], png[at + 8:at + 8 + size]])
        at += 12 + size
    one = random_.choice(found)
    match random_.randrange(4):
        case 0:
            one[1] = changed(random_, one[1])
        case 1:
            found.remove(one)
        case 2:
            found.insert(random_.randrange(len(found)), one)
        case 3:
            one[0] = random_.choice([b"tRNS", b"PLTE", b"eXIf", b"iCCP", b"acTL", b"abCD", b"tEXt"])
    return png[:8] + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in found)


def saved(random_: random.Random, suffix: str) -> bytes:
    """A small picture."""
    mode, shape = random_.choice([("uint8", (9, 16)), ("uint8", (9, 16, 3)), ("uint8", (9, 16, 4)),
                                  ("uint16", (9, 16)), ("float32", (9, 16))])
    samples = np.arange(np.prod(shape)).reshape(shape).astype(mode)
    file = io.BytesIO()
    if suffix == "npy":
        np.save(file, samples)
        return file.getvalue()
    kind = {"jpg": "JPEG", "tif": "TIFF", "pgm": "PPM"}.get(suffix, suffix.upper())
    picture = Image.fromarray(samples)
    try:
        picture.save(file, kind)
    except (OSError, ValueError):
        picture.convert("L").save(file := io.BytesIO(), kind)
    return file.getvalue()


def dict_call(random_: random.Random, folder: Path) -> Callable[[], object]:
    keys = some_keys(random_)
    if random_.random() < 0.5:
        return lambda: Filter.from_dict(keys)
    return lambda: Filter(**keys)


def file_words(random_: random.Random, folder: Path) -> list[str]:
    kind = random_.choice(["toml", "json"])
    keys = some_keys(random_)
    text = json.dumps(keys) if kind == "json" else "".join(
        f"{json.dumps(key)} = {toml(value)}\n" for key, value in keys.items())
    data = text.replace("\\udcff", "?").encode(errors="replace")
    file = folder / f"filter.{kind}"
    file.write_bytes(changed(random_, data) if random_.random() < 0.6 else data)
    return [random_.choice(["generate", "plan"]), str(file), "-o", str(folder / "out" / "in")][
        :4 if random_.random() < 0.7 else 2]


def kernel_words(random_: random.Random, folder: Path) -> list[str]:
    text = changed_word(random_, random_.choice([*TEXTS, "1 2 1\n2 4 2\n1 2 1", "[1, 2; 3, 4]"]))
    if random_.random() < 0.3:
        return ["kernels", "--", text]
    return ["generate", f"--kernel={text}", "--size", "40x40", "-o", str(folder / "out")]


def kernel_file_words(random_: random.Random, folder: Path) -> list[str]:
    kind = random_.choice(["npy", "npy", "csv", "txt", "json", "mat"])
    array = np.array([[1, 2, 1], [2, 4, 2]], random_.choice(["i8", "f8", "u1", ">i4", "?", "c16"]))
    data = b"1, 2, 1\n2, 4.5, 2\n" if kind in ("csv", "txt") else b"[[1, 2, 1], [2, 4, 2]]"
    if kind in ("npy", "mat"):
        file_ = io.BytesIO()
        np.save(file_, array)
        data = file_.getvalue()
    if kind == "npy" and random_.random() < 0.5:
        height = random_.choice([1 << 70, "True", -1, "2.5", "'a'", 1 << 40])
        header = random_.choice([
            "((((", "{'descr': '<i8'", "  {\n {}", "\0",
            f"{{'descr': '<i8', 'fortran_order': False, 'shape': ({height},1)}}",
            "{'descr': [('a', '<i8')], 'fortran_order': 0, 'shape': ()}"]) + "\n"
        data = b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header.encode() + data[128:]
    file = folder / f"kernel.{kind}"
    file.write_bytes(changed(random_, data) if random_.random() < 0.7 else data)
    return ["generate", "--kernel", str(file), "--size", "40x40", "-o", str(folder / "out")]


def picture_words(random_: random.Random, folder: Path) -> list[str]:
    kind = random_.choice(["png", "png", "png", "jpg", "bmp", "gif", "tif", "pgm", "webp", "npy"])
    data = saved(random_, kind)
    match random_.randrange(4):
        case 0 if kind == "png":
            data = chunks(random_, data)
        case 1:
            data = random_.choice([b"%!PS-Adobe-3.0 EPSF-3.0\n", b"DDS |\0\0\0", b"BLP2",
                                   b"\0\0\0\x1cftypavif", b"GIF89a", b"P5 99999 99999 65535\n"]
                                  ) + data
        case _:
            data = changed(random_, data)
    file = folder / f"picture.{random_.choice([kind, kind, 'png'])}"
    file.write_bytes(data)
    return ["simulate", "--kernel", "sobel-x", str(file),
            "-o", str(folder / random_.choice(["out/a.png", "a.jpg", "a.npy", "a", "a.xyz"]))]


def name_words(random_: random.Random, folder: Path) -> list[str]:
    name = changed_word(random_, random_.choice(NAMES))
    if random_.random() < 0.5:
        name = name.partition(":")[0] + ":" + ",".join(
            f"{random_.choice(['ksize', 'sigma', 'size', 'dx', 'mode', 'x', ''])}="
            f"{random_.choice(TEXTS)}" for _ in range(random_.randrange(3)))
    return random_.choice([
        ["kernels", name], ["presets", name], ["targets", name], ["boards", name], ["help", name],
        ["build", name, "--kernel", "sobel-x", "-o", str(folder / "out")],
        ["generate", f"--preset={name}", "--size", "40x40", "-o", str(folder / "out")],
        ["generate", "--kernel", "sobel-x", "--size", "9x9", f"--name={name}", "-o",
         str(folder / "out")],
        ["synth", "--kernel", "sobel-x", "--size", "9x9", f"--target={name}"],
    ])


def argument_words(random_: random.Random, folder: Path) -> list[str]:
    words = [random_.choice(COMMANDS)]
    if random_.random() < 0.5:
        words += ["--kernel", "sobel-x", "--size", "16x9"]
    for _ in range(random_.randrange(6)):
        words.append(random_.choice([
            random_.choice(FLAGS), random_.choice(TEXTS), str(random_.choice(list(BASE.values()))),
            changed_word(random_, random_.choice([*FLAGS, *NAMES]))]))
    return words


KINDS: dict[str, Callable[[random.Random, Path], Any]] = {
    "keys": dict_call, "filter files": file_words, "kernels": kernel_words,
    "kernel files": kernel_file_words, "pictures": picture_words, "names": name_words,
    "arguments": argument_words,
}


def fault(kind: str, number: int, folder: Path) -> str:
    """What is wrong with how one input ends."""
    random_ = random.Random(f"{SEED} {kind} {number}")
    made = KINDS[kind](random_, folder)
    try:
        with patience():
            return call_fault(made) if callable(made) else command_fault(made, folder)
    except Hangs:
        frame = traceback.extract_tb(sys.exc_info()[2])[-2]
        return f"hangs in {frame.name} of {frame.filename}"
    except Exception:
        return traceback.format_exc(limit=-3)


def faults(kind: str, numbers: range, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that is wrong, each with the number of its input."""
    def refuse(*_: object, **__: object) -> None:
        raise InputError("accepted")

    for name in ("hdl.build", "sim.simulate", "synth.planner.plan", "synth.synthesise",
                 "synth.board.build_board", "synth.preview.preview"):
        monkeypatch.setattr(f"windrow.{name}", refuse)
    found = []
    for number in numbers:
        place = folder / str(number)
        place.mkdir()
        monkeypatch.chdir(place)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"width = 5\n")))
        if text := fault(kind, number, place):
            found.append(f"{kind} {number}, FUZZ_SEED={SEED}: {text}")
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_some_inputs(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not faults(kind, range(40), tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", range(5))
def test_many_inputs(
    kind: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not faults(kind, range(300 * block, 300 * block + 300), tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(40))
def test_processes(number: int, tmp_path: Path) -> None:
    kind = list(KINDS)[1 + number % (len(KINDS) - 1)]
    words = [word.replace("\0", "") for word in KINDS[kind](
        random.Random(f"{SEED} process {number}"), tmp_path)]
    if words[0] not in ("kernels", "presets", "targets", "boards", "help"):
        words = ["generate", *words[1:], "--name", "1st"]  # is refused
    before = sorted(tmp_path.rglob("*"))
    ended = subprocess.run([sys.executable, "-m", "windrow", *words], cwd=tmp_path,
                           capture_output=True, stdin=subprocess.DEVNULL, timeout=120, check=False)
    assert ended.returncode in (0, 2), ended.stderr
    if ended.returncode == 2:
        assert not unfit(ended.stderr.decode().rstrip("\n"))
        assert sorted(tmp_path.rglob("*")) == before
