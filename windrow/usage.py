"""What is wrong with a command line, and the numbers in it that are no keys of a design."""

import re


__all__ = ["UsageError", "whole_number"]


class UsageError(ValueError):
    """Arguments that do not form a command; the text is one line. Exit status 2.

    Beside :class:`windrow.model.errors.InputError` because that brings numpy with it, and
    ``windrow --help`` should not wait for numpy.
    """


def whole_number(option: str, text: str, least: int = 1, most: int | None = None) -> int:
    """Read an option's value, an integer of at least ``least`` and at most ``most``.

    Raises
    ------
    :exc:`UsageError`
        If it is none.
    """
    number = int(text) if re.fullmatch(r"[0-9]{1,18}", text) else -1
    if number < least or (most is not None and number > most):
        bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise UsageError(f"{option} must be an integer {bounds}, not {text!r}")
    return number

