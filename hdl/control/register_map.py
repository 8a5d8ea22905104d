"""The registers of a core as data: the one table that hardware, driver and documents come from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from amaranth.utils import bits_for

from ...distribution import version
from ...model import Filter
from ...model.borders import BORDERS
from ...model.keys import LARGEST_SHIFT
from ...model.nodes import ROUNDINGS
from ...model.sides import Sides
from ..geometry import Geometry
from ..settings import Settings


__all__ = [
    "COEFFICIENT",
    "COMMIT",
    "ERRORS",
    "EVENTS",
    "INTERRUPT_ENABLE",
    "SIZE",
    "Field",
    "Register",
    "RegisterMap",
]

IDENTIFICATION = int.from_bytes(b"WROW", "big")
#: Goes up with every change that an old driver would stumble over.
MAP_VERSION = 1
WORD_BYTES = 4
WORD_BITS = 32
#: The least page that AXI interconnects give a port: 4 KiB.
LEAST_ADDRESS_BITS = 12

# Registers that the hardware treats in a way of their own.
SIZE, COMMIT, EVENTS = "SIZE", "COMMIT", "EVENTS"
INTERRUPT_ENABLE, COEFFICIENT = "INTERRUPT_ENABLE", "COEFFICIENT"

#: What is wrong with the input, and the register that counts it.
ERRORS = {
    "short_line": "SHORT_LINES",
    "long_line": "LONG_LINES",
    "early_start": "EARLY_STARTS",
    "stray": "STRAYS",
    "overflow": "OVERFLOWS",
}
# Event -> its bit in EVENTS, and what it says.
_EVENT_BITS = {
    "short_line": (0, "a line ended early"),
    "long_line": (1, "a line did not end where it should"),
    "early_start": (2, "a frame started inside another one"),
    "stray": (3, "beats came between frames, and were dropped"),
    "overflow": (4, "the input FIFO was full, and a beat was lost"),
    "frame": (8, "a frame started"),
    "taken": (9, "what was committed was taken"),
}


@dataclass(frozen=True)
class Field:
    """Some bits of a register.

    Attributes
    ----------
    name : :class:`str`
        In lower case. The field of a setting is named as the setting.
    low, bits : :class:`int`
        Its lowest bit, and how many there are.
    meaning : :class:`str`
        One line.
    resets : tuple of :class:`int`
        Its value after a reset, in each of the register's words.
    signed : :class:`bool`
        Whether it is in two's complement.
    least, most : :class:`int` or ``None``
        Its least and greatest legal value; ``None`` where every value that it holds is legal.
    step : :class:`int`
        Legal values differ from the reset value by a multiple of it. A power of two.
    """

    name: str
    low: int
    bits: int
    meaning: str
    resets: tuple[int, ...] = (0,)
    signed: bool = False
    least: int | None = None
    most: int | None = None
    step: int = 1

    @property
    def minimum(self) -> int:
        """The least legal value."""
        lowest = -(1 << self.bits - 1) if self.signed else 0
        return lowest if self.least is None else self.least

    @property
    def maximum(self) -> int:
        """The greatest legal value."""
        highest = (1 << self.bits - self.signed) - 1
        return highest if self.most is None else self.most

    @property
    def mask(self) -> int:
        """Its bits in the register's word."""
        return (1 << self.bits) - 1 << self.low

    def allows(self, value: int) -> bool:
        """Whether a value may be written."""
        return (self.minimum <= value <= self.maximum
                and (value - self.resets[0]) % self.step == 0)

    def encode(self, value: int) -> int:
        """A value as its bits in the register's word."""
        return value << self.low & self.mask

    def decode(self, word: int) -> int:
        """Its value in a word of the register."""
        value = (word & self.mask) >> self.low
        return value - (1 << self.bits) if self.signed and value >> self.bits - 1 else value


@dataclass(frozen=True)
class Register:
    """A register, or an array of them.

    Attributes
    ----------
    name : :class:`str`
        In capitals.
    offset : :class:`int`
        Bytes from the port's first address.
    access : :class:`str`
        ``ro``, ``rw``, or ``w1c``: a bit that is written as 1 becomes 0.
    meaning : :class:`str`
        A line or two.
    fields : tuple of :class:`Field`
        From the lowest bits up. The other bits read as 0 and must be written as 0.
    count : :class:`int`
        Words of the array.
    buffered : :class:`bool`
        Whether what is written waits for a commit, and then for the next frame.
    """

    name: str
    offset: int
    access: str
    meaning: str
    fields: tuple[Field, ...]
    count: int = 1
    buffered: bool = False

    @property
    def offsets(self) -> range:
        """Byte offsets of its words."""
        return range(self.offset, self.offset + WORD_BYTES * self.count, WORD_BYTES)

    @property
    def resets(self) -> tuple[int, ...]:
        """Its words after a reset."""
        return tuple(sum(field.encode(field.resets[index]) for field in self.fields)
                     for index in range(self.count))

    @property
    def mask(self) -> int:
        """The bits that its fields take."""
        return sum(field.mask for field in self.fields)

    def allows(self, word: int) -> bool:
        """Whether a word may be written."""
        return (self.access != "ro" and not word & ~self.mask
                and all(field.allows(field.decode(word)) for field in self.fields))


class RegisterMap:
    """The registers of a filter's core. All words have 32 bits.

    Parameters
    ----------
    filter : :class:`~windrow.model.Filter`
        The filter, with a register port.
    """

    def __init__(self, filter: Filter) -> None:
        self.filter = filter
        self.registers = (*_identity(filter), *_settings(filter), *_operation(), _kernel(filter))

    def __getitem__(self, name: str) -> Register:
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> Mapping[str, Register]:
        return {register.name: register for register in self.registers}

    @property
    def address_bits(self) -> int:
        """Width of the port's addresses, which are of bytes."""
        last = self.registers[-1].offsets[-1]
        return max(last.bit_length(), LEAST_ADDRESS_BITS)

    def to_dict(self, name: str) -> dict[str, Any]:
        """Everything about the registers in plain JSON types; ``name`` is the top module's."""
        def values(resets: tuple[int, ...]) -> int | list[int]:
            return resets[0] if len(resets) == 1 else list(resets)

        return {
            "name": name,
            "protocol": "axi4-lite",
            "address_bits": self.address_bits,
            "data_bits": WORD_BITS,
            "registers": [{
                "name": register.name,
                "offset": register.offset,
                "count": register.count,
                "access": register.access,
                "buffered": register.buffered,
                "meaning": register.meaning,
                "reset": values(register.resets),
                "fields": [{
                    "name": field.name,
                    "low": field.low,
                    "bits": field.bits,
                    "signed": field.signed,
                    "minimum": field.minimum,
                    "maximum": field.maximum,
                    "step": field.step,
                    "meaning": field.meaning,
                    "reset": values(field.resets),
                } for field in register.fields],
            } for register in self.registers],
        }


def _pair(high: tuple[str, int, str], low: tuple[str, int, str]) -> tuple[Field, Field]:
    """Two constants of 16 bits."""
    return tuple(Field(name, bit, 16, meaning, (value,))  # type: ignore[return-value]
                 for bit, (name, value, meaning) in ((0, low), (16, high)))


def _identity(f: Filter) -> list[Register]:
    """What the core is; none of it changes."""
    numbers = [int(number) for number in re.findall(r"\d+", version())[:3]]

    def constant(name: str, offset: int, meaning: str, *fields: Field) -> Register:
        return Register(name, offset, "ro", meaning, fields)

    return [
        constant("ID", 0x000, "That this is such a port: \"WROW\".", Field(
            "id", 0, 32, "0x57524F57", (IDENTIFICATION,))),
        constant(
            "VERSION", 0x004, "Of this map, and of the windrow that made it.",
            *(Field(part, low, 8, f"windrow's {part} version", (number,))
              for part, low, number in zip(("patch", "minor", "major"), (0, 8, 16),
                                           reversed(numbers), strict=True)),
            Field("map", 24, 8, "version of the map; drivers of another one do not fit",
                  (MAP_VERSION,))),
        constant("KERNEL_SIZE", 0x008, "The kernel's size.", *_pair(
            ("rows", f.kernel_height, "Kh"), ("columns", f.kernel_width, "Kw"))),
        constant(
            "CAPABILITIES", 0x00C, "What the core can do.",
            Field("runtime_coefficients", 0, 1, "1: the coefficients can be written",
                  (int(f.runtime_kernel),)),
            Field("input_fifo", 1, 1, "1: the input has a FIFO and a clock of its own",
                  (int(f.input_fifo > 0),)),
            Field("coefficient_bits", 8, 6, "width of a coefficient", (f.coefficient_bits,)),
            Field("pixel_bits", 16, 5, "width of an input sample", (f.pixel.bits,)),
            Field("pixel_signed", 23, 1, "1: input samples are signed", (int(f.pixel.signed),)),
            Field("output_bits", 24, 6, "width of an output sample", (f.output.bits,)),
            Field("output_signed", 31, 1, "1: output samples are signed", (int(f.output.signed),))),
        constant("MAX_SIZE", 0x010, "The largest input frame.", *_pair(
            ("max_height", f.max_height, "rows"), ("max_width", f.max_width, "columns"))),
        constant("MIN_SIZE", 0x014, "The smallest input frame.", *_pair(
            ("min_height", _least(f)[0], "rows"), ("min_width", _least(f)[1], "columns"))),
        constant("LANES", 0x018, "Samples in a beat.", *_pair(
            ("channels", f.channels, "samples of a pixel"),
            ("pixels_per_clock", f.pixels_per_clock, "pixels of a beat"))),
    ]


def _settings(f: Filter) -> list[Register]:
    """What a frame is filtered with, but for the kernel."""
    reset: dict[str, Any] = Settings(f).reset_value()

    def setting(name: str, low: int, bits: int, meaning: str, **rules: Any) -> Field:
        return Field(name, low, bits, meaning, (reset[name],), **rules)

    def register(name: str, offset: int, meaning: str, *fields: Field) -> Register:
        return Register(name, offset, "rw", meaning, fields, buffered=True)

    def size(name: str, low: int, value: int, least: int, most: int, meaning: str,
             step: int = 1) -> Field:
        return Field(name, low, 16, meaning, (value,), least=least, most=most, step=step)

    step = f.pixels_per_clock
    same = f", with the remainder {f.width % step} modulo {step}" if step > 1 else ""
    roundings = ", ".join(f"{number} {name}" for number, name in enumerate(ROUNDINGS))
    borders = ", ".join(f"{number} {name}" for number, name in enumerate(BORDERS))
    sample = f.pixel
    return [
        register("CONTROL", 0x020, "Whether frames are filtered.",
                 Field("enable", 0, 1, "0: the next frames are dropped", (1,)),
                 setting("bypass", 1, 1, "1: the output is the sample under the anchor")),
        register(SIZE, 0x024, "Size of the input frame.",
                 size("width", 0, f.width, _least(f)[1], f.max_width, f"columns{same}", step),
                 size("height", 16, f.height, _least(f)[0], f.max_height, "rows")),
        register("SCALE", 0x028, "From the sum to the output.",
                 setting("shift", 0, 5, "the sum is divided by 2**shift", most=LARGEST_SHIFT),
                 setting("rounding", 8, 3, roundings, most=len(ROUNDINGS) - 1)),
        register("OFFSET", 0x02C, "Added before rounding, in output units.",
                 setting("offset", 0, 32, "in two's complement", signed=True)),
        register("BORDER", 0x030, "What fills the padding on each side.",
                 *(setting(side, 8 * number, bits_for(len(BORDERS) - 1), borders,
                           most=len(BORDERS) - 1)
                   for number, side in enumerate(Sides._fields))),
        register("BORDER_VALUE", 0x034, "Input sample for a constant border.",
                 setting("border_value", 0, 32 if sample.signed else sample.bits,
                         "a sample, sign-extended" if sample.signed else "a sample",
                         signed=sample.signed, least=sample.minimum, most=sample.maximum)),
    ]


def _operation() -> list[Register]:
    """Commits, events and counters."""
    events = tuple(Field(name, bit, 1, meaning) for name, (bit, meaning) in _EVENT_BITS.items())
    return [
        Register(COMMIT, 0x040, "rw", "Write 1: all that has been written to buffered registers so "
                 "far is committed at once, in place of a commit that still waits, and taken when "
                 "the next frame starts.",
                 (Field("commit", 0, 1, "reads 1 while the commit waits for a frame"),)),
        Register("STATUS", 0x044, "ro", "How things are.",
                 (Field("pending", 0, 1, "1: a commit waits for a frame"),
                  Field("interrupt", 1, 1, "1: the interrupt output is high"))),
        Register(EVENTS, 0x048, "w1c", "What happened since the bit was cleared.", events),
        Register(INTERRUPT_ENABLE, 0x04C, "rw",
                 "The events during which the interrupt output is high.", events),
        Register("FRAMES", 0x050, "ro", "Frames that have started, modulo 2**32.",
                 (Field("frames", 0, 32, "since the reset"),)),
        *(Register(name, 0x054 + WORD_BYTES * number, "ro",
                   f"How often {_EVENT_BITS[event][1]}, modulo 2**16.",
                   (Field(name.lower(), 0, 16, "since the reset"),))
          for number, (event, name) in enumerate(ERRORS.items())),
    ]


def _kernel(f: Filter) -> Register:
    """The kernel, as the user gives it: not flipped to convolve."""
    runtime = f.runtime_kernel
    most = (1 << f.coefficient_bits - 1) - 1
    cells = f.kernel_height * f.kernel_width
    return Register(
        COEFFICIENT, 0x200, "rw" if runtime else "ro",
        f"The kernel: row i, column j at 0x200 + 4 * ({f.kernel_width} * i + j).",
        (Field("coefficients", 0, 32, "sign-extended",
               tuple(tap for row in f.kernel for tap in row),
               signed=True, least=-most - 1, most=most),),
        count=cells, buffered=runtime)


def _least(f: Filter) -> tuple[int, int]:
    """The smallest frame, rows and columns."""
    geometry = Geometry.of(f, 1)
    return geometry.least_height, geometry.least_width
