"""Hardware as text: parts of it that are one module there, whatever they hold."""

from typing import Any

from amaranth import *
from amaranth.back import verilog
from amaranth.lib import wiring
from amaranth.lib.wiring import In


__all__ = ["Text"]


class Text:
    """The platform of a design that becomes Verilog.

    A part that is wide, deep or there many times would be written out bit by bit. Here it is an
    instance of a module of its own; for Amaranth's simulator and for boards it is made of plain
    components, and both do the same.

    Parameters
    ----------
    name : :class:`str`
        Name of the top module, with which the names of the others begin.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._line_memory = f"{name}.line_memory"
        self._uses_line_memory = False
        self._parts: dict[str, wiring.Component] = {}

    def line_memory(
        self, depth: int, read_address: Value, read_data: Value, write_enable: Value,
        write_address: Value, write_data: Value,
    ) -> Instance:
        """A memory of ``depth`` words, read two cycles later, undefined until it is written.

        Amaranth's own would hold an initial value for each bit: of a frame of 16384 pixels of 64
        channels these are 33 million, which take minutes and gigabytes to write and to read.
        """
        self._uses_line_memory = True
        parameters: dict[str, Any] = {
            "p_WIDTH": len(write_data), "p_WORDS": depth, "p_ADDRESS_WIDTH": len(write_address)}
        return Instance(
            self._line_memory, **parameters, i_clk=ClockSignal(),
            i_read_address=read_address, o_read_data=read_data, i_write_enable=write_enable,
            i_write_address=write_address, i_write_data=write_data)

    def part(self, part: wiring.Component) -> str:
        """Name of a module that is made once, for a component with registers but without resets;
        see :meth:`instance`."""
        name = f"{self._name}.pipeline_{len(self._parts)}"
        self._parts[name] = part
        return name

    def instance(self, name: str, signature: wiring.Signature, ports: Any) -> Instance:
        """An instance of that module, whose ports are the members of an interface."""
        connected: dict[str, Any] = {
            f"{'i' if member.flow is In else 'o'}_{port}": Value.cast(getattr(ports, port))
            for port, member in signature.members.items()}
        return Instance(name, i_clk=ClockSignal(), i_rst=Const(0), **connected)

    def modules(self) -> str:
        """Verilog of the modules that are used."""
        texts = [
            verilog.convert(part, platform=self, name=name, emit_src=False,
                            strip_internal_attrs=True)
            for name, part in self._parts.items()]
        if self._uses_line_memory:
            texts.append(_LINE_MEMORY.replace("NAME", f"\\{self._line_memory} "))
        return "\n".join(texts)


_LINE_MEMORY = """
// No word is read in the cycle in which it is written.
module NAME #(
  parameter WIDTH = 1,
  parameter WORDS = 2,
  parameter ADDRESS_WIDTH = 1
) (
  input clk,
  input write_enable,
  input [ADDRESS_WIDTH-1:0] write_address,
  input [WIDTH-1:0] write_data,
  input [ADDRESS_WIDTH-1:0] read_address,
  output reg [WIDTH-1:0] read_data
);
  (* no_rw_check = 1 *)
  reg [WIDTH-1:0] lines [0:WORDS-1];
  reg [WIDTH-1:0] word;
  always @(posedge clk) begin
    if (write_enable) lines[write_address] <= write_data;
    word <= lines[read_address];
    read_data <= word;
  end
endmodule
"""
