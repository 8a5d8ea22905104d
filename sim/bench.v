// Lets a program on the other end of two pipes drive a core, one line a clock cycle.
//
// In:  aresetn, s_axis_video tvalid, tuser, tlast, m_axis_video tready, tkeep, tdata; or end of file
// Out: s_axis_video tready, m_axis_video tvalid, tuser, tlast, tkeep, tdata, and of taps all tvalid
//      and all tdata, just before the edge
//
// All of them hexadecimal but tdata, which is binary: of its bits some may be undefined. The
// macros TOP, IN_BITS, OUT_BITS and, for ports that have tkeep, IN_KEEP and OUT_KEEP describe the
// core, IN_CLOCK an input's own clock, which is the core's here, IDLE the connections of inputs that
// stay at 0, TAPS those of a network's taps, TAP_COUNT and TAP_BITS how many there are and how wide;
// WAVES names a waveform file.

`timescale 1ns / 1ns

module bench;
  localparam STDIN = 32'h8000_0000;

  reg aclk = 0;
  reg aresetn = 0;
  reg s_valid = 0, s_user = 0, s_last = 0, m_ready = 0;
  reg [`IN_BITS-1:0] s_data = 0;
  wire s_ready, m_valid, m_user, m_last;
  wire [`OUT_BITS-1:0] m_data;
`ifdef IN_KEEP
  reg [`IN_KEEP-1:0] s_keep = 0;
`else
  reg s_keep = 0;
`endif
`ifdef OUT_KEEP
  wire [`OUT_KEEP-1:0] m_keep;
`else
  wire m_keep = 0;
`endif

`ifdef TAPS
  wire [`TAP_COUNT-1:0] tap_valid;
  wire [`TAP_BITS-1:0] tap_data;
`else
  wire tap_valid = 0, tap_data = 0;
`endif

  `TOP core (
    .aclk(aclk), .aresetn(aresetn),
`ifdef IN_CLOCK
    .`IN_CLOCK(aclk),
`endif
`ifdef IDLE
    `IDLE
`endif
`ifdef TAPS
    `TAPS
`endif
`ifdef IN_KEEP
    .s_axis_video_tkeep(s_keep),
`endif
`ifdef OUT_KEEP
    .m_axis_video_tkeep(m_keep),
`endif
    .s_axis_video_tdata(s_data), .s_axis_video_tvalid(s_valid), .s_axis_video_tready(s_ready),
    .s_axis_video_tuser(s_user), .s_axis_video_tlast(s_last),
    .m_axis_video_tdata(m_data), .m_axis_video_tvalid(m_valid), .m_axis_video_tready(m_ready),
    .m_axis_video_tuser(m_user), .m_axis_video_tlast(m_last)
  );

  integer count;
  initial begin
`ifdef WAVES
    $dumpfile(`WAVES);
    $dumpvars(0, core);
`endif
    count = 7;
    while (count == 7) begin
      count = $fscanf(STDIN, "%h %h %h %h %h %h %h",
                      aresetn, s_valid, s_user, s_last, m_ready, s_keep, s_data);
      #5;
      if (count == 7) begin
        $display("%h %h %h %h %h %b %b %h", s_ready, m_valid, m_user, m_last, m_keep, m_data,
                 tap_valid, tap_data);
        $fflush;
      end
      aclk = 1;
      #5;
      aclk = 0;
    end
    $finish(0);
  end
endmodule
