"""A hand-written core that passes frames through, and ways to break it.

The engines and checkers are tested against it: a check that no fault makes fail checks nothing.
"""

from collections.abc import Mapping

from windrow.sim.engine import Design


__all__ = ["FAULTS", "design"]

_VERILOG = """
module core(
  input aclk, input aresetn,
  input [WIDTH-1:0] s_axis_video_tdata, input s_axis_video_tvalid, output s_axis_video_tready,
  input s_axis_video_tuser, input s_axis_video_tlast, KEEP_IN
  output [WIDTH-1:0] m_axis_video_tdata, output m_axis_video_tvalid, input m_axis_video_tready,
  output m_axis_video_tuser, output m_axis_video_tlast KEEP_OUT
);
  parameter WIDTH = 8;
  // A buffer of four beats, and counts of the beats that went in and out.
  reg [WIDTH+1:0] buffer [0:3];
  reg [2:0] head, tail;
  reg [31:0] entered, left;
  reg [31:0] waited;
  wire [2:0] level = head - tail;
  wire last_beat = buffer[tail[1:0]][WIDTH];
  wire [WIDTH-1:0] data = buffer[tail[1:0]][WIDTH-1:0];
  wire take = s_axis_video_tvalid & s_axis_video_tready;
  wire give = m_axis_video_tvalid & m_axis_video_tready;
  assign s_axis_video_tready = READY;
  assign m_axis_video_tvalid = VALID;
  assign m_axis_video_tuser = USER;
  assign m_axis_video_tlast = LAST;
  assign m_axis_video_tdata = DATA;
  always @(posedge aclk)
    if (!aresetn) begin
      head <= 0; tail <= 0; entered <= 0; left <= 0; waited <= 0;
    end else begin
      if (take) begin
        buffer[head[1:0]] <= {s_axis_video_tuser, s_axis_video_tlast, s_axis_video_tdata};
        head <= head + 1;
        entered <= entered + 1;
      end
      if (give) begin
        tail <= tail + 1;
        left <= left + 1;
      end
      waited <= m_axis_video_tvalid & ~m_axis_video_tready ? waited + 1 : 0;
    end
endmodule
"""

_GOOD = {
    "READY": "level < 4",
    "VALID": "level != 0",
    "USER": "buffer[tail[1:0]][WIDTH+1]",
    "LAST": "last_beat",
    "DATA": "data",
    "KEEP": "last_beat ? LAST_KEEP : ALL_KEEP",
}

# Fault: (expressions that replace the good ones, part of the message that must come). Beat 7 of a
# frame of 4x3 pixels is row 1, beat 3 at one pixel a clock.
FAULTS: dict[str, tuple[Mapping[str, str], str]] = {
    "valid falls": ({"VALID": "level != 0 && waited != 1"}, "tvalid fell before tready"),
    "data changes": ({"DATA": "data ^ (waited != 0)"}, "tdata changed before tready"),
    "user changes": ({"USER": "left % 12 == 0 && waited == 0"}, "tuser"),
    "no first": ({"USER": "1'b0"}, "tuser is 0, and the beat is a frame's first (frame 0, row 0"),
    "false first": (
        {"USER": "left == 7 || left % 12 == 0"},
        "tuser is 1, and the beat is not a frame's first (frame 0, row 1, beat 3",
    ),
    "no last": (
        {"LAST": "last_beat && left != 7"},
        "tlast is 0, and the beat is a line's last (frame 0, row 1, beat 3",
    ),
    "false last": (
        {"LAST": "last_beat || left == 5"},
        "tlast is 1, and the beat is not a line's last (frame 0, row 1, beat 1",
    ),
    "hangs": ({"VALID": "level != 0 && left != 14"}, "hangs"),
    "takes no input": ({"READY": "level < 4 && entered < 20"}, "hangs"),
    "a beat too many": (
        {"VALID": "level != 0 || left >= 36", "USER": "left % 12 == 0", "LAST": "left % 4 == 3"},
        "a beat beyond the end of the last frame",
    ),
    "valid in reset": ({"VALID": "level != 0 || !aresetn"}, "tvalid is 1 in reset"),
}


def design(
    width: int = 4,
    height: int = 3,
    *,
    pixel: str = "u8",
    channels: int = 1,
    pixels_per_clock: int = 1,
    fault: Mapping[str, str] | None = None,
) -> Design:
    """Return a core that passes frames through, or should."""
    bits = int(pixel[1:]) * channels
    tdata_bits = -(-bits * pixels_per_clock // 8) * 8
    partial = width % pixels_per_clock
    tkeep_bits = tdata_bits // 8 if partial else 0
    text = _VERILOG.replace("parameter WIDTH = 8", f"parameter WIDTH = {tdata_bits}")
    parts = {**_GOOD, **(fault or {})}
    for name in ("READY", "VALID", "USER", "LAST", "DATA"):
        text = text.replace(f"= {name};", f"= {parts[name]};")
    text = text.replace("[WIDTH-1:0] s_axis", f"[{tdata_bits - 1}:0] s_axis")
    text = text.replace("[WIDTH-1:0] m_axis", f"[{tdata_bits - 1}:0] m_axis")
    port_in = port_out = ""
    if tkeep_bits:
        port_in = f"input [{tkeep_bits - 1}:0] s_axis_video_tkeep,"
        port_out = f", output [{tkeep_bits - 1}:0] m_axis_video_tkeep"
        last_keep = (1 << -(-partial * bits // 8)) - 1
        keep = parts["KEEP"].replace("LAST_KEEP", f"{tkeep_bits}'d{last_keep}")
        keep = keep.replace("ALL_KEEP", f"{{{tkeep_bits}{{1'b1}}}}")
        text = text.replace("  always", f"  assign m_axis_video_tkeep = {keep};\n  always")
    text = text.replace("KEEP_IN", port_in).replace("KEEP_OUT", port_out)
    port = {
        "width": width, "height": height, "pixel": pixel, "channels": channels,
        "pixels_per_clock": pixels_per_clock, "tdata_bits": tdata_bits, "tkeep_bits": tkeep_bits,
    }  # fmt: skip
    manifest = {
        "top": "core",
        "input": {"interface": "s_axis_video", **port},
        "output": {"interface": "m_axis_video", **port},
    }
    return Design(text, manifest)
