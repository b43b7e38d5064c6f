"""Joined fields are written by the row that they name, as long as there is one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, final

import pytest
from attrs import frozen

from dalkit import find, get, insert, put, read_contract, read_ddl, resolve, transact, update
from dalkit.records.made import records_module
from dalkit.result import ConditionFailed, InvalidValue, Success, TransactionCancelled, Unsupported
from dalkit.run.on_mysql import MySQL, mysql
from dalkit.testing.scratch import scratch_database
from dalkit.testing.services import MySQLServer

DDL = """
CREATE TABLE users (
  id INT NOT NULL PRIMARY KEY,
  email VARCHAR(40) NOT NULL,
  name VARCHAR(40) NOT NULL,
  UNIQUE KEY users_email (email)
) DEFAULT CHARSET=utf8mb4;
CREATE TABLE carts (
  id INT NOT NULL PRIMARY KEY,
  user_id INT NOT NULL,
  friend_id INT NULL,
  product VARCHAR(20) NOT NULL,
  UNIQUE KEY carts_line (user_id, product),
  FOREIGN KEY (user_id) REFERENCES users (id),
  FOREIGN KEY (friend_id) REFERENCES users (id)
) DEFAULT CHARSET=utf8mb4;
"""
ROWS = "INSERT INTO users VALUES (1, 'ada@x', 'Ada'), (2, 'Bob@x', 'Bob'), (3, 'cid@x', 'Bob');"


def _joined(name: str, column: str, selected: str) -> dict[str, Any]:
    return {
        "name": name, "type": "S", "source_table": "carts", "source_column": column,
        "join": {"type": "foreign-key", "target_table": "users",
                 "join_condition": f"carts.{column} = users.id", "select_column": selected},
    }  # fmt: skip


def _contract(*attributes: dict[str, Any]) -> str:
    plain = [
        {"name": name, "type": "N" if name == "id" else "S", "source_table": "carts",
         "source_column": name}
        for name in ("id", "product")
    ]  # fmt: skip
    entity = {
        "entity_type": "CART", "source_table": "carts", "pk_template": "USER#{user_email}",
        "sk_template": "CART#{id:05}", "attributes": [*plain, *attributes],
    }  # fmt: skip
    return json.dumps(
        [{"table": "Carts", "type": "multi-entity", "source_table": "carts", "pk": "PK",
          "sk": "SK", "entities": [entity]}]
    )  # fmt: skip


EMAIL = _joined("user_email", "user_id", "email")
NAME = _joined("user_name", "user_id", "name")
FRIEND = _joined("friend_email", "friend_id", "email")


@final
@frozen
class World:
    """The records module, and a backend with three users."""

    records: Any
    db: MySQL

    def cart(self, id: int, user: str, **given: Any) -> Any:  # noqa: A002  # the field's own name
        """A cart of a user by email."""
        plain = {"product": "tea", "user_name": "?", "friend_email": None}
        return self.records.Cart(id=id, user_email=user, **{**plain, **given})

    def key(self, id: int, user: str) -> Any:  # noqa: A002  # the field's own name
        """The key of that cart."""
        return self.records.CartKey(user_email=user, id=id)


def _records(*attributes: dict[str, Any]) -> Any:
    contract, problems = read_contract(_contract(*attributes))
    source, _ = read_ddl(DDL)
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return records_module(schema)


@pytest.fixture(scope="module")
def records() -> Any:
    """The records module of carts that name their users."""
    return _records(EMAIL, NAME, FRIEND)


@pytest.fixture
def world(records: Any, mysql_server: MySQLServer) -> Iterator[World]:
    """An empty table of carts."""
    with scratch_database(mysql_server, DDL + ROWS) as held, mysql(held.connect) as db:
        yield World(records, db)


def test_a_record_is_kept_with_the_row_that_it_names(world: World) -> None:
    """The rest of what is joined is as the join says."""
    carts, db = world.records.carts, world.db
    answer = db.run(put(carts, world.cart(1, "ada@x", friend_email="cid@x")))

    assert answer == Success(world.cart(1, "ada@x", user_name="Ada", friend_email="cid@x"))
    assert db.run(get(carts, world.key(1, "ada@x"))) == answer
    assert db.run(find(carts).where(carts.user_email == "ada@x")).unwrap().items == (
        answer.unwrap(),
    )


@pytest.mark.parametrize("email", ["bob@x", "Bob@x ", "nobody@x", ""])
def test_a_row_that_is_not_there_is_refused(world: World, email: str) -> None:
    """By code point; nothing is written."""
    carts, db = world.records.carts, world.db
    error = db.run(insert(carts, world.cart(1, "ada@x", friend_email=email))).failure()

    assert isinstance(error, InvalidValue)
    assert (error.where, error.reason) == ("friend_email", "no row of users has it")
    assert db.run(find(carts).allow_scan()).unwrap().items == ()


def test_an_update_moves_to_another_row(world: World) -> None:
    """Also where the joined field is part of the key; what is given up is None."""
    carts, db = world.records.carts, world.db
    db.run(put(carts, world.cart(1, "ada@x", friend_email="cid@x"))).unwrap()
    moved = db.run(
        update(carts, world.key(1, "ada@x"))
        .set(carts.user_email, "Bob@x")
        .remove(carts.friend_email)
    )

    assert moved == Success(world.cart(1, "Bob@x", user_name="Bob", friend_email=None))
    assert db.run(get(carts, world.key(1, "Bob@x"))) == moved


def test_what_is_unique_with_the_row_stays_unique(world: World) -> None:
    """The failure names the fields where the key is known by them."""
    carts, db = world.records.carts, world.db
    db.run(put(carts, world.cart(1, "ada@x"))).unwrap()
    taken = db.run(insert(carts, world.cart(2, "ada@x"))).failure()
    other = db.run(insert(carts, world.cart(2, "Bob@x")))

    assert isinstance(taken, ConditionFailed)
    assert "product" in taken.unique
    assert isinstance(other, Success)
    assert isinstance(db.run(put(carts, world.cart(1, "ada@x"))), Success)


def test_in_a_transaction_the_reason_has_its_place(world: World) -> None:
    """As every other one."""
    carts, db = world.records.carts, world.db
    error = db.run(
        transact(
            put(carts, world.cart(1, "ada@x")),
            put(carts, world.cart(2, "ada@x", product="x", friend_email="no")),
        )
    ).failure()

    assert isinstance(error, TransactionCancelled)
    assert [type(one).__name__ for one in error.reasons] == ["NoneType", "InvalidValue"]
    assert db.run(find(carts).allow_scan()).unwrap().items == ()


def test_what_names_no_single_row_is_not_written(mysql_server: MySQLServer) -> None:
    """A name that several users may have says not whose the cart is."""
    made = _records({**NAME, "name": "user_email"})
    record = made.Cart(id=1, product="tea", user_email="Bob")
    with scratch_database(mysql_server, DDL + ROWS) as held, mysql(held.connect) as db:
        error = db.run(put(made.carts, record)).failure()

    assert isinstance(error, Unsupported)
    assert "user_id" in error.reason
