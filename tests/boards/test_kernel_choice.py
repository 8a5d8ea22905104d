"""The kernels of the panel: where they lie, what is left out, and what is refused."""

import re
from typing import Any

import numpy as np
import pytest

from windrow import Filter, Pipeline
from windrow.boards.catalogue import board
from windrow.boards.kernel_choice import (
    KernelChoice,
    check_kernel,
    default_choices,
    default_kernels,
    register_writes,
)
from windrow.boards.operation import operation
from windrow.hdl.control import RegisterMap
from windrow.model import InputError
from windrow.model.nodes import ROUNDINGS


SEED = 8
ALL = ["filter", "identity", "binomial", "box", "sharpen", "emboss", "sobel-x", "sobel-y",
       "laplacian"]
SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
EMBOSS = [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]


def runtime(**keys: Any) -> Filter:
    return Filter(**{"kernel": "sobel-x", "width": 32, "height": 16, "control": "axi4-lite",
                     "coefficients": "runtime", **keys})


def by_name(filter: Filter) -> dict[str, KernelChoice]:
    return {choice.name: choice for choice in default_kernels(filter)}


def filtered(filter: Filter, choice: KernelChoice, picture: np.ndarray) -> np.ndarray:
    return filter.replace(
        kernel=choice.kernel, shift=choice.shift, offset=choice.offset).compute(picture)


def test_the_filters_own_kernel_is_the_first() -> None:
    filter = runtime(shift=3, offset=-5)
    assert default_kernels(filter)[0] == KernelChoice("filter", filter.kernel, 3, -5)


@pytest.mark.parametrize(("bits", "names"), [
    (13, ALL),
    (12, [name if name != "box" else "near-box" for name in ALL]),
    (7, [name if name != "box" else "near-box" for name in ALL]),
    (6, [name for name in ALL if name != "box"]),
    # Three bits hold -4, but not 4.
    (3, ["filter", "identity", "emboss", "sobel-x", "sobel-y", "laplacian"]),
])
def test_what_does_not_fit_is_left_out(bits: int, names: list[str]) -> None:
    assert list(by_name(runtime(coefficient_bits=bits))) == names


def test_choices_of_a_pipeline() -> None:
    stages = [{"name": "smooth", "kernel": "sharpen", "coefficients": "runtime"},
              {"threshold": "low"}]
    keys = {"width": 32, "height": 16, "parameters": {"low": 200, "other": 0}}
    made = default_choices(Pipeline(stages, **keys, control="axi4-lite"))
    assert [choice.name for choice in made] == [
        "design", "low=255", "low=100", "low=133", "other=64", "other=128", "other=191",
        "other=255", *(f"smooth={name}".replace("=box", "=near-box") for name in ALL[1:])]
    picture = np.random.default_rng(SEED).integers(0, 256, (16, 32))
    for choice, threshold in zip(made[:4], (200, 255, 100, 133), strict=True):
        assert choice.pipeline.compute(picture).tolist() == (
            255 * (Filter("sharpen", 32, 16).compute(picture) > threshold)).tolist()
    blurred = Filter("binomial", 32, 16).compute(picture)
    assert np.array_equal(made[9].pipeline.compute(picture), 255 * (blurred > 200))
    writes = register_writes(made[0].pipeline, made)
    assert len({len(each) for each in writes}) == 1
    # Its own parameters and the first stage's scale, offset and kernel; then the commit.
    assert len(writes[0]) == 2 + 2 + 9 + 1
    assert default_choices(Pipeline([{"threshold": 9}], width=32, height=16)) == []


def test_smaller_kernels_than_the_catalogues() -> None:
    assert list(by_name(runtime(kernel=[[1, 2, 1]]))) == ["filter", "identity"]


@pytest.mark.parametrize("anchor", [(2, 2), (1, 1), (1, 3), (3, 2)])
@pytest.mark.parametrize("operation", ["correlate", "convolve"])
def test_a_larger_kernel_holds_it_around_the_anchor(
    anchor: tuple[int, int], operation: str,
) -> None:
    picture = np.random.default_rng(SEED).integers(0, 256, (16, 32))
    filter = runtime(kernel=np.ones((5, 5), int), anchor=anchor, operation=operation)
    choices = by_name(filter)
    for name, kernel in (("sharpen", SHARPEN), ("emboss", EMBOSS)):
        wanted = Filter(kernel=kernel, width=32, height=16).compute(picture)
        assert np.array_equal(filtered(filter, choices[name], picture), wanted)
    if operation == "correlate":
        top, left = anchor[0] - 1, anchor[1] - 1
        placed = np.zeros((5, 5), int)
        placed[top : top + 3, left : left + 3] = EMBOSS
        assert np.array(choices["emboss"].kernel).tolist() == placed.tolist()


@pytest.mark.parametrize("anchor", [(0, 2), (2, 0), (4, 2), (2, 4)])
def test_an_anchor_at_the_edge_leaves_no_room(anchor: tuple[int, int]) -> None:
    assert list(by_name(runtime(kernel=np.ones((5, 5), int), anchor=anchor))) == [
        "filter", "identity"]


@pytest.mark.parametrize(("keys", "offset"), [
    ({}, 128),
    ({"output": "u10"}, 512),
    ({"output": "s9"}, 0),
    ({"overflow": "abs-saturate"}, 0),
    ({"overflow": "wrap"}, 0),
])
def test_the_middle_stands_for_zero(keys: dict[str, Any], offset: int) -> None:
    choices = by_name(runtime(**keys))
    assert {choices[name].offset for name in ("sobel-x", "sobel-y", "laplacian")} == {offset}
    assert {choices[name].offset for name in ("identity", "binomial", "sharpen", "emboss")} == {0}


def test_a_middle_that_no_register_holds() -> None:
    assert list(by_name(runtime(output="u32"))) == [
        "filter", "identity", "binomial", "near-box", "sharpen", "emboss"]


def test_how_far_near_box_is_from_the_mean() -> None:
    filter = runtime()
    choice = by_name(filter)["near-box"]
    assert np.sum(choice.kernel) == 1 << choice.shift
    rng = np.random.default_rng(SEED)
    mean = Filter(kernel="box", width=32, height=16)
    differ = 0
    for picture in (rng.integers(0, 256, (16, 32)), rng.choice([0, 255], (16, 32))):
        difference = filtered(filter, choice, picture).astype(int) - mean.compute(picture)
        assert np.abs(difference).max() <= 1
        differ += np.count_nonzero(difference)
    assert differ, "it is no mean, or its name is too modest"
    for level in (0, 1, 127, 255):
        assert (filtered(filter, choice, np.full((16, 32), level)) == level).all()


@pytest.mark.parametrize("filter", [
    runtime(), runtime(coefficient_bits=13, rounding="half-even"),
    runtime(kernel=np.ones((5, 4), int), operation="convolve", rounding="floor", offset=-7),
], ids=["3x3", "wide", "5x4"])
def test_the_words_decode_to_the_kernel(filter: Filter) -> None:
    choices = default_kernels(filter)
    registers = RegisterMap(filter)
    coefficients, scale, offset = (
        registers[name] for name in ("COEFFICIENT", "SCALE", "OFFSET"))
    for choice, writes in zip(choices, register_writes(filter, choices), strict=True):
        words = {address: word & 0xFFFFFFFF for address, word in writes}
        assert len(words) == len(writes), "an address is written twice"
        assert writes[-1] == (registers["COMMIT"].offset, 1)
        for register in (coefficients, scale, offset):
            assert all(register.allows(words[address]) for address in register.offsets)
        read = [coefficients.fields[0].decode(words[address]) for address in coefficients.offsets]
        assert read == np.ravel(choice.kernel).tolist()
        shift, rounding = (field.decode(words[scale.offset]) for field in scale.fields)
        assert (shift, ROUNDINGS[rounding]) == (choice.shift, filter.rounding)
        assert offset.fields[0].decode(words[offset.offset]) == choice.offset
        assert set(words) == {
            *coefficients.offsets, scale.offset, offset.offset, registers["COMMIT"].offset}


def test_constant_coefficients() -> None:
    filter = runtime(coefficients="constant")
    assert default_kernels(filter) == []
    registers = RegisterMap(filter)
    for bypass, writes in enumerate(register_writes(filter, [])):
        (address, word), commit = writes
        assert (address, commit) == (registers["CONTROL"].offset, (registers["COMMIT"].offset, 1))
        enable, bypassed = (field.decode(word) for field in registers["CONTROL"].fields)
        assert (enable, bypassed) == (1, bypass)


@pytest.mark.parametrize(("keys", "message"), [
    ({"kernel": ((0, 128, 0), (0, 0, 0), (0, 0, 0))},
     "kernel 'mine': coefficient_bits 8 cannot hold the kernel, which needs 9"),
    ({"kernel": ((0, -129, 0), (0, 0, 0), (0, 0, 0))},
     "kernel 'mine': coefficient_bits 8 cannot hold the kernel, which needs 9"),
    ({"shift": 32}, "kernel 'mine': shift must be an integer from 0 to 31, not 32"),
    ({"shift": -1}, "kernel 'mine': shift must be an integer from 0 to 31, not -1"),
    ({"offset": 1 << 31}, "kernel 'mine': offset 2147483648 does not fit a register; with control "
                          "'axi4-lite' it must be from -2147483648 to 2147483647"),
    ({"kernel": ((1, 2, 1),)}, "kernel 'mine' is 1x3; it must be 3x3, as the filter's"),
    ({"kernel": ((1, 2), (1,))}, "kernel 'mine' is ragged: row 1 has 1 entries and row 0 has 2; "
                                 "all rows must have the same length"),
    ({"kernel": ()}, "kernel 'mine' must be a matrix of numbers, not ()"),
])
def test_kernels_too_large_for_the_registers(keys: dict[str, Any], message: str) -> None:
    filter = runtime()
    kernel = ((0, 127, 0), (0, -128, 0), (0, 0, 0))
    fits = {"name": "mine", "kernel": kernel, "shift": 31, "offset": -1 << 20}
    check_kernel(filter, KernelChoice(**fits))
    with pytest.raises(InputError, match=rf"^{re.escape(message)}$"):
        register_writes(filter, [KernelChoice(**fits | keys)])


@pytest.mark.parametrize(("control", "found"), [
    ("axi4-lite", {"settings": "k0 design, k1 low=90, k2 low=120, k3 low=30, k4 low=40"}),
    ("none", {"settings": "parameters are constants without control = 'axi4-lite'"})])
def test_what_a_board_says_of_a_pipeline(control: str, found: dict[str, str]) -> None:
    pipeline = Pipeline([{"canny": ["low", 150]}], width=640, height=480, control=control,
                        parameters={"low": {"value": 60, "range": [0, 1020]}})
    said = dict(operation(board("ulx3s-85f"), pipeline, ["still"]))
    assert said.items() >= found.items()
    assert ("FIRE1 next setting" in said["buttons"]) == (control == "axi4-lite")
    assert ("k1 takes setting 1" in said["terminal"]) == (control == "axi4-lite")
