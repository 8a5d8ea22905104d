"""What is refused: one line that names the piece."""

import random
import string

import pytest

from windrow.model import InputError
from windrow.model.expression import Expression
from windrow.model.interval import Interval


@pytest.mark.parametrize(("text", "message"), [
    (3, "expr must be an expression as text, not 3"),
    ("", "expr is empty"),
    ("a" * 50_000, "expr has 50000 characters; the rule is at most 40000"),
    ("a" * 9000, "there is no tap 'aaa"),
    ("lut(a)", "lut takes 2 or more arguments"),
    ("lut(a, b, 3)", "expr 'b': an entry of a table is a number"),
    ("lut(3, 1, 2)", "its index goes from 3 to 3, and it has 2 entries, from 0 on"),
    ("a +", "expr 'a +': Python's grammar does not have it: invalid syntax"),
    ("a b", "at character 3"),
    ("a # b", "expr has '#'"),
    ("é", "expr has 'é'"),
    ("a\0", r"expr has '\x00'"),
    ("'a'", "expr has \"'\""),
    ("a.π0", "expr has 'π'"),
    ("a ** 2", "expr 'a ** 2': write v * v"),
    ("9**9**9", "expr '9**9**9'"),
    ("1 << 10 << 10_000_000_000", "it shifts by up to 10000000000 bits"),
    ("9" * 5000, "too many digits"),
    ("9" * 30, "needs 100 bits; the rule is at most 63"),
    ("(1 << 40) * (1 << 40)", "expr '(1 << 40) * (1 << 40)' needs 81 bits"),
    ("a / b", "expr 'a / b': write a // b, round(a / b)"),
    ("a * 0.5", "expr '0.5': numbers are integers"),
    ("1j * a", "expr '1j': only integers are numbers"),
    ("None", "expr 'None'"),
    ("a if b else 0", "write where(condition, a, b)"),
    ("lambda: a", "a function is no part"),
    ("(a := 3)", "an assignment is no part"),
    ("[v for v in a]", "a comprehension is no part"),
    ("a, b", "a tuple is no part"),
    ("a is b", "is is no operator"),
    ("a @ b", "@ is no operator"),
    ("__import__(a)", "no function '__import__'; choose from abs, min"),
    ("sqr(a)", "no function 'sqr'; did you mean 'sqrt'?"),
    ("floor(a)", "no function 'floor'; write a // b"),
    ("a.b(c)", "a function is one of"),
    ("min", "min is a function"),
    ("min(a)", "min takes 2 or more arguments, not 1"),
    ("where(a, b)", "where takes 3 arguments, not 2"),
    ("abs(a, b)", "abs takes 1 argument, not 2"),
    ("min(*a)", "expr '*a': write each argument"),
    ("max(a, b, key=abs)", "arguments have no names"),
    ("round(a)", "round takes a / b or sqrt(v)"),
    ("round(sqrt(a) / 2)", "a root that is not whole cannot be divided"),
    ("inptu", "there is no tap 'inptu'; did you mean 'input'?"),
    ("a.b", "a name has planes"),
    ("a.0.1", "Python's grammar"),
    ("a[1]", "a neighbour is name[dy, dx]"),
    ("a[b, 0]", "a neighbour is name[dy, dx]"),
    ("a[True, 0]", "a neighbour is name[dy, dx]"),
    ("a[31, 0]", "a neighbour is at most 30 rows"),
    ("x[0, 1]", "x is the pixel's place"),
    ("(a + b)[0, 1]", "only a name has planes and neighbours"),
    ("-" * 3000 + "a", "nested too deeply"),
    ("-" * 150 + "a", "nested more than 100 deep"),
    ("(" * 300 + "a" + ")" * 300, "too many nested parentheses"),
    ("a" + "+a" * 9000, "nested too deeply"),
    ("1 // 0", "the divisor may be 0"),
    ("sqrt(-1)", "the root of a value down to -1"),
    ("1 << -1", "it may shift by -1 bits"),
])
def test_refused(text: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Expression.parse(text, ["a", "b", "c", "input"])
    assert message in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("text", "message"), [
    ("a // b", "expr 'a // b': the divisor may be 0; write max(b, 1) for it, or divide(a, b)"),
    ("a % (b - 3)", "the divisor may be 0"),
    ("round(a / b)", "the divisor may be 0"),
    ("sqrt(a - b)", "the root of a value down to -255"),
    ("a << b", "it shifts by up to 255 bits"),
    ("a >> (b - 1)", "it may shift by -1 bits"),
    ("a * a * a * a * a * a * a * a", "expr 'a * a * a * a * a * a * a * a' needs 64 bits"),
])
def test_refused_for_these_ranges(text: str, message: str) -> None:
    made = Expression.parse(text, key="expr")
    with pytest.raises(InputError) as caught:
        made.graph({read: Interval(0, 255) for read in made.reads})
    assert message in str(caught.value)


def test_the_key_is_the_callers() -> None:
    with pytest.raises(InputError, match=r"stage 2: exprs\.gx 'a / b'"):
        Expression.parse("a / b", key="stage 2: exprs.gx")


def test_anything_is_read_or_refused() -> None:
    """Random bytes, and valid texts with pieces missing, doubled or strange."""
    rng = random.Random(5)
    seeds = ["min(255, round(sqrt(a*a + b*b))) - a.1[-1, +2] // 3", "where(a <= b < 3, ~c, -x)"]
    messages = []
    for _ in range(1500):
        if rng.random() < 0.2:
            text = "".join(rng.choices(string.printable, k=rng.randint(0, 30)))
        else:
            text = rng.choice(seeds)
            for _ in range(rng.randint(1, 3)):
                at, to = sorted(rng.choices(range(len(text) + 1), k=2))
                text = text[:at] + rng.choice(["", text[at:to] * 2, rng.choice(
                    ["*", "**", ".", "(", ")", "[", "]", "0", "\n", ":=", " if ", "é", "'", "1e9"]
                )]) + text[to:]
        try:
            made = Expression.parse(text)
            made.graph({read: Interval(-9, 9) for read in made.reads})
        except InputError as error:
            messages.append(str(error))
    assert 500 < len(messages) < 1500
    assert all("\n" not in message and len(message) < 400 for message in messages)
