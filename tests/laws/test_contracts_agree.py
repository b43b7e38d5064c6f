"""For whole random contracts: the items that SQL gives are the items that Python gives."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field
from hypothesis import HealthCheck, given, settings

from dalkit.contract.problems import stops
from dalkit.contract.reader import read_contract
from dalkit.convert import Refused, transcoder
from dalkit.migrate.generated import generated_rows
from dalkit.migrate.route import entity_rows
from dalkit.migrate.routes import routes_of
from dalkit.records import make_records
from dalkit.result import Success
from dalkit.run.config import MysqlAddress, mysql_connect
from dalkit.run.mysql import live_source
from dalkit.schema.resolve import resolve
from dalkit.source.refusal import Refusal
from dalkit.source.tables import Source

from .contracts import contracts

if TYPE_CHECKING:
    from pymysql.connections import Connection
    from pymysql.cursors import Cursor

    from dalkit.testing.services import MySQLServer

HERE = Path(__file__).parent
EXAMPLES = int(os.environ.get("DALKIT_EXAMPLES", "200"))

TOWNS = [
    (1, "Ann", "abc", 0, "1066-10-14"),
    (2, "ANN ", "ABC", 18446744073709551615, None),
    (3, "Zürich", "zür", None, "2024-02-29"),
    (4, "", "x", 7, "1999-12-31"),
]
PEOPLE = [
    (1, "Ann", "ann", 1, "abc", None, "1.50", "0.1", 0.1, 0.1, 1, "a", "x,z", "2024-02-29",
     "2024-01-31 10:00:00.5", "2024-03-31 01:30:00", "-838:59:59", 1999, "it's #1", b"\0\xff", 5),
    (2, "ann ", "ANN", None, "zzz", 1, None, None, None, None, 0, None, None, None,
     None, None, None, None, None, None, None),
    (3, "Änn", "", 3, "zür", 1, "-999.99", "-123456789012345678901.123456789", -2.5e30, 1e20, 1,
     "é", "", "1969-12-31", "1969-12-31 23:59:59.999", "2038-01-19 03:14:07", "25:00:01", 2155,
     "", b"", 1023),
    (4, "bob", "a%", 4, "ABC", 3, "0.00", "0.000000001", 3.0, 16777216.0, 0, "B", "y",
     "2000-01-01", "2000-01-01 00:00:00", "2000-01-01 00:00:00", "00:00:00", 0, "null\n", b"#", 0),
    (5, "\U0001f600", None, 1, None, 5, "5.00", "5", 1 / 3, 3.4e38, 1, "a", "x,y,z", "9999-12-31",
     "9999-12-31 23:59:59.999", None, "10:11:12", 2024, "a" * 300, b"abc", 1),
    (6, "a\\b'\"", "it's", 2, "x", 4, "12.34", "12.500000000", 1e15, 0.5, 0, "B", "z", None,
     "2024-12-31 23:59:59.001", None, "-00:00:01", None, "  ", None, 512),
]  # fmt: skip
PURCHASES = [
    (1, 1, "20.99", 3, "one", "2024-01-01 00:00:00.000001"),
    (2, 1, "0.01", None, None, None),
    (3, 1, "20.99", 1, "ONE", "2023-12-31 23:59:59.999999"),
    (18446744073709551615, 3, "99999999.99", -5, "", "2024-01-01 00:00:00"),
    (5, 4, "5.00", 1, "é", "1970-01-01 00:00:00"),
    (6, 4, "-5.01", 4, "#", None),
    (7, 5, "0.00", 5, "x", "2024-02-29 12:00:00.5"),
]
REMARKS = [
    ("ann", "lower", 1, 9),
    ("ANN", "UPPER", 3, 1),
    ("bob", None, None, 3),
    ("Bob ", "b", 2, 4),
    ("änn", "umlaut", -2, 5),
    ("", "nobody", 5, -6),
]
CLUBS = [(1, "Chess"), (2, None), (3, "")]
MEMBERSHIPS = [(1, 1, "2020-01-01"), (1, 2, None), (3, 3, "2021-01-01")]


@define
class Bench:
    """The filled tables, what MySQL says of them, and how the trials went."""

    connect: Callable[[], Connection[Any]]
    source: Source
    told: Counter[str] = field(factory=Counter)


@pytest.fixture(scope="module")
def bench(
    mysql_server: MySQLServer, mysql_connect: Callable[[str], Connection[Cursor]]
) -> Iterator[Bench]:
    """The tables of `contracts_ddl.sql` with nasty rows on the real server."""
    name = f"contracts_{os.getpid()}"
    with closing(mysql_connect("mysql")) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            cursor.execute(f"USE {name}")
            _fill(cursor)
            yield _bench(mysql_server, name)
        finally:
            cursor.execute(f"DROP DATABASE {name}")


def _fill(cursor: Cursor) -> None:
    for statement in (HERE / "contracts_ddl.sql").read_text().split(";\n"):
        if statement.strip():
            cursor.execute(statement)
    cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
    cursor.execute("SET sql_mode = 'STRICT_ALL_TABLES'")
    for table, held in (
        ("towns", TOWNS),
        ("people", PEOPLE),
        ("purchases", PURCHASES),
        ("remarks", REMARKS),
        ("clubs", CLUBS),
        ("memberships", MEMBERSHIPS),
    ):
        marks = ", ".join(["%s"] * len(held[0]))
        cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", held)


def _bench(server: MySQLServer, database: str) -> Bench:
    address = MysqlAddress(
        user=server.user,
        host=server.host,
        port=server.port,
        password=server.password,
        database=database,
    )
    connected = mysql_connect(address)
    assert isinstance(connected, Success)
    connect = connected.unwrap()
    with closing(connect()) as connection:
        source, problems = live_source(connection)
    assert not stops(problems)
    return Bench(connect, source)


def check_contract(bench: Bench, document: dict[str, Any]) -> None:
    """Items from SQL = items from Python, or Python refuses the value by name."""
    contract, problems = read_contract(json.dumps(document))
    assert contract is not None, [str(one) for one in problems]
    schema, problems = resolve(contract, bench.source)
    bench.told["contracts"] += 1
    if schema is None:
        bench.told["unresolved"] += 1
        codes = {one.code for one in problems if one.severity == "error"}
        assert codes <= {"DK203", "DK205", "DK214", "DK218"}, [str(one) for one in problems]
        return
    (route,) = routes_of(schema, bench.source)
    handle = transcoder(make_records(schema)[route.definition.name])
    with closing(bench.connect()) as connection:
        generate = generated_rows(connection, schema.entities, bench.source)
        from_python = {str(i): cells for i, cells in generate(route.definition)}
        from_sql = {
            str(tuple(int(part) for part in i)): cells
            for i, cells in entity_rows(connection, route)
        }

    assert from_python.keys() == from_sql.keys()

    for identity, cells in from_python.items():
        bench.told["rows"] += 1
        if isinstance(cells, Refusal):
            bench.told["refused"] += 1
            continue
        expected, found = handle.item(from_sql[identity]), handle.item(cells)
        if isinstance(expected, Refused) and isinstance(found, Refused):
            continue

        assert found == expected


def keep_figures(name: str, told: Mapping[str, int]) -> None:
    """Write what a long run counted to the folder that DALKIT_FIGURES names, if it names one."""
    folder = os.environ.get("DALKIT_FIGURES")
    if folder:
        figures = {"examples": EXAMPLES, **dict(sorted(told.items()))}
        Path(folder, f"{name}.json").write_text(json.dumps(figures, indent=2) + "\n")


def test_sql_and_python_give_the_same_items(bench: Bench) -> None:
    """Every join, calculation and transformation, alone and together, over nasty rows."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(contracts())
    def law(document: dict[str, Any]) -> None:
        check_contract(bench, document)

    law()
    keep_figures("contracts", bench.told)

    assert bench.told["unresolved"] < bench.told["contracts"] * 0.2
    assert bench.told["refused"] < bench.told["rows"] * 0.1
