"""New records on a real server: what MySQL gives them is what every store would give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import asdict, evolve

from dalkit import read_contract, read_ddl, resolve
from dalkit.compile.call import SqlCall, SqlReply
from dalkit.compile.sql import to_sql
from dalkit.query import find, get, insert, maintain, transact
from dalkit.query.fresh import complete
from dalkit.records.made import records_module
from dalkit.result import ConditionFailed, Corrupt, Failure, TransactionCancelled, Unsupported
from dalkit.schema.definition import Schema

HERE = Path(__file__).parents[2] / "query"
TABLES = ("order_items", "orders", "shopping_carts", "products", "categories", "users")
ZERO = "'0000-00-00 00:00:00'"


def resolved(ddl: str, *, counter: str | None = None) -> Schema:
    """The schema of things with a default of every kind."""
    tables = json.loads((HERE / "fresh.json").read_text())
    tables[0]["dalkit"] = {} if counter is None else {"counter": counter}
    contract, _ = read_contract(json.dumps(tables))
    source, _ = read_ddl(ddl)
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return schema


@pytest.fixture
def things(database: Any, world: Any) -> Iterator[tuple[ModuleType, Any]]:
    """Their module, and what runs queries, with their tables."""
    ddl = (HERE / "fresh.sql").read_text().replace(ZERO, "NULL")
    with database.cursor() as cursor:
        for one in ddl.split(";\n")[:-1]:
            cursor.execute(one)
        yield records_module(resolved(ddl)), world.run
        cursor.execute("DROP TABLE fresh_things, plain")


@pytest.fixture
def held(shop: Any, database: Any) -> Iterator[Any]:
    """The online store with a user, a category and a product; empty again afterwards."""
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO users (id, username, email, password_hash) VALUES (1, 'a', 'a', 'x')"
        )
        cursor.execute("INSERT INTO categories (id, name) VALUES (1, 'all')")
        yield shop
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")


def thing(m: Any, **given: Any) -> Any:
    """A new thing."""
    shape = m.ThingShape(first="f", label="é")
    plain = {"label": "é", "random": "r", "lower": 1, "first": "f", "twice": "éé"}
    return m.NewThing(**{**plain, "shape": shape, "zero": None, "nothing": None, **given})


def product(m: Any, **given: Any) -> Any:
    """A new product."""
    names = {"seller_id": 1, "category_id": 1, "name": "é", "price": Decimal("1.50")}
    return m.NewProduct(**{**names, "description": None, "image_url": None, **given})


def order(m: Any, product_id: int, *quantities: int) -> Any:
    """A new order with items of these quantities."""
    one = {"product_id": product_id, "price_at_time": Decimal("1.00")}
    made = tuple(m.NewOrderItem(quantity=each, **one) for each in quantities)
    return m.NewOrder(user_id=1, total_amount=Decimal("1.00"), order_items=made)


def test_every_default_is_the_servers(things: tuple[Any, Any]) -> None:
    """`complete` gives what the server gave, of every kind; moments are the server's own."""
    m, run = things
    made = run(insert(m.things, thing(m))).unwrap()
    other = complete(m.things, thing(m), number=made.id, now=datetime.now(UTC)).unwrap()
    alike = evolve(other, made=made.made, changed=made.changed)

    assert asdict(made) == asdict(alike)
    assert abs(made.made - other.made) < timedelta(minutes=5)
    assert run(get(m.things, m.ThingKey(made.id))).unwrap() == made


def test_an_insert_leaves_out_what_mysql_gives(held: Any) -> None:
    """The row is found again by the number that MySQL gave."""
    m = held.module
    made = held.run(insert(m.products, product(m))).unwrap()
    (text,) = (one.text for one in held.sent if one.text.startswith("INSERT"))

    assert made.product_id > 0
    assert (made.name, made.inventory_quantity) == ("é", 0)
    for name in ("`id`", "`created_at`", "`updated_at`", "`inventory_quantity`"):
        assert name not in text
    assert held.run(insert(m.products, product(m))).unwrap().product_id > made.product_id


def test_rows_of_an_array_get_the_number(held: Any) -> None:
    """They refer to the order's id, which is known after the insert alone."""
    m = held.module
    bought = held.run(insert(m.products, product(m))).unwrap().product_id
    made = held.run(insert(m.orders, order(m, bought, 8, 7))).unwrap()
    first, second = (one.order_item_id for one in made.order_items)

    assert [one.quantity for one in made.order_items] == [8, 7]
    assert 0 < first < second
    assert held.run(find(m.orders).where(m.orders.user_id == 1)).unwrap().items == (made,)


def test_a_key_that_is_given_is_locked(held: Any) -> None:
    """A second line of a cart fails with the first one."""
    m = held.module
    bought = held.run(insert(m.products, product(m))).unwrap().product_id
    names = {"product_name": "?", "product_price": Decimal(9)}
    line = m.NewCartItem(user_id=1, product_id=bought, **names)
    made = held.run(insert(m.cart_items, line)).unwrap()
    again = held.run(insert(m.cart_items, line))

    assert (made.quantity, made.product_name, made.product_price) == (1, "é", Decimal("1.50"))
    assert isinstance(again, Failure)
    assert isinstance(again.failure(), ConditionFailed)
    assert again.failure().record == made


def test_what_another_row_has_is_told(held: Any) -> None:
    """By the field; the key is not known."""
    m = held.module
    profile = m.UserProfile(first_name=None, last_name=None)
    names = {"username": "b", "email": "a", "password_hash": "x"}
    taken = held.run(insert(m.users, m.NewUser(**names, profile=profile, admin_group=None)))

    assert isinstance(taken, Failure)
    assert isinstance(taken.failure(), ConditionFailed)
    assert (taken.failure().unique, taken.failure().key) == ("email", "")


def test_a_transaction_answers_the_keys(held: Any) -> None:
    """As MySQL made them; what is only maintained has none."""
    m = held.module
    new = insert(m.products, product(m))
    keys = held.run(transact(new, maintain(new), new)).unwrap()
    found = {one.product_id for one in held.run(find(m.products).allow_scan()).unwrap().items}

    assert keys[1] is None
    assert {one.product_id for one in keys if one is not None} == found
    assert len(found) == 2


def test_a_transaction_that_fails_leaves_no_new_record(held: Any) -> None:
    """The reasons stand where the writes do."""
    m = held.module
    new = insert(m.products, product(m))
    failed = held.run(transact(new, insert(m.products, product(m, price=Decimal(10) ** 9))))

    assert isinstance(failed, Failure)
    assert isinstance(failed.failure(), TransactionCancelled)
    assert [one is None for one in failed.failure().reasons] == [True, False]
    assert held.run(find(m.products).allow_scan()).unwrap().items == ()


def test_a_row_of_no_number_is_corrupt(shop: Any) -> None:
    """What was written could not be answered: nothing is kept."""
    m = shop.module
    step: Any = to_sql(insert(m.products, product(m))).unwrap()
    while isinstance(step, SqlCall):
        step = step.read(SqlReply())

    assert isinstance(step, Failure)
    assert isinstance(step.failure(), Corrupt)
    assert "MySQL told none" in str(step.failure())


@pytest.mark.parametrize(
    ("id_is", "counter", "said"),
    [
        ("NOT NULL PRIMARY KEY", "id", "MySQL does not count id"),
        ("DEFAULT 5 PRIMARY KEY", None, "no number and no key tells which row"),
    ],
)
def test_rows_that_could_not_be_found_again_are_refused(
    id_is: str, counter: str | None, said: str
) -> None:
    """Before anything is sent."""
    ddl = (HERE / "fresh.sql").read_text()
    schema = resolved(ddl.replace("NOT NULL AUTO_INCREMENT PRIMARY KEY", id_is), counter=counter)
    m: Any = records_module(schema)
    answer = to_sql(insert(m.things, thing(m)))

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), Unsupported)
    assert said in str(answer.failure())
