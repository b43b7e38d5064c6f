from __future__ import annotations

import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

Tables: TypeAlias = dict[str, list[dict[str, Any]]]

PARENTS = [
    ("categories", "parent_id", "categories"),
    ("products", "seller_id", "users"),
    ("products", "category_id", "categories"),
    ("shopping_carts", "user_id", "users"),
    ("shopping_carts", "product_id", "products"),
    ("orders", "user_id", "users"),
    ("order_items", "order_id", "orders"),
    ("order_items", "product_id", "products"),
]
LONGEST = {
    ("users", "username"): 50,
    ("users", "email"): 100,
    ("users", "password_hash"): 255,
    ("users", "first_name"): 50,
    ("users", "last_name"): 50,
    ("categories", "name"): 100,
    ("products", "name"): 200,
    ("products", "description"): 21_845,
    ("products", "image_url"): 500,
}


def gathered(seed: ModuleType, total: int, number: int = 1) -> Tables:
    """A store's rows by table, each by column."""
    tables: Tables = {table: [] for table in seed.COLUMNS}
    for table, columns, values in seed.rows(total, seed=number):
        tables[table].append(dict(zip(columns, values, strict=True)))
    return tables


@pytest.fixture(scope="module", params=["least", "usual"])
def tables(seed: ModuleType, request: pytest.FixtureRequest) -> Tables:
    """The rows of the smallest and of the usual store."""
    return gathered(seed, seed.LEAST if request.param == "least" else 20_000)


def by_code_chart(text: str) -> str:
    """A key under utf8mb4_general_ci: one weight a letter, one for all beyond the first plane."""
    apart = (unicodedata.normalize("NFD", letter)[0] for letter in text.rstrip(" "))
    return "".join(
        "\ufffd" if ord(a) > 0xFFFF else "S" if a == "ß" else a.upper()[0] for a in apart
    )


def by_collation_algorithm(text: str) -> str:
    """A key at least as coarse as those under utf8mb4_unicode_ci and utf8mb4_0900_ai_ci."""
    apart = unicodedata.normalize("NFKD", text.rstrip(" ")).casefold()
    return "".join(a for a in apart if unicodedata.category(a)[0] not in "CM")


def test_the_same_seed_gives_the_same_rows(seed: ModuleType) -> None:
    """Rows depend on the size and the seed, on nothing else."""
    once, again = list(seed.rows(1_000, seed=7)), list(seed.rows(1_000, seed=7))

    assert once == again
    assert once != list(seed.rows(1_000, seed=8))


def test_the_same_seed_gives_the_same_text_in_another_process(
    seed: ModuleType, store_folder: Path
) -> None:
    """The printed SQL does not depend on a process's hash seed."""
    command = [sys.executable, str(store_folder / "seed.py"), "--rows", "450", "--seed", "3"]
    printed = subprocess.run(command, capture_output=True, check=True).stdout.decode()

    assert printed.splitlines() == "\n".join(seed.statements(450, seed=3)).splitlines()


@pytest.mark.parametrize("total", [450, 451, 700, 1_000, 20_000, 1_234_567])
def test_sizes_add_up(seed: ModuleType, total: int) -> None:
    """Every size from the least on is met exactly."""
    assert total == sum(seed.sizes(total).values())


def test_a_size_below_the_least_is_the_least(seed: ModuleType) -> None:
    """The special rows are there whatever is asked for."""
    assert seed.sizes(seed.LEAST) == seed.sizes(0) == seed.sizes(-5)


@pytest.mark.parametrize("total", [*range(450, 500), 777, 3_001])
def test_rows_are_as_many_as_sizes_say(seed: ModuleType, total: int) -> None:
    """Each table gets what `sizes` promises."""
    counts = Counter(table for table, _, _ in seed.rows(total))

    assert seed.sizes(total) == counts


def test_rows_come_lazily(seed: ModuleType) -> None:
    """The first rows of a large store come before the last are made."""
    first = list(islice(seed.rows(300_000), 3))

    assert [(table, values[1]) for table, _, values in first] == [
        ("users", "ada"),
        ("users", "grace"),
        ("users", "Null"),
    ]


def test_parents_come_before_children(seed: ModuleType) -> None:
    """Rows inserted one by one never break a foreign key."""
    seen: dict[str, set[int]] = {table: set() for table in seed.COLUMNS}
    for table, columns, values in seed.rows(20_000):
        row = dict(zip(columns, values, strict=True))
        for child, column, parent in PARENTS:
            if child == table and row[column] is not None:
                assert row[column] in seen[parent]
        seen[table].add(row["id"])


def test_ids_are_unique_and_have_gaps(tables: Tables) -> None:
    """No table's ids repeat, and none are simply counted."""
    for rows in tables.values():
        ids = [row["id"] for row in rows]

        assert sorted(set(ids)) == ids
        assert ids[-1] > len(ids)


@pytest.mark.parametrize("fold", [by_code_chart, by_collation_algorithm])
@pytest.mark.parametrize("column", ["username", "email"])
def test_unique_text_is_unique_to_every_server(
    tables: Tables, column: str, fold: Callable[[str], str]
) -> None:
    """Case, accents and spaces at the end tell no two users apart."""
    folded = Counter(fold(row[column]) for row in tables["users"])

    assert [text for text, times in folded.items() if times > 1] == []


def test_a_product_is_in_a_cart_once(tables: Tables) -> None:
    """The unique key over user and product holds."""
    lines = Counter((row["user_id"], row["product_id"]) for row in tables["shopping_carts"])

    assert {1} == set(lines.values())


def test_texts_fit_their_columns(tables: Tables) -> None:
    """No text is longer than its column, and each bounded column but the hash is filled once."""
    for (table, column), longest in LONGEST.items():
        lengths = [len(row[column] or "") for row in tables[table]]

        assert max(lengths) <= longest
        assert max(lengths) == longest or column in ("password_hash", "description")


def test_numbers_fit_their_columns(tables: Tables) -> None:
    """Amounts have two decimals and eight digits before them; whole numbers fit an INT."""
    for rows in tables.values():
        for row in rows:
            for value in row.values():
                if isinstance(value, Decimal):
                    assert value.as_tuple().exponent == -2
                    assert abs(value) <= Decimal("99999999.99")
                elif isinstance(value, int):
                    assert -(2**31) <= value < 2**31


def test_moments_fit_a_timestamp(tables: Tables) -> None:
    """Moments are UTC, whole seconds, within a TIMESTAMP's range, and changes follow creation."""
    first = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    last = datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC)
    for rows in tables.values():
        for row in rows:
            made, changed = row.get("created_at", first), row.get("updated_at", last)

            assert first <= made <= changed <= last
            assert made.utcoffset() == changed.utcoffset() == last - last
            assert made.microsecond == changed.microsecond == 0


@pytest.mark.parametrize("table", ["users", "orders"])
def test_moments_that_clocks_skip_are_there(tables: Tables, table: str) -> None:
    """An hour that daylight saving skips, and both ends of TIMESTAMP, occur."""
    moments = {f"{row['created_at']:%Y-%m-%d %H:%M:%S}" for row in tables[table]}

    assert {"2026-03-29 02:30:00", "2038-01-19 03:14:07", "1970-01-01 00:00:01"} <= moments


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("users", "username", {"Null", "trailing ", "hash#tag", "O'Brien", "back\\slash", "zoë"}),
        ("users", "email", {"trailing@example.com ", "rocket🚀@example.com"}),
        ("users", "first_name", {None, "", "null", "\\", "#"}),
        ("users", "last_name", {None, "", "NULL", " ", "  "}),
        ("users", "super_admin", {True, False}),
        ("categories", "name", {"ROOT", "NULL", " ", "C# & .NET", "Toys 🧸 "}),
        ("products", "name", {"", "NULL", "Trailing space ", "🧵" * 200, "Straße", "STRASSE"}),
        ("products", "description", {None, "", "null", "tab\tline\r\nnext\x00nul\x1asub"}),
        ("products", "image_url", {None, "", " "}),
        ("products", "price", {Decimal(0), Decimal("99999999.99"), Decimal("-0.25")}),
        ("products", "inventory_quantity", {0, -3, 2**31 - 1}),
        ("shopping_carts", "quantity", {0, 1}),
        ("order_items", "quantity", {0, 1}),
        ("order_items", "price_at_time", {Decimal("99999999.99"), Decimal("-0.25")}),
        ("orders", "total_amount", {Decimal(0), Decimal("99999999.99"), Decimal(-1)}),
    ],
)
def test_special_values_are_there(
    tables: Tables, table: str, column: str, values: set[Any]
) -> None:
    """The smallest store and the usual one hold what breaks careless code."""
    assert values <= {row[column] for row in tables[table]}


def test_categories_are_named_alike(tables: Tables) -> None:
    """One name occurs under two parents, and as a root and a child; the tree is four deep."""
    rows = {row["id"]: row for row in tables["categories"]}
    parents: dict[str, set[int | None]] = {}
    for row in rows.values():
        parents.setdefault(row["name"], set()).add(row["parent_id"])
    gaming = next(row for row in rows.values() if row["name"] == "Gaming Laptops")
    path = [gaming["name"]]
    while gaming["parent_id"] is not None:
        gaming = rows[gaming["parent_id"]]
        path.append(gaming["name"])

    assert path == ["Gaming Laptops", "Laptops", "Computers", "Electronics"]
    assert len(parents["Accessories"] - {None}) == 2
    assert None in parents["Books"]
    assert len(parents["Books"]) == 2


def test_a_category_is_empty(tables: Tables) -> None:
    """One category has neither products nor children, so that it can be deleted."""
    shelf = next(row["id"] for row in tables["categories"] if row["name"] == "Empty shelf")

    assert shelf not in {row["category_id"] for row in tables["products"]}
    assert shelf not in {row["parent_id"] for row in tables["categories"]}


def test_carts_and_orders_have_none_few_and_many_lines(tables: Tables) -> None:
    """Carts of 60 and 49 lines, orders of 60 and none, users with neither cart nor order."""
    carts = Counter(row["user_id"] for row in tables["shopping_carts"])
    lines = Counter(row["order_id"] for row in tables["order_items"])
    buyers = {row["user_id"] for row in tables["orders"]}

    assert {60, 49} <= set(carts.values())
    assert max(lines.values()) == 60
    assert {row["id"] for row in tables["orders"]} - set(lines)
    assert {row["id"] for row in tables["users"]} - buyers - set(carts)


def test_an_order_has_a_product_twice_and_another_its_twin(tables: Tables) -> None:
    """Nothing but the id tells some lines, and some orders of one second, apart."""
    lines = Counter((row["order_id"], row["product_id"]) for row in tables["order_items"])
    orders = Counter((row["user_id"], row["created_at"]) for row in tables["orders"])

    assert 2 in lines.values()
    assert 2 in orders.values()


def test_an_order_costs_what_its_items_cost(tables: Tables) -> None:
    """Each total is the sum over the order's items."""
    sums: dict[int, Decimal] = {}
    for row in tables["order_items"]:
        line = row["quantity"] * row["price_at_time"]
        sums[row["order_id"]] = sums.get(row["order_id"], Decimal(0)) + line

    assert {row["id"]: row["total_amount"] for row in tables["orders"]} == {
        row["id"]: sums.get(row["id"], Decimal(0)) for row in tables["orders"]
    }


def test_a_seller_sells_nothing_and_only_sellers_sell(tables: Tables) -> None:
    """Products belong to sellers; one seller has none."""
    sellers = {row["id"] for row in tables["users"] if row["is_seller"]}
    selling = {row["seller_id"] for row in tables["products"]}

    assert selling < sellers


def test_no_backslash_or_control_character_is_printed(seed: ModuleType) -> None:
    """What a server reads by its sql_mode, or a terminal obeys, is printed as digits."""
    text = "".join(seed.statements(450))

    assert "\\" not in text
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("at_once", [0, -1])
def test_no_rows_at_once_is_misuse(seed: ModuleType, at_once: int) -> None:
    """A batch of no rows is refused rather than losing every row."""
    with pytest.raises(ValueError, match=f"at_once is {at_once}"):
        list(seed.statements(450, at_once=at_once))


def test_too_few_rows_are_refused_by_the_command(
    seed: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command says how few rows there can be."""
    with pytest.raises(SystemExit):
        seed.main(["--rows", "10"])

    assert "--rows 10: there are at least 450 rows" in capsys.readouterr().err


STRICT = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'"


def _ready(cursor: Cursor, store_folder: Path) -> None:
    cursor.execute(STRICT)
    for statement in (store_folder / "schema.sql").read_text("utf-8").split(";\n"):
        if "CREATE TABLE" in statement:
            cursor.execute(statement)


def _stored(cursor: Cursor, seed: ModuleType) -> Tables:
    cursor.execute("SET SESSION time_zone = '+00:00'")
    tables: Tables = {}
    for table, columns in seed.COLUMNS.items():
        cursor.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id")
        tables[table] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return tables


def _naive(tables: Tables) -> Tables:
    return {
        table: [
            {
                name: value.replace(tzinfo=None) if isinstance(value, datetime) else value
                for name, value in row.items()
            }
            for row in rows
        ]
        for table, rows in tables.items()
    }


def test_a_strict_server_keeps_every_row(
    seed: ModuleType, store_folder: Path, mysql_connection: Connection[Cursor]
) -> None:
    """The usual store is inserted whole, whatever the session's time zone, which stays."""
    with mysql_connection.cursor() as cursor:
        _ready(cursor, store_folder)
        cursor.execute("SET SESSION time_zone = '+05:30'")
        mysql_connection.begin()
        counts = seed.insert_into(mysql_connection)
        mysql_connection.commit()
        cursor.execute("SELECT @@session.time_zone")

        assert cursor.fetchone() == ("+05:30",)
        assert seed.sizes() == counts
        assert _naive(gathered(seed, 20_000)) == _stored(cursor, seed)


@pytest.mark.parametrize("mode", ["", ",NO_BACKSLASH_ESCAPES,ANSI_QUOTES"])
def test_printed_sql_means_the_same_rows(
    seed: ModuleType, store_folder: Path, mysql_connection: Connection[Cursor], mode: str
) -> None:
    """The statements give the rows, under any reading of backslashes and quotes."""
    with mysql_connection.cursor() as cursor:
        _ready(cursor, store_folder)
        for statement in seed.statements(1_000, seed=5):
            cursor.execute(statement.replace("STRICT_ALL_TABLES", f"STRICT_ALL_TABLES{mode}"))

        assert _naive(gathered(seed, 1_000, 5)) == _stored(cursor, seed)
