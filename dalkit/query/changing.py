"""The changes of an update, checked as they are said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import evolve

from dalkit import kinds
from dalkit.fields import changes as c
from dalkit.fields.predicates import Hidden, shown_at
from dalkit.fields.values import listed
from dalkit.query.spots import Spot, place_in, spot_at
from dalkit.query.values import fitted, json_of, refuse
from dalkit.schema.entity import Entity

__all__ = ["added", "appended", "changed", "members", "removed", "text_of_changes", "value_to_set"]


def changed(changes: tuple[c.Change, ...], change: c.Change) -> tuple[c.Change, ...]:
    """One change more; a second of the same place, or of one inside it, raises."""
    for one in changes:
        if one.place.meets(change.place):
            raise ValueError(
                f"{change.place} cannot be changed beside {one.place}: each place is changed once"
            )
    return (*changes, change)


def value_to_set(entity: Entity[Any, Any], field: Any, value: Any) -> tuple[Spot, Any]:
    """A field's spot and the value that it is to have; None only where it may be."""
    spot = _spot(entity, field)
    if value is not None:
        return spot, fitted(spot, value, entity)
    if not spot.nullable:
        raise ValueError(f"{spot.place} is never None: set a value")
    return spot, None


def removed(entity: Entity[Any, Any], field: Any) -> c.Remove:
    """The change that leaves no value."""
    spot = _spot(entity, field)
    element = bool(spot.place.steps) and isinstance(spot.place.steps[-1], int)
    if not spot.nullable and not element:
        raise ValueError(f"{spot.place} is never None, so it cannot be removed: set a value")
    return c.Remove(spot.place)


def added(entity: Entity[Any, Any], field: Any, number: Any) -> c.Add:
    """The change that adds a number."""
    spot = _spot(entity, field)
    if not isinstance(spot.kind, (kinds.Integer, kinds.Fixed, kinds.Float, kinds.Json)):
        raise TypeError(f"{spot.place} cannot be added to: {type(spot.kind).__name__} is no number")
    value = None if number is None else fitted(spot, number, entity)
    if value is None or isinstance(value, (str, bool, tuple, dict)):
        raise TypeError(f"a {type(number).__name__} cannot be added to {spot.place}: give a number")
    return c.Add(spot.place, value)


def appended(entity: Entity[Any, Any], field: Any, values: Iterable[Any]) -> c.Append:
    """The change that puts elements at the end of a list."""
    spot = _spot(entity, field)
    every = tuple(values)
    if isinstance(spot.kind, kinds.Json):
        return c.Append(spot.place, tuple(refuse(spot, every, lambda: json_of(every))))
    if not isinstance(spot.kind, kinds.Nested) or not spot.kind.array:
        raise TypeError(f"{spot.place} cannot be appended to: it is no list that grows")
    element = evolve(spot, kind=evolve(spot.kind, array=False))
    return c.Append(spot.place, tuple(fitted(element, one, entity) for one in every))


def members(
    entity: Entity[Any, Any], field: Any, values: Iterable[Any]
) -> tuple[Spot, frozenset[str]]:
    """A set field's spot, and some members."""
    spot = _spot(entity, field)
    if not isinstance(spot.kind, kinds.Members):
        raise TypeError(f"{spot.place} has no members: {type(spot.kind).__name__} is no set")
    one = evolve(spot, kind=kinds.Enum(spot.kind.values))
    return spot, frozenset(fitted(one, value, entity) for value in values)


def text_of_changes(changes: Iterable[c.Change], hidden: Hidden) -> str:
    """Changes as text, without secret values."""
    return ", ".join(_text(one, hidden) for one in changes)


def _text(change: c.Change, hidden: Hidden) -> str:
    place = change.place
    match change:
        case c.Set(_, value):
            return f"set {place} = {shown_at(place, value, hidden)}"
        case c.SetIfAbsent(_, value):
            return f"set {place} = {shown_at(place, value, hidden)} if absent"
        case c.Remove():
            return f"remove {place}"
        case c.Add(_, number):
            return f"add {shown_at(place, number, hidden)} to {place}"
        case c.Append(_, values):
            texts = (shown_at(place, one, hidden) for one in values)
            return f"append {listed(texts)} to {place}"
        case c.AddMembers(_, values):
            return f"add {_listed(change, values, hidden)} to {place}"
        case c.RemoveMembers(_, values):
            return f"remove {_listed(change, values, hidden)} from {place}"


def _listed(change: c.Change, values: frozenset[str], hidden: Hidden) -> str:
    return listed(shown_at(change.place, one, hidden) for one in sorted(values))


def _spot(entity: Entity[Any, Any], field: Any) -> Spot:
    return spot_at(entity, place_in(entity, field))
