"""What the memory backend holds: records where their items would stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias, final

from attrs import evolve, frozen

from dalkit.convert import Item, items
from dalkit.result import Failure, Result, Success, then
from dalkit.schema.definition import TableDefinition
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Slot", "State", "Stored", "slot_of", "stored"]

Slot: TypeAlias = tuple[str, tuple[Any, ...]]
"""A table, and the values of its key attributes: text, Decimal or bytes."""


@final
@frozen
class Stored:
    """A record as it is stored, and the item that it would be in DynamoDB."""

    entity: Entity[Any, Any]
    record: Any
    item: Item

    @property
    def name(self) -> str:
        """The entity's name."""
        return definition_of(self.entity).name

    def is_(self, entity: Entity[Any, Any], key: Any) -> bool:
        """Whether it is the entity's record with this key."""
        definition = definition_of(entity)
        names = definition.key if definition.name == self.name else None
        return names is not None and all(
            getattr(self.record, one) == getattr(key, one) for one in names
        )

    def handed(self) -> Any:
        """The record anew, so that whoever changes JSON in it does not change what is stored."""
        match items(self.entity).decode(self.item):
            case Success(record):
                return record
            case Failure():
                return self.record

    def expired(self, now: datetime) -> bool:
        """From its moment on a record is gone; numbers are seconds since 1970."""
        name = definition_of(self.entity).ttl
        match getattr(self.record, name) if name else None:
            case datetime() as moment:
                return moment <= now
            case (int() | Decimal() | float()) as seconds:
                return seconds <= now.timestamp()
            case _:
                return False


@final
@frozen
class State:
    """All records, at one moment; those that have expired are not there."""

    slots: Mapping[Slot, Stored]
    now: datetime

    def at(self, slot: Slot) -> Stored | None:
        """What stands at a slot, whatever entity's record it is."""
        found = self.slots.get(slot)
        return None if found is None or found.expired(self.now) else found

    def of(self, entity: Entity[Any, Any]) -> Iterator[tuple[Slot, Stored]]:
        """Every record of an entity, in no order."""
        name, table = definition_of(entity).name, definition_of(entity).table.name
        for slot, found in self.slots.items():
            if (slot[0], found.name) == (table, name) and not found.expired(self.now):
                yield slot, found

    def with_(self, changes: Mapping[Slot, Stored | None]) -> State:
        """The state with these slots filled, or empty."""
        every = {**self.slots, **changes}
        return evolve(self, slots={slot: one for slot, one in every.items() if one is not None})


def stored(entity: Entity[Any, Any], record: Any) -> Result[tuple[Slot, Stored]]:
    """A record as a store would give it back, and where it stands; or why none could hold it."""
    codec = items(entity)

    def kept(item: Item) -> Result[tuple[Slot, Stored]]:
        return then(
            codec.decode(item),
            lambda one: Success((_slot(entity, item), Stored(entity, one, item))),
        )

    return then(codec.encode(record), kept)


def slot_of(entity: Entity[Any, Any], key: Any) -> Result[Slot]:
    """Where the record with a key stands; or why no record can have the key."""
    return then(items(entity).key(key), lambda item: Success(_slot(entity, item)))


def _slot(entity: Entity[Any, Any], item: Item) -> Slot:
    table: TableDefinition = definition_of(entity).table
    return table.name, tuple(_value(item[one.name]) for one in table.keys)


def _value(attribute: Mapping[str, Any]) -> Any:
    ((type, value),) = attribute.items()
    return Decimal(value) if type == "N" else value
