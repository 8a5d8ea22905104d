import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windrow.model.interval import Interval
from windrow.model.operations import Correlate, Operation, Rank
from windrow.model.operations import rank as rank_file


GX = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
ONES = ((1, 1, 1),) * 3


def by_hand(operation: Rank, padded: np.ndarray) -> np.ndarray:
    """Every window sorted by Python."""
    cells = [(y, x) for y, row in enumerate(operation.footprint) for x, cell in enumerate(row)
             if cell]
    height = padded.shape[0] - operation.height + 1
    width = padded.shape[1] - operation.width + 1
    return np.array([[sorted(int(padded[y + i, x + j]) for i, j in cells)[operation.rank]
                      for x in range(width)] for y in range(height)])


@given(data=st.data())
def test_rank(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    cells = data.draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width)
                      .filter(any))
    footprint = tuple(tuple(cells[y * width : (y + 1) * width]) for y in range(height))
    operation = Rank(footprint, data.draw(st.integers(0, sum(cells) - 1)))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    padded = rng.integers(-5, 5, (height + 4, width + 3))
    assert operation.compute(padded)[0].tolist() == by_hand(operation, padded).tolist()


def test_rank_works_on_a_few_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    operation = Rank(((True, True, False), (False, True, True)), 1)
    padded = np.random.default_rng(1).integers(0, 99, (9, 8, 2))
    wanted = np.stack([by_hand(operation, padded[..., plane]) for plane in (0, 1)], axis=-1)
    for samples in (1, 100, 10**6):
        monkeypatch.setattr(rank_file, "_SORTED_SAMPLES", samples)
        assert np.array_equal(operation.compute(padded), wanted[None])


def test_bank() -> None:
    bank = Correlate((GX, ONES), ("gx", "mean"))
    padded = np.random.default_rng(2).integers(0, 256, (6, 7, 3))
    made = bank.compute(padded)
    assert made.shape == (2, 4, 5, 3)
    for number, kernel in enumerate((GX, ONES)):
        assert np.array_equal(made[number], Correlate((kernel,)).compute(padded)[0])
    assert int(made[0, 1, 2, 0]) == sum(
        GX[i][j] * int(padded[1 + i, 2 + j, 0]) for i in range(3) for j in range(3))


@pytest.mark.parametrize("operation, pixel, wanted", [
    (Correlate((GX, ONES), ("a", "b")), Interval(0, 255), ((-1020, 1020), (0, 2295))),
    (Correlate((((1, -2),),)), Interval(-128, 127), ((-128 - 254, 127 + 256),)),
    (Rank(((True, False),), 0), Interval(-3, 4), ((-3, 4),)),
])
def test_ranges(operation: Operation, pixel: Interval, wanted: object) -> None:
    assert operation.ranges(pixel) == wanted
    assert len(operation.outputs) == len(operation.ranges(pixel))
