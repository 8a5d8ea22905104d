"""Small designs that take a command in every clock cycle and answer a few cycles later.

They have the ports of a core, so that the engines run them, with one command in each beat: 128 bits
in, 64 bits out.
"""

import random
from collections.abc import Iterable, Mapping

import numpy as np

from windrow.sim import MissingTool, Traffic
from windrow.sim.engine import Design
from windrow.sim.job import ENGINES, run_design


__all__ = ["answers", "command_core", "engines", "pack", "random_commands"]

WIDTH, HEIGHT = 64, 32
"""Commands in a row and rows in a frame: 2048 commands."""


def command_core(body: str, latency: int, models: str = "") -> Design:
    """Return a design around ``body``.

    Parameters
    ----------
    body : :class:`str`
        Verilog that drives ``wire [63:0] answer`` from ``clk`` and ``wire [127:0] command``, which
        is 0 in cycles without one.
    latency : :class:`int`
        Cycles from a command to its answer, at least 1.
    models : :class:`str`
        Modules that it uses.
    """
    verilog = f"""
module core(
  input aclk, input aresetn,
  input [127:0] s_axis_video_tdata, input s_axis_video_tvalid, output s_axis_video_tready,
  input s_axis_video_tuser, input s_axis_video_tlast,
  output [63:0] m_axis_video_tdata, output m_axis_video_tvalid, input m_axis_video_tready,
  output m_axis_video_tuser, output m_axis_video_tlast
);
  wire clk = aclk;
  wire [127:0] command = s_axis_video_tvalid & aresetn ? s_axis_video_tdata : 128'd0;
  wire [63:0] answer;
  reg [{latency}:1] valid = 0, user = 0, last = 0;
  always @(posedge clk) begin
    valid <= {{valid, s_axis_video_tvalid}} & {{{latency}{{aresetn}}}};
    user <= {{user, s_axis_video_tuser}};
    last <= {{last, s_axis_video_tlast}};
  end
  assign s_axis_video_tready = 1'b1;
  assign m_axis_video_tdata = answer;
  assign m_axis_video_tvalid = valid[{latency}];
  assign m_axis_video_tuser = user[{latency}];
  assign m_axis_video_tlast = last[{latency}];
{body}
endmodule
"""
    port = {"width": WIDTH, "height": HEIGHT, "pixel": "u32", "pixels_per_clock": 1,
            "tkeep_bits": 0}
    manifest = {
        "top": "core",
        "input": {"interface": "s_axis_video", **port, "channels": 4, "tdata_bits": 128},
        "output": {"interface": "m_axis_video", **port, "channels": 2, "tdata_bits": 64},
    }
    return Design(verilog + models, manifest)


def pack(rows: Iterable[Mapping[str, int]], fields: Mapping[str, tuple[int, int]]) -> np.ndarray:
    """Return a frame of commands.

    Parameters
    ----------
    rows : iterable of mapping
        The value of each field of each command.
    fields : mapping
        First bit and width of each field.
    """
    frame = np.zeros((HEIGHT * WIDTH, 4), dtype=np.int64)
    for row, target in zip(rows, frame, strict=True):
        word = 0
        for name, value in row.items():
            first, width = fields[name]
            assert 0 <= value < 1 << width, name
            word |= value << first
        target[:] = [word >> 32 * number & 0xFFFFFFFF for number in range(4)]
    return frame.reshape(HEIGHT, WIDTH, 4)


def random_commands(
    rng: random.Random, fields: Mapping[str, tuple[int, int]],
    choices: Mapping[str, list[int]] | None = None,
) -> list[dict[str, int]]:
    """Return a frame's commands with random fields, some of them from given values only."""
    few = choices or {}
    return [
        {name: rng.choice(few[name]) if name in few else rng.getrandbits(width)
         for name, (_, width) in fields.items()}
        for _ in range(WIDTH * HEIGHT)
    ]


def answers(design: Design, frame: np.ndarray, engine: str) -> list[int]:
    """Run one frame of commands, without stalls, and return the answers."""
    (output,) = run_design(design, [frame], engine=engine, traffic=Traffic()).outputs
    return [int(low) | int(high) << 32 for low, high in output.reshape(-1, 2)]


def engines() -> list[str]:
    """Return those of the engines that take Verilog and start at once, whose tools are there."""
    found = []
    for name in ("verilator", "icarus"):
        try:
            ENGINES[name].require()
        except MissingTool:
            continue
        found.append(name)
    return found
