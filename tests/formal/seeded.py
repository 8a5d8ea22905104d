"""Hardware with a bug put into it, to show that a proof would find it."""

import importlib
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


__all__ = ["Bug", "seeded"]


@dataclass(frozen=True)
class Bug:
    """A change of one place in the source of a module.

    Attributes
    ----------
    module : :class:`str`
        Its name below ``windrow.hdl``.
    right, wrong : :class:`str`
        The text that is there, once, and what takes its place.
    """

    module: str
    right: str
    wrong: str


@contextmanager
def seeded(bug: Bug) -> Iterator[None]:
    """While this lasts, every loaded module works with the changed classes and functions."""
    module = importlib.import_module(f"windrow.hdl.{bug.module}")
    source = Path(str(module.__file__))
    text = source.read_text()
    if text.count(bug.right) != 1:
        raise ValueError(f"{source.name} must hold {bug.right!r} once")
    broken = types.ModuleType(module.__name__)
    broken.__package__ = module.__package__
    broken.__file__ = module.__file__
    exec(compile(text.replace(bug.right, bug.wrong), str(source), "exec"), broken.__dict__)
    instead = {id(value): vars(broken)[name] for name, value in vars(module).items()
               if getattr(value, "__module__", None) == module.__name__}

    kept = []
    for other in list(sys.modules.values()):
        for name, value in list(getattr(other, "__dict__", {}).items()):
            if id(value) in instead:
                kept.append((other, name, value))
                setattr(other, name, instead[id(value)])
    try:
        yield
    finally:
        for other, name, value in kept:
            setattr(other, name, value)
