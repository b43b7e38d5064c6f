"""A value that a query is given, by the kind of its place: as the query keeps it, or refused.

An int is taken for a Decimal or a float, a datetime of any zone becomes UTC. Whether a column can
hold the value is not asked here: a number out of range is still a number to compare with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from dalkit import kinds
from dalkit.fields.values import shown
from dalkit.kinds import Kind
from dalkit.query.spots import Spot
from dalkit.schema.entity import Entity, nested_class_of

__all__ = ["bytes_of", "fitted", "json_of", "refuse", "text_of", "whole_of"]

_DEEPEST = 100


def fitted(spot: Spot, value: Any, entity: Entity[Any, Any]) -> Any:
    """The value as a query keeps it, if its type is the place's; else it raises."""
    return refuse(spot, value, lambda: _of(spot.kind, value, entity))


def refuse(spot: Spot, value: Any, fit: Callable[[], Any]) -> Any:
    """What `fit` answers; what it raises, with the place and, unless it is secret, the value."""
    try:
        return fit()
    except (TypeError, ValueError) as error:
        given = (
            "the value given (it is secret)"
            if spot.secret
            else f"{shown(value)} ({type(value).__name__})"
        )
        text = f"{spot.place} does not take {given}: {error}"
        raise (TypeError if isinstance(error, TypeError) else ValueError)(text) from None


def whole_of(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("give an int")
    return int(value)


def text_of(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("give a str")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("it has half of a surrogate pair, which no store can hold") from None
    return str.__str__(value)


def bytes_of(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("give bytes")
    return bytes(value)


def json_of(value: Any, depth: int = 0) -> Any:
    """A JSON value, its arrays as tuples."""
    if depth > _DEEPEST:
        raise ValueError(f"it is more than {_DEEPEST} deep")
    match value:
        case None | bool():
            return value
        case str():
            return text_of(value)
        case int():
            return int(value)
        case Decimal():
            return _decimal(value)
        case tuple() | list():
            return tuple(json_of(one, depth + 1) for one in value)
        case Mapping():
            return {text_of(name): json_of(one, depth + 1) for name, one in value.items()}
        case _:
            raise TypeError("JSON is str, int, Decimal, bool, None, tuples and mappings of them")


def _of(kind: Kind, value: Any, entity: Entity[Any, Any]) -> Any:
    match kind:
        case kinds.Enum(values):
            return _one_of(values, value)
        case kinds.Members(values):
            return _members(values, value)
        case kinds.Nested():
            return _nested(kind, value, entity)
        case kinds.Listed(items):
            return _listed(items, value, entity)
        case kinds.Opaque(text):
            raise TypeError(f"a column of type {text} is not carried")
        case _:
            return _SIMPLE[type(kind)](value)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, float):
        raise TypeError('give a Decimal, written from text as in Decimal("1.50"), or an int')
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        raise TypeError("give a Decimal or an int")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("give a finite number")
    return number


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (float, int)):
        raise TypeError("give a float or an int")
    try:
        number = float(value)
    except OverflowError:
        raise ValueError("no float is that great") from None
    if not isfinite(number):
        raise ValueError("give a finite number")
    return number


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("give True or False")
    return value


def _date(value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError("give a date, without a time")
    return value


def _datetime(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("give a datetime with a time zone")
    if value.utcoffset() is None:
        raise ValueError("give a datetime with a time zone, as in .replace(tzinfo=UTC)")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it is outside the years 1 to 9999") from None


def _time(value: Any) -> timedelta:
    if not isinstance(value, timedelta):
        raise TypeError("give a timedelta")
    return value


def _one_of(values: tuple[str, ...], value: Any) -> str:
    text = text_of(value)
    if text not in values:
        raise ValueError(f"the values are {', '.join(map(shown, values))}")
    return text


def _members(values: tuple[str, ...], value: Any) -> frozenset[str]:
    if not isinstance(value, (frozenset, set)):
        raise TypeError("give a frozenset")
    return frozenset(_one_of(values, one) for one in value)


def _nested(kind: kinds.Nested, value: Any, entity: Entity[Any, Any]) -> Any:
    cls = nested_class_of(entity, kind.record)
    if not kind.array:
        if type(value) is not cls:
            raise TypeError(f"give a {kind.record}")
        return value
    if not isinstance(value, (tuple, list)) or any(type(one) is not cls for one in value):
        raise TypeError(f"give a tuple of {kind.record}")
    return tuple(value)


def _listed(items: tuple[kinds.Member, ...], value: Any, entity: Entity[Any, Any]) -> Any:
    if not isinstance(value, (tuple, list)):
        raise TypeError(f"give a tuple of {len(items)}")
    if len(value) != len(items):
        raise ValueError(f"give {len(items)} values")
    return tuple(
        None if one is None and item.nullable else _of(item.kind, one, entity)
        for item, one in zip(items, value, strict=True)
    )


_SIMPLE: Mapping[type[Any], Callable[[Any], Any]] = {
    kinds.Integer: whole_of,
    kinds.Bits: whole_of,
    kinds.Year: whole_of,
    kinds.Fixed: _decimal,
    kinds.Float: _float,
    kinds.Boolean: _boolean,
    kinds.Text: text_of,
    kinds.Bytes: bytes_of,
    kinds.Date: _date,
    kinds.DateTime: _datetime,
    kinds.Time: _time,
    kinds.Json: json_of,
}
