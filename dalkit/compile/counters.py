"""Counters of ids: items from which new records draw their numbers.

A number that is drawn and not used is a gap. A record that is stored with a number of its own
raises the counter to it, so that no new record is given that number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.compile.expression import Aliases
from dalkit.fields.changes import Append, Change, Set, SetIfAbsent
from dalkit.query.fresh import greatest
from dalkit.query.fresh_parts import numbers_in
from dalkit.result import Corrupt, Failure
from dalkit.schema.bookkeeping import VALUE, counter_text, keyed_by_text, place_of
from dalkit.schema.definition import Numbering
from dalkit.schema.entity import Entity, definition_of

__all__ = ["drawing", "numbers_changed", "numbers_of", "raising", "raising_all"]

T = TypeVar("T")


def numbers_of(entity: Entity[Any, Any], record: Any) -> Mapping[Numbering, int]:
    """The numbers that counters must be at for this record to be stored."""
    definition = definition_of(entity)
    if not keyed_by_text(definition.table):
        return {}
    found = {one: greatest(one, record) for one in definition.numberings}
    return {one: number for one, number in found.items() if number}


def numbers_changed(entity: Entity[Any, Any], changes: Iterable[Change]) -> Mapping[Numbering, int]:
    """The numbers that counters of rows must be at for changes of a record to be stored."""
    definition = definition_of(entity)
    if not keyed_by_text(definition.table):
        return {}
    found: dict[Numbering, int] = {}
    for one in definition.numberings:
        own = (change for change in changes if one.member and change.place.name == one.field)
        number = max((0, *(held for change in own for held in _numbers(change, one.member))))
        if number:
            found[one] = number
    return found


def _numbers(change: Change, member: str) -> list[int]:
    """The numbers of rows that a change brings: of all, of some, of one, or one alone."""
    if isinstance(change, Append):
        return numbers_in(change.values, member)
    if not isinstance(change, (Set, SetIfAbsent)):
        return []
    value, steps = change.value, change.place.steps
    if steps and steps[-1] == member:
        return [value] if isinstance(value, int) else []
    return numbers_in(value if isinstance(value, (tuple, list)) else (value,), member)


def drawing(
    entity: Entity[Any, Any], one: Numbering, count: int, ready: Callable[[int], DynamoStep[T]]
) -> DynamoCall[T]:
    """The call for so many numbers, the first of which goes on."""

    def read(reply: Mapping[str, Any]) -> DynamoStep[T]:
        try:
            last = int(reply["Attributes"][VALUE]["N"])
        except (KeyError, TypeError, ValueError):
            name = definition_of(entity).name
            return Failure(Corrupt(name, VALUE, "its counter holds no whole number"))
        return ready(last - count + 1)

    aliases = Aliases()
    text = f"ADD {aliases.name(VALUE)} {aliases.value({'N': str(count)})}"
    said = {"UpdateExpression": text, "ReturnValues": "UPDATED_NEW"}
    return DynamoCall("UpdateItem", _placed(entity, one, aliases.beside(said)), read, repeat=True)


def raising_all(
    entity: Entity[Any, Any],
    least: Mapping[Numbering, int],
    ready: Callable[[], DynamoStep[T]],
) -> DynamoStep[T]:
    """The calls that bring counters to numbers, one after the other."""
    if not least:
        return ready()
    (one, number), *rest = least.items()
    return raising(entity, one, number, lambda: raising_all(entity, dict(rest), ready))


def raising(
    entity: Entity[Any, Any], one: Numbering, least: int, ready: Callable[[], DynamoStep[T]]
) -> DynamoStep[T]:
    """The call that brings the counter to a number, if it is not there; a 0 needs none."""
    if least <= 0:
        return ready()
    aliases = Aliases()
    name, held = aliases.name(VALUE), aliases.value({"N": str(least)})
    said = {
        "UpdateExpression": f"SET {name} = {held}",
        "ConditionExpression": f"attribute_not_exists({name}) OR {name} < {held}",
    }
    arguments = _placed(entity, one, aliases.beside(said))
    return DynamoCall("UpdateItem", arguments, lambda _: ready(), repeat=True)


def _placed(entity: Entity[Any, Any], one: Numbering, said: Mapping[str, Any]) -> dict[str, Any]:
    definition = definition_of(entity)
    text = counter_text(definition.name, one.name)
    place = place_of(definition.table, text)
    return {"TableName": definition.table.name, "Key": place, **said}
