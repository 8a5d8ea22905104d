"""Where a row ends, worked out from the width: alone, for every width."""

import random
from typing import Any

import pytest
from amaranth.sim import Simulator
from register_bench import controlled

from windrow.hdl.core import frame_geometry
from windrow.hdl.devices import device
from windrow.hdl.framing.row_size import Reach, RowSize
from windrow.hdl.settings import Extent
from windrow.model import Filter


KEYS: list[dict[str, Any]] = [
    {"kernel": [[1, 2, 1]] * 2},
    {"kernel": [[1, 2, 3, 4]], "padding": "valid"},
    {"kernel": [[1, 2, 3, 4]], "padding": "full"},
    {"kernel": [[1] * 7], "padding": "full"},
    {"kernel": [[1, 2, 1]], "pixels_per_clock": 4},
    {"kernel": [[1] * 6], "padding": "full", "pixels_per_clock": 2},
]


@pytest.mark.parametrize("keys", KEYS)
def test_the_ends_of_a_row(keys: dict[str, Any]) -> None:
    """So many cycles after a width as the component says, and not sooner."""
    filter = controlled(Filter(**{"width": 12, "height": 2} | keys))
    filter = filter.replace(max_width=filter.width + 20 * filter.pixels_per_clock)
    geometry = frame_geometry(filter, device("generic"))
    dut: Any = RowSize(geometry)
    assert len(dut.width) == Extent().members["width"]
    lanes = filter.pixels_per_clock
    columns = geometry.columns
    widths = [*range(geometry.least_width, filter.max_width + 1, lanes)] * 2
    random.Random(0).shuffle(widths)
    widths = [filter.width, *widths]
    late = []

    def wanted(width: int) -> tuple[tuple[int, int, int], ...]:
        beats = -(-width // lanes)
        pushes = max(beats + max(columns.output_beats - columns.input_beats, 0),
                     geometry.shortest_row)
        return tuple(
            (0, 1, made - Reach.most_near) if made > Reach.most_near else (1 << made - 1, 0, 0)
            for made in (beats - 2, pushes - 2))

    async def testbench(ctx: Any) -> None:
        def seen() -> tuple[tuple[int, int, int], ...]:
            ends = (ctx.get(dut.row_end), ctx.get(dut.end))
            return tuple((end.near, end.far, end.address if end.far else 0) for end in ends)

        assert seen() == wanted(filter.width), "what it is after a reset"
        before = filter.width
        for width in widths:
            ctx.set(dut.width, width)
            for cycle in range(dut.latency):
                late.append(seen() == wanted(before))
                assert cycle > 0 or late[-1]
                await ctx.tick()
            assert seen() == wanted(width)
            before = width

    sim = Simulator(dut)
    sim.add_clock(1e-6)
    sim.add_testbench(testbench)
    sim.run()
    assert all(late)
