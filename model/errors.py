"""The one error that is the user's to mend."""

import difflib
from collections.abc import Iterable


__all__ = ["InputError", "nearest"]


class InputError(ValueError):
    """Bad input: a key, a value, a file or a missing tool that the user can put right.

    The text is a single line that names the key, the value and the rule that it breaks. The command
    line prints it and exits with status 2.
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


def nearest(name: str, choices: Iterable[str]) -> str:
    """Say what may have been meant by a name that is none of ``choices``.

    Returns
    -------
    :class:`str`
        ``"did you mean 'x'?"`` where a choice is close, else ``"choose from a, b, c"``.
    """
    listed = list(choices)
    close = difflib.get_close_matches(name, listed, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"choose from {', '.join(listed)}"
