"""The error of arguments that do not form a command."""

__all__ = ["UsageError"]


class UsageError(ValueError):
    """Arguments that do not form a command; the text is one line. Exit status 2.

    Beside :class:`windrow.model.errors.InputError` because that brings numpy with it, and
    ``windrow --help`` should not wait for numpy.
    """
