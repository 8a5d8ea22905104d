"""The axis tables, judged by sweeping a list of labels instead of building hardware."""

import random

import pytest

from windrow.model.axis import AnyAxis, Axis, Flag, Sample, Tap


BORDERS = ("constant", "replicate", "symmetric", "reflect101")


Borders = tuple[str, str]


def wanted(axis: Axis, line: list, borders: Borders | None = None) -> list[list]:
    """What the kernel's taps must show at every output position."""
    border_before, border_after = borders or (axis.border_before, axis.border_after)

    def at(position: int):
        if 0 <= position < len(line):
            return line[position]
        border = border_before if position < 0 else border_after
        past = -position if position < 0 else position - (len(line) - 1)
        if border == "constant":
            return "border"
        inward = {"replicate": 0, "symmetric": past - 1, "reflect101": past}[border]
        return line[inward] if position < 0 else line[len(line) - 1 - inward]

    return [[at(x - axis.before + tap) for tap in range(axis.kernel)]
            for x in range(axis.output_size)]


def allows(flag: Flag, borders: Borders) -> bool:
    return not flag.borders or borders[flag.side == "after"] in flag.borders


def sweep(
    axis: Axis, lines: list[list], gaps: list[int], borders: list[Borders] | None = None
) -> list[list[list]]:
    """Windows of each line, made by shifting registers as :meth:`Axis.updates` says.

    With ``borders`` of each line, which are in force from its first window on.
    """
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

        starts = now >= axis.delay and pushes[now - axis.delay][0]["first"]
        in_force = borders[max(len(rows) - 1 + starts, 0)] if borders else ("", "")

        def holds(flag: Flag, now: int = now, in_force: Borders = in_force) -> bool:
            return (now >= flag.age and pushes[now - flag.age][0][flag.edge]
                    and allows(flag, in_force))

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
        if starts:
            rows.append([])
            within = True
        if within:
            rows[-1].append(taps[extra:])
        if holds(Flag("last", axis.drain)):
            within = False
    return rows


def check(axis: Axis, gaps: list[int], borders: list[Borders] | None = None) -> None:
    lines = [[(number, x) for x in range(axis.size)] for number in range(len(gaps))]
    rows = sweep(axis, lines, [*gaps[:-1], gaps[-1] + axis.delay + 1], borders)
    assert len(rows) == len(lines)
    for number, (line, row) in enumerate(zip(lines, rows, strict=True)):
        assert len(row) == axis.output_beats
        for x, window in enumerate(wanted(axis, line, borders and borders[number])):
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


@pytest.mark.parametrize("seed", range(60))
def test_updates_with_another_border_for_each_line(seed: int) -> None:
    rng = random.Random(seed)
    kernel = rng.choice([1, 2, 3, 4, 5, 7, 11])
    axis = AnyAxis(kernel + rng.randrange(12), kernel, rng.randrange(kernel),
                   rng.randrange(kernel), "constant", "constant", rng.choice([1, 1, 2, 4, 8]),
                   least_age=rng.choice([0, 1]))
    borders = [(rng.choice(BORDERS), rng.choice(BORDERS)) for _ in range(5)]
    check(axis, [0, rng.randrange(4), 0, rng.randrange(20), 0], borders)
    flags = [case.flag for update in axis.updates() for case in update.cases]
    assert all(flag.age >= axis.least_age for flag in flags)


@pytest.mark.parametrize("before_border", BORDERS)
@pytest.mark.parametrize("after_border", BORDERS)
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_selects_of_any_border(kernel: int, before_border: str, after_border: str) -> None:
    borders = (before_border, after_border)
    for size in (kernel, kernel + 1, 3 * kernel):
        for before in range(kernel):
            for after in range(kernel):
                axis = AnyAxis(size, kernel, before, after, "constant", "constant")
                selects = axis.selects()
                line = list(range(size))
                for x, window in enumerate(wanted(axis, line, borders)):
                    now = x + axis.delay
                    for tap, select in enumerate(selects):
                        held = [
                            case for case in select.cases
                            if now - case.flag.age == (0 if case.flag.edge == "first" else size - 1)
                            and allows(case.flag, borders)
                        ]
                        assert len(held) <= 1
                        source = held[0].source if held else select.default
                        if isinstance(source, Sample):
                            assert 0 <= source.age <= axis.depth
                            assert line[now - source.age] == window[tap], (axis, x, tap)
                        else:
                            assert window[tap] == "border"


def test_any_border_has_the_delay_and_the_depth_of_the_worst() -> None:
    def axis(border: str) -> Axis:
        return Axis(64, 4, 3, 3, border, border)

    every = AnyAxis(64, 4, 3, 3, "constant", "constant")
    assert every.delay == axis("reflect101").delay == 3 > axis("replicate").delay
    assert every.depth == axis("reflect101").depth
    assert every.drain == axis("reflect101").drain


def test_without_padding_any_border_is_as_good_as_one() -> None:
    every = AnyAxis(64, 5, 0, 0, "constant", "constant")
    one = Axis(64, 5, 0, 0, "replicate", "replicate")
    assert every.selects() == one.selects()
    assert every.updates() == one.updates()


def test_no_flag_is_younger_than_the_least_age() -> None:
    # Of a kernel that reaches only back, the first output is made with the first input.
    assert AnyAxis(64, 3, 2, 0, "constant", "constant").delay == 2  # reflect101 waits for two more
    assert AnyAxis(64, 3, 0, 0, "constant", "constant", 4).delay == 1
    assert AnyAxis(64, 2, 0, 1, "constant", "constant", 8, least_age=1).delay == 1
    assert AnyAxis(64, 1, 0, 0, "constant", "constant", least_age=1).delay == 0


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


@pytest.mark.parametrize("kernel, before, lanes", [(2, 1, 4), (3, 1, 4), (3, 2, 8), (3, 1, 1)])
def test_any_border_waits_for_no_register_unless_asked(
    kernel: int, before: int, lanes: int
) -> None:
    ends = (kernel - 1 - before, "replicate", "replicate", lanes)
    axis = AnyAxis(24, kernel, before, *ends)
    assert axis.delay == max(
        Axis(24, kernel, before, ends[0], border, border, lanes).delay for border in BORDERS)
