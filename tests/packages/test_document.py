"""docs/packages.md: its table has every package, and each row the test that it names."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from designs import packed

from windrow.cli import main
from windrow.packages.table import PACKAGES


ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "packages.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")]
        for line in TEXT.splitlines() if line.startswith("| ") and "NAME" in line]


def test_every_package_has_a_row_and_its_test() -> None:
    assert [row[0].strip("`") for row in ROWS] == ["(always)", *PACKAGES]
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    for row in ROWS:
        named = re.findall(r"`(test_\w+)`", row[3])
        assert named, row
        for test in named:
            assert f"def {test}(" in tests, test


def test_the_rows_name_the_files() -> None:
    written = packed("live").manifest["packages"]
    for name, files in [(row[0].strip("`"), row[1]) for row in ROWS[1:]]:
        assert set(re.findall(r"`([^`]+)`", files.replace("NAME", "live"))) == set(written[name])


def test_the_packages_that_need_registers_are_the_last() -> None:
    assert [each.needs_registers for each in PACKAGES.values()] == [False] * (
        len(PACKAGES) - 4) + [True] * 4


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = re.search(r"^windrow generate .*$", TEXT, re.MULTILINE)
    assert line is not None
    assert main([*shlex.split(line[0])[1:], "-q"]) == 0
    assert list(json.loads(Path("out/blur.json").read_text())["packages"]) == [*PACKAGES]
    for file in ("blur_vivado.tcl", "blur_ip/component.xml", "blur_litex.py", "blur_driver.py"):
        assert Path("out", file).is_file()
    block = re.search(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert block is not None
    assert yaml.safe_load(block[1])["generate"]["edges"]["generator"] == "windrow"
