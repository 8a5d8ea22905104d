"""The axis tables, judged by sweeping a list of labels instead of building hardware."""

import random

import pytest

from windrow.hdl.axis import Axis, Flag, Sample, Tap


BORDERS = ("constant", "replicate", "symmetric", "reflect101")


def wanted(axis: Axis, line: list) -> list[list]:
    """What the kernel's taps must show at every output position."""

    def at(position: int):
        if 0 <= position < len(line):
            return line[position]
        border = axis.border_before if position < 0 else axis.border_after
        past = -position if position < 0 else position - (len(line) - 1)
        if border == "constant":
            return "border"
        inward = {"replicate": 0, "symmetric": past - 1, "reflect101": past}[border]
        return line[inward] if position < 0 else line[len(line) - 1 - inward]

    return [[at(x - axis.before + tap) for tap in range(axis.kernel)]
            for x in range(axis.output_size)]


def sweep(axis: Axis, lines: list[list], gaps: list[int]) -> list[list[list]]:
    """Windows of each line, made by shifting registers as :meth:`Axis.updates` says."""
    pushes = []
    for line, gap in zip(lines, gaps, strict=True):
        for beat in range(max(axis.input_beats, axis.output_beats)):
            samples = line[beat * axis.lanes : (beat + 1) * axis.lanes]
            samples += ["past the end"] * (axis.lanes - len(samples))
            pushes.append(({"first": beat == 0, "last": beat == axis.input_beats - 1}, samples))
        pushes += [({"first": False, "last": False}, ["blank"] * axis.lanes)] * gap

    updates = axis.updates()
    extra = len(updates) - axis.taps
    taps: list = ["nothing"] * len(updates)
    rows: list[list[list]] = []
    within = False
    for now in range(len(pushes)):

        def holds(flag: Flag, now: int = now) -> bool:
            return now >= flag.age and pushes[now - flag.age][0][flag.edge]

        def value(source, now: int = now, taps: list = taps):
            match source:
                case Sample(age, lane):
                    assert 0 <= age <= axis.delay
                    return pushes[now - age][1][lane] if now >= age else "nothing"
                case Tap(number):
                    return taps[number + extra]
                case None:
                    return "border"

        new = []
        for update in updates:
            held = [case for case in update.cases if holds(case.flag)]
            assert len(held) <= 1, "cases must exclude each other"
            new.append(value(held[0].source if held else update.default))
        taps = new
        if holds(Flag("first", axis.delay)):
            rows.append([])
            within = True
        if within:
            rows[-1].append(taps[extra:])
        if holds(Flag("last", axis.drain)):
            within = False
    return rows


def check(axis: Axis, gaps: list[int]) -> None:
    lines = [[(number, x) for x in range(axis.size)] for number in range(len(gaps))]
    rows = sweep(axis, lines, [*gaps[:-1], gaps[-1] + axis.delay + 1])
    assert len(rows) == len(lines)
    for line, row in zip(lines, rows, strict=True):
        assert len(row) == axis.output_beats
        for x, window in enumerate(wanted(axis, line)):
            beat, lane = divmod(x, axis.lanes)
            assert row[beat][lane : lane + axis.kernel] == window, (axis, line[0], x)


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("lanes", [1, 2, 8])
@pytest.mark.parametrize("kernel", [1, 2, 3, 5, 6])
def test_updates_every_padding(kernel: int, lanes: int, border: str) -> None:
    for size in (kernel, kernel + 1, kernel + 2, 2 * kernel + 9):
        for before in range(kernel):
            for after in range(kernel):
                check(Axis(size, kernel, before, after, border, border, lanes), [0, 0])


@pytest.mark.parametrize("seed", range(60))
def test_updates_mixed_borders_and_gaps(seed: int) -> None:
    rng = random.Random(seed)
    kernel = rng.choice([2, 3, 4, 7, 11, 31])
    axis = Axis(kernel + rng.randrange(40), kernel, rng.randrange(kernel), rng.randrange(kernel),
                rng.choice(BORDERS), rng.choice(BORDERS), rng.choice([1, 2, 4, 8]))
    check(axis, [rng.randrange(4), rng.randrange(20), 0])


@pytest.mark.parametrize("before_border", BORDERS)
@pytest.mark.parametrize("after_border", BORDERS)
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 7])
def test_selects(kernel: int, before_border: str, after_border: str) -> None:
    for size in (kernel, kernel + 1, 3 * kernel):
        for before in range(kernel):
            for after in range(kernel):
                axis = Axis(size, kernel, before, after, before_border, after_border)
                line = list(range(size))
                for x, window in enumerate(wanted(axis, line)):
                    now = x + axis.delay
                    for tap, select in enumerate(axis.selects()):
                        held = [
                            case for case in select.cases
                            if now - case.flag.age == (0 if case.flag.edge == "first" else size - 1)
                        ]
                        assert len(held) <= 1
                        source = held[0].source if held else select.default
                        if isinstance(source, Sample):
                            assert 0 <= source.age <= axis.depth
                            assert source.lane == 0
                            assert line[now - source.age] == window[tap], (axis, x, tap)
                        else:
                            assert window[tap] == "border"


@pytest.mark.parametrize("lanes", [1, 4])
def test_without_padding_nothing_is_chosen(lanes: int) -> None:
    axis = Axis(20, 5, 0, 0, "replicate", "replicate", lanes)
    assert not any(update.cases for update in axis.updates())


@pytest.mark.parametrize("border", BORDERS)
@pytest.mark.parametrize("kernel", [1, 3, 5, 15, 31])
def test_depth_of_centred_odd_kernels_is_one_less_than_the_kernel(kernel: int, border: str) -> None:
    assert Axis(64, kernel, kernel // 2, kernel // 2, border, border).depth == kernel - 1


@pytest.mark.parametrize("border", ["constant", "replicate"])
@pytest.mark.parametrize(("before", "after"), [(0, 0), (3, 3), (0, 3), (2, 1), (3, 0)])
def test_depth_without_reflection_is_one_less_than_the_kernel(before, after, border) -> None:
    assert Axis(64, 4, before, after, border, border).depth == 3


@pytest.mark.parametrize(("border", "before", "after", "depth"), [
    ("symmetric", 2, 1, 3),  # OpenCV's anchor of a 4-tap kernel
    ("reflect101", 2, 1, 4),  # row 2 mirrors to row -2: it must come while 0 and 1 are kept
    ("symmetric", 3, 3, 7),  # padding "full"
    ("reflect101", 3, 3, 9),
    ("reflect101", 1, 2, 4),
])
def test_depth_of_wide_reflections(border: str, before: int, after: int, depth: int) -> None:
    assert Axis(64, 4, before, after, border, border).depth == depth


@pytest.mark.parametrize(("lanes", "delay", "drain"), [(1, 2, 2), (2, 1, 1), (4, 1, 1), (8, 1, 1)])
def test_delay_and_drain(lanes: int, delay: int, drain: int) -> None:
    axis = Axis(64, 5, 2, 2, "replicate", "replicate", lanes)
    assert (axis.delay, axis.drain) == (delay, drain)


def test_unknown_border() -> None:
    with pytest.raises(ValueError, match=r"^Border must be a streamable border, not 'wrap'$"):
        Axis(8, 3, 1, 1, "wrap", "wrap").selects()
