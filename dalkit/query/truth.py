"""What is at a place of a record, and whether a predicate is true for it.

True, false, or unknown (None), by the definitions of three-valued logic.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

import attrs

from dalkit.fields import predicates as p
from dalkit.fields.places import Folded, Operand, Place, Size

__all__ = ["Truth", "all_true", "same", "truth", "value_at"]

Truth: TypeAlias = bool | None

_OPERATORS: Mapping[p.Comparison, Callable[[Any, Any], bool]] = {
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
    "=": lambda one, other: same(one, other),
    "<>": lambda one, other: not same(one, other),
}


def all_true(predicates: Iterable[p.Predicate[Any]], record: Any) -> bool:
    """Whether every predicate is true for the record; where there is no record, all is None."""
    return all(truth(one, record) is True for one in predicates)


def truth(predicate: p.Predicate[Any], record: Any) -> Truth:
    """Whether the predicate is true for the record."""
    match predicate:
        case p.And(terms):
            return _both(truth(one, record) for one in terms)
        case p.Or(terms):
            return _either(truth(one, record) for one in terms)
        case p.Not(inner):
            return _opposite(truth(inner, record))
        case p.Exists(place):
            return value_at(record, place) is not None
        case p.IsNone(place):
            return value_at(record, place) is None
        case _:
            return _leaf(predicate, record)


def value_at(record: Any, place: Place) -> Any:
    """The value at a place; None where the place is not there, or there is no record."""
    value = None if record is None else getattr(record, place.name)
    for step in place.steps:
        value = _inside(value, step)
    return value


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal: 1 and 1.0 are, 1 and true are not."""
    if _sort(one) != _sort(other):
        return False
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return bool(one == other)


def _leaf(predicate: p.Predicate[Any], record: Any) -> Truth:
    match predicate:
        case p.Compare(operand, operator, value):
            return _compared(_seen(record, operand), operator, _asked(operand, value))
        case p.Between(operand, low, high):
            value = _seen(record, operand)
            return _both((_compared(value, ">=", low), _compared(value, "<=", high)))
        case p.IsIn(operand, values):
            value = _seen(record, operand)
            if value is None:
                return None
            return _either(_compared(value, "=", _asked(operand, one)) for one in values)
        case p.BeginsWith(operand, start):
            return _begins(_seen(record, operand), _asked(operand, start))
        case p.Contains(operand, part):
            return _contains(_seen(record, operand), _asked(operand, part))
        case _:
            raise TypeError(f"{type(predicate).__name__} is no predicate of dalkit's")


def _both(terms: Iterable[Truth]) -> Truth:
    known = list(terms)
    return False if False in known else None if None in known else True


def _either(terms: Iterable[Truth]) -> Truth:
    known = list(terms)
    return True if True in known else None if None in known else False


def _opposite(known: Truth) -> Truth:
    return None if known is None else not known


def _compared(value: Any, operator: p.Comparison, asked: Any) -> Truth:
    if value is None or _sort(value) != _sort(asked):
        return None
    return _OPERATORS[operator](value, asked)


def _begins(value: Any, start: Any) -> Truth:
    if isinstance(value, (str, bytes)) and _sort(value) == _sort(start):
        return value.startswith(start)
    return None


def _contains(value: Any, part: Any) -> Truth:
    match value:
        case str() | bytes():
            return part in value if _sort(value) == _sort(part) else None
        case frozenset():
            return part in value
        case tuple() | list():
            return any(same(one, part) for one in value)
        case _:
            return None


def _seen(record: Any, operand: Operand) -> Any:
    """What a predicate looks at: the value, its size, or its folded text."""
    match operand:
        case Place():
            return value_at(record, operand)
        case Size(place):
            return _size(value_at(record, place))
        case Folded(place):
            value = value_at(record, place)
            return _folded(value) if isinstance(value, str) else None


def _asked(operand: Operand, value: Any) -> Any:
    return _folded(value) if isinstance(operand, Folded) else value


def _size(value: Any) -> int | None:
    if attrs.has(type(value)):
        return len(attrs.fields(type(value)))
    sized = isinstance(value, (str, bytes, frozenset, tuple, list, Mapping))
    return len(value) if sized else None


def _folded(text: str) -> str:
    """Without regard to case, accents, and forms of one character."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(one for one in apart if not unicodedata.combining(one))
    return unicodedata.normalize("NFKD", plain.casefold())


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, (tuple, list)):
        return value[step] if isinstance(step, int) and step < len(value) else None
    if attrs.has(type(value)):
        return getattr(value, str(step))
    return None


def _sort(value: Any) -> object:
    """Values of two sorts are never equal, and have no order."""
    match value:
        case bool():
            return bool
        case int() | Decimal() | float():
            return "number"
        case tuple() | list():
            return "list"
        case datetime():
            return datetime
        case date():
            return date
        case Mapping():
            return "map"
        case _:
            return type(value)
