"""The access patterns as queries: each is served, and none reads a table whole unasked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from inspect import signature
from types import ModuleType
from typing import Any

import pytest
from attrs import evolve

from contracts.online_store import queries, records
from dalkit import Query, Success, get, put
from dalkit.compile.call import DynamoCall
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.settings import Settings
from dalkit.compile.sql import to_sql
from dalkit.run.memory import memory

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
SCANS = {"all_categories", "categories_with", "products_with"}
FREE = {"AP06 log out", "AP18 upload a product image"}

PRODUCT = records.Product(
    product_id=5,
    seller_id=1,
    category_id=2,
    name="Kettle",
    description=None,
    price=Decimal("20.90"),
    inventory_quantity=3,
    image_url=None,
    created_at=NOON,
    updated_at=NOON,
)
LINE = records.CartItem(
    cart_item_id=9,
    user_id=1,
    product_id=5,
    quantity=2,
    product_name="Kettle",
    product_price=Decimal("20.90"),
    created_at=NOON,
    updated_at=NOON,
)
ITEM = records.OrderItem(order_item_id=1, product_id=5, quantity=2, price_at_time=Decimal("20.90"))
ORDER = records.Order(
    order_id=7,
    user_id=1,
    order_status="pending",
    total_amount=Decimal("41.80"),
    order_items=(ITEM,),
    created_at=NOON,
    updated_at=NOON,
)
CATEGORY = records.NewCategory(
    name="Kitchen",
    parent_id=1,
    parent_name="Home",
    children_count=0,
    product_count=0,
    parent_key="1",
)
USER = records.NewUser(
    username="ada",
    email="ada@example.com",
    password_hash="-",
    profile=records.UserProfile(first_name="Ada", last_name=None),
    admin_group=None,
)
NEW_PRODUCT = records.NewProduct(
    seller_id=1,
    category_id=2,
    name="Kettle",
    description=None,
    price=Decimal("20.90"),
    image_url=None,
)
SPECIAL: dict[str, Any] = {
    "CartItem": LINE,
    "CartItemKey": records.CartItemKey(1, 5),
    "NewProduct": NEW_PRODUCT,
    "NewUser": USER,
}
GIVEN: dict[str, Any] = {
    "after": "completed",
    "before": "pending",
    "category": CATEGORY,
    "category_id": 2,
    "children": (3, 4),
    "email": "ada@example.com",
    "key": records.OrderKey(1, NOON, 7),
    "least": Decimal(10),
    "most": Decimal(50),
    "lines": (LINE,),
    "name": "Home",
    "order": ORDER,
    "order_id": 7,
    "parent_id": 1,
    "product": PRODUCT,
    "product_id": 5,
    "product_ids": (5, 6),
    "quantity": 2,
    "seller_id": 1,
    "since": NOON,
    "status": "pending",
    "text": "ett",
    "user_id": 1,
    "username": "ada",
}


def _functions() -> list[Callable[..., Query[Any]]]:
    return sorted({one for every in queries.SERVED.values() for one in every}, key=_name)


def _name(function: Callable[..., Any]) -> str:
    return function.__name__


def _made(function: Callable[..., Query[Any]]) -> Query[Any]:
    """The query of a function with an argument for each parameter, by its type or its name."""
    given: dict[str, Any] = {}
    for name, one in signature(function).parameters.items():
        if one.annotation in SPECIAL:
            given[name] = SPECIAL[one.annotation]
        elif one.default is one.empty:
            given[name] = GIVEN[name]
    return function(**given)


def test_every_pattern_that_reads_or_writes_is_served(access_patterns: ModuleType) -> None:
    """By one function at least; and no function serves what nobody declared."""
    names = {one.name for one in access_patterns.PATTERNS}

    assert set(queries.SERVED) == names - FREE


@pytest.mark.parametrize("function", _functions(), ids=_name)
def test_a_pattern_s_query_is_served_by_a_key_or_an_index(
    function: Callable[..., Query[Any]],
) -> None:
    """DynamoDB scans for the three patterns that say so, and for no other."""
    match to_dynamodb(_made(function), Settings(now=NOON)):
        case Success(DynamoCall(operation=operation)):
            assert (operation == "Scan") == (function.__name__ in SCANS)
        case refused:
            raise AssertionError(refused)


@pytest.mark.parametrize("function", _functions(), ids=_name)
def test_a_pattern_s_query_is_served_by_sql(function: Callable[..., Query[Any]]) -> None:
    """MySQL answers every one."""
    assert isinstance(to_sql(_made(function), Settings(now=NOON)), Success)


def test_an_order_of_too_many_lines_is_refused_before_it_is_asked() -> None:
    """50 lines need 101 writes."""
    with pytest.raises(ValueError, match="at most 49"):
        queries.check_out(
            records.Order(
                order_id=7,
                user_id=1,
                order_status="pending",
                total_amount=Decimal(1),
                order_items=(ITEM,) * 50,
                created_at=NOON,
                updated_at=NOON,
            )
        )


def test_a_new_order_is_checked_out() -> None:
    """Whose number, and whose lines' numbers, nobody gives; the stock and the cart follow."""
    db = memory(
        [records.users, records.orders, records.products, records.cart_items], now=lambda: NOON
    )
    db.run(put(records.products, PRODUCT)).unwrap()
    db.run(put(records.cart_items, LINE)).unwrap()
    item = records.NewOrderItem(product_id=5, quantity=2, price_at_time=Decimal("20.90"))
    order = records.NewOrder(user_id=1, total_amount=Decimal("41.80"), order_items=(item,))
    query = queries.check_out(order)
    key, *_ = db.run(query).unwrap()

    assert db.run(get(records.orders, key)).unwrap() == evolve(ORDER, order_id=1)
    assert db.run(get(records.products, records.ProductKey(5))).unwrap().inventory_quantity == 1
    assert db.run(queries.cart_of(1)).unwrap().items == ()
    assert isinstance(to_dynamodb(query, Settings(now=NOON)), Success)
    assert isinstance(to_sql(query, Settings(now=NOON)), Success)
