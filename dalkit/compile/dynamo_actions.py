"""Writes as actions: of their record's item, and of the guards of its unique values.

What a write must know of the item that is there is read first; its actions then hold only if what
was read is unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias, TypeVar, final

from attrs import frozen

from dalkit.compile.demands import Seen
from dalkit.compile.guards import Guard, freed, guards_of, owner_of, taken
from dalkit.compile.presence import is_expired, present
from dalkit.compile.settings import Settings
from dalkit.convert import items
from dalkit.fields import predicates as p
from dalkit.query.base import Write
from dalkit.query.subjects import key_text as said_key
from dalkit.query.truth import all_true
from dalkit.result import (
    ConditionFailed,
    Error,
    Failure,
    InvalidValue,
    NotFound,
    Result,
    Success,
    then,
)
from dalkit.schema.bookkeeping import is_bookkeeping
from dalkit.schema.entity import Entity, definition_of

__all__ = [
    "Action",
    "Item",
    "Made",
    "Prepared",
    "collided",
    "delete_action",
    "guarding",
    "handed_over",
    "judged",
    "not_met",
    "place_of",
    "put_action",
    "standing",
]

T = TypeVar("T")
Item = Mapping[str, Any]
Standing: TypeAlias = Literal["none", "own", "other"]


@final
@frozen(kw_only=True)
class Action:
    """One change of one item, or a look at it: an operation's arguments."""

    kind: Literal["Put", "Update", "Delete", "ConditionCheck"]
    entity: Entity[Any, Any]
    key: Any
    """The key of the record that is written."""
    place: Item
    """The key attributes of the item."""
    arguments: Mapping[str, Any]
    role: Literal["record", "target", "guard", "freed"] = "record"
    guard: Guard | None = None
    """The guard that its action takes or frees."""
    owners: tuple[str, ...] = ()
    """Whose guard it may be before it is taken."""

    @property
    def unique(self) -> str:
        """The fields that a guard's action is for."""
        return "" if self.guard is None else self.guard.unique


@final
@frozen(kw_only=True)
class Made:
    """A write's actions, its record's first, and what they rely on."""

    actions: tuple[Action, ...]
    answer: Any = None
    """What the write answers, where the store's reply does not say it."""
    seen: Seen | None = None
    """The attributes that were read and must be unchanged."""
    absent: bool = False
    """Whether there was no record when it was looked for."""
    old: Any = None
    """The record that was there."""
    idle: bool = False
    """Whether nothing needs to be done."""
    misfit: Callable[[Item], Error | None] = lambda _: None
    """Why the changes do not fit the record of an item, if that is why they were not made."""


@final
@frozen(kw_only=True)
class Prepared:
    """A write that can be made into actions once the item is known, if it `looks` at it."""

    write: Write[Any]
    entity: Entity[Any, Any]
    key: Any
    after: Any
    """The record's key when the write is done."""
    places: tuple[Item, ...]
    """Where items of records are written: the record's, and where it moves to."""
    looks: bool
    make: Callable[[Item | None], Result[Made]]

    @property
    def table(self) -> str:
        return definition_of(self.entity).table.name


def standing(
    entity: Entity[Any, Any], key: Any, item: Item | None, now: datetime | None
) -> Standing:
    """What stands under a key's text: nothing that is there, the key's record, or another."""
    if item is None or is_expired(entity, item, now):
        return "none"
    return "own" if present(entity, key, item, now) else "other"


def collided(entity: Entity[Any, Any], key: Any) -> InvalidValue:
    """Why a record cannot be written where one with another key stands."""
    definition = definition_of(entity)
    reason = f"a record of {definition.name} with another key is stored under the same text"
    return InvalidValue(definition.name, "the key", reason, said_key(entity, key))


def not_met(one: Action, item: Item | None, settings: Settings) -> Error:
    """What a condition on a record's item means that was not met."""
    entity, key = one.entity, one.key
    name, text = definition_of(entity).name, said_key(entity, key)
    found = standing(entity, key, item, settings.now)
    if found == "other" and one.kind == "Put":
        return collided(entity, key)
    if found != "own":
        gone = one.kind in ("Update", "ConditionCheck")
        return NotFound(name, text) if gone else ConditionFailed(name, text)
    match items(entity).decode(item):
        case Success(record):
            return ConditionFailed(name, text, record=record)
        case Failure(error):
            return error


def judged(
    entity: Entity[Any, Any],
    key: Any,
    predicates: Iterable[p.Predicate[Any]],
    item: Item,
    made: Result[T],
) -> Result[T]:
    """What was made of a record's item; what could not be, only where its condition is met."""
    match made, items(entity).decode(item):
        case Failure(), Success(old) if not all_true(predicates, old):
            return Failure(
                ConditionFailed(definition_of(entity).name, said_key(entity, key), record=old)
            )
        case _:
            return made


def place_of(entity: Entity[Any, Any], key: Any) -> Result[Item]:
    """The table's key attributes; a key that begins as dalkit's own items' do is refused."""

    def checked(place: Item) -> Result[Item]:
        definition = definition_of(entity)
        if not is_bookkeeping(place[definition.table.pk.name].get("S")):
            return Success(place)
        reason = "its text begins as those of guards and counters do"
        return Failure(InvalidValue(definition.name, "the key", reason, said_key(entity, key)))

    return then(items(entity).key(key), checked)


def delete_action(
    entity: Entity[Any, Any], key: Any, place: Item, said: Mapping[str, Any]
) -> Action:
    """The Delete of a record's item; `said` is its condition with names and values."""
    table = definition_of(entity).table.name
    arguments = {"TableName": table, "Key": place, **said}
    return Action(kind="Delete", entity=entity, key=key, place=place, arguments=arguments)


def put_action(
    entity: Entity[Any, Any],
    key: Any,
    item: Item,
    said: Mapping[str, Any],
    role: Literal["record", "target"] = "record",
) -> Action:
    """The Put of a record's item; `said` is its condition with names and values."""
    table = definition_of(entity).table
    return Action(
        kind="Put",
        entity=entity,
        key=key,
        place={one.name: item[one.name] for one in table.keys},
        arguments={"TableName": table.name, "Item": item, **said},
        role=role,
    )


def guarding(
    entity: Entity[Any, Any], key: Any, old: Item | None, new: Item | None, settings: Settings
) -> Result[tuple[Action, ...]]:
    """The actions that make the guards of an item those of another one; None has none."""

    def actions(held: tuple[Guard, ...], wanted: tuple[Guard, ...]) -> tuple[Action, ...]:
        kept = [one.item for one in held]
        places = [one.place for one in wanted]
        more = (one for one in wanted if one.item not in kept)
        less = (one for one in held if one.place not in places)
        owners = () if old is None else (owner_of(entity, old),)
        return (
            *(_taking(entity, key, one, (one.owner, *owners), settings) for one in more),
            *(_freeing(entity, key, one) for one in less),
        )

    none: Result[tuple[Guard, ...]] = Success(())
    before = none if old is None else guards_of(entity, old)
    after = none if new is None else guards_of(entity, new)
    return then(before, lambda held: then(after, lambda wanted: Success(actions(held, wanted))))


def handed_over(taking: Action, freeing: Action, settings: Settings) -> Action:
    """The taking of a guard that another write of the transaction frees, as one action."""
    assert taking.guard is not None
    assert freeing.guard is not None
    owners = (*taking.owners, freeing.guard.owner)
    return _taking(taking.entity, taking.key, taking.guard, owners, settings)


def _taking(
    entity: Entity[Any, Any], key: Any, guard: Guard, owners: tuple[str, ...], settings: Settings
) -> Action:
    return Action(
        kind="Put",
        entity=entity,
        key=key,
        place=guard.place,
        arguments=taken(guard, entity, owners, settings),
        role="guard",
        guard=guard,
        owners=owners,
    )


def _freeing(entity: Entity[Any, Any], key: Any, guard: Guard) -> Action:
    return Action(
        kind="Delete",
        entity=entity,
        key=key,
        place=guard.place,
        arguments=freed(guard, entity),
        role="freed",
        guard=guard,
    )
