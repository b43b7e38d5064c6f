"""Rows for the online store: any number, the same for the same seed, in foreign-key order.

Whatever the size, the rows hold what data of real shops holds: NULL beside empty text, `NULL`
as text, quotes, backslashes, emoji, `#` in names, names that end in spaces, the greatest and
least prices, moments that no clock on a wall in Berlin showed, categories named alike, carts
and orders of sixty lines, an order of none, ids with gaps.

    python contracts/online_store/seed.py --rows 20000 --seed 1 | mysql online_store
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain, groupby, islice
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias, final

from attrs import frozen

__all__ = ["COLUMNS", "LEAST", "Row", "Value", "insert_into", "rows", "sizes", "statements"]

Value: TypeAlias = str | int | bool | Decimal | datetime | None
Row: TypeAlias = tuple[str, tuple[str, ...], tuple[Value, ...]]
"""A table, its columns, their values; a moment is aware and UTC."""

_NAMES: Final = ("first_name", "last_name")
_ROLES: Final = ("is_seller", "super_admin")
_OFFER: Final = ("price", "inventory_quantity", "image_url")
_STAMPS: Final = ("created_at", "updated_at")

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "users": ("id", "username", "email", "password_hash", *_NAMES, *_ROLES, *_STAMPS),
        "categories": ("id", "name", "parent_id", "created_at"),
        "products": ("id", "seller_id", "category_id", "name", "description", *_OFFER, *_STAMPS),
        "shopping_carts": ("id", "user_id", "product_id", "quantity", *_STAMPS),
        "orders": ("id", "user_id", "total_amount", "status", *_STAMPS),
        "order_items": ("id", "order_id", "product_id", "quantity", "price_at_time"),
    }
)
"""The columns of each table; the tables in foreign-key order."""

_SHARES: Final = {
    "users": (0.12, 30),
    "categories": (0.01, 24),
    "products": (0.15, 90),
    "shopping_carts": (0.20, 115),
    "orders": (0.17, 24),
}
"""The share of all rows, and the fewest, of each table but order_items, which gets the rest."""

LEAST: Final = 450
"""The fewest rows there can be: the special ones and a few of each kind beside them."""

_CLOCKS: Final = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2026-03-29 02:30:00",  # skipped by the clocks of Berlin
        "2025-03-09 02:30:00",  # skipped by the clocks of New York
        "2025-10-26 02:30:00",  # shown twice in Berlin
        "2024-02-29 23:59:59",
        "2024-12-31 23:59:59",
        "1970-01-01 00:00:01",  # the first and the last that a TIMESTAMP holds
        "2038-01-19 03:14:07",
    )
)


_DATA: Final = json.loads(Path(__file__).with_name("seed.json").read_text("utf-8"))


def _special(table: str) -> tuple[tuple[Any, ...], ...]:
    """The special rows of `seed.json`; a list there is a text, so many times."""
    return tuple(
        tuple(cell[0] * cell[1] if isinstance(cell, list) else cell for cell in row)
        for row in _DATA[table]
    )


_USERS: Final = _special("users")
"""By position: 0 and 1 are sellers and super admins, 1 sells nothing yet; 2 and 3 have carts of 60
and 49 lines; 4 has the special orders; the last ones never have any cart or order."""

_CATEGORIES: Final = _special("categories")
"""The last one never has a product or a child."""

_PRODUCTS: Final = _special("products")
"""By position: 0 is in a cart 0 times; 2 costs all that a price can; 3 costs less than nothing."""

_ORDER_LINES: Final = (0, 60, 1, 1, 1, 2, 1, 1) + (1,) * len(_CLOCKS)
"""How many lines the special orders have; `_special_lines` says what is special about them."""


def sizes(total: int = 20_000) -> dict[str, int]:
    """How many rows each table gets: exactly `total` in all, or `LEAST` where that is less."""
    total = max(total, LEAST)
    counts = {table: max(least, int(total * share)) for table, (share, least) in _SHARES.items()}
    return {**counts, "order_items": total - sum(counts.values())}


def rows(total: int = 20_000, *, seed: int = 1) -> Iterator[Row]:
    """Every row of the store, table by table in foreign-key order, parents before children."""
    plan = _plan(total, seed)
    for table, make in _MAKERS.items():
        for values in make(plan):
            yield table, COLUMNS[table], values


def statements(total: int = 20_000, *, seed: int = 1, at_once: int = 200) -> Iterator[str]:
    """The rows as SQL: a session's settings, multi-row INSERTs of one transaction, COMMIT."""
    yield "SET NAMES utf8mb4;"
    yield "SET SESSION time_zone = '+00:00', SESSION sql_mode = 'STRICT_ALL_TABLES';"
    yield "START TRANSACTION;"
    for table, columns, several in _together(rows(total, seed=seed), at_once):
        lines = ",\n".join(f"({', '.join(map(_literal, values))})" for values in several)
        yield f"{_insert(table, columns)}\n{lines};"
    yield "COMMIT;"


class Cursor(Protocol):
    """What `insert_into` needs of a DB-API cursor (`%s` stands for a parameter)."""

    def execute(self, query: str, args: Any = ..., /) -> object: ...
    def fetchone(self) -> Any: ...


class Connection(Protocol):
    """What `insert_into` needs of a DB-API connection."""

    def cursor(self) -> Cursor: ...


def insert_into(
    connection: Connection, total: int = 20_000, *, seed: int = 1, at_once: int = 500
) -> dict[str, int]:
    """Insert the rows into empty tables, answer how many each got; committing is the caller's."""
    cursor = connection.cursor()
    cursor.execute("SELECT @@session.time_zone")
    (zone,) = cursor.fetchone()
    cursor.execute("SET SESSION time_zone = '+00:00'")
    counts = dict.fromkeys(COLUMNS, 0)
    try:
        for table, columns, several in _together(rows(total, seed=seed), at_once):
            marks = ", ".join(["(" + ", ".join(["%s"] * len(columns)) + ")"] * len(several))
            cursor.execute(
                f"{_insert(table, columns)} {marks}", [v for values in several for v in values]
            )
            counts[table] += len(several)
    finally:
        cursor.execute("SET SESSION time_zone = %s", [zone])
    return counts


def _together(
    every: Iterable[Row], at_once: int
) -> Iterator[tuple[str, tuple[str, ...], list[tuple[Value, ...]]]]:
    if at_once < 1:
        raise ValueError(f"at_once is {at_once}: give the number of rows of one statement, from 1")
    for (table, columns), same in groupby(every, key=lambda row: row[:2]):
        while several := [values for _, _, values in islice(same, at_once)]:
            yield table, columns, several


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO `{table}` ({', '.join(f'`{name}`' for name in columns)}) VALUES"


def _literal(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        # Backslashes mean one thing or another by sql_mode: hexadecimal digits mean one.
        if "\\" in value or not value.isprintable():
            return f"_utf8mb4 X'{value.encode().hex()}'"
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, datetime):
        return value.strftime("'%Y-%m-%d %H:%M:%S'")
    return format(value, "f") if isinstance(value, Decimal) else str(int(value))


@final
@frozen
class _Plan:
    """What rows of several tables must agree on."""

    seed: int
    ids: Mapping[str, Sequence[int]]
    prices: Sequence[Decimal]
    """Of the products, by position."""
    cart_lines: Sequence[int]
    """Of the users who are not special, by position."""
    order_lines: Sequence[int]

    def random(self, purpose: str) -> Random:
        return Random(f"{self.seed}/{purpose}")


def _plan(total: int, seed: int) -> _Plan:
    counts = sizes(total)
    ids = {table: _ids(count, Random(f"{seed}/ids/{table}")) for table, count in counts.items()}
    random = Random(f"{seed}/plan")
    common = [
        Decimal(random.randint(50, 50_000)).scaleb(-2)
        for _ in range(counts["products"] - len(_PRODUCTS))
    ]
    shoppers = (counts["users"] - len(_USERS)) * 2 // 3
    return _Plan(
        seed=seed,
        ids=ids,
        prices=[Decimal(price) for _, _, price, *_ in _PRODUCTS] + common,
        cart_lines=_spread(counts["shopping_carts"] - 60 - 49, shoppers, random),
        order_lines=list(_ORDER_LINES)
        + _spread(
            counts["order_items"] - sum(_ORDER_LINES),
            counts["orders"] - len(_ORDER_LINES),
            random,
        ),
    )


def _ids(count: int, random: Random) -> list[int]:
    ids, last = [], 0
    for _ in range(count):
        last += random.choice((1, 1, 1, 1, 1, 1, 1, 1, 2, 5))
        ids.append(last)
    return ids


def _spread(total: int, parts: int, random: Random) -> list[int]:
    """`total` as a sum of `parts` numbers, most of them unequal."""
    base, extra = divmod(total, parts)
    counts = [base + (position < extra) for position in range(parts)]
    for one in range(0, parts - 1, 2):
        shift = random.randint(0, max(0, counts[one + 1] - 1))
        counts[one] += shift
        counts[one + 1] -= shift
    return counts


def _moments(random: Random, position: int = -1) -> tuple[datetime, datetime]:
    """When a row was made and last changed; by position, the special moments."""
    if 0 <= position < len(_CLOCKS):
        return _CLOCKS[position], _CLOCKS[position]
    made = datetime(2023, 1, 1, tzinfo=UTC) + timedelta(seconds=random.randrange(110_000_000))
    later = random.choice((0, 0, random.randrange(7_000_000)))
    return made, made + timedelta(seconds=later)


def _users(plan: _Plan) -> Iterator[tuple[Value, ...]]:
    random = plan.random("users")
    signs = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    for position, one in enumerate(plan.ids["users"]):
        if position < len(_USERS):
            username, email, first, last = _USERS[position]
            seller = admin = position < 2
        else:
            first, last = random.choice(_DATA["first_names"]), random.choice(_DATA["last_names"])
            username = f"{_plain(first)}.{_plain(last)}{position}"
            email = f"{username}@{random.choice(('example.com', 'example.org', 'mail.example'))}"
            seller, admin = random.random() < 0.1, random.random() < 0.002
        password = "$2b$12$" + "".join(random.choices(signs, k=53))
        made, changed = _moments(random, position)
        yield one, username, email, password, first, last, seller, admin, made, changed


def _plain(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in apart if letter.isascii())


def _thing(random: Random) -> str:
    return f"{random.choice(_DATA['adjectives'])} {random.choice(_DATA['nouns'])}"


def _categories(plan: _Plan) -> Iterator[tuple[Value, ...]]:
    random = plan.random("categories")
    ids = plan.ids["categories"]
    depths: list[int] = []
    for position, one in enumerate(ids):
        if position < len(_CATEGORIES):
            name, above = _CATEGORIES[position]
        else:
            name = f"{_thing(random)}s"
            above = random.randrange(position) if random.random() < 0.85 else None
            if above == len(_CATEGORIES) - 1 or (above is not None and depths[above] >= 5):
                above = None
        depths.append(0 if above is None else depths[above] + 1)
        yield one, name, None if above is None else ids[above], _moments(random)[0]


def _products(plan: _Plan) -> Iterator[tuple[Value, ...]]:
    random = plan.random("products")
    first, _, *others = (values[0] for values in _users(plan) if values[6])
    sellers = [first, *others]
    shelves = [c for p, c in enumerate(plan.ids["categories"]) if p != len(_CATEGORIES) - 1]
    for position, (one, price) in enumerate(zip(plan.ids["products"], plan.prices, strict=True)):
        made, changed = _moments(random)
        if position < len(_PRODUCTS):
            name, text, _, stock, image, at = _PRODUCTS[position]
            seller, shelf = first, plan.ids["categories"][at]
        else:
            name = f"{_thing(random)} {position % 97}"
            text = random.choice((None, f"{name}, sold by the piece.", "As good as new."))
            image = random.choice((None, f"https://img.example.com/{one}.jpg"))
            stock = random.choice((0, random.randint(1, 500)))
            seller, shelf = random.choice(sellers), random.choice(shelves)
        yield one, seller, shelf, name, text, price, stock, image, made, changed


def _shopping_carts(plan: _Plan) -> Iterator[tuple[Value, ...]]:
    random = plan.random("shopping_carts")
    ids, users, products = iter(plan.ids["shopping_carts"]), plan.ids["users"], plan.ids["products"]
    lines = [(users[2], products[:60]), (users[3], random.sample(products, 49))]
    shoppers = zip(users[len(_USERS) :], plan.cart_lines, strict=False)
    rest = ((user, random.sample(products, count)) for user, count in shoppers)
    for user, chosen in chain(lines, rest):
        for product in chosen:
            quantity = 0 if product == products[0] else random.choice((1, 1, 1, 2, 3, 10))
            yield next(ids), user, product, quantity, *_moments(random)


def _orders(plan: _Plan) -> Iterator[tuple[Value, ...]]:
    random = plan.random("orders")
    users, special = plan.ids["users"], len(_ORDER_LINES)
    buyers = users[len(_USERS) : len(_USERS) + (len(users) - len(_USERS)) * 4 // 5]
    twins = _moments(random)  # two orders of one user in one second
    for position, one in enumerate(plan.ids["orders"]):
        total = sum((line[1] * line[2] for line in _lines(plan, position)), Decimal("0.00"))
        often = buyers[0] if random.random() < 0.05 else random.choice(buyers)
        user = users[4] if position < special else often
        status = random.choice(("completed",) * 7 + ("pending",) * 2 + ("cancelled",))
        clock = position - (special - len(_CLOCKS))
        made, changed = twins if position in (6, 7) else _moments(random, clock)
        yield one, user, total, status, made, changed


def _lines(plan: _Plan, position: int) -> Iterator[tuple[int, int, Decimal]]:
    """The product, quantity and price of each line of an order."""
    products = plan.ids["products"]
    if position in (2, 3, 4, 5):
        yield from _special_lines(position, products)
        return
    random = plan.random(f"order/{position}")
    for at in random.sample(range(len(_PRODUCTS), len(products)), plan.order_lines[position]):
        price = plan.prices[at] * random.choice((100, 100, 100, 90, 110)) / 100
        yield products[at], random.choice((1, 1, 1, 2, 3, 5)), price.quantize(Decimal("0.01"))


def _special_lines(position: int, products: Sequence[int]) -> Iterator[tuple[int, int, Decimal]]:
    if position == 2:
        yield products[2], 1, Decimal("99999999.99")
    elif position == 3:
        yield products[0], 0, Decimal("1.20")
    elif position == 4:
        yield products[3], 4, Decimal("-0.25")
    else:
        yield products[4], 1, Decimal("19.90")
        yield products[4], 2, Decimal("18.00")


def _order_items(plan: _Plan) -> Iterator[tuple[Value, ...]]:
    ids = iter(plan.ids["order_items"])
    for position, order in enumerate(plan.ids["orders"]):
        for product, quantity, price in _lines(plan, position):
            yield next(ids), order, product, quantity, price


_MAKERS: Final[Mapping[str, Callable[[_Plan], Iterator[tuple[Value, ...]]]]] = dict(
    zip(
        COLUMNS,
        (_users, _categories, _products, _shopping_carts, _orders, _order_items),
        strict=True,
    )
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the rows as SQL."""
    parser = argparse.ArgumentParser(description="Print SQL that fills the online store.")
    parser.add_argument("--rows", type=int, default=20_000, help=f"rows in all, {LEAST} or more")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same rows")
    asked = parser.parse_args(arguments)
    if asked.rows < LEAST:
        parser.error(f"--rows {asked.rows}: there are at least {LEAST} rows")
    for statement in statements(asked.rows, seed=asked.seed):
        sys.stdout.buffer.write(f"{statement}\n".encode())


if __name__ == "__main__":
    main()
