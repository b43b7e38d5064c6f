"""The online store's access patterns, each asked with something, for the golden files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import ModuleType
from typing import Any

__all__ = ["patterns"]

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def patterns(q: Any, r: Any) -> Mapping[str, Any]:
    """Every function of the online store's access patterns, by its name, asked with something."""
    order, key = _order(r), r.OrderKey(1, NEW_YEAR, 5)
    asked = {
        "register": q.register(_user(r)),
        "user_by_username": q.user_by_username("ada"),
        "user_by_email": q.user_by_email("ada@example.com"),
        "user_by_id": q.user_by_id(1),
        "change_email": q.change_email(1, "ada@example.org"),
        "become_seller": q.become_seller(1),
        "products_of_category": q.products_of_category(1),
        "products_within": q.products_within(1, Decimal(5), Decimal(10)),
        "products_with": q.products_with("lamp"),
        "product_by_id": q.product_by_id(7),
        "create_product": q.create_product(_product(r)),
        "set_inventory": q.set_inventory(7, 1, 12),
        "rename_product": q.rename_product(7, 1, "lantern"),
        "delete_product": q.delete_product(7, 1),
        "products_of_seller": q.products_of_seller(1),
        "categories_with": q.categories_with("light"),
        "all_categories": q.all_categories(),
        "root_categories": q.root_categories(),
        "children_of": q.children_of(1),
        "category_by_id": q.category_by_id(1),
        "create_category": q.create_category(_category(r)),
        "rename_category": q.rename_category(1, "lights", [2, 3]),
        "delete_category": q.delete_category(2, 1),
        "check_out": q.check_out(order),
        "order_history": q.order_history(1),
        "orders_counted": q.orders_counted(1),
        "order_by_id": q.order_by_id(5),
        "products_by_id": q.products_by_id([7, 8]),
        "cancel_order": q.cancel_order(order),
        "set_order_status": q.set_order_status(key, "pending", "completed"),
        "orders_by_status": q.orders_by_status("pending"),
        "recent_orders": q.recent_orders(1),
        "own_orders": q.own_orders(1, NEW_YEAR, "pending", Decimal(10)),
        "cart_of": q.cart_of(1),
        "add_to_cart": q.add_to_cart(_line(r)),
        "change_cart_line": q.change_cart_line(1, 7, 3),
        "remove_cart_line": q.remove_cart_line(1, 7),
        "clear_cart": q.clear_cart([_line(r), _line(r, 8)]),
        "follow_product": q.follow_product(r.CartItemKey(1, 7), _product(r)),
    }
    return {f"{name}: {', '.join(_served(q, name))}": one for name, one in asked.items()}


def _served(q: Any, name: str) -> list[str]:
    """The patterns that a function serves."""
    return [told for told, serving in q.SERVED.items() if name in {one.__name__ for one in serving}]


def _order(m: Any) -> Any:
    lines = [
        m.OrderItem(order_item_id=n, product_id=n, quantity=2, price_at_time=Decimal("9.50"))
        for n in (7, 8)
    ]
    return m.Order(
        order_id=5,
        user_id=1,
        order_status="pending",
        total_amount=Decimal("38.00"),
        order_items=tuple(lines),
        created_at=NEW_YEAR,
        updated_at=NEW_YEAR,
    )


def _product(m: Any) -> Any:
    return m.Product(
        product_id=7,
        seller_id=1,
        category_id=2,
        name="lamp",
        description=None,
        price=Decimal("9.50"),
        inventory_quantity=12,
        image_url=None,
        created_at=NEW_YEAR,
        updated_at=NEW_YEAR,
    )


def _category(m: Any) -> Any:
    return m.Category(
        category_id=2,
        name="lamps",
        parent_id=1,
        parent_name="lights",
        parent_key="1",
        children_count=0,
        product_count=0,
        created_at=NEW_YEAR,
    )


def _line(m: ModuleType, product_id: int = 7) -> Any:
    return m.CartItem(
        cart_item_id=1,
        user_id=1,
        product_id=product_id,
        quantity=2,
        product_name="lamp",
        product_price=Decimal("9.50"),
        created_at=NEW_YEAR,
        updated_at=NEW_YEAR,
    )


def _user(m: ModuleType) -> Any:
    return m.User(
        user_id=1,
        username="ada",
        email="ada@example.com",
        password_hash="hush",
        profile=m.UserProfile(first_name="Ada", last_name=None),
        is_seller=False,
        super_admin=False,
        created_at=NEW_YEAR,
        updated_at=NEW_YEAR,
        admin_group=None,
    )
