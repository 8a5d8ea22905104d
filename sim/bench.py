"""The test bench in Python, one step a clock cycle, for every simulator that Python can drive."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from .frames import Port
from .protocol import Monitor
from .recording import Recording, Span
from .traffic import SplitMix, Traffic


__all__ = ["Bench"]


class Bench:
    """A source, a sink and a checker around one core.

    In each cycle, read the attributes below and drive them; then, just before the clock edge,
    hand what the core's outputs are to :meth:`step`. Stop when :attr:`done`.

    The compiled harness (``harness.cpp``) and the Icarus bench (``bench.v``) do the same, cycle
    for cycle, so that one job gives one result in all engines.

    Parameters
    ----------
    input, output : :class:`Port`
        The core's ports.
    beats : array of uint8
        Packed beats of all input frames, one after the other.
    traffic : :class:`Traffic`
        How the streams flow.
    progress : callable
        Told the number of output beats so far and in all.
    taps : mapping of :class:`str` to :class:`Port`
        Ports that show a network's tensors. It is not done before each has shown all frames.
    frame_cycles : :class:`int`
        About how many cycles a frame takes, where that is more than it has beats.

    Attributes
    ----------
    resetn, valid, user, last, ready : :class:`int`
        ``aresetn``, the input's ``tvalid``, ``tuser`` and ``tlast``, and the output's ``tready``.
    data, keep : :class:`int`
        ``tdata`` and ``tkeep`` of the input. With ``valid`` low all of them hold junk.
    """

    def __init__(
        self,
        input: Port,
        output: Port,
        beats: npt.NDArray[np.uint8],
        traffic: Traffic,
        progress: Callable[[int, int], None] | None = None,
        taps: Mapping[str, Port] | None = None,
        frame_cycles: int = 0,
    ) -> None:
        self._input, self._output, self._traffic = input, output, traffic
        self._taps = taps or {}
        self._data = [int.from_bytes(beat.tobytes(), "little") for beat in beats]
        self._mask = (1 << input.tdata_bits) - 1
        self._frame_count = len(beats) // input.beats_per_frame
        self._progress = progress
        self._threshold = traffic.threshold
        self._source_random, self._sink_random = (SplitMix(state) for state in traffic.states)
        self._patience = traffic.patience(
            max(input.beats_per_frame, output.beats_per_frame, frame_cycles))
        self._drain = 2 * max(input.beats_per_line, output.beats_per_line) + 64
        self._monitor = Monitor(output, self._frame_count)
        self._reset_at = traffic.reset_at
        self._start()

    def _start(self) -> None:
        """Begin a run: reset first, then every frame."""
        self._monitor.reset()
        self._monitor.cycle = 0
        self._received: list[int] = []
        self._tapped: dict[str, list[bytes]] = {name: [] for name in self._taps}
        self._edges: list[list[int]] = [[] for _ in range(self._frame_count)]
        self._sent = 0
        self._wait = self._pause(0)
        self._offering = False
        self._held = 0
        self._silent = 0
        self._drained = 0
        self._reset_left = self._traffic.reset_cycles
        self.done = False
        self._drive()

    @property
    def cycle(self) -> int:
        """Clock edges since the end of the reset."""
        return self._monitor.cycle

    def tap(self, name: str, beat: bytes) -> None:
        """Take a beat of a tap, before the :meth:`step` of the same cycle."""
        self._tapped[name].append(beat)
        self._silent = 0

    def read(self, digits: str) -> int:
        """Return the output's ``tdata`` from its binary digits; see :meth:`Port.read`."""
        return self._output.read(digits, self._monitor.beat)

    def _pause(self, beat: int) -> int:
        """Return for how many cycles the source is idle before beat ``beat``."""
        frame, index = divmod(beat, self._input.beats_per_frame)
        idle = self._traffic.cycles("gap", frame) if index == 0 and frame else 0
        if index == self._input.beats_per_frame - 1:
            idle += self._traffic.cycles("late", frame)
        return idle

    def _stalled(self, random: SplitMix) -> bool:
        return self._threshold > 0 and (random.next() >> 32) < self._threshold

    def _drive(self) -> None:
        """Decide what the next cycle drives."""
        self.resetn = int(self._reset_left == 0)
        if not self.resetn:
            self.valid = self.user = self.last = self.data = self.keep = self.ready = 0
            return
        if not self._offering and self._sent < len(self._data):
            if self._wait:
                self._wait -= 1
            else:
                self._offering = not self._stalled(self._source_random)
        self.valid = int(self._offering)
        beat = self._sent % self._input.beats_per_line
        data = self._data[self._sent] if self._sent < len(self._data) else 0
        keep = self._input.keep(beat)
        if self._offering:
            self.data, self.keep = data, keep
            self.user = int(self._sent % self._input.beats_per_frame == 0)
            self.last = int(beat == self._input.beats_per_line - 1)
        else:
            self.data, self.keep = data ^ self._mask, 0
            self.user = self.last = 1
        held = self._monitor.last and self._held < self._hold
        self.ready = int(not self._stalled(self._sink_random) and not held)

    @property
    def _hold(self) -> int:
        return self._traffic.cycles("hold", self._monitor.frame)

    def step(
        self, in_ready: int, valid: int, data: int, user: int, last: int, keep: int | None = None
    ) -> None:
        """Take one clock edge, given the core's outputs just before it.

        Raises
        ------
        :exc:`CoreError`
            If the core breaks a rule of its port, or hangs.
        """
        if self._reset_left:
            self._reset_left -= 1
            if self._reset_left == 0 and self._traffic.reset_cycles > 1 and valid:
                raise self._monitor.error("tvalid is 1 in reset")
            self._drive()
            return
        if self._reset_at is not None and self.cycle == self._reset_at:
            self._reset_at = None
            self._start()
            return
        now = self.cycle
        place = self._monitor.frame, self._monitor.first, self._monitor.last
        taken = self._monitor.step(valid, self.ready, data, user, last, keep)
        if taken:
            frame, first, final = place
            if first or final:
                self._edges[frame] += [now] * (first + final)
            self._received.append(data)
            self._held = 0
            if self._progress is not None and len(self._received) % 4096 == 0:
                self._progress(
                    len(self._received), self._frame_count * self._output.beats_per_frame
                )
        elif valid and self._monitor.last and self._held < self._hold:
            self._held += 1
        sent = bool(self._offering and in_ready)
        if sent:
            frame, index = divmod(self._sent, self._input.beats_per_frame)
            if index == 0:
                self._edges[frame].insert(0, now)
            if index == self._input.beats_per_frame - 1:
                self._edges[frame].insert(1, now)
            self._offering = False
            self._sent += 1
            if self._sent < len(self._data):
                self._wait = self._pause(self._sent)
        self._watch(taken or sent, in_ready)
        self._drive()

    def _watch(self, moved: bool, in_ready: int) -> None:
        """Notice the end, and a core that hangs."""
        shown = all(len(self._tapped[name]) >= self._frame_count * port.beats_per_frame
                    for name, port in self._taps.items())
        if self._sent == len(self._data) and self._monitor.frame == self._frame_count and shown:
            self._drained += 1
            self.done = self._drained > self._drain
            return
        self._silent = 0 if moved else self._silent + 1
        if self._silent > self._patience:
            raise self._monitor.error(
                f"the core hangs: no beat for {self._silent} cycles, {self._sent} of "
                f"{len(self._data)} input beats taken, input tready {in_ready}"
            )

    def recording(self) -> Recording:
        """Return what the finished run recorded."""
        size = self._output.bytes_per_beat
        data = b"".join(value.to_bytes(size, "little") for value in self._received)
        beats = np.frombuffer(data, np.uint8).reshape(-1, size)
        taps = {name: np.frombuffer(b"".join(shown), np.uint8).reshape(
            -1, self._taps[name].bytes_per_beat) for name, shown in self._tapped.items()}
        return Recording(beats, [Span(*edges) for edges in self._edges], taps=taps)
