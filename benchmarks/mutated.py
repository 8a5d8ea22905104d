"""Gives a module of ``hdl/`` another text, in a process that is forked for it.

Importing all modules anew takes as long as most mutants live. So they are imported once, and of a
change within functions these alone get another code. What is there after importing may come of the
code as it was, so of a change that is reached by then all modules are imported anew.
"""

import gc
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from reach import ROOT


__all__ = ["Modules"]


class Modules:
    """Hardware and tests, as imported modules.

    Parameters
    ----------
    names : collection of :class:`str`
        They are imported here.
    root : :class:`~pathlib.Path`
        Those below this folder are imported anew, as far as they were not there before; libraries
        in an environment that lies there are not.
    """

    def __init__(self, names: Collection[str], root: Path = ROOT) -> None:
        before = {*sys.modules}
        for name in names:
            importlib.import_module(name)
        files = {name: Path(getattr(sys.modules[name], "__file__", None) or "/").resolve()
                 for name in sys.modules if name not in before}
        self._names = [name for name, file in files.items() if file.is_relative_to(root)
                       and not file.is_relative_to(Path(sys.prefix).resolve())]
        self._functions: defaultdict[str, list[FunctionType]] = defaultdict(list)
        for each in gc.get_objects():
            if isinstance(each, FunctionType):
                self._functions[each.__code__.co_filename].append(each)

    def change(self, name: str, code: CodeType, imported: bool) -> None:
        """Give a module the code of another text with the same functions.

        Parameters
        ----------
        imported : :class:`bool`
            Whether what differs is reached by importing.
        """
        file = sys.modules[name].__file__
        assert file is not None
        if imported or not self._exchange(file, code):
            self._import(name, Path(file), code)

    def _exchange(self, file: str, code: CodeType) -> bool:
        """Give the functions other codes; False if that can not be done for all of them."""
        codes = defaultdict(list)
        for each in _inner(code):
            codes[each.co_qualname, each.co_firstlineno].append(each)
        pairs = []
        for function in self._functions[file]:
            old = function.__code__
            new = codes[old.co_qualname, old.co_firstlineno]
            if len(new) != 1 or old.co_freevars != new[0].co_freevars:
                return False
            pairs.append((function, new[0]))
        for function, changed in pairs:
            function.__code__ = changed
        return bool(pairs)

    def _import(self, name: str, path: Path, code: CodeType) -> None:
        """Import all anew."""
        for each in self._names:
            package, _, last = each.rpartition(".")
            module = sys.modules.pop(each)
            if getattr(sys.modules.get(package), last, None) is module:
                delattr(sys.modules[package], last)
        sys.meta_path.insert(0, _Mutated(name, path, code))
        importlib.import_module(name)


class _Mutated(importlib.abc.MetaPathFinder):
    """Imports one module with another text than its file has."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self._name, self._path, self._code = name, path, code

    def find_spec(self, fullname: str, path: object, target: object = None) -> Any:
        if fullname != self._name:
            return None
        code = self._code

        class Loader(importlib.machinery.SourceFileLoader):
            def get_code(self, fullname: str) -> CodeType:
                return code

        return importlib.util.spec_from_file_location(
            fullname, self._path, loader=Loader(fullname, str(self._path)),
            submodule_search_locations=(
                [str(self._path.parent)] if self._path.name == "__init__.py" else None))


def _inner(code: CodeType) -> Iterator[CodeType]:
    """All codes within one."""
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _inner(each)
