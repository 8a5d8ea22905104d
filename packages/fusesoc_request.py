"""windrow as a generator of FuseSoC's: a core from the keys in somebody's core file.

Source: FuseSoC documentation, "Generators": the input file of a generator.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..hdl import build
from ..hdl.ports.fusesoc import fusesoc_core
from ..hdl.ports.module_name import legal_name
from ..model import Filter, InputError, Pipeline
from ..model.files import read_keys
from .table import add_packages, chosen


__all__ = ["write_core"]

_OWN = ("file", "name", "target", "strategy", "package", "initial_values")


def write_core(request: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write the core that a generator's input file asks for.

    Parameters
    ----------
    request : mapping
        The file: ``vlnv``, ``files_root`` and ``parameters``.
    folder : :class:`~pathlib.Path`
        Where to.

    Raises
    ------
    :exc:`~windrow.model.InputError`
        If a parameter is not known, or they are no design.
    """
    keys = dict(request.get("parameters") or {})
    own = {name: keys.pop(name) for name in _OWN if name in keys}
    vlnv = str(request["vlnv"])
    if "file" in own:
        keys = read_keys(Path(request["files_root"], str(own["file"]))) | keys
    design = (Pipeline if "stage" in keys else Filter).from_dict(keys)
    name = str(own.get("name", legal_name(vlnv.split(":")[2]) or "windrow_filter"))
    initial_values = own.get("initial_values", True)
    if not isinstance(initial_values, bool):
        raise InputError(f"initial_values must be true or false, not {initial_values!r}")
    made = build(design, name, target=str(own.get("target", "generic")),
                 strategy=str(own.get("strategy", "auto")), initial_values=initial_values)
    packages = own.get("package", [])
    if packages:
        names = packages if isinstance(packages, str) else ",".join(map(str, packages))
        made = add_packages(made, chosen(names))
    others = {file: text for file, text in made.packages.items() if file != f"{name}.core"}
    bench = f"{name}_tb.sv" if f"{name}_tb.sv" in others else ""
    core = fusesoc_core(
        name, title=made.title, family=made.manifest["target"], constraint_files=made.constraints,
        software=[*made.software, *(file for file in others if file != bench)], cells=made.cells,
        bench=bench, vlnv=vlnv)
    return replace(made, fusesoc=core, packages=others).listed().write(folder)
