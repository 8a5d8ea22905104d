"""The Python driver, which Linux and PYNQ share."""

from ..hdl.control import RegisterMap
from ..hdl.control.register_map import ERRORS, SIZE
from ..hdl.ports.verilog import Build
from ..model.borders import BORDERS
from ..model.nodes import ROUNDINGS
from .words import fill


__all__ = ["class_name", "driver"]


def class_name(name: str) -> str:
    """A class for a module."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_")) or "Design"


def driver(build: Build) -> str:
    """Text of ``NAME_driver.py``."""
    assert build.registers is not None
    registers = build.registers
    kernels = {block.stage: (block.filter.kernel_height, block.filter.kernel_width)
               for block in registers.blocks}
    tables = {stage: (entry.name, 1 << (counter.fields[0].bits - 1))
              for stage, (entry, counter) in registers.tables.items()}
    return fill(
        "driver.py.jinja", build, map=_map(registers, build.name), borders=list(BORDERS),
        roundings=list(ROUNDINGS), kernels=kernels, tables=tables,
        class_name=class_name(build.name),
        parameters=[each.name.removeprefix("PARAMETER_") for each in registers.parameters],
        identity=[each.name for each in registers.registers if each.access == "ro"
                  and not each.array and each.offset < registers[SIZE].offset],
        counters=["FRAMES", *ERRORS.values()], is_filter=list(kernels) == [""])


def _map(registers: RegisterMap, name: str) -> str:
    """The registers as a Python literal, a register a line."""
    listed = []
    for each in registers.to_dict(name)["registers"]:
        fields = {field["name"]: [field[key] for key in (
            "low", "bits", "signed", "minimum", "maximum", "step", "reset")]
            for field in each["fields"]}
        listed.append(f'    "{each["name"]}": ({each["offset"]:#05x}, {each["count"]}, '
                      f'"{each["access"]}", {{')
        listed += [f'        "{field}": {tuple(values)},' for field, values in fields.items()]
        listed.append("    }),")
    return "\n".join(listed)
