"""Rows come as a stream from one snapshot, and whatever breaks is one of the family."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pymysql
import pytest
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from dalkit.result import (
    AccessDenied,
    Conflict,
    MissingTable,
    Success,
    Unavailable,
    Unsupported,
)
from dalkit.run.broken import StoreError
from dalkit.run.config import Connect, MysqlAddress, mysql_connect
from dalkit.run.mysql import error_of, rows, snapshot, stream
from dalkit.testing.services import MySQLServer

HUNDRED = (
    "WITH RECURSIVE numbers AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < 100)"
)
ENDLESS = f"{HUNDRED} SELECT 1 FROM numbers a, numbers b, numbers c, numbers d"


@pytest.fixture
def connect(mysql_server: MySQLServer, dalkit_database: str) -> Connect:
    """A source of connections as dalkit opens them."""
    made = mysql_connect(
        MysqlAddress(
            user=mysql_server.user,
            password=mysql_server.password,
            host=mysql_server.host,
            port=mysql_server.port,
            database=dalkit_database,
        )
    )
    assert isinstance(made, Success)
    return made.unwrap()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (pymysql.err.OperationalError(2013, "Lost connection"), Unavailable),
        (pymysql.err.OperationalError(2003, "Can't connect"), Unavailable),
        (pymysql.err.OperationalError(1040, "Too many connections"), Unavailable),
        (pymysql.err.InterfaceError(0, ""), Unavailable),
        (pymysql.err.OperationalError(1317, "interrupted"), Unavailable),
        (pymysql.err.OperationalError(1045, "Access denied"), AccessDenied),
        (pymysql.err.OperationalError(1213, "Deadlock"), Conflict),
        (pymysql.err.OperationalError(1412, "Table definition has changed"), Conflict),
        (pymysql.err.ProgrammingError(1146, "Table 'd.t' doesn't exist"), MissingTable),
        (pymysql.err.ProgrammingError(1064, "You have an error"), Unsupported),
        (pymysql.err.OperationalError(1242, "Subquery returns more than 1 row"), Unsupported),
        (ConnectionResetError(104, "reset"), Unavailable),
    ],
)
def test_each_number_has_its_error(error: Exception, kind: type) -> None:
    """The number decides, not the driver's class."""
    assert isinstance(error_of(error), kind)


def test_a_snapshot_stays_as_it_was(connect: Connect, mysql_connection: Connection[Cursor]) -> None:
    """Rows written after the snapshot began are not in it, and it cannot write."""
    with mysql_connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (a INT PRIMARY KEY)")
        cursor.execute("INSERT INTO t VALUES (1)")
        with snapshot(connect) as connection:
            cursor.execute("INSERT INTO t VALUES (2)")
            seen = list(stream(connection, "SELECT a FROM t"))
            with pytest.raises(StoreError, match="READ ONLY"):
                rows(connection, "DELETE FROM t")

    assert seen == [("1",)]


def test_errors_of_the_block_are_its_own(connect: Connect) -> None:
    """A full disk under an export is not taken for a store that went away."""

    def fill() -> None:
        with snapshot(connect):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fill()


def test_a_stream_can_be_left_in_the_middle(connect: Connect) -> None:
    """The rest of a long answer is not read, and nothing is said about it."""
    with snapshot(connect) as connection:
        answers = stream(connection, ENDLESS)
        assert next(answers) == ("1",)


def test_a_connection_killed_in_the_middle_is_unavailable(
    connect: Connect, mysql_connect: Callable[[str], Connection[Cursor]], dalkit_database: str
) -> None:
    """A stream that breaks off raises; it never looks like its end."""
    read: list[object] = []

    def read_all() -> None:
        with mysql_connect(dalkit_database) as other, snapshot(connect) as connection:
            ((own,),) = rows(connection, "SELECT CONNECTION_ID()")
            for row in stream(connection, ENDLESS):
                read.append(row)
                if len(read) == 1000:
                    with other.cursor() as cursor:
                        cursor.execute(f"KILL {own}")

    with pytest.raises(StoreError) as caught:
        read_all()

    assert isinstance(caught.value.error, Unavailable)
    assert len(read) < 100_000_000


def test_a_value_cut_short_is_an_error(connect: Connect) -> None:
    """GROUP_CONCAT cuts with a warning only; an answer that was cut is no answer."""
    with snapshot(connect) as connection:
        rows(connection, "SET group_concat_max_len = 4")
        with pytest.raises(StoreError, match="1260"):
            list(stream(connection, f"{HUNDRED} SELECT GROUP_CONCAT(n) FROM numbers"))


def test_a_server_that_is_not_there_is_unavailable() -> None:
    """No traceback of the driver, but one line."""
    made = mysql_connect("mysql://u:geheim@127.0.0.1:1/d").unwrap()
    with pytest.raises(StoreError, match="2003") as caught, snapshot(made):
        pass

    assert "geheim" not in str(caught.value)


def test_streams_share_nothing(connect: Connect) -> None:
    """Each snapshot has a connection of its own, so that threads never share one."""
    totals: list[int] = []

    def count() -> None:
        with snapshot(connect) as connection:
            totals.append(
                sum(int(a) for (a,) in stream(connection, f"{HUNDRED} SELECT n FROM numbers"))
            )

    threads: list[Any] = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert totals == [5050] * 4
