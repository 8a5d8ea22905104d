"""A filter on a board without a screen: pictures come and go over its UART."""

from typing import Any

from amaranth import *

from ..model import Filter, InputError, Pipeline
from .board import Board
from .pins import drive, take
from .serial_filter import SerialFilter


__all__ = ["BAUD", "SerialTop"]

BAUD = 1_000_000


class SerialTop(Elaboratable):
    """A :class:`~.serial_filter.SerialFilter` between a board's pins, in its oscillator's clock.

    It asks nothing of a board but a clock and a UART.

    Parameters
    ----------
    board : :class:`~.board.Board`
        The board.
    filter : :class:`~windrow.model.Filter` or :class:`~windrow.model.Pipeline`
        As for :class:`~.serial_filter.SerialFilter`.

    Attributes
    ----------
    platform : Amaranth platform
        The board's, to build this and nothing else.
    frequency : :class:`float`
        Of the clock, in hertz.

    Raises
    ------
    :exc:`InputError`
        If the filter does not suit a serial line, or the rate cannot be had.
    """

    def __init__(self, board: Board, filter: Filter | Pipeline) -> None:
        if filter.registers:
            raise InputError(f"control {filter.control!r}: nothing on board {board.name} reaches "
                             "the registers; it must be none")
        self.platform = board.platform()
        self.frequency = float(self.platform.default_clk_frequency)
        self.filter = SerialFilter(filter, family=board.family, clock=self.frequency, baud=BAUD)

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.submodules.filter = self.filter
        uart = platform.request("uart", 0, dir="-")
        take(m, "rx", self.filter.rx, uart.rx)
        drive(m, "tx", uart.tx, self.filter.tx)
        return m
