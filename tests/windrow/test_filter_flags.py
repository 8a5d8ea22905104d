"""What flags and a file make of each other, without the work behind them."""

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from windrow import Filter, Pipeline, cli
from windrow.board_flags import board_filter, filter_name
from windrow.filter_flags import READS, filter_keys, filter_words, make_design
from windrow.model.keys import TABLE
from windrow.usage import UsageError


FRAME = {"width": 16, "height": 8}
SOBEL = {"gx": "sobel-x", "gy": "sobel-y"}


def read(line: str, file: str | None = None) -> Filter:
    args = cli.parse(["generate", *([file] if file else []), "--size", "16x8", *shlex.split(line)])
    made = Filter.from_dict(filter_keys(args, file))
    again = cli.parse(["generate", *shlex.split(filter_words(args))])
    assert Filter.from_dict(filter_keys(again, file)) == made
    return made


@pytest.mark.parametrize("line, keys", [
    ("--median 3", {"median": 3}),
    ("--median 5,3", {"median": [5, 3]}),
    ("--median 'cross:ksize=5'", {"median": "cross:ksize=5"}),
    ("--rank -1 --footprint 3", {"rank": -1, "size": 3}),
    ("--rank 2 --footprint '0 1 0; 1 1 1; 0 1 0'", {"rank": 2, "footprint": "cross:ksize=3"}),
    ("--percentile -12.5 --footprint 3,4", {"percentile": -12.5, "size": [3, 4]}),
    ("--erode 3 --iterations 2", {"erode": 5}),
    ("--dilate ellipse:ksize=5 --border symmetric",
     {"dilate": "ellipse:ksize=5", "border": "symmetric"}),
    ("--kernels gx=sobel-x --kernels gy=sobel-y", {"kernels": SOBEL}),
    ("--kernels gx=sobel-x,gy=sobel-y", {"kernels": SOBEL}),
    ("--kernels 'a=gaussian:ksize=3,sigma=1' --kernels 'b=1 2; 3 4'",
     {"kernels": {"a": "gaussian:ksize=3,sigma=1", "b": [[1, 2], [3, 4]]}}),
    ("--preset cv2.medianBlur:ksize=3", {"median": 3}),
    ("--preset 'cv2.erode:ksize=(5,3),shape=ellipse'", {"erode": "ellipse:rows=3,columns=5"}),
])
def test_verbs(line: str, keys: dict[str, Any]) -> None:
    assert read(line) == Filter(**FRAME, **keys)


@pytest.mark.parametrize("flags, stage", [
    ("--median 3 --border wrap", {"median": 3, "border": "wrap"}),
    ("--preset scipy.ndimage.median_filter:size=3,mode=wrap", {"median": 3, "border": "wrap"}),
    ("--preset cv2.erode:shape=cross,ksize=3,iterations=2",
     {"erode": "cross:ksize=3", "iterations": 2}),
    ("--stage canny=60,150", {"canny": [60, 150]}),
    ("--stage crop=1,2,4,8", {"crop": [1, 2, 4, 8]}),
    ("--stage median=5,3", {"median": [5, 3]}),
])
def test_what_only_a_stage_can_be(flags: str, stage: dict[str, Any]) -> None:
    args = cli.parse(["plan", *shlex.split(flags), "--size", "40x30"])
    made = make_design(filter_keys(args, None))
    assert made == Pipeline([stage], width=40, height=30)


@pytest.mark.parametrize("text, line, keys", [
    ('kernel = "binomial"', "--median 3", {"median": 3}),
    ('kernel = "binomial"\nshift = 4', "--median 3", {"median": 3}),
    ('kernel = [[1.5]]\nkernel_bits = 3', "--kernels gx=sobel-x,gy=sobel-y", {"kernels": SOBEL}),
    ("median = 3", "--kernel binomial", {"kernel": "binomial"}),
    ("median = 3", "--rank 0 --footprint 5", {"rank": 0, "size": 5}),
    ("rank = 4\nsize = 3", "--rank -1", {"rank": -1, "size": 3}),
    ("rank = 4\nsize = 3", "--footprint 5", {"rank": 4, "size": 5}),
    ("rank = 4\nsize = 3", "--median 5", {"median": 5}),
    ("erode = 3\niterations = 2", "--dilate 3", {"dilate": 3}),
    ('kernels = {a = "binomial"}', "--preset cv2.medianBlur:ksize=3", {"median": 3}),
    ("median = 5", "--preset cv2.blur:ksize=3", {"preset": "cv2.blur:ksize=3"}),
])
def test_a_verb_on_top_of_a_file(
    text: str, line: str, keys: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "filter.toml"
    file.write_text(text)
    assert read(line, str(file)) == Filter(**FRAME, **keys)


@pytest.mark.parametrize("line, words", [
    ("--kernels sobel-x", "kernels must be NAME=KERNEL, as gx=sobel-x, not 'sobel-x'"),
    ("--kernels a=sobel-x --kernels a=sobel-y", "kernels has the name 'a' twice"),
    ("--rank 0 --size 3", "not '3'; the window's size is --footprint"),
    ("--rank x --footprint 3", "rank must be an integer, not 'x'"),
    ("--iterations 1.5 --erode 3", "iterations must be an integer, not '1.5'"),
])
def test_refused(line: str, words: str) -> None:
    with pytest.raises(UsageError, match=re.escape(words)):
        read(line)


def test_taps_of_a_bank(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (9, 12), np.uint8)
    np.save(tmp_path / "picture.npy", picture)
    assert cli.main(["simulate", "--kernels", "gx=sobel-x,low=binomial", "--engine", "pysim",
                     str(tmp_path / "picture.npy"), "--taps", str(tmp_path / "taps")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "bit-exact: all 216 samples of 1 frame of 12x9 with 2 channels equal the golden model's")
    for name, kernel in (("gx", "sobel-x"), ("low", "binomial")):
        wanted = Filter(kernel, 12, 9).compute(picture)
        assert np.array_equal(Image.open(tmp_path / "taps" / f"{name}.png"), wanted)


def test_a_verb_takes_the_place_of_a_boards_demo() -> None:
    args = cli.parse(["build", "ecp5-evn", "--median", "3"])
    chosen, made = board_filter(args)
    assert made == Filter(median=3, width=chosen.filter["width"], height=chosen.filter["height"])
    assert filter_name(args, chosen) == "median 3"


def test_every_key_with_a_flag_is_read() -> None:
    assert {key.reads for key in TABLE if key.metavar} == {*READS}
