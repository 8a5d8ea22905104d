"""Frames as beats of an AXI4-Stream Video port, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..model.format import Format
from ..model.sample import Sample
from .recording import CoreError


__all__ = ["Port"]


@dataclass(frozen=True, kw_only=True)
class Port(Format):
    """One port of a generated core, as its manifest describes it.

    Parameters
    ----------
    interface : :class:`str`
        Its name, ``s_axis_video`` or ``m_axis_video``. The others are :class:`Format`'s.
    """

    interface: str

    @classmethod
    def from_manifest(cls, entry: Mapping[str, Any]) -> "Port":
        """Read the entry ``input`` or ``output`` of a manifest."""
        same = ("interface", "width", "height", "channels", "pixels_per_clock")
        return cls(sample=Sample.parse(entry["pixel"]), **{name: entry[name] for name in same},
                   beats_per_pixel=entry.get("beats_per_pixel", 1))

    @property
    def beats_per_frame(self) -> int:
        """Beats in a frame."""
        return self.beats_per_line * self.height

    @property
    def bytes_per_beat(self) -> int:
        """Bytes of ``tdata``."""
        return self.tdata_bits // 8

    def keep(self, beat: int) -> int:
        """Return ``tkeep`` of a line's beat ``beat``."""
        count = self.last_bytes if beat == self.beats_per_line - 1 else self.bytes_per_beat
        return (1 << count) - 1

    def read(self, digits: str, beat: int) -> int:
        """Return ``tdata`` from the binary digits of a simulator that knows undefined values.

        Past the end of a line anything may be undefined; it reads as 0.

        Raises
        ------
        :exc:`CoreError`
            If a bit that matters is undefined.
        """
        count = self.tdata_bits
        if beat == self.beats_per_line - 1 and self.last_pixels < self.pixels_per_clock:
            count = self.last_pixels * self.pixel_bits
        if set(digits[-count:]) - {"0", "1"}:
            raise CoreError(f"{self.interface}: tdata is undefined: {digits} (beat {beat})")
        return int("".join(digit if digit in "01" else "0" for digit in digits), 2)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of a frame's array: (height, width), with (channels,) if there are several."""
        return (self.height, self.width) + ((self.channels,) if self.channels > 1 else ())

    def pack(
        self, frame: npt.NDArray[np.integer[Any]], junk: np.random.Generator | None = None
    ) -> npt.NDArray[np.uint8]:
        """Turn a frame into beats.

        Parameters
        ----------
        frame : array
            Integers in the range of ``sample``, of :attr:`shape`.
        junk : generator
            Fills the unused pixels of partly filled beats at random; without it they are 0.

        Returns
        -------
        array of uint8, (beats_per_frame, bytes_per_beat)
            ``tdata`` of each beat, the lowest byte first.
        """
        bits, lanes = self.sample.bits, self.samples_per_beat
        whole = np.dtype(f"<u{self.sample.dtype.itemsize}")
        lines = np.zeros((self.height, self.beats_per_line * lanes), whole)
        pixels = self._pixels(lines)
        if junk is not None and self.width < pixels.shape[1]:
            unused = pixels[:, self.width:]
            unused[:] = junk.integers(1 << bits, size=unused.shape)
        # Negative samples become two's complement.
        pixels[:, :self.width, :self.channels] = np.asarray(frame).reshape(
            self.height, self.width, self.channels).astype(whole)
        octets = lines.view(np.uint8).reshape(self.beats_per_frame, lanes, whole.itemsize)
        if bits in (8, 16, 32):
            return octets.reshape(self.beats_per_frame, -1)
        digits = np.unpackbits(octets, axis=2, bitorder="little")[:, :, :bits]
        return np.packbits(digits.reshape(self.beats_per_frame, -1), axis=1, bitorder="little")

    def unpack(self, beats: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
        """Turn the beats of one frame into an array of :attr:`shape`.

        Raises
        ------
        :exc:`CoreError`
            If a bit that pads ``tdata`` to whole bytes is not 0, or a sample that fills a beat.
        """
        bits, lanes = self.sample.bits, self.samples_per_beat
        beats = np.ascontiguousarray(beats).reshape(self.beats_per_frame, self.bytes_per_beat)
        if bits in (8, 16, 32):
            samples = beats.view(f"<u{bits // 8}").astype(np.int64)
        else:
            digits = np.unpackbits(beats, axis=1, bitorder="little")
            if digits[:, lanes * bits :].any():
                beat = int(digits[:, lanes * bits :].any(axis=1).argmax())
                raise CoreError(
                    f"{self.interface}: tdata above bit {lanes * bits - 1} is not 0 "
                    f"(row {beat // self.beats_per_line}, beat {beat % self.beats_per_line})"
                )
            digits = digits[:, : lanes * bits].reshape(-1, bits)
            octets = np.packbits(digits, axis=1, bitorder="little")
            weights = np.int64(1) << (8 * np.arange(octets.shape[1]))
            samples = (octets.astype(np.int64) * weights).sum(axis=1)
        if self.sample.signed:
            samples -= (samples >> (bits - 1)) << bits
        pixels = self._pixels(samples)[:, :self.width]
        if pixels[:, :, self.channels:].any():
            raise CoreError(f"{self.interface}: samples that fill a pixel's last beat are not 0")
        return np.ascontiguousarray(pixels[:, :, :self.channels]).reshape(self.shape)

    def _pixels(self, samples: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The samples of a frame's beats by row, pixel and channel, with all that fill up beats."""
        size = self.beats_per_pixel * self.samples_per_beat // self.pixels_per_clock
        return samples.reshape(self.height, -1, size)
