"""The Python driver, which Linux and PYNQ share."""

from ..hdl.control import RegisterMap
from ..hdl.ports.verilog import Build
from ..model.borders import BORDERS
from ..model.nodes import ROUNDINGS
from .words import fill


__all__ = ["class_name", "driver"]

_IDENTITY = ("ID", "VERSION", "DESIGN", "KERNEL_SIZE", "CAPABILITIES", "MAX_SIZE", "MIN_SIZE",
             "LANES")


def class_name(name: str) -> str:
    """A class for a module."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_")) or "Design"


def driver(build: Build) -> str:
    """Text of ``NAME_driver.py``."""
    assert build.registers is not None
    size = getattr(build.registers.design, "kernel_height", 0), getattr(
        build.registers.design, "kernel_width", 0)
    return fill("driver.py.jinja", build, map=_map(build.registers, build.name),
                borders=list(BORDERS), roundings=list(ROUNDINGS), identity=_IDENTITY,
                rows=size[0], columns=size[1],
                has={register.name for register in build.registers.registers},
                class_name=class_name(build.name))


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
