"""Which ports are which interface, and what Vivado is told of them."""

from windrow.hdl.ports.interfaces import interface_attributes, interfaces


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
