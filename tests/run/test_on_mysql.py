"""Queries on a real MySQL: one connection for each attempt, whole transactions or nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymysql
import pytest

from dalkit import delete, get, insert, put, read_contract, read_ddl, resolve, transact, update
from dalkit.records.made import records_module
from dalkit.result import (
    CircuitOpen,
    Conflict,
    DeadlineExceeded,
    InvalidValue,
    NotFound,
    Success,
    TransactionCancelled,
    Unavailable,
)
from dalkit.run.config import Connect, MysqlAddress, mysql_connect
from dalkit.run.on_mysql import MySQL, mysql
from dalkit.run.retry import Backoff
from dalkit.testing.services import MySQLServer

STORE = Path(__file__).parents[2] / "contracts" / "online_store"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def store() -> Any:
    """The records module of the online store."""
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return records_module(schema)


@pytest.fixture
def connect(mysql_server: MySQLServer, dalkit_database: str) -> Connect:
    """Opens connections to a fresh database with the online store's tables."""
    address = MysqlAddress(
        user=mysql_server.user,
        password=mysql_server.password,
        host=mysql_server.host,
        port=mysql_server.port,
        database=dalkit_database,
    )
    made: Connect = mysql_connect(address).unwrap()
    with made() as connection, connection.cursor() as cursor:
        for one in (STORE / "schema.sql").read_text().split(";\n"):
            if one.strip():
                cursor.execute(one)
    return made


@pytest.fixture
def db(connect: Connect) -> Iterator[MySQL]:
    """The backend, closed after the test."""
    with mysql(connect) as backend:
        yield backend


@pytest.fixture
def category(store: Any) -> Callable[..., Any]:
    """A category by id."""

    def made(category_id: int, **given: Any) -> Any:
        plain = {
            "name": f"c{category_id}",
            "parent_id": None,
            "parent_name": "",
            "children_count": 0,
            "product_count": 0,
            "created_at": NOON,
            "parent_key": "ROOT",
        }
        return store.Category(category_id=category_id, **{**plain, **given})

    return made


def test_what_is_put_is_got(db: MySQL, store: Any, category: Callable[..., Any]) -> None:
    """Through the pool, on one connection after the other."""
    key = store.CategoryKey(1)

    assert isinstance(db.run(get(store.categories, key)).failure(), NotFound)
    assert db.run(put(store.categories, category(1))) == db.run(get(store.categories, key))
    assert isinstance(db.run(insert(store.categories, category(2))), Success)
    assert (
        db.run(update(store.categories, key).set(store.categories.name, "x")).unwrap().name == "x"
    )


def test_the_circuit_can_be_opened_and_closed_by_hand(db: MySQL, store: Any) -> None:
    """While it is held open, nothing is sent."""
    one = get(store.categories, store.CategoryKey(1))
    db.guards.breakers.of().force_open()
    held = db.run(one).failure()
    db.guards.breakers.of().force_closed()

    assert isinstance(held, CircuitOpen)
    assert isinstance(db.run(one).failure(), NotFound)


def _rename(store: Any) -> Any:
    return update(store.categories, store.CategoryKey(1)).set(store.categories.name, "x")


def _names(connect: Connect) -> list[str]:
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT name FROM categories ORDER BY id")
        return [name for (name,) in cursor.fetchall()]


def test_a_failure_inside_a_transaction_keeps_nothing(
    db: MySQL, connect: Connect, store: Any, category: Callable[..., Any]
) -> None:
    """What was written before it is rolled back, and the answer names the write."""
    c = store.categories
    answer = db.run(transact(put(c, category(1)), insert(c, category(2, parent_id=9))))
    error = answer.failure()

    assert isinstance(error, TransactionCancelled)
    reason = "refers to a row that is not there (MySQL 1452)"
    assert error.reasons == (
        None,
        InvalidValue("Categories", "parent_id", reason, "category_id = 2"),
    )
    assert _names(connect) == []


def test_errors_are_told_in_the_words_of_the_record(
    db: MySQL, connect: Connect, store: Any, category: Callable[..., Any]
) -> None:
    """With entity, key and fields; and what is traced says where it came from."""
    c = store.categories
    alone = db.run(put(c, category(2, parent_id=9))).failure()
    db.run(put(c, category(1))).unwrap()
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users (id, username, email, password_hash) VALUES (1,'u','e','')"
        )
        cursor.execute(
            "INSERT INTO products (seller_id, category_id, name, price) VALUES (1, 1, 'p', 1)"
        )
    held = db.run(delete(c, store.CategoryKey(1))).failure()

    assert isinstance(alone, InvalidValue)
    assert alone.where == "parent_id"
    assert "category_id" in alone.key
    assert (alone.trace.operation, alone.trace.attempts) == ("put", 1)
    assert isinstance(held, InvalidValue)
    assert "refer" in held.reason


def test_a_deadlock_is_tried_again_as_a_whole(
    connect: Connect, store: Any, category: Callable[..., Any]
) -> None:
    """Writers that lock the same rows in opposite orders all get through, each once."""
    c, keys = store.categories, [store.CategoryKey(1), store.CategoryKey(2)]
    backoff = Backoff(attempts=None, deadline=60.0, base=0.001, patient=True)
    with mysql(connect, backoff=backoff, pool=8) as db:
        for number in (1, 2):
            db.run(put(c, category(number, product_count=0))).unwrap()

        def work(turn: int) -> None:
            ordered = keys if turn % 2 else keys[::-1]
            for _ in range(5):
                writes = [update(c, one).set(c.name, f"by {turn}") for one in ordered]
                answers.append(db.run(transact(*writes)))

        answers: list[Any] = []
        threads = [threading.Thread(target=work, args=(turn,)) for turn in range(6)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    assert all(isinstance(one, Success) for one in answers)
    assert len(answers) == 30
    first, second = _names(connect)
    assert first == second


@pytest.mark.parametrize("verb", ["get", "update"])
def test_a_connection_that_was_killed_is_replaced(
    db: MySQL, connect: Connect, store: Any, category: Callable[..., Any], verb: str
) -> None:
    """While it was idle: the query is answered on a new one."""
    db.run(put(store.categories, category(1))).unwrap()
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM information_schema.PROCESSLIST "
            "WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        )
        for (thread,) in cursor.fetchall():
            with suppress(pymysql.MySQLError):
                cursor.execute("KILL %s", (int(thread),))
    query = _rename(store) if verb == "update" else get(store.categories, store.CategoryKey(1))

    assert isinstance(db.run(query), Success)


def test_what_cannot_be_reached_is_unavailable(store: Any) -> None:
    """After a few attempts; nothing is in doubt, as nothing was sent."""
    backoff = Backoff(base=0.001)
    with mysql("mysql://u:geheim@127.0.0.1:1/d", backoff=backoff) as db:
        error = db.run(_rename(store)).failure()

    assert isinstance(error, Unavailable)
    assert error.trace.attempts == 4
    assert "geheim" not in str(error)


def test_a_lock_is_waited_for_until_the_deadline(
    db: MySQL, connect: Connect, store: Any, category: Callable[..., Any]
) -> None:
    """Then the write was not done, and nothing is left of it."""
    db.run(put(store.categories, category(1))).unwrap()
    with mysql(connect, backoff=Backoff(deadline=0.4)) as hasty, connect() as other:
        other.begin()
        with other.cursor() as cursor:
            cursor.execute("SELECT * FROM categories FOR UPDATE")
        error = hasty.run(_rename(store)).failure()
        other.rollback()

    assert isinstance(error, (DeadlineExceeded, Unavailable, Conflict))
    assert _names(connect) == ["c1"]
    assert isinstance(db.run(_rename(store)), Success)


def test_what_takes_too_long_is_ended(db: MySQL, connect: Connect, store: Any) -> None:
    """By the server, which keeps the connection."""
    with mysql(connect, backoff=Backoff(deadline=0.3)) as hasty, connect() as other:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLES categories WRITE")
        error = hasty.run(get(store.categories, store.CategoryKey(1))).failure()

    assert isinstance(error, (DeadlineExceeded, Unavailable))
    assert isinstance(db.run(get(store.categories, store.CategoryKey(1))).failure(), NotFound)


def test_a_backend_that_is_closed_says_so(connect: Connect, store: Any) -> None:
    """And holds no connection any more."""
    with mysql(connect) as db:
        db.run(get(store.categories, store.CategoryKey(1)))

    assert isinstance(db.run(get(store.categories, store.CategoryKey(1))).failure(), Unavailable)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [("mysql://nowhere", ValueError, "the URL"), (5, TypeError, "opens no connections")],
)
def test_what_is_no_source_of_connections_is_a_mistake(
    given: Any, error: type[Exception], said: str
) -> None:
    """Which is told at once."""
    with pytest.raises(error, match=said):
        mysql(given)
