"""Widths of a video port."""

import pytest

from windrow.model.format import Format
from windrow.model.sample import Sample


@pytest.mark.parametrize(("sample", "channels", "lanes", "width", "bits", "keep", "last"), [
    ("u8", 1, 1, 7, 8, 0, 0b1),
    ("u10", 1, 1, 7, 16, 0, 0b11),
    ("u8", 3, 1, 7, 24, 0, 0b111),
    ("u8", 3, 4, 6, 96, 12, 0b111111),
    ("u10", 1, 2, 7, 24, 3, 0b011),  # ten bits reach into the second byte
    ("u1", 1, 8, 9, 8, 1, 0b1),
    ("s12", 2, 2, 5, 48, 6, 0b111),
])
def test_port_widths(sample, channels, lanes, width, bits, keep, last) -> None:
    frame = Format(width, 4, Sample.parse(sample), channels, lanes)
    assert (frame.tdata_bits, frame.tkeep_bits) == (bits, keep)
    assert (1 << frame.last_bytes) - 1 == last
