"""Writes as SQL: what they leave and answer is what the memory backend says, on a real server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import evolve

from dalkit.compile.sql import to_sql
from dalkit.query import batch, delete, find, get, insert, maintain, put, transact, update
from dalkit.result import (
    ConditionFailed,
    Failure,
    InvalidValue,
    Success,
    TransactionCancelled,
    Unsupported,
)
from dalkit.run.memory import memory
from dalkit.schema.entity import definition_of, key_class_of, record_class_of

GOLDEN = Path(__file__).parents[2] / "golden" / "sql"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 1, 3, 12, tzinfo=UTC)
TABLES = ("order_items", "orders", "shopping_carts", "products", "categories", "users")


def user(m: Any, number: int, **changes: Any) -> Any:
    """A user."""
    return evolve(
        m.User(
            user_id=number,
            username=f"u{number}",
            email=f"u{number}@example.com",
            password_hash="x",
            profile=m.UserProfile(first_name="Ada", last_name=None),
            is_seller=False,
            super_admin=False,
            created_at=NOON,
            updated_at=NOON,
            admin_group=None,
        ),
        **changes,
    )


def product(m: Any, number: int, **changes: Any) -> Any:
    """A product of user 1 in category 1."""
    return evolve(
        m.Product(
            product_id=number,
            seller_id=1,
            category_id=1,
            name=f"p{number}",
            description=None,
            price=Decimal("2.50"),
            inventory_quantity=10,
            image_url=None,
            created_at=NOON,
            updated_at=NOON,
        ),
        **changes,
    )


def order(m: Any, number: int, *quantities: int, **changes: Any) -> Any:
    """An order of user 1 with an item of product 1 for each quantity."""
    made = tuple(
        m.OrderItem(
            order_item_id=number * 10 + at,
            product_id=1,
            quantity=one,
            price_at_time=Decimal("2.50"),
        )
        for at, one in enumerate(quantities)
    )
    return evolve(
        m.Order(
            order_id=number,
            user_id=1,
            order_status="pending",
            total_amount=Decimal("5.00"),
            order_items=made,
            created_at=NOON,
            updated_at=NOON,
        ),
        **changes,
    )


def cart(m: Any, product_id: int, **changes: Any) -> Any:
    """A line of user 1's cart, as the joins say."""
    return evolve(
        m.CartItem(
            cart_item_id=product_id,
            user_id=1,
            product_id=product_id,
            quantity=1,
            product_name=f"p{product_id}",
            product_price=Decimal("2.50"),
            created_at=NOON,
            updated_at=NOON,
        ),
        **changes,
    )


def order_key(m: Any, number: int) -> Any:
    """The key of such an order."""
    return m.OrderKey(user_id=1, created_at=NOON, order_id=number)


CASES: Mapping[str, Callable[[Any], Any]] = {
    "insert": lambda m: insert(m.users, user(m, 7)),
    "insert-there": lambda m: insert(m.users, user(m, 1)),
    "insert-taken": lambda m: insert(m.users, user(m, 7, username="u2")),
    "insert-array": lambda m: insert(m.orders, order(m, 7, 1, 2)),
    "put-new": lambda m: put(m.products, product(m, 7)),
    "put-there": lambda m: put(m.products, product(m, 1, price=Decimal("3.00"), description="d")),
    "put-the-same": lambda m: put(m.products, product(m, 1)),
    "put-taken": lambda m: put(m.users, user(m, 1, email="u2@example.com")),
    "put-array": lambda m: put(m.orders, order(m, 1, 3, updated_at=LATER)),
    "put-array-empty": lambda m: put(m.orders, order(m, 1)),
    "put-joined": lambda m: put(m.cart_items, cart(m, 2, quantity=5)),
    "put-when": lambda m: put(m.products, product(m, 1, price=Decimal(9))).when(
        m.products.price < 3
    ),
    "put-when-not": lambda m: put(m.products, product(m, 1)).when(m.products.price > 3),
    "put-when-none": lambda m: put(m.products, product(m, 7)).when(m.products.price.is_none()),
    "put-when-there-is-none": lambda m: put(m.products, product(m, 7)).when(
        m.products.price > 0, ~m.products.name.is_none()
    ),
    "update": lambda m: (
        update(m.products, m.ProductKey(product_id=1))
        .set(m.products.name, "tea")
        .add(m.products.inventory_quantity, -3)
        .add(m.products.price, Decimal("0.25"))
        .set_if_absent(m.products.description, "d")
        .when(m.products.inventory_quantity >= 3)
    ),
    "update-removes": lambda m: (
        update(m.products, m.ProductKey(product_id=2))
        .remove(m.products.image_url)
        .set_if_absent(m.products.description, "other")
    ),
    "update-when-not": lambda m: (
        update(m.orders, order_key(m, 1))
        .set(m.orders.order_status, "cancelled")
        .when(m.orders.order_status == "completed")
    ),
    "update-nothing-there": lambda m: update(m.products, m.ProductKey(product_id=9)).set(
        m.products.name, "x"
    ),
    "update-or-insert": lambda m: (
        update(m.products, m.ProductKey(product_id=9))
        .add(m.products.inventory_quantity, 1)
        .or_insert(product(m, 9))
    ),
    "update-record": lambda m: update(m.users, m.UserKey(user_id=1)).set(
        m.users.profile, m.UserProfile(first_name=None, last_name="L")
    ),
    "update-taken": lambda m: update(m.users, m.UserKey(user_id=1)).set(m.users.username, "u2"),
    "update-key": lambda m: update(m.orders, order_key(m, 1)).set(m.orders.created_at, LATER),
    "update-out-of-range": lambda m: update(m.products, m.ProductKey(product_id=1)).add(
        m.products.inventory_quantity, 2**31
    ),
    "delete": lambda m: delete(m.cart_items, m.CartItemKey(user_id=1, product_id=2)),
    "delete-nothing": lambda m: delete(m.users, m.UserKey(user_id=9)),
    "delete-when-not": lambda m: delete(m.products, m.ProductKey(product_id=2)).when(
        m.products.name == "P2"
    ),
    "batch": lambda m: batch(
        put(m.products, product(m, 8)),
        delete(m.cart_items, m.CartItemKey(user_id=1, product_id=2)),
    ),
    "batch-of-nothing": lambda m: batch(),
    "transact": lambda m: transact(
        insert(m.orders, order(m, 8, 2)),
        update(m.products, m.ProductKey(product_id=1))
        .add(m.products.inventory_quantity, -2)
        .when(m.products.inventory_quantity >= 2),
        delete(m.cart_items, m.CartItemKey(user_id=1, product_id=2)),
    ),
    "transact-cancelled": lambda m: transact(
        put(m.products, product(m, 8)),
        insert(m.users, user(m, 1)),
        update(m.products, m.ProductKey(product_id=1)).when(m.products.inventory_quantity > 10),
    ),
}


@pytest.fixture
def filled(shop: Any, database: Any) -> Iterator[Any]:
    """The online store with a few rows, empty again afterwards."""
    m = shop.module
    for one in first_writes(m):
        assert isinstance(shop.run(one), Success)
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO categories (id, name) VALUES (2, 'other')")
    shop.sent.clear()
    yield shop
    with database.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")


def first_writes(m: Any) -> list[Any]:
    """What is there before each case."""
    root = m.Category(
        category_id=1,
        name="all",
        parent_id=None,
        parent_name="ROOT",
        children_count=0,
        product_count=0,
        created_at=NOON,
        parent_key="ROOT",
    )
    return [
        *(insert(m.users, user(m, one)) for one in (1, 2)),
        insert(m.categories, root),
        insert(m.products, product(m, 1)),
        insert(m.products, product(m, 2, description="old", image_url="i")),
        insert(m.orders, order(m, 1, 1, 2)),
        insert(m.cart_items, cart(m, 2)),
    ]


def everything(run: Callable[[Any], Any], m: Any) -> list[Any]:
    """All records of the entities whose derived fields stay true."""
    handles = (m.users, m.products, m.orders, m.cart_items)
    return [run(find(one).allow_scan()).unwrap().items for one in handles]


@pytest.mark.parametrize("name", CASES)
def test_a_write_does_what_the_definition_says(filled: Any, name: str) -> None:
    """The same answer as in memory, and the same records afterwards; its text is the file's."""
    m = filled.module
    entities = {one: getattr(m, one) for one in ("users", "products", "orders", "cart_items")}
    backend = memory({**entities, "categories": m.categories})
    for one in first_writes(m):
        assert isinstance(backend.run(one), Success)
    assert everything(filled.run, m) == everything(backend.run, m)
    filled.sent.clear()
    query = CASES[name](m)
    answer = filled.run(query)
    check_golden(f"write-{name}", query, filled.sent)

    wanted = backend.run(query)

    assert same(answer) == same(wanted)
    assert everything(filled.run, m) == everything(backend.run, m)


def same(result: Any) -> Any:
    """An answer, or an error without its words."""
    if isinstance(result, Success):
        return result.unwrap()
    error = result.failure()
    if isinstance(error, ConditionFailed):
        return type(error), error.entity, error.key, error.record, error.unique
    if isinstance(error, TransactionCancelled):
        return type(error), [type(one) for one in error.reasons]
    return type(error), getattr(error, "key", "")


def check_golden(name: str, query: Any, sent: list[Any]) -> None:
    """The statements are the file's; with DALKIT_GOLDEN set the file is written."""
    parts = [str(query)]
    for one in sent:
        values = ", ".join(map(repr, one.parameters))
        parts.append(f"-- with ({values})\n{one.text}")
    file, text = GOLDEN / f"{name}.txt", "\n\n".join(parts) + "\n"
    if "DALKIT_GOLDEN" in os.environ:
        file.write_text(text)
    assert text == file.read_text()


VERSIONED: Mapping[str, Callable[[Any, Any], Any]] = {
    "put of the version": lambda m, e: put(e, cart(m, 2)),
    "put of another version": lambda m, e: put(e, cart(m, 2, quantity=7)),
    "put of a new record": lambda m, e: put(e, cart(m, 1, quantity=7)),
    "update": lambda m, e: update(e, m.CartItemKey(user_id=1, product_id=2)).set(
        e.created_at, LATER
    ),
    "update of the version": lambda m, e: update(e, m.CartItemKey(user_id=1, product_id=2)).add(
        e.quantity, 1
    ),
}


@pytest.mark.parametrize("name", VERSIONED)
def test_versions_are_counted_as_in_memory(filled: Any, name: str) -> None:
    """A put of another version fails, and each write of a record that is there adds one."""
    m = filled.module
    entity = m.cart_items
    definition = evolve(definition_of(entity), version="quantity")
    counted: Any = type(entity)(record_class_of(entity), key_class_of(entity), definition)
    backend = memory([counted])
    assert isinstance(backend.run(insert(counted, cart(m, 2))), Success)
    query = VERSIONED[name](m, counted)

    assert same(filled.run(query)) == same(backend.run(query))
    every = find(counted).allow_scan()
    assert filled.run(every).unwrap().items == backend.run(every).unwrap().items


def test_what_mysql_computes_is_answered_as_stored(filled: Any) -> None:
    """A joined value that was given is not kept: the join says what it is."""
    m = filled.module
    answer = filled.run(put(m.cart_items, cart(m, 2, product_name="wrong", quantity=3))).unwrap()

    assert (answer.product_name, answer.quantity) == ("p2", 3)


def test_what_is_only_maintained_is_dropped(filled: Any) -> None:
    """Alone it answers None; in a transaction its key is answered all the same."""
    m = filled.module
    kept = maintain(put(m.categories, evolve(_category(filled), product_count=99)))

    assert filled.run(kept).unwrap() is None
    answer = filled.run(transact(kept, put(m.products, product(m, 1)))).unwrap()
    assert answer == (m.CategoryKey(category_id=1), m.ProductKey(product_id=1))
    assert _category(filled).product_count == 2


def _category(shop: Any) -> Any:
    m = shop.module
    return shop.run(get(m.categories, m.CategoryKey(category_id=1))).unwrap()


def test_a_number_that_mysql_would_replace_is_refused(filled: Any) -> None:
    """0 in an AUTO_INCREMENT column asks for a new number."""
    m = filled.module

    error = filled.run(insert(m.users, user(m, 0))).failure()

    assert isinstance(error, InvalidValue)
    assert error.where == "id"


def test_a_cancelled_transaction_leaves_nothing(filled: Any) -> None:
    """A unique value that is found taken after other writes were done undoes them."""
    m = filled.module
    query = transact(
        put(m.products, product(m, 8)), insert(m.users, user(m, 7, email="u2@example.com"))
    )
    before = everything(filled.run, m)

    error = filled.run(query).failure()

    assert isinstance(error, TransactionCancelled)
    assert error.reasons[0] is None
    assert getattr(error.reasons[1], "unique", "") == "email"
    assert everything(filled.run, m) == before


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (
            lambda m: update(m.categories, m.CategoryKey(category_id=1)).set(
                m.categories.product_count, 3
            ),
            "computed from other values",
        ),
        (
            lambda m: transact(
                update(m.orders, order_key(m, 1)).set(m.orders.created_at, LATER),
            ),
            "a change of the key stands alone",
        ),
        (
            lambda m: transact(put(m.users, user(m, 1)), delete(m.users, m.UserKey(user_id=1))),
            "write each record once",
        ),
    ],
)
def test_what_mysql_cannot_write_is_refused(
    store: ModuleType, build: Callable[[Any], Any], said: str
) -> None:
    """With the reason, before anything is sent."""
    answer = to_sql(build(store))

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), Unsupported)
    assert said in str(answer.failure())


def test_records_of_which_mysql_would_lose_something_are_refused(
    world: Any,
) -> None:
    """An array with a limit shows some child rows only, so it cannot be written."""
    m = world.module
    record = world.run(find(m.things).limit(1)).unwrap().items[0]

    error = world.run(put(m.things, record)).failure()

    assert isinstance(error, Unsupported)
    assert "some of the child rows" in error.reason
