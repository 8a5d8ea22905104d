import dataclasses
import json
import pickle
import re
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from strategies import filters

from windrow.model import Filter, InputError, Sample, Sides
from windrow.model.keys import KEYS, PASSING_KEYS


BINOMIAL = [[1, 2, 1], [2, 4, 2], [1, 2, 1]]


def make(**keys: Any) -> Filter:
    return Filter(**{"kernel": BINOMIAL, "width": 8, "height": 6} | keys)


def test_defaults() -> None:
    assert make().to_dict() == {
        "kernel": BINOMIAL,
        "width": 8,
        "height": 6,
        "pixel": "u8",
        "channels": 1,
        "operation": "correlate",
        "anchor": [1, 1],
        "padding": "same",
        "border": "replicate",
        "border_value": 0,
        "shift": 0,
        "offset": 0,
        "rounding": "half-up",
        "overflow": "saturate",
        "output": "u8",
        "pixels_per_clock": 1,
        "clocks_per_pixel": 1,
        "control": "none",
        "coefficients": "constant",
        "coefficient_bits": 8,
        "max_width": 8,
        "max_height": 6,
        "input_fifo": 0,
    }
    assert list(make().to_dict()) == [
        key for key in KEYS if key not in ("kernels", "rank", "footprint")]
    assert make(pixel="s12").output == Sample(True, 12)
    assert make(kernel=[[1, 2, 3, 4]]).anchor == (0, 2)


def test_catalogue_kernel() -> None:
    assert make(kernel="binomial").shift == 4
    assert make(kernel="binomial", shift=2).shift == 2
    assert make(kernel="binomial").kernel == tuple(map(tuple, BINOMIAL))
    assert make().replace(kernel="binomial").shift == 4
    for filter in (make(), Filter(median=3, width=16, height=8)):
        assert dataclasses.replace(filter, border="symmetric") == filter.replace(border="symmetric")
    assert make().replace(kernel="binomial", shift=1).shift == 1
    assert make(kernel="binomial").replace(kernel=[[1]], anchor=[0, 0]).shift == 4


@pytest.mark.parametrize(
    "keys, pads, size",
    [
        ({}, (1, 1, 1, 1), (6, 8)),
        ({"padding": "valid"}, (0, 0, 0, 0), (4, 6)),
        ({"padding": "full"}, (2, 2, 2, 2), (8, 10)),
        ({"padding": [2, 1, 0, 2]}, (2, 1, 0, 2), (7, 8)),
        ({"anchor": [0, 2]}, (0, 2, 2, 0), (6, 8)),
        ({"kernel": [[1, 2], [3, 4]]}, (1, 0, 1, 0), (6, 8)),
        ({"kernel": [[1, 2, 3, 4]], "padding": "full"}, (0, 0, 3, 3), (6, 11)),
    ],
)
def test_extent(keys: dict[str, Any], pads: tuple, size: tuple) -> None:
    spec = make(**keys)
    assert spec.pads == Sides(*pads)
    assert (spec.output_height, spec.output_width) == size
    assert spec.compute(np.zeros((6, 8), np.uint8)).shape == size


def test_taps() -> None:
    kernel = [[1, 2, 3], [4, 5, 6]]
    assert make(kernel=kernel).taps.tolist() == kernel
    flipped = make(kernel=kernel, operation="convolve").taps
    assert flipped.tolist() == [[6, 5, 4], [3, 2, 1]]
    assert flipped.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        flipped[0, 0] = 1


def test_borders() -> None:
    mixed = {"top": "constant", "bottom": "symmetric", "left": "reflect101", "right": "replicate"}
    assert make(border=mixed).borders == tuple(mixed.values())
    assert make(border=mixed).to_dict()["border"] == mixed
    assert make(border=Sides(**mixed)) == make(border=mixed)
    assert make(border={"top": "constant"}).borders == Sides("constant", *["replicate"] * 3)
    assert make(border=dict.fromkeys(mixed, "symmetric")).border == "symmetric"


@pytest.mark.parametrize(
    "pixel, kernel, wanted",
    [
        ("u8", [[1, -2]], (-510, 255)),
        ("s8", [[1, -2]], (-128 - 254, 127 + 256)),
        ("u1", [[0, 0]], (0, 0)),
        ("s2", [[3]], (-6, 3)),
    ],
)
def test_sum_range(pixel: str, kernel: object, wanted: tuple) -> None:
    assert make(pixel=pixel, kernel=kernel).sum_range == wanted


@given(spec=filters())
def test_round_trips(spec: Filter) -> None:
    assert Filter.from_dict(spec.to_dict()) == spec
    assert Filter.from_dict(tomllib.loads(spec.to_toml())) == spec
    assert Filter.from_dict(json.loads(spec.to_json())) == spec
    assert tomllib.loads(spec.to_toml()) == json.loads(spec.to_json()) == spec.to_dict()
    assert spec.replace() == spec
    assert hash(spec.replace()) == hash(spec)
    assert pickle.loads(pickle.dumps(spec)) == spec


def test_from_file(tmp_path: Path) -> None:
    spec = make(border={"top": "constant"}, offset=-3)
    (tmp_path / "f.toml").write_text(spec.to_toml())
    (tmp_path / "f.JSON").write_text(spec.to_json())
    assert Filter.from_file(tmp_path / "f.toml") == spec
    assert Filter.from_file(str(tmp_path / "f.JSON")) == spec
    (tmp_path / "p.toml").write_text('preset = "cv2.blur:ksize=3"\nwidth = 9\nheight = 9\n')
    assert Filter.from_file(tmp_path / "p.toml").kernel_height == 3


def test_alternative_constructors_keep_the_class() -> None:
    class Mine(Filter):
        pass

    spec = Mine(kernel=[[1]], width=1, height=1)
    assert type(spec.replace(width=2)) is Mine
    assert type(Mine.from_dict(spec.to_dict())) is Mine
    assert type(Mine(preset="cv2.blur:ksize=3", width=5, height=5)) is Mine


def test_immutable() -> None:
    with pytest.raises(AttributeError):
        make().width = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    "keys, message",
    [
        ({"width": 2}, "width 2 is less than the kernel's 3 columns; the frame must be at least as "
         "large as the kernel"),
        ({"height": 2}, "height 2 is less than the kernel's 3 rows; the frame must be at least as "
         "large as the kernel"),
        ({"width": 16385}, "width must be an integer from 1 to 16384, not 16385"),
        ({"height": 0}, "height must be an integer from 1 to 16384, not 0"),
        ({"width": 8.0}, "width must be an integer from 1 to 16384, not 8.0"),
        ({"width": "8"}, "width must be an integer from 1 to 16384, not '8'"),
        ({"width": True}, "width must be an integer from 1 to 16384, not True"),
        ({"height": None}, "height must be an integer from 1 to 16384, not None"),
        ({"pixel": "u17"}, "pixel must be u1..u16 or s2..s16, not 'u17'"),
        ({"pixel": "s1"}, "pixel must be u1..u16 or s2..s16, not 's1'"),
        ({"pixel": 8}, "pixel must be u1..u16 or s2..s16, not 8"),
        ({"pixel": Sample(False, 20)}, "pixel must be u1..u16 or s2..s16, not 'u20'"),
        ({"output": "u33"}, "output must be u1..u32 or s2..s32, not 'u33'"),
        ({"channels": 0}, "channels must be an integer from 1 to 64, not 0"),
        ({"channels": 65}, "channels must be an integer from 1 to 64, not 65"),
        ({"operation": "filter"}, "operation must be one of correlate, convolve, not 'filter'"),
        ({"anchor": [3, 0]}, "anchor [3, 0] lies outside the 3x3 kernel; the row must be from 0 to "
         "2 and the column from 0 to 2"),
        ({"anchor": [0, -1]}, "anchor [0, -1] lies outside the 3x3 kernel; the row must be from 0 "
         "to 2 and the column from 0 to 2"),
        ({"anchor": 1}, "anchor must be [row, column], not 1"),
        ({"anchor": [1, 1, 1]}, "anchor must be [row, column], not [1, 1, 1]"),
        ({"anchor": [1, 0.5]}, "anchor column must be an integer, not 0.5"),
        ({"padding": "some"}, "padding must be one of same, valid, full or [top, bottom, left, "
         "right], not 'some'"),
        ({"padding": [1, 1]}, "padding must be one of same, valid, full or [top, bottom, left, "
         "right], not [1, 1]"),
        ({"padding": [0, 3, 0, 0]}, "padding bottom must be an integer from 0 to 2, not 3"),
        ({"padding": [0, 0, -1, 0]}, "padding left must be an integer from 0 to 2, not -1"),
        ({"padding": [0, 0, 0, True]}, "padding right must be an integer from 0 to 2, not True"),
        ({"border": "mirrored"}, "border must be one of constant, replicate, symmetric, "
         "reflect101, not 'mirrored'"),
        ({"border": "reflect"}, "border 'reflect' means two different things: choose 'symmetric' "
         "(cba|abcd|dcb: scipy.ndimage's reflect, OpenCV's BORDER_REFLECT) or 'reflect101' "
         "(dcb|abcd|cba: scipy.ndimage's mirror, numpy's and PyTorch's reflect, OpenCV's "
         "BORDER_REFLECT_101)"),
        ({"border": "wrap"}, "border 'wrap' cannot be streamed: it needs a frame's last rows "
         "before its first; choose from constant, replicate, symmetric, reflect101; "
         "on all sides a stage of a pipeline can have it, out of a memory of two frames"),
        ({"border": {"top": "wrap"}}, "border.top 'wrap' cannot be streamed: it needs a frame's "
         "last rows before its first; choose from constant, replicate, symmetric, reflect101; "
         "on all sides a stage of a pipeline can have it, out of a memory of two frames"),
        ({"border": {"botom": "constant"}}, "unknown key border.botom: did you mean 'bottom'?"),
        ({"border": {"left": 7}}, "border.left must be one of constant, replicate, symmetric, "
         "reflect101, not 7"),
        ({"border": 3.5}, "border must be one of constant, replicate, symmetric, reflect101 or a "
         "table of them with top, bottom, left, right, not 3.5"),
        ({"border_value": 256}, "border_value 256 is no sample of pixel u8; it must be "
         "from 0 to 255"),
        ({"border_value": -1}, "border_value -1 is no sample of pixel u8; it must be "
         "from 0 to 255"),
        ({"border_value": 0.5}, "border_value must be an integer, not 0.5"),
        ({"shift": 32}, "shift must be an integer from 0 to 31, not 32"),
        ({"shift": -1}, "shift must be an integer from 0 to 31, not -1"),
        ({"offset": 1.5}, "offset must be an integer, not 1.5"),
        ({"rounding": "nearest"}, "rounding must be one of floor, half-up, half-even, half-away, "
         "toward-zero, not 'nearest'"),
        ({"overflow": "clip"}, "overflow must be one of saturate, wrap, abs-saturate, not 'clip'"),
        ({"pixels_per_clock": 3}, "pixels_per_clock must be one of 1, 2, 4, 8, not 3"),
        ({"pixels_per_clock": "4"}, "pixels_per_clock must be an integer, not '4'"),
        ({"clocks_per_pixel": 0}, "clocks_per_pixel must be an integer from 1 to 1024, not 0"),
        ({"clocks_per_pixel": 1025}, "clocks_per_pixel must be an integer from 1 to 1024, not "
         "1025"),
        ({"clocks_per_pixel": 2.0}, "clocks_per_pixel must be an integer from 1 to 1024, not 2.0"),
        ({"clocks_per_pixel": 2, "pixels_per_clock": 4}, "clocks_per_pixel 2 and pixels_per_clock "
         "4 contradict each other; one of them must be 1"),
        ({"kernel": "gausian"}, "kernel 'gausian' is not in the catalogue: did you mean "
         "'gaussian'?"),
        ({"kernel": [[2**55] * 3] * 3}, "kernel with pixel u8, offset 0 and shift 0 needs a sum of "
         "68 bits; at most 63 are allowed"),
        ({"offset": 2**40, "shift": 31}, "kernel with pixel u8, offset 1099511627776 and shift 31 "
         "needs a sum of 73 bits; at most 63 are allowed"),
    ],
)  # fmt: skip
def test_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        make(**keys)
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        make().replace(**keys) if None not in keys.values() else make(**keys)


def test_what_registers_can_change() -> None:
    filter = make(control="axi4-lite", coefficients="runtime", max_width=64, max_height=48)
    assert (filter.coefficient_bits, filter.max_width, filter.max_height) == (8, 64, 48)
    assert Filter.from_dict(filter.to_dict()) == filter
    assert filter.sum_range == (9 * -128 * 255, 9 * 127 * 255)
    assert filter.replace(width=20).max_width == 64
    assert make().replace(width=20).max_width == 20
    wide = make(kernel=[[255, -256]], control="axi4-lite", coefficients="runtime")
    assert wide.coefficient_bits == 9
    assert make(kernel=[[1000]]).replace(kernel=[[1]], anchor=[0, 0]).coefficient_bits == 8
    assert make(control="axi4-lite", offset=-(2**31)).offset == -(2**31)
    assert make(control="axi4-lite", kernel=[[-(2**31)]], pixel="u4").coefficient_bits == 32
    assert make(offset=2**31, kernel=[[2**31]]).coefficient_bits == 33


@pytest.mark.parametrize(
    "keys, message",
    [
        ({"control": "apb"}, "control must be one of none, axi4-lite, not 'apb'"),
        ({"coefficients": "runtime"},
         "coefficients 'runtime' need registers; control must be one of axi4-lite, not 'none'"),
        ({"coefficients": "some"}, "coefficients must be one of constant, runtime, not 'some'"),
        ({"coefficient_bits": 3}, "coefficient_bits 3 cannot hold the kernel, which needs 4"),
        ({"coefficient_bits": 33, "coefficients": "runtime", "control": "axi4-lite"},
         "coefficient_bits must be an integer from 2 to 32, not 33"),
        ({"max_width": 7}, "max_width 7 is less than the width 8; it must be at least that"),
        ({"max_width": 9}, "max_width 9 is more than the width 8, which nothing can change: "
         "control must be one of axi4-lite, not 'none'"),
        ({"max_height": 16385, "control": "axi4-lite"},
         "max_height must be an integer from 1 to 16384, not 16385"),
        ({"offset": 2**31, "control": "axi4-lite"},
         "offset 2147483648 does not fit a register; with control 'axi4-lite' it must be from "
         "-2147483648 to 2147483647"),
        ({"offset": -(2**31) - 1, "control": "axi4-lite"},
         "offset -2147483649 does not fit a register; with control 'axi4-lite' it must be from "
         "-2147483648 to 2147483647"),
        ({"kernel": [[2**31]], "control": "axi4-lite"},
         "kernel has the entry 2147483648 and needs coefficients of 33 bits; with control "
         "'axi4-lite' at most 32 fit a register"),
        ({"coefficient_bits": 33, "control": "axi4-lite"},
         "coefficient_bits must be an integer from 2 to 32, not 33"),
        ({"input_fifo": 24}, "input_fifo must be 0 or a power of two from 8 to 4096, not 24"),
    ],
)  # fmt: skip
def test_bad_registers(keys: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        make(**keys)


def test_clocks_per_pixel() -> None:
    assert make(clocks_per_pixel=9).to_dict()["clocks_per_pixel"] == 9
    assert make(clocks_per_pixel=1024).clocks_per_pixel == 1024
    assert make(clocks_per_pixel=1, pixels_per_clock=8).clocks_per_pixel == 1
    # It is no part of what is computed.
    image = np.arange(48).reshape(6, 8)
    assert (make(clocks_per_pixel=9).compute(image) == make().compute(image)).all()


def test_sum_of_63_bits() -> None:
    """The greatest sum is 2**62 - 1, rounding and offset included."""
    largest = 2**62 - 1
    spec = make(kernel=[[largest]], pixel="u1", output="u32", width=3, height=1)
    assert spec.sum_range == (0, largest)
    assert spec.compute(np.array([[0, 1, 1]])).tolist() == [[0, 2**32 - 1, 2**32 - 1]]
    spec = spec.replace(kernel=[[-(2**62)]], output="s32", overflow="wrap")
    assert spec.compute(np.array([[0, 1, 1]])).tolist() == [[0, 0, 0]]
    for keys in (
        {"kernel": [[2**62]]},
        {"kernel": [[-(2**62) - 1]]},
        {"kernel": [[largest]], "offset": 1},
        {"kernel": [[largest]], "shift": 1},
    ):
        with pytest.raises(InputError, match="64 bits; at most 63 are allowed"):
            make(**keys, pixel="u1")
    with pytest.raises(InputError, match="at most 63 are allowed"):
        make(offset=10**6000)


@pytest.mark.parametrize(
    "keys, message",
    [
        ({"width": 8, "height": 6}, "key 'kernel' is missing; a filter must have it"),
        ({"kernel": BINOMIAL, "width": 8}, "key 'height' is missing; a filter must have it"),
        ({"kernal": BINOMIAL}, "unknown key 'kernal' = [[1, 2, 1], [2, 4, 2], [1, 2, 1]]: "
         "did you mean 'kernel'?"),
        ({"zzzz": 1},
         f"unknown key 'zzzz' = 1: choose from {', '.join([*KEYS, *PASSING_KEYS])}"),
        ({"kernel": BINOMIAL, "width": 8, "height": 6, "shift": None},
         "shift must be an integer from 0 to 31, not None"),
        ({"preset": 3}, "preset must be a name, not 3"),
        ([1], "a filter must be a table of keys, not [1]"),
    ],
)  # fmt: skip
def test_bad_keys(keys: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        Filter.from_dict(keys)


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("f.yaml", b"", "must end in .toml or .json"),
        ("f.toml", None, "cannot be read: No such file or directory"),
        ("f.toml", b"kernel = [", "is no valid .toml file"),
        ("f.toml", b"\xff", "is no UTF-8 text"),
        ("f.json", b"{", "is no valid .json file"),
        ("f.toml", b"a." * 200_000 + b"b = 1", "is too large; at most 65536 bytes are read"),
        ("f.json", b"[]", "must hold a table of keys"),
        ("f.json", b"[" * 60_000, "is no valid .json file"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        Filter.from_file(path)
    assert str(caught.value).startswith(f"filter file {str(path)!r} ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "keys, image, message",
    [
        ({}, np.zeros((6, 8)), "image must be an array of integers, not of float64"),
        ({}, np.zeros((6, 8), bool), "image must be an array of integers, not of bool"),
        ({}, [[1], [2, 3]], "image must be an array of integers, not ragged rows"),
        ({}, np.zeros((8, 6), int),
         "image has the shape (8, 6); the filter's frame is (6, 8) or (6, 8, 1)"),
        ({}, np.zeros((6, 8, 3), int),
         "image has the shape (6, 8, 3); the filter's frame is (6, 8) or (6, 8, 1)"),
        ({"channels": 3}, np.zeros((6, 8), int),
         "image has the shape (6, 8); the filter's frame is (6, 8, 3)"),
        ({}, np.full((6, 8), 256), "image has the value 256; pixel u8 is from 0 to 255"),
        ({}, np.full((6, 8), -1), "image has the value -1; pixel u8 is from 0 to 255"),
        ({"pixel": "s16"}, np.full((6, 8), 2**63, np.uint64),
         "image has the value 9223372036854775808; pixel s16 is from -32768 to 32767"),
    ],
)  # fmt: skip
def test_bad_images(keys: dict[str, Any], image: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        make(**keys).compute(image)


@pytest.mark.parametrize("rows", [1, 2, 5, 100])
def test_the_model_works_on_a_few_rows_at_a_time(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    filter = Filter(kernel=[[1, -2], [3, 4], [-5, 6]], width=4, height=7, channels=2,
                    padding="full", border="reflect101", output="s16", shift=1)
    frame = np.random.default_rng(rows).integers(0, 256, (7, 4, 2))
    padded = np.pad(frame, ((2, 2), (1, 1), (0, 0)), "reflect")
    sums = sum(tap * padded[y:y + 9, x:x + 5] for y, row in enumerate(filter.kernel)
               for x, tap in enumerate(row))
    wanted = (sums + 1) >> 1
    monkeypatch.setattr("windrow.model.filter._STRIP_SAMPLES", rows * padded[0].size)
    strips = list(filter.exact(frame))
    assert [row for row, _ in strips] == list(range(0, 9, rows))
    np.testing.assert_array_equal(np.concatenate([exact for _, exact in strips]), wanted)
    np.testing.assert_array_equal(filter.compute(frame), wanted)
