"""The proxy in front of a real MySQL: what plain PyMySQL meets, and what the server has done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

import pymysql
import pytest

from dalkit.testing.faults.mysql_faults import possible
from dalkit.testing.faults.mysql_proxy import MySQLProxy
from dalkit.testing.faults.plan import Plan
from dalkit.testing.services import MySQLServer

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

DONE = {"reset-after", "hold-after", "late", "truncated", "garbage", "commit-lost"}
MAYBE = {"kill-during"}
CODES = {
    "deadlock": 1213,
    "lock-wait": 1205,
    "read-only": 1290,
    "shutdown": 1053,
    "too-many": 1040,
}


@pytest.fixture
def table(mysql_connection: Connection[Cursor]) -> Connection[Cursor]:
    """A connection without a proxy, to a database with an empty table `t`."""
    with mysql_connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB")
    return mysql_connection


@pytest.fixture
def proxied(
    mysql_server: MySQLServer, mysql_connect: Callable[[str], Connection[Cursor]]
) -> Iterator[Callable[[Plan], MySQLProxy]]:
    """A function from a plan to a proxy that can also kill."""
    opened: list[MySQLProxy] = []
    with closing(mysql_connect("mysql")) as admin:

        def kill(thread: int) -> None:
            with admin.cursor() as cursor, suppress(pymysql.MySQLError):
                cursor.execute("KILL %s", (thread,))

        def proxy(plan: Plan) -> MySQLProxy:
            opened.append(MySQLProxy(mysql_server.host, mysql_server.port, plan, kill=kill))
            return opened[-1]

        yield proxy
        for one in opened:
            one.close()


def _connect(server: MySQLServer, proxy: MySQLProxy, database: str, **more: Any) -> Any:
    return pymysql.connect(
        host=proxy.host,
        port=proxy.port,
        user=server.user,
        password=server.password,
        database=database,
        read_timeout=0.5,
        **more,
    )


def _count(table: Connection[Cursor]) -> int:
    with table.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM t")
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _next(proxy: MySQLProxy, name: str) -> None:
    proxy.plan = Plan(at={proxy.seen["commands"]: name})


@pytest.mark.parametrize("name", sorted(possible("INSERT")))
def test_a_statement_is_done_as_the_fault_says(
    name: str,
    table: Connection[Cursor],
    dalkit_database: str,
    mysql_server: MySQLServer,
    proxied: Callable[[Plan], MySQLProxy],
) -> None:
    """An insert by itself fails at the client; the row is there if the list of faults says so."""
    proxy = proxied(Plan())
    with closing(_connect(mysql_server, proxy, dalkit_database, autocommit=True)) as client:
        _next(proxy, name)
        with suppress(pymysql.MySQLError), client.cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (1)")
            assert name in MAYBE
    proxy.close()

    assert proxy.injected.counts() == {name: 1}
    assert name in MAYBE or _count(table) == (name in DONE)


@pytest.mark.parametrize("name", sorted(possible("COMMIT")))
def test_a_commit_is_done_as_the_fault_says(
    name: str,
    table: Connection[Cursor],
    dalkit_database: str,
    mysql_server: MySQLServer,
    proxied: Callable[[Plan], MySQLProxy],
) -> None:
    """Between COMMIT and its OK the client cannot know; the server does."""
    proxy = proxied(Plan())
    with closing(_connect(mysql_server, proxy, dalkit_database)) as client:
        with client.cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (1)")
        _next(proxy, name)
        with suppress(pymysql.MySQLError):
            client.commit()
            assert name in MAYBE
    proxy.close()

    assert name in MAYBE or _count(table) == (name in DONE)


@pytest.mark.parametrize("name", ["deadlock", "lock-wait", "read-only", "shutdown"])
def test_an_error_is_said_as_the_server_does(
    name: str,
    table: Connection[Cursor],
    dalkit_database: str,
    mysql_server: MySQLServer,
    proxied: Callable[[Plan], MySQLProxy],
) -> None:
    """A deadlock undoes the whole transaction; a lock wait only its statement."""
    proxy = proxied(Plan())
    with closing(_connect(mysql_server, proxy, dalkit_database)) as client:
        with client.cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (1)")
            _next(proxy, name)
            with pytest.raises(pymysql.MySQLError) as caught:
                cursor.execute("INSERT INTO t VALUES (2)")
        if name != "shutdown":
            client.commit()

    assert caught.value.args[0] == CODES[name]
    assert _count(table) == (name in ("lock-wait", "read-only"))


@pytest.mark.parametrize("name", sorted(possible("CONNECT")))
def test_a_connection_is_refused(
    name: str,
    dalkit_database: str,
    mysql_server: MySQLServer,
    proxied: Callable[[Plan], MySQLProxy],
) -> None:
    """The first connection fails, the second one works."""
    proxy = proxied(Plan(at={0: name}))
    with pytest.raises(pymysql.MySQLError) as caught:
        _connect(mysql_server, proxy, dalkit_database)
    with closing(_connect(mysql_server, proxy, dalkit_database)) as client:
        client.ping(reconnect=False)

    assert caught.value.args[0] == CODES.get(name, 2013)
    assert proxy.accepted == 2
    assert proxy.seen["PING"] == 1


def test_a_killed_connection_undoes_its_transaction(
    table: Connection[Cursor],
    dalkit_database: str,
    mysql_server: MySQLServer,
    proxied: Callable[[Plan], MySQLProxy],
) -> None:
    """The server itself ends the connection."""
    proxy = proxied(Plan())
    with closing(_connect(mysql_server, proxy, dalkit_database)) as client:
        with client.cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (1)")
        _next(proxy, "kill-before")
        with pytest.raises(pymysql.MySQLError):
            client.commit()

    assert _count(table) == 0
    assert proxy.injected.counts() == {"kill-before": 1}


def test_a_calm_proxy_changes_nothing(
    table: Connection[Cursor],
    dalkit_database: str,
    mysql_server: MySQLServer,
    proxied: Callable[[Plan], MySQLProxy],
) -> None:
    """Large statements and large answers pass, and connections end with their clients."""
    proxy = proxied(Plan())
    text = "ä" * 2_000_000
    with closing(_connect(mysql_server, proxy, dalkit_database, charset="utf8mb4")) as client:
        with client.cursor() as cursor:
            cursor.execute("SELECT %s", (text,))
            assert cursor.fetchone() == (text,)
        assert proxy.quiet(0.0) == 1
    assert proxy.quiet() == 0
    assert proxy.injected.counts() == {}
