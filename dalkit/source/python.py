"""The tree as a pure Python function over a snapshot, exact or refused by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dalkit.source.casts import as_date, as_text, as_truth, cast_to, into
from dalkit.source.comparing import Comparison, Rules, Server, comparison, held_exactly
from dalkit.source.dates import add_interval, difference, read_date, read_time
from dalkit.source.functions import function_of, null_skipping
from dalkit.source.infer import Scope, typed
from dalkit.source.operators import arithmetic, negative
from dalkit.source.refusal import Refusal
from dalkit.source.signatures import refuse_foreign
from dalkit.source.snapshot import Environment, Evaluator, Snapshot, Step, finished, for_servers
from dalkit.source.tree import (
    Aggregate,
    And,
    Arithmetic,
    Between,
    Call,
    Case,
    Cast,
    Column,
    Compare,
    DateAdd,
    DateDiff,
    In,
    IsNull,
    Like,
    Literal,
    Lookup,
    Negative,
    Not,
    Or,
    Scalar,
)
from dalkit.source.typed import NUMBERS, TEXTS, Typed
from dalkit.source.values import Refused

__all__ = ["Compiler", "compile_scalar"]


def compile_scalar(
    scalar: Scalar, scope: Scope, snapshot: Snapshot, *, server: Server | None = None
) -> Evaluator | Refusal:
    """A function from the rows of `scope` to the value, or to what cannot be computed exactly.

    Without a `server` the value is the one that MariaDB and MySQL agree on.
    """

    def compile_for(one: Server) -> Step:
        return finished(*Compiler(snapshot, one).step(scalar, scope))

    return for_servers(compile_for, scalar, server)


class Compiler:
    """Turns scalars into steps; holds the indexes that joins over the snapshot share."""

    def __init__(self, snapshot: Snapshot, server: Server) -> None:
        self.snapshot = snapshot
        self.rules: Rules = Rules(server, snapshot.weights, snapshot.missing)
        self.indexes: dict[object, Any] = {}

    def step(self, scalar: Scalar, scope: Scope) -> tuple[Step, Typed]:
        """What computes the scalar, and its type."""
        held = typed(scalar, scope)
        if isinstance(held, Refusal):
            raise Refused(held.reason)
        return self._step(scalar, scope, held), held

    def truth(self, scalar: Scalar, scope: Scope) -> Step:
        """True, False or None for unknown."""
        step, held = self.step(scalar, scope)
        change = as_truth(held)
        return lambda rows: None if (value := step(rows)) is None else change(value)

    def _step(self, scalar: Scalar, scope: Scope, held: Typed) -> Step:
        match scalar:
            case Column(row, name):
                return _column(row, name, scope)
            case Literal(value):
                return lambda rows: value
            case And(terms):
                return _all([self.truth(term, scope) for term in terms])
            case Or(terms):
                return _any([self.truth(term, scope) for term in terms])
            case Not(term):
                truth = self.truth(term, scope)
                return lambda rows: None if (value := truth(rows)) is None else not value
            case IsNull(term):
                return self._is_null(term, scope)
            case Compare() | In() | Between() | Like():
                return self._test(scalar, scope)
            case Case():
                return self._case(scalar, scope, held)
            case Call(function, arguments):
                return self._call(function, arguments, scope, held)
            case Lookup() | Aggregate():
                from dalkit.source.joins import other_rows

                return other_rows(self, scalar, scope)
            case _:
                return self._computed(scalar, scope, held)

    def _is_null(self, term: Scalar, scope: Scope) -> Step:
        step, held = self.step(term, scope)
        dated = held.family in ("date", "datetime")

        def test(rows: Environment) -> bool:
            value = step(rows)
            if dated and isinstance(value, str):
                raise Refused("IS NULL of a zero date")
            return value is None

        return test

    def _test(self, test: Compare | In | Between | Like, scope: Scope) -> Step:
        match test:
            case Compare(operator, left, right):
                return self._compare(operator, left, right, scope)
            case In(term, options):
                order = self._one_order((term, *options), scope)
                compare = self._compare if len(options) == 1 else self._bound
                return _any([compare("=", term, one, scope, order) for one in options])
            case Between(term, low, high):
                self._refuse_mixed(term, (low, high), scope)
                order = self._one_order((term, low, high), scope)
                least = self._bound(">=", term, low, scope, order)
                return _all([least, self._bound("<=", term, high, scope, order)])
            case Like(term, pattern, escape):
                return self._like(term, pattern, escape, scope)

    def _refuse_mixed(self, term: Scalar, bounds: Sequence[Scalar], scope: Scope) -> None:
        """BETWEEN compares all three in one way, not as pairs, where a text meets two types."""
        families = {self.step(bound, scope)[1].family for bound in bounds} - {"null"}
        if len(families) > 1 and self.step(term, scope)[1].family in ("text", "enum", "set"):
            raise Refused("a text BETWEEN values of two types")

    def _bound(
        self, operator: str, term: Scalar, bound: Scalar, scope: Scope, order: Comparison | None
    ) -> Step:
        exact = held_exactly(self.step(term, scope)[1], self.step(bound, scope)[1])
        return self._compare(operator, term, bound, scope, order or exact)

    def _one_order(self, terms: Sequence[Scalar], scope: Scope) -> Comparison | None:
        """Texts of a list are all compared under the one collation that they make together."""
        held = [self.step(term, scope)[1] for term in terms]
        refuse_foreign(terms, held)
        known = [part for part in held if part.family != "null"]
        if not known or not all(part.family in TEXTS for part in known):
            return None
        return self.rules.collator(*known).compare

    def _compare(
        self, operator: str, left: Scalar, right: Scalar, scope: Scope,
        given: Comparison | None = None,
    ) -> Step:  # fmt: skip
        (low, first), (high, second) = self.step(left, scope), self.step(right, scope)
        order = given or comparison(first, second, self.rules)
        _refuse_misfits((left, second), (right, first))
        refuse_foreign((left, right), (first, second))
        holds = _HOLDS[operator]
        null_safe = operator == "<=>"

        def test(rows: Environment) -> bool | None:
            one, other = low(rows), high(rows)
            if one is None or other is None:
                return (one is other) if null_safe else None
            return holds(order(one, other))

        return test

    def _like(self, term: Scalar, pattern: Scalar, escape: str, scope: Scope) -> Step:
        (low, first), (high, second) = self.step(term, scope), self.step(pattern, scope)
        collator = self.rules.collator(first, second)
        text, form = as_text(first), as_text(second)

        def test(rows: Environment) -> bool | None:
            one, other = low(rows), high(rows)
            if one is None or other is None:
                return None
            return collator.like(text(one), form(other), escape)

        return test

    def _case(self, case: Case, scope: Scope, held: Typed) -> Step:
        branches = [
            (self.truth(condition, scope), self._branch(value, scope, held))
            for condition, value in case.branches
        ]
        otherwise = self._branch(case.otherwise, scope, held)

        def choose(rows: Environment) -> Any:
            for condition, value in branches:
                if condition(rows):
                    return value(rows)
            return otherwise(rows)

        return choose

    def _branch(self, value: Scalar, scope: Scope, held: Typed) -> Step:
        step, own = self.step(value, scope)
        change = into(own, held)
        return lambda rows: None if (found := step(rows)) is None else change(found)

    def _call(self, name: str, arguments: tuple[Scalar, ...], scope: Scope, held: Typed) -> Step:
        if name == "MOD":
            return self.step(Arithmetic("%", arguments[0], arguments[1]), scope)[0]
        steps = [self.step(argument, scope) for argument in arguments]
        if name == "NULLIF":
            equal = self._compare("=", arguments[0], arguments[1], scope)
            first = steps[0][0]
            return lambda rows: None if equal(rows) else first(rows)
        takes = [step for step, _ in steps]
        parts = [part for _, part in steps]
        skipping = null_skipping(name, parts, held, self.rules)
        if skipping is not None:
            return lambda rows: skipping(*(take(rows) for take in takes))
        function = function_of(name, arguments, parts, held, self.rules)

        def call(rows: Environment) -> Any:
            values = [take(rows) for take in takes]
            return None if None in values else function(*values)

        return call

    def _computed(self, scalar: Scalar, scope: Scope, held: Typed) -> Step:
        match scalar:
            case Arithmetic(operator, left, right):
                low, high = self.step(left, scope), self.step(right, scope)
                return _both(
                    low[0], high[0], arithmetic(operator, low[1], high[1], held, self.rules.server)
                )
            case Negative(term):
                step, own = self.step(term, scope)
                return _one(step, negative(own, held))
            case Cast(term):
                step, own = self.step(term, scope)
                return _one(step, cast_to(scalar, own, held, rounds=self.rules.server == "mysql"))
            case DateAdd():
                return self._date_add(scalar, scope, held)
            case DateDiff():
                return self._date_diff(scalar, scope)
        raise ValueError(f"{scalar!r} is no scalar; give a node of dalkit.source.tree")

    def _date_add(self, node: DateAdd, scope: Scope, held: Typed) -> Step:
        (term, own), (amount, _) = self.step(node.term, scope), self.step(node.amount, scope)
        moment, only_date = as_date(own), held.family == "date"

        def add(value: Any, units: Any) -> Any:
            made = add_interval(moment(value), int(units), node.unit)
            return made.date() if made is not None and only_date else made

        return _both(term, amount, add)

    def _date_diff(self, node: DateDiff, scope: Scope) -> Step:
        (start, first), (end, last) = self.step(node.start, scope), self.step(node.end, scope)
        low, high = as_date(first), as_date(last)
        if node.calendar:
            return _both(start, end, lambda a, b: (high(b).date() - low(a).date()).days)
        return _both(start, end, lambda a, b: difference(low(a), high(b), node.unit))


_HOLDS: dict[str, Callable[[int], bool]] = {
    "=": lambda sign: sign == 0,
    "<=>": lambda sign: sign == 0,
    "<>": lambda sign: sign != 0,
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}


def _refuse_misfits(*pairs: tuple[Scalar, Typed]) -> None:
    """What MySQL refuses the statement for: a literal beside a date or number that is none."""
    for scalar, other in pairs:
        match scalar:
            case Literal(str(text)) if other.family in ("date", "datetime"):
                read_date(text)
            case Literal(str(text)) if other.family == "time":
                read_time(text)
            case Literal(str(text)) if other.family == "year" and not _is_year(text):
                raise Refused("a YEAR compared with a text that is not four digits")
            case Literal(str(text)) if other.family in NUMBERS and not text.isascii():
                raise Refused("a number compared with a text that is not ASCII")


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isascii() and text.isdigit()


def _column(row: str, name: str, scope: Scope) -> Step:
    names = [column.name.lower() for column in scope.rows[row].columns]
    place = names.index(name.lower())
    return lambda rows: rows[row][place]


def _one(step: Step, change: Callable[[Any], Any]) -> Step:
    return lambda rows: None if (value := step(rows)) is None else change(value)


def _both(left: Step, right: Step, join: Callable[[Any, Any], Any]) -> Step:
    def compute(rows: Environment) -> Any:
        one, other = left(rows), right(rows)
        return None if one is None or other is None else join(one, other)

    return compute


def _all(truths: Sequence[Step]) -> Step:
    def test(rows: Environment) -> bool | None:
        known: bool | None = True
        for truth in truths:
            value = truth(rows)
            if value is None:
                known = None
            elif not value:
                return False
        return known

    return test


def _any(truths: Sequence[Step]) -> Step:
    def test(rows: Environment) -> bool | None:
        known: bool | None = False
        for truth in truths:
            value = truth(rows)
            if value is None:
                known = None
            elif value:
                return True
        return known

    return test
