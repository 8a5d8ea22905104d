"""What will take long is said beforehand, and nothing of what will not."""

import pytest

from windrow import Filter
from windrow.effort import announce
from windrow.model.effort import effort


LARGE = {"kernel": "gaussian:ksize=3", "width": 16384, "height": 64, "pixel": "u16",
         "channels": 64, "pixels_per_clock": 8}


def test_a_large_filter_is_announced(capsys: pytest.CaptureFixture[str]) -> None:
    announce(Filter(**LARGE))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("windrow: a large design: its Verilog takes about ")
    assert captured.err.count("\n") == 1
    announce(Filter(**LARGE), quiet=True)
    announce(Filter(kernel="gaussian:ksize=5", width=1920, height=1080))
    assert capsys.readouterr().err == ""


def test_more_of_anything_takes_longer() -> None:
    small = effort(Filter(**LARGE | {"channels": 1, "pixels_per_clock": 1}))
    for keys in ({}, {"channels": 1}, {"pixels_per_clock": 1}):
        large = effort(Filter(**LARGE | keys))
        assert large.seconds > small.seconds
        assert large.gigabytes > small.gigabytes
    runtime = {"kernel": [[1] * 9] * 9, "width": 64, "height": 64}
    assert effort(Filter(**runtime, control="axi4-lite", coefficients="runtime",
                         coefficient_bits=32)).seconds > effort(Filter(**runtime)).seconds
