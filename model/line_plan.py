"""The rows by which each stage of a pipeline is late, so that all lines together are fewest bits.

A stage may run later than what it reads lets it. Then it reads older lines of that, and what it
makes need not be kept so long: where the one is narrower than the other, bits are saved.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


__all__ = ["Read", "fewest_lines"]


@dataclass(frozen=True)
class Read:
    """One stage reads a tap.

    Parameters
    ----------
    tap, reader : :class:`str`
        What is read, and the stage that does.
    least : :class:`int`
        Rows by which the reader is late behind the tap, at least.
    above : :class:`int`
        How many lines more it reads than the rows by which it is late.
    """

    tap: str
    reader: str
    least: int
    above: int


def fewest_lines(
    stages: Mapping[str, Sequence[str]], reads: Sequence[Read], bits: Mapping[str, int],
    *first: str,
) -> dict[str, int]:
    """Rows by which each stage is late behind the first taps.

    The sum over the taps of ``bits`` times the most lines that anybody reads is least; of all such
    plans this is the earliest. It starts with every stage as early as can be, and moves those sets
    of stages one row on that save most; for such a function no other plan is better once none does.
    Source: K. Murota, Discrete Convex Analysis, SIAM 2003, section 10.3; the set is a closure of
    maximum weight: J. Picard, Management Science 22 (1976), 1268-1272.

    Parameters
    ----------
    stages : mapping
        The stages in order, each with the taps that it makes.
    reads : sequence of :class:`Read`
        Who reads what.
    bits : mapping of :class:`str` to :class:`int`
        Bits of a line of each tap.
    first : :class:`str`
        The taps that come in.
    """
    maker = {tap: stage for stage, taps in stages.items() for tap in taps}
    maker.update(dict.fromkeys(first, ""))
    late = {"": 0}
    for stage in stages:
        late[stage] = max(late[maker[read.tap]] + read.least for read in reads
                          if read.reader == stage)
    read_by: dict[str, list[Read]] = {}
    for read in reads:
        read_by.setdefault(read.tap, []).append(read)

    while True:
        weights = dict.fromkeys(stages, 0)
        needs: dict[str, list[str]] = {stage: [] for stage in stages}
        for tap, readers in read_by.items():
            lines = {read: late[read.reader] - late[maker[tap]] + read.above for read in readers}
            kept = f"lines of {tap}"
            weights[kept] = -bits[tap]
            needs[kept] = []
            for read, count in lines.items():
                if count == max(lines.values()):
                    needs[read.reader].append(kept)  # a line more, if this reader moves
            if tap not in first:
                weights[maker[tap]] += bits[tap]  # a line less, if the maker does
                needs[maker[tap]] += [
                    read.reader for read in readers
                    if late[read.reader] - late[maker[tap]] == read.least]
        moved = _heaviest_closure(weights, needs).intersection(stages)
        if not moved:
            return {stage: late[stage] for stage in stages}
        for stage in moved:
            late[stage] += 1


def _heaviest_closure(
    weights: Mapping[str, int], needs: Mapping[str, Sequence[str]]
) -> set[str]:
    """The nodes, each with all that it needs, that weigh most together; as few as can be.

    What the least cut between the nodes of positive weight and those of negative weight leaves on
    the side of the former, found by shortest paths that still carry something.
    """
    source, sink = object(), object()
    room: dict[object, dict[object, float]] = {node: {} for node in (source, sink, *weights)}

    def pipe(start: object, end: object, width: float) -> None:
        room[start][end] = room[start].get(end, 0) + width
        room[end].setdefault(start, 0)

    for node, weight in weights.items():
        if weight > 0:
            pipe(source, node, weight)
        elif weight < 0:
            pipe(node, sink, -weight)
        for need in needs[node]:
            pipe(node, need, float("inf"))
    while True:
        came: dict[object, object] = {source: source}
        waiting = deque([source])
        while waiting and sink not in came:
            before = waiting.popleft()
            for after, width in room[before].items():
                if width > 0 and after not in came:
                    came[after] = before
                    waiting.append(after)
        if sink not in came:
            return {node for node in weights if node in came}
        path = [sink]
        while path[-1] is not source:
            path.append(came[path[-1]])
        steps = list(zip(path[1:], path, strict=False))
        flow = min(room[start][end] for start, end in steps)
        for start, end in steps:
            room[start][end] -= flow
            room[end][start] += flow
