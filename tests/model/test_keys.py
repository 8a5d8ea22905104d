import dataclasses
import random
import tomllib
from fractions import Fraction
from typing import Any

import numpy as np

from windrow.model import Filter, InputError
from windrow.model.keys import ABOUT, KEYS, PASSING_KEYS, TABLE, VERBS, FilterKeys


def test_the_table_is_whole() -> None:
    """What type checkers read has a line for each row."""
    names = [key.name for key in TABLE]
    assert len(set(names)) == len(names)
    assert set(FilterKeys.__annotations__) == set(names) == {*KEYS, *PASSING_KEYS}
    assert tuple(field.name for field in dataclasses.fields(Filter)) == KEYS
    assert {key.about for key in TABLE} == {*ABOUT}
    assert set(VERBS) <= set(names)
    for key in TABLE:
        assert key.help
        assert key.default_words
        assert f"    {key.name} : " in (Filter.__doc__ or "")


JUNK = (
    None, True, 0, 3, -(2**70), 1.5, float("nan"), Fraction(1, 3), "", "3", "3,3,3", "cross",
    "cross:ksize=3", "cross:ksize=99", "1 2;3", "0 1; 1 0", "u8", "constant", "9" * 5000, b"x",
    [], [[]], [3, 3], [3, "x"], [[1, 0], [0, 1]], [[None]], {}, {"a": None}, {"a": [[0.5]]},
    {"a": "sobel-x", "b": [[1, 2]]}, {1: 2}, object(), int, np.uint8, np.ones((3, 3)),
    np.ones((3, 3), bool), np.array(3), np.ones((2, 2, 2)), [10**6000], lambda: 0,
    "cv2.medianBlur:ksize=3", "cv2.erode:anchor=(9,9)", "cv2.erode:iterations=3,shape=cross",
    "scipy.ndimage.rank_filter:rank=99,size=3", "scipy.ndimage.median_filter:size=(3,x)",
)  # fmt: skip


def test_junk_is_refused_in_one_line() -> None:
    """Whatever stands at any keys: a filter that can be written down, or a message."""
    rng = random.Random(1)
    messages, made = [], 0
    for _ in range(3000):
        keys: dict[str, Any] = {"width": 9, "height": 9}
        keys |= {key.name: rng.choice(JUNK) for key in rng.sample(TABLE, rng.randint(1, 3))}
        try:
            filter = Filter(**keys)
        except InputError as error:
            messages.append(str(error))
            continue
        assert Filter.from_dict(tomllib.loads(filter.to_toml())) == filter == filter.replace()
        made += 1
    assert made > 15
    assert not [message for message in messages if "\n" in message]
