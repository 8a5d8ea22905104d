"""Ports of a core: how wide they are, and what they add."""

import pytest

from windrow.hdl import Core, VideoCore, build
from windrow.hdl.stream.input_fifo import InputFifo
from windrow.model import Filter


def make(**keys: object) -> Filter:
    return Filter.from_dict({"kernel": [[1, 2, 1]], "width": 30, "height": 5, **keys})


@pytest.mark.parametrize(("keys", "tdata_bits", "tkeep_bits", "last_tkeep"), [
    ({"pixel": "u1"}, 8, 0, 1),
    ({"pixel": "u8"}, 8, 0, 1),
    ({"pixel": "u10"}, 16, 0, 3),
    ({"pixel": "u10", "channels": 3}, 32, 0, 15),
    ({"pixel": "u8", "pixels_per_clock": 4}, 32, 4, 0b11),
    ({"pixel": "u12", "pixels_per_clock": 4}, 48, 6, 0b111),
    ({"pixel": "u10", "pixels_per_clock": 4, "channels": 3}, 120, 15, 0xFF),
    ({"pixel": "u10", "pixels_per_clock": 2, "channels": 3}, 64, 0, 0xFF),
])
def test_widths(
    keys: dict[str, object], tdata_bits: int, tkeep_bits: int, last_tkeep: int
) -> None:
    core = VideoCore(make(**keys))
    for port in (core.input, core.output):
        assert (port.format.tdata_bits, port.format.tkeep_bits) == (tdata_bits, tkeep_bits)
        assert (1 << port.format.last_bytes) - 1 == last_tkeep
    assert len(core.s_axis_video_tdata) == len(core.m_axis_video_tdata) == tdata_bits
    assert hasattr(core, "m_axis_video_tkeep") == (tkeep_bits > 0)
    for side in ("s", "m"):
        for name in ("tvalid", "tready", "tuser", "tlast"):
            assert len(getattr(core, f"{side}_axis_video_{name}")) == 1


def test_an_input_fifo_adds_its_latency() -> None:
    assert VideoCore(make()).latency == Core(make()).latency
    assert VideoCore(make(input_fifo=8)).latency == Core(make()).latency + InputFifo.latency


def test_ports_of_registers_and_of_an_input_clock() -> None:
    plain = VideoCore(make())
    assert not any(hasattr(plain, name)
                   for name in ("interrupt", "s_axi_ctrl_awaddr", "s_axis_video_aclk"))
    full = VideoCore(make(control="axi4-lite", input_fifo=8))
    assert len(full.s_axi_ctrl_wdata) == 32
    assert len(full.interrupt) == len(full.s_axis_video_aclk) == 1


def test_fusesoc_lists_what_goes_with_registers() -> None:
    assert "software" not in build(make(), "plain").fusesoc
    text = build(make(control="axi4-lite"), "full").fusesoc
    assert all(f"      - full{suffix}\n" in text
               for suffix in (".v", ".h", "_registers.json", "_registers.md"))
    assert text.count("file_type: user") == 1


def test_verilog_has_no_attributes_of_the_generator() -> None:
    text = build(make(), "plain").verilog
    assert "generator" not in text
    assert "(* src" not in text
