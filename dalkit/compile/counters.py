"""Counters of ids: items from which new records draw their numbers.

A number that is drawn and not used is a gap. A record that is stored with a number of its own
raises the counter to it, so that no new record is given that number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.compile.expression import Aliases
from dalkit.query.fresh import greatest
from dalkit.result import Corrupt, Failure
from dalkit.schema.bookkeeping import VALUE, counter_text, keyed_by_text, place_of
from dalkit.schema.definition import Numbering
from dalkit.schema.entity import Entity, definition_of

__all__ = ["drawing", "numbers_of", "raising", "raising_all"]

T = TypeVar("T")


def numbers_of(entity: Entity[Any, Any], record: Any) -> Mapping[Numbering, int]:
    """The numbers that counters must be at for this record to be stored."""
    definition = definition_of(entity)
    if not keyed_by_text(definition.table):
        return {}
    found = {one: greatest(one, record) for one in definition.numberings}
    return {one: number for one, number in found.items() if number}


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
