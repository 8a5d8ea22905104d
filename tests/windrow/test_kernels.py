"""Real-valued kernels on the command line: quantised, and the worst error said."""

import json
from pathlib import Path

import numpy as np
import pytest

from windrow.cli import main
from windrow.model.kernels import catalogue


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(list(argv)) == 0
    return capsys.readouterr().out


def test_generate_says_the_worst_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "mean.npy", np.full((1, 3), 1 / 3))
    argv = ["generate", "--kernel", str(tmp_path / "mean.npy"), "--size", "16x8",
            "-o", str(tmp_path), "--name", "k"]
    said = printed(capsys, *argv, "--kernel-bits", "8")
    error = 86 / 256 - 1 / 3
    assert f"quantised to 8 fraction bits, worst error {error:.2g} a tap" in " ".join(said.split())
    assert "an output sample" in said
    kept = json.loads((tmp_path / "k.json").read_text())["filter"]
    assert (kept["kernel"], kept["shift"]) == ([[85, 86, 85]], 8)
    found = json.loads(printed(capsys, *argv, "--json"))["kernel_error"]
    assert found["bits"] == 13
    assert found["worst_error"] == pytest.approx(2**-13 * 2 / 3)
    assert found["worst_output_error"] == pytest.approx(255 * 2**-13 * 4 / 3)


def test_plan_says_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(capsys, "plan", "--kernel", "1/4 1/2 1/4", "--size", "16x8")
    assert "quantised to 12 fraction bits, exactly" in " ".join(said.split())
    assert "quantised" not in printed(capsys, "plan", "--kernel", "1 2 1", "--size", "16x8")


def test_simulate_says_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(tmp_path / "p.png")
    said = printed(capsys, "simulate", "--kernel", "0.3 0.7", "--engine", "pysim",
                   str(tmp_path / "p.png"))
    assert "quantised to 12 fraction bits, worst error 4.9e-05 a tap" in " ".join(said.split())
    assert "bit-exact" in said


def test_kernels_shows_what_a_filter_holds(capsys: pytest.CaptureFixture[str]) -> None:
    said = printed(capsys, "kernels", "1/9 1/9 1/9", "--kernel-bits", "8")
    assert "worst error 0.0022 a tap" in " ".join(said.split())
    assert said.endswith("28 29 28\n")
    found = json.loads(printed(capsys, "kernels", "[1 2 1]/4", "--json"))
    assert found == {"kernel": [[1, 2, 1]], "sum": 4, "shift": 2, "worst_error": 0.0}


def test_a_named_kernel_is_made_once(capsys: pytest.CaptureFixture[str]) -> None:
    catalogue.kernel.cache_clear()
    assert main(["kernels", "gaussian:ksize=5,sigma=1.25"]) == 0
    assert main(["generate", "--kernel", "gaussian:ksize=5,sigma=1.25", "--size", "9x9",
                 "-o", "-"]) == 0
    assert "endmodule" in capsys.readouterr().out
    assert catalogue.kernel.cache_info().misses == 1


def test_a_filter_file_holds_reals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "3x3.toml"
    file.write_text("kernel = [[0.25, 0.5, 0.25], [1.0, 2.0, 1.0]]\nkernel_bits = 4\n"
                    "width = 9\nheight = 9\n")
    printed(capsys, "generate", str(file), "-o", str(tmp_path))
    kept = json.loads((tmp_path / "_3x3.json").read_text())["filter"]
    assert (kept["kernel"], kept["shift"]) == ([[1, 2, 1], [4, 8, 4]], 2)
