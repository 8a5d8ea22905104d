"""A core behind three pins, so that the number of pins does not limit the result.

Every input of the core comes from a flip-flop of its own, a part of one long shift register that a
pin fills. Every output goes into a flip-flop of its own; what those hold is folded, three bits a
LUT, into a chain that ends at a pin, so that no logic is without use and none can be left out. All
paths between the harness's own flip-flops have at most one LUT, so that it is never the slowest
part. It moves no video: it is there for timing and area alone.

The core is kept as a module of its own, so that its cells can be told from the harness's.
"""

from collections.abc import Mapping
from typing import Any

from ..hdl import control_ports
from .targets import CORE, HARNESS, INPUT_CLOCK


__all__ = ["harness"]

_FOLDED = 3
"""Bits that fit into a LUT4 beside the chain's."""


def harness(manifest: Mapping[str, Any]) -> str:
    """Return the Verilog of a module ``harness`` around the module ``core``.

    Its ports are ``clk``, ``din`` and ``dout``, and :data:`~.targets.INPUT_CLOCK` where the input
    has a clock of its own. Paths from one clock to the other have no frequency.

    Parameters
    ----------
    manifest : mapping
        The core's manifest, for the widths of its ports.
    """
    inputs = {"aresetn": 1, **_data(manifest["input"]), "m_axis_video_tready": 1}
    outputs = {"s_axis_video_tready": 1, **_data(manifest["output"])}
    control_inputs, control_outputs = control_ports(manifest)
    inputs |= control_inputs
    outputs |= control_outputs
    own_clock = manifest["input"].get("clock")
    if own_clock is not None:
        outputs["s_axis_video_overflow"] = 1
    stimulus, input_bits = _slices("stimulus", inputs)
    response, output_bits = _slices("response", outputs)
    links = -(-output_bits // _FOLDED)
    padded = links * _FOLDED
    clocks = [] if own_clock is None else [f".{own_clock}({INPUT_CLOCK})"]
    pins = "" if own_clock is None else f"input {INPUT_CLOCK}, "
    connections = "".join(f",\n    {line}" for line in [*clocks, *stimulus, *response])
    chain = "".join(
        f"    folded[{number}] <= folded[{number - 1}] ^ ^captured[{number * _FOLDED} +: "
        f"{_FOLDED}];\n" for number in range(1, links))
    return f"""\
module {HARNESS} (input clk, {pins}input din, output dout);
  reg [{input_bits - 1}:0] stimulus;
  reg [{padded - 1}:0] captured;
  reg [{links - 1}:0] folded;
  wire [{padded - 1}:0] response;

  always @(posedge clk) begin
    stimulus <= {{stimulus, din}};
    captured <= response;
    folded[0] <= ^captured[0 +: {_FOLDED}];
{chain}  end
  assign dout = folded[{links - 1}];
{"".join(f"  assign response[{bit}] = 1'b0;{chr(10)}" for bit in range(output_bits, padded))}
  {CORE} {CORE} (
    .aclk(clk){connections}
  );
endmodule
"""


def _data(port: Mapping[str, Any]) -> dict[str, int]:
    """Width of each signal of a port, but for the one that goes the other way."""
    signals = {"tdata": port["tdata_bits"], "tkeep": port["tkeep_bits"], "tvalid": 1, "tuser": 1,
               "tlast": 1}
    return {f"{port['interface']}_{name}": bits for name, bits in signals.items() if bits}


def _slices(register: str, widths: Mapping[str, int]) -> tuple[list[str], int]:
    """Connections of ports to the bits of a register, one after the other, and how many bits."""
    lines = []
    first = 0
    for name, bits in widths.items():
        lines.append(f".{name}({register}[{first} +: {bits}])")
        first += bits
    return lines, first
