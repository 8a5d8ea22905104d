// Drives the SoC of litex_soc.py: sets a kernel over the SoC's bus, then sends a frame.
`timescale 1ns / 1ps
module bench;
  reg clk = 0, rst = 1, cyc = 0, we = 0;
  always #10 clk = ~clk;
  reg [31:0] dat_w = 0, kernel [0:8], frame [0:383], word;
  reg [29:0] adr = 0;
  wire [31:0] dat_r;
  wire ack, err, s_ready, m_valid, m_user, m_last, irq;
  wire [7:0] m_data;
  reg going = 0;
  integer sent = 0, received = 0, out, at;

  soc dut (
    .clk(clk), .rst(rst), .irq(irq), .video_in_data(frame[sent][7:0]), .video_in_valid(going && sent < 384),
    .video_in_ready(s_ready), .video_in_user(sent == 0), .video_in_last(sent % 24 == 23),
    .video_out_data(m_data), .video_out_valid(m_valid), .video_out_ready(received % 3 != 1 || $time % 3 == 0),
    .video_out_user(m_user), .video_out_last(m_last), .host_adr(adr), .host_dat_w(dat_w), .host_dat_r(dat_r),
    .host_sel(4'hf), .host_cyc(cyc), .host_stb(cyc), .host_we(we), .host_ack(ack), .host_err(err),
    .host_cti(3'd0), .host_bte(2'd0));

  task access(input [31:0] address, input write, input [31:0] data);
    begin
      adr <= address >> 2; dat_w <= data; we <= write; cyc <= 1;
      @(posedge clk);
      while (!ack) @(posedge clk);
      word = dat_r;
      if (err) begin $display("bus error at %h", address); $fatal(1); end
      cyc <= 0;
      @(posedge clk);
    end
  endtask

  initial begin
    $readmemh("kernel.hex", kernel);
    $readmemh("frame.hex", frame);
    out = $fopen("out.txt");
    repeat (4) @(posedge clk);
    rst <= 0;
    repeat (4) @(posedge clk);
    access(32'h40000000, 0, 0);
    if (word !== 32'h57524f57) begin $display("ID is %h", word); $fatal(1); end
    for (at = 0; at < 9; at = at + 1) access(32'h40000200 + 4 * at, 1, kernel[at]);
    access(32'h4000004c, 1, 32'h200);
    access(32'h40000040, 1, 1);
    going <= 1;
    while (received < 384) @(posedge clk);
    if (irq !== 1) begin $display("no interrupt"); $fatal(1); end
    access(32'h40000050, 0, 0);
    $display("frames %0d", word);
    $finish;
  end
  always @(posedge clk) begin
    if (going && s_ready && sent < 384) sent <= sent + 1;
    if (m_valid && dut.video_out_ready) begin
      $fdisplay(out, "%0d %0d %0d", m_data, m_user, m_last);
      received <= received + 1;
    end
  end
  initial #2000000 begin $display("it hangs: %0d sent, %0d received", sent, received); $fatal(1); end
endmodule
