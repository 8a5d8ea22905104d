# amaranth: UnusedElaboratable=no

"""`windrow generate` and `from windrow import Filter`: what a user's build scripts hold on to."""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import windrow
from windrow.cli import main
from windrow.distribution import version
from windrow.generate_command import default_name
from windrow.hdl.ports.fusesoc import fusesoc_core


SOBEL = ["--kernel", "sobel-x", "--output", "s16", "--size", "64x48", "--border", "reflect101"]

TOML = """
kernel = "sobel-x"
width = 64
height = 48
output = "s16"
border = "reflect101"
"""


def generated(folder: Path, argv: list[str], name: str = "NAME") -> dict[str, str]:
    """The files that a command writes, by name."""
    assert main(["generate", *argv, "-o", str(folder), "--name", name]) == 0
    return {path.name: path.read_text() for path in folder.iterdir()}


def manifest(folder: Path, argv: list[str]) -> dict[str, Any]:
    return json.loads(generated(folder, argv)["NAME.json"])


def test_the_files_and_what_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = generated(tmp_path / "new" / "folder", SOBEL)
    assert sorted(files) == ["NAME.core", "NAME.json", "NAME.v"]
    out = capsys.readouterr().out
    for name in files:
        assert name in out
    assert f"{json.loads(files['NAME.json'])['latency_cycles']} cycles" in out


def test_the_manifest(tmp_path: Path) -> None:
    found = manifest(tmp_path, SOBEL)
    latency = found.pop("latency_cycles")
    assert 64 < latency < 3 * 64
    tools, files = found.pop("tools"), found.pop("files")
    assert set(tools) == {"amaranth", "yosys"}
    assert files == {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
                     for name in ("NAME.v", "NAME.core")}
    assert found == {
        "initial_values": True, "schema": "windrow-manifest-1", "generator": f"windrow {version()}",
        "name": "NAME", "top": "NAME", "verilog": "NAME.v", "clock": "aclk", "reset": "aresetn",
        "target": "generic", "strategy": "separable",
        "filter": {
            "kernel": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "width": 64, "height": 48,
            "pixel": "u8", "channels": 1, "operation": "correlate", "anchor": [1, 1],
            "padding": "same", "border": "reflect101", "border_value": 0, "shift": 0, "offset": 0,
            "rounding": "half-up", "overflow": "saturate", "output": "s16", "pixels_per_clock": 1,
            "clocks_per_pixel": 1, "control": "none", "coefficients": "constant",
            "coefficient_bits": 8, "max_width": 64, "max_height": 48, "input_fifo": 0,
        },
        "input": {"interface": "s_axis_video", "width": 64, "height": 48, "pixel": "u8",
                  "channels": 1, "pixels_per_clock": 1, "tdata_bits": 8, "tkeep_bits": 0},
        "output": {"interface": "m_axis_video", "width": 64, "height": 48, "pixel": "s16",
                   "channels": 1, "pixels_per_clock": 1, "tdata_bits": 16, "tkeep_bits": 0},
        "cycles_per_frame": 64 * 48,
    }


def test_the_manifest_of_wide_partial_beats(tmp_path: Path) -> None:
    found = manifest(tmp_path, ["--kernel", "box:ksize=3", "--size", "30x20", "--channels", "3",
                                "--pixel", "u10", "--pixels-per-clock", "4", "--padding", "valid"])
    # 4 pixels of 3 samples of 10 bits are 15 bytes; 30 and 28 pixels are 7.5 and 7 beats.
    assert found["input"] | {"tdata_bits": 120, "tkeep_bits": 15} == found["input"]
    assert found["output"] | {"width": 28, "height": 18, "tdata_bits": 120, "tkeep_bits": 0} \
        == found["output"]
    assert found["cycles_per_frame"] == 8 * 20


def test_the_verilog_has_the_ports_of_ug934(tmp_path: Path) -> None:
    text = generated(tmp_path, SOBEL)["NAME.v"]
    header = next(line for line in text.splitlines() if line.startswith("module NAME"))
    ports = [f"{side}_axis_video_{signal}" for side in "sm"
             for signal in ("tdata", "tvalid", "tready", "tuser", "tlast")]
    assert set(header.partition("(")[2].strip(");").replace(",", " ").split()) == {
        "aclk", "aresetn", *ports}


def test_the_fusesoc_core_file(tmp_path: Path) -> None:
    text = generated(tmp_path, SOBEL)["NAME.core"]
    first, rest = text.split("\n", 1)
    assert first == "CAPI=2:"
    core = yaml.safe_load(rest)
    vendor, library, name, version = core["name"].split(":")
    assert (vendor, library, name) == ("windrow", "filter", "NAME")
    assert version
    target = core["targets"]["default"]
    assert target["toplevel"] == "NAME"
    for fileset in target["filesets"]:
        assert core["filesets"][fileset] == {"files": ["NAME.v"], "file_type": "verilogSource"}


def test_a_part_of_a_family_has_its_core_file_too() -> None:
    """`windrow synth --target hx8k` asks for it."""
    text = fusesoc_core("NAME", title="", family="hx8k")
    core = yaml.safe_load(text.partition("\n")[2])
    assert core["targets"]["synth"]["flow_options"]["arch"] == "ice40"


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    assert generated(tmp_path / "a", SOBEL) == generated(tmp_path / "b", SOBEL)


def test_flags_files_and_a_file_with_flags_on_top_agree(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text(TOML)
    (tmp_path / "other.toml").write_text(TOML.replace("s16", "s12").replace("64", "99"))
    by_flags = generated(tmp_path / "flags", SOBEL)
    assert generated(tmp_path / "file", [str(tmp_path / "f.toml")]) == by_flags
    assert generated(tmp_path / "both", [str(tmp_path / "other.toml"), "--output", "s16",
                                         "--width", "64"]) == by_flags
    found = json.loads(by_flags["NAME.json"])["filter"]
    (tmp_path / "full.json").write_text(json.dumps(found))
    assert generated(tmp_path / "json", [str(tmp_path / "full.json")]) == by_flags


def test_a_named_kernel_on_top_of_a_file_brings_its_shift(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text(TOML + "shift = 3\n")
    file = str(tmp_path / "f.toml")
    assert manifest(tmp_path / "a", [file])["filter"]["shift"] == 3
    assert manifest(tmp_path / "b", [file, "--kernel", "binomial"])["filter"]["shift"] == 4
    assert manifest(tmp_path / "c", [file, "--kernel", "1 2 1"])["filter"]["shift"] == 3
    both = manifest(tmp_path / "d", [file, "--kernel", "binomial", "--shift", "1"])
    assert both["filter"]["shift"] == 1


@pytest.mark.parametrize("name, text", [
    ("k.json", "[[1, 2], [3, -4]]"), ("k.csv", "1, 2\n3, -4\n"), ("k.npy", ""),
])
def test_a_kernel_from_a_file(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name.endswith("npy"):
        np.save(path, np.array([[1, 2], [3, -4]]))
    else:
        path.write_text(text)
    found = manifest(tmp_path / "out", ["--kernel", str(path), "--size", "9x9"])
    assert found["filter"]["kernel"] == [[1, 2], [3, -4]]


@pytest.mark.parametrize("argv, expected", [
    (["--kernel", "-1 0 1; -2 0 2; -1 0 1"], {"kernel": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]}),
    (["--anchor", "0,2"], {"anchor": [0, 2]}),
    (["--padding", "2,0,1,1"], {"padding": [2, 0, 1, 1]}),
    (["--padding", "full"], {"padding": "full"}),
    (["--border", "top=constant,left=symmetric"],
     {"border": {"top": "constant", "bottom": "replicate", "left": "symmetric",
                 "right": "replicate"}}),
    (["--pixel", "s8", "--border-value", "-128", "--border", "constant"], {"border_value": -128}),
    (["--offset", "-3"], {"offset": -3}),
    (["--operation", "convolve", "--rounding", "half-even", "--overflow", "abs-saturate"],
     {"operation": "convolve", "rounding": "half-even", "overflow": "abs-saturate"}),
    (["--preset", "cv2.filter2D"], {"rounding": "half-even", "border": "reflect101"}),
    (["--preset", "cv2.filter2D", "--border", "symmetric"], {"border": "symmetric"}),
])
def test_flags_mean_what_the_keys_mean(
    argv: list[str], expected: dict[str, Any], tmp_path: Path
) -> None:
    found = manifest(tmp_path, ["--kernel", "1 2 1; 2 4 2; 1 2 1", "--size", "9x8", *argv])
    assert found["filter"] | expected == found["filter"]


def test_the_name_comes_from_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("edge-x.toml").write_text(TOML)
    assert main(["generate", "edge-x.toml"]) == 0
    assert main(["generate", *SOBEL]) == 0
    assert sorted(path.name for path in tmp_path.glob("*.v")) == ["edge_x.v", "windrow_filter.v"]


def test_a_failed_run_leaves_the_old_files(tmp_path: Path) -> None:
    before = generated(tmp_path, SOBEL)
    assert main(["generate", *SOBEL, "--border", "reflect", "-o", str(tmp_path),
                 "--name", "NAME"]) == 2
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("extra, words", [
    (["--target", "up5k"], "target 'up5k' is a device; generate takes its family, ice40"),
    (["--target", "ice4"], "target 'ice4' is not known: did you mean 'ice40'?"),
    (["--strategy", "separabel"], "strategy 'separabel' is not known: did you mean 'separable'?"),
    (["--strategy", "symmetric"], "strategy 'symmetric' does not apply to this filter; it needs a "
     "constant kernel with coefficients that are equal but for sign and power of two, and are no "
     "powers of two themselves"),
])
def test_a_failed_run_leaves_no_folder(
    extra: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", *SOBEL, *extra, "-o", str(tmp_path / "new" / "deep")]) == 2
    assert capsys.readouterr().err == f"windrow: error: {words}\n"
    assert not (tmp_path / "new").exists()


def test_the_folder_is_tried_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(*_: object, **__: object) -> None:
        raise AssertionError("too early")

    monkeypatch.setattr(windrow.hdl, "build", build)
    (tmp_path / "file").write_text("in the way")
    assert main(["generate", *SOBEL, "-o", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err == f"windrow: error: {tmp_path / 'file'}: File exists\n"


def test_a_folder_that_takes_no_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(**keys: Path) -> None:
        raise PermissionError(13, "Permission denied", str(keys["dir"] / "tmpk3x9"))

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    assert main(["generate", *SOBEL, "-o", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"windrow: error: {tmp_path}: Permission denied\n"


def test_the_python_filter_computes_and_creates() -> None:
    sobel = windrow.Filter(kernel="sobel-x", width=5, height=4, output="s16")
    ramp = np.tile(np.arange(5, dtype=np.uint8), (4, 1))
    assert sobel.compute(ramp).tolist() == [[4, 8, 8, 8, 4]] * 4
    core = sobel.create()
    assert {"i", "o"} <= set(core.signature.members)
    assert type(sobel.replace(width=6)) is windrow.Filter
    assert windrow.__version__
    with pytest.raises(AttributeError, match="no attribute 'Fitler'"):
        windrow.Fitler  # noqa: B018


def test_a_preset_on_top_of_a_file_sets_what_the_function_implies(tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    file.write_text(json.dumps({"kernel": "sobel-x", "width": 9, "height": 6, "border": "constant",
                                "shift": 1, "pixels_per_clock": 2}))
    blur = manifest(tmp_path / "blur", [str(file), "--preset", "cv2.GaussianBlur:ksize=3"])
    wanted = windrow.Filter(preset="cv2.GaussianBlur:ksize=3", width=9, height=6,
                            pixels_per_clock=2)
    assert windrow.Filter.from_dict(blur["filter"]) == wanted

    own = manifest(tmp_path / "own", [str(file), "--preset", "cv2.filter2D", "--offset", "3"])
    wanted = windrow.Filter(preset="cv2.filter2D", kernel="sobel-x", shift=1, offset=3, width=9,
                            height=6, pixels_per_clock=2)
    assert windrow.Filter.from_dict(own["filter"]) == wanted


def test_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "f.toml"
    file.write_text(TOML, encoding="utf-8-sig")
    kernel = tmp_path / "k.csv"
    kernel.write_text("1,2,1\n", encoding="utf-8-sig")
    found = manifest(tmp_path / "out", [str(file), "--kernel", str(kernel)])
    assert found["filter"]["kernel"] == [[1, 2, 1]]


def test_no_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    assert "NAME.v" in generated(tmp_path / "out", SOBEL)


def test_registers_bring_a_driver_and_their_map(tmp_path: Path) -> None:
    files = generated(tmp_path, [*SOBEL, "--control", "axi4-lite", "--coefficients", "runtime"])
    assert sorted(files) == ["NAME.core", "NAME.h", "NAME.json", "NAME.v", "NAME_registers.json",
                             "NAME_registers.md"]
    assert json.loads(files["NAME.json"])["control"] == {
        "interface": "s_axi_ctrl", "protocol": "axi4-lite", "address_bits": 12, "data_bits": 32,
        "interrupt": "interrupt", "registers": "NAME_registers.json"}
    assert json.loads(files["NAME_registers.json"])["name"] == "NAME"
    header = files["NAME.v"].partition("\nmodule NAME(")[2].partition(");")[0]
    ports = {port.strip() for port in header.split(",")}
    channels = {"aw": "addr prot valid ready", "w": "data strb valid ready",
                "b": "resp valid ready", "ar": "addr prot valid ready",
                "r": "data resp valid ready"}
    assert {port for port in ports if not port.startswith(("a", "s_axis", "m_axis"))} == {
        "interrupt", *(f"s_axi_ctrl_{channel}{signal}" for channel, signals in channels.items()
                       for signal in signals.split())}
    core = yaml.safe_load(files["NAME.core"].split("\n", 1)[1])
    assert core["targets"]["default"]["filesets"] == ["rtl", "software"]
    assert core["filesets"]["software"] == {
        "files": ["NAME_registers.json", "NAME_registers.md", "NAME.h"], "file_type": "user"}


@pytest.mark.parametrize("argv, words", [
    (["--offset", "4294967296"], "offset 4294967296 does not fit a register; with control "
     "'axi4-lite' it must be from -2147483648 to 2147483647"),
    (["--kernel", "2147483648"], "kernel has the entry 2147483648 and needs coefficients of "
     "33 bits; with control 'axi4-lite' at most 32 fit a register"),
])
def test_filters_that_do_not_fit_their_registers(
    argv: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", *SOBEL, "--control", "axi4-lite", *argv, "-o", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"windrow: error: {words}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file, name", [
    (None, "windrow_filter"), ("-", "windrow_filter"), ("edges.toml", "edges"),
    ("3x3.toml", "_3x3"),
    ("näme.toml", "name"), ("my filter (2).json", "my_filter__2_"),
    ("module.toml", "module_filter"),
    ("フィルタ.toml", "windrow_filter"), ("f" * 240 + ".toml", "f" * 100),
])
def test_a_file_names_its_module(file: str | None, name: str) -> None:
    assert default_name(file) == name
