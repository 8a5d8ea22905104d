"""Rules of an AXI4-Stream Video port, checked cycle by cycle."""

from .frames import Port
from .recording import CoreError


__all__ = ["Monitor"]


class Monitor:
    """Checks one port in every cycle and knows its place in the frame.

    The rules: a beat once offered stays offered, unchanged, until it is taken; ``tuser`` marks the
    first beat of each frame and no other; ``tlast`` marks the last beat of each line and no other;
    ``tkeep``, where the port has it, shows the bytes that hold pixels; and no more than
    ``frame_count`` frames come. The compiled harness checks the same rules in C++.

    Parameters
    ----------
    port : :class:`Port`
        What to expect.
    frame_count : :class:`int` or ``None``
        Frames to expect; ``None`` for any number.
    """

    def __init__(self, port: Port, frame_count: int | None = None) -> None:
        self.port = port
        self._frame_count = frame_count
        self.cycle = 0
        self.reset()

    def reset(self) -> None:
        """Start anew at the first beat of frame 0, as the core does after a reset."""
        self.frame = self.row = self.beat = 0
        self._waiting: tuple[int, int, int, int | None] | None = None

    @property
    def first(self) -> bool:
        """Whether the next beat is a frame's first."""
        return self.row == 0 and self.beat == 0

    @property
    def last(self) -> bool:
        """Whether the next beat is a frame's last."""
        port = self.port
        return self.row == port.height - 1 and self.beat == port.beats_per_line - 1

    def error(self, rule: str) -> CoreError:
        """Return the error that ``rule`` was broken here and now."""
        return CoreError(
            f"{self.port.interface}: {rule} "
            f"(frame {self.frame}, row {self.row}, beat {self.beat}, cycle {self.cycle})"
        )

    def step(
        self, valid: int, ready: int, data: int, user: int, last: int, keep: int | None = None
    ) -> bool:
        """Check one cycle, given the port as it is just before the clock edge.

        Returns
        -------
        :class:`bool`
            Whether the edge takes a beat.

        Raises
        ------
        :exc:`CoreError`
            If a rule is broken.
        """
        if valid:
            self._check(data, user, last, keep)
        elif self._waiting is not None:
            raise self.error("tvalid fell before tready took the beat")
        taken = bool(valid and ready)
        self._waiting = (data, user, last, keep) if valid and not ready else None
        if taken:
            self._advance()
        self.cycle += 1
        return taken

    def _check(self, data: int, user: int, last: int, keep: int | None) -> None:
        port = self.port
        if self._frame_count is not None and self.frame >= self._frame_count:
            raise self.error("a beat beyond the end of the last frame")
        if self._waiting is not None:
            names, beat = ("tdata", "tuser", "tlast", "tkeep"), (data, user, last, keep)
            for name, value, was in zip(names, beat, self._waiting, strict=True):
                if value != was:
                    raise self.error(f"{name} changed before tready took the beat")
        if user != self.first:
            raise self.error(f"tuser is {user}, and the beat {_is(self.first)} a frame's first")
        at_end = self.beat == port.beats_per_line - 1
        if last != at_end:
            raise self.error(f"tlast is {last}, and the beat {_is(at_end)} a line's last")
        if port.tkeep_bits and keep != port.keep(self.beat):
            raise self.error(f"tkeep is {keep:#x}, not {port.keep(self.beat):#x}")

    def _advance(self) -> None:
        self.beat += 1
        if self.beat == self.port.beats_per_line:
            self.beat = 0
            self.row += 1
            if self.row == self.port.height:
                self.row = 0
                self.frame += 1


def _is(condition: bool) -> str:
    return "is" if condition else "is not"
