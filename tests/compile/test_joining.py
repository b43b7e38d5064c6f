"""No join is quadratic on the real server, and every row has one line, whatever types are joined.

The plan is held, not the time: no subquery for every row, no block of rows held against every
other row, and few rows read for each row there is.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from typing import Any

import pytest
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from dalkit.compile.select import plan
from dalkit.contract.reader import read_contract
from dalkit.run.config import MysqlAddress
from dalkit.run.config import mysql_connect as connector
from dalkit.run.mysql import live_source, rows, stream
from dalkit.schema.resolve import resolve
from dalkit.testing.services import MySQLServer

ROWS = 1_000
COLUMNS = """
    id INT PRIMARY KEY, code VARCHAR(255) COLLATE utf8mb4_general_ci,
    latin VARCHAR(20) CHARACTER SET latin1, exact VARCHAR(20) COLLATE utf8mb4_bin, n INT,
    amount DECIMAL(10,2), day DATE, moment DATETIME, ratio DOUBLE, big BIGINT UNSIGNED,
    raw VARBINARY(20), kind ENUM('a', 'b'), named VARCHAR(20) COLLATE utf8mb4_general_ci,
    note VARCHAR(1000)
"""
CONDITIONS = (
    "others.n = owners.n",
    "others.code = owners.code",
    "others.latin = owners.code",
    "others.code = owners.latin",
    "others.exact = owners.code",
    "others.code = owners.exact",
    "others.n = owners.code",
    "others.code = owners.n",
    "others.id = owners.code",
    "others.named = owners.n",
    "others.named = owners.latin",
    "others.amount = owners.n",
    "others.n = owners.amount",
    "others.code = owners.amount",
    "others.day = owners.moment",
    "others.moment = owners.day",
    "others.ratio = owners.n",
    "others.big = owners.n",
    "others.raw = owners.raw",
    "others.n = owners.n + 0",
    "others.n + 0 = owners.n",
    "LOWER(others.code) = owners.code",
    "others.code = CONCAT(owners.n, '')",
    "others.n = owners.n AND others.kind = 'a'",
    "others.n = owners.n AND owners.kind = 'b'",
)


KINDS = ("lookup", "aggregate", "array", "chain")


@pytest.fixture(scope="module")
def joined(
    mysql_server: MySQLServer, mysql_connect: Callable[[str], Connection[Cursor]]
) -> Iterator[Connection[Any]]:
    """A connection as dalkit opens them, to tables with matches for every row and no index."""
    name = f"t{secrets.token_hex(6)}"
    with closing(mysql_connect("mysql")) as raw, raw.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        cursor.execute(f"USE `{name}`")
        for table in ("owners", "others", "lasts"):
            cursor.execute(f"CREATE TABLE {table} ({COLUMNS})")
            cursor.executemany(
                f"INSERT INTO {table} VALUES ({', '.join(['%s'] * 14)})",
                [_row(n, 1 if table == "owners" else 2) for n in range(1, ROWS + 1)],
            )
            cursor.execute(f"ANALYZE TABLE {table}")
        try:
            with closing(_opened(mysql_server, name)) as connection:
                yield connection
        finally:
            cursor.execute(f"DROP DATABASE `{name}`")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_no_row_is_held_against_all_others(
    joined: Connection[Any], condition: str, kind: str
) -> None:
    """The rows read are a few for each row there is, and each owner has one line."""
    sql = _statement(joined, condition, kind)

    explained = " ".join(str(cell) for row in rows(joined, f"EXPLAIN {sql}") for cell in row)
    before = _read(joined)
    found = [row[0] for row in stream(joined, sql)]
    read = _read(joined) - before

    for quadratic in ("DEPENDENT SUBQUERY", "BNL join", "(no condition)", "dependent"):
        assert quadratic not in explained
    assert read < 100 * ROWS
    if kind == "array":
        assert len(found) >= 9
    else:
        assert len(found) == len(set(found)) == ROWS


def test_texts_that_differ_late_are_told_apart(joined: Connection[Any]) -> None:
    """The servers would number rows by the first 1,024 bytes, and give a row two lines."""
    sql = _statement(joined, "others.note = owners.note", "lookup")

    found = [row[0] for row in stream(joined, sql)]

    assert "ROW_NUMBER" in sql
    assert len(found) == len(set(found)) == ROWS


def _row(n: int, matches: int) -> tuple[Any, ...]:
    """Each value of an owner is that of so many others."""
    shared = -(-n // matches)
    day = date(2000, 1, 1) + timedelta(days=shared)
    texts = (str(shared),) * 3
    kind = "ab"[n % 2]
    note = "ä" * 990 + str(n % 2)
    numbers = (shared, shared, day, day, shared, shared)
    return (n, *texts, *numbers, str(shared), kind, str(shared), note)


def _opened(server: MySQLServer, database: str) -> Connection[Any]:
    address = MysqlAddress(
        user=server.user,
        password=server.password,
        host=server.host,
        port=server.port,
        database=database,
    )
    return connector(address).unwrap()()


def _statement(connection: Connection[Any], condition: str, kind: str) -> str:
    """The SELECT of owners with something of the others, and nothing else."""
    join: dict[str, Any] = {"target_table": "others", "join_condition": condition}
    found: dict[str, Any]
    match kind:
        case "lookup":
            found = {"join": {"type": "foreign-key", **join, "select_column": "others.kind"}}
        case "aggregate":
            summed = {"type": "aggregate", "operation": "SUM", "select_column": "others.id"}
            found = {"type": "N", "calculation": {**summed, **join}}
        case "array":
            construction = {"type": "array", "select_columns": {"id": "others.id"}, "limit": 5}
            found = {
                "type": "L",
                "join": {"type": "json-construction", **join, "construction": construction},
            }
        case _:
            last = {"target_table": "lasts", "join_condition": "others.n = lasts.n"}
            hops = [{**join, "select_column": "others.n"}, {**last, "select_column": "lasts.kind"}]
            found = {"join": {"type": "chain", "joins": hops}}
    own = {"type": "S", "source_table": "owners", "source_column": "id"}
    table = {
        "table": "Owners",
        "type": "single-entity",
        "source_table": "owners",
        "pk": "id",
        "sk": None,
        "attributes": [{"name": "id", **own, "type": "N"}, {"name": "found", **own, **found}],
        "satisfies": [],
        "estimated_item_size_bytes": 100,
    }
    contract, told = read_contract(json.dumps({"tables": [table]}).encode())
    assert contract is not None, told
    source, _ = live_source(connection)
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    statements = plan(schema.entities[0], source)
    return statements.children[0].sql if statements.children else statements.main


def _read(connection: Connection[Any]) -> int:
    """How many rows the session has read so far."""
    asked = rows(connection, "SHOW SESSION STATUS LIKE 'Handler_read%'")
    return sum(int(count) for _, count in asked)
