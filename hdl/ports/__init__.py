"""The core as others see it: AXI4-Stream ports, Verilog, manifest and constraints."""
