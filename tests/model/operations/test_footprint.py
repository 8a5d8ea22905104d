import re
from typing import Any

import numpy as np
import pytest

from windrow.model import InputError
from windrow.model.operations.footprint import parse_footprint, rectangle


CROSS = ((False, True, False), (True, True, True), (False, True, False))


@pytest.mark.parametrize("value, wanted", [
    (3, rectangle(3, 3)),
    ("3", rectangle(3, 3)),
    (np.int64(2), rectangle(2, 2)),
    ([5, 3], rectangle(5, 3)),
    ("5, 3", rectangle(5, 3)),
    (np.array([5, 3]), rectangle(5, 3)),
    ([[1, 1]], rectangle(1, 2)),
    ("1 1", rectangle(1, 2)),
    ("0 1 0; 1 1 1; 0 1 0", CROSS),
    (CROSS, CROSS),
    (np.array(CROSS), CROSS),
    (np.array(CROSS, float), CROSS),
    ("cross:ksize=3", CROSS),
    ("diamond:ksize=3", CROSS),
    ("rect:rows=2,columns=4", rectangle(2, 4)),
    ("cross:rows=1,columns=3", rectangle(1, 3)),
], ids=str)
def test_read(value: Any, wanted: object) -> None:
    assert parse_footprint(value) == wanted


@pytest.mark.parametrize("value, words", [
    (0, "footprint is a window of 0; its sizes must be from 1 to 31"),
    (32, "a window of 32;"),
    ([1, 40], "a window of 1x40;"),
    (True, "must be a size such as 3 or [rows, columns], a shape such as 'ellipse:ksize=5' (rect,"),
    (3.0, "must be a size such as 3"),
    (None, "must be a size such as 3"),
    ([3], "a row is 3"),
    ([], "must be a matrix of numbers"),
    ([[0, 0]], "has no cell that counts; at least one must be 1"),
    ([[1, 2]], "has the entry 2 at row 0, column 1; it must be 0 or 1"),
    ([[0.5]], "has the entry 0.5 at row 0, column 0; it must be 0 or 1"),
    ([[1], [1, 1]], "is ragged"),
    ([[1] * 32], "it must be from 1x1 to 31x31"),
    ("5x3", "footprint '5x3' is no size: rows and columns are written with a comma, as 5,3"),
    ("1 a; 2 3", "footprint has the entry 'a' at row 0, column 1"),
    ("elipse:ksize=3", "'elipse:ksize=3' is no shape: did you mean 'ellipse'?"),
    ("cross", "needs its size: write 'cross:ksize=5' or 'cross:rows=3,columns=5'"),
    ("cross:rows=3", "needs its size"),
    ("cross:ksize=0", "'cross' is a window of 0;"),
    ("cross:ksize=x", "ksize must be an integer, not 'x'"),
], ids=str)
def test_refused(value: Any, words: str) -> None:
    with pytest.raises(InputError, match=re.escape(words)) as caught:
        parse_footprint(value)
    assert str(caught.value).startswith("footprint ")
