"""Driver of {{ name }}, through Linux's UIO or any other way to its registers.

{{ title }}
Made by windrow {{ version }}. It needs numpy alone.

    with {{ class_name }}("/dev/uio0") as core:
        core.set_size(width, height)
        core.set_border("reflect101")
        core.commit()
        core.wait_taken()

What is set waits for ``commit``, and is taken all at once by the frame that starts next. A value
that the core would refuse raises ValueError, and nothing is written: an illegal write is a bus
error on many processors.
"""

from __future__ import annotations

import mmap
import os
import select
import time

import numpy as np


#: Register -> offset, words, access, fields; field -> lowest bit, bits, signed, least, most, step,
#: reset.
REGISTERS = {
{{ map }}
}
ADDRESS_BYTES = {{ 2 ** registers.address_bits }}
BORDERS = {{ borders }}
ROUNDINGS = {{ roundings }}


class Core:
    """The core's settings and counters, over ``read(offset)`` and ``write(offset, word)``."""

    def read(self, offset: int) -> int:
        """A word of the register port; a subclass gives it."""
        raise NotImplementedError

    def write(self, offset: int, word: int) -> None:
        """Write a word of the register port; a subclass gives it."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise OSError where the core is not the one that this file was made for."""
        for name in {{ identity }}:
            if name not in REGISTERS:
                continue
            for field, (low, bits, _, _, _, _, reset) in REGISTERS[name][3].items():
                found = self.get(name, field)
                if name == "VERSION" and field != "map":
                    continue
                if found != reset:
                    raise OSError(f"this is not {{ name }}: {name}.{field} is {found}, not {reset}")

    def get(self, name: str, field: str, cell: int = 0) -> int:
        """The value of a field."""
        offset, _, _, fields = REGISTERS[name]
        low, bits, signed, *_ = fields[field]
        value = self.read(offset + 4 * cell) >> low & (1 << bits) - 1
        return value - (1 << bits) if signed and value >> bits - 1 else value

    def set(self, name: str, **values: int) -> None:
        """Write a register; fields that are not named keep what was written to them."""
        offset, _, access, fields = REGISTERS[name]
        if access == "ro":
            raise ValueError(f"{name} is read-only")
        word = self.read(offset)
        for field, value in values.items():
            if field not in fields:
                raise ValueError(f"{name}.{field}: choose from {', '.join(fields)}")
            word = self._place(word, name, field, int(value))
        self.write(offset, word)

    def _place(self, word: int, name: str, field: str, value: int) -> int:
        low, bits, _, least, most, step, reset = REGISTERS[name][3][field]
        first = reset[0] if isinstance(reset, list) else reset
        if not least <= value <= most:
            raise ValueError(f"{name}.{field}: {value} is not {least} to {most}")
        if (value - first) % step:
            raise ValueError(f"{name}.{field}: {value} must be {first % step} modulo {step}")
        mask = (1 << bits) - 1
        return word & ~(mask << low) | (value & mask) << low

    # Settings, which wait for a commit.

    def set_control(self, enable: bool = True, bypass: bool = False) -> None:
        """Whether frames are filtered (else dropped), and whether they pass unfiltered."""
        self.set("CONTROL", enable=int(enable), bypass=int(bypass))
{% if "SIZE" in has %}

    def set_size(self, width: int, height: int) -> None:
        """Size of the input frame, in pixels."""
        self.set("SIZE", width=width, height=height)
{% endif %}
{% if "SCALE" in has %}

    def set_scale(self, shift: int, rounding: str = "half-up") -> None:
        """The sum is divided by 2**shift, and rounded."""
        self.set("SCALE", shift=shift, rounding=_number(ROUNDINGS, "rounding", rounding))
{% endif %}
{% if "OFFSET" in has %}

    def set_offset(self, offset: int) -> None:
        """Added before rounding, in output units."""
        self.set("OFFSET", offset=offset)
{% endif %}
{% if "BORDER" in has %}

    def set_border(self, border: str = "", **sides: str) -> None:
        """What fills the padding: on all sides, or on those that are named."""
        named = {side: border for side in REGISTERS["BORDER"][3] if border} | sides
        self.set("BORDER", **{side: _number(BORDERS, side, each) for side, each in named.items()})
{% endif %}
{% if "BORDER_VALUE" in has %}

    def set_border_value(self, value: int) -> None:
        """Input sample for a constant border."""
        self.set("BORDER_VALUE", border_value=value)
{% endif %}
{% if "COEFFICIENT" in has %}
{% if registers["COEFFICIENT"].access != "ro" %}

    def load_kernel(self, kernel: np.ndarray) -> None:
        """The whole kernel, integers of ({{ rows }}, {{ columns }}). All of it is checked first."""
        kernel = np.asarray(kernel)
        if kernel.shape != ({{ rows }}, {{ columns }}):
            raise ValueError(f"kernel: the shape must be ({{ rows }}, {{ columns }}), not {kernel.shape}")
        if kernel.dtype.kind not in "iu":
            raise ValueError(f"kernel: the weights must be integers, not {kernel.dtype}")
        words = [self._place(0, "COEFFICIENT", "coefficients", int(each)) for each in kernel.flat]
        for cell, word in enumerate(words):
            self.write(REGISTERS["COEFFICIENT"][0] + 4 * cell, word)
{% endif %}

    def kernel(self) -> np.ndarray:
        """The kernel that was written, or the design's own."""
        return np.array([self.get("COEFFICIENT", "coefficients", cell)
                         for cell in range({{ rows * columns }})]).reshape({{ rows }}, {{ columns }})
{% endif %}

    # Taking them over.

    def commit(self) -> None:
        """Commit all that has been written, in place of a commit that still waits."""
        self.write(REGISTERS["COMMIT"][0], 1)

    def is_pending(self) -> bool:
        """Whether a commit waits for a frame to start."""
        return bool(self.get("STATUS", "pending"))

    def wait_taken(self, seconds: float = 1.0) -> None:
        """Wait until a frame has taken the commit.

        Raises TimeoutError where none does, as while there is no video.
        """
        end = time.monotonic() + seconds
        while self.is_pending():
            if time.monotonic() > end:
                raise TimeoutError(f"no frame has taken the commit in {seconds:g} s")
            time.sleep(0.001)

    # What happened.

    def events(self) -> set[str]:
        """Events that have happened since they were cleared."""
        return {name for name in REGISTERS["EVENTS"][3] if self.get("EVENTS", name)}

    def clear_events(self, *names: str) -> None:
        """Clear some events, or all."""
        self.write(REGISTERS["EVENTS"][0], _events(names or REGISTERS["EVENTS"][3]))

    def enable_interrupts(self, *names: str) -> None:
        """The interrupt output is high while any of these events has happened and is not cleared."""
        self.write(REGISTERS["INTERRUPT_ENABLE"][0], _events(names))

    def counters(self) -> dict[str, int]:
        """Frames, and each kind of error, since the reset; take differences, as they wrap."""
        names = [{% for register in registers.registers if register.name in ("FRAMES", "SHORT_LINES", "LONG_LINES", "EARLY_STARTS", "STRAYS", "OVERFLOWS") %}"{{ register.name }}", {% endfor %}]
        return {name.lower(): self.get(name, name.lower()) for name in names}


def _events(names) -> int:
    fields = REGISTERS["EVENTS"][3]
    for name in names:
        if name not in fields:
            raise ValueError(f"event {name!r}: choose from {', '.join(fields)}")
    return sum(1 << fields[name][0] for name in names)


def _number(choices: list[str], what: str, name: str) -> int:
    if name not in choices:
        raise ValueError(f"{what} {name!r}: choose from {', '.join(choices)}")
    return choices.index(name)


class {{ class_name }}(Core):
    """The core behind a file that can be mapped: /dev/uio0, or /dev/mem with an address."""

    def __init__(self, path: str = "/dev/uio0", address: int = 0) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_SYNC)
        try:
            self._memory = mmap.mmap(self._file, ADDRESS_BYTES, offset=address)
            # Words: a slice of an mmap may be copied byte by byte, which the core refuses.
            self._words = np.frombuffer(self._memory, np.uint32)
            self.check()
        except BaseException:
            os.close(self._file)
            raise

    def read(self, offset: int) -> int:
        return int(self._words[offset // 4])

    def write(self, offset: int, word: int) -> None:
        self._words[offset // 4] = word

    def wait_interrupt(self, seconds: float = 1.0) -> bool:
        """Wait for the interrupt, of a UIO device; whether it came. Clear its events thereafter."""
        os.write(self._file, (1).to_bytes(4, "little"))
        ready, _, _ = select.select([self._file], [], [], seconds)
        if ready:
            os.read(self._file, 4)
        return bool(ready)

    def close(self) -> None:
        """Unmap the registers."""
        del self._words
        self._memory.close()
        os.close(self._file)

    def __enter__(self) -> {{ class_name }}:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
