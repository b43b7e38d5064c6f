"""The online store's access patterns as queries: functions of what is known to what is wanted.

Nothing here acts or knows a store: `db.run(order_history(7))` asks whichever `db` is given.
Patterns that need answers before they can ask on (`AP13`, `AP14`, `AP23`) show their parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from contracts.online_store.records import (
    CartItem,
    CartItemKey,
    Category,
    CategoryKey,
    NewCategory,
    NewOrder,
    NewProduct,
    NewUser,
    Order,
    OrderKey,
    OrderStatus,
    Product,
    ProductKey,
    User,
    UserKey,
    cart_items,
    categories,
    orders,
    products,
    users,
)
from dalkit import (
    Query,
    batch,
    count,
    delete,
    find,
    get,
    get_many,
    insert,
    maintain,
    transact,
    update,
)
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.together import Batch, Maintain, Transact
from dalkit.query.updates import Update
from dalkit.query.writes import Delete, Insert

__all__ = ["MOST_LINES", "SERVED", "serves"]

F = TypeVar("F", bound=Callable[..., Query[Any]])

SERVED: Final[dict[str, list[Callable[..., Query[Any]]]]] = {}
"""The functions that serve each pattern, by the pattern's name."""

MOST_LINES: Final = 49
"""Cart lines of one checkout: the order and two writes a line are at most 100 writes."""


def serves(*patterns: str) -> Callable[[F], F]:
    """Mark a function with the patterns that it serves."""

    def mark(function: F) -> F:
        for one in patterns:
            SERVED.setdefault(one, []).append(function)
        return function

    return mark


# Users


@serves("AP01 register")
def register(user: NewUser) -> Insert[User]:
    """A new user, numbered by the store; a taken username or email is a failed condition."""
    return insert(users, user)


@serves("AP02 log in by username")
def user_by_username(username: str) -> Find[User, User]:
    """The user who has this name, whatever is to be compared with the password included."""
    return find(users).where(users.username == username).limit(1)


@serves("AP02 log in by username")
def user_by_email(email: str) -> Find[User, User]:
    """The user who has this address."""
    return find(users).where(users.email == email).limit(1)


@serves("AP03 own profile", "AP07 check a token", "AP46 seller profile")
def user_by_id(user_id: int) -> Get[User, User]:
    """The user with this id."""
    return get(users, UserKey(user_id))


@serves("AP04 update own profile", "AP48 update seller profile")
def change_email(user_id: int, email: str) -> Update[User]:
    """Another address; the index and the guard follow in the same transaction."""
    return update(users, UserKey(user_id)).set(users.email, email)


@serves("AP05 become a seller", "AP45 upgrade a user to seller")
def become_seller(user_id: int) -> Update[User]:
    """A seller from now on; one who is a seller already is a failed condition."""
    return (
        update(users, UserKey(user_id)).set(users.is_seller, True).when(users.is_seller == False)  # noqa: E712  # a predicate, not a truth value
    )


# Products


@serves("AP08 list products", "AP10 products of a category")
def products_of_category(category_id: int, page: int = 20) -> Find[Product, Product]:
    """By name, page by page."""
    return (
        find(products)
        .where(products.category_id == category_id)
        .order_by(products.name)
        .limit(page)
    )


@serves("AP08 list products")
def products_within(
    category_id: int, least: Decimal, most: Decimal, page: int = 20
) -> Find[Product, Product]:
    """Those of a category that are in stock at a price in this range."""
    return products_of_category(category_id, page).where(
        products.price.between(least, most), products.inventory_quantity > 0
    )


@serves("AP09 search products")
def products_with(text: str, page: int = 20) -> Find[Product, Product]:
    """A scan that stands in for a search engine: allowed, and bounded."""
    return (
        find(products)
        .where(products.name.contains(text) | products.description.contains(text))
        .allow_scan()
        .limit(page)
    )


@serves("AP11 one product with details", "AP39 add to cart")
def product_by_id(product_id: int) -> Get[Product, Product]:
    """The product with this id."""
    return get(products, ProductKey(product_id))


@serves("AP12 create a product")
def create_product(product: NewProduct) -> Transact:
    """The product and its category's count, if there is the category."""
    category = CategoryKey(product.category_id)
    return transact(
        insert(products, product),
        maintain(update(categories, category).add(categories.product_count, 1)),
    )


@serves("AP13 update a product", "AP16 set inventory")
def set_inventory(product_id: int, seller_id: int, quantity: int) -> Update[Product]:
    """How many there are, said by the owner."""
    return (
        update(products, ProductKey(product_id))
        .set(products.inventory_quantity, quantity)
        .when(products.seller_id == seller_id)
    )


@serves("AP13 update a product")
def rename_product(product_id: int, seller_id: int, name: str) -> Update[Product]:
    """Another name, by the owner; both indexes follow."""
    return (
        update(products, ProductKey(product_id))
        .set(products.name, name)
        .when(products.seller_id == seller_id)
    )


@serves("AP14 delete a product")
def delete_product(product_id: int, seller_id: int) -> Delete[Product]:
    """Gone, by the owner."""
    return delete(products, ProductKey(product_id)).when(products.seller_id == seller_id)


@serves("AP15 products of a seller", "AP17 seller statistics", "AP47 seller dashboard")
def products_of_seller(seller_id: int, page: int = 100) -> Find[Product, Product]:
    """By name, page by page; statistics add them up."""
    return find(products).where(products.seller_id == seller_id).order_by(products.name).limit(page)


# Categories


@serves("AP19 search categories")
def categories_with(text: str) -> Find[Category, Category]:
    """A scan of a small table."""
    return find(categories).where(categories.name.contains(text)).allow_scan()


@serves("AP20 list categories", "AP25 tree of categories")
def all_categories() -> Find[Category, Category]:
    """A scan of a small table."""
    return find(categories).allow_scan()


@serves("AP21 root categories")
def root_categories() -> Find[Category, Category]:
    """By name."""
    return find(categories).where(categories.parent_key == "ROOT").order_by(categories.name)


@serves("AP22 children of a category")
def children_of(category_id: int) -> Find[Category, Category]:
    """By name."""
    return (
        find(categories).where(categories.parent_key == str(category_id)).order_by(categories.name)
    )


@serves("AP23 category breadcrumb", "AP24 one category", "AP11 one product with details")
def category_by_id(category_id: int) -> Get[Category, Category]:
    """The category with this id; a breadcrumb asks once a level."""
    return get(categories, CategoryKey(category_id))


@serves("AP26 create a category")
def create_category(category: NewCategory) -> Transact:
    """The category, and its parent's count if there is the parent."""
    if category.parent_id is None:
        return transact(insert(categories, category))
    parent = CategoryKey(category.parent_id)
    return transact(
        insert(categories, category),
        maintain(update(categories, parent).add(categories.children_count, 1)),
    )


@serves("AP27 update a category")
def rename_category(category_id: int, name: str, children: Iterable[int]) -> Transact:
    """Another name, also beside each of its children."""
    return transact(
        update(categories, CategoryKey(category_id)).set(categories.name, name),
        *(
            maintain(update(categories, CategoryKey(one)).set(categories.parent_name, name))
            for one in children
        ),
    )


@serves("AP28 delete a category")
def delete_category(category_id: int, parent_id: int | None) -> Transact:
    """Gone, unless it has children or products; its parent counts one child less."""
    gone = delete(categories, CategoryKey(category_id)).when(
        categories.children_count == 0, categories.product_count == 0
    )
    if parent_id is None:
        return transact(gone)
    parent = CategoryKey(parent_id)
    return transact(gone, maintain(update(categories, parent).add(categories.children_count, -1)))


# Orders


@serves("AP29 check out")
def check_out(order: Order | NewOrder) -> Transact:
    """The order, the stock of every product in it, and its lines gone from the cart."""
    lines = order.order_items
    if len(lines) > MOST_LINES:
        raise ValueError(f"{len(lines)} lines: an order has at most {MOST_LINES}; make two")
    return transact(
        insert(orders, order),
        *(
            update(products, ProductKey(one.product_id))
            .add(products.inventory_quantity, -one.quantity)
            .when(products.inventory_quantity >= one.quantity)
            for one in lines
        ),
        *(delete(cart_items, CartItemKey(order.user_id, one.product_id)) for one in lines),
    )


@serves("AP30 order history", "AP33 order summary")
def order_history(user_id: int, page: int = 20) -> Find[Order, Order]:
    """Newest first, page by page; a summary adds them up."""
    return (
        find(orders).where(orders.user_id == user_id).order_by(orders.created_at.desc()).limit(page)
    )


@serves("AP30 order history")
def orders_counted(user_id: int) -> Count[Order]:
    """How many orders a user has."""
    return count(orders).where(orders.user_id == user_id)


@serves("AP31 one order", "AP34 set the status of an order")
def order_by_id(order_id: int) -> Find[Order, Order]:
    """The order with this id."""
    return find(orders).where(orders.order_id == order_id).limit(1)


@serves("AP31 one order", "AP37 may check out", "AP38 cart", "AP44 validate the cart")
def products_by_id(product_ids: Iterable[int]) -> GetMany[Product, ProductKey]:
    """The products of order or cart lines."""
    return get_many(products, [ProductKey(one) for one in product_ids])


@serves("AP32 cancel an order")
def cancel_order(order: Order) -> Transact:
    """Cancelled if it is pending, and every item's stock back."""
    key = OrderKey(order.user_id, order.created_at, order.order_id)
    return transact(
        update(orders, key)
        .set(orders.order_status, "cancelled")
        .when(orders.order_status == "pending"),
        *(
            update(products, ProductKey(one.product_id)).add(
                products.inventory_quantity, one.quantity
            )
            for one in order.order_items
        ),
    )


@serves("AP34 set the status of an order")
def set_order_status(key: OrderKey, before: OrderStatus, after: OrderStatus) -> Update[Order]:
    """From one state into another; the index by status follows."""
    return update(orders, key).set(orders.order_status, after).when(orders.order_status == before)


@serves("AP34 set the status of an order")
def orders_by_status(status: OrderStatus, page: int = 20) -> Find[Order, Order]:
    """Oldest first."""
    return find(orders).where(orders.order_status == status).order_by(orders.created_at).limit(page)


@serves("AP35 recent orders")
def recent_orders(user_id: int, number: int = 5) -> Find[Order, Order]:
    """A user's last few."""
    return order_history(user_id, number)


@serves("AP36 search own orders")
def own_orders(
    user_id: int, since: datetime, status: OrderStatus, least: Decimal, page: int = 20
) -> Find[Order, Order]:
    """A user's orders from a moment on, by status and amount."""
    return order_history(user_id, page).where(
        orders.created_at >= since,
        orders.order_status == status,
        orders.total_amount >= least,
    )


# Carts


@serves("AP37 may check out", "AP38 cart", "AP43 cart summary", "AP44 validate the cart")
def cart_of(user_id: int) -> Find[CartItem, CartItem]:
    """Every line of a user's cart."""
    return find(cart_items).where(cart_items.user_id == user_id)


@serves("AP39 add to cart")
def add_to_cart(line: CartItem) -> Update[CartItem]:
    """The line, or more of it."""
    key = CartItemKey(line.user_id, line.product_id)
    return update(cart_items, key).add(cart_items.quantity, line.quantity).or_insert(line)


@serves("AP40 change a cart line")
def change_cart_line(user_id: int, product_id: int, quantity: int) -> Update[CartItem]:
    """Another quantity for a line that is there."""
    return update(cart_items, CartItemKey(user_id, product_id)).set(cart_items.quantity, quantity)


@serves("AP40 change a cart line", "AP41 remove a cart line")
def remove_cart_line(user_id: int, product_id: int) -> Delete[CartItem]:
    """A line gone."""
    return delete(cart_items, CartItemKey(user_id, product_id))


@serves("AP42 clear the cart")
def clear_cart(lines: Iterable[CartItem]) -> Batch:
    """Every line gone."""
    return batch(*(delete(cart_items, CartItemKey(one.user_id, one.product_id)) for one in lines))


@serves("AP13 update a product")
def follow_product(line: CartItemKey, product: Product) -> Maintain[CartItem]:
    """A line whose copies of its product's name and price are those of today."""
    return maintain(
        update(cart_items, line)
        .set(cart_items.product_name, product.name)
        .set(cart_items.product_price, product.price)
    )
