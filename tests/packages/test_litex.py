# pyright: reportMissingImports=false

"""A generated core in a LiteX SoC: built by LiteX, simulated in Verilator, as LiteX does."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from designs import DESIGNS, packed
from programs import ran, verilator

from windrow.model import Filter


HERE = Path(__file__).parent
KERNEL = [[-1, 0, 1], [-2, 3, 2], [-1, 0, 1]]


@pytest.mark.slow
def test_a_soc_filters_a_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("litex", exc_type=ImportError)
    path = f"{verilator()}:{Path(sys.executable).parent}"
    packed("live").write(tmp_path)
    monkeypatch.chdir(tmp_path)
    frame = np.random.default_rng(1).integers(0, 256, (16, 24))
    Path("frame.hex").write_text("\n".join(f"{each:x}" for each in frame.flat))
    Path("kernel.hex").write_text("\n".join(f"{each & 0xFFFFFFFF:x}" for each in np.ravel(KERNEL)))
    ran(sys.executable, str(HERE / "litex_soc.py"))
    # LiteX puts the reset values and the memories of its own parts beside its Verilog.
    for file in Path("build/gateware").glob("*.init"):
        shutil.copy(file, ".")
    ran("verilator", "--binary", "--timing", "-CFLAGS", "-std=c++20", "-MAKEFLAGS",
        "OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0", "-Wno-fatal", "-Wno-lint", "--output-split",
        "0", "--top", "bench", str(HERE / "litex_bench.sv"), "build/gateware/soc.v", "live.v",
        path=path)
    assert "frames 1" in ran("./obj_dir/Vbench")
    beats = np.array([[int(word) for word in line.split()]
                      for line in Path("out.txt").read_text().splitlines()])
    live = DESIGNS["live"]
    assert isinstance(live, Filter)
    wanted = live.replace(kernel=KERNEL).compute(frame)
    assert np.array_equal(beats[:, 0].reshape(16, 24), wanted)
    assert beats[:, 1].tolist() == [1] + [0] * 383
    assert beats[:, 2].reshape(16, 24).tolist() == [[0] * 23 + [1]] * 16


@pytest.mark.parametrize("name", DESIGNS)
def test_the_module_can_be_made(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LiteX finds each port of the Verilog in the module's instance."""
    pytest.importorskip("litex", exc_type=ImportError)
    from migen.fhdl.specials import Instance

    packed(name).write(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    added: list[str] = []

    class Platform:
        add_source = staticmethod(added.append)

    module = __import__(f"{name}_litex")
    made = getattr(module, name.capitalize())(Platform())
    (instance,) = (each for each in made.get_fragment().specials if isinstance(each, Instance))
    assert {item.name for item in instance.items} == {port.name for port in packed(name).ports}
    assert [Path(each).name for each in added] == [f"{name}.v"]
