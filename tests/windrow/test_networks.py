"""Networks on the command line: plan, generate, simulate, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from needed import needed

from windrow import Network, layers
from windrow.cli import main
from windrow.hdl.network.core import NetworkCore
from windrow.hdl.network.planning import plan_network
from windrow.model.network import ARITHMETICS, Convolution
from windrow.network_flags import ARITHMETICS as NAMED
from windrow.sim import ENGINES, tools


def example() -> Network:
    """A convolution, a skip connection, a pool and a fully connected layer."""
    rng = np.random.default_rng(0)

    def weight(*shape: int) -> np.ndarray:
        return rng.integers(-127, 128, shape)

    scales = {"weight_scale": 2**-7, "output_scale": 1.0}
    return Network.from_layers([
        layers.Conv2d(1, 2, 3, padding=1, weight=weight(2, 1, 3, 3), name="head", **scales),
        layers.Conv2d(2, 2, 3, padding=1, weight=weight(2, 2, 3, 3), name="main", **scales),
        layers.Add(inputs=["head", "main"], output_scale=1.9, name="join"),
        layers.MaxPool2d(2, name="half"),
        layers.Flatten(),
        layers.Linear(12, 3, weight=weight(3, 12), name="full", weight_scale=2**-7,
                      output_scale=4.0),
    ], channels=1, height=4, width=6, scale=1.0, arithmetic="tflite-xnnpack")


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "net.toml"
    path.write_text(example().to_toml())
    return str(path)


def refused(argv: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_the_names_are_those_of_the_model() -> None:
    *others, last = ARITHMETICS
    assert f"{', '.join(others)} or {last}" == NAMED


def test_the_plan_has_a_row_a_layer(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", file, "--multipliers", "5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [line for line in lines[:lines.index("")] if not line.startswith(" ")]
    assert [line.split()[0] for line in rows[1:]] == ["head", "main", "join", "half", "full"]
    assert ["*" in line for line in rows[1:]] == [True, True, False, False, False]
    (bound,) = [line for line in lines if line.startswith("bound")]
    assert bound.split()[1:7] == ["432", "cycles", "a", "frame,", "by", "head"]


def test_the_plan_as_data(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", file, "--cycles", "500", "--target", "up5k", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["device"], found["cycles_per_frame"], found["products"]) == ("up5k", 432, 4)
    entry = found["layers"][1]
    assert entry["folds"] == {"outputs": 1, "inputs": 2, "taps": 1}
    assert entry["macs"] == 864
    assert len(entry["multiplier_bits"]) == 2


def test_the_proof_of_every_channel(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", file, "--proofs", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    proved = [(each["layer"], each["of"]) for each in found["proofs"]]
    assert proved == [("head", "channel 0"), ("head", "channel 1"), ("main", "channel 0"),
                      ("main", "channel 1"), ("join", "all pairs"), ("full", "channel 0"),
                      ("full", "channel 1"), ("full", "channel 2")]
    for each in found["proofs"]:
        (bits,) = (layer["multiplier_bits"] for layer in found["layers"]
                   if layer["name"] == each["layer"])
        assert each["bits"] == each["multiplier"].bit_length() <= max(bits)
    layer = example().layer("full")
    assert isinstance(layer, Convolution)
    assert [each["sums"] for each in found["proofs"][5:]] == [list(sums) for sums in layer.sums]
    assert "--proofs is for networks" in refused(
        ["plan", "--kernel", "sobel-x", "--size", "9x9", "--proofs"], capsys)


def test_generate_writes_the_plan_into_the_manifest(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", file, "-o", str(tmp_path), "--name", "net", "--multipliers", "9"]) == 0
    manifest = json.loads((tmp_path / "net.json").read_text())
    assert manifest["design"] == example().to_dict()
    assert manifest["output"]["beats_per_pixel"] == 3
    assert manifest["cycles_per_frame"] == max(each["cycles"] for each in manifest["layers"])
    assert "tap_0_tdata" not in (tmp_path / "net.v").read_text()
    capsys.readouterr()


def test_packages_of_a_network(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", file, "-o", str(tmp_path), "--package", "vhdl,fusesoc"]) == 0
    manifest = json.loads((tmp_path / "net.json").read_text())
    assert manifest["packages"] == {"vhdl": ["net_pkg.vhd", "net_records.vhd"],
                                    "fusesoc": ["net_tb.sv", "net.core"]}
    capsys.readouterr()
    assert "package 'svd' needs registers, and a network has none" in refused(
        ["generate", file, "-o", str(tmp_path), "--package", "svd"], capsys)


@pytest.mark.parametrize(("flags", "message"), [
    (["--kernel", "sobel-x"], "kernel 'sobel-x' means nothing for a network"),
    (["--size", "6x4"], "size '6x4' means nothing for a network"),
    (["--stage", "median=3"], "stage 'median=3' means nothing for a network"),
    (["--border", "wrap"], "border 'wrap' means nothing for a network"),
    (["--multipliers", "2"], "multipliers must be at least 3, one for each layer that multiplies"),
    (["--multipliers", "many"], "multipliers must be an integer of at least 1, not 'many'"),
    (["--cycles", "5"], "cycles must be at least 72"),
    (["--arithmetic", "exact"], "arithmetic must be one of onnxruntime, "),
])
def test_what_means_nothing_is_refused(
    flags: list[str], message: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(["plan", file, *flags], capsys)


def test_a_framework_s_own_file_is_to_be_exported(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'model.pt' must be .onnx or .tflite: docs/pytorch-keras.md" in refused(
        ["plan", "model.pt"], capsys)


@pytest.mark.parametrize("flag", ["arithmetic", "multipliers", "cycles"])
def test_a_filter_has_no_budget(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = refused(["plan", "--kernel", "sobel-x", "--size", "9x9", f"--{flag}", "4"], capsys)
    assert f"{flag} '4' is for networks" in found


@pytest.mark.parametrize(("array", "message"), [
    (np.zeros((1, 4, 6, 1), np.uint8), "must be (N, 1, 4, 6); its channels are last"),
    (np.zeros((1, 1, 4, 6)), "samples must be integers of u8"),
    (np.full((1, 1, 4, 6), 256), "holds 256; samples of u8 are from 0 to 255"),
])
def test_input_that_does_not_fit(
    array: np.ndarray, message: str, file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "in.npy", array)
    assert message in refused(["simulate", file, str(tmp_path / "in.npy")], capsys)


@pytest.mark.parametrize(("flags", "message"), [
    (["--engine", "pysim"], "engine 'pysim' cannot show a network's layers: choose from verilator"),
    (["--netlist", "gowin"], "netlist: there is none for 'gowin'"),
])
def test_engines_that_show_no_layers(
    flags: list[str], message: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(["simulate", file, "in.npy", *flags], capsys)


@pytest.mark.slow
def test_the_netlist_of_a_network(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with needed():
        ENGINES["icarus"].require()
        tools.synthesis("yosys")
    np.save(tmp_path / "in.npy", np.random.default_rng(1).integers(0, 256, (4, 1, 4, 6)))
    assert main(["simulate", file, str(tmp_path / "in.npy"), "--multipliers", "9", "--netlist",
                 "ecp5", "--engine", "icarus", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["netlist"]["MULT18X18D"] == 7
    assert (found["engine"], found["cycles_per_frame"]) == ("icarus", 216)


def test_labels_are_one_a_class(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "in.npy", np.zeros((1, 1, 4, 6), np.uint8))
    (tmp_path / "names").write_text("a\nb\n")
    found = refused(["simulate", file, str(tmp_path / "in.npy"), "--labels",
                     str(tmp_path / "names")], capsys)
    assert "has 2 lines; it must have 3" in found


def test_every_layer_is_judged(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exact, at the cycles that were planned; a layer that differs is named."""
    with needed():
        tools.verilator()
        tools.cxx()
    network = example()
    frames = np.random.default_rng(1).integers(0, 256, (8, 1, 4, 6))
    np.save(tmp_path / "in.npy", frames)
    (tmp_path / "names").write_text("a\nb\nc\n")
    command = ["simulate", file, str(tmp_path / "in.npy"), "--multipliers", "9", "--jobs", "2",
               "--labels", str(tmp_path / "names"), "-o", str(tmp_path / "out.npy"), "--json"]
    assert main(command) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["bit_exact"]
    assert found["cycles_per_frame"] == found["planned_cycles_per_frame"]
    core = NetworkCore(network, plan=plan_network(network, multipliers=9))
    assert found["latency_cycles"] == core.latency
    wanted = network.compute(frames)
    assert np.array_equal(np.load(tmp_path / "out.npy"), wanted)
    best = [answer[0] for answer in found["classes"]]
    assert [each["class"] for each in best] == wanted[:, :, 0, 0].argmax(1).tolist()
    assert [each["label"] for each in best] == ["abc"[each["class"]] for each in best]

    taps = type(network).taps
    monkeypatch.setattr(
        "windrow.model.network.Network.taps",
        lambda self, given: {name: tap + (name == "join")
                             for name, tap in taps(self, given).items()})
    assert main(command[:-1]) == 1
    assert "layer 'join' is the first that differs: frame 0, row 0" in capsys.readouterr().out
