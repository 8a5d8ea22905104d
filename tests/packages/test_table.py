"""The table of packages: what `--package` takes and refuses."""

from pathlib import Path

import pytest

from windrow.cli import main
from windrow.hdl import build
from windrow.model import Filter, InputError
from windrow.packages.table import PACKAGES, add_packages, applicable, chosen


SMALL = ["generate", "--kernel", "box:ksize=3", "--size", "9x9", "-q"]


@pytest.mark.parametrize(("text", "names"), [
    ("all", ["all"]), ("vhdl,all", ["all"]), ("vhdl, litex,vhdl", ["vhdl", "litex"])])
def test_names(text: str, names: list[str]) -> None:
    assert chosen(text) == names


@pytest.mark.parametrize("text", ["vhld", "", "vhdl,,litex", "all,foo"])
def test_a_wrong_name_is_refused_with_the_list(text: str) -> None:
    with pytest.raises(InputError, match=r"is not known: choose from all, vivado, .*, pynq$"):
        chosen(text)


def test_nothing_is_written_where_a_package_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new"
    for words, rule in ((["--package", "svd"], "package 'svd' needs registers: give --control"),
                        (["--package", "vhdl", "--name", "signal"], "can be no name in VHDL"),
                        (["--package", "foo"], "'foo' is not known")):
        assert main([*SMALL, *words, "-o", str(folder)]) == 2
        said = capsys.readouterr().err
        assert (rule in said, said.count("\n")) == (True, 1), said
        assert not folder.exists()
    assert main([*SMALL, "--package", "vhdl", "-o", "-"]) == 2


def test_all_are_those_that_the_core_can_have() -> None:
    plain = build(Filter(kernel=[[1, 2, 1]], width=9, height=4), "plain")
    assert applicable(plain) == [each.name for each in PACKAGES.values()
                                 if not each.needs_registers]
    assert list(add_packages(plain, ["all"]).manifest["packages"]) == applicable(plain)
