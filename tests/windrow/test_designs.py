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
    image = COLOUR[60:108, 200:264]
    if keys.get("channels", 3) == 1:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    design = Pipeline.from_dict({"channels": 3, **keys, "width": 64, "height": 48})
    made = design.compute(image)
    assert made.shape[:2] == (48, 64)
    assert len(np.unique(made)) > 1, "not one colour"
    assert Pipeline.from_dict(design.to_dict()) == design


def test_a_name_stands_for_the_file_and_taps_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("in.npy", COLOUR[100:112, 200:217])
    assert main(["simulate", "cartoon.toml", "in.npy", "--taps", "taps", "--engine", "pysim"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ("windrow: cartoon.toml is the ready design of that name: see `windrow "
                            "designs cartoon`\n")
    assert "all 612 samples of 1 frame of 17x12 with 3 channels equal" in captured.out
    design = Pipeline.from_dict({**read_keys(Path(str(ready_file("cartoon")))), "width": 17,
                                 "height": 12})
    taps = design.compute_taps(np.load("in.npy"))
    for name in ("flat", "colours", "grey", "cartoon"):
        got = cv2.imread(f"taps/{name}.png", cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(got[..., ::-1] if got.ndim == 3 else got, taps[name])
    assert sorted(path.stem for path in Path("taps").iterdir()) == sorted({*taps} - {"input"})
    assert main(["simulate", "--kernel", "sobel-x", "in.npy", "--taps", "taps"]) == 2
    assert capsys.readouterr().err.startswith("windrow: error: taps 'taps': a filter has none")
