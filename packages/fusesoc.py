"""The FuseSoC core with a bench: two frames with stalls, compared line by line with the model."""

import numpy as np
import numpy.typing as npt

from ..hdl import PlannedNetwork
from ..hdl.ports.fusesoc import fusesoc_core
from ..hdl.ports.verilog import Build
from ..model import Filter, InputError, Pipeline
from ..model.format import Format
from .words import fill


__all__ = ["files", "fnv", "random_words"]

FRAMES = 2
MOST_PIXELS = 1 << 24

Design = Filter | Pipeline | PlannedNetwork


def files(build: Build, vlnv: str = "") -> dict[str, str]:
    """Text of each file, by path; ``vlnv`` is the core's full name where somebody else chooses it.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If a frame is too large for a bench.
    """
    design = build.design
    assert design is not None
    source, sink = design.format, design.output_format
    if source.width * source.height > MOST_PIXELS:
        raise InputError(f"package fusesoc: its bench runs whole frames of at most {MOST_PIXELS} "
                         f"pixels, not {source.width}x{source.height}")
    hashes: list[int] = []
    for number in range(FRAMES):
        hashes += _line_hashes(_computed(design, _frame(source, number)), sink)
    bench = f"{build.name}_tb"
    # Whatever takes a whole frame's time after its input is waited for.
    patience = 64 * (source.beats_per_line * source.height + build.manifest["cycles_per_frame"])
    return {
        f"{bench}.sv": fill("bench.sv", build, bench=bench, source=source, sink=sink,
                            source_words=-(-source.tdata_bits // 32), sink_words=_words(sink),
                            hashes=hashes, frames=FRAMES, patience=patience,
                            # All of a network's beats are full: zeros fill them up.
                            last_bits=min(sink.beat_bits, sink.last_pixels * sink.pixel_bits)),
        f"{build.name}.core": fusesoc_core(
            build.name, title=build.title, family=build.manifest["target"],
            constraint_files=build.constraints, software=build.software, cells=build.cells,
            bench=f"{bench}.sv", vlnv=vlnv),
    }


def random_words(first: int, count: int) -> npt.NDArray[np.uint32]:
    """Words that follow from their numbers alone, as the bench has them.

    Source: the finaliser of MurmurHash3, by Austin Appleby, in the public domain.
    """
    word = np.arange(first, first + count, dtype=np.uint32)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        word = (word ^ word >> np.uint32(shift)) * np.uint32(factor)
    return word ^ word >> np.uint32(16)


def fnv(words: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """A hash of each row, word by word: FNV-1a on words."""
    found = np.full(words.shape[0], 0x811C9DC5, np.uint32)
    for column in words.T:
        found = (found ^ column) * np.uint32(0x01000193)
    return found


def _computed(design: Design, frame: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """What the model makes of a frame of (rows, columns[, channels])."""
    if not isinstance(design, PlannedNetwork):
        return design.compute(frame)
    channels_first = np.atleast_3d(frame).transpose(2, 0, 1)
    return design.network.compute(channels_first).transpose(1, 2, 0)


def _words(port: Format) -> int:
    return -(-port.tdata_bits // 32)


def _deep(port: Format) -> int:
    """Samples of a pixel's beats, with those that fill the last one."""
    return port.beats_per_pixel * port.samples_per_beat // port.pixels_per_clock


def _frame(port: Format, number: int) -> npt.NDArray[np.int64]:
    """The samples of a frame whose beats are :func:`random_words`."""
    beats = port.beats_per_line * port.height
    words = random_words(number * beats * _words(port), beats * _words(port))
    bits = np.unpackbits(words.astype("<u4").view(np.uint8).reshape(beats, -1), axis=1,
                         bitorder="little")[:, : port.beat_bits]
    samples = bits.reshape(beats, port.samples_per_beat, port.sample.bits).astype(np.int64)
    weights = 1 << np.arange(port.sample.bits, dtype=np.int64)
    if port.sample.signed:
        weights[-1] = -weights[-1]
    rows = (samples @ weights).reshape(port.height, -1, _deep(port))[
        :, : port.width, : port.channels]
    return rows if port.channels > 1 else rows[..., 0]


def _line_hashes(frame: npt.NDArray[np.int64], port: Format) -> list[int]:
    """The hash of each line of an output frame, zeros where a beat holds no pixel."""
    pixels = port.beats_per_line * port.pixels_per_clock // port.beats_per_pixel
    padded = np.zeros((port.height, pixels, _deep(port)), np.int64)
    padded[:, : port.width, : port.channels] = frame.reshape(
        port.height, port.width, port.channels)
    samples = padded.reshape(port.height, port.beats_per_line, port.samples_per_beat, 1)
    bits = (samples >> np.arange(port.sample.bits) & 1).astype(np.uint8)
    beats = np.zeros((port.height, port.beats_per_line, 32 * _words(port)), np.uint8)
    beats[..., : port.beat_bits] = bits.reshape(port.height, port.beats_per_line, -1)
    words = np.packbits(beats, axis=-1, bitorder="little").view("<u4")
    return [int(each) for each in fnv(words.reshape(port.height, -1))]
