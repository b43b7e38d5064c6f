"""What is None inside a record counts as absent for changes that depend on it, on every store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from dalkit import (
    Success,
    dynamodb,
    get,
    memory,
    mysql,
    put,
    read_contract,
    read_ddl,
    resolve,
    transact,
    update,
)
from dalkit.records.made import records_module
from dalkit.run.backend import Backend
from dalkit.testing.scratch import scratch_database, scratch_tables
from dalkit.testing.services import DynamoDBLocal, MySQLServer

DDL = """
CREATE TABLE looks (
  id BIGINT NOT NULL PRIMARY KEY,
  theme VARCHAR(10) NULL,
  size INT NULL,
  price DECIMAL(6, 2) NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
"""


def _attribute(name: str, type_: str, *columns: str) -> dict[str, Any]:
    of = columns[0] if len(columns) == 1 else list(columns)
    return {"name": name, "type": type_, "source_table": "looks", "source_column": of}


CONTRACT = {
    "tables": [
        {
            "table": "Looks",
            "type": "single-entity",
            "source_table": "looks",
            "pk": "id",
            "dalkit": {"class": "Look", "handle": "looks"},
            "attributes": [
                _attribute("id", "N", "id"),
                _attribute("inside", "M", "theme", "size", "price"),
            ],
        }
    ]
}


def _module() -> Any:
    contract, problems = read_contract(json.dumps(CONTRACT))
    source, _ = read_ddl(DDL)
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return records_module(schema)


M: Any = _module()
L = M.looks
SIZE, PRICE, THEME = (L.inside.at(one) for one in ("size", "price", "theme"))
KEY = M.LookKey(7)


def opened(request: pytest.FixtureRequest, kind: str) -> Iterator[Backend]:
    """A backend of a kind, without records."""
    if kind == "memory":
        yield memory([L])
    elif kind == "mysql":
        server: MySQLServer = request.getfixturevalue("mysql_server")
        with scratch_database(server, DDL) as database:
            yield mysql(database.connect)
    else:
        store: DynamoDBLocal = request.getfixturevalue("dynamodb_local")
        with scratch_tables(store, [L]) as tables:
            yield dynamodb(tables.client, prefix=tables.prefix)


@pytest.fixture(params=["dynamodb", "memory", "mysql"])
def db(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """A backend with the record 7, in which all is None."""
    for backend in opened(request, request.param):
        nothing = M.LookInside(theme=None, size=None, price=None)
        backend.run(put(L, M.Look(id=7, inside=nothing))).unwrap()
        yield backend


CHANGES: dict[str, tuple[Callable[[Any], Any], dict[str, Any]]] = {
    "add": (lambda of: of.add(SIZE, 2), {"size": 2}),
    "add a decimal": (lambda of: of.add(PRICE, Decimal("0.50")), {"price": Decimal("0.50")}),
    "set if absent": (lambda of: of.set_if_absent(THEME, "x"), {"theme": "x"}),
    "all of it": (
        lambda of: of.set_if_absent(SIZE, 3).add(PRICE, 1).set(THEME, "y"),
        {"size": 3, "price": Decimal("1.00"), "theme": "y"},
    ),
}


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "in a transaction"])
@pytest.mark.parametrize("name", CHANGES)
def test_none_inside_counts_as_absent(db: Backend, name: str, alone: bool) -> None:
    """A sum begins at zero, and a value that is wanted if there is none is set."""
    change, wanted = CHANGES[name]
    write = change(update(L, KEY))

    assert isinstance(db.run(write if alone else transact(write)), Success)
    inside = db.run(get(L, KEY).consistent()).unwrap().inside
    assert inside == evolve(M.LookInside(theme=None, size=None, price=None), **wanted)


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_inside_is_changed_again(db: Backend, name: str) -> None:
    """The second time a sum grows, and what is there stays."""
    change, _ = CHANGES[name]
    once = db.run(change(update(L, KEY))).unwrap().inside
    again = db.run(change(update(L, KEY))).unwrap().inside

    assert again.theme == once.theme
    assert again.size == (4 if name == "add" else once.size)
    assert again.price == (once.price and 2 * once.price)
