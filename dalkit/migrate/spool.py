"""Temporary files that hold what memory must not: rows in order, and entries to be sorted.

Both are made of cells as the driver gives them (text, bytes, None), so that `marshal` writes and
reads them at the speed of a copy; the files are unnamed, and gone with the process.
"""

from __future__ import annotations

import heapq
import marshal
from collections.abc import Iterable, Iterator
from contextlib import closing
from tempfile import TemporaryFile
from typing import IO, Any, TypeAlias, final

__all__ = ["Entry", "GroupSpool", "SortSpool", "grouped", "spooled"]

Entry: TypeAlias = tuple[Any, ...]
Group: TypeAlias = tuple[Entry, tuple[Entry, ...]]

MOST_ROWS = 70_000
"""Rows kept of one group: so many make any item larger than DynamoDB holds, whatever is in them."""
_BATCH_ROWS = 4_000


@final
class GroupSpool:
    """Groups of rows, written once in order and read once in the same order."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self._file = _unnamed_file()
        try:
            for batch in _batches(groups):
                marshal.dump(batch, self._file)
            marshal.dump([], self._file)
            self._file.seek(0)
        except BaseException:
            self._file.close()
            raise
        self._groups = self._read()
        self._next = next(self._groups, None)
        self._held: Group = ((), ())

    def take(self, identity: Entry) -> tuple[Entry, ...]:
        """The rows of the group, if it is the next one, or the one taken last."""
        if self._next is not None and self._next[0] == identity:
            self._held = self._next
            self._next = next(self._groups, None)
        return self._held[1] if self._held[0] == identity else ()

    @property
    def left(self) -> Entry | None:
        """The identity of the next group, None when all are taken."""
        return None if self._next is None else self._next[0]

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def _read(self) -> Iterator[Group]:
        while batch := marshal.load(self._file):
            yield from batch


@final
class SortSpool:
    """Entries in any number and order, read back sorted; at most `held` of them are in memory."""

    def __init__(self, *, held: int = 20_000) -> None:
        self._held = held
        self._entries: list[Entry] = []
        self._runs: list[list[int]] = []
        self._file = _unnamed_file()

    def __enter__(self) -> SortSpool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, entry: Entry) -> None:
        """Take one entry."""
        self._entries.append(entry)
        if len(self._entries) >= self._held:
            self._write_run()

    def in_order(self) -> Iterator[Entry]:
        """All entries, sorted; equal ones stay."""
        self._entries.sort()
        return heapq.merge(self._entries, *(self._read(run) for run in self._runs))

    def _write_run(self) -> None:
        self._entries.sort()
        places = []
        for start in range(0, len(self._entries), 100):
            places.append(self._file.tell())
            marshal.dump(self._entries[start : start + 100], self._file)
        self._runs.append(places)
        self._entries = []

    def _read(self, places: list[int]) -> Iterator[Entry]:
        for place in places:
            self._file.seek(place)
            yield from marshal.load(self._file)


def grouped(rows: Iterable[Entry], width: int, limit: int | None) -> Iterator[Group]:
    """Consecutive rows of the same first `width` cells as groups of what follows these cells."""
    most = MOST_ROWS if limit is None else min(limit, MOST_ROWS)
    identity: Entry | None = None
    members: list[Entry] = []
    for row in rows:
        if row[:width] != identity:
            if identity is not None:
                yield identity, tuple(members)
            identity, members = row[:width], []
        if len(members) < most:
            members.append(row[width:])
    if identity is not None:
        yield identity, tuple(members)


def _batches(groups: Iterable[Group]) -> Iterator[list[Group]]:
    batch: list[Group] = []
    size = 0
    for group in groups:
        batch.append(group)
        size += 1 + len(group[1])
        if size >= _BATCH_ROWS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def spooled(rows: Iterable[Entry], width: int, limit: int | None) -> closing[GroupSpool]:
    """The rows as a spool of groups, closed after the block."""
    return closing(GroupSpool(grouped(rows, width, limit)))


def _unnamed_file() -> IO[bytes]:
    return TemporaryFile(buffering=1 << 18)
