"""The ready designs: files in the package, each a pipeline for any size of frame."""

from pathlib import Path


__all__ = ["ready_designs", "ready_file"]

FOLDER = Path(__file__).parent / "designs"


def ready_designs() -> dict[str, str]:
    """What each is for, by its name: its file's first line."""
    return {path.stem: path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
            for path in sorted(FOLDER.glob("*.toml"))}


def ready_file(name: str) -> Path | None:
    """The file of a ready design's name, with ``.toml`` or without."""
    path = FOLDER / f"{Path(name).stem if name.endswith('.toml') else name}.toml"
    return path if Path(name).name == name and path.is_file() else None
