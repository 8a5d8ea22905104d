"""From serialised TMDS pins back to pixels. It knows the specification, and nothing of the encoder.

Source: Digital Display Working Group, "Digital Visual Interface", revision 1.0, section 3.3 and
figure 3-6.
"""

import numpy as np
import numpy.typing as npt

from ...model import InputError
from .signal import VideoSignal


__all__ = ["align", "decode", "decode_symbols"]

BITS = 10
_CONTROLS = {0b1101010100: 0, 0b0010101011: 1, 0b0101010100: 2, 0b1010101011: 3}
_DISPARITY = 8
_CLOCK = 0b0000011111


def _byte(symbol: int) -> int:
    """The byte in a data symbol: figure 3-6."""
    bits = symbol & 0xFF
    if symbol >> 9:
        bits ^= 0xFF
    byte = bits & 1
    for at in range(1, 8):
        differs = (bits >> at ^ bits >> (at - 1)) & 1
        byte |= (differs if symbol >> 8 & 1 else 1 - differs) << at
    return byte


def _legal(symbol: int) -> bool:
    """Whether an encoder may send a data symbol; 460 of them are.

    It chose the form with fewer transitions, and where bits 0 to 7 are balanced, bits 8 and 9 are.
    """
    byte = _byte(symbol)
    ones = byte.bit_count()
    xnor = ones > 4 or (ones == 4 and not byte & 1)
    balanced = (symbol & 0xFF).bit_count() == 4
    return (symbol >> 8 & 1) == (not xnor) and not (balanced and symbol >> 8 in (0b00, 0b11))


_BYTES = np.array([_byte(symbol) for symbol in range(1 << BITS)], np.uint8)
_IS_CONTROL = np.isin(np.arange(1 << BITS), list(_CONTROLS))
_CONTROL_OF = np.array([_CONTROLS.get(symbol, 0) for symbol in range(1 << BITS)], np.uint8)
_LEGAL = np.array([_IS_CONTROL[symbol] or _legal(symbol) for symbol in range(1 << BITS)])
_SURPLUS = np.array([2 * symbol.bit_count() - BITS for symbol in range(1 << BITS)], np.int64)


def align(bits: npt.NDArray[np.integer]) -> int:
    """Find where the ten-bit symbols of a data channel begin.

    A receiver looks for control words: they alone have seven transitions or more. The offset is the
    one that shows the most of them.

    Parameters
    ----------
    bits : array of 0 and 1
        The pin, in the order of time; a blanking at least.

    Returns
    -------
    :class:`int`
        Bits before the first whole symbol: 0 to 9.

    Raises
    ------
    :exc:`InputError`
        If there are no control words: fewer than four in a row, whatever the offset.
    """
    counts = []
    for offset in range(BITS):
        control = _IS_CONTROL[_group(bits, offset)]
        four = control[3:] & control[2:-1] & control[1:-2] & control[:-3]
        counts.append(int(four.sum()))
    best = int(np.argmax(counts))
    if not counts[best]:
        raise InputError(f"{len(bits)} bits of TMDS hold no blanking: no run of control words")
    return best


def _group(bits: npt.NDArray[np.integer], offset: int) -> npt.NDArray[np.int64]:
    """Whole symbols from ``offset`` on; the first bit is bit 0."""
    whole = (len(bits) - offset) // BITS
    grouped = np.asarray(bits[offset : offset + whole * BITS], np.int64).reshape(whole, BITS)
    return grouped @ (1 << np.arange(BITS))


def decode_symbols(
    symbols: npt.NDArray[np.int64], name: str = "channel"
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Decode the symbols of one channel.

    Returns
    -------
    data, control : uint8 arrays
        The byte, and ``C1 C0``; 0 where the symbol holds none.
    active : bool array
        The symbol holds a byte.

    Raises
    ------
    :exc:`InputError`
        If a symbol is one that no encoder sends, or the running disparity, counted from the end of
        the blanking before, leaves the range that the flow chart of figure 3-5 keeps, -8 to 8 bits.
    """
    active = ~_IS_CONTROL[symbols]
    for at in np.flatnonzero(~_LEGAL[symbols])[:1]:
        raise InputError(f"{name}: symbol {at} is {symbols[at]:010b}, which no encoder sends")
    # Bytes before the first blanking started from a disparity that nobody knows.
    known = np.logical_or.accumulate(~active)
    total = np.cumsum(np.where(active & known, _SURPLUS[symbols], 0))
    base = np.maximum.accumulate(np.where(active, -1, np.arange(len(symbols))))
    disparity = np.where(active & known, total - total[base], 0)
    for at in np.flatnonzero(np.abs(disparity) > _DISPARITY)[:1]:
        raise InputError(f"{name}: running disparity is {disparity[at]} bits at symbol {at}")
    return (np.where(active, _BYTES[symbols], 0).astype(np.uint8),
            np.where(active, 0, _CONTROL_OF[symbols]).astype(np.uint8), active)


def decode(pins: npt.NDArray[np.integer]) -> VideoSignal:
    """Decode what was seen on the four pins of a DVI output.

    Parameters
    ----------
    pins : (N, 4) array of 0 and 1
        Blue, green, red and clock, ten times in each pixel clock, in the order of time.

    Returns
    -------
    :class:`~.signal.VideoSignal`
        Its pixels and sync signals, from the first whole symbol behind the clock's first edge on.

    Raises
    ------
    :exc:`InputError`
        If the clock pin does not carry a clock of ten bits, half of them high; the channels begin
        their symbols at different bits, or their data at different pixels; a channel holds what
        no encoder sends; or green or red carry a control bit (CTL0 to CTL3 must be 0).
    """
    if pins.ndim != 2 or pins.shape[1] != 4:
        raise InputError(f"pins must be an array of N times 4 bits, not of shape {pins.shape}")
    # A receiver has nothing to go by before the clock's first edge.
    pins = pins[int(np.argmax(pins[1:, 3] > pins[:-1, 3])) + 1:]
    clock = pins[:, 3]
    phase = int(np.argmax([int((_group(clock, offset) == _CLOCK).sum())
                           for offset in range(BITS)]))
    for at in np.flatnonzero(_group(clock, phase) != _CLOCK)[:1]:
        raise InputError(f"clock: period {at} is {_group(clock, phase)[at]:010b} (last bit first), "
                         "not five bits high and five low")
    names = ("blue", "green", "red")
    offsets = [align(pins[:, channel]) for channel in range(3)]
    if len(set(offsets)) != 1:
        raise InputError("symbols begin at different bits: " + ", ".join(
            f"{name} at {offset}" for name, offset in zip(names, offsets, strict=True)))
    channels = [decode_symbols(_group(pins[:, channel], offsets[0]), name)
                for channel, name in enumerate(names)]
    (blue, sync, active), *others = channels
    for name, (_, control, data) in zip(names[1:], others, strict=True):
        for at in np.flatnonzero(data != active)[:1]:
            raise InputError(f"{name}: symbol {at} is {'data' if data[at] else 'control'}, "
                             f"other than that of blue")
        for at in np.flatnonzero(control)[:1]:
            raise InputError(f"{name}: control bits at symbol {at} are {control[at]:02b}, not 00")
    pixels = np.stack([channels[2][0], channels[1][0], blue], axis=1)
    return VideoSignal(pixels, _held(sync & 1 == 1, active), _held(sync & 2 == 2, active), active)


def _held(sync: npt.NDArray[np.bool_], active: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """A sync signal through data, where no symbol carries it: as it was before."""
    last = np.maximum.accumulate(np.where(active, 0, np.arange(len(sync))))
    return np.where(active & (last == 0), sync[np.argmax(~active)], sync[last])
