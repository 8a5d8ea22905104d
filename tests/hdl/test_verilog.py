"""The files that ``generate`` writes."""

import json
import re

import pytest

from windrow.hdl import build
from windrow.hdl.input_fifo import InputFifo
from windrow.hdl.video import VideoPort
from windrow.model import Filter, InputError, Sample


SOBEL = {"kernel": "sobel-x", "width": 64, "height": 48, "output": "s16"}


def test_ports_are_flat_ug934_names() -> None:
    text = build(Filter(**SOBEL), "sobel").verilog
    header = re.search(r"^module sobel\(([^)]*)\);", text, re.MULTILINE)
    assert header is not None
    ports = {port.strip() for port in header[1].split(",")}
    assert ports == {"aclk", "aresetn"} | {
        f"{side}_axis_video_{signal}"
        for side in "sm" for signal in ("tdata", "tvalid", "tready", "tuser", "tlast")
    }


def test_tkeep_only_where_a_line_ends_within_a_beat() -> None:
    keys = {"kernel": [[1, 1, 1]], "height": 8, "padding": "valid", "pixels_per_clock": 4}
    build_ = build(Filter(width=32, **keys), "even_in")
    assert "s_axis_video_tkeep" not in build_.verilog
    assert re.search(r"output \[3:0\] m_axis_video_tkeep;", build_.verilog)
    assert (build_.manifest["input"]["tkeep_bits"], build_.manifest["output"]["tkeep_bits"]) \
        == (0, 4)
    build_ = build(Filter(width=34, **keys), "even_out")
    assert re.search(r"input \[3:0\] s_axis_video_tkeep;", build_.verilog)
    assert "m_axis_video_tkeep" not in build_.verilog


def test_manifest() -> None:
    filter = Filter(**SOBEL)
    manifest = build(filter, "sobel").manifest
    port = {"width": 64, "height": 48, "channels": 1, "pixels_per_clock": 1, "tkeep_bits": 0}
    assert manifest == {
        "name": "sobel", "top": "sobel", "verilog": "sobel.v",
        "clock": "aclk", "reset": "aresetn", "target": "generic", "strategy": "separable",
        "filter": filter.to_dict(),
        "input": {"interface": "s_axis_video", "pixel": "u8", "tdata_bits": 8} | port,
        "output": {"interface": "m_axis_video", "pixel": "s16", "tdata_bits": 16} | port,
        "latency_cycles": manifest["latency_cycles"], "cycles_per_frame": 64 * 48,
    }
    assert Filter.from_dict(manifest["filter"]) == filter


def test_an_input_fifo_gives_the_input_a_clock_and_an_overflow() -> None:
    built = build(Filter(**SOBEL, input_fifo=32), "sobel")
    assert re.search(r"input s_axis_video_aclk;", built.verilog)
    assert re.search(r"output s_axis_video_overflow;", built.verilog)
    assert built.manifest["input"]["clock"] == "s_axis_video_aclk"
    plain = build(Filter(**SOBEL), "sobel")
    assert "s_axis_video_aclk" not in plain.verilog
    assert built.manifest["latency_cycles"] == plain.manifest["latency_cycles"] + InputFifo.latency


def test_same_filter_same_text() -> None:
    assert build(Filter(**SOBEL), "sobel").files == build(Filter(**SOBEL), "sobel").files


def test_text_holds_no_path() -> None:
    assert ".py" not in build(Filter(**SOBEL), "sobel").verilog


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
    port = VideoPort("s_axis_video", width, 4, Sample.parse(sample), channels, lanes)
    assert (port.tdata_bits, port.tkeep_bits, port.last_tkeep) == (bits, keep, last)


@pytest.mark.parametrize(("name", "rule"), [
    ("3x3", "name: '3x3' cannot name a Verilog module"),
    ("a-b", "name: 'a-b' cannot name a Verilog module"),
    ("", "name: '' cannot name a Verilog module"),
    ("module", "name: 'module' is a Verilog keyword"),
    ("integer", "name: 'integer' is a Verilog keyword"),
])
def test_bad_name(name: str, rule: str) -> None:
    with pytest.raises(InputError, match=re.escape(rule)):
        build(Filter(**SOBEL), name)


def test_no_name_looks_like_a_bit() -> None:
    """yosys 0.70 takes a wire named ``samples[3]`` for a bit of ``samples`` while it runs abc9."""
    text = build(Filter(**SOBEL), "sobel").verilog
    assert re.search(r"\\\S+\.0\s", text)
    assert re.findall(r"\\\S*\[\S*", text) == []


def test_write(tmp_path) -> None:
    built = build(Filter(**SOBEL), "sobel")
    folder = tmp_path / "new" / "folder"
    paths = built.write(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["sobel.core", "sobel.json", "sobel.v"]
    assert sorted(paths) == sorted(folder.iterdir())
    assert json.loads((folder / "sobel.json").read_text()) == built.manifest


def test_nothing_is_left_where_nothing_can_be_written(tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotADirectoryError):
        build(Filter(**SOBEL), "sobel").write(tmp_path / "file" / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_was_made_is_removed_again(tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="no space left"):
        build(Filter(**SOBEL), "sobel").write(tmp_path / "new" / "folder")
    assert list(tmp_path.iterdir()) == []
