"""The tools of synthesis for an iCE40, replaced by ones that take no time: see ``fake_tool.py``."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from windrow.sim.cache import home


__all__ = ["FakeTools"]


class FakeTools:
    """The tools in a folder, chosen by the environment as long as the test runs."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        text = Path(__file__).with_name("fake_tool.py").read_text()
        for name in ("yosys", "nextpnr-ice40"):
            path = folder / name
            path.write_text(f"#!{sys.executable} -SE\n{text}")
            path.chmod(0o755)
            monkeypatch.setenv(name.upper().replace("-", "_"), str(path))
        # A cache in which nothing is kept of earlier runs; but the yosys that writes Verilog is the
        # real one, and takes a minute to compile.
        compiled, cache = home() / "YoWASP", folder / "cache"
        compiled.mkdir(exist_ok=True)
        cache.mkdir()
        (cache / "YoWASP").symlink_to(compiled)
        monkeypatch.setenv("XDG_CACHE_HOME", str(cache))

    def mark(self, name: str, how: str) -> None:
        """Have a run kill its worker, ``once`` or ``always``, or have it ``fail``."""
        (self.folder / name).write_text(how)

    def count(self, event: str) -> Counter[str]:
        """How often each run has begun, ended, or killed its worker."""
        log = self.folder / "log"
        lines = log.read_text().splitlines() if log.exists() else []
        return Counter(line.partition(" ")[2] for line in lines if line.startswith(f"{event} "))
