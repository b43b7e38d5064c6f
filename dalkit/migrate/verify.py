"""Verify: what MySQL gives against what DynamoDB holds, attribute by attribute, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, final

from attrs import frozen

from dalkit.migrate.ahead import ahead, batched, workers
from dalkit.migrate.collisions import KeyLog, by_table, with_guards
from dalkit.migrate.compare import different, shown
from dalkit.migrate.findings import Different, Extra, Finding, Missing, Refused
from dalkit.migrate.kept import compare_counters, counter_places, counters_in, is_kept
from dalkit.migrate.route import (
    Key,
    Route,
    key_names,
    key_of,
    key_text,
    moved,
    row_text,
    secret_attributes,
    wire_key,
)
from dalkit.migrate.spool import SortSpool
from dalkit.migrate.target import check_table
from dalkit.result import Failure, Result, Success
from dalkit.run.batches import Item, get_batch, scan_pages
from dalkit.run.broken import StoreError
from dalkit.run.dynamodb import DynamoClient
from dalkit.run.mysql import Cells, snapshot

if TYPE_CHECKING:
    from pymysql.connections import Connection

    from dalkit.run.config import Connect

__all__ = ["Verified", "verify"]

Report = Callable[[Finding], object]
Progress = Callable[[str, int], object]
Pair = tuple[Cells, Item]
Read = Callable[["Connection[Any]", Route], Iterator[Pair | Refused]]


@final
@frozen(kw_only=True)
class Verified:
    """What a comparison found; `compared` rows by table."""

    compared: Mapping[str, int]
    kept: int = 0
    """Guards of unique values and counters of ids that were compared beside."""
    missing: int
    extra: int
    different: int
    """Attributes, not items."""
    refused: int
    collisions: int

    @property
    def agreed(self) -> bool:
        """Whether both stores hold the same, and every row could be compared."""
        counts = (self.missing, self.extra, self.different, self.refused, self.collisions)
        return not any(counts)


def verify(
    connect: Connect,
    client: DynamoClient,
    routes: Iterable[Route],
    *,
    prefix: str = "",
    threads: int = 4,
    read: Read = moved,
    report: Report = lambda _: None,
    progress: Progress = lambda *_: None,
) -> Result[Verified]:
    """Compare every row of one snapshot with its item, then look for items of no row.

    `read` gives the rows of an entity with the items expected of them.

    An attribute that the contract does not give is a difference, expected absent. Each difference
    is reported when it is found.
    """
    run = _Verify(client, prefix, threads, read, report, progress)
    try:
        with snapshot(connect) as connection:
            for together in by_table(routes).values():
                check_table(client, together[0].table, prefix)
                run.compare_table(connection, together)
    except StoreError as failed:
        return Failure(failed.error)
    return Success(run.answer())


@final
class _Verify:
    def __init__(
        self,
        client: DynamoClient,
        prefix: str,
        threads: int,
        read: Read,
        report: Report,
        progress: Progress,
    ) -> None:
        self._compared: dict[str, int] = {}
        self._kept = 0
        self._counts = dict.fromkeys(("missing", "extra", "different", "refused", "collisions"), 0)
        self._client = client
        self._prefix = prefix
        self._threads = threads
        self._read = read
        self._report = report
        self._progress = progress

    def answer(self) -> Verified:
        return Verified(compared=self._compared, kept=self._kept, **self._counts)

    def compare_table(self, connection: Connection[Any], routes: list[Route]) -> None:
        table = routes[0].table
        self._compared[table.name] = 0
        with SortSpool() as spool, SortSpool() as found:
            log = KeyLog(table, spool)
            for route in routes:
                self._compare_rows(connection, route, log)
            for collision in log.collisions():
                self._tell("collisions", collision)
            counters = self._compare_counters(connection, routes)
            for page in scan_pages(
                self._client, self._prefix + table.name, attributes=key_names(table)
            ):
                for item in page:
                    found.add((key_of(table, item),))
            for (key,) in _left(found.in_order(), spool.in_order()):
                if key not in counters:
                    self._tell("extra", Extra(table.name, _hidden(routes, key)))

    def _compare_counters(self, connection: Connection[Any], routes: list[Route]) -> set[Key]:
        """The keys of the counters, which may be further on than MySQL's numbers."""
        table, keys = routes[0].table, set[Key]()
        for key, fault in compare_counters(
            self._client, self._prefix, counters_in(connection, routes)
        ):
            keys.add(key)
            self._kept += 1
            if fault is not None:
                self._tell("missing" if isinstance(fault, Missing) else "different", fault)
        return keys | {key_of(table, one) for one in counter_places(routes)}

    def _compare_rows(self, connection: Connection[Any], route: Route, log: KeyLog) -> None:
        table = route.table

        batches = batched(self._rows(connection, route, log), 100)
        with workers(self._threads) as (pool, effects):

            def fetched(batch: list[Pair]) -> tuple[list[Pair], dict[Key, Item]]:
                keys = {key_of(table, item): wire_key(table, item) for _, item in batch}
                name = self._prefix + table.name
                items = get_batch(self._client, name, list(keys.values()), effects=effects)
                return batch, {key_of(table, item): item for item in items}

            for batch, items in ahead(pool, fetched, batches, self._threads + 1):
                for identity, expected in batch:
                    self._compare(route, identity, expected, items.get(key_of(table, expected)))
                kept = sum(is_kept(route, expected) for _, expected in batch)
                self._kept += kept
                self._compared[table.name] += len(batch) - kept
                self._progress(table.name, self._compared[table.name])

    def _rows(self, connection: Connection[Any], route: Route, log: KeyLog) -> Iterator[Pair]:
        for one in self._read(connection, route):
            if isinstance(one, Refused):
                self._tell("refused", one)
            else:
                identity, item = one
                for expected in with_guards(route, item):
                    log.add(route, identity, expected)
                    yield identity, expected

    def _compare(self, route: Route, identity: Cells, expected: Item, found: Item | None) -> None:
        if found is not None and expected == found:
            return
        place = key_of(route.table, expected)
        secret = secret_attributes(route.definition, place)
        key = key_text(route.table, place, secret=secret)
        if found is None:
            row = row_text(route.definition, identity)
            self._tell("missing", Missing(route.table.name, key, row))
            return
        for name, wanted, held in different(expected, found):
            hidden = name in secret
            texts = (shown(wanted, secret=hidden), shown(held, secret=hidden))
            self._tell("different", Different(route.table.name, key, name, *texts))

    def _tell(self, count: str, finding: Finding) -> None:
        self._counts[count] += 1
        self._report(finding)


def _hidden(routes: list[Route], key: Key) -> str:
    """A key for messages, without what any entity of the table keeps secret."""
    secret = frozenset(name for one in routes for name in secret_attributes(one.definition, key))
    return key_text(routes[0].table, key, secret=secret)


def _left(found: Iterator[tuple[Any, ...]], seen: Iterator[tuple[Any, ...]]) -> Iterator[Any]:
    """The entries of `found` whose key is none of `seen`; both are sorted by key."""
    other = next(seen, None)
    for entry in found:
        while other is not None and other[0] < entry[0]:
            other = next(seen, None)
        if other is None or other[0] != entry[0]:
            yield entry
