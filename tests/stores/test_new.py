"""New records on every store: numbers, moments and defaults come of themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from dalkit import Failure, Success, delete, find, get, insert, put, transact, update
from dalkit.result import ConditionFailed, InvalidValue, TransactionCancelled
from dalkit.run.backend import Backend

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def new(store: Any) -> Callable[..., Any]:
    """A new product of the first user and category; all else can be given."""

    def made(name: str = "é", **given: Any) -> Any:
        plain = {"seller_id": 1, "category_id": 1, "price": Decimal("2.50")}
        return store.NewProduct(
            name=name, **{**plain, "description": None, "image_url": None, **given}
        )

    return made


@pytest.fixture
def held(db: Backend, store: Any, user: Any) -> Backend:
    """A backend with a user and a category."""
    derived = {"parent_name": "ROOT", "children_count": 0, "product_count": 0, "parent_key": "ROOT"}
    root = store.Category(category_id=1, name="all", parent_id=None, created_at=NOON, **derived)
    db.run(insert(store.users, user(1))).unwrap()
    db.run(insert(store.categories, root)).unwrap()
    return db


def test_a_new_record_is_answered_whole(held: Any, store: Any, new: Any) -> None:
    """And it is what is read again."""
    made = held.run(insert(store.products, new())).unwrap()

    assert made.product_id > 0
    assert (made.name, made.price, made.inventory_quantity) == ("é", Decimal("2.50"), 0)
    assert made.created_at == made.updated_at
    assert made.created_at.microsecond == 0
    assert held.run(get(store.products, store.ProductKey(made.product_id))) == Success(made)


def test_numbers_are_never_given_twice(held: Any, store: Any, new: Any, product: Any) -> None:
    """They go on after those that were given, also after a transaction that was cancelled."""
    first = held.run(insert(store.products, new())).unwrap().product_id
    far = first + 50
    held.run(insert(store.products, product(far))).unwrap()
    second = held.run(insert(store.products, new())).unwrap().product_id
    taken = insert(store.products, product(far))
    assert isinstance(held.run(transact(insert(store.products, new()), taken)), Failure)
    third = held.run(insert(store.products, new())).unwrap().product_id

    assert first < far < second < third


def test_a_transaction_answers_the_keys_of_new_records(held: Any, store: Any, new: Any) -> None:
    """All of them are there afterwards."""
    keys = held.run(transact(*(insert(store.products, new(one)) for one in "abc"))).unwrap()
    names = [held.run(get(store.products, one)).unwrap().name for one in keys]

    assert names == ["a", "b", "c"]
    assert len(set(keys)) == 3


@pytest.fixture
def bought(held: Any, store: Any, new: Any) -> tuple[int, int]:
    """The numbers of two products."""
    made = [held.run(insert(store.products, new(one))).unwrap() for one in "ab"]
    return made[0].product_id, made[1].product_id


@pytest.fixture
def order(store: Any) -> Callable[..., Any]:
    """A new order of the first user, with an item for each product given."""

    def made(*products: int) -> Any:
        one = {"quantity": 2, "price_at_time": Decimal("2.50")}
        items = tuple(store.NewOrderItem(product_id=each, **one) for each in products)
        return store.NewOrder(user_id=1, total_amount=Decimal("5.00"), order_items=items)

    return made


def _numbers(order: Any) -> list[int]:
    return [one.order_item_id for one in order.order_items]


def test_a_new_order_has_its_items(
    held: Any, store: Any, bought: tuple[int, int], order: Callable[..., Any]
) -> None:
    """Its key has a number and a moment that nobody gave; so have its items, in their order."""
    made = held.run(insert(store.orders, order(bought[1], bought[0], bought[1]))).unwrap()
    mine = find(store.orders).where(store.orders.user_id == 1)

    assert made.order_status == "pending"
    assert [one.product_id for one in made.order_items] == [bought[1], bought[0], bought[1]]
    assert [one.quantity for one in made.order_items] == [2, 2, 2]
    assert 0 < _numbers(made)[0] < _numbers(made)[1] < _numbers(made)[2]
    assert held.run(mine).unwrap().items == (made,)


def test_a_new_order_without_items_has_none(
    held: Any, store: Any, order: Callable[..., Any]
) -> None:
    """No number is asked for."""
    made = held.run(insert(store.orders, order())).unwrap()

    assert made.order_items == ()


def test_items_are_numbered_after_all_there_have_been(
    held: Any, store: Any, bought: tuple[int, int], order: Callable[..., Any]
) -> None:
    """Those of whole orders, of orders in a transaction, and of orders that are gone, too."""
    first = held.run(insert(store.orders, order(*bought))).unwrap()
    far = _numbers(first)[-1] + 50
    item = evolve(first.order_items[0], order_item_id=far)
    whole = evolve(first, order_id=first.order_id + 9, order_items=(item,))
    held.run(put(store.orders, whole)).unwrap()
    keys = held.run(transact(*(insert(store.orders, order(*bought)) for _ in "ab"))).unwrap()
    others = [held.run(get(store.orders, one)).unwrap() for one in keys]
    for one in keys:
        held.run(delete(store.orders, one)).unwrap()
    last = held.run(insert(store.orders, order(bought[0]))).unwrap()
    every = [*_numbers(first), far, *_numbers(others[0]), *_numbers(others[1]), *_numbers(last)]

    assert every == sorted(set(every))
    assert len(every) == 8


def test_items_are_numbered_after_those_that_came_by_a_change(
    held: Any, store: Any, bought: tuple[int, int], order: Callable[..., Any]
) -> None:
    """Put in the place of others, set, appended, and in a transaction."""
    made = held.run(insert(store.orders, order(bought[0]))).unwrap()
    key = store.OrderKey(1, made.created_at, made.order_id)
    ((item,), items) = made.order_items, store.orders.order_items

    def far() -> Any:
        there = held.run(insert(store.orders, order(bought[0]))).unwrap()
        return evolve(item, order_item_id=_numbers(there)[0] + 50)

    for change in (
        lambda one: put(store.orders, evolve(made, order_items=(one,))),
        lambda one: update(store.orders, key).set(items, (one,)),
        lambda one: update(store.orders, key).append(items, one),
        lambda one: transact(update(store.orders, key).append(items, one)),
    ):
        one = far()
        held.run(change(one)).unwrap()
        assert _numbers(held.run(get(store.orders, key)).unwrap())[-1] == one.order_item_id
        assert _numbers(held.run(insert(store.orders, order(bought[0]))).unwrap()) > [
            one.order_item_id
        ]


def test_items_of_a_new_order_are_new(
    held: Any, store: Any, bought: tuple[int, int], order: Callable[..., Any]
) -> None:
    """One with a number is refused by its place, and nothing is written."""
    item = store.OrderItem(
        order_item_id=7, product_id=bought[0], quantity=1, price_at_time=Decimal("1.00")
    )
    new = order(*bought)
    wrong = insert(store.orders, evolve(new, order_items=(new.order_items[0], item)))
    alone = held.run(wrong)
    together = held.run(transact(insert(store.orders, order(*bought)), wrong))

    assert isinstance(alone, Failure)
    assert isinstance(alone.failure(), InvalidValue)
    assert alone.failure().where == "order_items[1]"
    assert "NewOrderItem" in alone.failure().reason
    assert isinstance(together, Failure)
    assert isinstance(together.failure(), TransactionCancelled)
    assert held.run(find(store.orders).allow_scan()).unwrap().items == ()


@pytest.mark.parametrize("lines", [None, 7, "x"])
def test_items_that_are_none_are_refused(
    held: Any, store: Any, order: Callable[..., Any], lines: Any
) -> None:
    """As an invalid value, not by an exception."""
    answer = held.run(insert(store.orders, evolve(order(), order_items=lines)))

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), InvalidValue)
    assert answer.failure().where == "order_items"


def test_what_is_there_is_not_inserted_again(held: Any, store: Any, new: Any) -> None:
    """Where the key is given, the record that has it is told."""
    bought = held.run(insert(store.products, new())).unwrap().product_id
    line = store.NewCartItem(
        user_id=1, product_id=bought, product_name="é", product_price=Decimal("2.50")
    )
    made = held.run(insert(store.cart_items, line)).unwrap()
    again = held.run(insert(store.cart_items, line))

    assert made.quantity == 1
    assert isinstance(again, Failure)
    assert isinstance(again.failure(), ConditionFailed)
    assert again.failure().record == made


def test_what_is_unique_is_of_new_records_too(held: Any, store: Any) -> None:
    """The field is named."""
    profile = store.UserProfile(first_name=None, last_name=None)
    taken = store.NewUser(
        username="x", email="user1@example.com", password_hash="", profile=profile, admin_group=None
    )
    answer = held.run(insert(store.users, taken))

    assert isinstance(answer, Failure)
    assert isinstance(answer.failure(), ConditionFailed)
    assert answer.failure().unique == "email"


def test_a_new_record_that_cannot_be_is_refused(held: Any, store: Any, new: Any) -> None:
    """By its field, alone and among others; nothing is written."""
    wrong = insert(store.products, new(price=Decimal("0.001")))
    alone = held.run(wrong)
    together = held.run(transact(insert(store.products, new()), wrong))

    assert isinstance(alone, Failure)
    assert isinstance(alone.failure(), InvalidValue)
    assert alone.failure().where == "price"
    assert isinstance(together, Failure)
    assert isinstance(together.failure(), TransactionCancelled)
    assert [type(one) for one in together.failure().reasons] == [type(None), InvalidValue]
    assert held.run(find(store.products).allow_scan()).unwrap().items == ()


def test_a_new_record_can_be_changed(held: Any, store: Any, new: Any) -> None:
    """By the key that it was given."""
    made = held.run(insert(store.products, new())).unwrap()
    more = update(store.products, store.ProductKey(made.product_id)).add(
        store.products.inventory_quantity, 4
    )

    assert held.run(more).unwrap().inventory_quantity == 4
