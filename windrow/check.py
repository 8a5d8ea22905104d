"""Whether files are as they were generated: `windrow generate --check`."""

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from windrow.console import Table, show
from windrow.usage import UsageError


__all__ = ["generated_manifest", "report_check", "unlike", "unlike_listed"]


def generated_manifest(file: str | None) -> Path | None:
    """The manifest that FILTER stands for with ``--check``: itself, or the one beside a NAME.v."""
    if file is None or file == "-":
        return None
    path = Path(file)
    if path.suffix == ".v":
        return path.with_suffix(".json")
    try:
        content = json.loads(path.read_text(encoding="utf-8")) if path.suffix == ".json" else {}
    except (OSError, ValueError):
        return None  # refused where it is read as a design
    return path if isinstance(content, dict) and "files" in content else None


def unlike_listed(manifest: Path) -> dict[str, str]:
    """Files that are not as a manifest lists them: ``edited`` or ``missing``, by path.

    Raises
    ------
    :exc:`UsageError`
        If the manifest cannot be read, or lists none.
    """
    from windrow.hdl.ports.verilog import checksum  # late: Amaranth comes with it

    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
        listed = dict(content["files"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"check: {str(manifest)!r} is no manifest that lists files: give the "
                         "NAME.json or the NAME.v of a generated core, or its design") from None
    return {str(manifest.parent / name): state for name, wanted in listed.items()
            if (state := _state(manifest.parent / name, wanted, checksum))}


def unlike(files: Mapping[str, str], folder: Path, manifest: str) -> dict[str, str]:
    """Files of a folder that are not what ``files`` has, by path.

    One that is as the folder's own ``manifest`` lists it was made for another design, or by another
    windrow.
    """
    found = {str(folder / name): state for name, wanted in files.items()
             if (state := _state(folder / name, wanted))}
    try:
        edited = unlike_listed(folder / manifest)
    except UsageError:
        return found
    listed = {str(folder / name) for name in files} - {str(folder / manifest)}
    return {path: "made otherwise" if path in listed and path not in edited else state
            for path, state in found.items()}


def _state(path: Path, wanted: str, of: Callable[[str], str] = str) -> str:
    """What is wrong with a file, of whose text something is wanted."""
    if not path.is_file():
        return "missing"
    # As it was written: no line ending is translated.
    text = path.read_bytes().decode("utf-8", errors="replace")
    return "" if of(text) == wanted else "edited"


def report_check(args: argparse.Namespace, count: int, found: Mapping[str, str], what: str) -> int:
    """Print what a check found; the exit status."""
    verdict = (f"{len(found)} of {count} files are not as {what}: "
               + ", ".join(f"{path} ({state})" for path, state in found.items())
               if found else f"unedited: all {count} files are as {what}")
    show(args, {"unedited": not found, "checked": count,
                "differing": [{"file": path, "state": state} for path, state in found.items()]},
         [Table(("", ""), [(state, path) for path, state in found.items()])] if found else [],
         verdict)
    return 1 if found else 0
