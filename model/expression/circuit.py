"""Operations as steps: each a node of sums of what was made before, with no graph yet."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import gcd
from typing import Any, NamedTuple

from ..interval import Interval
from ..nodes import (
    Absolute,
    Compare,
    Extreme,
    Logic,
    Node,
    Product,
    Quotient,
    Root,
    Round,
    Select,
    Table,
    Term,
    Within,
    Wrap,
)
from ..sample import Sample
from .division import reciprocal
from .form import Form, constant, linear
from .operations import Entries, Operation, Read


__all__ = ["Bound", "Circuit", "Step", "node_of"]

#: Values that a node of logic takes.
LOGIC_VALUES = 4

#: Entries of the largest table that takes the place of a quotient.
TABLE_ENTRIES = 256

#: Bits of the widest sample.
SAMPLE_BITS = 32


class Bound(NamedTuple):
    """The nearest value within a range: nodes that depend on what the operand can be."""

    value: Term
    range: Interval

    def interval(self, value: Interval) -> Interval:
        """Range of the result."""
        low, high = self.range
        return Interval(min(max(value.low, low), high), min(max(value.high, low), high))


class Step(NamedTuple):
    """A node whose operands are forms: ``kind`` of these, and ``extra`` behind them."""

    kind: Callable[..., Any]
    operands: tuple[Form, ...]
    extra: tuple[Any, ...] = ()


def node_of(step: Step, terms: Sequence[Term]) -> Any:
    """The node of a step, its operands as terms."""
    if step.kind is Logic:
        return Logic(tuple(terms), *step.extra)
    if step.kind is Product:
        return Product(terms[0].node, terms[1])
    return step.kind(*terms, *step.extra)


class Circuit:
    """Makes steps of operations. Values are numbers: the inputs', and then the steps'.

    Parameters
    ----------
    inputs : sequence of :class:`Interval`
        Ranges of the inputs.
    """

    def __init__(self, inputs: Sequence[Interval]) -> None:
        self.input_count = len(inputs)
        self.steps: list[Step] = []
        self.ranges = list(inputs)
        self._known: dict[Step, int] = {}

    def made_of(
        self, operations: Sequence[Operation], ranges: Sequence[Interval],
        inputs: dict[Read, int],
    ) -> Form:
        """The form of the last of some operations."""
        uses = Counter(at for operation in operations for at in operation.operands)
        forms: list[Form] = []
        for operation, range_ in zip(operations, ranges, strict=True):
            if isinstance(operation.value, Read):
                forms.append(linear({inputs[operation.value]: 1}))
            elif range_.low == range_.high:
                forms.append(constant(range_.low))
            else:
                each = [forms[at] for at in operation.operands]
                form = self._of(operation, each, [ranges[at] for at in operation.operands], range_,
                                [uses[at] == 1 for at in operation.operands])
                forms.append(form)
        return forms[-1]

    def _of(
        self, operation: Operation, each: list[Form], ranges: list[Interval], range_: Interval,
        alone: list[bool],
    ) -> Form:
        match operation.kind:
            case "+":
                return each[0].plus(each[1])
            case "-":
                return each[0].plus(each[1], -1)
            case "negate":
                return each[0].times(-1)
            case "~":
                return constant(-1).plus(each[0], -1)
            case "*" | "square":
                return self.narrowed(self._product(each[0], each[-1]), range_)
            case "//":
                return self.narrowed(self._quotient(each[0], each[1], ranges[1]), range_)
            case "%":
                return self._rest(each[0], each[1], ranges[1], range_)
            case "round /" | "divide":
                return self.narrowed(self._nearest(each[0], each[1], ranges[1]), range_)
            case "<<":
                return self.narrowed(self._left(each[0], each[1], ranges[1]), range_)
            case ">>":
                return self.narrowed(self._right(each[0], each[1], ranges[1]), range_)
            case "&" | "|" | "^":
                return self.narrowed(self._bitwise(operation.kind, *each), range_)
            case "<" | ">=" | ">" | "<=" | "==" | "!=":
                return self._compared(operation.kind, *each)
            case "not":
                return self._not(self.truth(each[0]), alone[0])
            case "and" | "or":
                return self._logical(operation.kind, each)
            case "abs":
                return self._absolute(each[0])
            case "min" | "max":
                return self._extreme(each, alone, operation.kind == "max")
            case "clip":
                value = self._extreme(each[:2], alone[:2], greatest=True)
                return self._extreme([value, each[2]], [True, True], greatest=False)
            case "where":
                return self._select(self.truth(each[0]), *each[1:])
            case "sqrt" | "round sqrt":
                value = self.known(each[0], ranges[0])
                return self.step(Root, [value], operation.kind == "round sqrt")
            case "lut":
                assert isinstance(operation.value, Entries)
                return self.step(Table, [self.known(each[0], ranges[0])], 0,
                                 tuple(operation.value))
        raise AssertionError(operation)

    # Steps and ranges

    def range(self, form: Form) -> Interval:
        """What a form can be."""
        low = high = form.constant
        for value, factor in form.terms:
            part = self.ranges[value].scale(factor)
            low, high = low + part.low, high + part.high
        return Interval(low, high)

    def step(self, kind: Callable[..., Any], operands: Sequence[Form], *extra: Any) -> Form:
        """The value of a step, made once; a constant where there is no other value."""
        step = self._tabulated(Step(kind, tuple(operands), extra))
        if step not in self._known:
            # Operands that are the same form are the same term.
            terms = [Term(step.operands.index(each)) for each in step.operands]
            node: Node = node_of(step, terms)
            self._known[step] = len(self.ranges)
            self.steps.append(step)
            self.ranges.append(node.interval(*map(self.range, step.operands)))
        number = self._known[step]
        low, high = self.ranges[number]
        return constant(low) if low == high else linear({number: 1})

    def _tabulated(self, step: Step) -> Step:
        """A quotient of what is one narrow value: a table, which takes less than its digits."""
        values = {value for form in step.operands for value, _ in form.terms}
        if step.kind is not Quotient or len(values) != 1:
            return step
        value, = values
        low, high = self.ranges[value]
        if high - low >= TABLE_ENTRIES:
            return step
        node = node_of(step, [Term(at) for at in range(len(step.operands))])
        entries = tuple(
            node.compute(*(form.constant + sum(factor * number for _, factor in form.terms)
                           for form in step.operands))
            for number in range(low, high + 1))
        return Step(Table, (linear({value: 1}),), (low, entries))

    def _source(self, form: Form) -> Step | None:
        """The step that a form is the value of, as it stands."""
        number = form.value
        if number is None or number < self.input_count:
            return None
        return self.steps[number - self.input_count]

    def known(self, form: Form, range_: Interval) -> Form:
        """The same value, which is known to lie in a range."""
        low, high = self.range(form)
        both = Interval(max(low, range_.low), min(high, range_.high))
        if both == (low, high):
            return form
        return self.step(Within, [form], both)

    def narrowed(self, form: Form, range_: Interval) -> Form:
        """The same value; its range is used where that saves bits of what is one value."""
        if form.value is None:
            return form
        low, high = self.range(form)
        both = Interval(max(low, range_.low), min(high, range_.high))
        return self.known(form, range_) if both.bits < self.range(form).bits else form

    def _cut(self, form: Form) -> Form:
        """The same value, a sum of several terms made before anything else is done with it."""
        if len(form.terms) < 2:
            return form
        plain = linear(dict(form.terms))
        return self.step(Within, [plain], self.range(plain)).plus(constant(form.constant))

    # Products, quotients, shifts

    def _product(self, a: Form, b: Form) -> Form:
        for factor, value in ((a, b), (b, a)):
            if factor.fixed is not None:
                return value.times(factor.fixed)
        for factor, value in ((a, b), (b, a)):
            if self._is_truth(factor):
                return value if factor == value else self._select(factor, value, constant(0))
        (times_a, a), (times_b, b) = a.content(), b.content()
        return self.step(Product, sorted((a, b))).times(times_a * times_b)

    def _shifted(self, form: Form, bits: int) -> Form:
        """``form >> bits``."""
        if bits == 0 or form.fixed is not None:
            return form.floor(1 << bits)
        common = min(bits, (form.divisor & -form.divisor).bit_length() - 1)
        form, bits = form.floor(1 << common), bits - common
        if bits == 0:
            return form
        step = self._source(form)
        if step is not None and step.kind is Round and step.extra[1:] == (0, "floor"):
            return self._shifted(step.operands[0], bits + step.extra[0])
        return self.step(Round, [form], bits, 0, "floor")

    def _low(self, form: Form, bits: int) -> Form:
        """``form % 2**bits``."""
        low, high = self.range(form)
        if low >> bits == high >> bits:
            return form.plus(constant(low >> bits << bits), -1)
        if bits <= SAMPLE_BITS:
            return self.step(Wrap, [form], Sample(False, bits))
        rest = form.plus(self._shifted(form, bits), -1 << bits)
        return self.known(rest, Interval(0, (1 << bits) - 1))

    def _quotient(self, a: Form, b: Form, b_range: Interval) -> Form:
        """``a // b``."""
        if b_range.high < 0:
            a, b = a.times(-1), b.times(-1)
        divisor = b.fixed
        if divisor is None:
            return self.step(Quotient, [a, self.known(b, _magnitude(b_range))], False)
        zeros = (divisor & -divisor).bit_length() - 1
        a, divisor = self._shifted(a, zeros), divisor >> zeros
        common = gcd(a.divisor, divisor)
        a, divisor = a.floor(common), divisor // common
        if divisor == 1:
            return a
        a = self._cut(a)
        factor, bias, shift = reciprocal(divisor, self.range(a))
        return self._shifted(a.times(factor).plus(constant(bias)), shift)

    def _rest(self, a: Form, b: Form, b_range: Interval, range_: Interval) -> Form:
        """``a % b``."""
        divisor = b.fixed
        if divisor is not None and divisor > 0 and divisor & (divisor - 1) == 0:
            return self._low(a, divisor.bit_length() - 1)
        a = self._cut(a)
        quotient = self._quotient(a, b, b_range)
        return self.known(a.plus(self._product(b, quotient), -1), range_)

    def _nearest(self, a: Form, b: Form, b_range: Interval) -> Form:
        """The integer nearest to ``a / b``, ties to even; 0 where ``b`` is 0."""
        if b_range.high < 0:
            a, b = a.times(-1), b.times(-1)
        elif b_range.low < 0:
            negative = self._less(b, constant(0))
            a, b = self._select(negative, a.times(-1), a), self._absolute(b)
        divisor = b.fixed
        if divisor is None:
            b = self.known(b, _magnitude(b_range))
            quotient = self.step(Quotient, [a, b], True)
            source = self._source(quotient)
            if source is not None and source.kind is Table:
                return quotient  # which has a 0 there
            return self._select(self._equal(b, constant(0)), constant(0), quotient)
        if divisor == 0:
            return constant(0)
        if a.divisor % divisor == 0 and a.constant % divisor == 0:
            return a.floor(divisor)
        if divisor & (divisor - 1) == 0:
            return self.step(Round, [a], divisor.bit_length() - 1, 0, "half-even")
        a = self._cut(a).plus(constant(divisor // 2))
        one = constant(divisor)
        points = Interval(divisor, divisor)
        quotient = self._quotient(a, one, points)
        if divisor % 2:
            return quotient  # no value lies half way
        rest = self._rest(a, one, points, Interval(0, divisor - 1))
        tie = self._logical("and", [self._equal(rest, constant(0)), self._low(quotient, 1)])
        return quotient.plus(tie, -1)

    def _left(self, value: Form, bits: Form, bits_range: Interval) -> Form:
        if bits.fixed is not None:
            return value.times(1 << bits.fixed)
        bits = self.known(bits, bits_range)
        for at in range(bits_range.high.bit_length()):
            taken = self._low(self._shifted(bits, at), 1)
            value = self._select(taken, value.times(1 << (1 << at)), value)
        return value

    def _right(self, value: Form, bits: Form, bits_range: Interval) -> Form:
        if bits.fixed is not None:
            return self._shifted(value, min(bits.fixed, self.range(value).bits))
        most = min(bits_range.high, self.range(value).bits)
        bits = self._bound(self.known(bits, bits_range), None, most)
        for at in range(most.bit_length()):
            taken = self._low(self._shifted(bits, at), 1)
            value = self._select(taken, self._shifted(value, 1 << at), value)
        return value

    # Logic

    def _is_truth(self, form: Form) -> bool:
        low, high = self.range(form)
        return low >= 0 and high <= 1

    def truth(self, form: Form) -> Form:
        """1 where a value is not 0, else 0."""
        return form if self._is_truth(form) else self._equal(form, constant(0), differs=True)

    def _not(self, truth: Form, alone: bool) -> Form:
        """1 where a truth value is 0, else 0: another comparison where nothing else needs that."""
        step = self._source(truth)
        if step is None or step.kind is not Compare or not alone:
            return _not(truth)
        (a, b), (relation,) = step.operands, step.extra
        if relation in ("==", "!="):
            return self.step(Compare, [a, b], "!=" if relation == "==" else "==")
        return self._less(b, a, relation == "<")

    def _bitwise(self, kind: str, a: Form, b: Form) -> Form:
        if self._is_truth(a) and self._is_truth(b):
            return self._of_bits([a, b], _TABLES[kind], 1)
        for mask, value in ((a.fixed, b), (b.fixed, a)):
            if kind == "&" and mask is not None:
                low = (mask & -mask).bit_length() - 1
                if mask == 0:
                    return constant(0)
                if mask >> low == -1:
                    return self._shifted(value, low).times(1 << low)
                bits = (mask >> low).bit_length()
                if mask > 0 and mask >> low == (1 << bits) - 1:
                    return self._low(self._shifted(value, low), bits).times(1 << low)
        return self._of_bits([a, b], _TABLES[kind], -1)

    def _logical(self, kind: str, each: Sequence[Form]) -> Form:
        """Whether all, or any, of some values are not 0."""
        decides = int(kind == "or")
        truths = []
        for form in dict.fromkeys(map(self.truth, each)):
            if form.fixed == decides:
                return form
            if form.fixed is None:
                truths.append(form)
        while len(truths) > 1:
            count = min(len(truths), LOGIC_VALUES)
            last = (1 << (1 << count)) - 2 if decides else 1 << ((1 << count) - 1)
            truths = [*truths[count:], self._of_bits(truths[:count], last, 1)]
        return truths[0] if truths else constant(1 - decides)

    def _of_bits(self, each: Sequence[Form], table: int, ones: int) -> Form:
        """Logic of values, or of one bit: that of what they are themselves made of, if few.

        ``ones`` is what has all bits set: -1, or 1 where the values are 0 or 1.
        """
        views = [self._view(form, ones) for form in each]
        if len({leaf for leaves, _ in views for leaf in leaves}) > LOGIC_VALUES:
            views = [self._view(form, ones, deep=False) for form in each]
        leaves = list(dict.fromkeys(leaf for some, _ in views for leaf in some))
        made = 0
        for number in range(1 << len(leaves)):
            bits = {leaf: number >> at & 1 for at, leaf in enumerate(leaves)}
            index = 0
            for at, (some, inner) in enumerate(views):
                row = sum(bits[leaf] << place for place, leaf in enumerate(some))
                index |= (inner >> row & 1) << at
            made |= (table >> index & 1) << number
        everything = (1 << (1 << len(leaves))) - 1
        if made in (0, everything):
            return constant(ones if made else 0)
        if made & 1:  # ones where all are 0: turned afterwards, where it may cost nothing
            return constant(ones).plus(self._of_leaves(leaves, made ^ everything), -1)
        return self._of_leaves(leaves, made)

    def _of_leaves(self, leaves: Sequence[Form], table: int) -> Form:
        return leaves[0] if len(leaves) == 1 else self.step(Logic, leaves, table)

    def _view(self, form: Form, ones: int, deep: bool = True) -> tuple[tuple[Form, ...], int]:
        """What a value is logic of."""
        turned = constant(ones).plus(form, -1)
        inverted = turned.value is not None
        inner = turned if inverted else form
        step = self._source(inner)
        leaves, table = ((step.operands, step.extra[0])
                         if deep and step is not None and step.kind is Logic
                         else ((inner,), 0b10))
        return leaves, table ^ ((1 << (1 << len(leaves))) - 1) if inverted else table

    def _select(self, condition: Form, a: Form, b: Form) -> Form:
        if condition.fixed is not None:
            return a if condition.fixed else b
        if a == b:
            return a
        turned = _not(condition)
        if turned.value is not None:
            condition, a, b = turned, b, a
        if a.fixed is not None and b.fixed is not None:
            # No more than a wire, and a sign that what comes behind may have for nothing.
            if b.fixed == 0 and a.fixed > 0 and a.fixed & (a.fixed - 1) == 0:
                return condition.times(a.fixed)
            if (a.fixed, b.fixed) == (0, 1):
                return _not(condition)
        return self.step(Select, [condition, a, b])

    # Order

    def _compared(self, kind: str, a: Form, b: Form) -> Form:
        match kind:
            case "<" | "<=":
                return self._less(a, b, kind == "<=")
            case ">" | ">=":
                return self._less(b, a, kind == ">=")
        return self._equal(a, b, kind == "!=")

    def _sides(self, a: Form, b: Form) -> tuple[Form, Form, int]:
        """``a - b`` as ``left - right + constant``: as they stand, but for what both have."""
        if {value for value, _ in a.terms} & {value for value, _ in b.terms}:
            both = a.plus(b, -1)
            a = linear({value: factor for value, factor in both.terms if factor > 0})
            b = linear({value: -factor for value, factor in both.terms if factor < 0})
            return a, b, both.constant
        return (linear(dict(a.terms)), linear(dict(b.terms)), a.constant - b.constant)

    def _less(self, a: Form, b: Form, equal: bool = False) -> Form:
        """``a < b``, or ``a <= b``."""
        left, right, more = self._sides(a, b)
        if not left.terms and not right.terms:
            return constant(int(more < equal))
        if not left.terms:
            return self._above(right, more - equal)
        if not right.terms:
            return self._below(left, equal - more)
        difference = self.range(a.plus(b, -1))
        limit = int(equal)
        if difference.high < limit or difference.low >= limit:
            return constant(int(difference.high < limit))
        # left - 1 < right is left <= right.
        relation = {(0, 0): "<", (0, 1): "<=", (-1, 0): "<=", (1, 1): "<"}.get((more, limit))
        if relation is not None:
            return self.step(Compare, [left, right], relation)
        return self.step(Compare, [left.plus(constant(more)), right], "<=" if equal else "<")

    def _below(self, form: Form, limit: int) -> Form:
        """Whether a form without a constant is less than a limit."""
        common, form = form.content()
        if common < 0:
            return self._above(form, limit // common)
        limit = -(-limit // common)
        return self._bit(form, limit, below=True) or self.step(
            Compare, [form, constant(limit)], "<")

    def _above(self, form: Form, limit: int) -> Form:
        """Whether a form without a constant is greater than a limit."""
        common, form = form.content()
        if common < 0:
            return self._below(form, -(limit // -common))
        limit //= common
        return self._bit(form, limit + 1, below=False) or self.step(
            Compare, [constant(limit), form], "<")

    def _bit(self, form: Form, limit: int, below: bool) -> Form | None:
        """``form < limit`` or ``form >= limit`` where it takes no comparison with a constant."""
        low, high = self.range(form)
        if high < limit or low >= limit:
            return constant(int((high < limit) == below))
        if limit in (0, 1) and len(form.terms) == 2:
            (first, factor), (second, other) = form.terms
            if factor * other < 0:  # a difference: its terms as they are
                a, b = linear({first: factor}), linear({second: -other})
                if below:
                    return self._less(a, b, limit == 1)
                return self._less(b, a, limit == 0)
        if limit == 0 or (limit & (limit - 1) == 0 and low >= 0 and high < 2 * limit):
            # The sign, or the highest bit.
            at = limit.bit_length() - 1 if limit else max(low.bit_length(), high.bit_length())
            highest = self._low(self._shifted(form, at), 1)
            return highest if below == (limit == 0) else _not(highest)
        return None

    def _equal(self, a: Form, b: Form, differs: bool = False) -> Form:
        """``a == b``, or ``a != b``."""
        left, right, more = self._sides(a, b)
        if not left.terms:
            left, right, more = right, left, -more
        relation = "!=" if differs else "=="
        if right.terms:
            return self.step(Compare, sorted([left.plus(constant(more)), right]), relation)
        if not left.terms:
            return constant(int((more == 0) != differs))
        common, form = left.content()
        wanted = -more // common
        low, high = self.range(form)
        if more % common or not low <= wanted <= high:
            return constant(int(differs))
        if self._is_truth(form):
            return form if wanted != differs else _not(form)
        return self.step(Compare, [form, constant(wanted)], relation)

    def _absolute(self, form: Form) -> Form:
        low, high = self.range(form)
        if low >= 0 or high <= 0:
            return form if low >= 0 else form.times(-1)
        common, form = form.content()
        return self.step(Absolute, [form]).times(abs(common))

    def _extreme(self, each: Sequence[Form], alone: Sequence[bool], greatest: bool) -> Form:
        """The least or the greatest of some values."""
        choose = max if greatest else min
        limits = [form.fixed for form in each if form.fixed is not None]
        values = {form: one for form, one in zip(each, alone, strict=True) if form.fixed is None}
        # The result is never short of this end; what is always beyond it is left out.
        ends = {form: self.range(form)[0 if greatest else 1] for form in values}
        end = choose([*limits, *ends.values()])
        limit = end if end in limits else None
        kept = [form for form in values
                if (self.range(form).high > end if greatest else self.range(form).low < end)]
        if limit is None and not any(ends[form] == end for form in kept):
            kept.append(next(form for form in values if ends[form] == end))
        if not kept:
            return constant(end)
        while len(kept) > 1:
            a, b, *rest = kept
            kept = [*rest, self.step(Extreme, sorted((a, b)), greatest)]
        if limit is None:
            return kept[0]
        if greatest:
            return self._bound(kept[0], limit, None)
        step = self._source(kept[0])
        if (step is not None and step.kind is Root and values.get(kept[0], False)
                and 0 < limit < self.range(kept[0]).high):
            return self._bounded_root(step, limit)
        return self._bound(kept[0], None, limit)

    def _bounded_root(self, step: Step, limit: int) -> Form:
        """``min(root, limit)`` as the root of a bounded value, which has fewer digits."""
        value, = step.operands
        nearest, = step.extra
        # The greatest value with that root: it, or the value after it, ends with zeros where the
        # limit is a power of two less 1, so that a comparison of high bits tells. That is a wide
        # one, and has its own cycle.
        most = limit * (limit + 2 - nearest)
        low, high = self.range(value)
        if high > most:
            beyond = self._less(constant(most - nearest), value)
            value = self._select(beyond, constant(most), value)
            value = self.known(value, Interval(min(low, most), most))
        return self.step(Root, [value], *step.extra)

    def _bound(self, form: Form, low: int | None, high: int | None) -> Form:
        """The nearest value from ``low`` to ``high``."""
        bounds = self.range(form)
        low = bounds.low if low is None else low
        high = bounds.high if high is None else high
        if low <= bounds.low and high >= bounds.high:
            return form
        step = self._source(form)
        if step is not None and step.kind is Bound:
            inner, = step.extra
            if inner.low <= high and low <= inner.high:  # else it is a constant
                form = step.operands[0]
                low, high = max(low, inner.low), min(high, inner.high)
        return self.step(Bound, [form], Interval(low, high))


_TABLES = {"&": 0b1000, "|": 0b1110, "^": 0b0110}


def _not(form: Form) -> Form:
    return constant(1).plus(form, -1)


def _magnitude(divisor: Interval) -> Interval:
    """Range of a divisor after its sign has been turned, if it may be negative."""
    if divisor.low >= 0:
        return divisor
    if divisor.high < 0:
        return divisor.scale(-1)
    return Interval(0, max(-divisor.low, divisor.high))
