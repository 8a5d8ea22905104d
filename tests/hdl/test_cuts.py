"""Where pipelines are cut into parts, and what goes from one to the next."""

from typing import Any

import pytest

from windrow.hdl import PipelineCore
from windrow.hdl.hysteresis import Hysteresis
from windrow.hdl.parts import parts_of
from windrow.model.pipeline import Pipeline


BLUR = {"name": "blur", "kernel": "gaussian:ksize=3"}
UP = {"name": "up", "enlarge": 2}
#: The four pixels of a block are alike.
FOUR = ("input",) * 4

CUTS: dict[str, tuple[list[dict[str, Any]], list[str] | None, list[Any], Any]] = {
    "chain": ([BLUR, {"name": "most", "dilate": 3}], None,
              [(("blur", "most"), (("most",),), [])], (0, 0, ("most",), None)),
    "unused": ([BLUR, {"name": "most", "from": "input", "dilate": 3}], ["blur"],
               [(("blur",), (("blur",),), [])], (0, 0, ("blur",), None)),
    "enlarged": ([UP], None, [((), (FOUR,), [])], (0, 0, ("up",), "up")),
    "twice": ([UP, {"name": "no", "dilate": 3}, {"name": "more", "from": "up", "enlarge": 2}], None,
              [((), (FOUR,), []), ((), (("up",) * 4,), [(0, 0, ("up",), "up")])],
              (1, 0, ("more",), "more")),
    "behind": ([UP, {"name": "most", "dilate": 3}, {"name": "both", "expr": "up - most"}],
               ["both", "up"],
               [((), (FOUR,), []), (("most", "both"), (("both", "up"),), [(0, 0, ("up",), "up")])],
               (1, 0, ("both", "up"), None)),
    "crops": ([{"name": "a", "crop": [0, 0, 4, 5]},
               {"name": "b", "from": "input", "crop": [2, 3, 4, 5]},
               {"name": "c", "expr": "a - b[0, 1]", "output": "s9"}], ["c", "a"],
              [(("a", "b"), (("a",), ("b",)), []),
               (("c",), (("c", "a"),), [(0, 0, ("a",), None), (0, 1, ("b",), None)])],
              (1, 0, ("c", "a"), None)),
    "halves": ([{"name": "half", "shrink": 2}, {"name": "small", "from": "input", "shrink": 2},
                {"name": "less", "expr": "half - small", "output": "s9"}], None,
               [(("half", "small"), (("half",), ("small",)), []),
                (("less",), (("less",),), [(0, 0, ("half",), None), (0, 1, ("small",), None)])],
               (1, 0, ("less",), None)),
    "wrap": ([{"name": "a", "dilate": 3, "border": "wrap"},
              {"name": "b", "expr": "input - a", "output": "s9"}], None,
             [((), (("input",), ("input",)), []),
              (("a",), (("a",),), [(0, 1, ("a_wrapped",), "a_wrapped")]),
              (("b",), (("b",),), [(0, 0, ("input",), None), (1, 0, ("a",), None)])],
             (2, 0, ("b",), None)),
}
"""Stages, outputs, each part's stages, ends and links, and the way to the output."""


@pytest.mark.parametrize("name", CUTS)
def test_cut(name: str) -> None:
    stages, outputs, wanted, output = CUTS[name]

    def link(each: Any) -> Any:
        return each.source, each.end, each.taps, each.larger and each.larger.name

    parts, end = parts_of(Pipeline(stages, width=14, height=8, outputs=outputs))
    found = [(tuple(stage.name for stage in part.stages), part.ends, [*map(link, part.links)])
             for part in parts]
    assert (found, link(end)) == (wanted, output)


@pytest.mark.parametrize("stages, bits", [
    ([BLUR], 0), ([{"canny": [60, 150]}], Hysteresis(40, 20).bits),
    ([{"canny": [60, 150], "edges": "classes"}, {"hysteresis": 3}],
     Hysteresis(40, 20, lines=3).bits)])
def test_bits_that_hold_a_frame(stages: list[dict[str, Any]], bits: int) -> None:
    assert PipelineCore(Pipeline(stages, width=40, height=20)).frame_bits == bits


@pytest.mark.parametrize("factors, waiting", [([1, 3], 22), ([3, 1], 26), ([2, 3], 22)])
def test_beats_that_wait_for_a_larger_frame(factors: list[int], waiting: int) -> None:
    core = PipelineCore(Pipeline([{"name": "up", "enlarge": factors}, {"dilate": 3}], width=9,
                                 height=4))
    assert core.lines == {"input": 0, "up": 2}
    assert [way.waiting for way in core.ways] == [waiting, 0]


@pytest.mark.parametrize("stages, fixed", [
    ([BLUR], ""), ([{"kernel": [[1, 1]], "border": "symmetric"}, {"expr": "input + x"}], ""),
    ([BLUR, {"crop": [0, 0, 8, 14]}], "stage 'stage_2', whose frame has another size"),
    ([BLUR, {"name": "half", "shrink": 2}], "stage 'half', whose frame has another size"),
    ([{"shrink": [1, 1]}], "stage 'stage_1', whose frame has another size"),
    ([{"kernel": [[1, 1]], "padding": "valid"}], "stage 'stage_1', whose frame has another"),
    ([{"canny": [60, 150]}], "stage 'stage_1', which holds a frame of one size")])
def test_what_keeps_a_frames_size(stages: list[dict[str, Any]], fixed: str) -> None:
    found = PipelineCore(Pipeline(stages, width=14, height=8)).fixed
    assert found.startswith(fixed)
    assert bool(found) == bool(fixed)


@pytest.mark.parametrize("stages, tells", [
    ([{"canny": [60, 150]}], False), ([BLUR], False),
    ([{"canny": [60, 150], "edges": "classes"}, {"hysteresis": 3}], True)])
def test_only_edges_of_some_lines_may_be_incomplete(
    stages: list[dict[str, Any]], tells: bool
) -> None:
    core = PipelineCore(Pipeline(stages, width=14, height=8))
    assert ("incomplete" in core.signature.members) == tells
