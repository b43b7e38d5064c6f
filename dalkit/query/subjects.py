"""What a verb is given to act on: an entity, keys and records of it; and how they print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from dalkit.fields.places import Place
from dalkit.fields.predicates import Predicate, printed_all, shown_at
from dalkit.fields.values import listed
from dalkit.query.spots import hidden_in, place_in, spot_at
from dalkit.query.values import fitted
from dalkit.schema.entity import (
    Entity,
    definition_of,
    key_class_of,
    new_class_of,
    record_class_of,
)
from dalkit.schema.naming import snake

__all__ = [
    "conditioned",
    "entity_of",
    "is_new",
    "key_of",
    "key_of_record",
    "key_text",
    "keyed",
    "keyed_as_far",
    "named",
    "record_of",
    "selection",
]

R = TypeVar("R")
K = TypeVar("K")


def entity_of(entity: Entity[R, K]) -> Entity[R, K]:
    """The handle of an entity; anything else raises."""
    given: Any = entity
    if not isinstance(given, Entity):
        raise TypeError(f"{given!r} is no entity: give a handle of a records module, as in orders")
    return entity


def key_of(entity: Entity[Any, K], key: K) -> K:
    """The key as a query keeps it; one of another entity raises."""
    cls = key_class_of(entity_of(entity))
    if type(key) is not cls:
        wanted = ", ".join(f"{name}=…" for name in definition_of(entity).key)
        raise TypeError(
            f"a {type(key).__name__} is no key of {named(entity)}: give {cls.__name__}({wanted})"
        )
    return cls(**_key_values(entity, key))


def key_of_record(entity: Entity[R, K], record: R) -> K:
    """The key of a record."""
    return key_class_of(entity)(**_key_values(entity, record))


def record_of(entity: Entity[R, Any], record: Any, *, new: bool = False) -> Any:
    """The record, which may be a `new` one; one of another entity raises."""
    classes: tuple[type[Any], ...] = (record_class_of(entity_of(entity)),)
    if new and new_class_of(entity) not in classes:
        classes += (new_class_of(entity),)
    if type(record) not in classes:
        wanted = " or ".join(f"{one.__name__}(…)" for one in classes)
        raise TypeError(f"a {type(record).__name__} is no record of {named(entity)}: give {wanted}")
    return record


def is_new(entity: Entity[Any, Any], record: Any) -> bool:
    """Whether a record lacks what is generated."""
    return type(record) is not record_class_of(entity)


def selection(entity: Entity[Any, Any], before: object, fields: Iterable[Any]) -> tuple[Place, ...]:
    """The places to answer instead of whole records."""
    if before:
        raise ValueError("select was called before: name all fields at once")
    places = tuple(place_in(entity, one) for one in fields)
    if not places:
        raise ValueError("select() answers nothing: name the fields to answer")
    for place in places:
        spot_at(entity, place)
    if len(set(places)) < len(places):
        raise ValueError(f"select({', '.join(map(str, places))}): a field is named twice")
    return places


def named(entity: Entity[Any, Any]) -> str:
    """The entity's name as queries print it."""
    return snake(definition_of(entity).record)


def key_text(entity: Entity[Any, Any], key: Any) -> str:
    """A key as queries print it, without its secret parts."""
    hidden = hidden_in(entity)
    names = definition_of(entity).key
    parts = ((Place(type(entity), name), getattr(key, name)) for name in names)
    return ", ".join(f"{place} = {shown_at(place, value, hidden)}" for place, value in parts)


def keyed(
    verb: str, entity: Entity[Any, Any], keys: Iterable[Any], selected: tuple[Place, ...]
) -> str:
    """`get order_id of order user_id = 1, order_id = 2`."""
    every = [key_text(entity, one) for one in keys]
    texts = every if len(every) == 1 else [f"({one})" for one in every]
    head = f"{', '.join(map(str, selected))} of " if selected else ""
    return f"{verb} {head}{named(entity)} {listed(texts)}".rstrip()


def keyed_as_far(verb: str, entity: Entity[Any, Any], record: Any) -> str:
    """`insert new order user_id = 1`: the parts of the key that a new record has."""
    names = [name for name in definition_of(entity).key if hasattr(record, name)]
    hidden = hidden_in(entity)
    places = {Place(type(entity), name): getattr(record, name) for name in names}
    text = ", ".join(f"{one} = {shown_at(one, value, hidden)}" for one, value in places.items())
    return f"{verb} {named(entity)} {text}".rstrip()


def conditioned(word: str, entity: Entity[Any, Any], predicates: Iterable[Predicate[Any]]) -> str:
    """` where …` or ` when …`, nothing without predicates."""
    text = printed_all(predicates, hidden_in(entity))
    return f" {word} {text}" if text else ""


def _key_values(entity: Entity[Any, Any], owner: Any) -> dict[str, Any]:
    return {
        name: fitted(spot_at(entity, Place(type(entity), name)), getattr(owner, name), entity)
        for name in definition_of(entity).key
    }
