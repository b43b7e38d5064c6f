"""check, sql and verify against a live server: what the data says, and SQL that runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from dalkit.source.lexer import statements

Dalkit = Callable[..., Any]
Changed = Callable[[Callable[[Any], object]], str]


def test_sound_data_has_no_error(
    store: Connection[Cursor], dalkit: Dalkit, contract: str, url: str
) -> None:
    """The online store's own rows: each entity is counted, nothing is refused."""
    said = dalkit("check", contract, "--mysql", url)
    without = dalkit("check", contract, "--mysql", url, "--no-data")

    assert (said.status, said.err) == (0, "")
    assert [line for line in said.lines if line.startswith("error ")] == []
    counts = [line for line in said.lines if " DK530 " in line]
    assert len(counts) == 5
    assert not any("refused" in line for line in counts)
    assert not any(" DK5" in line for line in without.lines)


def test_bad_data_is_told_with_the_contracts_problems(
    store: Connection[Cursor], dalkit: Dalkit, contract: str, ddl: str, url: str
) -> None:
    """Exit status 1; the same as JSON; the schema may come from a file."""
    with store.cursor() as cursor:
        cursor.execute("ALTER TABLE users MODIFY is_seller TINYINT(1) NOT NULL DEFAULT 0")
        cursor.execute("UPDATE users SET is_seller = 7 ORDER BY id LIMIT 1")

    said = dalkit("check", contract, "--mysql", url)
    machine = json.loads(dalkit("check", contract, "--ddl", ddl, "--mysql", url, "--json").out)

    (line,) = [one for one in said.lines if one.startswith("error ")]
    assert line.startswith("error DK509 /tables/0/entities/0/attributes/")
    assert "users id=1 is refused: neither 0 nor 1: '7'" in line
    assert said.status == 1
    assert machine["ok"] is False
    assert [one["code"] for one in machine["problems"] if one["severity"] == "error"] == ["DK509"]


def test_a_schema_that_the_server_does_not_have_is_one_line(
    store: Connection[Cursor], dalkit: Dalkit, contract: str, ddl: str, url: str
) -> None:
    """The problems of the contract are printed all the same."""
    with store.cursor() as cursor:
        cursor.execute("ALTER TABLE products DROP COLUMN description")

    said = dalkit("check", contract, "--ddl", ddl, "--mysql", url)

    assert said.status == 1
    assert said.lines[-1].startswith(f"{contract}: ")
    assert "the data could not be checked" in said.err
    assert "description" in said.err


def test_records_of_the_server_are_those_of_the_file(
    store: Connection[Cursor], dalkit: Dalkit, contract: str, ddl: str, url: str, tmp_path: Path
) -> None:
    """Whatever collations the server gives by itself."""
    kept = tmp_path / "records.py"
    kept.write_text(dalkit("records", contract, "--ddl", ddl).out)
    said = dalkit("records", contract, "--mysql", url, "--check", str(kept))

    assert (said.status, said.out) == (0, "")


@pytest.mark.parametrize("options", [(), ("--views",)])
def test_the_printed_sql_runs(
    store: Connection[Cursor], dalkit: Dalkit, contract: str, url: str, options: tuple[str, ...]
) -> None:
    """Every statement, with rows; the views can be made again and hold as many as the SELECTs."""
    said = dalkit("sql", contract, "--mysql", url, *options)
    assert (said.status, said.err) == (0, "")
    counts = []
    with store.cursor() as cursor:
        for _ in range(2):
            for one in statements(said.out):
                counts.append(cursor.execute(one.text))
        cursor.execute("SHOW FULL TABLES WHERE Table_type = 'VIEW'")
        views = [name for name, _ in cursor.fetchall()]
        held = []
        for view in views:
            cursor.execute(f"SELECT COUNT(*) FROM `{view}`")
            held += [count for (count,) in cursor.fetchall()]

    assert bool(views) is bool(options)
    assert len(views) in (0, 5)
    assert all(held)
    assert max(counts) > 100


def test_sql_is_the_same_from_a_file(dalkit: Dalkit, contract: str, ddl: str) -> None:
    """No server is needed; comments name entity and table."""
    said = dalkit("sql", contract, "--ddl", ddl)

    assert said.status == 0
    assert '-- "CART" in table "Users", from "shopping_carts": its rows' in said.lines
    assert '-- "ORDER" in table "Users", from "orders": child rows of "order_items"' in said.out


def test_names_stay_inside_their_quotes_and_comments(
    store: Connection[Cursor], dalkit: Dalkit, url: str, tmp_path: Path
) -> None:
    """A table called `a`; DROP TABLE users; -- is read, viewed, and nothing else happens."""
    name = "a`; DROP TABLE users; --"
    document = {
        "tables": [
            {
                "table": "Things",
                "type": "single-entity",
                "source_table": name,
                "pk": "id",
                "attributes": [
                    {"name": "id", "type": "N", "source_table": name, "source_column": "id"},
                    {"name": "x' -- y", "type": "S", "source_table": name, "source_column": "c`"},
                ],
                "satisfies": ["all"],
            }
        ]
    }
    path = tmp_path / "contract.json"
    path.write_text(json.dumps(document))
    with store.cursor() as cursor:
        cursor.execute("CREATE TABLE `a``; DROP TABLE users; --` (id INT PRIMARY KEY, `c``` TEXT)")
        cursor.execute("INSERT INTO `a``; DROP TABLE users; --` VALUES (1, 'x')")
        said = dalkit("sql", str(path), "--mysql", url, "--views")
        checked = dalkit("check", str(path), "--mysql", url)
        for one in statements(said.out):
            cursor.execute(one.text)
        cursor.execute("SELECT COUNT(*) FROM users")
        ((count,),) = cursor.fetchall()

    assert count > 0
    assert [line for line in checked.lines if line.startswith("error ")] == []
    assert "1 row and 1 item" in checked.out


def test_the_loss_report(dalkit: Dalkit, contract: str, ddl: str) -> None:
    """Every column of the source, as text and as JSON."""
    text = dalkit("check", contract, "--ddl", ddl, "--loss")
    machine = json.loads(dalkit("check", contract, "--ddl", ddl, "--loss", "--json").out)
    form_only = dalkit("check", contract, "--loss")

    assert text.status == 0
    assert [line for line in text.lines if line.strip().startswith("password_hash ")]
    (one,) = [
        one
        for one in machine["loss"]
        if (one["table"], one["column"]) == ("orders", "total_amount")
    ]
    assert one["verdict"] == "normalized"
    assert "no loss report" in form_only.out


def test_verify_without_the_exporting_sql(
    store: Connection[Cursor], dalkit: Dalkit, contract: str, ddl: str, url: str,
    target: tuple[str, ...],
) -> None:  # fmt: skip
    """What Python computes from whole tables is what SQL wrote; a change is found by both."""
    loaded = dalkit("load", contract, "--ddl", ddl, "--mysql", url, *target, "--create")
    equal = dalkit("verify", contract, "--mysql", url, *target, "--generated")
    with store.cursor() as cursor:
        cursor.execute("UPDATE order_items SET quantity = quantity + 1 ORDER BY id LIMIT 1")
    generated = dalkit("verify", contract, "--mysql", url, *target, "--generated")
    by_sql = dalkit("verify", contract, "--ddl", ddl, "--mysql", url, *target)

    assert (loaded.status, equal.status, generated.status, by_sql.status) == (0, 0, 1, 1)
    assert equal.lines[-1] == "0 differences: 0 missing, 0 extra, 0 different"
    assert generated.lines == by_sql.lines
    assert [line for line in generated.lines if ": order_items: expected " in line]


def test_a_stale_records_module_is_shown_as_a_diff(
    dalkit: Dalkit, contract: str, ddl: str, tmp_path: Path
) -> None:
    """A unified diff of what the file holds and what the contract gives."""
    kept = tmp_path / "records.py"
    fresh = dalkit("records", contract, "--ddl", ddl).out
    kept.write_text("# \x1b[31mold\n" + fresh)
    said = dalkit("records", contract, "--ddl", ddl, "--check", str(kept))

    assert said.status == 1
    assert said.lines[:2] == [f"--- {kept}", "+++ records"]
    assert "-# \\x1b[31mold" in said.lines
    assert "\x1b" not in said.out
