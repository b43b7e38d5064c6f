"""Temporary files that hold what memory must not: rows in order, and entries to be sorted.

Both are made of cells as the driver gives them (text, bytes, None), so that `marshal` writes and
reads them at the speed of a copy; the files are unnamed, and gone with the process.
"""

from __future__ import annotations

import heapq
import marshal
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any, TypeAlias, final

from attrs import frozen

__all__ = ["Entry", "GroupSpool", "Place", "Shelf", "SortSpool", "TooLarge", "grouped", "spooled"]

Entry: TypeAlias = tuple[Any, ...]
Place: TypeAlias = tuple[int, int]
"""Where bytes begin in a file, and how many they are."""

MOST_ROWS = 70_000
"""Rows kept of one group: so many make any item larger than DynamoDB holds, whatever is in them."""
MOST_BYTES = 16_000_000
"""Bytes kept of one group."""
_BATCH_BYTES = 250_000
_BLOCK = 64
_RUNS = 64


@final
@frozen
class TooLarge:
    """Stands for the rows of a group that has more bytes than are kept."""

    size: int


Group: TypeAlias = tuple[Entry, tuple[Entry, ...] | TooLarge]
_Weighed: TypeAlias = tuple[Entry, tuple[Entry, ...], int]
"""A group with how many bytes its rows have, those included that are not kept."""


@final
class Shelf:
    """Values on disk, each read back by its place."""

    def __init__(self) -> None:
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._end = 0

    def put(self, value: Any) -> Place:
        """Write a value; answer its place."""
        return self.put_bytes(marshal.dumps(value))

    def put_bytes(self, data: bytes) -> Place:
        """Write bytes; answer their place."""
        self._file.seek(self._end)
        self._file.write(data)
        place = (self._end, len(data))
        self._end += len(data)
        return place

    def get(self, place: Place) -> Any:
        """The value at a place."""
        # marshal.load is twelve times as slow: it calls the file for every few bytes
        return marshal.loads(self.get_bytes(place))

    def get_bytes(self, place: Place) -> bytes:
        """The bytes at a place."""
        start, size = place
        self._file.seek(start)
        return self._file.read(size)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()


@final
class GroupSpool:
    """Groups of rows, written once in order and read once in the same order."""

    def __init__(self, rows: Iterable[Entry], width: int, limit: int | None) -> None:
        self._shelf = Shelf()
        try:
            batches = _batches(_weighed(rows, width, limit))
            self._places = [self._shelf.put(batch) for batch in batches]
        except BaseException:
            self._shelf.close()
            raise
        self._groups = self._read()
        self._next = next(self._groups, None)
        self._held: Group = ((), ())

    def take(self, identity: Entry) -> tuple[Entry, ...] | TooLarge:
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
        self._shelf.close()

    def _read(self) -> Iterator[Group]:
        for place in self._places:
            yield from map(_group, self._shelf.get(place))


@final
class SortSpool:
    """Entries in any number and order, read back sorted; at most `held` of them are in memory.

    Runs of one length are merged into one when they are many, so that few are ever read at once.
    """

    def __init__(self, *, held: int = 20_000) -> None:
        self._held = held
        self._entries: list[Entry] = []
        self._levels: list[list[list[Place]]] = [[]]
        self._shelf = Shelf()

    def __enter__(self) -> SortSpool:
        return self

    def __exit__(self, *_: object) -> None:
        self._shelf.close()

    def add(self, entry: Entry) -> None:
        """Take one entry."""
        self._entries.append(entry)
        if len(self._entries) >= self._held:
            self._entries.sort()
            self._keep(self._entries, 0)
            self._entries = []

    def in_order(self) -> Iterator[Entry]:
        """All entries, sorted; equal ones stay."""
        self._entries.sort()
        runs = (self._read(run) for level in self._levels for run in level)
        return heapq.merge(self._entries, *runs)

    def _keep(self, entries: Iterable[Entry], level: int) -> None:
        if level == len(self._levels):
            self._levels.append([])
        runs = self._levels[level]
        runs.append([self._shelf.put(block) for block in _blocks(entries)])
        if len(runs) == _RUNS:
            self._levels[level] = []
            self._keep(heapq.merge(*map(self._read, runs)), level + 1)

    def _read(self, places: list[Place]) -> Iterator[Entry]:
        for place in places:
            yield from self._shelf.get(place)


def grouped(rows: Iterable[Entry], width: int, limit: int | None) -> Iterator[Group]:
    """Consecutive rows of the same first `width` cells as groups of what follows these cells."""
    return map(_group, _weighed(rows, width, limit))


def spooled(rows: Iterable[Entry], width: int, limit: int | None) -> closing[GroupSpool]:
    """The rows as a spool of groups, closed after the block."""
    return closing(GroupSpool(rows, width, limit))


def _group(weighed: _Weighed) -> Group:
    identity, members, size = weighed
    return identity, members if size <= MOST_BYTES else TooLarge(size)


def _weighed(rows: Iterable[Entry], width: int, limit: int | None) -> Iterator[_Weighed]:
    most = MOST_ROWS if limit is None else min(limit, MOST_ROWS)
    identity: Entry | None = None
    members: list[Entry] = []
    size = 0
    for row in rows:
        if row[:width] != identity:
            if identity is not None:
                yield identity, tuple(members), size
            identity, members, size = row[:width], [], 0
        if len(members) < most:
            member = row[width:]
            size += len(marshal.dumps(member))
            if size <= MOST_BYTES:
                members.append(member)
            else:
                members.clear()
    if identity is not None:
        yield identity, tuple(members), size


def _batches(groups: Iterable[_Weighed]) -> Iterator[list[_Weighed]]:
    batch: list[_Weighed] = []
    size = 0
    for group in groups:
        batch.append(group)
        size += 50 + group[2]
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _blocks(entries: Iterable[Entry]) -> Iterator[tuple[Entry, ...]]:
    left = iter(entries)
    while block := tuple(islice(left, _BLOCK)):
        yield block
