"""Keys that two rows would share, found exactly and in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, final

from dalkit.migrate.findings import Collision, Refused
from dalkit.migrate.route import Route, key_of, key_text, moved, row_text, secret_attributes
from dalkit.migrate.sieve import Sieve
from dalkit.migrate.spool import SortSpool
from dalkit.run.batches import Item
from dalkit.run.mysql import Cells
from dalkit.schema.definition import TableDefinition

if TYPE_CHECKING:
    from pymysql.connections import Connection

__all__ = [
    "KeyLog",
    "by_table",
    "collisions_among",
    "collisions_in",
    "key_hash",
    "with_guards",
]

MOST_REPEATED = 100_000
"""So many hashes are held in memory; where more repeat, all keys are sorted on disk."""


@final
class KeyLog:
    """The keys that the rows of one table give, to be asked for pairs when all are in."""

    def __init__(self, table: TableDefinition, spool: SortSpool) -> None:
        self._table = table
        self._spool = spool

    def add(self, route: Route, identity: Cells, item: Item) -> None:
        """Note the key of one row's item, or of a guard of it."""
        row = row_text(route.definition, identity)
        self._spool.add((key_of(self._table, item), row, _shows(route, item)))

    def collisions(self) -> Iterator[Collision]:
        """Each pair of rows that share a key, by key."""
        last: tuple[Any, ...] | None = None
        for entry in self._spool.in_order():
            if last is not None and entry[0] == last[0]:
                key = key_text(self._table, entry[0]) if entry[2] and last[2] else "(secret)"
                yield Collision(self._table.name, key, (last[1], entry[1]))
            last = entry


def by_table(routes: Iterable[Route]) -> dict[str, list[Route]]:
    """The routes by DynamoDB table, in order."""
    tables: dict[str, list[Route]] = {}
    for route in routes:
        tables.setdefault(route.table.name, []).append(route)
    return tables


def key_hash(table: TableDefinition, item: Item) -> int:
    """A number that is the same for equal keys, in one process."""
    return hash(key_of(table, item))


def collisions_in(connection: Connection[Any], routes: Iterable[Route]) -> Iterator[Collision]:
    """The pairs of rows that share a key, looked for where uniqueness is not proven."""
    for together in by_table(routes).values():
        if all(route.proven for route in together):
            continue
        with Sieve() as sieve:
            for route in together:
                for one in moved(connection, route):
                    if isinstance(one, Refused):
                        continue
                    for item in with_guards(route, one[1]):
                        sieve.add(key_hash(route.table, item))
            yield from collisions_among(connection, together, sieve)


def collisions_among(
    connection: Connection[Any], together: Sequence[Route], sieve: Sieve
) -> Iterator[Collision]:
    """The pairs of rows of one table that share a key, the sieve having seen each key's hash.

    The rows are read once more if any hash repeats, and their keys compared.
    """
    repeated = sieve.repeated(MOST_REPEATED)
    if repeated is not None and not repeated:
        return
    with SortSpool() as spool:
        log = KeyLog(together[0].table, spool)
        for route in together:
            for one in moved(connection, route):
                if isinstance(one, Refused):
                    continue
                for item in with_guards(route, one[1]):
                    if repeated is None or key_hash(route.table, item) in repeated:
                        log.add(route, one[0], item)
        yield from log.collisions()


def with_guards(route: Route, item: Item) -> tuple[Item, ...]:
    """An item, and those of its guards."""
    return (item, *route.guards(item))


def _shows(route: Route, item: Item) -> bool:
    keys = {route.table.pk.name, route.table.sk.name if route.table.sk else ""}
    return not secret_attributes(route.definition, key_of(route.table, item)) & keys
