"""What an entity has at a place: the kind of value there, found or refused."""

from __future__ import annotations

from typing import Any, final

from attrs import frozen

from dalkit import kinds
from dalkit.fields.field import Field
from dalkit.fields.places import Place
from dalkit.fields.predicates import Hidden
from dalkit.kinds import Kind
from dalkit.schema.definition import FieldDefinition
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Spot", "hidden_in", "owned", "place_in", "spot_at"]


@final
@frozen
class Spot:
    """What stands at a place of an entity."""

    place: Place
    kind: Kind
    nullable: bool
    secret: bool


def place_in(entity: Entity[Any, Any], field: Any) -> Place:
    """The place of one of the entity's fields; anything else raises."""
    if not isinstance(field, Field):
        handle = definition_of(entity).handle
        raise TypeError(f"{field!r} is a {type(field).__name__}: give a field, as in {handle}.…")
    return field.place


def spot_at(entity: Entity[Any, Any], place: Place) -> Spot:
    """What stands at the place; a place that the entity has not raises."""
    field = owned(entity, place)
    kind, nullable = field.kind, field.nullable
    for number, step in enumerate(place.steps):
        before = Place(place.owner, place.name, place.steps[:number])
        kind, nullable = _inside(kind, step, before)
    return Spot(place, kind, nullable, field.secret)


def owned(entity: Entity[Any, Any], place: Place) -> FieldDefinition:
    """The entity's own field of a place; a field of another entity raises."""
    definition = definition_of(entity)
    if place.owner is None:
        raise ValueError(
            f"the field {place} belongs to no entity: take it from a handle, as in "
            f"{definition.handle}.{place.name}"
        )
    if not isinstance(entity, place.owner):
        raise ValueError(
            f"{place.owner.__name__}.{place} is no field of {definition.handle}: a query looks at "
            "one entity"
        )
    if place.name not in definition.by_field:
        raise ValueError(f"{definition.handle} has no field {place.name}: {_fields(entity)}")
    return definition.by_field[place.name]


def hidden_in(entity: Entity[Any, Any]) -> Hidden:
    """Which places of the entity are secret."""
    secret = frozenset(one.name for one in definition_of(entity).fields if one.secret)
    return lambda place: place.name in secret


def _inside(kind: Kind, step: str | int, place: Place) -> tuple[Kind, bool]:
    match kind:
        case kinds.Json():
            return kind, True
        case kinds.Nested(array=True) if isinstance(step, int):
            return kinds.Nested(kind.record, kind.members), False
        case kinds.Nested(array=False) if isinstance(step, str):
            for one in kind.members:
                if one.field == step:
                    return one.kind, one.nullable
            names = ", ".join(one.field for one in kind.members)
            raise ValueError(f"{place} has no member {step!r}: its members are {names}")
        case kinds.Listed(items) if isinstance(step, int):
            if step < len(items):
                return items[step].kind, items[step].nullable
            raise ValueError(f"{place} has no element {step}: it has {len(items)}")
        case _:
            raise ValueError(f"{place} has no {_step(step)} inside: {_advice(kind)}")


def _step(step: str | int) -> str:
    return f"element {step}" if isinstance(step, int) else f"member {step!r}"


def _advice(kind: Kind) -> str:
    match kind:
        case kinds.Nested(array=True) | kinds.Listed():
            return "it is a list, so say which element first, as in [0]"
        case kinds.Nested():
            return f"it is a record, so name a member: {', '.join(m.field for m in kind.members)}"
        case _:
            return "it is one value"


def _fields(entity: Entity[Any, Any]) -> str:
    return f"its fields are {', '.join(one.name for one in definition_of(entity).fields)}"
