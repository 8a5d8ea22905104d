"""Which ports are which interface, and what Vivado is told of them."""

from windrow.hdl.ports.interfaces import interface_attributes, interfaces
from windrow.hdl.ports.verilog_text import ports, with_interfaces
from windrow.hdl.ports.video import VideoCore
from windrow.model import Filter


STREAMS = ["s_axis_video_tdata", "s_axis_video_tvalid", "m_axis_video_tdata"]
PLAIN = ["aclk", "aresetn", *STREAMS]
ALL = [*PLAIN, "s_axis_video_aclk", "s_axis_video_overflow", "interrupt", "s_axi_ctrl_awaddr"]


def test_interfaces() -> None:
    found = {each.name: each for each in interfaces(PLAIN)}
    assert {name: (each.kind, each.is_slave, each.clock) for name, each in found.items()} == {
        "aclk": ("clock", True, "aclk"), "aresetn": ("reset", True, "aclk"),
        "s_axis_video": ("stream", True, "aclk"), "m_axis_video": ("stream", False, "aclk")}
    assert found["aclk"].ports == {"CLK": "aclk"}
    assert found["aresetn"].ports == {"RST": "aresetn"}
    assert found["s_axis_video"].ports == {
        "TDATA": "s_axis_video_tdata", "TVALID": "s_axis_video_tvalid"}


def test_a_clock_of_its_own() -> None:
    found = {each.name: each for each in interfaces(ALL)}
    assert [*found] == ["aclk", "s_axis_video_aclk", "aresetn", "interrupt", "s_axis_video",
                        "m_axis_video", "s_axi_ctrl"]
    assert found["s_axis_video"].clock == "s_axis_video_aclk"
    assert found["m_axis_video"].clock == "aclk"
    assert not found["interrupt"].is_slave
    assert found["interrupt"].ports == {"INTERRUPT": "interrupt"}
    assert found["s_axi_ctrl"].kind == "axi-lite"
    assert [*found["s_axis_video"].ports] == ["TDATA", "TVALID"]


def test_attributes() -> None:
    found = interface_attributes(ALL)
    assert "s_axis_video_overflow" not in found
    assert found["aclk"] == {
        "X_INTERFACE_INFO": "xilinx.com:signal:clock:1.0 aclk CLK",
        "X_INTERFACE_PARAMETER":
            "ASSOCIATED_BUSIF m_axis_video:s_axi_ctrl, ASSOCIATED_RESET aresetn"}
    assert found["s_axis_video_aclk"] == {
        "X_INTERFACE_INFO": "xilinx.com:signal:clock:1.0 s_axis_video_aclk CLK",
        "X_INTERFACE_PARAMETER": "ASSOCIATED_BUSIF s_axis_video"}
    assert found["aresetn"]["X_INTERFACE_PARAMETER"] == "POLARITY ACTIVE_LOW"
    assert found["interrupt"]["X_INTERFACE_PARAMETER"] == "SENSITIVITY LEVEL_HIGH"
    assert found["s_axi_ctrl_awaddr"] == {
        "X_INTERFACE_INFO": "xilinx.com:interface:aximm:1.0 s_axi_ctrl AWADDR",
        "X_INTERFACE_PARAMETER": "PROTOCOL AXI4LITE"}
    assert found["s_axis_video_tvalid"] == {
        "X_INTERFACE_INFO": "xilinx.com:interface:axis:1.0 s_axis_video TVALID"}


def test_ports_and_what_they_mean() -> None:
    top = VideoCore(Filter(kernel=[[1]], width=7, height=8, pixel="u12", control="axi4-lite",
                           input_fifo=16, pixels_per_clock=2))
    found = {port.name: port for port in ports(top, "core")}
    assert [name for name, port in found.items() if port.is_input and "axi" not in name] == [
        "aclk", "aresetn"]
    assert found["s_axis_video_aclk"].is_input
    directions = {name: (port.is_input, port.width) for name, port in found.items()}
    assert directions["s_axis_video_tdata"] == (True, 24)
    assert directions["s_axis_video_tkeep"] == (True, 3)
    assert directions["s_axis_video_tready"] == (False, 1)
    assert directions["m_axis_video_tdata"] == (False, 24)
    assert directions["m_axis_video_tready"] == (True, 1)
    assert found["s_axis_video_tkeep"].meaning == "bytes of tdata that hold pixels; ignored"
    assert found["m_axis_video_tkeep"].meaning == "bytes of tdata that hold pixels"
    assert found["s_axi_ctrl_awaddr"].meaning == "AXI4-Lite, see core_registers.md"
    assert found["aresetn"].meaning == "synchronous reset, active low"
    assert found["interrupt"].meaning == "an event whose interrupt is enabled"
    assert not found["s_axis_video_overflow"].is_input


def test_attributes_in_the_text() -> None:
    """In front of the ports of the one module, and nowhere else."""
    found = ports(VideoCore(Filter(kernel=[[1]], width=4, height=4)), "core")
    declared = "".join(f"  {'input' if port.is_input else 'output'} "
                       f"{f'[{port.width - 1}:0] ' * (port.width > 1)}{port.name};\n"
                       for port in found)
    other, module = "module other;\n  input aclk;\nendmodule\n", "\nmodule core(aclk);\n"
    text = with_interfaces(other + module + declared + "endmodule\n", "core", found)
    assert text.startswith(other)
    assert text.endswith("endmodule\n")
    assert text.count("X_INTERFACE_INFO") == len(found)
    assert text.count("module core") == 1
