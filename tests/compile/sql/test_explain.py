"""The keys that an explanation names are those that MySQL's own EXPLAIN names."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, final

import pytest
from attrs import frozen

from dalkit.compile.call import SqlCall, SqlReply
from dalkit.compile.explain import explain
from dalkit.compile.explanation import MysqlPlan
from dalkit.compile.sql import to_sql
from dalkit.query import Query, count, find, get, get_many, transact_get

ROOT = Path(__file__).parents[3]
STORE = ROOT / "contracts" / "online_store"
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
ROWS = 6_000


def _loaded(name: str) -> ModuleType:
    """A module of the example, which is imported from the repository's folder."""
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    spec = spec_from_file_location(f"explained_{name}", STORE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@final
@frozen
class Shop:
    """A connection to the online store with rows in it, and what its keys consist of."""

    connection: Any
    keys: dict[tuple[str, str], tuple[str, ...]]

    def rows(self, text: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        with self.connection.cursor() as cursor:
            cursor.execute(text, parameters)
            return list(cursor.fetchall())

    def used(self, query: Query[Any]) -> list[tuple[str, str, tuple[str, ...], bool]]:
        """How each table of each statement is read: its name there, the way, the key's columns, and
        whether what was found is sorted.
        """
        step: Any = to_sql(query).unwrap()
        found: list[tuple[str, str, tuple[str, ...], bool]] = []
        while isinstance(step, SqlCall):
            with self.connection.cursor() as cursor:
                cursor.execute("EXPLAIN FORMAT=TRADITIONAL " + step.text, step.parameters)
                names = [one[0] for one in cursor.description]
                for row in cursor.fetchall():
                    told = dict(zip(names, row, strict=True))
                    columns = next(
                        (held for (_, key), held in self.keys.items() if key == told["key"]), ()
                    )
                    if told["key"] == "PRIMARY":
                        columns = ("id",)
                    sorts = "filesort" in str(told["Extra"])
                    found.append((str(told["table"]), str(told["type"]), columns, sorts))
            rows = self.rows(step.text, step.parameters)
            step = step.read(SqlReply(tuple(rows), len(rows)))
        return found


@pytest.fixture(scope="module")
def shop(mysql_connect: Callable[[str], Any], mysql_server: Any) -> Iterator[Shop]:
    """The online store, seeded, its statistics fresh."""
    name = f"explained_{id(mysql_server):x}"
    with closing(mysql_connect("mysql")) as server, server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name}`")
        with closing(mysql_connect(name)) as connection:
            yield _filled(connection)
        cursor.execute(f"DROP DATABASE `{name}`")


def _filled(connection: Any) -> Shop:
    seed = _loaded("seed")
    with connection.cursor() as cursor:
        for one in (STORE / "schema.sql").read_text().split(";\n"):
            if one.strip():
                cursor.execute(one)
        for statement in seed.statements(ROWS):
            cursor.execute(statement)
        connection.commit()
        cursor.execute("ANALYZE TABLE " + ", ".join(seed.COLUMNS))
        cursor.fetchall()
        cursor.execute(
            "SELECT table_name, index_name, column_name FROM information_schema.statistics "
            "WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index"
        )
        keys: dict[tuple[str, str], tuple[str, ...]] = {}
        for table, key, column in cursor.fetchall():
            keys[table, key] = (*keys.get((table, key), ()), column)
    return Shop(connection, keys)


@final
@frozen
class Known:
    """Values that rows of the seeded store have."""

    username: str
    email: str
    user: int
    product: int
    line: tuple[int, int]
    order: tuple[int, datetime, int]
    other: tuple[int, datetime, int]


def _known(shop: Shop) -> Known:
    (name, email), *_ = shop.rows("SELECT username, email FROM users ORDER BY id DESC LIMIT 1")
    orders = "SELECT user_id, created_at, id FROM orders WHERE status = 'pending'"
    (user, moment, number), other, *_ = shop.rows(f"{orders} ORDER BY id DESC LIMIT 2")
    (line,) = shop.rows("SELECT user_id, product_id FROM shopping_carts ORDER BY id DESC LIMIT 1")
    ((product,),) = shop.rows("SELECT MAX(product_id) FROM order_items")
    return Known(
        username=name,
        email=email,
        user=user,
        product=product,
        line=(line[0], line[1]),
        order=(user, moment.replace(tzinfo=UTC), number),
        other=(other[0], other[1].replace(tzinfo=UTC), other[2]),
    )


Q: Any = _loaded("queries")
R: Any = sys.modules["contracts.online_store.records"]
READS: dict[str, Callable[[Known], Query[Any]]] = {
    "user_by_username": lambda k: Q.user_by_username(k.username),
    "user_by_email": lambda k: Q.user_by_email(k.email),
    "user_by_id": lambda k: Q.user_by_id(k.user),
    "products_of_category": lambda _: Q.products_of_category(10),
    "products_within": lambda _: Q.products_within(10, Decimal(1), Decimal(50)),
    "products_with": lambda _: Q.products_with("lamp"),
    "product_by_id": lambda k: Q.product_by_id(k.product),
    "products_of_seller": lambda _: Q.products_of_seller(3),
    "categories_with": lambda _: Q.categories_with("a"),
    "all_categories": lambda _: Q.all_categories(),
    "root_categories": lambda _: Q.root_categories(),
    "children_of": lambda _: Q.children_of(3),
    "category_by_id": lambda _: Q.category_by_id(5),
    "order_history": lambda k: Q.order_history(k.user),
    "orders_counted": lambda k: Q.orders_counted(k.user),
    "order_by_id": lambda k: Q.order_by_id(k.order[2]),
    "products_by_id": lambda _: Q.products_by_id([3, 40, 71]),
    "recent_orders": lambda k: Q.recent_orders(k.user),
    "own_orders": lambda k: Q.own_orders(k.user, k.order[1], "pending", Decimal(0)),
    "orders_by_status": lambda _: Q.orders_by_status("cancelled"),
    "cart_of": lambda k: Q.cart_of(k.line[0]),
}
MORE: dict[str, Callable[[Known], Query[Any]]] = {
    "at one moment": lambda k: transact_get(Q.user_by_id(k.user), Q.product_by_id(k.product)),
    "one order": lambda k: get(R.orders, R.OrderKey(*k.order)),
    "some orders": lambda k: get_many(R.orders, [R.OrderKey(*k.order), R.OrderKey(*k.other)]),
    "cart line": lambda k: get(R.cart_items, R.CartItemKey(*k.line)),
    "names": lambda k: find(R.users).where(R.users.username.is_in([k.username, "ada"])),
    "a name's beginning": lambda k: find(R.users).where(R.users.username.begins_with(k.username)),
    "orders since": lambda k: find(R.orders).where(
        R.orders.user_id == k.user, R.orders.created_at >= k.order[1]
    ),
    "lines of a product": lambda k: find(R.cart_items).where(R.cart_items.product_id == k.line[1]),
    "some fields": lambda k: (
        find(R.orders).where(R.orders.user_id == k.user).select(R.orders.order_id)
    ),
    "own orders by number": lambda k: (
        find(R.orders)
        .where(R.orders.user_id == k.user)
        .order_by(R.orders.created_at, R.orders.order_id)
    ),
    "cart by product": lambda k: (
        find(R.cart_items)
        .where(R.cart_items.user_id == k.line[0])
        .order_by(R.cart_items.product_id)
    ),
    "some users": lambda _: find(R.users).where(R.users.user_id.is_in([3, 4, 5])),
    "prices": lambda _: count(R.products).where(R.products.price > 30),
}


@pytest.mark.parametrize("name", [*READS, *MORE])
def test_mysql_uses_the_keys_that_are_named(shop: Shop, name: str) -> None:
    """Each table by the columns of a key, or all its rows, as MySQL itself says."""
    query = {**READS, **MORE}[name](_known(shop))
    plan = explain(query).mysql
    assert isinstance(plan, MysqlPlan)
    used = shop.used(query)

    for _, columns in plan.indexes:
        if columns:
            assert any(key[: len(columns)] == columns for _, _, key, _ in used), (plan, used)
    table, columns = plan.indexes[0]
    way, sorts = next((way, sorts) for name, way, _, sorts in used if name == table)
    assert (way in ("ALL", "index")) is not bool(columns), (plan, used)
    assert sorts is plan.sorted, (plan, used)


def test_every_read_of_the_store_is_among_them() -> None:
    """What serves a pattern and reads is asked above."""
    reads = {
        one.__name__
        for served in Q.SERVED.values()
        for one in served
        if str(one.__annotations__["return"]).split("[")[0] in ("Find", "Get", "Count", "GetMany")
    }

    assert reads == set(READS)
