import json
import re
from pathlib import Path

import numpy as np
import pytest

from windrow.model import InputError, parse_kernel
from windrow.model.kernels.kernel import integer_matrix


BINOMIAL = ((1, 2, 1), (2, 4, 2), (1, 2, 1))


@pytest.mark.parametrize("text, shift", [("binomial", 4), ("gaussian:ksize=3,sigma=1.5", 16)])
def test_catalogue_name(text: str, shift: int) -> None:
    kernel, keys = parse_kernel(text)
    assert len(kernel) == 3
    assert keys == {"shift": shift}


def test_files(tmp_path: Path) -> None:
    (tmp_path / "k.json").write_text(json.dumps(BINOMIAL))
    (tmp_path / "k.csv").write_text("1,2,1\n2,4,2\n1,2,1\n\n")
    (tmp_path / "real.csv").write_text("1.0, 2.0e0, 1\n2,4,2\n1,2,1\n")
    np.save(tmp_path / "k.npy", np.array(BINOMIAL, dtype=np.int16))
    np.save(tmp_path / "real.npy", np.array(BINOMIAL, dtype=float))
    for name in ("k.json", "k.csv", "real.csv", "k.npy", "real.npy"):
        assert parse_kernel(str(tmp_path / name)) == (BINOMIAL, {}), name


def test_many_digits() -> None:
    with pytest.raises(InputError, match="must be a number"):
        parse_kernel("9" * 5000)


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("none.csv", None, "cannot be read: No such file or directory"),
        ("k.json", "[[1, 2", "is no valid .json file"),
        ("k.json", "{}", "must be a matrix of numbers, not {}"),
        ("k.json", '["12"]', "but a row is '12'"),
        ("k.json", "[[1, null]]", "has the entry None at row 0, column 1; it must be a number"),
        ("k.json", "[[true]]", "has the entry True at row 0, column 0; it must be a number"),
        ("k.csv", "", "holds no numbers"),
        ("k.csv", "1,x\n", "has the entry 'x' at row 0, column 1; it must be"),
        ("k.csv", "1,2\n3\n", "is ragged: row 1 has 1 entries and row 0 has 2"),
        ("k.npy", "no numpy file", "is no valid .npy file"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, content: str | None, message: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        parse_kernel(str(path))
    assert repr(str(path)) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_binary_text(tmp_path: Path) -> None:
    path = tmp_path / "k.csv"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"is no UTF-8 text"):
        parse_kernel(str(path))


@pytest.mark.parametrize(
    "array", [np.zeros((2, 2, 2), int), np.array([["a"]]), np.zeros((2, 2), bool)]
)
def test_bad_array_file(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "k.npy", array)
    with pytest.raises(InputError, match="must hold"):
        parse_kernel(str(tmp_path / "k.npy"))


@pytest.mark.parametrize(
    "value, message",
    [
        ([], "kernel must be a matrix of numbers, not []"),
        ([[]], "kernel is 1x0 (rows x columns); it must be from 1x1 to 31x31"),
        (5, "kernel must be a matrix of numbers, not 5"),
        ([1, 2], "kernel must be a matrix of numbers, but a row is 1; one row is [[1, 2, 1]]"),
        (np.zeros(3, int), "kernel must be a matrix, not an array of shape (3,)"),
        ([[0] * 32], "kernel is 1x32 (rows x columns); it must be from 1x1 to 31x31"),
        ([[0]] * 32, "kernel is 32x1 (rows x columns); it must be from 1x1 to 31x31"),
        (
            [[1, 2], [3]],
            "kernel is ragged: row 1 has 1 entries and row 0 has 2; "
            "all rows must have the same length",
        ),
        ([["x"]], "kernel has the entry 'x' at row 0, column 0; it must be a number such as 2, "
                  "-0.5 or 1/9"),
        ([[1, False]], "kernel has the entry False at row 0, column 1; it must be a number such as "
                       "2, -0.5 or 1/9"),
        ([[np.nan]], "kernel has the entry nan at row 0, column 0; it must be a number such as 2, "
                     "-0.5 or 1/9"),
        ([[0.5]], "kernel has the entry 0.5 at row 0, column 0; it must be an integer"),
    ],
)
def test_refused(value: object, message: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        integer_matrix(value)


def test_whole_reals_are_integers() -> None:
    assert integer_matrix(np.array(BINOMIAL, dtype=np.float32)) == BINOMIAL
    assert integer_matrix([["1.0", 2.0, 1], [2, "4e0", "4/2"], [1, 2, 1]]) == BINOMIAL


def test_array_like() -> None:
    assert integer_matrix(np.array(BINOMIAL, dtype=np.uint8)) == BINOMIAL
    assert integer_matrix([np.array(row) for row in BINOMIAL]) == BINOMIAL
    assert all(type(tap) is int for row in integer_matrix(np.eye(2, dtype=int)) for tap in row)
