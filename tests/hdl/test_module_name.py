"""Names that a module may have, and those that files give it."""

import pytest

from windrow.hdl.ports.module_name import LONGEST_NAME, check_name, legal_name
from windrow.model import InputError


@pytest.mark.parametrize("name", ["a" * LONGEST_NAME, "_", "Module", "stdint_", "s_axis_video_"])
def test_a_name_that_may_be(name: str) -> None:
    check_name(name, has_driver=True)


@pytest.mark.parametrize("name", ["a" * (LONGEST_NAME + 1), "a\n", "é", "s_axis_video_x", "wire"])
def test_a_name_that_may_not_be(name: str) -> None:
    with pytest.raises(InputError, match="cannot name a"):
        check_name(name, has_driver=False)


def test_a_header_of_c_is_a_name_where_there_is_no_driver() -> None:
    check_name("stdint", has_driver=False)
    with pytest.raises(InputError, match=r"stdint\.h would replace"):
        check_name("stdint", has_driver=True)


@pytest.mark.parametrize(("text", "name"), [
    ("sobel", "sobel"), ("my filter-2", "my_filter_2"), ("3x3", "_3x3"), ("Ünïcode", "Unicode"),
    ("wire", "wire_filter"), ("time", "time_filter"), ("aclk", "aclk_filter"), ("日本", ""),
    ("stdint", "stdint_filter"), ("_-_", ""), ("a" * 300, "a" * (LONGEST_NAME // 2)),
])
def test_the_nearest_name(text: str, name: str) -> None:
    assert legal_name(text) == name
    if name:
        check_name(name, has_driver=True)
