"""What tells cached answers apart, and which of them a write may have changed.

| a write of a record                         | drops                                             |
|---------------------------------------------|---------------------------------------------------|
| by its key                                  | gets of that key, and every find of its entity    |
| that is new                                 | what was not found, and every find of its entity  |
| that gets a new key; of an entity that      | every answer of its entity                        |
| reads its own table twice                   |                                                   |
| whose MySQL tables another entity reads, or | every answer of that other entity as well         |
| refers to; or that shares keys with it      |                                                   |
| by a statement or operation of one's own    | everything                                        |
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias, final

import attrs
from attrs import frozen

from dalkit.kinds import Json
from dalkit.query.base import Query
from dalkit.query.finds import Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.subjects import is_new, key_of_record
from dalkit.query.together import Batch, Maintain, Transact
from dalkit.query.updates import Update
from dalkit.query.writes import Delete, Insert, Put
from dalkit.schema.definition import EntityDefinition
from dalkit.schema.entity import Entity, definition_of, record_class_of
from dalkit.source.tree import Children, Hop
from dalkit.source.walk import nodes

__all__ = [
    "Group",
    "Touch",
    "changeable",
    "groups_of",
    "identity",
    "lifetime",
    "related",
    "touch_of",
]

Group: TypeAlias = tuple[Hashable, ...]
"""Answers that are dropped together."""


@final
@frozen(eq=False)
class Touch:
    """What a write may change: these groups, and what has to do with these entities."""

    groups: frozenset[Group] = frozenset()
    definitions: tuple[EntityDefinition, ...] = ()
    everything: bool = False


def identity(query: Query[Any]) -> Hashable:
    """Equal for queries that ask the same: cursor, fields, order and way of access included."""
    return _told(query)


def groups_of(query: Get[Any, Any] | GetMany[Any, Any] | Find[Any, Any]) -> frozenset[Group]:
    """Those that the query's answer belongs to."""
    name = definition_of(query.entity).name
    if isinstance(query, Find):
        return frozenset({("find", name)})
    keys = query.keys if isinstance(query, GetMany) else (query.key,)
    return frozenset(
        {("get", name), ("absent", name), *(("key", name, _told(one)) for one in keys)}
    )


def touch_of(query: Query[Any]) -> Touch:
    """What a query may change, if it is run."""
    match query:
        case Batch(inner) | Transact(inner):
            every = [touch_of(one) for one in inner]
            return Touch(
                frozenset(group for one in every for group in one.groups),
                tuple(definition for one in every for definition in one.definitions),
                any(one.everything for one in every),
            )
        case Maintain(inner):
            return touch_of(inner)
        case Put() | Insert():
            new = is_new(query.entity, query.record)
            key = None if new else key_of_record(query.entity, query.record)
            return _touched(query.entity, key, new=new)
        case Update():
            definition = definition_of(query.entity)
            moved = any(change.place.name in definition.key for change in query.changes)
            return _touched(query.entity, query.key, all_keys=moved)
        case Delete():
            return _touched(query.entity, query.key)
        case _:
            return Touch(everything=True)


def related(written: EntityDefinition, read: EntityDefinition) -> bool:
    """Whether a write of one entity may change what is read of another."""
    if written.table.name == read.table.name and (written.mixed or read.mixed):
        return True
    names = {one.name for one in read.mysql.tables} | {read.source.table}
    referred = {key.target_table for one in read.mysql.tables for key in one.foreign_keys}
    return bool(_written(written) & (names | referred))


def changeable(definition: EntityDefinition) -> bool:
    """Whether its records hold values that can be changed in place, as JSON can."""
    return any(_holds_json(one.kind) for one in definition.fields)


def copied(value: Any) -> Any:
    """The value, with new lists and dicts wherever it holds some."""
    match value:
        case dict():
            return {name: copied(one) for name, one in value.items()}
        case list():
            return [copied(one) for one in value]
        case tuple():
            anew = tuple(copied(one) for one in value)
            same = all(one is other for one, other in zip(anew, value, strict=True))
            return value if same else anew
        case _ if attrs.has(type(value)):
            pairs = ((one.alias, getattr(value, one.name)) for one in attrs.fields(type(value)))
            copies = {name: (old, copied(old)) for name, old in pairs}
            changed = {name: new for name, (old, new) in copies.items() if new is not old}
            return attrs.evolve(value, **changed) if changed else value
        case _:
            return value


def lifetime(
    query: Get[Any, Any] | Find[Any, Any], records: tuple[Any, ...], now: datetime
) -> float | None:
    """Seconds until one of the records expires by itself; None where none does.

    An answer without the field that says so is good for 0 seconds.
    """
    name = definition_of(query.entity).ttl
    if name is None:
        return None
    if query.selected:
        return 0.0
    moments = [_seconds(getattr(one, name), now) for one in records]
    return min((one for one in moments if one is not None), default=None)


def _seconds(moment: Any, now: datetime) -> float | None:
    if moment is None:
        return None
    stamp = moment.timestamp() if isinstance(moment, datetime) else float(moment)
    return stamp - now.timestamp()


def _touched(
    entity: Entity[Any, Any], key: Any, *, new: bool = False, all_keys: bool = False
) -> Touch:
    definition = definition_of(entity)
    name = definition.name
    groups: set[Group] = {("find", name)}
    if new:
        groups.add(("absent", name))
    if key is not None:
        groups.add(("key", name, _told(key)))
    if all_keys or definition.mixed or _reads_itself(definition):
        groups.add(("get", name))
    return Touch(frozenset(groups), (definition,))


def _written(definition: EntityDefinition) -> set[str]:
    arrays = (cell.value for cell in definition.source.cells)
    return {definition.source.table} | {
        one.hop.table for one in arrays if isinstance(one, Children)
    }


def _reads_itself(definition: EntityDefinition) -> bool:
    """Whether a record shows something of other rows that a write of its entity changes."""
    hops = [
        (isinstance(cell.value, Children), node.table)
        for cell in definition.source.cells
        for node in nodes(cell.value)
        if isinstance(node, Hop)
    ]
    own = definition.source.table
    return any(
        table == own or (not array and table in _written(definition)) for array, table in hops
    )


def _holds_json(kind: Any) -> bool:
    if isinstance(kind, Json):
        return True
    return attrs.has(type(kind)) and any(
        _holds_json(one) for value in _values(kind) for one in _flat(value)
    )


def _values(value: Any) -> Iterator[Any]:
    return (getattr(value, one.name) for one in attrs.fields(type(value)))


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        yield from value
    else:
        yield value


def _told(value: Any) -> Hashable:
    match value:
        case tuple() | list():
            return ("sequence", *map(_told, value))
        case frozenset() | set():
            return ("set", frozenset(map(_told, value)))
        case Mapping():
            return ("map", frozenset((name, _told(one)) for name, one in value.items()))
        case Entity():
            return (definition_of(value).name, record_class_of(value))
        case Decimal():
            return ("Decimal", value.as_tuple())
        case float():
            return ("float", repr(value))
        case type():
            return value
        case _ if attrs.has(type(value)):
            return (type(value), *map(_told, _values(value)))
        case _:
            return (type(value).__name__, value)
