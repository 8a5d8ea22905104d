"""The registers of a core as data: the one table that hardware, driver and documents come from."""

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from amaranth.utils import bits_for

from ...distribution import version
from ...model import Filter, InputError
from ...model.borders import BORDERS
from ...model.keys import LARGEST_SHIFT
from ...model.nodes import ROUNDINGS
from ...model.pipeline import Pipeline, TableStage
from ...model.pipeline.parameter import Parameter
from ...model.sides import Sides
from ..geometry import Geometry
from ..settings import Settings, controlled_stages, runtime_tables


__all__ = [
    "COEFFICIENT",
    "COMMIT",
    "ERRORS",
    "EVENTS",
    "INTERRUPT_ENABLE",
    "SIZE",
    "Block",
    "Field",
    "Register",
    "RegisterMap",
]

IDENTIFICATION = int.from_bytes(b"WROW", "big")
#: Goes up with every change that an old driver would stumble over.
MAP_VERSION = 1
WORD_BYTES = 4
WORD_BITS = 32
#: Where the registers of a design's own begin: a kernel's, or a pipeline's.
KERNEL_OFFSET = 0x200
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
    "incomplete": (5, "a frame misses some of its edges"),
    "frame": (8, "a frame started"),
    "taken": (9, "what was committed was taken"),
}


@dataclass(frozen=True)
class Field:
    """Some bits of a register.

    Attributes
    ----------
    name : :class:`str`
        The field of a setting is named as the setting.
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
    path : tuple of :class:`str`
        Of what is committed: where it is among that.
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
    path: tuple[str, ...] = ()

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
        ``ro``, ``rw``, ``wo``, which reads 0, or ``w1c``: a bit that is written as 1 becomes 0.
    meaning : :class:`str`
        A line or two.
    fields : tuple of :class:`Field`
        From the lowest bits up. The other bits read as 0 and must be written as 0.
    count : :class:`int`
        Words of the array.
    buffered : :class:`bool`
        Whether what is written waits for a commit, and then for the next frame.
    array : :class:`bool`
        Whether its words are the elements of one setting.
    """

    name: str
    offset: int
    access: str
    meaning: str
    fields: tuple[Field, ...]
    count: int = 1
    buffered: bool = False
    array: bool = False

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


@dataclass(frozen=True)
class Block:
    """The registers of one filter: all there is, or those of a pipeline's stage.

    Attributes
    ----------
    stage : :class:`str`
        The stage; empty where there is only the filter.
    filter : :class:`~windrow.model.Filter`
        The filter.
    """

    stage: str
    filter: Filter

    @property
    def prefix(self) -> str:
        """Stands before the names of its registers."""
        return f"STAGE_{self.stage.upper()}_" if self.stage else ""

    @property
    def path(self) -> tuple[str, ...]:
        """Where its settings are among all that is committed."""
        return ("settings", self.stage) if self.stage else ("settings",)


class RegisterMap:
    """The registers of a design's core. All words have 32 bits.

    Parameters
    ----------
    design : :class:`~windrow.model.Filter` or :class:`~windrow.model.pipeline.Pipeline`
        The design, with a register port.
    least_size : (:class:`int`, :class:`int`) or ``None``
        Of a pipeline: width and height of the smallest frame; ``None`` where the size is fixed.

    Attributes
    ----------
    blocks : tuple of :class:`Block`
        The filters whose settings are registers.
    parameters : tuple of :class:`Register`
        One for each parameter of a pipeline.
    tables : mapping of :class:`str` to two of :class:`Register`
        For each stage whose table can be written: what takes entries, and what counts them.
    counters : mapping of :class:`str` to :class:`str`
        What is counted beside frames, and the register that does.
    """

    def __init__(
        self, design: Filter | Pipeline, least_size: tuple[int, int] | None = None
    ) -> None:
        self.design = design
        self.counters = ERRORS
        if isinstance(design, Pipeline) and design.whole is not None and design.whole.lines:
            self.counters = {**ERRORS, "incomplete": "INCOMPLETE_FRAMES"}
        self.parameters: tuple[Register, ...] = ()
        self.tables: dict[str, tuple[Register, Register]] = {}
        if isinstance(design, Filter):
            block = Block("", design)
            self.blocks: tuple[Block, ...] = (block,)
            least = _least(design)
            self.registers = (
                *_identity(design, _filter_identity(design), least), _control(block),
                _size(design, least), *_scaling(block, 0x028), *_operation(self.counters),
                _kernel(block, KERNEL_OFFSET))
            return
        self.blocks = tuple(Block(stage.name, stage.filter)
                            for stage in controlled_stages(design))
        self.parameters = tuple(
            _parameter(each, KERNEL_OFFSET + WORD_BYTES * number)
            for number, each in enumerate(design.parameters))
        made = list(self.parameters)
        for stage in runtime_tables(design):
            first = made[-1].offsets[-1] + WORD_BYTES if made else KERNEL_OFFSET
            self.tables[stage.name] = pair = _table(stage, first)
            made += pair
        for block in self.blocks:
            first = made[-1].offsets[-1] + WORD_BYTES if made else KERNEL_OFFSET
            scaling = _scaling(block, first + WORD_BYTES)
            made += [_bypass(block, first), *scaling,
                     _kernel(block, scaling[-1].offset + WORD_BYTES)]
        names = [register.name for register in made]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"two registers would be {name}: names of parameters, and of "
                                 "stages whose kernel is in registers, must differ in more than "
                                 "capitals")
        fixed = (design.width, design.height)
        self.registers = (
            *_identity(design, _digest(made), least_size or fixed), _control(None),
            _size(design, least_size), *_operation(self.counters), *made)

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


def _constant(name: str, offset: int, meaning: str, *fields: Field) -> Register:
    return Register(name, offset, "ro", meaning, fields)


def _filter_identity(f: Filter) -> list[Register]:
    """Which filter it is."""
    return [
        _constant("KERNEL_SIZE", 0x008, "The kernel's size.", *_pair(
            ("rows", f.kernel_height, "Kh"), ("columns", f.kernel_width, "Kw"))),
        _constant(
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
    ]


def _digest(registers: Sequence[Register]) -> list[Register]:
    """Which pipeline it is: a checksum of what its registers are, and of their places."""
    text = json.dumps([[each.name, each.offset, each.count, [
        [field.name, field.bits, field.minimum, field.maximum] for field in each.fields]]
        for each in registers])
    return [_constant("DESIGN", 0x008, "Which pipeline it is.", Field(
        "digest", 0, 32, "a checksum of its registers from 0x200 on",
        (zlib.crc32(text.encode()),)))]


def _identity(
    design: Filter | Pipeline, which: Sequence[Register], least: tuple[int, int]
) -> list[Register]:
    """What the core is; none of it changes. ``least`` is the smallest frame, width and height."""
    numbers = [int(number) for number in re.findall(r"\d+", version())[:3]]
    frame = design if isinstance(design, Filter) else design.frame
    return [
        _constant("ID", 0x000, "That this is such a port: \"WROW\".", Field(
            "id", 0, 32, "0x57524F57", (IDENTIFICATION,))),
        _constant(
            "VERSION", 0x004, "Of this map, and of the windrow that made it.",
            *(Field(part, low, 8, f"windrow's {part} version", (number,))
              for part, low, number in zip(("patch", "minor", "major"), (0, 8, 16),
                                           reversed(numbers), strict=True)),
            Field("map", 24, 8, "version of the map; drivers of another one do not fit",
                  (MAP_VERSION,))),
        *which,
        _constant("MAX_SIZE", 0x010, "The largest input frame.", *_pair(
            ("max_height", frame.max_height, "rows"), ("max_width", frame.max_width, "columns"))),
        _constant("MIN_SIZE", 0x014, "The smallest input frame.", *_pair(
            ("min_height", least[1], "rows"), ("min_width", least[0], "columns"))),
        _constant("LANES", 0x018, "Samples in a beat.", *_pair(
            ("channels", frame.channels, "samples of a pixel"),
            ("pixels_per_clock", frame.pixels_per_clock, "pixels of a beat"))),
    ]


def _committed(name: str, offset: int, meaning: str, *fields: Field) -> Register:
    return Register(name, offset, "rw", meaning, fields, buffered=True)


def _setting(block: Block, name: str, low: int, bits: int, meaning: str, **rules: Any) -> Field:
    reset = Settings(block.filter).reset_value()[name]
    return Field(name, low, bits, meaning, (reset,), path=(*block.path, name), **rules)


def _control(bypassed: Block | None) -> Register:
    """Whether frames are filtered; of a filter, whether they pass as they are."""
    return _committed(
        "CONTROL", 0x020, "Whether frames are filtered.",
        Field("enable", 0, 1, "0: the next frames are dropped", (1,), path=("enable",)),
        *(_bypass(bypassed, 0, 1).fields if bypassed else ()))


def _bypass(block: Block, offset: int, low: int = 0) -> Register:
    return _committed(f"{block.prefix}BYPASS", offset, "Whether the stage does nothing.", _setting(
        block, "bypass", low, 1, "1: the output is the sample under the anchor"))


def _size(design: Filter | Pipeline, least: tuple[int, int] | None) -> Register:
    """The size of the frame, which is constant where there is no least."""
    frame = design if isinstance(design, Filter) else design.frame
    step = frame.pixels_per_clock

    def size(name: str, low: int, value: int, limits: tuple[int, int], meaning: str,
             step: int = 1) -> Field:
        return Field(name, low, 16, meaning, (value,), least=limits[0], most=limits[1], step=step,
                     path=("extent", name))

    same = f", with the remainder {frame.width % step} modulo {step}" if step > 1 else ""
    width, height = least or (frame.width, frame.height)
    fields = (size("width", 0, frame.width, (width, frame.max_width), f"columns{same}", step),
              size("height", 16, frame.height, (height, frame.max_height), "rows"))
    meaning = "Size of the input frame."
    return (_committed if least else _constant)(SIZE, 0x024, meaning, *fields)


def _scaling(block: Block, offset: int) -> list[Register]:
    """What a window's sums become, and what lies outside of the frame: from ``offset`` on."""
    roundings = ", ".join(f"{number} {name}" for number, name in enumerate(ROUNDINGS))
    borders = ", ".join(f"{number} {name}" for number, name in enumerate(BORDERS))
    sample = block.filter.pixel

    def setting(name: str, low: int, bits: int, meaning: str, **rules: Any) -> Field:
        return _setting(block, name, low, bits, meaning, **rules)

    rows = [
        ("SCALE", "From the sum to the output.",
         (setting("shift", 0, 5, "the sum is divided by 2**shift", most=LARGEST_SHIFT),
          setting("rounding", 8, 3, roundings, most=len(ROUNDINGS) - 1))),
        ("OFFSET", "Added before rounding, in output units.",
         (setting("offset", 0, 32, "in two's complement", signed=True),)),
        ("BORDER", "What fills the padding on each side.",
         tuple(setting(side, 8 * number, bits_for(len(BORDERS) - 1), borders,
                       most=len(BORDERS) - 1)
               for number, side in enumerate(Sides._fields))),
        ("BORDER_VALUE", "Input sample for a constant border.",
         (setting("border_value", 0, 32 if sample.signed else sample.bits,
                  "a sample, sign-extended" if sample.signed else "a sample",
                  signed=sample.signed, least=sample.minimum, most=sample.maximum),)),
    ]
    return [_committed(block.prefix + name, offset + WORD_BYTES * number, meaning, *fields)
            for number, (name, meaning, fields) in enumerate(rows)]


def _parameter(parameter: Parameter, offset: int) -> Register:
    low, high = parameter.range
    signed = low < 0
    return _committed(
        f"PARAMETER_{parameter.name.upper()}", offset,
        f"The parameter {parameter.name}.",
        Field("value", 0, WORD_BITS if signed else max(high.bit_length(), 1),
              "sign-extended" if signed else "a number", (parameter.value,), signed=signed,
              least=low, most=high, path=("settings", parameter.name)))


def _table(stage: TableStage, offset: int) -> tuple[Register, Register]:
    output, count = stage.output, len(stage.entries)
    name = f"STAGE_{stage.name.upper()}_TABLE"
    return (
        Register(name, offset, "wo",
                 f"The {count} entries of the table of {stage.name}, one a write, that of the "
                 "least sample first; the next commit takes the table if all have been written.",
                 (Field("entry", 0, 16 if output.signed else output.bits,
                        "sign-extended" if output.signed else "a sample", signed=output.signed,
                        least=output.minimum, most=output.maximum),
                  Field("first", 31, 1, "1: it is the first one, of a new table"))),
        Register(name + "_COUNT", offset + WORD_BYTES, "ro",
                 "How much of a new table there is.",
                 (Field("count", 0, count.bit_length(), f"entries written; {count}: all"),)))


def _operation(counters: Mapping[str, str]) -> list[Register]:
    """Commits, events and counters."""
    events = tuple(Field(name, bit, 1, meaning) for name, (bit, meaning) in _EVENT_BITS.items()
                   if name in counters or name in ("frame", "taken"))
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
          for number, (event, name) in enumerate(counters.items())),
    ]


def _kernel(block: Block, offset: int) -> Register:
    """The kernel, as the user gives it: not flipped to convolve."""
    f = block.filter
    runtime = f.runtime_kernel
    most = (1 << f.coefficient_bits - 1) - 1
    cells = f.kernel_height * f.kernel_width
    return Register(
        block.prefix + COEFFICIENT, offset, "rw" if runtime else "ro",
        f"The kernel: row i, column j at 0x{offset:03x} + 4 * ({f.kernel_width} * i + j).",
        (Field("coefficients", 0, 32, "sign-extended",
               tuple(tap for row in f.kernel for tap in row),
               signed=True, least=-most - 1, most=most, path=(*block.path, "coefficients")),),
        count=cells, buffered=runtime, array=True)


def _least(f: Filter) -> tuple[int, int]:
    """The smallest frame, width and height."""
    geometry = Geometry.of(f, 1)
    return geometry.least_width, geometry.least_height
