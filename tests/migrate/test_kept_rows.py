"""Counters of the rows in records' arrays go with the records, as those of records do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dalkit import insert, read_contract, read_ddl, resolve, transact
from dalkit.compile.tables import create_table_request
from dalkit.migrate.export import export
from dalkit.migrate.findings import Finding
from dalkit.migrate.load import load
from dalkit.migrate.route import Route
from dalkit.migrate.routes import routes_of
from dalkit.migrate.verify import verify
from dalkit.records.made import records_module
from dalkit.run.config import Connect
from dalkit.run.dynamodb import DynamoClient
from dalkit.run.on_dynamodb import dynamodb
from dalkit.run.tables import create_table

HERE = Path(__file__).parents[1] / "query"
DDL = (HERE / "bills.sql").read_text()
PLACE = {"PK": {"S": "COUNTER#Bills#lines.no"}}


def _made() -> tuple[Any, tuple[Route, ...]]:
    contract, problems = read_contract((HERE / "bills.json").read_text())
    source, _ = read_ddl(DDL)
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return records_module(schema), routes_of(schema, source)


M, ROUTES = _made()


@pytest.fixture
def held(run_sql: Callable[[str], None]) -> None:
    """Two bills in MySQL, and a line that is gone after the last one."""
    for one in DDL.split(";\n")[:-1]:
        run_sql(one)
    run_sql("INSERT INTO bills (id, who) VALUES (1, 'ada'), (4, 'bob')")
    run_sql(
        "INSERT INTO bill_lines (no, bill_id, word, place) "
        "VALUES (3, 1, 'a', 1), (20, 1, 'b', 2), (7, 4, 'c', 1)"
    )


@pytest.fixture
def prefix(client: DynamoClient, dalkit_dynamodb_prefix: str) -> str:
    """The prefix of an empty table of bills."""
    request = create_table_request(ROUTES[0].table, prefix=dalkit_dynamodb_prefix)
    create_table(client, request)
    return dalkit_dynamodb_prefix


def _new(*words: str) -> Any:
    lines = tuple(M.NewBillLine(word=one, place=None) for one in words)
    return M.NewBill(who="eve", lines=lines, notes=(), latest=())


@pytest.mark.usefixtures("held")
def test_rows_are_numbered_after_those_of_mysql(
    connect: Connect, client: DynamoClient, prefix: str
) -> None:
    """Of every bill, in one draw for all new rows of a query."""
    done = load(connect, client, ROUTES, prefix=prefix).unwrap()
    found = verify(connect, client, ROUTES, prefix=prefix).unwrap()
    db = dynamodb(client, prefix=prefix)

    assert (done.written, done.kept) == ({"Bills": 2}, 2)
    assert found.agreed
    assert found.kept == 2
    made = db.run(insert(M.bills, _new("x", "y"))).unwrap()
    assert (made.id, {one.word: one.no for one in made.lines}) == (5, {"x": 21, "y": 22})
    db.run(transact(insert(M.bills, _new("x")), insert(M.bills, _new("y", "z")))).unwrap()
    item = client.get_item(TableName=f"{prefix}Bills", Key=PLACE)["Item"]
    assert item["value"] == {"N": "25"}


@pytest.mark.usefixtures("held")
def test_a_counter_of_rows_that_is_behind_is_named(
    connect: Connect, client: DynamoClient, prefix: str
) -> None:
    """Or missing; further on than MySQL it may be."""
    load(connect, client, ROUTES, prefix=prefix).unwrap()
    table, told = f"{prefix}Bills", list[Finding]()
    for number in ("19", "99"):
        client.put_item(TableName=table, Item=PLACE | {"value": {"N": number}})
        verify(connect, client, ROUTES, prefix=prefix, report=told.append).unwrap()
    client.delete_item(TableName=table, Key=PLACE)
    verify(connect, client, ROUTES, prefix=prefix, report=told.append).unwrap()

    assert list(map(str, told)) == [
        'different Bills PK=COUNTER#Bills#lines.no: value: expected 20 or more, found {"N": "19"}',
        "missing Bills PK=COUNTER#Bills#lines.no (bill_lines no=20)",
    ]


@pytest.mark.usefixtures("held")
def test_an_export_has_the_counters_of_rows(connect: Connect, tmp_path: Path) -> None:
    """As lines beside those of the records."""
    done = export(connect, ROUTES, tmp_path).unwrap()
    (file,) = done.files
    items = [json.loads(one)["Item"] for one in file.read_text().splitlines()]

    assert PLACE | {"value": {"N": "20"}} in items
    assert (done.items, done.kept) == ({"Bills": 2}, 2)
