"""Writes, typed by their answers."""

# what must not be written is written here
from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar, assert_type

from records import (
    CartItemKey,
    NewOrder,
    NewOrderItem,
    NewProduct,
    Order,
    OrderItem,
    OrderKey,
    Product,
    ProductKey,
    UserKey,
    cart_items,
    orders,
    products,
    users,
)

from dalkit import (
    Query,
    Result,
    Write,
    batch,
    delete,
    find,
    get,
    insert,
    maintain,
    put,
    transact,
    update,
)
from dalkit.query.writes import Insert
from dalkit.schema.entity import new_class_of

T = TypeVar("T")
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
KEY = OrderKey(user_id=1, created_at=NOON, order_id=2)
LINE = OrderItem(order_item_id=1, product_id=1, quantity=1, price_at_time=Decimal(1))


def run(query: Query[T]) -> Result[T]:
    """A backend, as far as types go."""
    raise NotImplementedError(query)


def place(order: Order, product: Product) -> None:
    """What an application writes."""
    change = (
        update(orders, KEY)
        .set(orders.order_status, "cancelled")
        .set(orders.user_id, 3)
        .add(orders.total_amount, 1)
        .append(orders.order_items, LINE)
        .when(orders.order_status == "pending", orders.total_amount > 5)
        .or_insert(order)
    )
    assert_type(run(change), Result[Order])
    assert_type(run(put(orders, order).when(orders.total_amount < 5)), Result[Order])
    assert_type(run(insert(products, product)), Result[Product])
    assert_type(run(delete(orders, KEY).when(orders.user_id == 1)), Result[bool])
    assert_type(run(maintain(change)), Result[Order | None])
    assert_type(run(batch(put(orders, order), delete(orders, KEY))), Result[None])
    assert_type(
        run(
            transact(
                insert(orders, order),
                *(
                    update(products, ProductKey(line.product_id))
                    .add(products.inventory_quantity, -line.quantity)
                    .when(products.inventory_quantity >= line.quantity)
                    for line in order.order_items
                ),
                *(
                    delete(cart_items, CartItemKey(1, line.product_id))
                    for line in order.order_items
                ),
                maintain(delete(orders, KEY)),
            )
        ),
        Result[tuple[Any, ...]],
    )
    line = NewOrderItem(product_id=1, quantity=1, price_at_time=Decimal(1))
    fresh = NewOrder(user_id=1, total_amount=Decimal(1), order_items=(line,))
    assert_type(run(insert(orders, fresh)), Result[Order])
    assert_type(insert(orders, fresh), Insert[Order])
    assert_type(new_class_of(orders), type[NewOrder])
    transact(insert(orders, fresh), maintain(insert(orders, fresh)))
    update(users, UserKey(1)).set(users.admin_group, None).remove(users.admin_group)
    update(users, UserKey(1)).set_if_absent(users.admin_group, "x")
    update(orders, KEY).set(orders.total_amount, 1).add(orders.total_amount, Decimal("1.5"))
    write: Write[Order] = change
    transact(write)

    update(orders, KEY).set(orders.order_status, "gone")  # error
    update(orders, KEY).set(orders.user_id, "1")  # error
    update(orders, KEY).set(orders.user_id, None)  # error
    update(orders, KEY).set(orders.total_amount, 1.5)  # error
    update(orders, KEY).set(products.price, 1)  # error
    update(orders, KEY).set("user_id", 1)  # error
    update(orders, KEY).add(orders.order_status, 1)  # error
    update(orders, KEY).add(orders.user_id, "1")  # error
    update(orders, KEY).add(orders.total_amount, 1.5)  # error
    update(orders, KEY).append(orders.order_items, 1)  # error
    update(orders, KEY).append(orders.user_id, 1)  # error
    update(orders, KEY).add_members(orders.user_id, 1)  # error
    update(orders, KEY).remove(products.price)  # error
    update(orders, KEY).when(products.price > 1)  # error
    update(orders, KEY).when(orders.user_id == "1")  # error
    update(orders, KEY).or_insert(product)  # error
    update(orders, KEY).where(orders.user_id == 1)  # error
    update(orders, ProductKey(1))  # error
    put(orders, product)  # error
    put(orders, KEY)  # error
    put(orders, order).limit(1)  # error
    insert(orders, product)  # error
    insert(products, fresh)  # error
    put(orders, fresh)  # error
    update(orders, KEY).or_insert(fresh)  # error
    NewOrder(order_id=1, user_id=1, total_amount=Decimal(1), order_items=())  # error
    NewOrder(user_id=1, total_amount=Decimal(1), order_items=(LINE,))  # error
    NewOrderItem(order_item_id=1, product_id=1, quantity=1, price_at_time=Decimal(1))  # error
    NewProduct(name="x")  # error
    insert(orders, order).when(orders.user_id == 1)  # error
    delete(orders, ProductKey(1))  # error
    delete(orders, order)  # error
    batch(change)  # error
    batch(insert(orders, order))  # error
    transact(find(orders))  # error
    transact(get(orders, KEY))  # error
    transact(batch(delete(orders, KEY)))  # error
    maintain(find(orders))  # error
