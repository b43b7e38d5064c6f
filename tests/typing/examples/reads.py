"""Reads, typed by their answers."""

# ruff: noqa: E711, SIM201  # what must not be written is written here
from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar, assert_type

from records import (
    Order,
    OrderItem,
    OrderKey,
    OrderStatus,
    Product,
    ProductKey,
    User,
    UserKey,
    orders,
    products,
    users,
)

from dalkit import (
    Cursor,
    Field,
    Page,
    Predicate,
    Query,
    Result,
    Success,
    count,
    find,
    get,
    get_many,
    transact_get,
)
from dalkit.query.together import TransactGet

T = TypeVar("T")
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
KEY = OrderKey(user_id=1, created_at=NOON, order_id=2)


def run(query: Query[T]) -> Result[T]:
    """A backend, as far as types go."""
    raise NotImplementedError(query)


recent = (
    find(orders)
    .where(orders.user_id == 5, orders.created_at >= NOON)
    .where((orders.order_status == "completed") | ~(orders.total_amount < 10))
    .order_by(orders.created_at.desc(), orders.order_id)
    .limit(20)
    .consistent()
    .allow_scan()
    .using("GSI4")
    .segments(2)
    .budget(calls=1, capacity=Decimal("0.5"))
    .after(Cursor("x"))
)
assert_type(run(recent), Result[Page[Order]])
assert_type(run(count(users).where(users.email == "a@example.com")), Result[int])
assert_type(run(get(products, ProductKey(1))), Result[Product])
assert_type(run(get(orders, KEY).consistent()), Result[Order])
assert_type(run(get_many(products, [ProductKey(1)])), Result[Mapping[ProductKey, Product]])
assert_type(run(recent.select(orders.order_id)), Result[Page[tuple[int]]])
assert_type(
    run(recent.select(orders.order_id, orders.order_status, orders.order_items)),
    Result[Page[tuple[int, OrderStatus, tuple[OrderItem, ...]]]],
)
assert_type(
    run(get(users, UserKey(1)).select(users.email, users.admin_group)),
    Result[tuple[str, str | None]],
)
assert_type(
    run(transact_get(get(orders, KEY), get(products, ProductKey(1)).select(products.price))),
    Result[tuple[Order | None, tuple[Decimal] | None]],
)
assert_type(
    run(transact_get(*(get(products, ProductKey(number)) for number in range(9)))),
    Result[tuple[Product | None, ...]],
)
assert_type(
    transact_get(*[get(orders, KEY)], get(products, ProductKey(1))), TransactGet[tuple[Any, ...]]
)
match run(recent):
    case Success(page):
        assert_type(page.items, tuple[Order, ...])
        assert_type(page.next, Cursor | None)
        recent.after(page.next)  # error
    case _:
        pass

# predicates
assert_type(orders.user_id == 1, Predicate[Order])
assert_type(orders.total_amount == 1, Predicate[Order])
assert_type(orders.total_amount.between(1, Decimal("2.50")), Predicate[Order])
assert_type(orders.total_amount.is_in([1, 2]), Predicate[Order])
assert_type(users.admin_group == "x", Predicate[User])
assert_type(users.username.folded() == "ada", Predicate[User])
assert_type(users.username.size() > 3, Predicate[User])
assert_type(users.profile.at("first_name") == "Ada", Predicate[User])
assert_type(orders.order_items[0], Field[Order, OrderItem])
assert_type(orders.order_items[0].at("quantity"), Field[Order, Any])
assert_type((orders.user_id == 1) & ~orders.order_status.exists(), Predicate[Order])

some = find(orders)
some.where(orders.user_id == "1")  # error
some.where(orders.user_id < "1")  # error
some.where(orders.user_id == None)  # error
some.where(orders.user_id.between(1, "2"))  # error
some.where(orders.user_id.is_in(["1"]))  # error
some.where(orders.total_amount == 1.5)  # error
some.where(orders.total_amount < 1.5)  # error
some.where(orders.total_amount.between(1.5, 2))  # error
some.where(orders.order_status == "gone")  # error
some.where(orders.order_status.is_in(["gone"]))  # error
some.where(orders.created_at > "2026-01-01")  # error
some.where(orders.user_id.begins_with("1"))  # error
some.where(orders.user_id.contains(1))  # error
some.where(orders.order_items.contains(1))  # error
some.where(orders.user_id.folded() == "1")  # error
some.where(orders.order_items.size() == "1")  # error
some.where(orders.user_id[0] == 1)  # error
some.where(products.price > 1)  # error
some.where((orders.user_id == 1) & (products.price > 1))  # error
some.where(1 in orders.user_id)  # error
some.where(not (orders.user_id == 1))  # error
some.where(True)  # error
find(users).where(users.is_seller)  # error
find(users).where(users.admin_group == None)  # error
some.order_by(products.price)  # error
some.order_by("user_id")  # error
some.select(products.price)  # error
some.limit("20")  # error
some.after("x")  # error
some.after(None)  # error
some.when(orders.user_id == 1)  # error
get(orders, ProductKey(1))  # error
get(orders, 1)  # error
get(orders, KEY).limit(1)  # error
get_many(orders, [ProductKey(1)])  # error
count(orders).limit(1)  # error
count(orders).order_by(orders.user_id)  # error
find(Order)  # error
transact_get(find(orders))  # error
