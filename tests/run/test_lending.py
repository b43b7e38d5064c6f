"""Sources of connections that are not dalkit's own: each gets dalkit's session, once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pymysql
import pytest
import sqlalchemy
from sqlalchemy.pool import QueuePool

from dalkit import count, get, put, read_contract, read_ddl, resolve
from dalkit.records.made import records_module
from dalkit.result import Success
from dalkit.run.on_mysql import MySQL, mysql
from dalkit.testing.services import MySQLServer

DDL = """
CREATE TABLE moments (
  id INT NOT NULL PRIMARY KEY,
  said VARCHAR(20) CHARACTER SET utf8mb4 NOT NULL,
  price DECIMAL(6, 2) NOT NULL,
  at TIMESTAMP NOT NULL
) ENGINE=InnoDB
"""
CONTRACT = """
[{"table": "Moments", "type": "single-entity", "source_table": "moments", "pk": "PK",
  "dalkit": {"class": "Moment", "handle": "moments"},
  "attributes": [
    {"name": "PK", "type": "S", "source_table": "moments", "source_column": "id"},
    {"name": "id", "type": "N", "source_table": "moments", "source_column": "id"},
    {"name": "said", "type": "S", "source_table": "moments", "source_column": "said"},
    {"name": "price", "type": "N", "source_table": "moments", "source_column": "price"},
    {"name": "at", "type": "S", "source_table": "moments", "source_column": "at"}]}]
"""


@pytest.fixture(scope="module")
def records() -> Any:
    """The records module of the moments."""
    contract, _ = read_contract(CONTRACT)
    source, _ = read_ddl(DDL)
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return records_module(schema)


@pytest.fixture
def plain(
    mysql_server: MySQLServer, mysql_connect: Callable[[str], Any], dalkit_database: str
) -> Callable[[], Any]:
    """Opens connections as PyMySQL does by itself, in a time zone of their own."""
    with closing(mysql_connect(dalkit_database)) as connection, connection.cursor() as cursor:
        cursor.execute(DDL)

    def connect() -> Any:
        driver: Any = pymysql
        return driver.connect(
            host=mysql_server.host,
            port=mysql_server.port,
            user=mysql_server.user,
            password=mysql_server.password,
            database=dalkit_database,
            charset="latin1",
            sql_mode="",
            init_command="SET time_zone = '-05:00'",
        )

    return connect


def _opened(kind: str, connect: Callable[[], Any]) -> MySQL:
    if kind == "pooled by dalkit":
        return mysql(connect, pool=3)
    if kind == "a connection for each query":
        return mysql(connect, pool=None)
    if kind == "a context manager":

        @contextmanager
        def given() -> Iterator[Any]:
            with closing(connect()) as connection:
                yield connection

        return mysql(given, pool=None)
    engine = sqlalchemy.create_engine(
        "mysql+pymysql://",
        creator=connect,
        poolclass=QueuePool,
        pool_size=3,
        max_overflow=0,
        pool_pre_ping=True,
    )
    return mysql(engine.raw_connection, pool=None)


KINDS = ("pooled by dalkit", "a connection for each query", "a context manager", "SQLAlchemy")


@pytest.mark.parametrize("kind", KINDS)
def test_values_cross_exactly(records: Any, plain: Callable[[], Any], kind: str) -> None:
    """In UTC, with their digits, in any alphabet: whatever the source's own sessions are."""
    moment = records.Moment(
        id=1, said="é 😀", price=Decimal("1.50"), at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    )
    with _opened(kind, plain) as db:
        assert db.run(put(records.moments, moment)) == Success(moment)
        assert db.run(get(records.moments, records.MomentKey(1))) == Success(moment)


@pytest.mark.parametrize("kind", KINDS)
def test_threads_share_a_source(records: Any, plain: Callable[[], Any], kind: str) -> None:
    """Each has a connection of its own, also after all of them were killed."""
    m = records.moments
    answers: list[Any] = []

    def work(first: int) -> None:
        for number in range(first, first + 5):
            moment = records.Moment(
                id=number,
                said=str(number),
                price=Decimal(number),
                at=datetime(2026, 1, 2, tzinfo=UTC),
            )
            answers.append(db.run(put(m, moment)).unwrap().said == str(number))

    with _opened(kind, plain) as db:
        for turn in range(2):
            threads = [
                threading.Thread(target=work, args=(start,))
                for start in range(turn * 100, turn * 100 + 40, 10)
            ]
            for one in threads:
                one.start()
            for one in threads:
                one.join()
            _kill_all(plain)
        assert db.run(count(m).allow_scan()) == Success(40)

    assert answers == [True] * 40


def _kill_all(plain: Callable[[], Any]) -> None:
    with closing(plain()) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM information_schema.PROCESSLIST "
            "WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        )
        for (thread,) in cursor.fetchall():
            try:
                cursor.execute("KILL %s", (thread,))
            except pymysql.MySQLError:
                continue


def test_a_connection_is_prepared_once(plain: Callable[[], Any], records: Any) -> None:
    """Not before every query."""
    said: list[str] = []

    class Told(pymysql.cursors.Cursor):
        def execute(self, query: str, args: Any = None) -> int:
            said.append(query)
            return int(super().execute(query, args))

    def connect() -> Any:
        connection = plain()
        connection.cursorclass = Told
        return connection

    with mysql(connect, pool=1) as db:
        for _ in range(3):
            db.run(get(records.moments, records.MomentKey(1)))

    assert sum("time_zone" in one for one in said) == 1
    assert sum("FROM `moments`" in one for one in said) == 3
