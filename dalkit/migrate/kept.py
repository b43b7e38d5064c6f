"""What DynamoDB holds beside records: guards of unique values, and counters of ids."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, final

from attrs import frozen

from dalkit.compile.guards import guards_of
from dalkit.migrate.findings import Different, Finding, Missing
from dalkit.migrate.route import Key, Route, key_of, key_text
from dalkit.result import Failure, Success
from dalkit.run.batches import Item, get_batch
from dalkit.run.broken import StoreError
from dalkit.run.dynamodb import DynamoClient, Fault, exchange
from dalkit.run.mysql import rows
from dalkit.run.retry import BULK
from dalkit.schema.bookkeeping import VALUE, counter_text, is_bookkeeping, keyed_by_text, place_of
from dalkit.schema.definition import EntityDefinition, Numbering
from dalkit.schema.entity import Entity
from dalkit.schema.new_parts import behind
from dalkit.source.sql import name_of

if TYPE_CHECKING:
    from pymysql.connections import Connection

__all__ = [
    "Counter",
    "compare_counters",
    "counter_places",
    "counters_in",
    "guard_items",
    "is_kept",
    "line_of",
    "raise_counter",
]


@final
@frozen
class Counter:
    """A counter of an entity's numbers, and the greatest that MySQL has."""

    definition: EntityDefinition
    numbering: Numbering
    greatest: int

    @property
    def place(self) -> dict[str, Any]:
        """Its key attributes."""
        text = counter_text(self.definition.name, self.numbering.name)
        return place_of(self.definition.table, text)

    @property
    def item(self) -> dict[str, Any]:
        """The counter as it is stored."""
        return {**self.place, VALUE: {"N": str(self.greatest)}}

    @property
    def row(self) -> str:
        """Where the number is found, for messages."""
        table, column = _column(self.definition, self.numbering)
        return f"{table} {column}={self.greatest}"


def guard_items(entity: Entity[Any, Any]) -> Callable[[Item], tuple[Item, ...]]:
    """A function from an item of the entity to those of its guards."""

    def made(item: Item) -> tuple[Item, ...]:
        match guards_of(entity, item):
            case Success(guards):
                return tuple(one.item for one in guards)
            case Failure(error):
                raise StoreError(error)

    return made


def is_kept(route: Route, item: Item) -> bool:
    """Whether an item is a guard or a counter, and no record."""
    return is_bookkeeping(item[route.table.pk.name].get("S"))


def line_of(item: Item) -> bytes:
    """A guard or a counter as a line of DynamoDB's import format, without its line end."""
    text = json.dumps({"Item": item}, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8")


def counters_in(connection: Connection[Any], routes: Iterable[Route]) -> Iterator[Counter]:
    """The counters of routes whose records are numbered, or rows in them, that have any number."""
    for definition, one in _numberings(routes):
        if not one.member and definition.by_field[one.field].column is None:
            continue
        table, column = _column(definition, one)
        asked = f"SELECT MAX({name_of(column)}) FROM {name_of(table)}"
        ((greatest,),) = rows(connection, asked)
        if greatest is not None and int(greatest) > 0:
            yield Counter(definition, one, int(greatest))


def counter_places(routes: Iterable[Route]) -> Iterator[dict[str, Any]]:
    """The key attributes of every counter that there may be."""
    for definition, one in _numberings(routes):
        yield Counter(definition, one, 0).place


def raise_counter(client: DynamoClient, prefix: str, counter: Counter) -> bool:
    """Put the counter at its number, unless it is there or further on; whether it was put."""
    arguments = {
        "TableName": prefix + counter.definition.table.name,
        "Key": counter.place,
        "UpdateExpression": "SET #v = :n",
        "ConditionExpression": "attribute_not_exists(#v) OR #v < :n",
        "ExpressionAttributeNames": {"#v": VALUE},
        "ExpressionAttributeValues": {":n": {"N": str(counter.greatest)}},
    }
    answer = exchange(client, "update_item", arguments, backoff=BULK)
    if not isinstance(answer, Fault):
        return True
    if answer.code == "ConditionalCheckFailedException":
        return False
    raise StoreError(answer.error)


def compare_counters(
    client: DynamoClient, prefix: str, counters: Iterable[Counter]
) -> Iterator[tuple[Key, Finding | None]]:
    """The key of each counter, and what is wrong with it; it may be further on than MySQL is."""
    for one in counters:
        table = one.definition.table
        key = key_of(table, one.place)
        found = get_batch(client, prefix + table.name, [one.place])
        said = key_text(table, key)
        if not found:
            yield key, Missing(table.name, said, one.row)
        elif not _reaches(found[0], one.greatest):
            held = json.dumps(found[0].get(VALUE), default=str)
            yield key, Different(table.name, said, VALUE, f"{one.greatest} or more", held)
        else:
            yield key, None


def _reaches(item: Mapping[str, Any], greatest: int) -> bool:
    try:
        return Decimal(item[VALUE]["N"]) >= greatest
    except (KeyError, TypeError, InvalidOperation):
        return False


def _numberings(routes: Iterable[Route]) -> Iterator[tuple[EntityDefinition, Numbering]]:
    for route in routes:
        if keyed_by_text(route.definition.table):
            yield from ((route.definition, one) for one in route.definition.numberings)


def _column(definition: EntityDefinition, one: Numbering) -> tuple[str, str]:
    """The table and the column that are counted."""
    field = definition.by_field[one.field]
    if not one.member:
        return definition.source.table, field.column or ""
    found = behind(definition, field)
    column = next(column for member, column in found.columns if member.field == one.member)
    return found.table.name, column.name
