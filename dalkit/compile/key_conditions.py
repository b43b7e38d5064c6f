"""What is known of a record, as conditions on the two attributes of a key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias, final

from attrs import frozen

from dalkit import kinds
from dalkit.compile.bounds import Bound, Direction, on_grid
from dalkit.compile.key_texts import SORT_LIMIT, KeyText
from dalkit.compile.paths import Wire
from dalkit.compile.refused import contradict
from dalkit.convert.attributes import attribute_of
from dalkit.convert.refusal import Refusal
from dalkit.fields import predicates as p
from dalkit.fields.places import Place
from dalkit.schema.definition import Part

__all__ = ["Condition", "Conjuncts", "Known", "condition_on_sort", "known"]

Conjuncts: TypeAlias = Sequence[p.Predicate[Any]]


@final
@frozen
class Condition:
    """A condition on one key attribute."""

    name: str
    operator: Literal["=", "<", "<=", ">", ">=", "between", "begins with", "not begins with"]
    wires: tuple[Wire, ...]
    secret: bool = False
    """Whether it shows a value of a secret field."""


@final
@frozen
class Known:
    """What must all be true, and the fields that this leaves one value."""

    terms: tuple[p.Predicate[Any], ...]
    equal: Mapping[str, Any]

    def about(self, field: str) -> Iterable[p.Predicate[Any]]:
        """The terms that are false or unknown where the field is None."""
        for term in self.terms:
            if not isinstance(term, (p.And, p.Or, p.IsNone)) and field_of(term) == field:
                yield term


def known(terms: Conjuncts) -> Known:
    """The terms with the values that they fix; two values for one field are refused."""
    equal: dict[str, Any] = {}
    for term in terms:
        match term:
            case p.Compare(Place() as place, "=", value) | p.IsIn(Place() as place, (value,)):
                if place.steps:
                    continue
                if place.name in equal and equal[place.name] != value:
                    contradict(f"no record has two values for {place.name}")
                equal[place.name] = value
            case _:
                continue
    return Known(tuple(terms), equal)


def field_of(term: Any) -> str:
    """The field that a leaf looks at whole, or nothing."""
    leaf = term.predicate if isinstance(term, p.Not) else term
    operand = getattr(leaf, "operand", None)
    return operand.name if isinstance(operand, Place) and not operand.steps else ""


def condition_on_sort(key: KeyText, facts: Known) -> tuple[Condition | None, frozenset[int]]:
    """The narrowest condition on a sort key, and which terms it makes true by itself."""
    prefix, at, exact = "", 0, set[str]()
    while at < len(key.parts):
        part = key.parts[at]
        if isinstance(part, Part):
            if part.field not in facts.equal:
                break
            if key.ends(at):
                exact.add(part.field)
        prefix, at = _extended(key, prefix, part, facts), at + 1
    if at == len(key.parts):
        fields = key.fields if key.unique else ()
        return _equal(key, facts), _fixed(facts, fields)
    fixed = _fixed(facts, exact)
    return _open(key, at, prefix, facts, fixed)


def _open(
    key: KeyText, at: int, prefix: str, facts: Known, fixed: frozenset[int]
) -> tuple[Condition | None, frozenset[int]]:
    """The condition where the part at `at` has no single value."""
    part = key.parts[at]
    assert isinstance(part, Part)
    start = _start(key, part, at, prefix, facts)
    if start is not None:
        text, served = start
        return Condition(key.name, "begins with", (key.wire(text),)), fixed | served
    if key.ordered(at):
        lower, upper, terms = _bounds(key, part, facts)
        if lower or upper:
            found, whole = _range(key, at, prefix, lower, upper)
            if found is not None or whole:
                return found, fixed | (terms if whole else frozenset())
    if not prefix:
        return None, fixed
    return Condition(key.name, "begins with", (key.wire(prefix),)), fixed


def _extended(key: KeyText, prefix: str, part: str | Part, facts: Known) -> str:
    if isinstance(part, str):
        return prefix + part
    return prefix + key.text((part,), {part.field: _held(key, part.field, facts)})


def _held(key: KeyText, field: str, facts: Known) -> Any:
    try:
        return key.checked(field, facts.equal[field])
    except Refusal as refusal:
        contradict(f"no record has this {field}: {refusal.reason}")


def _equal(key: KeyText, facts: Known) -> Condition:
    try:
        return Condition(key.name, "=", (key.value(facts.equal),))
    except Refusal as refusal:
        contradict(f"no record has this {' and '.join(key.fields)}: {refusal.reason}")


def _fixed(facts: Known, fields: Iterable[str]) -> frozenset[int]:
    """The terms that only say which value a field has."""
    every = frozenset(fields)
    return frozenset(
        number
        for number, term in enumerate(facts.terms)
        if isinstance(term, (p.Compare, p.IsIn))
        and field_of(term) in every
        and (getattr(term, "operator", "=") == "=")
        and len(getattr(term, "values", (0,))) == 1
    )


def _start(
    key: KeyText, part: Part, at: int, prefix: str, facts: Known
) -> tuple[str, frozenset[int]] | None:
    """The longest text that a `begins_with` makes the key begin with."""
    best: tuple[str, frozenset[int]] | None = None
    for number, term in enumerate(facts.terms):
        if not isinstance(term, p.BeginsWith) or field_of(term) != part.field:
            continue
        if key.type != "S" or not isinstance(key.kinds[part.field], kinds.Text) or not term.start:
            continue
        text = prefix + key.text((part,), {part.field: term.start})
        if len(text.encode()) <= SORT_LIMIT and (best is None or len(text) > len(best[0])):
            best = text, frozenset({number} if at == len(key.parts) - 1 else ())
    return best


def _bounds(
    key: KeyText, part: Part, facts: Known
) -> tuple[Bound | None, Bound | None, frozenset[int]]:
    """The highest lower bound, the lowest upper one, and the terms that they are."""
    lower: Bound | None = None
    upper: Bound | None = None
    terms = set[int]()
    for number, term in enumerate(facts.terms):
        if field_of(term) != part.field:
            continue
        found = [_bound(key, part, operator, value) for operator, value in _ends(term)]
        if not found or any(one is None for one in found):
            continue
        terms.add(number)
        for one in found:
            assert one is not None
            if one.operator in (">", ">="):
                lower = one if lower is None or _rank(one) > _rank(lower) else lower
            else:
                upper = one if upper is None or _rank(one) < _rank(upper) else upper
    if lower and upper and (lower.value > upper.value or _between_none(lower, upper)):
        contradict(f"no record has this {part.field}: its lower bound is above its upper one")
    return lower, upper, frozenset(terms)


def _ends(term: Any) -> tuple[tuple[Direction, Any], ...]:
    match term:
        case p.Compare(_, ("<" | "<=" | ">" | ">=") as operator, value):
            return ((operator, value),)
        case p.Between(_, low, high):
            return ((">=", low), ("<=", high))
        case _:
            return ()


def _bound(key: KeyText, part: Part, operator: Direction, value: Any) -> Bound | None:
    """The bound as the key's text can say it; None where it cannot."""
    kind = key.kinds[part.field]
    moved = on_grid(kind, key.type, operator, value)
    if isinstance(moved, bool) or (key.signed(part) and value < 0):
        return None
    operator, held = moved
    if key.type == "S" and isinstance(kind, kinds.Integer) and not 0 <= held <= kind.high:
        return None
    try:
        wire = attribute_of(kind, key.type, held)
        if key.type == "S":
            wire = {"S": key.text((part,), {part.field: held})}
    except Refusal:
        return None
    return Bound(operator, held, wire)


def _rank(one: Bound) -> tuple[Any, int]:
    return one.value, {">": 1, ">=": 0, "<": 0, "<=": 1}[one.operator]


def _between_none(lower: Bound, upper: Bound) -> bool:
    closed = (lower.operator, upper.operator) == (">=", "<=")
    return bool(lower.value == upper.value) and not closed


def _range(
    key: KeyText, at: int, prefix: str, lower: Bound | None, upper: Bound | None
) -> tuple[Condition | None, bool]:
    """The condition, and whether it is the bounds exactly."""
    if key.type != "S":
        return _numbers(key, lower, upper)
    low, high, whole = prefix, key.above(prefix, at), True
    if lower is not None:
        low = prefix + str(lower.wire["S"])
        if lower.operator == ">":
            low = _after(key, at, low)
    if upper is not None:
        high, whole = _up_to(key, at, prefix, upper)
    if max(len(low.encode()), len(high.encode())) > SORT_LIMIT:
        return None, False
    if low > high or not high:
        contradict("no record has such a key: its lower bound is above its upper one")
    if not low:  # as every key is; DynamoDB takes no empty bound
        lower = None
    if prefix or (lower and upper):
        return Condition(key.name, "between", (key.wire(low), key.wire(high))), whole
    if lower:
        return Condition(key.name, ">=", (key.wire(low),)), whole
    if upper is None:
        return None, whole
    return Condition(key.name, "<=", (key.wire(high),)), whole


def _after(key: KeyText, at: int, text: str) -> str:
    """A text above all keys that continue this one with the same value, below all others."""
    if at == len(key.parts) - 1:
        return f"{text}\x00"
    return key.above(text + key.literal_after(at), at + 1)


def _up_to(key: KeyText, at: int, prefix: str, upper: Bound) -> tuple[str, bool]:
    text = prefix + str(upper.wire["S"])
    last = at == len(key.parts) - 1
    if upper.operator == "<=":
        return (text if last else key.above(text + key.literal_after(at), at + 1)), True
    if not last:
        return text, bool(key.literal_after(at))
    part = key.parts[at]
    assert isinstance(part, Part)
    before = _before(key.kinds[part.field], upper.value)
    if before is None:
        return text, False
    return prefix + key.text((part,), {part.field: before}), True


def _before(kind: kinds.Kind, value: Any) -> Any:
    """The greatest value below one, None where there is no such thing."""
    match kind:
        case kinds.Integer() | kinds.Bits() | kinds.Year():
            return value - 1 if value > 0 else None
        case kinds.DateTime(digits=digits):
            first = value.replace(tzinfo=None) == datetime.min
            return None if first else value - timedelta(microseconds=10 ** (6 - digits))
        case kinds.Date():
            return value - timedelta(days=1) if value.toordinal() > 1 else None
        case _:
            return None


def _numbers(
    key: KeyText, lower: Bound | None, upper: Bound | None
) -> tuple[Condition | None, bool]:
    """The condition on a key that is the value itself."""
    if lower and upper:
        whole = (lower.operator, upper.operator) == (">=", "<=")
        return Condition(key.name, "between", (lower.wire, upper.wire)), whole
    one = lower or upper
    return (Condition(key.name, one.operator, (one.wire,)), True) if one else (None, False)
