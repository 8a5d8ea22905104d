"""What a PLL makes of its oscillator, computed from the parameters of its cell.

Independent of :mod:`windrow.boards.clocks`, which chose them.

Sources: Lattice FPGA-TN-02200, "ECP5 and ECP5-5G sysCLOCK PLL/DLL Design and Usage Guide"; Gowin
UG286, "Gowin Clock User Guide"; Lattice FPGA-TN-02052, "iCE40 sysCLOCK PLL Design and Usage Guide".
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from ...model import InputError


__all__ = ["CELLS", "PLL", "read_pll"]

CELLS = ("EHXPLLL", "rPLL", "CLKDIV", "SB_PLL40_PAD")
"""Types of the cells that say what the clocks are."""

_ECP5_OUTPUTS = ("CLKOP", "CLKOS", "CLKOS2", "CLKOS3")


@dataclass(frozen=True)
class PLL:
    """The clocks of a design.

    Parameters
    ----------
    outputs : mapping of :class:`int` to :class:`~fractions.Fraction`
        Frequency of each output that is used, in hertz, by its number in the model of the cell.
        The one that a PLL feeds back to itself is used for nothing else.
    divided : tuple of :class:`~fractions.Fraction`
        Frequencies that a divider makes of output 0.
    """

    outputs: dict[int, Fraction]
    divided: tuple[Fraction, ...] = ()

    @property
    def frequencies(self) -> list[Fraction]:
        """All of them."""
        return [*self.outputs.values(), *self.divided]


@dataclass
class _Cell:
    type: str
    parameters: dict[str, str] = field(default_factory=dict)
    ports: dict[str, str] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """A parameter that is an integer, a constant of bits, or a string of digits."""
        text = self.parameters[name].strip('"')
        return int(text.partition("'")[2].removeprefix("s"), 2) if "'" in text else int(text)


def read_pll(text: str, reference: Fraction) -> PLL:
    """Read the cells :data:`CELLS` of a design in RTLIL.

    Parameters
    ----------
    text : :class:`str`
        What yosys's ``dump`` writes of the cells.
    reference : :class:`~fractions.Fraction`
        The oscillator's frequency, in hertz.

    Raises
    ------
    :exc:`InputError`
        If there is not one PLL.
    """
    cells = [_read_cell(match[1], match[2]) for match in re.finditer(
        r"^ *cell \\(\w+) [^\n]*\n(.*?)^ *end$", text, flags=re.M | re.S)]
    plls = [cell for cell in cells if cell.type in _OUTPUTS]
    if len(plls) != 1:
        raise InputError(f"the design has {len(plls)} PLLs, not one")
    outputs = _OUTPUTS[plls[0].type](plls[0], reference)
    divided = tuple(outputs[0] / cell.number("DIV_MODE") for cell in cells
                    if cell.type == "CLKDIV")
    return PLL(outputs, divided)


def _read_cell(kind: str, body: str) -> _Cell:
    cell = _Cell(kind)
    for line in body.splitlines():
        word, *rest = line.split(maxsplit=1)
        if word == "parameter":
            name, value = rest[0].removeprefix("signed ").split(maxsplit=1)
            cell.parameters[name.lstrip("\\")] = value.strip()
        elif word == "connect":
            name, value = rest[0].split(maxsplit=1)
            cell.ports[name.lstrip("\\")] = value.strip()
    return cell


def _ecp5(cell: _Cell, reference: Fraction) -> dict[int, Fraction]:
    fed_back = cell.parameters["FEEDBK_PATH"].strip('"')
    phase = reference / cell.number("CLKI_DIV")
    vco = phase * cell.number("CLKFB_DIV") * cell.number(f"{fed_back}_DIV")
    return {
        number: vco / cell.number(f"{name}_DIV") for number, name in enumerate(_ECP5_OUTPUTS)
        if cell.parameters.get(f"{name}_ENABLE") == '"ENABLED"'
        and cell.ports.get(name) not in (None, cell.ports["CLKFB"])
    }


def _gowin(cell: _Cell, reference: Fraction) -> dict[int, Fraction]:
    return {0: reference / (cell.number("IDIV_SEL") + 1) * (cell.number("FBDIV_SEL") + 1)}


def _ice40(cell: _Cell, reference: Fraction) -> dict[int, Fraction]:
    vco = reference / (cell.number("DIVR") + 1) * (cell.number("DIVF") + 1)
    return {0: vco / (1 << cell.number("DIVQ"))}


_OUTPUTS = {"EHXPLLL": _ecp5, "rPLL": _gowin, "SB_PLL40_PAD": _ice40}
