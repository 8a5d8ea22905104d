"""The generated Python drivers: on the simulated core, and on a file in the registers' place."""

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from designs import packed

from windrow.sim import cocotb_runner


@pytest.mark.parametrize("name", ["live", pytest.param("steps", marks=pytest.mark.slow)])
def test_the_drivers_change_a_running_core(name: str, tmp_path: Path) -> None:
    if importlib.util.find_spec("cocotbext") is None or shutil.which("iverilog") is None:
        pytest.skip("cocotb, cocotbext-axi or iverilog is missing")
    built = packed(name)
    built.write(tmp_path)
    made = cocotb_runner.build("icarus", built.verilog, name)
    said = cocotb_runner.run(
        "icarus", made, name, "driver_bench", tmp_path, path=Path(__file__).parent,
        env={"WINDROW_FOLDER": str(tmp_path), "WINDROW_DESIGN": name})
    assert "PASS=1 FAIL=0" in said, said


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The driver, imported, with a file ``port`` that holds the registers as after a reset."""
    packed("live").write(tmp_path)
    monkeypatch.chdir(tmp_path)
    words = np.zeros(1024, np.uint32)
    for register in json.loads(Path("live_registers.json").read_text())["registers"]:
        at = register["offset"] // 4
        words[at:at + register["count"]] = np.array(register["reset"]) & 0xFFFFFFFF
    words.tofile("port")
    spec = importlib.util.spec_from_file_location("live_driver", "live_driver.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "live_driver", module)
    spec.loader.exec_module(module)
    return module


def test_the_driver_on_a_mapped_file(driver: ModuleType) -> None:
    with driver.Live("port") as core:
        core.load_kernel(-np.arange(9).reshape(3, 3))
        core.set_size(20, 10)
        core.commit()
        assert core.kernel().tolist() == [[0, -1, -2], [-3, -4, -5], [-6, -7, -8]]
        core.wait_taken()
    words = np.fromfile("port", np.uint32)
    assert words[0x24 // 4] == 10 << 16 | 20
    assert words[0x204 // 4] == 0xFFFFFFFF
    assert words[0x40 // 4] == 1


def test_a_core_that_is_another_one(driver: ModuleType) -> None:
    words = np.fromfile("port", np.uint32)
    words[0x10 // 4] += 1
    words.tofile("port")
    descriptors = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0
    with pytest.raises(OSError, match=r"this is not live: MAX_SIZE.max_width is 25, not 24"):
        driver.Live("port")
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) == descriptors


def test_a_commit_that_no_frame_takes(driver: ModuleType) -> None:
    words = np.fromfile("port", np.uint32)
    words[0x44 // 4] = 1
    words.tofile("port")
    with driver.Live("port") as core, pytest.raises(TimeoutError, match="no frame has taken"):
        core.wait_taken(0.01)
