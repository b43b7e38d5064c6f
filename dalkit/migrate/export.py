"""Export: every table as a file of DynamoDB JSON lines, from one snapshot of MySQL.

A line is `{"Item": {…}}`, as ImportTable and bulk puts read it. A file bears its name only when
all files are complete.
"""

from __future__ import annotations

import gzip as gz
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from io import BufferedWriter
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, final

from attrs import frozen

from dalkit.convert import Refused as Unconverted
from dalkit.migrate.collisions import by_table, collisions_among, key_hash
from dalkit.migrate.findings import Collision, Finding, Refused
from dalkit.migrate.kept import counters_in, line_of
from dalkit.migrate.route import Route, encoded
from dalkit.migrate.sieve import Sieve
from dalkit.result import Failure, Result, Success
from dalkit.run.batches import Item
from dalkit.run.broken import StoreError
from dalkit.run.mysql import Cells, snapshot

if TYPE_CHECKING:
    from pymysql.connections import Connection

    from dalkit.run.config import Connect

__all__ = ["Exported", "export"]

_BUFFER = 1 << 18
Report = Callable[[Finding], object]
Progress = Callable[[str, int], object]


@final
@frozen(kw_only=True)
class Exported:
    """The files written, none if keys collide; `items` by table."""

    files: tuple[Path, ...]
    items: Mapping[str, int]
    kept: int
    """Guards of unique values and counters of ids that are written beside."""
    refused: int
    collisions: int


def export(
    connect: Connect,
    routes: Iterable[Route],
    folder: Path,
    *,
    gzip: bool = False,
    report: Report = lambda _: None,
    progress: Progress = lambda *_: None,
) -> Result[Exported]:
    """Write `folder/<table>.jsonl` (`.jsonl.gz` with `gzip`) for each table of the routes.

    Rows that are refused are reported and left out. Rows that share a key are reported, and then
    no file is written at all. Raises OSError when a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    run = _Export(folder, gzip, report, progress)
    try:
        with snapshot(connect) as connection, ExitStack() as files:
            run.write(connection, by_table(routes), files)
            written = run.publish()
    except StoreError as failed:
        return Failure(failed.error)
    return Success(
        Exported(
            files=written,
            items=run.items,
            kept=run.kept,
            refused=run.refused,
            collisions=run.collisions,
        )
    )


@final
class _Export:
    def __init__(self, folder: Path, gzip: bool, report: Report, progress: Progress) -> None:
        self.items: dict[str, int] = {}
        self.kept = 0
        self.refused = 0
        self.collisions = 0
        self._folder = folder
        self._suffix = ".jsonl.gz" if gzip else ".jsonl"
        self._report = report
        self._progress = progress
        self._files: list[_Draft] = []

    def write(
        self, connection: Connection[Any], tables: Mapping[str, list[Route]], files: ExitStack
    ) -> None:
        for table, routes in tables.items():
            draft = _Draft(self._folder / f"{table}{self._suffix}")
            files.enter_context(draft)
            self._files.append(draft)
            self.items[table] = 0
            with Sieve() as sieve:
                proven = all(route.proven for route in routes)
                for route in routes:
                    self._write_route(connection, route, draft, None if proven else sieve)
                for collision in () if proven else collisions_among(connection, routes, sieve):
                    self._collide(collision)
            for counter in counters_in(connection, routes):
                self._write_kept(draft, (counter.item,))

    def publish(self) -> tuple[Path, ...]:
        """Give the files their names, unless keys collide."""
        if self.collisions:
            return ()
        for draft in self._files:
            draft.finish()
        return tuple(draft.publish() for draft in self._files)

    def _write_route(
        self, connection: Connection[Any], route: Route, draft: _Draft, sieve: Sieve | None
    ) -> None:
        table, write = route.table.name, draft.file.write
        count = self.items[table]
        for one in _lines(connection, route, sieve):
            if isinstance(one, Refused):
                self.refused += 1
                self._report(one)
                continue
            line, guards = one
            write(line)
            write(b"\n")
            if guards:
                self._write_kept(draft, guards)
            count += 1
            if count % 500 == 0:
                self._progress(table, count)
        self.items[table] = count
        self._progress(table, count)

    def _write_kept(self, draft: _Draft, items: Iterable[Item]) -> None:
        for item in items:
            draft.file.write(line_of(item) + b"\n")
            self.kept += 1

    def _collide(self, collision: Collision) -> None:
        self.collisions += 1
        self._report(collision)


def _lines(
    connection: Connection[Any], route: Route, sieve: Sieve | None
) -> Iterator[tuple[bytes, tuple[Item, ...]] | Refused]:
    """Every row as its line, and its guards, or as refused; the sieve, if any, is told every key.

    Without unique fields and with proven keys no item is made beside the line.
    """
    transcoder = route.transcoder

    def both(row: Cells) -> tuple[Item, bytes] | Unconverted:
        item, line = transcoder.item(row), transcoder.line(row)
        if isinstance(item, Unconverted):
            return item
        return line if isinstance(line, Unconverted) else (item, line)

    if sieve is None and not route.definition.unique:
        for one in encoded(connection, route, transcoder.line):
            yield one if isinstance(one, Refused) else (one[1], ())
        return
    for pair in encoded(connection, route, both):
        if isinstance(pair, Refused):
            yield pair
            continue
        _, (item, line) = pair
        guards = route.guards(item)
        if sieve is not None:
            for made in (item, *guards):
                sieve.add(key_hash(route.table, made))
        yield line, guards


@final
class _Draft:
    """A file under a temporary name beside its own, removed unless it is published."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.partial")
        self._raw = self._partial.open("wb", buffering=_BUFFER)
        self.file: IO[bytes] = self._raw
        if path.name.endswith(".gz"):
            packed: Any = gz.GzipFile(
                filename="", mode="wb", compresslevel=6, fileobj=self._raw, mtime=0
            )
            self.file = BufferedWriter(packed, _BUFFER)

    def __enter__(self) -> _Draft:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError, ValueError):
            self.file.close()
        with suppress(OSError):
            self._raw.close()
        self._partial.unlink(missing_ok=True)

    def finish(self) -> None:
        """Bring every byte to the disk."""
        if self.file is not self._raw:
            self.file.close()
        self._raw.flush()
        os.fsync(self._raw.fileno())
        self._raw.close()

    def publish(self) -> Path:
        """Give the file its name."""
        self._partial.replace(self._path)
        return self._path
