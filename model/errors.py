"""The one error that is the user's to mend, and the words of its messages."""

import difflib
from collections.abc import Iterable


__all__ = ["InputError", "nearest", "one_line", "shorten"]

#: The greatest length of a message, in characters: room for a long path and a list of names.
LONGEST_MESSAGE = 1000


class InputError(ValueError):
    """Bad input: a key, a value, a file or a missing tool that the user can put right.

    The text is a single line that names the key, the value and the rule that it breaks. The command
    line prints it and exits with status 2.
    """

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


def one_line(message: str) -> str:
    """A message fit for a terminal: one line, of bounded length, control characters escaped."""
    line = "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode()
        for each in " ".join(message.split())
    )
    if len(line) > LONGEST_MESSAGE:
        half = (LONGEST_MESSAGE - 5) // 2
        line = f"{line[:half]} ... {line[-half:]}"
    return line


def shorten(value: object) -> str:
    """Show a value within a message, in not much more than a few words."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python prints
        return "a very long integer"
    return text if len(text) <= 60 else f"{text[:57]}..."


def nearest(name: str, choices: Iterable[str], see: str = "") -> str:
    """Say what may have been meant by a name that is none of ``choices``, by its spelling alone.

    Capitals do not count. Where names have dots (``cv2.blur``) their last parts are compared, so
    that what stands before them makes nothing alike.

    Returns
    -------
    :class:`str`
        ``"did you mean 'x'?"`` where choices are close, else ``"choose from a, b, c"``; of a long
        list that the command ``see`` prints, the beginning.
    """
    listed = list(choices)
    likeness = {choice: _likeness(name, choice) for choice in listed}
    best = max(likeness.values(), default=0.0)
    if best < 0.7 and see and len(listed) > 6:
        return f"choose from {', '.join(listed[:4])}, ...: see `{see}`"
    if best < 0.7:
        return f"choose from {', '.join(listed)}"
    close = [repr(choice) for choice in listed if likeness[choice] == best]
    return f"did you mean {' or '.join(close)}?"


def _likeness(name: str, choice: str) -> float:
    """1 for the same spelling, 0 for none in common."""
    given, meant = (text[:100].lower().rpartition(".")[2] for text in (name, choice))
    if min(len(given), len(meant)) >= 4 and (given.startswith(meant) or meant.startswith(given)):
        return 0.9
    return difflib.SequenceMatcher(None, given, meant).ratio()
