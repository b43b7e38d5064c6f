"""Reads as values: what they hold, how they print, what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from dalkit import Cursor, Query, count, find, get, get_many
from dalkit.query.base import Access, Budget

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def recent(store: ModuleType) -> Any:
    """The example of the README: a user's recent orders."""
    orders = store.orders
    return (
        find(orders)
        .where(orders.user_id == 5, orders.created_at >= NOON)
        .where((orders.order_status == "completed") | ~(orders.total_amount < Decimal(10)))
        .order_by(orders.created_at.desc())
        .limit(20)
    )


def test_a_find_prints_as_explain_begins(store: ModuleType, recent: Any) -> None:
    """In one line, with everything that was asked."""
    orders = store.orders
    said = (
        "order where user_id = 5 and created_at >= 2026-01-02 12:00:00Z and "
        "(order_status = 'completed' or not (total_amount < 10)) "
        "by created_at, newest first, 20"
    )
    access = recent.consistent().allow_scan().using("GSI1").segments(4).after(Cursor("x"))

    assert str(recent) == f"find {said}"
    assert repr(recent) == f"<find {said}>"
    assert (
        str(access.budget(calls=3, capacity=Decimal("2.5")))
        == f"find {said}; after a cursor; consistent; scan allowed; using GSI1; 4 segments; "
        "at most 3 calls, 2.5 units"
    )
    assert (
        str(recent.select(orders.order_id, orders.order_items[0]))
        == f"find order_id, order_items[0] of {said}"
    )


def test_reads_are_values(store: ModuleType, recent: Any) -> None:
    """Built the same way they are equal and hash alike; a modifier leaves the old one as it was."""
    orders = store.orders
    again = recent.where()

    assert again == recent
    assert again is not recent
    assert hash(again) == hash(recent)
    assert recent.limit(21) != recent
    assert recent.most == 20
    assert recent.limit(21).limit(20) == recent
    assert find(orders).where(orders.total_amount > 1) == find(orders).where(
        orders.total_amount > Decimal("1.0")
    )
    assert isinstance(recent, Query)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda s: find(s.cart_items), "find cart_item"),
        (lambda s: find(s.orders).order_by(s.orders.order_id), "find order by order_id"),
        (
            lambda s: find(s.orders).order_by(s.orders.user_id.desc(), s.orders.order_id.asc()),
            "find order by user_id, greatest first, then order_id",
        ),
        (lambda s: count(s.users), "count user"),
        (
            lambda s: count(s.users).where(s.users.is_seller == True).consistent().allow_scan(),  # noqa: E712  # as users write it
            "count user where is_seller = true; consistent; scan allowed",
        ),
        (
            lambda s: count(s.users).using("GSI1").segments(2).budget(examined=100),
            "count user; using GSI1; 2 segments; at most 100 records",
        ),
        (lambda s: get(s.products, s.ProductKey(7)), "get product product_id = 7"),
        (
            lambda s: get(s.products, s.ProductKey(7)).select(s.products.price).consistent(),
            "get price of product product_id = 7; consistent",
        ),
        (
            lambda s: get_many(s.products, (s.ProductKey(n) for n in range(7))),
            (
                "get 7 product (product_id = 0), (product_id = 1), (product_id = 2), "
                "(product_id = 3), (product_id = 4), and 2 more"
            ),
        ),
        (lambda s: get_many(s.products, []).consistent(), "get 0 product; consistent"),
    ],
)
def test_every_read_prints(
    store: ModuleType, build: Callable[[ModuleType], object], said: str
) -> None:
    """The verb, the entity, and what was asked."""
    assert str(build(store)) == said


def test_secret_values_are_never_printed(store: ModuleType, things: Any, thing_key: Any) -> None:
    """Neither by str nor by repr; names of secret fields are no secret."""
    users = store.users
    query = find(users).where(users.password_hash == "hush", ~users.password_hash.is_in(["hush"]))

    assert str(query) == (
        "find user where password_hash = <secret> and not (password_hash in (<secret>))"
    )
    assert "hush" not in repr(query)


def test_a_key_is_kept_in_one_form(store: ModuleType) -> None:
    """The same instant in another zone is the same key."""
    near = datetime(2026, 1, 2, 13, tzinfo=timezone(timedelta(hours=1)))
    one = get(store.orders, store.OrderKey(user_id=1, created_at=near, order_id=2))
    two = get(store.orders, store.OrderKey(user_id=1, created_at=NOON, order_id=2))

    assert one == two
    assert str(one) == ("get order user_id = 1, created_at = 2026-01-02 12:00:00Z, order_id = 2")


def test_a_key_given_twice_is_one_key(store: ModuleType) -> None:
    """`get_many` answers by key, so nothing is lost; the order is that of the first mention."""
    keys = [store.ProductKey(n) for n in (3, 1, 3)]

    assert get_many(store.products, keys).keys == (keys[0], keys[1])


REFUSED: dict[str, tuple[Callable[[ModuleType], object], str]] = {
    "no entity": (lambda s: find(s.Order), "give a handle of a records module"),
    "a name for an entity": (lambda s: count("orders"), "'orders' is no entity"),  # type: ignore[arg-type]  # the misuse itself
    "get of no entity": (lambda s: get(7, 7), "7 is no entity"),  # type: ignore[arg-type]  # as above
    "no entity for many": (lambda s: get_many(7, []), "7 is no entity"),  # type: ignore[arg-type]  # as above
    "another entity's key": (
        lambda s: get(s.orders, s.ProductKey(1)),
        "a ProductKey is no key of order: give OrderKey(user_id=…, created_at=…, order_id=…)",
    ),
    "a bare value for a key": (lambda s: get(s.products, 7), "give ProductKey(product_id=…)"),
    "one wrong key of many": (
        lambda s: get_many(s.products, [s.ProductKey(1), s.UserKey(1)]),
        "a UserKey is no key of product",
    ),
    "a key of wrong values": (lambda s: get(s.products, s.ProductKey("7")), "give an int"),
    "None in a key": (lambda s: get(s.products, s.ProductKey(None)), "give an int"),
    "limit 0": (lambda s: find(s.orders).limit(0), "limit: 0 is less than 1"),
    "limit -1": (lambda s: find(s.orders).limit(-1), "limit: -1 is less than 1"),
    "limit True": (lambda s: find(s.orders).limit(True), "limit: True is a bool: give an int"),
    "limit 2.0": (lambda s: find(s.orders).limit(2.0), "2.0 is a float: give an int"),  # type: ignore[arg-type]  # as above
    "0 segments": (lambda s: find(s.orders).segments(0), "segments: 0 is less than 1"),
    "an index that is not there": (
        lambda s: find(s.products).using("GSI9"),
        "table Products has no index 'GSI9': its indexes are GSI1, GSI2",
    ),
    "after nothing": (
        lambda s: find(s.orders).after(None),  # type: ignore[arg-type]  # as above
        "after(None): after the last page there is no next",
    ),
    "after a text": (lambda s: find(s.orders).after("x"), "give a Cursor"),  # type: ignore[arg-type]  # as above
    "an empty budget": (lambda s: find(s.orders).budget(), "bounds nothing"),
    "a budget of no calls": (lambda s: find(s.orders).budget(calls=0), "less than 1"),
    "a budget of a float": (
        lambda s: count(s.orders).budget(capacity=0.5),  # type: ignore[arg-type]  # as above
        "give an int or a Decimal above 0",
    ),
    "no field to order by": (lambda s: find(s.orders).order_by("order_id"), "give a field, as in"),  # type: ignore[arg-type]  # as above
    "an order twice": (
        lambda s: find(s.orders).order_by(s.orders.order_id, s.orders.order_id.desc()),
        "it is ordered by that already",
    ),
    "an order of lists": (
        lambda s: find(s.orders).order_by(s.orders.order_items),
        "a list of OrderItem has no order",
    ),
    "select of nothing": (lambda s: find(s.orders).select(), "name the fields to answer"),
    "select of a field twice": (
        lambda s: find(s.orders).select(s.orders.order_id, s.orders.order_id),
        "a field is named twice",
    ),
    "select twice": (
        lambda s: find(s.orders).select(s.orders.order_id).select(s.orders.user_id),
        "name all fields at once",
    ),
    "select of a name": (lambda s: find(s.orders).select("order_id"), "give a field, as in orders"),  # type: ignore[call-overload]  # as above
}


@pytest.mark.parametrize("name", REFUSED)
def test_misuse_of_a_read_raises_with_the_remedy(store: ModuleType, name: str) -> None:
    """At once, where it was written."""
    misuse, said = REFUSED[name]

    with pytest.raises((TypeError, ValueError)) as raised:
        misuse(store)

    assert said in str(raised.value)


def test_a_table_without_indexes_says_so(things: Any) -> None:
    """`using` names what there is."""
    assert find(things).using("ByText").access == Access(index="ByText")
    with pytest.raises(ValueError, match="its indexes are ByText"):
        find(things).using("bytext")


def test_a_budget_bounds_what_it_names() -> None:
    """And nothing else."""
    assert Budget(calls=3) == Budget(calls=3, examined=None, capacity=None)
    assert str(Budget(calls=1, examined=2, capacity=3)) == "at most 1 calls, 2 records, 3 units"
