"""Kernels as people have them: each way to write one down is read, or refused by name."""

import re
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from windrow.model import InputError, parse_kernel


BINOMIAL = ((1, 2, 1), (2, 4, 2), (1, 2, 1))
HALVES = ((0.25, 0.5, 0.25),)


@pytest.mark.parametrize("text, kernel", [
    ("1 2 1; 2 4 2; 1 2 1", BINOMIAL),
    ("1,2,1;2,4,2;1,2,1;", BINOMIAL),
    (" 1, 2 ,1 ; 2 4 2 ;1 2 1 ; ", BINOMIAL),
    ("1 2 1\n2 4 2\n1 2 1\n", BINOMIAL),
    ("1 2 1;\r\n2 4 2;\r\n1 2 1;\r\n", BINOMIAL),
    ("1\t2\t1\n\n2\t4\t2\n1\t2\t1", BINOMIAL),
    ("1, 2, 1,\n2, 4, 2,\n1, 2, 1,\n", BINOMIAL),
    ("1 2 1; 2 4 2\n1 2 1", BINOMIAL),
    ("[1 2 1; 2 4 2; 1 2 1];", BINOMIAL),
    ("[1 2 1\n 2 4 2\n 1 2 1]", BINOMIAL),
    ("[[1,2,1],[2,4,2],[1,2,1]]", BINOMIAL),
    ("[[1 2 1]\n [2 4 2]\n [1 2 1]]", BINOMIAL),
    ("[[1., 2., 1.],\n [2., 4., 2.],\n [1., 2., 1.]]", BINOMIAL),
    ("((1, 2, 1), (2, 4, 2), (1, 2, 1),)", BINOMIAL),
    ("{{1, 2, 1}, {2, 4, 2}, {1, 2, 1}};", BINOMIAL),
    ("[1, 2, 1],\n[2, 4, 2],\n[1, 2, 1],", BINOMIAL),
    ("array([[1, 2, 1],\n       [2, 4, 2],\n       [1, 2, 1]], dtype=uint8)", BINOMIAL),
    ("np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]])", BINOMIAL),
    ("[1 2 1]", ((1, 2, 1),)),
    ("[1 2 1]/4", HALVES),
    ("1/4*[1 2 1]", HALVES),
    ("1/4 2/4 1/4", HALVES),
    ("0.25, .5, 25e-2", HALVES),
    ("\u22121 0 1", ((-1, 0, 1),)),
    ("-1 \u20131; +1 2", ((-1, -1), (1, 2))),
    ("1/9 -1/9", ((1 / 9, -1 / 9),)),
    ("4/2", ((2,),)),
    ("5", ((5,),)),
    ("-1; 1", ((-1,), (1,))),
    ("2.0 -1e1", ((2, -10),)),
    (str(2**60), ((2**60,),)),
])
def test_rows(text: str, kernel: object) -> None:
    assert parse_kernel(text) == (kernel, {})


@pytest.mark.parametrize("text, words", [
    ("0,25 0,5 0,25", ["'0,25 0,5 0,25'", "two ways", "0.5"]),
    ("1, 2 1", ["'1, 2 1'", "commas and blanks"]),
    ("1;2;1\n2;4;2\n1;2;1", ["';'", "two ways", "one row a line"]),
    ("1,,1", ["empty entry at row 0, column 1"]),
    ("1 2; 3", ["ragged"]),
    ("1 x 1", ["'x'", "1/9"]),
    ("1/0 1", ["'1/0'", "number"]),
    ("1 nan", ["'nan'", "number"]),
    ("0x10 1", ["'0x10'"]),
    ("[[1, 2], 3]", ["brackets", "[[1, 2, 1]"]),
    ("[[[1, 2]]]", ["brackets"]),
    ("[1 2", ["brackets"]),
    ("[1;2],[3;4]", ["';'"]),
    ("[]", ["matrix of numbers"]),
    ("[1 2]/x", ["brackets"]),
    ("k = [1 2 1]", ["rows"]),
    ("1 2 1; 2 4 2; 1 2 1 " * 500, ["ragged"]),
    ("picture.xlsx", ["'picture.xlsx'", ".csv", ".mat", ".npz"]),
    ("./folder/k", ["must end in .json, .csv, .tsv, .txt, .mat, .npy or .npz"]),
    ("3x3.yaml", ["'3x3.yaml'", ".csv"]),
    ("edges.toml", ["filter's own file", "FILTER"]),
])
def test_refused_text(text: str, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        parse_kernel(text)
    for word in words:
        assert word in str(caught.value)
    assert len(str(caught.value)) < 400


COMMENTS = "# a gaussian\n% of MATLAB\n1,2,1 # first\n\n2,4,2\n1,2,1\n"


@pytest.mark.parametrize("name, text, kernel", [
    ("commas.csv", "1,2,1\n2,4,2\n1,2,1\n\n", BINOMIAL),
    ("reals.csv", "1.0, 2.0e0, 1\n2,4,2\n1,2,1\n", BINOMIAL),
    ("semicolons.csv", "1;2;1\n2;4;2\n1;2;1\n", BINOMIAL),
    ("tabs.csv", "1\t2\t1\n2\t4\t2\n1\t2\t1\n", BINOMIAL),
    ("tabs.tsv", "1\t2\t1\n2\t4\t2\n1\t2\t1\n", BINOMIAL),
    ("blanks.csv", "1 2  1\n 2 4 2\n1 2 1\n", BINOMIAL),
    ("trail.csv", "1,2,1,\n2,4,2,\n1,2,1,\n", BINOMIAL),
    ("trail2.csv", "1;2;1;\r\n2;4;2;\r\n1;2;1;\r\n", BINOMIAL),
    ("comments.csv", COMMENTS, BINOMIAL),
    ("quotes.csv", '"1","2","1"\n"2","4","2"\n"1","2","1"\n', BINOMIAL),
    ("matlab.csv", "1,2,1;\n2,4,2;\n1,2,1;\n", BINOMIAL),
    ("rows.txt", "1 2 1\n2 4 2\n1 2 1\n", BINOMIAL),
    ("line.txt", "1 2 1; 2 4 2; 1 2 1\n", BINOMIAL),
    ("line2.txt", "1,2,1; 2,4,2; 1,2,1\n", BINOMIAL),
    ("matlab.txt", "[1 2 1; 2 4 2; 1 2 1]\n", BINOMIAL),
    ("python.txt", "[[1, 2, 1],\n [2, 4, 2],\n [1, 2, 1]]\n", BINOMIAL),
    ("decimal.csv", "0,25;0,5;0,25\n0;0;0\n", (*HALVES, (0, 0, 0))),
    ("decimal.tsv", "0,25\t0,5\t0,25\n", HALVES),
    ("decimal2.csv", '"0,25","0,5","0,25"\n', HALVES),
    ("thousandths.csv", "0,125;1,125\n1;2\n", ((0.125, 1.125), (1, 2))),
    ("fractions.csv", "1/4,1/2,1/4\n", HALVES),
    ("list.json", "[[0.25, 0.5, 0.25]]", HALVES),
    ("strings.json", '[["1/4", "1/2", "1/4"]]', HALVES),
])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files(tmp_path: Path, name: str, text: str, kernel: object, encoding: str) -> None:
    (tmp_path / name).write_bytes(text.encode(encoding))
    assert parse_kernel(str(tmp_path / name)) == (kernel, {})


@pytest.mark.parametrize("name, text, words", [
    ("header.csv", "a,b,c\n1,2,1\n2,4,2\n", ["header", "'a b c'", "leave it out"]),
    ("header.tsv", "left\tright\n1\t2\n", ["header"]),
    ("blanks.csv", "0,25 0,5 0,25\n", ["commas and blanks", "0.5"]),
    ("gap.csv", "1,,1\n1,2,1\n", ["empty entry at row 0, column 1"]),
    ("two.csv", "1,2;3,4\n", ["two ways", "one row a line"]),
    ("two.txt", "1;2;1\n", ["two ways", "one row a line"]),
    ("thousands.csv", "1,024;2,048\n1;2\n", ["'1,024'", "thousands", "point"]),
    ("zeros.csv", "0,05\n", ["'05'"]),
    ("word.csv", "1,x\n2,3\n", ["'x' at row 0, column 1"]),
    ("empty.txt", "# nothing\n", ["no numbers"]),
    ("large.csv", "1," * 50_000, ["too large"]),
    ("tall.csv", "1\n" * 32, ["32x1", "31x31"]),
    ("zeros.txt", "1\0 2", ["zero bytes"]),
    ("nan.json", "[[NaN]]", ["nan", "number"]),
])
def test_refused_files(tmp_path: Path, name: str, text: str, words: list[str]) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError) as caught:
        parse_kernel(str(tmp_path / name))
    for word in ["kernel file", name, *words]:
        assert word in str(caught.value)


def test_arrays(tmp_path: Path) -> None:
    for dtype in ("u1", ">i2", "f4", "f8"):
        np.save(tmp_path / "k.npy", np.asfortranarray(np.array(BINOMIAL, dtype)))
        assert parse_kernel(str(tmp_path / "k.npy"))[0] == BINOMIAL
    np.save(tmp_path / "k.npy", np.array(HALVES))
    assert parse_kernel(str(tmp_path / "k.npy"))[0] == HALVES
    np.savez_compressed(tmp_path / "k.npz", np.array(HALVES))
    assert parse_kernel(str(tmp_path / "k.npz"))[0] == HALVES
    np.savez(tmp_path / "k.npz", first=np.eye(2), second=np.eye(3))
    with pytest.raises(InputError, match=r"holds 2 arrays \('first', 'second'\)"):
        parse_kernel(str(tmp_path / "k.npz"))
    np.savez_compressed(tmp_path / "k.npz", np.zeros((400, 400)))
    with pytest.raises(InputError, match="a kernel is at most 31x31"):
        parse_kernel(str(tmp_path / "k.npz"))
    (tmp_path / "k.npz").write_bytes(b"PK no archive")
    with pytest.raises(InputError, match=r"is no valid \.npz file"):
        parse_kernel(str(tmp_path / "k.npz"))


@pytest.mark.parametrize("header", [
    "((((", "{'descr': '<f8', 'fortran_order'", "  {'descr': '<f8'}\n  x", "",
    f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({2**70}, 1), }}",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (True, True), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (9999999, 9999999), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1, 1), }",
])
def test_damaged_array_headers(tmp_path: Path, header: str) -> None:
    text = header.encode() + b"\n"
    (tmp_path / "k.npy").write_bytes(
        b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(64))
    with pytest.raises(InputError, match=r"is no valid \.npy file|must hold"):
        parse_kernel(str(tmp_path / "k.npy"))


def test_matlab_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    io = pytest.importorskip("scipy.io")
    path = tmp_path / "k.mat"

    def refused() -> str:
        with pytest.raises(InputError) as caught:
            parse_kernel(str(path))
        return str(caught.value)

    for kernel in (BINOMIAL, HALVES):
        io.savemat(path, {"h": np.array(kernel)}, do_compression=True)
        assert parse_kernel(str(path)) == (kernel, {})
    io.savemat(path, {"h": np.eye(3), "width": 5})
    assert "holds 2 variables ('h', 'width')" in refused()
    io.savemat(path, {"h": "text"})
    assert "a char; it must be a full matrix of numbers" in refused()
    io.savemat(path, {"h": np.zeros((40, 2))})
    assert "40x2" in refused()
    io.savemat(path, {"h": np.array([[1j]])})
    assert "integers or reals" in refused()
    path.write_bytes(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512))
    assert "'-v7'" in refused()
    path.write_bytes(b"no such thing")
    assert "is no valid .mat file" in refused()
    monkeypatch.setitem(sys.modules, "scipy", None)
    assert "pip install scipy" in refused()


def test_fractions() -> None:
    from windrow.model.kernels.kernel import number_matrix

    assert number_matrix([[Fraction(1, 4), Fraction(4, 2)]]) == ((0.25, 2),)
    with pytest.raises(InputError, match=re.escape("not an array of shape (8, 3, 3, 3); one")):
        number_matrix(np.zeros((8, 3, 3, 3)))
