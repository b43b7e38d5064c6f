"""Load: every row of one snapshot of MySQL as an item in DynamoDB, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, final

from attrs import frozen

from dalkit.migrate.ahead import ahead, batched, workers
from dalkit.migrate.collisions import by_table, collisions_in
from dalkit.migrate.findings import Finding, Refused
from dalkit.migrate.kept import counters_in, raise_counter
from dalkit.migrate.route import Route, key_names, key_of, moved, wire_key
from dalkit.migrate.target import check_empty, check_table
from dalkit.result import Failure, Result, Success
from dalkit.run.batches import BatchWriter, Item, get_batch, put_absent
from dalkit.run.broken import StoreError
from dalkit.run.dynamodb import DynamoClient
from dalkit.run.mysql import snapshot

if TYPE_CHECKING:
    from pymysql.connections import Connection

    from dalkit.run.config import Connect

__all__ = ["Loaded", "Mode", "load"]

Mode: TypeAlias = Literal["empty", "only-missing", "overwrite"]
Report = Callable[[Finding], object]
Progress = Callable[[str, int], object]


@final
@frozen(kw_only=True)
class Loaded:
    """What a load did; `written` by table, `present` items were there before and left alone."""

    written: Mapping[str, int]
    kept: int = 0
    """Guards of unique values and counters of ids that were written beside."""
    present: int
    refused: int
    collisions: int


def load(
    connect: Connect,
    client: DynamoClient,
    routes: Iterable[Route],
    *,
    prefix: str = "",
    mode: Mode = "empty",
    threads: int = 4,
    report: Report = lambda _: None,
    progress: Progress = lambda *_: None,
) -> Result[Loaded]:
    """Put the item of every row.

    "empty" refuses a table that holds an item, "only-missing" leaves items alone that are there,
    "overwrite" puts over them. Rows that are refused are reported and left out. Rows that share
    a key are reported, and then nothing at all is written.
    """
    given = tuple(routes)
    run = _Load(client, prefix, threads, report, progress)
    try:
        for together in by_table(given).values():
            check_table(client, together[0].table, prefix)
            if mode == "empty":
                check_empty(client, together[0].table, prefix)
        with snapshot(connect) as connection:
            for collision in collisions_in(connection, given):
                run.collisions += 1
                report(collision)
            if not run.collisions:
                run.write(connection, by_table(given), mode)
                run.count(connection, given)
    except StoreError as failed:
        return Failure(failed.error)
    return Success(
        Loaded(
            written=run.written,
            kept=run.kept,
            present=run.present,
            refused=run.refused,
            collisions=run.collisions,
        )
    )


@final
class _Load:
    def __init__(
        self,
        client: DynamoClient,
        prefix: str,
        threads: int,
        report: Report,
        progress: Progress,
    ) -> None:
        self.written: dict[str, int] = {}
        self.kept = 0
        self.present = 0
        self.refused = 0
        self.collisions = 0
        self._client = client
        self._prefix = prefix
        self._threads = threads
        self._report = report
        self._progress = progress

    def write(
        self, connection: Connection[Any], tables: Mapping[str, list[Route]], mode: Mode
    ) -> None:
        """Put the items of each table's routes."""
        for table, routes in tables.items():
            self.written[table] = 0
            for route in routes:
                items = self._accepted(connection, route)
                if mode == "only-missing":
                    self._put_absent(route, items)
                else:
                    self._put(route, items)

    def count(self, connection: Connection[Any], routes: Iterable[Route]) -> None:
        """Put the counters at MySQL's numbers; none is put back."""
        for counter in counters_in(connection, routes):
            self.kept += raise_counter(self._client, self._prefix, counter)

    def _accepted(self, connection: Connection[Any], route: Route) -> Iterator[Item]:
        for one in moved(connection, route):
            if isinstance(one, Refused):
                self.refused += 1
                self._report(one)
            else:
                yield one[1]

    def _put(self, route: Route, items: Iterator[Item]) -> None:
        table, kept = route.table.name, 0
        before = self.written[table]
        names = key_names(route.table)
        name = self._prefix + table
        with BatchWriter(self._client, name, names, threads=self._threads) as writer:
            for count, item in enumerate(items, 1):
                writer.put(item)
                for guard in route.guards(item):
                    writer.put(guard)
                    kept += 1
                if count % 100 == 0:
                    self._progress(table, before + max(0, writer.written - kept))
        self.written[table] = before + writer.written - kept
        self.kept += kept
        self._progress(table, self.written[table])

    def _put_absent(self, route: Route, items: Iterator[Item]) -> None:
        table = route.table.name
        name = self._prefix + table
        with workers(self._threads) as (pool, effects):

            def put_all(some: Iterable[Item]) -> int:
                pk = route.table.pk.name
                return sum(put_absent(self._client, name, one, pk, effects=effects) for one in some)

            def put(batch: list[Item]) -> tuple[int, int, int]:
                keys = [wire_key(route.table, item) for item in batch]
                there = get_batch(self._client, name, keys, effects=effects)
                known = {key_of(route.table, one) for one in there}
                absent = [one for one in batch if key_of(route.table, one) not in known]
                kept = put_all(one for item in absent for one in route.guards(item))
                kept += put_all(one for item in there for one in _own_guards(route, item))
                put = put_all(absent)
                return put, len(batch) - put, kept

            for put_now, present, kept in ahead(pool, put, batched(items, 100), self._threads):
                self.written[table] += put_now
                self.present += present
                self.kept += kept
                self._progress(table, self.written[table])


def _own_guards(route: Route, item: Item) -> tuple[Item, ...]:
    """The guards of an item that was there before; none of one that is no record of the entity."""
    try:
        return route.guards(item)
    except StoreError:
        return ()
