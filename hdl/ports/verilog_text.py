"""The Verilog text that yosys writes, made fit for other people's tools and eyes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from amaranth.hdl import Shape
from amaranth.lib.wiring import In

from ...distribution import version
from ...model import InputError
from .interfaces import CONTROL_PORT, Port, interface_attributes
from .video import VideoCore, VideoPort


__all__ = ["device_cells", "finish", "header", "ports", "with_interfaces",
           "without_initial_values"]

# What `verilator --lint-only -Wall` may say about the text, and why it is no fault. The codes are
# those that old Verilators know as well: they stop at any other.
_WAIVERS = {
    "DECLFILENAME": "One file holds the top and its parts, so that it can be handed on as one.",
    "UNUSED": "Each field of a structure has a name, for waveforms, whether it is read or not.",
    "WIDTH": "Operands are widened by Verilog's own rules, and `!` asks if all bits are 0.",
    "CMPCONST": "A limit of the filter may be the greatest value that a counter has.",
    "UNOPTFLAT": "A vector may be made and read in parts; that is no loop.",
    "SYMRSVDWORD": "`interrupt` is the name of a port.",
    "SYNCASYNCNET": "The input FIFO's far side is reset at once, as its clock may stand still.",
    "VARHIDDEN": "A signal of a part may have the name of the top.",
    "TIMESCALEMOD": "There are no delays in here.",
}


def header(
    top: VideoCore, found: Sequence[Port], manifest: Mapping[str, Any], cells: Sequence[str], *,
    source: str, title: str,
) -> str:
    """The comment at the head of the text: what it is, how it is made again, and its ports.

    Parameters
    ----------
    top : :class:`~.video.VideoCore`
        The top module.
    found : sequence of :class:`~.interfaces.Port`
        Its ports.
    manifest : mapping
        The core's manifest.
    cells : sequence of :class:`str`
        Cells of the device that it is made of.
    source : :class:`str`
        The command that writes the text, and the design that it takes.
    title : :class:`str`
        What it is, in a line.
    """
    name, cycles = manifest["name"], manifest["cycles_per_frame"]
    about = "about " * top.core.first_may_wait
    note = f"""\
 It holds cells of the device, of which simulators need the vendor's models: {", ".join(cells)}.
 Lint needs none: verilator --lint-only -Wall -Wno-MODMISSING -Wno-UNDRIVEN {name}.v

""" if cells else ""
    text = f"""\
 {title}

 Made by windrow {version()}. The output is yours: no licence of windrow's applies to it.
 To make it again:
{source}

{note} Ports
{_port_table(found)}

{_packing(top.input, "are ignored")}
{_packing(top.output, "are 0")}
 If the input is always valid and the output always ready, a frame takes {cycles} cycles,
 and {about}{manifest["latency_cycles"]} cycles pass from its first beat in to its first beat out.
"""
    return "".join(f"//{line}\n" for line in text.splitlines())


def ports(top: VideoCore, name: str) -> tuple[Port, ...]:
    """The ports of the top module, in its order; ``name`` is the module's."""
    video = {
        "tdata": "samples, packed as below",
        "tkeep": "bytes of tdata that hold pixels",
        "tvalid": "the beat is there",
        "tready": "the beat is taken, if it is there",
        "tuser": "the beat is a frame's first",
        "tlast": "the beat is a line's last",
    }
    others = {
        "aclk": "clock, rising edge",
        "aresetn": "synchronous reset, active low",
        "s_axis_video_aclk": "clock of the rest of s_axis_video, in any relation to aclk",
        "s_axis_video_overflow": "beats came while the input FIFO was full; on aclk",
        "interrupt": "an event whose interrupt is enabled",
        "incomplete": "some of the frame's edges are missing; with its last pixels",
    }
    found = []
    for port, member in top.signature.members.items():
        if port.startswith(CONTROL_PORT):
            meaning = f"AXI4-Lite, see {name}_registers.md"
        else:
            meaning = others.get(port) or video[port.rpartition("_")[2]]
            if port == "s_axis_video_tkeep":
                meaning += "; ignored"
        found.append(Port(port, member.flow is In, Shape.cast(member.shape).width, meaning))
    return tuple(found)


def _port_table(found: Sequence[Port]) -> str:
    return "\n".join(f"   {'input' if port.is_input else 'output':<6}  {port.width:>4}  "
                     f"{port.name:<21}  {port.meaning}" for port in found)


def _packing(port: VideoPort, rest: str) -> str:
    frame = port.format
    sample, channels, pixels = frame.sample, frame.channels, frame.pixels_per_clock
    if channels * pixels > 1:
        numbers = [f"{channels} * pixel" if channels > 1 else "pixel"] * (pixels > 1)
        numbers += ["channel"] * (channels > 1)
        place = f"sample s = {' + '.join(numbers)} is tdata[{sample.bits} * s +: {sample.bits}]"
    else:
        place = f"the sample is tdata[{sample.bits - 1}:0]"
    beats = frame.beats_per_pixel
    if beats > 1:
        place = (f"{beats} beats a pixel, its channels in order: {frame.samples_per_beat} a beat, "
                 f"each in {sample.bits} bits,\n   and 0 past the last")
    above = f"; bits from {frame.beat_bits} on {rest}" if frame.beat_bits < frame.tdata_bits else ""
    kind = "signed, two's complement" if sample.signed else "unsigned"
    return (f" {port.interface}: {frame.width}x{frame.height}, {pixels} pixels a beat, "
            f"{channels} channels, samples of {sample.bits} bits, {kind};\n   {place}{above}.")


def device_cells(text: str) -> list[str]:
    """Which cells the text holds that it does not define; all else begins with the top's name."""
    instances = set(re.findall(r"^  ([A-Z]\w+) (?:#\(|\S+ +\()", text, flags=re.MULTILINE))
    return sorted(instances - set(re.findall(r"^module (\w+)", text, flags=re.MULTILINE)))


def finish(text: str, head: str) -> str:
    """Yosys's text, with a head and with what other tools ask for.

    Names and netlist stay as they are.
    """
    text = _without_brackets(text)
    # Wires need no initial value beside their register's, and Icarus warns of long ones.
    text = re.sub(r"^  \(\* init = \S+ \*\)\n", "", text, flags=re.MULTILINE)
    # Verilator (PROCASSINIT, since 5.036) asks for initial values that are not the declaration's;
    # older ones cannot be told not to.
    text = re.sub(r"^(  reg (?:\[\S+\] )?(\S+) +)= (?!0;)(.*;)$",
                  lambda reg: f"{reg[1].rstrip()} ; initial {reg[2]} = {reg[3]}",
                  text, flags=re.MULTILINE)
    # Amaranth's synchronisers call their flip-flops so, and nothing else does.
    text = re.sub(r"^  (?=reg (?:\[\S+\] )?stage\d+ )", '  (* ASYNC_REG = "TRUE" *)\n  ',
                  text, flags=re.MULTILINE)
    waivers = "".join(f"// {why}\n/* verilator lint_off {code} */\n"
                      for code, why in _WAIVERS.items())
    return f"""{head}
// Some simulators count in seconds where nothing else is said. Verilator does not, and would miss
// the line in every module that has none.
`ifndef VERILATOR
`timescale 1ns/1ps
`endif

// From here to the end of this file, Verilator does not warn of the following.
/* verilator lint_save */
{waivers}
{text.rstrip()}

/* verilator lint_restore */
"""


def with_interfaces(text: str, name: str, found: Sequence[Port]) -> str:
    """The text with Vivado's attributes before the top module's ports.

    Amaranth would give them to every signal inside that is the same net.
    """
    attributes = interface_attributes(port.name for port in found)

    def port(line: re.Match[str]) -> str:
        return "".join(f'  (* {key} = "{value}" *)\n'
                       for key, value in attributes.get(line[1], {}).items()) + line[0]

    before, head, module = text.partition(f"\nmodule {name}(")
    top, end, after = module.partition("\nendmodule")
    top = re.sub(r"^  (?:in|out)put (?:\[\S+\] )?(\w+);", port, top, flags=re.MULTILINE)
    return before + head + top + end + after


_HELD = ("initial values: a memory of this design holds some, such as weights or a table, which "
         "would be lost; leave out --no-initial-values")


def without_initial_values(text: str) -> str:
    """Yosys's text without a value that a register or a memory has before the first reset.

    Reset values stay. Where yosys wants an ``always @*`` to run at the start it reads a register
    that nothing writes; its inputs become known with the first reset, which does the same.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If a memory is not all zeros: what it holds would be lost.
    """
    def dropped(pattern: str, text: str, by: str = "") -> str:
        return re.sub(pattern, by, text, flags=re.MULTILINE)

    text = dropped(r"^  reg \\\$auto\$verilog_backend\S+ += 0;\n", text)
    text = dropped(r"^    if \(\\\$auto\$verilog_backend\S+ +\) begin end\n", text)
    text = dropped(r"^(  reg (?:\[\S+\] )?\S+) += [^;\n]*;$", text, by=r"\1 ;")
    memory = re.compile(r"^  initial begin\n(?:    \S+ *\[\d+\] = \d+'h[0-9a-f]+;\n)*  end\n",
                        re.MULTILINE)
    for block in memory.findall(text):
        if re.search(r"'h0*[1-9a-f]", block):
            raise InputError(_HELD)
    text = memory.sub("", text)
    if re.search(r"^\s*initial\b", text, re.MULTILINE):
        raise InputError(_HELD)
    return text


def _without_brackets(text: str) -> str:
    r"""Turn names such as ``\samples[3]`` into ``\samples.3``.

    Amaranth gives the elements of an array such names, beside the array's own. yosys 0.70 takes one
    for a bit of the array while it maps with abc9, as it does for ECP5, and may stop at a failed
    assertion (``GetSize(conn.first) == GetSize(conn.second)``): the sums of a 31x31 box did.
    """
    return re.sub(r"\\\S+\[\S+", lambda name: name[0].replace("[", ".").replace("]", ""), text)
