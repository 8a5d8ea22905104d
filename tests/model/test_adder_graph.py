import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windrow.model.graph import Graph, Schedule
from windrow.model.interval import Interval
from windrow.model.kernels import catalogue
from windrow.model.kernels.kernel import Matrix
from windrow.model.lowering import adder_graph as module
from windrow.model.lowering.adder_graph import adder_graph
from windrow.model.lowering.factor import digit_count
from windrow.model.lowering.linear import Builder


PIXEL = Interval(0, 255)


@pytest.fixture(params=["with da4ml", "without da4ml"])
def solver(request: pytest.FixtureRequest) -> Iterator[None]:
    """Both with da4ml, where it is installed, and as if it were not."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "without da4ml":
            patch.setattr(module, "_da4ml", lambda: None)
        else:
            pytest.importorskip("da4ml")
        yield


def made(matrix: Matrix, inputs: Interval = PIXEL) -> Graph:
    return adder_graph(matrix, lambda: Builder([inputs] * len(matrix[0])))


def flat(text: str) -> Matrix:
    """The one row of a window's coefficients."""
    kernel = catalogue.kernel(text).kernel
    return (tuple(tap for column in zip(*kernel, strict=True) for tap in column),)


@st.composite
def matrices(draw: st.DrawFn) -> Matrix:
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    entries = (
        st.integers(-(2**8), 2**8)
        | st.sampled_from([0, 0, 1, -1, -(2**24), 2**24 - 1])
        | st.integers(-(2**60), 2**60)
    )
    return tuple(tuple(draw(entries) for _ in range(width)) for _ in range(height))


@pytest.mark.usefixtures("solver")
@settings(deadline=None)
@given(matrices(), st.integers(-9, 0), st.integers(1, 20), st.data())
def test_exact(matrix: Matrix, low: int, high: int, data: st.DataObject) -> None:
    graph = made(matrix, Interval(low, high))
    assert graph.matrix == matrix
    assert graph.multiplier_count == 0
    values = [data.draw(st.integers(low, high)) for _ in matrix[0]]
    assert graph.compute(values) == [
        sum(a * b for a, b in zip(row, values, strict=True)) for row in matrix
    ]
    for term, row in zip(graph.outputs, matrix, strict=True):
        ends = [sorted((entry * low, entry * high)) for entry in row]
        assert graph.interval(term) == (sum(e[0] for e in ends), sum(e[1] for e in ends))
    # Never dearer than the digits added up one by one, and a sign for each row.
    assert graph.adder_count <= sum(map(digit_count, matrix))
    assert made(matrix, Interval(low, high)) == graph


@pytest.mark.usefixtures("solver")
@pytest.mark.parametrize(
    "matrix, adders",
    [
        (((1,),), 0),
        (((0, 0),), 0),
        (((8, 0, 0),), 0),
        (((-1, -1),), 2),
        (((3,),), 1),
        (((15, 17),), 3),
        # 45 is 5 times 9, and 23 is 3 times 8 less 1.
        (((45,),), 2),
        (((1, 2, 1),), 2),
        (((1, 4, 6, 4, 1),), 5),
        (((1, 1, 0), (1, 1, 1), (-1, -1, 1)), 3),
        (flat("sobel-x"), 5),
        (flat("binomial"), 8),
        (flat("laplacian"), 4),
        (((1,) * 49,), 48),
        (flat("sharpen"), 5),
    ],
)
def test_adder_count(matrix: Matrix, adders: int) -> None:
    assert made(matrix).adder_count == adders


@pytest.mark.usefixtures("solver")
@pytest.mark.parametrize("size, adders", [(7, 83), (15, 283), (31, 1022)])
def test_dense(size: int, adders: int) -> None:
    rng = random.Random(size)
    matrix = (tuple(rng.randint(-128, 127) for _ in range(size * size)),)
    graph = made(matrix)
    assert graph.matrix == matrix
    assert graph.adder_count <= adders
    # No deeper than a balanced tree and three more.
    assert Schedule(graph).latency <= (size * size).bit_length() + 3


def test_da4ml_never_makes_it_dearer(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("da4ml")
    rng = random.Random(11)
    for _ in range(20):
        height, width = rng.randint(1, 5), rng.randint(1, 12)
        matrix = tuple(
            tuple(rng.randint(-200, 200) for _ in range(width)) for _ in range(height)
        )
        graph = made(matrix)
        with monkeypatch.context() as patch:
            patch.setattr(module, "_da4ml", lambda: None)
            own = made(matrix)
        assert own.matrix == graph.matrix == matrix
        assert Schedule(graph).cost <= Schedule(own).cost


@pytest.mark.parametrize("matrix", [
    ((2**24 - 1, -(2**24) + 1, 3),),
    ((0, 4), (0, 8)),
    ((0, 0), (0, 0)),
    ((-1, -2), (3, 6), (0, 0)),
    ((5, 7, 11, 13),) * 3,
])  # fmt: skip
@pytest.mark.parametrize("depth", [0, -1])
def test_da4ml_is_understood(matrix: Matrix, depth: int) -> None:
    pytest.importorskip("da4ml")
    builder = Builder([PIXEL] * len(matrix[0]))
    terms = module._solved(builder, matrix, depth)
    assert terms is not None
    assert builder.graph(terms).matrix == matrix
