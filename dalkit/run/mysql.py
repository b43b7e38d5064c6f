"""MySQL at the edge: one snapshot, rows streamed as text cells; the driver is seen here alone."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias, final

import pymysql
from pymysql.cursors import SSCursor

from dalkit.contract.problems import Problem
from dalkit.run.broken import StoreError
from dalkit.run.mysql_faults import error_of
from dalkit.run.sessions import refuse_cuts
from dalkit.source.live import inquiries, read_live
from dalkit.source.tables import Source

if TYPE_CHECKING:
    from pymysql.connections import Connection

    from dalkit.run.config import Connect

__all__ = ["Cells", "error_of", "estimated_rows", "live_source", "rows", "snapshot", "stream"]

Cells: TypeAlias = tuple[Any, ...]


@contextmanager
def snapshot(connect: Connect) -> Generator[Connection[Any]]:
    """A connection inside one consistent read-only snapshot, closed after the block.

    Raises StoreError when there is none to be had.
    """
    with _failing():
        connection = connect()
    try:
        rows(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        yield connection
    finally:
        with suppress(Exception):
            connection.close()


def rows(
    connection: Connection[Any], sql: str, parameters: tuple[str, ...] = ()
) -> tuple[Cells, ...]:
    """All rows of a small answer."""
    with _failing(), connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return tuple(cursor.fetchall())


def live_source(connection: Connection[Any]) -> tuple[Source, tuple[Problem, ...]]:
    """The tables of the connection's own database, and what is wrong with them."""
    ((database,),) = rows(connection, "SELECT DATABASE()")
    return read_live(*(rows(connection, *asked) for asked in inquiries(database)))


def estimated_rows(connection: Connection[Any]) -> Mapping[str, int]:
    """About how many rows each table of the connection's database has, as the server guesses."""
    asked = (
        "SELECT TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES "
        "WHERE TABLE_SCHEMA = DATABASE() AND TABLE_ROWS IS NOT NULL"
    )
    return {name: int(count) for name, count in rows(connection, asked)}


def stream(connection: Connection[Any], sql: str) -> Iterator[Cells]:
    """The rows one by one, never held together; nothing else can be asked before the last one.

    A warning that the server cut a value short fails as an error would.
    """
    with _failing():
        cursor = _Stream(connection)
        done = False
        try:
            cursor.execute(sql)
            yield from iter(cursor.read_next, None)
            cursor.fetchone()  # which takes over the count of warnings, at the end
            done = True
        finally:
            if not done:
                cursor.abandon()
        if cursor.warning_count:
            with connection.cursor() as looking:
                refuse_cuts(looking)


@final
class _Stream(SSCursor):
    """An unbuffered cursor that can be left in the middle, together with its connection."""

    def abandon(self) -> None:
        """Close the connection: the driver would else read every row that is left."""
        cursor: Any = self
        if cursor._result is not None:
            cursor._result.unbuffered_active = False
        if cursor.connection is not None:
            with suppress(Exception):
                cursor.connection.close()
        cursor.connection = None


@contextmanager
def _failing() -> Generator[None]:
    try:
        yield
    except (pymysql.err.MySQLError, OSError) as error:
        raise StoreError(error_of(error)) from None
