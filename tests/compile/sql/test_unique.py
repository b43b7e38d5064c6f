"""What the contract holds unique is unique in MySQL, too, whether or not MySQL has a key for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from dalkit.compile.sql import to_sql
from dalkit.query import delete, find, get, insert, put, transact, update
from dalkit.result import ConditionFailed, Failure, Success, TransactionCancelled, Unsupported
from dalkit.run.memory import memory
from dalkit.schema.entity import (
    definition_of,
    key_class_of,
    nested_class_of,
    new_class_of,
    record_class_of,
)

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
TABLES = ("products", "categories", "users")


def unique(entity: Any, *groups: tuple[str, ...]) -> Any:
    """The entity with these fields unique together."""
    definition = evolve(definition_of(entity), unique=groups)
    classes = (record_class_of(entity), key_class_of(entity))
    made: Any = type(entity)
    nested = tuple(nested_class_of(entity, one) for one in entity._nested)
    return made(*classes, definition, new=new_class_of(entity), nested=nested)


def product(m: Any, number: int, **given: Any) -> Any:
    """A product of user 1."""
    names = {"seller_id": 1, "category_id": 1, "name": f"p{number}", "price": Decimal("1.50")}
    moments = {"created_at": NOON, "updated_at": NOON}
    rest = {"description": None, "image_url": None, "inventory_quantity": 1}
    return m.Product(**{"product_id": number, **names, **moments, **rest, **given})


def new(m: Any, name: str) -> Any:
    """A new product of user 1."""
    names = {"seller_id": 1, "category_id": 1, "name": name, "price": Decimal("1.50")}
    return m.NewProduct(**names, description=None, image_url=None)


@pytest.fixture
def held(shop: Any, database: Any) -> Iterator[tuple[Any, Any, Any]]:
    """The module, a handle of products with unique names of a seller, and what runs queries."""
    m = shop.module
    products = unique(m.products, ("seller_id", "name"), ("image_url",))
    with database.cursor() as cursor:
        for number in (1, 2):
            cursor.execute(
                "INSERT INTO users (id, username, email, password_hash) VALUES (%s, %s, %s, 'x')",
                (number, f"u{number}", f"e{number}"),
            )
        cursor.execute("INSERT INTO categories (id, name) VALUES (1, 'all')")
        for number in (1, 2):
            shop.run(put(products, product(m, number, description="d", image_url=f"i{number}")))
        yield m, products, shop.run
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")


CASES: Mapping[str, Callable[[Any, Any], Any]] = {
    "insert of what is taken": lambda m, e: insert(e, product(m, 7, name="p1")),
    "insert of what another seller has": lambda m, e: insert(
        e, product(m, 7, name="p1", seller_id=2)
    ),
    "insert of what is written otherwise": lambda m, e: insert(e, product(m, 7, name="P1")),
    "insert of both": lambda m, e: insert(e, product(m, 7, name="p2", image_url="i1")),
    "insert of the second": lambda m, e: insert(e, product(m, 7, image_url="i2")),
    "put of the same": lambda m, e: put(e, product(m, 1, image_url="i1")),
    "put of what is taken": lambda m, e: put(e, product(m, 1, name="p2")),
    "put of a new one": lambda m, e: put(e, product(m, 7, name="p2")),
    "put of None": lambda m, e: put(e, product(m, 1)),
    "update of what is taken": lambda m, e: update(e, m.ProductKey(1)).set(e.name, "p2"),
    "update of something else": lambda m, e: update(e, m.ProductKey(1)).set(e.price, 2),
    "update to itself": lambda m, e: update(e, m.ProductKey(1)).set(e.name, "p1"),
    "update or insert": lambda m, e: update(e, m.ProductKey(7)).or_insert(product(m, 7, name="p1")),
    "delete": lambda m, e: delete(e, m.ProductKey(1)),
    "transaction": lambda m, e: transact(
        put(e, product(m, 8)), insert(e, product(m, 7, name="p1")), delete(e, m.ProductKey(2))
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_unique_is_as_in_memory(held: tuple[Any, Any, Any], name: str) -> None:
    """The same answer, the same fields named, and the same records afterwards."""
    m, products, run = held
    backend = memory([products])
    every = find(products).allow_scan()
    for one in run(every).unwrap().items:
        backend.run(put(products, one)).unwrap()
    query = CASES[name](m, products)

    assert run(query) == backend.run(query)
    assert set(run(every).unwrap().items) == set(backend.run(every).unwrap().items)


def test_new_records_are_unique(held: tuple[Any, Any, Any]) -> None:
    """Nothing is written that another has."""
    m, products, run = held
    taken = run(insert(products, new(m, "p1")))

    assert isinstance(taken, Failure)
    assert isinstance(taken.failure(), ConditionFailed)
    assert taken.failure().unique == "seller_id, name"
    assert isinstance(run(insert(products, new(m, "p3"))), Success)


def test_two_new_records_of_a_transaction(held: tuple[Any, Any, Any]) -> None:
    """The second finds the first."""
    m, products, run = held
    failed = run(transact(insert(products, new(m, "p3")), insert(products, new(m, "p3"))))

    assert isinstance(failed, Failure)
    assert isinstance(failed.failure(), TransactionCancelled)
    assert [one is None for one in failed.failure().reasons] == [True, False]


def test_what_mysql_gives_is_not_looked_for(held: tuple[Any, Any, Any]) -> None:
    """A number that comes later is no other record's."""
    m, _, run = held
    products = unique(m.products, ("product_id",), ("created_at", "name"))

    made = run(insert(products, new(m, "p3"))).unwrap()
    assert run(get(products, m.ProductKey(made.product_id))).unwrap() == made


def test_what_sql_cannot_compare_is_refused(made: Any) -> None:
    """JSON, records, and what dalkit makes; but not for a delete."""
    for name in ("tree", "person", "title"):
        things = unique(made.things, (name,))
        key = made.ThingKey(label="a", moment=NOON, thing_id=1)
        answer = to_sql(update(things, key).set(things.label, "b"))

        assert isinstance(answer, Failure)
        assert isinstance(answer.failure(), Unsupported)
        assert isinstance(to_sql(delete(things, key)), Success)
