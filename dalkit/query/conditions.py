"""Predicates as they enter a query: fields of the entity, with values of the fields' kinds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from attrs import evolve

from dalkit import kinds
from dalkit.fields import predicates as p
from dalkit.fields.field import Field
from dalkit.fields.places import Folded, Operand, Place, Size
from dalkit.fields.values import exact
from dalkit.kinds import Kind
from dalkit.query.spots import Spot, spot_at
from dalkit.query.values import bytes_of, fitted, json_of, refuse, text_of, whole_of
from dalkit.schema.entity import Entity

__all__ = ["entered", "sortable"]

R = TypeVar("R")

_ORDERED: tuple[type[Any], ...] = (
    *(kinds.Integer, kinds.Fixed, kinds.Float, kinds.Bits, kinds.Year),
    *(kinds.Text, kinds.Enum, kinds.Bytes, kinds.Json),
    *(kinds.Date, kinds.DateTime, kinds.Time),
)
_SIZED = (
    *(kinds.Text, kinds.Enum, kinds.Bytes, kinds.Members),
    *(kinds.Nested, kinds.Listed, kinds.Json),
)


def entered(
    entity: Entity[R, Any], predicates: Iterable[p.Predicate[R]]
) -> tuple[p.Predicate[R], ...]:
    """Predicates with their values as a query keeps them; what is not of the entity raises."""
    return tuple(_entered(entity, one) for one in predicates)


def sortable(entity: Entity[Any, Any], place: Place) -> Spot:
    """What stands at a place, if its values have an order."""
    spot = spot_at(entity, place)
    if not isinstance(spot.kind, (*_ORDERED, kinds.Boolean)):
        raise TypeError(f"{place} cannot be ordered by: {_named(spot.kind)} has no order")
    return spot


def _entered(entity: Entity[R, Any], predicate: Any) -> Any:
    match predicate:
        case p.And(terms) | p.Or(terms):
            return type(predicate)(tuple(_entered(entity, one) for one in terms))
        case p.Not(inner):
            return p.Not(_entered(entity, inner))
        case p.Exists(place) | p.IsNone(place):
            spot_at(entity, place)
            return predicate
        case p.Compare(operand, operator, value):
            ordered = operator not in ("=", "<>")
            return evolve(predicate, value=_value(entity, operand, value, ordered=ordered))
        case p.Between(operand, low, high):
            first, last = (_value(entity, operand, one, ordered=True) for one in (low, high))
            return p.Between(operand, first, last)
        case p.IsIn(operand, values):
            return p.IsIn(operand, _distinct(_value(entity, operand, one) for one in values))
        case p.BeginsWith(operand, start):
            return p.BeginsWith(operand, _start(entity, operand, start))
        case p.Contains(operand, value):
            return p.Contains(operand, _part(entity, operand, value))
        case _:
            return _no_predicate(predicate)


def _value(entity: Entity[Any, Any], operand: Operand, value: Any, *, ordered: bool = False) -> Any:
    spot = spot_at(entity, p.place_of(operand))
    match operand:
        case Size():
            if not isinstance(spot.kind, _SIZED):
                raise TypeError(f"{spot.place} has no size: {_named(spot.kind)} is one value")
            return refuse(spot, value, lambda: whole_of(value))
        case Folded():
            return _folded(spot, value)
        case Place():
            if ordered:
                _check_order(spot, value)
            return fitted(spot, value, entity)


def _check_order(spot: Spot, value: Any) -> None:
    if not isinstance(spot.kind, _ORDERED):
        raise TypeError(
            f"{spot.place} is neither less nor greater than a value: {_named(spot.kind)} has no "
            "order; compare it with == or !="
        )
    if isinstance(spot.kind, kinds.Json) and isinstance(value, (bool, tuple, list, dict)):
        raise TypeError(
            f"{spot.place} has no order with a {type(value).__name__}: give a str or a number"
        )


def _folded(spot: Spot, value: Any) -> str:
    if not isinstance(spot.kind, (kinds.Text, kinds.Enum, kinds.Json)):
        raise TypeError(f"{spot.place} cannot be folded: {_named(spot.kind)} is no text")
    return str(refuse(spot, value, lambda: text_of(value)))


def _start(entity: Entity[Any, Any], operand: Operand, start: Any) -> Any:
    spot = spot_at(entity, p.place_of(operand))
    if isinstance(operand, Folded):
        return _folded(spot, start)
    if isinstance(spot.kind, kinds.Bytes):
        return refuse(spot, start, lambda: bytes_of(start))
    if isinstance(spot.kind, (kinds.Text, kinds.Json)):
        return refuse(spot, start, lambda: text_of(start))
    raise TypeError(f"{spot.place} begins with nothing: {_named(spot.kind)} is no text")


def _part(entity: Entity[Any, Any], operand: Operand, value: Any) -> Any:
    spot = spot_at(entity, p.place_of(operand))
    if isinstance(operand, Folded):
        return _folded(spot, value)
    match spot.kind:
        case kinds.Text():
            return refuse(spot, value, lambda: text_of(value))
        case kinds.Bytes():
            return refuse(spot, value, lambda: bytes_of(value))
        case kinds.Json():
            return refuse(spot, value, lambda: json_of(value))
        case kinds.Members(values):
            return fitted(evolve(spot, kind=kinds.Enum(values)), value, entity)
        case kinds.Nested(record, members, array=True):
            return fitted(evolve(spot, kind=kinds.Nested(record, members)), value, entity)
        case kinds.Listed(items):
            return _element(spot, items, value, entity)
        case _:
            raise TypeError(f"{spot.place} contains nothing: {_named(spot.kind)} is one value")


def _element(
    spot: Spot, items: tuple[kinds.Member, ...], value: Any, entity: Entity[Any, Any]
) -> Any:
    """The value by the first of the elements' kinds that takes it."""
    options = [evolve(spot, kind=kind) for kind in dict.fromkeys(one.kind for one in items)]
    for option in options[:-1]:
        try:
            return fitted(option, value, entity)
        except (TypeError, ValueError):
            continue
    return fitted(options[-1], value, entity)


def _distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple({exact(one): one for one in values}.values())


def _named(kind: Kind) -> str:
    match kind:
        case kinds.Nested(record, array=array):
            return f"a list of {record}" if array else f"a {record}"
        case _:
            return type(kind).__name__


def _no_predicate(given: Any) -> Any:
    if isinstance(given, Field):
        raise TypeError(f"{given} is a field, not a predicate: compare it, as in {given} == True")
    raise TypeError(
        f"{given!r} is a {type(given).__name__}, not a predicate: compare a field with a value, "
        "and combine predicates with & | ~"
    )
