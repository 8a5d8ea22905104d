"""What each tool takes, as one table: :data:`PACKAGES`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..hdl import PlannedNetwork
from ..hdl.ports.verilog import Build
from ..model import InputError
from . import (
    cocotb,
    fusesoc,
    hw_tcl,
    ip_xact,
    linux,
    litex,
    pynq,
    svd,
    system_verilog,
    systemrdl,
    vhdl,
    vivado,
)


__all__ = ["PACKAGES", "Package", "add_packages", "applicable", "chosen"]


@dataclass(frozen=True)
class Package:
    """Files for one tool.

    Attributes
    ----------
    name : :class:`str`
        What ``--package`` takes.
    reader : :class:`str`
        Who reads them.
    files : callable
        Text of each file of a :class:`~windrow.hdl.ports.verilog.Build`, by path.
    needs_registers : bool
        Whether there is nothing to write without a register port.
    """

    name: str
    reader: str
    files: Callable[[Build], dict[str, str]]
    needs_registers: bool = False

    def lacks(self, build: Build) -> str:
        """What a core would have to have for it; empty where nothing is missing."""
        if not self.needs_registers or build.registers is not None:
            return ""
        return ("registers, and a network has none" if isinstance(build.design, PlannedNetwork)
                else "registers: give --control axi4-lite")


PACKAGES = {each.name: each for each in (
    Package("vivado", "Vivado: a Tcl script that packages the core for the IP catalogue",
            vivado.files),
    Package("ip-xact", "IP catalogues and editors: IEEE 1685-2009 with Vivado's buses, and "
                       "1685-2014", ip_xact.files),
    Package("quartus", "Quartus Platform Designer: a component NAME_hw.tcl", hw_tcl.files),
    Package("vhdl", "VHDL projects: a package with component and records, and a wrapper",
            vhdl.files),
    Package("systemverilog", "SystemVerilog projects: stream interfaces and a wrapper",
            system_verilog.files),
    Package("litex", "LiteX: a module with sink, source and AXI-Lite bus", litex.files),
    Package("fusesoc", "FuseSoC: the core file with a target sim, and its bench", fusesoc.files),
    Package("cocotb", "cocotb: a test of the core in your own simulation", cocotb.files),
    Package("systemrdl", "SystemRDL compilers, PeakRDL: the registers", systemrdl.files,
            needs_registers=True),
    Package("svd", "svd2rust, debuggers: the registers as CMSIS-SVD", svd.files,
            needs_registers=True),
    Package("linux", "Linux: a device tree fragment, and a Python driver over UIO", linux.files,
            needs_registers=True),
    Package("pynq", "PYNQ: a driver class for the overlay", pynq.files, needs_registers=True),
)}
"""Every package by its name."""


def applicable(build: Build) -> list[str]:
    """The packages that a core can have."""
    return [name for name, package in PACKAGES.items() if not package.lacks(build)]


def chosen(text: str) -> list[str]:
    """The names in a list with commas; ``all`` is every one that the core can have.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If a name is not known.
    """
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in (*PACKAGES, "all"):
            raise InputError(f"package {name!r} is not known: choose from all, "
                             f"{', '.join(PACKAGES)}")
    return ["all"] if "all" in names else list(dict.fromkeys(names))


def add_packages(build: Build, names: Iterable[str]) -> Build:
    """A build with the files of some packages, each listed in its manifest.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If the core lacks what one of them is about.
    """
    names = list(names)
    made: dict[str, dict[str, str]] = {}
    for name in applicable(build) if names == ["all"] else names:
        if lacking := PACKAGES[name].lacks(build):
            raise InputError(f"package {name!r} needs {lacking}")
        made[name] = PACKAGES[name].files(build)
    return build.listed(
        packages={path: text for texts in made.values() for path, text in texts.items()},
        manifest={**build.manifest, "packages": {name: [*texts] for name, texts in made.items()}})
