"""What software is given of the registers: the map, the table, and a driver that compiles."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from windrow.hdl.control import RegisterMap, software_files
from windrow.model import Filter
from windrow.model.pipeline import Pipeline


KEYS = {"kernel": [[1, -2, 3], [4, 5, -6]], "width": 14, "height": 11, "max_width": 41,
        "control": "axi4-lite", "coefficients": "runtime"}
CASES = {
    "blur": KEYS,
    "_constant": KEYS | {"coefficients": "constant"},
    "WIDE4": KEYS | {"pixel": "s10", "pixels_per_clock": 4, "coefficient_bits": 32},
    "one1": {"kernel": [[1]], "width": 20, "height": 5, "pixel": "u1", "control": "axi4-lite",
             "coefficients": "runtime", "coefficient_bits": 2, "input_fifo": 16},
}


EDGES = Pipeline(
    [{"name": "smooth", "kernel": "gaussian:ksize=3", "coefficients": "runtime"},
     {"name": "gx", "kernel": "sobel-x", "output": "s16", "coefficients": "runtime"},
     {"expr": "where(abs(gx) > low, top, smooth + any - less)", "output": "u4"},
     {"name": "tone", "lut": list(range(-8, 8)), "entries": "runtime", "output": "s9"}],
    width=14, height=11, control="axi4-lite", parameters={
        "low": 60, "top": {"value": 200, "range": [1, 255]},
        "any": {"value": 0, "range": [0, (1 << 32) - 1]},
        "less": {"value": -5, "range": [-(1 << 31), 7]}})


def registers_of(name: str) -> RegisterMap:
    if name == "edges":
        return RegisterMap(EDGES, (3, 3))
    return RegisterMap(EDGES if name == "fixed" else Filter(**CASES[name]))


def files(name: str) -> dict[str, str]:
    return software_files(registers_of(name), name)


def test_the_map_as_json() -> None:
    text = files("blur")["blur_registers.json"]
    assert text.startswith('{\n  "name": "blur",\n')
    found = json.loads(text)
    assert {key: found[key] for key in found if key != "registers"} == {
        "name": "blur", "protocol": "axi4-lite", "address_bits": 12, "data_bits": 32}
    registers = {register["name"]: register for register in found["registers"]}
    assert [register["offset"] for register in found["registers"]] == [
        *range(0x00, 0x1C, 4), *range(0x20, 0x38, 4), *range(0x40, 0x68, 4), 0x200]
    assert registers["SIZE"] == {
        "name": "SIZE", "offset": 0x24, "count": 1, "access": "rw", "buffered": True,
        "meaning": "Size of the input frame.", "reset": 11 << 16 | 14,
        "fields": [
            {"name": "width", "low": 0, "bits": 16, "signed": False, "maximum": 41, "step": 1,
             "minimum": registers["SIZE"]["fields"][0]["minimum"], "meaning": "columns",
             "reset": 14},
            {"name": "height", "low": 16, "bits": 16, "signed": False, "maximum": 11, "step": 1,
             "minimum": registers["SIZE"]["fields"][1]["minimum"], "meaning": "rows",
             "reset": 11},
        ]}
    kernel = registers["COEFFICIENT"]
    assert (kernel["count"], kernel["access"], kernel["buffered"]) == (6, "rw", True)
    assert kernel["reset"] == [1, 0xFFFFFFFE, 3, 4, 5, 0xFFFFFFFA]
    assert kernel["fields"][0]["reset"] == [1, -2, 3, 4, 5, -6]
    assert (kernel["fields"][0]["minimum"], kernel["fields"][0]["maximum"]) == (-128, 127)
    constant = json.loads(files("_constant")["_constant_registers.json"])["registers"][-1]
    assert (constant["access"], constant["buffered"]) == ("ro", False)


@pytest.mark.parametrize("name", [*CASES, "edges", "fixed"])
def test_no_two_fields_and_no_two_registers_share_bits(name: str) -> None:
    registers = registers_of(name).registers
    taken = [offset for register in registers for offset in register.offsets]
    assert taken == sorted(set(taken))
    for register in registers:
        bits = [bit for field in register.fields
                for bit in range(field.low, field.low + field.bits)]
        assert bits == sorted(set(bits)), register.name
        assert bits[-1] < 32
        for field in register.fields:
            assert len(field.resets) == register.count
            if register.access != "ro":
                assert all(field.allows(reset) for reset in field.resets), field


@pytest.mark.parametrize("name", [*CASES, "edges", "fixed"])
def test_the_table_names_every_field(name: str) -> None:
    text = files(name)[f"{name}_registers.md"]
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in text.splitlines() if line.startswith("|")][2:]
    assert {len(row) for row in rows} == {8}
    registers = registers_of(name).registers
    assert [row[1] for row in rows if row[1]] == [register.name for register in registers]
    assert [row[5] for row in rows if row[5]] == [
        field.name for register in registers for field in register.fields]
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("name", [*CASES, "edges", "fixed"])
def test_the_header_has_every_offset_and_mask(name: str) -> None:
    text = files(name)[f"{name}.h"]
    macros = dict(re.findall(r"^#define (\w+) (0x[0-9a-f]+)u", text, re.MULTILINE))
    for register in registers_of(name).registers:
        prefix = f"{name.upper()}_{register.name}"
        assert int(macros[f"{prefix}_OFFSET"], 16) == register.offset
        for field in register.fields:
            assert int(macros[f"{prefix}_{field.name.upper()}_MASK"], 16) == field.mask
    assert ("load_kernel" in text) == (name != "_constant")
    assert all(line == line.rstrip() for line in text.splitlines())
    assert "\n\n\n" not in text
    # Those that say that the input is wrong: the lowest five, by the documented map.
    assert int(macros[f"{name.upper()}_EVENTS_ERRORS"], 16) == 0x1F


@pytest.mark.parametrize("name", [*CASES, "edges", "fixed"])
@pytest.mark.parametrize("compiler, flags", [
    ("gcc", ["-std=c99"]), ("gcc", ["-std=c17"]), ("g++", ["-std=c++98", "-Wno-long-long"]),
    ("g++", ["-std=c++20"]), ("clang", ["-std=c99"]),
])
def test_the_header_compiles_without_a_warning(
    name: str, compiler: str, flags: list[str], tmp_path: Path
) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no {compiler}")
    (tmp_path / f"{name}.h").write_text(files(name)[f"{name}.h"])
    # Every function is called, so that none is left out; twice included, by two units of one
    # program.
    body = "\n".join(f"    (void)&{function};" for function in re.findall(
        rf"^static inline .*?({name}_\w+)\(", files(name)[f"{name}.h"], re.MULTILINE))
    assert body.count("&") > 15
    suffix = "c" if compiler != "g++" else "cpp"
    for unit, head in (("a", "int other(void);\n"), ("b", "")):
        function = "int main(void)" if unit == "a" else "int other(void);\nint other(void)"
        ending = "return other();" if unit == "a" else "return 0;"
        (tmp_path / f"{unit}.{suffix}").write_text(
            f'#include "{name}.h"\n#include "{name}.h"\n{head}{function}\n{{\n{body}\n    '
            f"{ending}\n}}\n")
    done = subprocess.run(
        [compiler, *flags, "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion", "-Wshadow",
         "-o", "program", f"a.{suffix}", f"b.{suffix}"],
        cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["edges", "_constant"])
def test_the_driver_knows_its_core_by_what_is_constant(name: str) -> None:
    """By registers between the version and the size: no counters, and no status."""
    text = files(name)[f"{name}.h"]
    start = text.index(f"{name}_init(uintptr_t base)")
    asked = re.findall(rf"{name.upper()}_(\w+)_OFFSET\) !=", text[start:text.index("}", start)])
    registers = registers_of(name)
    between = [each.name for each in registers.registers
               if registers["VERSION"].offset < each.offset < registers["SIZE"].offset
               and each.access == "ro" and not each.array]
    assert asked == ["ID", *between]
    assert not {"STATUS", "FRAMES"} & {*asked}
