"""Queries on a real MySQL: one connection for each attempt, whole transactions or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dalkit import get, insert, put, read_contract, read_ddl, resolve, update
from dalkit.records.made import records_module
from dalkit.result import NotFound, Success
from dalkit.run.config import Connect, MysqlAddress, mysql_connect
from dalkit.run.on_mysql import MySQL, mysql
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
