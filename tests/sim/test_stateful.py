"""Registers, frames, faults, stalls and resets in any order, against what the documents say.

Hypothesis makes up the orders and shortens the one that fails. What the core is given and what it
should do with it is followed by three models, none of which knows the hardware: of the registers,
of the rules for malformed streams, and :meth:`Filter.compute` with what was committed before a
frame's start.
"""

import random
from collections.abc import Sequence
from typing import Any

import hypothesis
import numpy as np
import pytest
from faults import FAULTS, Stream
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from live_bench import PAUSE, Live, Outcome, pack_beats, pack_frames
from register_model import RegisterModel

from windrow.hdl.control.register_map import ERRORS, Field, RegisterMap
from windrow.model import Filter
from windrow.model.borders import BORDERS
from windrow.model.framing import Beat, Framer
from windrow.model.nodes import ROUNDINGS
from windrow.model.sides import Sides
from windrow.sim import MissingTool
from windrow.sim.verilator import Verilator


try:
    Verilator().require()
except MissingTool as missing:
    pytest.skip(str(missing), allow_module_level=True)

SHAPES: dict[str, dict[str, Any]] = {
    "runtime 3x3": {"kernel": [[1, 2, 1], [2, 4, 2], [1, 2, 1]], "width": 7, "height": 4,
                    "shift": 4, "coefficients": "runtime", "coefficient_bits": 9,
                    "max_width": 9, "max_height": 6},
    "constant 5x4": {"kernel": np.arange(20).reshape(5, 4) - 7, "width": 8, "height": 6,
                     "border": "reflect101", "output": "s12", "operation": "convolve",
                     "max_height": 7},
    "two pixels a clock": {"kernel": [[1, -2, 3], [4, 5, -6]], "width": 14, "height": 3,
                           "output": "s13", "pixels_per_clock": 2, "coefficients": "runtime",
                           "max_width": 16, "overflow": "wrap"},
    "valid, three channels": {"kernel": [[1, 2, 1], [2, -7, 2], [1, 2, 1]], "width": 8,
                              "height": 4, "channels": 3, "padding": "valid", "output": "u10",
                              "overflow": "abs-saturate", "max_width": 8, "max_height": 5},
}

SETTLED = 24
"""Cycles after a command in which all that it leads to has happened, but for what waits for the
output to be taken."""


class Rules(Framer):
    """The rules for streams, with settings that are taken at a frame's start."""

    def __init__(self, filter: Filter, registers: RegisterModel) -> None:
        super().__init__(filter.width, filter.height, filter.pixels_per_clock, filter.channels)
        self._filter = self._in_force = filter
        self._registers = registers
        self.filters: list[Filter] = []
        self.pending = False

    def take(self, beat: Beat) -> None:
        if beat.first and self._frame is not None:
            self.events.append("early_start")
            self._finish(self._frame)
        if beat.first and self._frame is None:
            if self.pending:
                self._in_force = _committed(self._filter, self._registers)
                self.width, self.height = self._in_force.width, self._in_force.height
                self.pending = self.discards
            if not self.discards:
                self.filters.append(self._in_force)
        super().take(beat)


def _committed(filter: Filter, registers: RegisterModel) -> Filter:
    """The filter that stands for what was committed."""
    get: Any = registers.setting
    keys: dict[str, Any] = {
        "width": get("width"), "height": get("height"), "shift": get("shift"),
        "offset": get("offset"), "rounding": ROUNDINGS[get("rounding")],
        "border": {side: BORDERS[get(side)] for side in Sides._fields},
        "border_value": get("border_value"),
    }
    if filter.runtime_kernel:
        keys["kernel"] = np.reshape(get("coefficients"), (filter.kernel_height, -1))
    if get("bypass"):
        # The kernel whose only coefficient lies on the pixel; the anchor is a place in `taps`.
        row, column = filter.anchor
        delta = np.zeros((filter.kernel_height, filter.kernel_width), int)
        delta[row, column] = 1
        if filter.operation == "convolve":
            delta = delta[::-1, ::-1]
        keys |= {"kernel": delta, "shift": 0, "offset": 0, "overflow": "saturate"}
    return filter.replace(**keys)


def _legal(field: Field) -> Sequence[int]:
    """Values of a field, of which a filter can be made and of which not most are alike."""
    match field.name:
        case "enable":
            return [1, 1, 1, 1, 1, 0]
        case "bypass":
            return [0, 0, 0, 1]
        case "offset":
            return [0, 0, 1, -1, 100, -4000]
        case "shift":
            return range(10)
    first = field.minimum + (field.resets[0] - field.minimum) % field.step
    return range(first, field.maximum + 1, field.step)


class Machine(RuleBasedStateMachine):
    """A core that runs, and what is known of it."""

    def __init__(self, live: Live) -> None:
        super().__init__()
        self.live = live
        self.map = RegisterMap(live.filter)
        self._begin()

    def _begin(self) -> None:
        self.registers = RegisterModel(self.map)
        self.rules = Rules(self.live.filter, self.registers)
        self.beats: list[np.ndarray] = []  # the output so far
        self.events: list[str] = []
        self.rest: list[Beat] = []  # of the last good frame

    @initialize(seed=st.integers(0, 999))
    def starts(self, seed: int) -> None:
        self.live.traffic(0, 0)
        self.live.reset(seed=seed)

    # What may happen.

    @rule(source=st.sampled_from([0, 0.3, 0.7]), sink=st.sampled_from([0, 0.3, 0.8]))
    def stalls(self, source: float, sink: float) -> None:
        self.live.traffic(source, sink)

    @rule(seed=st.integers(0, 999), pause=st.booleans())
    def frame(self, seed: int, pause: bool) -> None:
        self._send(self._stream(seed).good(), pause)

    @rule(seed=st.integers(0, 999), cut=st.integers(1, 40))
    def part_of_a_frame(self, seed: int, cut: int) -> None:
        frame = self._stream(seed).good()
        self._send(frame[:cut])
        self.rest = frame[cut:]

    @precondition(lambda self: self.rest)
    @rule()
    def the_rest_of_it(self) -> None:
        self._send(self.rest)

    @rule(seed=st.integers(0, 999), fault=st.sampled_from([*FAULTS]), at=st.integers(0, 40))
    def fault(self, seed: int, fault: str, at: int) -> None:
        stream = self._stream(seed)
        self._send(FAULTS[fault](stream, stream.good(), at % stream.count))

    @rule(seed=st.integers(0, 999), count=st.integers(1, 5))
    def strays(self, seed: int, count: int) -> None:
        stream = self._stream(seed)
        self._send([stream.junk() for _ in range(count)])

    @rule(data=st.data())
    def setting(self, data: st.DataObject) -> None:
        """Any register's, not committed yet."""
        register = self.map[data.draw(st.sampled_from([
            each.name for each in self.map.registers if each.buffered]), "register")]
        address = data.draw(st.sampled_from(register.offsets), "address")
        self._write(address, sum(field.encode(data.draw(st.sampled_from(_legal(field)), field.name))
                                 for field in register.fields))

    @rule(seed=st.integers(0, 999), share=st.sampled_from([0.3, 1]))
    def settings(self, seed: int, share: float) -> None:
        """Some or all, committed."""
        rng = random.Random(seed)
        for offset, (register, _) in self.registers.places.items():
            if register.buffered and rng.random() < share:
                self._write(offset, sum(
                    field.encode(rng.choice(_legal(field))) for field in register.fields))
        self.commit()

    @rule(data=st.data(), word=st.integers(0, (1 << 32) - 1))
    def any_write(self, data: st.DataObject, word: int) -> None:
        """To where it is refused: what it may do else is up to the other rules."""
        offset = 4 * data.draw(st.integers(0, 0x250 // 4), "word of the port")
        found = self.registers.places.get(offset)
        if found is None or not found[0].allows(word):
            self._write(offset, word)

    @rule(seed=st.integers(0, 999), cut=st.integers(1, 40))
    def settings_within_a_frame(self, seed: int, cut: int) -> None:
        """They are the next one's, however little of this one has come."""
        frame = self._stream(seed).good()
        self._send(frame[:cut])
        self.settings(seed, 0.3)  # mostly without a new size
        self._send(frame[cut:])

    @rule()
    def commit(self) -> None:
        self._write(self.map["COMMIT"].offset, 1)
        self.rules.pending = True
        self.rules.discards = not self.registers.setting("enable")
        self.live_idle(SETTLED)

    @rule(bits=st.integers(0, 0x31F))
    def clear_events(self, bits: int) -> None:
        self._write(self.map["EVENTS"].offset, bits & self.map["EVENTS"].mask)

    @rule(bits=st.integers(0, 0x31F))
    def enable_interrupts(self, bits: int) -> None:
        self._write(self.map["INTERRUPT_ENABLE"].offset,
                    bits & self.map["INTERRUPT_ENABLE"].mask)

    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        names = ["STATUS", "EVENTS", "FRAMES", "COMMIT", *ERRORS.values()]
        register = self.map[data.draw(st.one_of(
            st.sampled_from(names), st.sampled_from([each.name for each in self.map.registers])),
            "register")]
        offset = data.draw(st.sampled_from(register.offsets), "address")
        self._settle()
        word, answer, outcome = self.live.read(offset)
        self._sees(outcome)
        assert (word, answer) == self.registers.read(offset), register.name

    @rule()
    def quiet(self) -> None:
        """With nothing more to come, all frames that are complete come out."""
        self._sees(self.live.quiet())
        wanted = self._wanted()
        # A frame that has begun keeps back what its beats will push out of the one before.
        complete = len(self.rules.frames) - self.rules.unfinished
        assert sum(map(len, self.beats)) >= sum(map(len, wanted[:complete]))
        if not self.rules.unfinished:
            assert sum(map(len, self.beats)) == sum(map(len, wanted))
            assert self.registers.resized is False

    @rule(cycles=st.integers(1, 5), seed=st.integers(0, 999))
    def reset(self, cycles: int, seed: int) -> None:
        self.live.reset(cycles, seed)
        self._begin()

    @rule(cycles=st.integers(1, 200))
    def live_idle(self, cycles: int) -> None:
        self._sees(self.live.idle(cycles))

    # What must hold.

    @invariant()
    def events_are_those_of_the_rules(self) -> None:
        assert [name for name in self.events if name != "taken"] == self.rules.events

    @invariant()
    def output_is_what_was_committed(self) -> None:
        got = np.concatenate([pack_frames(self.live.output, []), *self.beats])
        place = 0
        for number, wanted in enumerate(self._wanted()):
            part = got[place : place + len(wanted)]
            for beat in np.flatnonzero((part != wanted[: len(part)]).any(axis=1))[:1]:
                raise AssertionError(
                    f"frame {number}, output beat {beat}: got {part[beat]}, "
                    f"wanted {wanted[beat]}; {self.rules.filters[number]}")
            place += len(wanted)
        assert len(got) <= place or self.rules.unfinished, "output after the last frame"
        # Only what is new is looked at again.
        whole = [len(wanted) for wanted in self._wanted()]
        while whole and len(got) >= whole[0]:
            got = got[whole.pop(0) :]
            del self.rules.frames[0], self.rules.filters[0]
        self.beats = [got] if len(got) else []

    def _stream(self, seed: int) -> Stream:
        size = {"width": self.rules.width, "height": self.rules.height}
        if self.rules.pending and not self.rules.unfinished:
            size = {name: self.registers.setting(name) for name in size}
        return Stream(self.live.filter.replace(**size), random.Random(seed))

    def _wanted(self) -> list[np.ndarray]:
        """The output of each frame that is complete."""
        found = []
        for frame, filter in zip(self.rules.frames, self.rules.filters, strict=False):
            fields = {**vars(self.live.output), "width": filter.output_width,
                      "height": filter.output_height}
            found.append(pack_frames(type(self.live.output)(**fields), [filter.compute(frame)]))
        return found

    def _send(self, beats: list[Beat], pause: bool = False) -> None:
        self.rest = []
        if beats:
            packed = pack_beats(self.live.input, beats)
            packed[0, 0] |= PAUSE * pause
            for beat in beats:
                self.rules.take(beat)
            self._sees(self.live.send(packed))
            self.live_idle(SETTLED)

    def _write(self, address: int, word: int) -> None:
        self._settle()
        answer, outcome = self.live.write(address, word)
        assert answer == self.registers.write(address, word)
        self._sees(outcome)  # a new size may be taken before the answer to its commit

    def _settle(self) -> None:
        """A new size is taken as soon as the core is idle: it must be known when."""
        if self.registers.resized:
            self._sees(self.live.quiet())

    def _sees(self, outcome: Outcome) -> None:
        self.events += outcome.events
        for name in outcome.events:
            self.registers.happens(name)
        if len(outcome.beats):
            self.beats.append(outcome.beats)


@pytest.mark.parametrize("name", SHAPES)
def test_any_order(name: str) -> None:
    filter = Filter(**SHAPES[name], control="axi4-lite")
    lives: list[Live] = []

    def machine() -> Machine:
        # After a failure the program has ended.
        if not lives or lives[-1].ended:
            lives.append(Live(filter).__enter__())
        return Machine(lives[-1])

    try:
        run_state_machine_as_test(machine, settings=hypothesis.settings(
            max_examples=40, stateful_step_count=40, deadline=None, derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck)))
    finally:
        for live in lives:
            live.__exit__(None, None, None)
