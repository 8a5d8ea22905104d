// A bench of {{ name }}: {{ frames }} frames with stalls on both sides, each output line's hash compared with the
// one that windrow's model gave.
// {{ title }}
// Made by windrow {{ version }}. It ends with "PASS", or with "FAIL" and a status that is not 0.
`timescale 1ns / 1ps

module {{ bench }};
  localparam FRAMES = {{ frames }};
  localparam IN_BEATS = {{ source.beats_per_line }}, IN_LINES = {{ source.height }}, IN_WORDS = {{ source_words }};
  localparam OUT_BEATS = {{ sink.beats_per_line }}, OUT_LINES = {{ sink.height }}, OUT_WORDS = {{ sink_words }};

  reg [31:0] wanted [0:FRAMES * OUT_LINES - 1];
  initial begin
{% for each in hashes %}
    wanted[{{ loop.index0 }}] = 32'h{{ "%08x" % each }};
{% endfor %}
  end

  reg aclk = 0;
  always #5 aclk = ~aclk;
{% if "s_axis_video_aclk" in widths %}
  reg source_clk = 0;
  always #7 source_clk = ~source_clk;
{% else %}
  wire source_clk = aclk;
{% endif %}

  // Reset, and inputs that the register port keeps at 0.
  reg aresetn = 0;
  initial begin
    repeat (20) @(posedge aclk);
    aresetn <= 1;
  end

  function automatic [31:0] random(input [31:0] number);
    reg [31:0] word;
    begin
      word = number;
      word = (word ^ (word >> 16)) * 32'h85ebca6b;
      word = (word ^ (word >> 13)) * 32'hc2b2ae35;
      random = word ^ (word >> 16);
    end
  endfunction

  reg s_valid = 0, m_ready = 0;
  wire s_ready, m_valid, m_user, m_last;
  reg [IN_WORDS * 32 - 1:0] s_data;
  wire [OUT_WORDS * 32 - 1:0] m_data;
{% if "m_axis_video_tkeep" in widths %}
  wire [{{ widths["m_axis_video_tkeep"] - 1 }}:0] m_keep;
{% endif %}
{% if sink.tdata_bits < 32 * sink_words %}
  assign m_data[{{ 32 * sink_words - 1 }}:{{ sink.tdata_bits }}] = 0;
{% endif %}
  integer sent = 0, in_beat = 0, in_line = 0;

  {{ name }} core (
{% for port in ports %}
{% set at = {
  "aclk": "aclk", "aresetn": "aresetn", "s_axis_video_aclk": "source_clk", "s_axis_video_overflow": "",
  "s_axis_video_tdata": "s_data[%d:0]" % (source.tdata_bits - 1), "s_axis_video_tvalid": "s_valid",
  "s_axis_video_tready": "s_ready", "s_axis_video_tuser": "in_beat == 0 && in_line == 0",
  "s_axis_video_tlast": "in_beat == IN_BEATS - 1", "s_axis_video_tkeep": "{%d{1'b1}}" % port.width,
  "m_axis_video_tdata": "m_data[%d:0]" % (sink.tdata_bits - 1), "m_axis_video_tvalid": "m_valid",
  "m_axis_video_tready": "m_ready", "m_axis_video_tuser": "m_user", "m_axis_video_tlast": "m_last",
  "m_axis_video_tkeep": "m_keep"} %}
    .{{ port.name }}({{ at.get(port.name, "{%d{1'b0}}" % port.width if port.is_input else "") }}){{ "" if loop.last else "," }}
{% endfor %}
  );

  // The source: a beat is held until it is taken, and in a quarter of the cycles there is none.
  integer source_cycle = 0;
  always_comb
    for (int at = 0; at < IN_WORDS; at++) s_data[32 * at +: 32] = random(sent * IN_WORDS + at);
  always @(posedge source_clk) begin
    source_cycle <= source_cycle + 1;
    if (!aresetn) s_valid <= 0;
    else if (!s_valid || s_ready) begin
      s_valid <= sent + (s_valid ? 1 : 0) < FRAMES * IN_BEATS * IN_LINES
                 && random(source_cycle) % 4 != 0;
      if (s_valid) begin
        sent <= sent + 1;
        in_beat <= in_beat == IN_BEATS - 1 ? 0 : in_beat + 1;
        if (in_beat == IN_BEATS - 1) in_line <= in_line == IN_LINES - 1 ? 0 : in_line + 1;
      end
    end
  end

  // The sink, and what it expects.
  integer beat = 0, line = 0, silent = 0, cycle = 0;
  reg [31:0] found = 32'h811c9dc5, next;
  reg [OUT_WORDS * 32 - 1:0] valid_bits;
  always_comb begin
    valid_bits = {OUT_WORDS{32'hffffffff}};
    if (beat == OUT_BEATS - 1) valid_bits = valid_bits >> {{ 32 * sink_words - last_bits }};
    next = found;
    for (int word = 0; word < OUT_WORDS; word++)
      next = (next ^ (m_data[32 * word +: 32] & valid_bits[32 * word +: 32])) * 32'h01000193;
  end
  always @(posedge aclk) begin
    cycle <= cycle + 1;
    m_ready <= random(cycle + 32'h10000000) % 4 != 0;
    silent <= aresetn ? silent + 1 : 0;
    if (silent > {{ patience }}) begin
      $display("FAIL: no beat for %0d cycles, in line %0d, beat %0d", silent, line, beat);
      $fatal(1);
    end
    if (aresetn && m_valid && m_ready) begin
      silent <= 0;
      if (m_user !== (beat == 0 && line % OUT_LINES == 0) || m_last !== (beat == OUT_BEATS - 1)) begin
        $display("FAIL: frame %0d, line %0d, beat %0d: tuser %b, tlast %b", line / OUT_LINES,
                 line % OUT_LINES, beat, m_user, m_last);
        $fatal(1);
      end
{% if "m_axis_video_tkeep" in widths %}
      if (m_keep !== (beat == OUT_BEATS - 1 ? {{ 2 ** sink.last_bytes - 1 }} : {{ 2 ** widths["m_axis_video_tkeep"] - 1 }})) begin
        $display("FAIL: frame %0d, line %0d, beat %0d: tkeep %b", line / OUT_LINES, line % OUT_LINES, beat, m_keep);
        $fatal(1);
      end
{% endif %}
      beat <= m_last ? 0 : beat + 1;
      found <= m_last ? 32'h811c9dc5 : next;
      if (m_last) begin
        if (next !== wanted[line]) begin
          $display("FAIL: frame %0d, line %0d differs from windrow's model", line / OUT_LINES, line % OUT_LINES);
          $fatal(1);
        end
        line <= line + 1;
        if (line == FRAMES * OUT_LINES - 1) begin
          $display("PASS: %0d frames of {{ sink.width }}x{{ sink.height }} equal windrow's model, in %0d cycles", FRAMES, cycle);
          $finish;
        end
      end
    end
  end
endmodule
