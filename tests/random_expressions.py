"""Random expressions, and what Python makes of them."""

import math
import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from windrow.model.interval import Interval


RANGES = {
    "a": Interval(0, 255), "b": Interval(-128, 127), "c": Interval(0, 15),
    "d": Interval(-1020, 1020), "e": Interval(0, 1), "f": Interval(3, 40),
}
"""The names that they read."""


class Root(int):
    """The floor of a root, which also knows the nearest."""

    def __new__(cls, square: int) -> "Root":
        root = super().__new__(cls, math.isqrt(square))
        root.nearest = root + (square - root * root > root)  # type: ignore[attr-defined]
        return root

    def __round__(self, digits: Any = None) -> int:
        return self.nearest  # type: ignore[attr-defined, no-any-return]


FUNCTIONS: dict[str, Any] = {
    "abs": abs, "min": min, "max": max, "sqrt": Root,
    "round": lambda value: int(value) if type(value) is int else round(value),
    "clip": lambda value, low, high: min(max(value, low), high),
    "where": lambda condition, a, b: a if condition else b,
    "lut": lambda index, *entries: entries[index],
    "divide": lambda a, b: 0 if b == 0 else round(Fraction(int(a), int(b))),
}


def by_python(text: str, values: Mapping[str, int]) -> int:
    """The value of a text that this module or a test made."""
    # What stands to the left of a / is a sample, or in brackets.
    source = text.replace(" / ", " * Fraction(1) / ")
    return int(eval(source, {**FUNCTIONS, "Fraction": Fraction}, dict(values)))


def sample(rng: random.Random, name: str) -> int:
    """A value that a name can have, its ends and 0 often."""
    low, high = RANGES[name]
    return rng.choice([low, high, min(max(0, low), high), *(rng.randint(low, high),) * 3])


def expression(rng: random.Random, depth: int) -> str:
    """A text of operators and functions, nested as deeply."""
    if depth == 0 or rng.random() < 0.12:
        if rng.random() < 0.7:
            return rng.choice(list(RANGES))
        return str(rng.choice([0, 1, 2, 3, 5, 7, 9, 15, 16, 31, 60, 100, 255, 256]))

    def inner() -> str:
        return expression(rng, depth - 1)

    divisor = rng.choice(["2", "3", "4", "6", "9", "10", "(-4)", "(-6)", "25",
                          f"max(1, abs({inner()}))", f"(-1 - abs({inner()}))", inner()])
    return rng.choice([
        lambda: f"({inner()} {rng.choice(['+', '-', '*', '&', '|', '^'])} {inner()})",
        lambda: f"({rng.randint(-9, 9)}*{inner()} + {rng.randint(-9, 9)}*{inner()} - {inner()})",
        lambda: f"({inner()} {rng.choice(['//', '%'])} {divisor})",
        lambda: f"({inner()} {rng.choice(['<<', '>>'])} {rng.choice(['0', '3', 'e', '(c & 7)'])})",
        lambda: f"({rng.choice(['~', '-', 'not '])}{inner()})",
        lambda: f"({inner()} {rng.choice(['<', '<=', '>', '>=', '==', '!='])} {inner()})",
        lambda: f"({inner()} <= {inner()} < {inner()})",
        lambda: f"(({rng.choice([' and ', ' or ']).join(inner() for _ in range(4))}) != 0)",
        lambda: f"{rng.choice(['min', 'max'])}({inner()}, {inner()}, {inner()})",
        lambda: f"clip({inner()}, {rng.choice(['0, 255', '-128, 127', '-5, 7', '9, 3', 'b, 77'])})",
        lambda: f"where({inner()}, {inner()}, {inner()})",
        lambda: f"sqrt(abs({inner()}))",
        lambda: f"min({rng.choice([0, 1, 3, 11, 255])}, round(sqrt(abs({inner()}))))",
        lambda: f"round({inner()} / {divisor})",
        lambda: f"divide({inner()}, {inner()})",
        lambda: f"({inner()} & {rng.choice([1, 7, 8, 12, 255, -4, 5])})",
        lambda: f"abs({inner()})",
    ])()
