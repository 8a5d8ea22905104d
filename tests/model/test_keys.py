import dataclasses

from windrow.model import Filter
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
