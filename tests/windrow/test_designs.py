"""The ready designs: listed, shown, and each runs on a photograph's crop."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from windrow import Pipeline
from windrow.cli import main
from windrow.model.files import read_keys
from windrow.ready import ready_designs, ready_file


COLOUR = np.asarray(cv2.imread(str(Path(__file__).resolve().parents[2] / "pictures/coffee.jpg")))


def test_they_are_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["designs", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["designs"]
    assert [each["name"] for each in listed] == list(ready_designs())
    assert len(listed) >= 12
    assert main(["designs", "edges"]) == 0
    path = ready_file("edges")
    assert path is not None
    assert capsys.readouterr().out == path.read_text()
    assert main(["designs", "edgse"]) == 2
    assert capsys.readouterr().err == (
        "windrow: error: design 'edgse' is not known: did you mean 'edges'?\n")


@pytest.mark.parametrize("name", ready_designs())
def test_each_makes_something_of_a_photograph(name: str) -> None:
    path = ready_file(f"{name}.toml")
    assert path is not None
    keys = read_keys(path)
    image = COLOUR[::6, ::6]
    if keys.get("channels", 3) == 1:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    design = Pipeline.from_dict({"channels": 3, **keys, "width": 100, "height": 67})
    made = design.compute(image)
    assert made.shape[:2] == (67, 100)
    assert len(np.unique(made)) > 1, "not one colour"
    assert Pipeline.from_dict(design.to_dict()) == design


@pytest.mark.slow
@pytest.mark.parametrize("name", ready_designs())
def test_each_is_bit_exact_in_hardware(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("in.png", COLOUR[100:180, 200:301])
    assert main(["simulate", f"{name}.toml", "in.png", "--frames", "3", "--stall", "0.2",
                 "--seed", "4"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("bit-exact")


def test_a_name_stands_for_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    note = ("windrow: sharpen.toml is the ready design of that name: see `windrow designs "
            "sharpen`\n")
    assert main(["generate", "sharpen.toml", "--size", "20x0", "-o", "out"]) == 2
    assert capsys.readouterr().err == (
        f"{note}windrow: error: height must be an integer from 1 to 16384, not 0\n")
    Path("sharpen.toml").write_text("kernel = 'sharpen'")
    assert main(["generate", "sharpen.toml", "--size", "20x10", "-o", "out"]) == 0
    assert capsys.readouterr().err == ""
