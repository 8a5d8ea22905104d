"""What a video stream carries."""

from dataclasses import dataclass

from .interval import Interval
from .sample import Sample


__all__ = ["Format"]


@dataclass(frozen=True)
class Format:
    """Frames as beats of an AXI4-Stream Video port.

    Sample ``p * channels + c`` of a beat is channel ``c`` of pixel ``p``. It sits in
    ``tdata[i * bits +: bits]``; ``tdata`` is padded with zeros to whole bytes. Source: AMD UG934,
    "AXI4-Stream Video IP and System Design Guide". Where a pixel takes several beats, its channels
    come in order, as many a beat, and zeros fill the last of them.

    Parameters
    ----------
    width, height : :class:`int`
        The frame, in pixels.
    sample : :class:`~.sample.Sample`
        One sample.
    channels : :class:`int`
        Samples in a pixel.
    pixels_per_clock : :class:`int`
        Pixels in a beat. A line's last beat may be partly filled.
    beats_per_pixel : :class:`int`
        Beats of a pixel; more than 1 only where ``pixels_per_clock`` is 1.
    """

    width: int
    height: int
    sample: Sample
    channels: int = 1
    pixels_per_clock: int = 1
    beats_per_pixel: int = 1

    @property
    def interval(self) -> Interval:
        """Range of a sample."""
        return Interval(self.sample.minimum, self.sample.maximum)

    @property
    def pixel_bits(self) -> int:
        """Bits of a pixel, all channels."""
        return self.sample.bits * self.channels

    @property
    def samples_per_beat(self) -> int:
        """Samples in a beat."""
        return -(-self.channels // self.beats_per_pixel) * self.pixels_per_clock

    @property
    def beat_bits(self) -> int:
        """Bits of a beat that hold samples."""
        return self.sample.bits * self.samples_per_beat

    @property
    def beats_per_line(self) -> int:
        """Beats in a line."""
        return -(-self.width // self.pixels_per_clock) * self.beats_per_pixel

    @property
    def last_pixels(self) -> int:
        """Pixels in a line's last beat."""
        return (self.width - 1) % self.pixels_per_clock + 1

    @property
    def tdata_bits(self) -> int:
        """Width of ``tdata``: whole bytes."""
        return -(-self.beat_bits // 8) * 8

    @property
    def tkeep_bits(self) -> int:
        """Width of ``tkeep``: a bit a byte, or 0 where every beat is full and there is none."""
        return self.tdata_bits // 8 if self.last_pixels < self.pixels_per_clock else 0

    @property
    def last_bytes(self) -> int:
        """Bytes of a line's last beat that hold pixels, counted from the lowest."""
        if self.last_pixels == self.pixels_per_clock:
            return self.tdata_bits // 8
        return -(-self.last_pixels * self.pixel_bits // 8)
