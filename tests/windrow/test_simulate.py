"""`windrow simulate` on the bundled photographs, with the default engine."""

import json
import re
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from windrow import sim
from windrow.cli import main
from windrow.sim import tools
from windrow.sim.engine import Design
from windrow.synth.netlist import Netlist


PICTURES = Path(__file__).resolve().parents[2] / "pictures"
COFFEE = PICTURES / "coffee.jpg"
CAMERA = PICTURES / "camera.png"


def read(path: Path) -> npt.NDArray[np.uint8]:
    """A picture as OpenCV reads it, grey or BGR."""
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return np.asarray(picture, np.uint8)


def simulated(capsys: pytest.CaptureFixture[str], argv: list[str], status: int = 0) -> list[str]:
    """The lines that a run prints."""
    assert main(["simulate", *argv]) == status
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out.splitlines()


def test_a_gaussian_is_opencvs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "x.png"
    lines = simulated(capsys, ["--preset", "cv2.GaussianBlur:ksize=5", str(COFFEE),
                               "-o", str(out)])
    assert lines[-1] == ("bit-exact: all 720000 samples of 1 frame of 600x400 with 3 channels "
                         "equal the golden model's")
    for name in ("engine", "cycles", "cycles a frame", "latency", "pixels a second", "picture"):
        assert any(line.startswith(name) for line in lines)
    wanted = cv2.GaussianBlur(read(COFFEE), (5, 5), 0)
    # Both read the JPEG by the same library, but need not: compare what was simulated.
    np.testing.assert_array_equal(read(out), wanted)


def test_sharpening_is_opencvs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.png"
    lines = simulated(capsys, ["--preset", "cv2.filter2D", "--kernel", "sharpen", str(COFFEE),
                               "-o", str(out)])
    assert lines[-1].startswith("bit-exact")
    kernel = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
    np.testing.assert_array_equal(
        read(out), cv2.filter2D(read(COFFEE), -1, kernel))


def test_frames_stalls_and_a_seed(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["--kernel", "box:ksize=3", "--frames", "3", "--stall", "0.25", str(CAMERA)]
    lines = simulated(capsys, argv)
    assert "3 frames of 512x512 equal" in lines[-1]
    seed = next(re.search(r"seed (\d+)", line) for line in lines if line.startswith("stalls"))
    assert seed is not None
    again = simulated(capsys, [*argv, "--seed", seed[1]])
    cycles = [line for line in lines if line.startswith(("cycles", "latency"))]
    assert cycles
    assert [line for line in again if line in cycles] == cycles


def test_a_filter_file_with_flags_on_top(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "edge.toml"
    file.write_text('kernel = "sobel-x"\nchannels = 1\noverflow = "abs-saturate"\n')
    out = tmp_path / "x.png"
    lines = simulated(capsys, [str(file), str(COFFEE), "--border", "constant", "-o", str(out)])
    assert "1 frame of 600x400 equal" in lines[-1], "a grey filter makes the picture grey"
    assert read(out).shape == (400, 600)


def test_back_to_back_frames_take_no_cycle_more(capsys: pytest.CaptureFixture[str]) -> None:
    lines = simulated(capsys, ["--kernel", "gaussian:ksize=5", "--frames", "2", str(CAMERA)])
    assert f"cycles a frame   {512 * 512}" in lines


def test_a_mismatch_is_shown_with_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    correct = sim.simulate

    def faulty(*args: object, **keys: object) -> sim.Result:
        result = correct(*args, **keys)  # type: ignore[arg-type]
        result.outputs[0][7, 9] += 1
        return result

    monkeypatch.setattr(sim, "simulate", faulty)
    out = tmp_path / "x.png"
    lines = simulated(capsys, ["--kernel", "identity", str(CAMERA), "-o", str(out)], status=1)
    assert re.fullmatch(
        r"not bit-exact: frame 0, row 7, column 9, channel 0: got \d+, wanted \d+", lines[-1])


@pytest.mark.parametrize("family, cell", [("ecp5", "DP16KD"), ("ice40", "SB_RAM40_4K")])
def test_the_netlist(
    family: str, cell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        tools.synthesis("yosys")
    except sim.MissingTool as missing:
        pytest.skip(str(missing))
    out = tmp_path / "x.png"
    lines = simulated(capsys, ["--preset", "cv2.Sobel:dx=1,dy=0", "--output", "u8", str(CAMERA),
                               "--netlist", family, "--stall", "0.1", "-o", str(out)])
    row = next(line for line in lines if line.startswith("netlist"))
    assert re.search(rf"{family}, by yosys \S+: .*\b\d+ {cell}\b", row)
    assert lines[-1] == (f"bit-exact on the {family} netlist: all 262144 samples of 1 frame of "
                         "512x512 equal the golden model's")
    wanted = np.clip(cv2.Sobel(read(CAMERA), cv2.CV_16S, 1, 0), 0, 255)
    np.testing.assert_array_equal(read(out), wanted)


def test_a_wrong_netlist(capsys: pytest.CaptureFixture[str],
                         monkeypatch: pytest.MonkeyPatch) -> None:
    """What synthesis gets wrong ends with the first pixel that differs, and status 1."""
    def damaged(design: Design, family: str, progress: object) -> tuple[Design, Netlist]:
        text = re.sub(r"assign m_axis_video_tdata = (.*);", r"assign m_axis_video_tdata = \1 ^ 1;",
                      design.verilog)
        assert text != design.verilog
        return replace(design, verilog=text), Netlist(text, {"LUT4": 1}, family, "0")

    monkeypatch.setattr("windrow.synth.netlist.netlist_design", damaged)
    lines = simulated(capsys, ["--kernel", "identity", str(CAMERA), "--netlist", "ecp5"], status=1)
    assert lines[-1].startswith("not bit-exact on the ecp5 netlist: frame 0, row 0, column 0, ")


@pytest.mark.parametrize("argv, message", [
    (["--netlist", "gowin"], "netlist: there is none for 'gowin': choose from ecp5, ice40"),
    (["--netlist", "ecp5", "--engine", "pysim"],
     "engine 'pysim' runs the design before it is Verilog, and no netlist nor any target but "
     "generic"),
])
def test_a_netlist_that_cannot_be_run(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "--kernel", "box:ksize=3", str(CAMERA), *argv]) == 2
    assert capsys.readouterr().err == f"windrow: error: {message}\n"


def quick(capsys: pytest.CaptureFixture[str], *argv: object, status: int = 0) -> str:
    """What a run in Amaranth's own simulator prints, or why there is none."""
    assert main(["simulate", "--engine", "pysim", *map(str, argv)]) == status
    captured = capsys.readouterr()
    return captured.err if status else captured.out


def pictures_in(folder: Path, *names: str) -> list[npt.NDArray[np.uint8]]:
    """Small random pictures, written."""
    folder.mkdir(exist_ok=True)
    made = [np.random.default_rng(seed).integers(0, 256, (5, 6), dtype=np.uint8)
            for seed, _ in enumerate(names)]
    for name, picture in zip(names, made, strict=True):
        assert cv2.imwrite(str(folder / name), picture)
    return made


def test_several_pictures_and_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    first, second, third = pictures_in(folder, "2.png", "10.png", "b.tif")
    (folder / "notes.txt").write_text("no picture")
    text = quick(capsys, "--kernel", 1, folder, "-o", out)
    assert "all 90 samples of 3 frames of 6x5 equal" in text
    assert re.search(r"^input +other files in folders, passed over: 1$", text, re.M)
    assert sorted(path.name for path in out.iterdir()) == ["10.png", "2.png", "b.png"]
    for name, wanted in (("2.png", first), ("10.png", second), ("b.png", third)):
        np.testing.assert_array_equal(read(out / name), wanted)
    stack = tmp_path / "stack.npy"
    quick(capsys, "--kernel", 1, folder / "b.tif", folder / "2.png", "--frames", 5, "-o", stack)
    np.testing.assert_array_equal(np.load(stack), np.stack([third, first]))
    text = quick(capsys, "--kernel", "2", "--output", "u16", "--channels", 1, stack,
                 "-o", tmp_path / "again.npy")
    assert "all 60 samples of 2 frames of 6x5 equal" in text
    np.testing.assert_array_equal(np.load(tmp_path / "again.npy"), 2 * np.load(stack).astype(int))


def test_results_of_several_pictures_need_room(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    pictures_in(folder, "a.png", "b.png")
    cv2.imwrite(str(folder / "b.tif"), np.zeros((5, 6), np.uint8))
    for argv, message in (
        ((folder / "a.png", folder / "b.png", "-o", "x.png"), "is one picture, and there are 2: "),
        ((folder / "b.png", folder / "b.tif", "-o", "x"), "would be written over another result"),
        ((folder / "a.png", "-o", folder), "would be written over a source: name another folder"),
        ((folder, "--frames", 2), "frames 2 is less than the 3 that the pictures hold"),
    ):
        assert message in quick(capsys, "--kernel", 1, *argv, status=2)
    cv2.imwrite(str(folder / "c.png"), np.zeros((6, 6), np.uint8))
    assert "c.png' is 6x6 and the filter's frame 6x5: " in quick(
        capsys, "--kernel", 1, folder, status=2)


@pytest.mark.parametrize("inputs, message", [
    (["edge.toml"], "picture is missing: simulate takes [FILTER] PICTURE..., not 'edge.toml' "),
    ([], "picture is missing: simulate takes [FILTER] PICTURE..., not nothing"),
    ([str(CAMERA), "edge.json"], "filter file 'edge.json' must come first, and alone: "),
    ([str(CAMERA), "--samples", "exact"], "samples must be scaled or low, not 'exact'"),
    ([str(CAMERA), "--engine", "no"], "engine 'no' is not known"),
    ([str(CAMERA), "-o", "x.ico"], "'x.ico' must end in .png, .tif, "),
    ([str(CAMERA), "-o", "-"], "out '-' is no file: name a picture, a .npy file or a folder"),
])
def test_bad_pictures(
    inputs: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "--kernel", "1", *inputs]) == 2
    assert message in capsys.readouterr().err


def test_more_memory_than_there_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sysconf", lambda name: 1000)
    assert "4 frames of 512x512 take some 0.0 GB of memory, and this machine has " in (
        quick(capsys, "--kernel", 1, CAMERA, "--frames", 4, status=2))


def test_samples_in_the_low_bits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "camera.png", tmp_path / "out.npy"
    cv2.imwrite(str(path), np.array([[0, 1, 4095]], np.uint16))
    quick(capsys, "--kernel", 1, "--pixel", "u12", "--samples", "low", path, "-o", out)
    assert np.load(out).tolist() == [[0, 1, 4095]]


def test_clipping_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "step.png"
    cv2.imwrite(str(path), np.array([[0, 255, 0, 255, 0, 0, 0, 200, 0]], np.uint8))
    assert "22.2 % of samples clipped, all below 0: --output s16 keeps them, " in " ".join(
        quick(capsys, "--kernel", "-1 0 1", path).split())
    assert "clipped" not in quick(capsys, "--kernel", "-1 0 1", "--output", "s16", path)
    out = tmp_path / "x.gif"
    found = json.loads(quick(capsys, "--kernel", "-1 0 1", path, "--json", "-o", out))
    assert (found["clipped"], found["input_notes"]) == (2, [])
    assert found["pictures"] == [{"file": str(out), "note": None}]
