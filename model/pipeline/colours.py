"""Changes of colour space, as expressions of a picture's channels: the stage ``convert``.

The integers are OpenCV's own for 8 bits, probed on 4.14 and 5.0 for all 16.7 million colours.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from ..errors import InputError, nearest, shorten
from ..format import Format


__all__ = ["CONVERSIONS", "conversion"]

Planes = Sequence[str]


def _grey(red: str, green: str, blue: str) -> list[str]:
    return [f"(9798 * {red} + 19235 * {green} + 3735 * {blue} + {1 << 14}) >> 15"]


def _luma(red: str, green: str, blue: str) -> str:
    return f"((4899 * {red} + 9617 * {green} + 1868 * {blue} + {1 << 13}) >> 14)"


def _difference(factor: int, colour: str, luma: str) -> str:
    return f"(({colour} - {luma}) * {factor} + {(128 << 14) + (1 << 13)}) >> 14"


def _ycrcb(red: str, green: str, blue: str) -> list[str]:
    luma = _luma(red, green, blue)
    return [luma, _difference(11682, red, luma), _difference(9241, blue, luma)]


def _yuv(red: str, green: str, blue: str) -> list[str]:
    luma = _luma(red, green, blue)
    return [luma, _difference(8061, blue, luma), _difference(14369, red, luma)]


def _rounded(value: str) -> str:
    return f"(({value} + {1 << 13}) >> 14)"


def _from_ycrcb(luma: str, cr: str, cb: str) -> list[str]:
    cr, cb = f"({cr} - 128)", f"({cb} - 128)"
    return [f"{luma} + {_rounded(f'22987 * {cr}')}",
            f"{luma} + {_rounded(f'-5636 * {cb} - 11698 * {cr}')}",
            f"{luma} + {_rounded(f'29049 * {cb}')}"]


def _from_yuv(luma: str, u: str, v: str) -> list[str]:
    u, v = f"({u} - 128)", f"({v} - 128)"
    return [f"{luma} + {_rounded(f'18678 * {v}')}",
            f"{luma} + {_rounded(f'-6472 * {u} - 9519 * {v}')}",
            f"{luma} + {_rounded(f'33292 * {u}')}"]


def _xyz(red: str, green: str, blue: str) -> list[str]:
    return [f"({x} * {red} + {y} * {green} + {z} * {blue} + {1 << 11}) >> 12"
            for x, y, z in ((1689, 1465, 739), (871, 2929, 296), (79, 488, 3892))]


def _hsv(red: str, green: str, blue: str, turn: int) -> list[str]:
    """Hue of ``turn`` steps, saturation, value; the quotients are OpenCV's tables."""
    value = f"max({red}, {green}, {blue})"
    range_ = f"({value} - min({red}, {green}, {blue}))"
    # The first of red, green and blue that is the greatest.
    sector = (f"where({red} == {value}, {green} - {blue}, where({green} == {value}, "
              f"{blue} - {red} + 2 * {range_}, {red} - {green} + 4 * {range_}))")
    hue = f"(({sector} * divide({turn << 12}, 6 * {range_}) + {1 << 11}) >> 12)"
    return [f"where({hue} < 0, {hue} + {turn}, {hue})",
            f"({range_} * divide({255 << 12}, {value}) + {1 << 11}) >> 12", value]


def _to(of: Callable[..., list[str]], order: Sequence[int]) -> Callable[[Planes], list[str]]:
    """From planes in this order: red, green, blue."""
    return lambda planes: of(*(planes[number] for number in order))


def _back(of: Callable[..., list[str]], order: Sequence[int]) -> Callable[[Planes], list[str]]:
    """To planes in this order."""
    return lambda planes: [of(*planes)[number] for number in order]


_RGB, _BGR = (0, 1, 2), (2, 1, 0)

CONVERSIONS: Mapping[str, tuple[int, Callable[[Planes], list[str]]]] = {
    **{f"{name}2{space}": (3, _to(of, order))
       for name, order in (("rgb", _RGB), ("bgr", _BGR))
       for space, of in (
           ("gray", _grey), ("ycrcb", _ycrcb), ("yuv", _yuv), ("xyz", _xyz),
           ("hsv", partial(_hsv, turn=180)), ("hsv_full", partial(_hsv, turn=256)))},
    **{f"{space}2{name}": (3, _back(of, order))
       for name, order in (("rgb", _RGB), ("bgr", _BGR))
       for space, of in (("ycrcb", _from_ycrcb), ("yuv", _from_yuv))},
    "rgb2bgr": (3, lambda planes: [*planes[::-1]]),
    "bgr2rgb": (3, lambda planes: [*planes[::-1]]),
    "gray2rgb": (1, lambda planes: [planes[0]] * 3),
    "gray2bgr": (1, lambda planes: [planes[0]] * 3),
}
"""OpenCV's names, with how many channels go in and what makes those that come out."""


def conversion(name: object, tap: str, carried: Format) -> list[str]:
    """The expressions of each channel of the result.

    Parameters
    ----------
    name : :class:`str`
        As OpenCV's constant, ``COLOR_RGB2GRAY``, with what stands before or without.
    tap : :class:`str`
        What is converted.
    carried : :class:`~windrow.model.format.Format`
        What that carries.

    Raises
    ------
    :exc:`~windrow.model.errors.InputError`
        If there is no such conversion, or it does not take such pictures.
    """
    if not isinstance(name, str):
        raise InputError(f"convert must be a name such as rgb2gray, not {shorten(name)}")
    key = name.removeprefix("cv2.").removeprefix("COLOR_").lower().replace("grey", "gray")
    if key not in CONVERSIONS:
        raise InputError(f"convert {shorten(name)} is not known: {nearest(key, CONVERSIONS)}")
    count, make = CONVERSIONS[key]
    if carried.channels != count:
        raise InputError(f"convert {key} takes {count} channel{'s' * (count > 1)}, and {tap!r} has "
                         f"{carried.channels}")
    moves = key.startswith("gray") or key in ("rgb2bgr", "bgr2rgb")
    wide = key.endswith("gray")
    if not moves and str(carried.sample) not in ("u8", "u16")[:1 + wide]:
        raise InputError(f"convert {key} takes u8{' or u16' * wide}, and {tap!r} is "
                         f"{carried.sample}")
    return make([f"{tap}.{number}" for number in range(count)])
