"""The pages of the reference that the program itself knows best."""

import os
from collections.abc import Iterable, Mapping, Sequence


__all__ = ["pages"]


def pages() -> Mapping[str, str]:
    """MyST text of each page, by its name."""
    return {"commands": _commands(), "kernels": _kernels(), "presets": _presets(),
            "designs": _designs()}


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"

    return line(columns) + line(["---"] * len(columns)) + "".join(map(line, rows))


def _commands() -> str:
    from windrow.cli import parsers

    width = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "90"
    try:
        _, commands = parsers()
        texts = {name: parser.format_help().rstrip() for name, parser in commands.items()}
    finally:
        if width is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = width
    return "# All commands\n\n[What holds for all of them](../command_line.md).\n\n" + "\n".join(
        f"## windrow {name}\n\n```text\n{text}\n```\n" for name, text in texts.items())


def _kernels() -> str:
    from windrow.model.kernels.catalogue import entries

    return "# Kernels\n\nNames for the key `kernel`, with the defaults of their parameters: " \
        "`gaussian:ksize=7,sigma=1.5`.\n\n" + _table(
            ("name", "parameters", "what it does", "source"),
            [(f"`{each.name}`", ", ".join(f"`{key}={value}`"
                                          for key, value in each.parameters.items()),
              each.description, each.source) for each in entries()])


def _presets() -> str:
    from windrow.model.presets import entries

    return "# Presets\n\nNames for the key `preset`: the design then computes what the function " \
        "does. [From OpenCV, scipy, MATLAB or PyTorch](../opencv.md) says how.\n\n" + _table(
            ("preset", "parameters", "what it does", "how it is known"),
            [(f"`{each.name}`", ", ".join(f"`{key}`" for key in each.parameters),
              each.description, each.source) for each in entries()])


def _designs() -> str:
    from windrow.ready import ready_designs, ready_file

    parts = ["# Ready designs\n\nPipelines that come with windrow: `NAME.toml` stands for the file "
             "in every command.\n"]
    for name, what in ready_designs().items():
        path = ready_file(name)
        assert path is not None
        parts.append(f"## {name}\n\n{what}\n\n```toml\n{path.read_text(encoding='utf-8')}```\n")
    return "\n".join(parts)
