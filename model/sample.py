"""The type of one sample of a pixel."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import InputError, shorten


if TYPE_CHECKING:
    import numpy as np

__all__ = ["Sample"]


@dataclass(frozen=True)
class Sample:
    """An integer sample, written ``u8`` (unsigned) or ``s16`` (two's complement).

    Parameters
    ----------
    signed : :class:`bool`
        Whether the sample is in two's complement.
    bits : :class:`int`
        Its width: 1 to 32 where it is unsigned, 2 to 32 where it is signed.

    Raises
    ------
    :exc:`InputError`
        If the width is out of range.
    """

    signed: bool
    bits: int

    def __post_init__(self) -> None:
        low = 2 if self.signed else 1
        if not low <= self.bits <= 32:
            raise InputError(f"sample {self} has {self.bits} bits; the rule is {self._rule(32)}")

    @classmethod
    def parse(cls, text: object, *, key: str = "sample", limit: int = 32) -> "Sample":
        """Read ``text`` such as ``u8`` or ``s16``, or numpy's name of such a type.

        Parameters
        ----------
        text : :class:`str` or :class:`numpy.dtype`
            What to read: ``u8``, ``uint8`` and ``numpy.uint8`` are one.
        key : :class:`str`
            The key that errors name.
        limit : :class:`int`
            The greatest width that the key allows, in bits.

        Raises
        ------
        :exc:`InputError`
            If ``text`` is no sample type of at most ``limit`` bits.
        """
        rule = cls._rule(limit)
        match = re.fullmatch(r"([us])([1-9][0-9]?)", _name(text), re.ASCII)
        signed, bits = (match[1] == "s", int(match[2])) if match else (False, 0)
        if not (2 if signed else 1) <= bits <= limit:
            hint, shown = "", str(text) if isinstance(text, Sample) else text
            if isinstance(text, str) and (other := re.fullmatch(
                    r"(?:cv2\.)?CV_(8|16|32)([US])(?:C\d)?|([us])_?int(8|16|32)(?:_t)?|"
                    r"([US])(\d\d?)", text, re.ASCII)):
                found = [group for group in other.groups() if group]
                letter, width = sorted(found, key=str.isdigit)
                hint = f"; write {letter.lower()}{width}"
            elif re.search("float|double|CV_\\d+F", shorten(text)):
                hint = "; samples are integers"
            raise InputError(f"{key} must be {rule}, not {shorten(shown)}{hint}")
        return cls(signed, bits)

    @staticmethod
    def _rule(limit: int) -> str:
        return f"u1..u{limit} or s2..s{limit}"

    @classmethod
    def holding(cls, low: int, high: int) -> "Sample":
        """Return the narrowest sample that holds every integer from ``low`` to ``high``.

        Raises
        ------
        :exc:`InputError`
            If that needs more than 32 bits.
        """
        if low >= 0:
            return cls(False, max(high.bit_length(), 1))
        return cls(True, max((-low - 1).bit_length(), high.bit_length(), 1) + 1)

    def __str__(self) -> str:
        return f"{'s' if self.signed else 'u'}{self.bits}"

    @property
    def minimum(self) -> int:
        """The least value."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        """The greatest value."""
        return (1 << (self.bits - self.signed)) - 1

    def __contains__(self, value: int) -> bool:
        return self.minimum <= value <= self.maximum

    @property
    def dtype(self) -> "np.dtype[np.integer]":
        """The narrowest numpy integer type that holds every value of the sample."""
        import numpy as np  # late: the command line knows samples before it needs numpy

        width = next(width for width in (8, 16, 32) if width >= self.bits)
        return np.dtype(f"{'int' if self.signed else 'uint'}{width}")


def _name(text: object) -> str:
    """The name of a sample as it is written here, for what numpy calls one."""
    if not isinstance(text, (str, Sample)):
        import numpy as np

        if isinstance(text, type) and issubclass(text, np.integer):
            text = np.dtype(text)
        if not isinstance(text, np.dtype):
            return ""
        text = text.name
    return re.sub(r"^(?:np\.|numpy\.)?(u?)int(?=\d)",
                  lambda match: "u" if match[1] else "s", str(text)[:100])
