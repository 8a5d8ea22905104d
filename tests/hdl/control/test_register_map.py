"""The registers as data: what the documents promise of every field, and fields by themselves."""

from typing import Any

import pytest
from amaranth.hdl import Shape

from windrow.hdl import settings
from windrow.hdl.control import RegisterMap, register_map
from windrow.hdl.control.register_map import Field, Register
from windrow.hdl.settings import Events, Extent, Settings
from windrow.model import Filter
from windrow.model.borders import BORDERS
from windrow.model.pipeline import Pipeline


KEYS = {"kernel": [[1, -2, 3], [4, 5, -6]], "width": 14, "height": 11, "max_width": 41,
        "control": "axi4-lite", "coefficients": "runtime"}

# Offset, and highest and lowest bit of each field: as the drivers that are out there have them.
PLACES: dict[int, list[tuple[int, int]]] = {
    0x000: [(31, 0)], 0x004: [(7, 0), (15, 8), (23, 16), (31, 24)], 0x008: [(15, 0), (31, 16)],
    0x00C: [(0, 0), (1, 1), (13, 8), (20, 16), (23, 23), (29, 24), (31, 31)],
    0x010: [(15, 0), (31, 16)], 0x014: [(15, 0), (31, 16)], 0x018: [(15, 0), (31, 16)],
    0x020: [(0, 0), (1, 1)], 0x024: [(15, 0), (31, 16)], 0x028: [(4, 0), (10, 8)],
    0x02C: [(31, 0)], 0x030: [(1, 0), (9, 8), (17, 16), (25, 24)], 0x034: [(7, 0)],
    0x040: [(0, 0)], 0x044: [(0, 0), (1, 1)], 0x050: [(31, 0)],
    **{events: [(bit, bit) for bit in (0, 1, 2, 3, 4, 8, 9)] for events in (0x048, 0x04C)},
    **{count: [(15, 0)] for count in range(0x054, 0x068, 4)}, 0x200: [(31, 0)],
}


def test_every_field_is_where_drivers_look_for_it() -> None:
    registers = RegisterMap(Filter(**KEYS)).registers
    assert {register.offset: [(field.low + field.bits - 1, field.low) for field in register.fields]
            for register in registers} == PLACES
    assert [register.count for register in registers] == [1] * (len(PLACES) - 1) + [6]


@pytest.mark.parametrize("keys", [
    {}, {"pixel": "s10", "coefficient_bits": 12}, {"coefficients": "constant"},
    {"pixel": "u1", "coefficient_bits": 2, "kernel": [[1]]}, {"coefficient_bits": 32},
], ids=str)
def test_a_setting_has_the_bits_that_its_legal_values_need(keys: dict[str, object]) -> None:
    filter = Filter(**KEYS | keys)
    own = Settings(filter)
    fields = {field.name: field for register in RegisterMap(filter).registers
              for field in register.fields if register.buffered}
    assert fields.keys() == own.members.keys() | Extent().members.keys() | {"enable"}
    resets = own.reset_value()
    assert resets.keys() == own.members.keys()
    for name, shape in own.members.items():
        field = fields[name]
        assert resets[name] == (
            list(field.resets) if name == "coefficients" else field.resets[0]), name
        if name == "coefficients":
            assert shape.length == filter.kernel_height * filter.kernel_width
            shape = shape.elem_shape
        assert Shape.cast(shape) == Shape.cast(range(field.minimum, field.maximum + 1)), name
        assert field.resets[0] in range(field.minimum, field.maximum + 1)


def test_a_further_border_widens_its_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in register_map, settings:
        monkeypatch.setattr(module, "BORDERS", (*BORDERS, "another"))
    filter = Filter(**KEYS)
    fields = RegisterMap(filter)["BORDER"].fields
    assert [(field.bits, field.maximum) for field in fields] == [(3, len(BORDERS))] * 4
    assert Settings(filter).members["top"] == 3
    assert [field.low for field in fields] == [0, 8, 16, 24]


def test_every_event_is_a_bit_and_has_one() -> None:
    events = Events()
    assert {name: Shape.cast(shape).width for name, shape in events.members.items()} == {
        field.name: 1 for field in RegisterMap(Filter(**KEYS))["EVENTS"].fields
        if field.name != "overflow"}


@pytest.mark.parametrize("name", ["width", "height"])
def test_the_extent_has_the_bits_of_the_largest_frame(name: str) -> None:
    largest = Filter(kernel=[[1]], width=8, height=8, max_width=16384, max_height=16384,
                     control="axi4-lite")
    field = next(field for field in RegisterMap(largest)["SIZE"].fields if field.name == name)
    assert field.maximum == 16384
    assert Shape.cast(Extent().members[name]) == Shape.cast(range(16384 + 1))


@pytest.mark.parametrize(("keys", "least", "most"), [
    ({}, 0, 127),
    ({"signed": True}, -64, 63),
    ({"signed": True, "least": -5}, -5, 63),
    ({"most": 99}, 0, 99),
    ({"least": 3, "most": 9}, 3, 9),
    ({"resets": (5,), "step": 4}, 0, 127),
    ({"resets": (-1,), "signed": True, "step": 2}, -64, 63),
])
def test_a_field(keys: dict[str, Any], least: int, most: int) -> None:
    """Its bits are 9 to 3."""
    field = Field("tested", 3, 7, "", **keys)
    fields = Field("low", 1, 2, ""), field
    register, constant = (Register("TESTED", 0, access, "", fields) for access in ("rw", "ro"))
    reset, step = keys.get("resets", (0,))[0], keys.get("step", 1)
    assert (field.resets[0], field.step) == (reset, step)
    assert (field.minimum, field.maximum, field.mask) == (least, most, 0x3F8)
    assert (register.mask, list(register.offsets)) == (0x3FE, [0])
    for bits in range(1 << 7):
        value = bits - 128 if field.signed and bits >= 64 else bits
        legal = least <= value <= most and value % step == reset % step
        word = bits << 3 | 2 << 1
        assert (field.encode(value), field.decode(word)) == (bits << 3, value)
        assert field.allows(value) == register.allows(word) == legal
        assert not constant.allows(word)
        for reserved in (0, 10, 31):
            assert not register.allows(word | 1 << reserved)
    assert not field.allows(least - step)
    assert not field.allows(most + step)


@pytest.mark.parametrize("size, bits", [(3, 12), (31, 13)])
def test_addresses_reach_the_last_register_and_4_kib(size: int, bits: int) -> None:
    registers = RegisterMap(Filter(**KEYS | {"kernel": [[1] * size] * size, "width": 31,
                                             "height": 31}))
    last = registers.registers[-1].offsets[-1]
    assert last == 0x200 + 4 * (size * size - 1)
    assert (registers.address_bits, last < 1 << bits) == (bits, True)


def test_an_address_is_as_wide_as_that_of_the_last_register(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("windrow.hdl.control.register_map.LEAST_ADDRESS_BITS", 4)
    last = 0x200 + 4 * (9 - 1)
    assert RegisterMap(Filter(**KEYS)).address_bits == last.bit_length() == 10


@pytest.mark.parametrize("pixel, meaning", [("u8", "a sample"), ("s8", "a sample, sign-extended")])
def test_a_signed_sample_is_sign_extended(pixel: str, meaning: str) -> None:
    field, = RegisterMap(Filter(**KEYS | {"pixel": pixel, "output": "s16"}))["BORDER_VALUE"].fields
    assert (field.meaning, field.bits) == (meaning, 32 if pixel == "s8" else 8)


def test_the_version_is_windrows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("windrow.hdl.control.register_map.version", lambda: "2.10.7.dev4")
    assert RegisterMap(Filter(**KEYS))["VERSION"].resets == (1 << 24 | 2 << 16 | 10 << 8 | 7,)


def test_legal_values_are_as_documented() -> None:
    registers = RegisterMap(Filter(**KEYS | {"pixel": "s10", "coefficient_bits": 12}))
    assert {field.name: (field.minimum, field.maximum, field.signed)
            for register in registers.registers if register.buffered
            for field in register.fields} == {
        "enable": (0, 1, False), "bypass": (0, 1, False), "width": (3, 41, False),
        "height": (2, 11, False), "shift": (0, 31, False), "rounding": (0, 4, False),
        "offset": (-1 << 31, (1 << 31) - 1, True), "top": (0, 3, False), "bottom": (0, 3, False),
        "left": (0, 3, False), "right": (0, 3, False), "border_value": (-512, 511, True),
        "coefficients": (-2048, 2047, True)}
    assert registers["MIN_SIZE"].resets == (2 << 16 | 3,)
    assert registers["MAX_SIZE"].resets == (11 << 16 | 41,)


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_the_remainder_of_a_width_is_told(lanes: int) -> None:
    registers = RegisterMap(Filter(**KEYS | {"pixels_per_clock": lanes, "width": 15}))
    width, height = registers["SIZE"].fields
    assert (width.step, height.step) == (lanes, 1)
    assert width.meaning == "columns" + (
        f", with the remainder {15 % lanes} modulo {lanes}" if lanes > 1 else "")


def test_the_bypass_of_a_stage_is_its_registers_lowest_bit() -> None:
    pipeline = Pipeline([{"name": "smooth", "kernel": "gaussian:ksize=3",
                          "coefficients": "runtime"}, {"expr": "smooth + 1"}],
                        width=14, height=11, control="axi4-lite")
    (field,) = RegisterMap(pipeline)["STAGE_SMOOTH_BYPASS"].fields
    assert (field.name, field.low, field.bits, field.resets) == ("bypass", 0, 1, (0,))


STAGES = Pipeline([
    {"name": "blur", "kernel": [[1, 2, 1]], "shift": 2, "coefficients": "runtime"},
    {"name": "curve", "lut": [entry - 128 for entry in range(256)], "output": "s9",
     "entries": "runtime"},
    {"name": "edge", "kernel": [[1], [-3]], "coefficients": "runtime", "coefficient_bits": 12,
     "output": "s14"},
    {"name": "cut", "threshold": "low", "maxval": 200, "output": "u8"},
    {"name": "tone", "lut": [255 - entry for entry in range(256)], "entries": "runtime"},
    {"expr": "tone + high"}],
    width=14, height=9, max_width=40, control="axi4-lite",
    parameters={"low": 9, "high": {"value": -4, "range": [-60, 50]}})

STAGE_PLACES: list[tuple[str, int, str, int, list[tuple[int, int, int, int, tuple[int, ...]]]]] = [
    ("PARAMETER_LOW", 0x200, "rw", 1, [(0, 8, 0, 255, (9,))]),
    ("PARAMETER_HIGH", 0x204, "rw", 1, [(0, 32, -60, 50, (-4,))]),
    ("STAGE_CURVE_TABLE", 0x208, "wo", 1, [(0, 16, -256, 255, (0,)), (31, 1, 0, 1, (0,))]),
    ("STAGE_CURVE_TABLE_COUNT", 0x20C, "ro", 1, [(0, 9, 0, 511, (0,))]),
    ("STAGE_TONE_TABLE", 0x210, "wo", 1, [(0, 8, 0, 255, (0,)), (31, 1, 0, 1, (0,))]),
    ("STAGE_TONE_TABLE_COUNT", 0x214, "ro", 1, [(0, 9, 0, 511, (0,))]),
    *((f"STAGE_{name}_{register}", start + offset, "rw", 1, fields)
      for name, start, shift, border_value in (
          ("BLUR", 0x218, 2, (0, 8, 0, 255, (0,))), ("EDGE", 0x238, 0, (0, 32, -256, 255, (0,))))
      for register, offset, fields in (
          ("BYPASS", 0, [(0, 1, 0, 1, (0,))]),
          ("SCALE", 4, [(0, 5, 0, 31, (shift,)), (8, 3, 0, 4, (1,))]),
          ("OFFSET", 8, [(0, 32, -(1 << 31), (1 << 31) - 1, (0,))]),
          ("BORDER", 12, [(side, 2, 0, 3, (1,)) for side in (0, 8, 16, 24)]),
          ("BORDER_VALUE", 16, [border_value]))),
    ("STAGE_BLUR_COEFFICIENT", 0x22C, "rw", 3, [(0, 32, -128, 127, (1, 2, 1))]),
    ("STAGE_EDGE_COEFFICIENT", 0x24C, "rw", 2, [(0, 32, -2048, 2047, (1, -3))]),
]
"""Name, offset, access and words; of each field lowest bit, bits, least, most and reset value."""


def test_bits_of_events() -> None:
    """Whichever of them a core has: drivers know them by their bits."""
    assert {name: bit for name, (bit, _) in register_map._EVENT_BITS.items()} == {
        "short_line": 0, "long_line": 1, "early_start": 2, "stray": 3, "overflow": 4,
        "incomplete": 5, "frame": 8, "taken": 9}


def test_registers_of_stages() -> None:
    """First parameters, then tables, then each stage with a kernel."""
    found = [(register.name, register.offset, register.access, register.count, [
        (field.low, field.bits, field.minimum, field.maximum, field.resets)
        for field in register.fields]) for register in RegisterMap(STAGES).registers
        if register.offset >= 0x200]
    assert found == sorted(STAGE_PLACES, key=lambda each: each[1])
    shared = {register.name for register in RegisterMap(STAGES).registers
              if register.offset < 0x200}
    assert shared == {
        "ID", "VERSION", "DESIGN", "MAX_SIZE", "MIN_SIZE", "LANES", "CONTROL", "SIZE", "COMMIT",
        "STATUS", "EVENTS", "INTERRUPT_ENABLE", "FRAMES", "SHORT_LINES", "LONG_LINES",
        "EARLY_STARTS", "STRAYS", "OVERFLOWS"}
