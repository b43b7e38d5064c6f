"""Queries on the online store, by topic and name, for the golden files and for the real store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

from attrs import evolve

from dalkit import (
    batch,
    count,
    delete,
    find,
    get,
    get_many,
    insert,
    maintain,
    put,
    transact,
    transact_get,
    update,
)

__all__ = ["NEW_YEAR", "reads", "writes"]

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)


def reads(store: ModuleType) -> Mapping[str, Mapping[str, Any]]:
    """Every read, by topic and name."""
    return {
        "keys": _keys(store),
        "ranges": _ranges(store),
        "orders": _orders(store),
        "filters": _filters(store),
        "sorted": _sorted(store),
        "nothing": _nothing(store),
        "refusals": _refusals(store),
    }


def writes(store: ModuleType) -> Mapping[str, Mapping[str, Any]]:
    """Every write, by topic and name."""
    return {
        "writes": _writes(store),
        "updates": _updates(store),
        "together": _together(store),
        "looks": _looks(store),
        "write_refusals": _write_refusals(store),
    }


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


def _writes(m: ModuleType) -> dict[str, Any]:
    cart, pr = m.cart_items, m.products
    key = m.CartItemKey(1, 7)
    return {
        "put": put(cart, _line(m)),
        "put on a condition": put(cart, _line(m)).when(cart.quantity < 5),
        "put where there is none": put(cart, _line(m)).when(cart.quantity.is_none()),
        "put where there is one": put(cart, _line(m)).when(cart.quantity.exists()),
        "insert": insert(cart, _line(m)),
        "delete": delete(cart, key),
        "delete on a condition": delete(cart, key).when(~(cart.quantity == 2)),
        "maintained": maintain(delete(pr, m.ProductKey(1))),
    }


def _updates(m: ModuleType) -> dict[str, Any]:
    o, u, pr, ca, cart = m.orders, m.users, m.products, m.categories, m.cart_items
    of_order = update(o, m.OrderKey(1, NEW_YEAR, 5))
    of_product = update(pr, m.ProductKey(1))
    item = m.OrderItem(order_item_id=1, product_id=2, quantity=3, price_at_time=Decimal("4.00"))
    return {
        "set": of_product.set(pr.price, Decimal("9.99")),
        "set on a condition": of_product.set(pr.price, 3).when(pr.price > 2, pr.seller_id == 1),
        "set none": of_product.set(pr.description, None),
        "remove": of_product.remove(pr.image_url),
        "set if absent": of_product.set_if_absent(pr.description, "a lamp"),
        "add": of_product.add(pr.inventory_quantity, -2).when(pr.inventory_quantity >= 2),
        "several": of_product.set(pr.price, 3).add(pr.inventory_quantity, 1).remove(pr.image_url),
        "the key of an index too": of_order.set(o.order_status, "cancelled"),
        "the keys of two indexes": of_product.set(pr.name, "lamp"),
        "the key of an index without a text around it": update(u, m.UserKey(1)).set(
            u.super_admin, True
        ),
        "a key that is made of another field": update(ca, m.CategoryKey(1)).set(ca.name, "lamps"),
        "inside a map": update(u, m.UserKey(1)).set(u.profile.at("first_name"), "Ada"),
        "inside a list": of_order.set(o.order_items[0].at("quantity"), 2),
        "append": of_order.append(o.order_items, item),
        "take an element out": of_order.remove(o.order_items[1]),
        "nothing": of_order,
        "or insert": update(cart, m.CartItemKey(1, 7)).add(cart.quantity, 2).or_insert(_line(m)),
    }


def _together(m: ModuleType) -> dict[str, Any]:
    pr, cart = m.products, m.cart_items
    key = m.CartItemKey(1, 8)
    return {
        "batch": batch(put(cart, _line(m)), delete(cart, key)),
        "nothing in a batch": batch(),
        "one record twice in a batch": batch(
            put(cart, _line(m)), delete(cart, m.CartItemKey(1, 7))
        ),
        "transaction": transact(
            insert(cart, _line(m)),
            update(pr, m.ProductKey(7))
            .add(pr.inventory_quantity, -2)
            .when(pr.inventory_quantity >= 2),
            delete(cart, key),
        ),
        "nothing in a transaction": transact(),
        "reads at one moment": transact_get(
            get(pr, m.ProductKey(1)), get(cart, key).select(cart.quantity)
        ),
        "one record twice at one moment": transact_get(
            get(cart, key), get(cart, key).select(cart.quantity)
        ),
    }


def _write_refusals(m: ModuleType) -> dict[str, Any]:
    cart, key = m.cart_items, m.CartItemKey(1, 7)
    return {
        "a record that cannot be held": put(cart, evolve(_line(m), quantity=10**12)),
        "one record twice in a transaction": transact(put(cart, _line(m)), delete(cart, key)),
        "too many at once": transact(*(put(cart, _line(m, n)) for n in range(1, 102))),
    }


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


def _looks(m: ModuleType) -> dict[str, Any]:
    """Writes with guards, and those that must read their item first."""
    o, u, pr, cart = m.orders, m.users, m.products, m.cart_items
    key = m.CartItemKey(1, 7)
    return {
        "a value that the field cannot hold": update(pr, m.ProductKey(1)).set(
            pr.price, Decimal("1.005")
        ),
        "more decimals than there are": update(pr, m.ProductKey(1)).add(pr.price, Decimal("0.005")),
        "a number too great to add": update(pr, m.ProductKey(1)).add(pr.price, Decimal("1e130")),
        "insert with guards": insert(u, _user(m)),
        "put with guards": put(u, _user(m)),
        "delete with guards": delete(u, m.UserKey(1)),
        "a field of the key": update(cart, key).set(cart.product_id, 3),
        "a field of the sort key": update(o, m.OrderKey(1, NEW_YEAR, 5)).set(
            o.created_at, NEW_YEAR + _HOUR
        ),
        "a unique field": update(u, m.UserKey(1)).set(u.email, "b@c.d"),
        "what an index's key becomes": update(pr, m.ProductKey(1)).add(pr.seller_id, 1),
        "or insert in a transaction": transact(
            update(cart, key).add(cart.quantity, 1).or_insert(_line(m))
        ),
        "several in a transaction": transact(delete(u, m.UserKey(1)), insert(cart, _line(m))),
        "a condition that nothing meets": delete(cart, key).when(cart.quantity.is_in([])),
    }


def _keys(m: ModuleType) -> dict[str, Any]:
    o, u, pr, ca, cart = m.orders, m.users, m.products, m.categories, m.cart_items
    key = m.OrderKey(1, NEW_YEAR, 5)
    return {
        "get by key": get(o, key),
        "get, consistent": get(u, m.UserKey(1)).consistent(),
        "get of some fields": get(o, key).select(o.order_status, o.order_items[0].at("quantity")),
        "many by key": get_many(pr, [m.ProductKey(2), m.ProductKey(1)]),
        "none by key": get_many(pr, []),
        "of one user": find(o).where(o.user_id == 1),
        "another entity of the same table": find(cart).where(cart.user_id == 1),
        "a whole key": find(o).where(o.user_id == 1, o.created_at == NEW_YEAR, o.order_id == 5),
        "a constant sort key": find(u).where(u.user_id == 1),
        "one value of many is that value": find(u).where(u.user_id.is_in([1])),
        "an index": find(u).where(u.email == "ada@example.com"),
        "another index": find(u).where(u.username == "ada"),
        "an index whose key may be absent": find(u).where(u.admin_group == "ADMIN"),
        "an index without a sort key": find(o).where(o.order_id == 5),
        "an index rather than a scan": find(o).where(o.order_status == "pending"),
        "the table rather than an index": find(o).where(o.user_id == 1, o.order_id == 5),
        "the index that is named": find(o).where(o.user_id == 1, o.order_id == 5).using("GSI3"),
        "the index that takes up more": find(pr).where(
            pr.category_id == 1, pr.seller_id == 2, pr.name == "lamp"
        ),
        "a computed key": find(ca).where(ca.parent_key == "ROOT"),
        "some fields": find(o).where(o.user_id == 1).select(o.order_id, o.order_status),
        "count": count(o).where(o.user_id == 1),
        "count by an index": count(o).where(o.order_status == "pending"),
        "consistent": find(o).where(o.user_id == 1).consistent(),
        "a scan that is allowed": find(ca).allow_scan(),
        "count by a scan": count(pr).where(pr.price > 10).allow_scan(),
        "a limit reads one more": find(o).where(o.user_id == 1).limit(20),
    }


def _ranges(m: ModuleType) -> dict[str, Any]:
    o, pr, cart = m.orders, m.products, m.cart_items
    mine = find(o).where(o.user_id == 1)
    later = NEW_YEAR + 5 * _HOUR
    between = timedelta(milliseconds=500)
    return {
        "from": mine.where(o.created_at >= NEW_YEAR),
        "after": mine.where(o.created_at > NEW_YEAR),
        "up to": mine.where(o.created_at <= NEW_YEAR),
        "before": mine.where(o.created_at < NEW_YEAR),
        "from and before": mine.where(o.created_at >= NEW_YEAR, o.created_at < later),
        "between": mine.where(o.created_at.between(NEW_YEAR, later)),
        "the narrower of two bounds": mine.where(o.created_at > NEW_YEAR, o.created_at > later),
        "a bound that no key holds": mine.where(o.created_at >= NEW_YEAR + between),
        "one instant": mine.where(o.created_at == NEW_YEAR),
        "then the next part": mine.where(o.created_at == NEW_YEAR, o.order_id > 3),
        "a part behind a gap": mine.where(o.order_id > 3),
        "a sort key that begins with its value": find(o).where(
            o.order_status == "pending", o.created_at < NEW_YEAR
        ),
        "on an index, both ends": find(o).where(
            o.order_status == "pending", o.created_at.between(NEW_YEAR, later)
        ),
        "padded numbers": find(cart).where(cart.user_id == 1, cart.product_id >= 7),
        "padded numbers below": find(cart).where(cart.user_id == 1, cart.product_id < 7),
        "padded numbers below zero": find(cart).where(cart.user_id == 1, cart.product_id > -7),
        "text that begins": find(pr).where(pr.category_id == 1, pr.name.begins_with("la")),
        "text from": find(pr).where(pr.category_id == 1, pr.name >= "lamp"),
        "text after": find(pr).where(pr.category_id == 1, pr.name > "lamp"),
        "text before": find(pr).where(pr.category_id == 1, pr.name < "lamp"),
        "text between": find(pr).where(pr.category_id == 1, pr.name.between("a", "b")),
    }


def _orders(m: ModuleType) -> dict[str, Any]:
    o, pr, cart = m.orders, m.products, m.cart_items
    mine = find(o).where(o.user_id == 1)
    return {
        "newest first": mine.order_by(o.created_at.desc()).limit(20),
        "oldest first": mine.order_by(o.created_at),
        "both parts of the key": mine.order_by(o.created_at.desc(), o.order_id.desc()).where(
            o.order_id >= 0
        ),
        "by what is one value": mine.order_by(o.user_id, o.created_at),
        "within an index": find(o)
        .where(o.order_status == "pending")
        .order_by(o.created_at.desc())
        .limit(5),
        "by name": find(pr).where(pr.category_id == 1).order_by(pr.name).limit(10),
        "ids from zero on": find(cart)
        .where(cart.user_id == 1, cart.product_id >= 0)
        .order_by(cart.product_id),
        "the index that gives the order": find(pr)
        .where(pr.seller_id == 1, pr.price > 3)
        .order_by(pr.name.desc()),
        "one record has any order": find(pr).where(pr.product_id == 1).order_by(pr.price),
    }


def _filters(m: ModuleType) -> dict[str, Any]:
    o, u, pr = m.orders, m.users, m.products
    mine, every = find(o).where(o.user_id == 1), find(pr).allow_scan()
    text = pr.description
    return {
        "equal": mine.where(o.order_status == "pending"),
        "unequal": mine.where(~(o.order_status == "pending")),
        "a number": mine.where(o.total_amount >= Decimal("9.99")),
        "not between": mine.where(~o.total_amount.between(3, 8)),
        "between": mine.where(o.total_amount.between(3, 8)),
        "either": mine.where((o.order_status == "completed") | ~(o.total_amount < 10)),
        "none of several": mine.where(~o.order_status.is_in(["pending", "cancelled"])),
        "one of several": mine.where(o.order_status.is_in(["pending", "cancelled"])),
        "one of more than a hundred": every.where(pr.product_id.is_in(range(1, 121))),
        "inside a list": mine.where(o.order_items[0].at("quantity") > 1),
        "how long a list is": mine.where(o.order_items.size() >= 2),
        "inside a map": find(u).where(u.email == "a@b.c", u.profile.at("first_name") == "Ada"),
        "a map's member is none": find(u).where(
            u.email == "a@b.c", u.profile.at("first_name").is_none()
        ),
        "true": find(u).where(u.is_seller == True).allow_scan(),  # noqa: E712 # a predicate
        "exists": every.where(text.exists()),
        "is none": every.where(text.is_none()),
        "never none": every.where(pr.name.exists()),
        "unequal where there may be none": every.where(text != "red"),
        "not in where there may be none": every.where(~text.is_in(["red", "blue"])),
        "begins": every.where(text.begins_with("re")),
        "does not begin": every.where(~text.begins_with("re")),
        "contains": every.where(text.contains("d")),
        "does not contain": every.where(~text.contains("d")),
        "begins with nothing": every.where(text.begins_with("")),
        "nested": every.where(
            (pr.price < 3) | ((pr.price > 30) & ((pr.price < 33) | pr.image_url.exists()))
        ),
        "what a key cannot say is filtered": find(pr).where(pr.category_id == 1, pr.price < 5),
    }


def _sorted(m: ModuleType) -> dict[str, Any]:
    o, pr, ca = m.orders, m.products, m.categories
    mine = find(o).where(o.user_id == 1).allow_scan()
    return {
        "a scan in order": find(ca).order_by(ca.name).allow_scan(),
        "what a key finds, in another order": find(pr)
        .where(pr.category_id == 1)
        .order_by(pr.price.desc())
        .allow_scan()
        .limit(10),
        "behind a gap": mine.order_by(o.order_id),
        "both directions": mine.order_by(o.created_at, o.order_id.desc()),
        "within a budget": mine.order_by(o.total_amount).budget(examined=500),
        "some fields": mine.order_by(o.total_amount).select(o.order_id),
        "by a value inside": mine.order_by(o.order_items[0].at("quantity")).limit(3),
        "the order of a key is not made again": mine.order_by(o.created_at),
        "a scan in parts": find(ca).allow_scan().segments(4),
        "a scan in parts, in order": find(ca).order_by(ca.name).allow_scan().segments(2).limit(5),
        "a count in parts": count(ca).allow_scan().segments(3),
    }


def _nothing(m: ModuleType) -> dict[str, Any]:
    o = m.orders
    mine = find(o).where(o.user_id == 1)
    return {
        "two values": mine.where(o.user_id == 2),
        "bounds that exclude each other": mine.where(
            o.created_at > NEW_YEAR, o.created_at < NEW_YEAR
        ),
        "a value that no record has": mine.where(
            o.created_at == NEW_YEAR + timedelta(milliseconds=1)
        ),
        "one of none": mine.where(o.order_status.is_in([])),
        "never none": mine.where(o.total_amount.is_none()),
        "a count of none": count(o).where(o.user_id == 1, o.user_id == 2),
        "none, without a key": find(o).where(o.total_amount == 1, o.total_amount == 2),
    }


def _refusals(m: ModuleType) -> dict[str, Any]:
    o, u, pr, ca = m.orders, m.users, m.products, m.categories
    mine, every = find(o).where(o.user_id == 1), find(pr).allow_scan()
    return {
        "every record": find(o),
        "no key": find(o).where(o.total_amount > 100),
        "no key, with an index that would serve": find(pr).where(
            pr.inventory_quantity == 0, pr.created_at > NEW_YEAR
        ),
        "a range on a partition key": find(o).where(o.user_id > 1),
        "several partition keys": find(o).where(o.user_id.is_in([1, 2])),
        "either of two keys": find(u).where((u.email == "a@b.c") | (u.username == "ada")),
        "an order that no key gives": find(pr).where(pr.category_id == 1).order_by(pr.price),
        "an order behind a gap": mine.order_by(o.order_id),
        "two directions": mine.order_by(o.created_at, o.order_id.desc()),
        "ids that may be negative": find(m.cart_items)
        .where(m.cart_items.user_id == 1)
        .order_by(m.cart_items.product_id),
        "an index, consistently": find(u).where(u.email == "a@b.c").consistent(),
        "an index that leaves records out": find(u).using("GSI5").allow_scan(),
        "a key in parts": find(o).where(o.user_id == 1).segments(4),
        "pages of a scan in parts": find(ca).allow_scan().segments(4).limit(5),
        "more parts than there can be": find(ca).allow_scan().segments(1_000_001),
        "how long a text is": every.where(pr.description.size() > 3),
        "folded text": find(pr).where(pr.name.folded() == "lamp").allow_scan(),
        "over the budget": find(o).where(o.user_id == 1).budget(calls=1),
        "an expression that is too long": find(pr)
        .where(pr.product_id.is_in(range(1000)))
        .allow_scan(),
    }
