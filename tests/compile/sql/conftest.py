"""A small world with a column of every kind, on a real server, and what runs calls there."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, final

import pytest
from attrs import frozen

from dalkit import read_contract, read_ddl, resolve
from dalkit.compile.call import SqlBatch, SqlCall, SqlReply
from dalkit.compile.settings import PLAIN, Settings
from dalkit.compile.sql import to_sql
from dalkit.query import Query
from dalkit.records.made import records_module
from dalkit.result import Failure, Result, Success
from dalkit.run.config import MysqlAddress, mysql_connect
from dalkit.testing.services import MySQLServer

STORE = Path(__file__).parents[3] / "contracts" / "online_store"
DDL = """
CREATE TABLE owners (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(40) NOT NULL
) DEFAULT CHARSET=utf8mb4;
CREATE TABLE things (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  owner_id INT NULL,
  label VARCHAR(40) NOT NULL,
  old VARCHAR(40) CHARACTER SET latin1 NULL,
  color ENUM('red', 'Green', 'blue') NULL,
  tags SET('a', 'b', 'c') NULL,
  price DECIMAL(10, 2) NULL,
  single FLOAT NULL,
  twice DOUBLE NULL,
  yes BOOL NULL,
  raw VARBINARY(20) NULL,
  mask BIT(9) NULL,
  day DATE NULL,
  moment DATETIME(3) NOT NULL,
  span TIME(2) NULL,
  year YEAR NULL,
  tree JSON NULL,
  first VARCHAR(10) NULL,
  last VARCHAR(10) NULL,
  KEY things_label (label),
  FOREIGN KEY (owner_id) REFERENCES owners (id)
) DEFAULT CHARSET=utf8mb4;
CREATE TABLE parts (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  thing_id INT NOT NULL,
  name VARCHAR(20) NULL,
  size DECIMAL(6, 1) NOT NULL,
  KEY parts_thing (thing_id),
  FOREIGN KEY (thing_id) REFERENCES things (id)
) DEFAULT CHARSET=utf8mb4;
"""
_TYPES = {
    **dict.fromkeys(("id", "owner_id", "price", "single", "twice", "mask", "year"), "N"),
    **dict.fromkeys(("label", "old", "color", "day", "moment", "span"), "S"),
    "tags": "SS",
    "yes": "BOOL",
    "raw": "B",
    "tree": "M",
}
_PARTS = {"part_id": "parts.id", "name": "parts.name", "size": "parts.size"}
ROWS = """
INSERT INTO owners (id, name) VALUES (1, 'Ada'), (2, 'ada'), (3, '50% of_all');
INSERT INTO things VALUES
 (1, 1, 'abc', 'é', 'red', 'a,c', 1.50, 0.1, 0.1, 1, X'00FF', b'101', '2026-01-02',
  '2026-01-02 03:04:05.678', '01:02:03.45', 2026, '{"n": 1.5, "s": "x", "l": [1, {"k": "v"}]}',
  'Ada', NULL),
 (2, 1, 'ABC', 'e', 'Green', '', 10.00, 16777216, -2.5, 0, X'', b'0', '2025-12-31',
  '2026-01-02 03:04:05.678', '-01:00:00', 1999, '{"n": "1.5", "s": null, "b": true}', NULL, 'L'),
 (3, 2, 'äbc', NULL, 'blue', 'b', -1.00, -0.3, 1e100, 1, X'FF', b'111111111', NULL,
  '1999-12-31 23:59:59.999', NULL, NULL, '{"n": -3, "s": "X", "l": []}', 'a', 'b'),
 (10, NULL, 'abc ', 'E', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
  '2026-06-01 00:00:00', NULL, NULL, NULL, NULL, NULL),
 (11, 3, '', 'ß', 'red', 'a,b,c', 1.5, 0.1, 0, 0, 'abc', b'1', '2026-01-02',
  '2026-01-02 03:04:05.677', '838:59:59', 2000, '{"n": 2, "b": false, "s": ""}', 'Ada', 'x'),
 (-5, 3, '100%_|\\\\''"', 'straße', 'blue', 'c', 99999999.99, 3.4e38, 1e-300, 1, 'a', b'10',
  '0999-01-01', '2026-01-02 03:04:05.679', '00:00:00', 1901, '{"l": {"0": 1}}', '', ''),
 (12, 2, '😀', '', 'red', 'a', 0, 0, 0.3, 1, X'0A', b'11', '2026-01-03',
  '2026-01-03 00:00:00', '00:00:01', 2155, '{"n": 1e2}', 'Ada', NULL);
INSERT INTO parts VALUES
 (1, 1, 'x', 1.0), (2, 1, NULL, 2.5), (3, 1, 'X', 3.0), (4, 3, 'y', 0.5), (5, 12, 'z', 9.9),
 (6, 12, 'z', 9.9);
"""


def _contract() -> str:
    attributes: list[dict[str, Any]] = [
        {"name": "thing_id" if name == "id" else name, "type": type, "source_table": "things",
         "source_column": name}
        for name, type in _TYPES.items()
    ]  # fmt: skip
    attributes += [
        {"name": "person", "type": "M", "source_table": "things",
         "source_column": ["first", "last"]},
        {"name": "pair", "type": "L", "source_table": "things", "source_column": ["first", "last"]},
        {"name": "owner_name", "type": "S", "source_table": "things", "source_column": "owner_id",
         "join": {"type": "foreign-key", "target_table": "owners",
                  "join_condition": "things.owner_id = owners.id", "select_column": "name"}},
        {"name": "parts_count", "type": "N", "source_table": "things", "source_column": "id",
         "calculation": {"type": "aggregate", "operation": "COUNT", "target_table": "parts",
                         "select_column": "id", "join_condition": "parts.thing_id = things.id"}},
        {"name": "parts", "type": "L", "source_table": "things", "source_column": "id",
         "join": {"type": "json-construction", "target_table": "parts",
                  "join_condition": "parts.thing_id = things.id",
                  "construction": {"type": "array", "select_columns": _PARTS,
                                   "order_by": "parts.size DESC"}}},
        {"name": "two", "type": "L", "source_table": "things", "source_column": "id",
         "join": {"type": "json-construction", "target_table": "parts",
                  "join_condition": "parts.thing_id = things.id",
                  "construction": {"type": "array", "select_columns": {"name": "parts.name"},
                                   "order_by": "parts.id ASC", "limit": 2}}},
        {"name": "title", "type": "S", "source_table": "things", "source_column": "label",
         "transformation": {"type": "string-format", "format": "<{label}>"}},
    ]  # fmt: skip
    entity = {
        "entity_type": "THING", "source_table": "things", "pk_template": "OWNER#{label}",
        "sk_template": "THING#{moment}#{id:05}", "attributes": attributes,
    }  # fmt: skip
    return json.dumps(
        [{"table": "Things", "type": "multi-entity", "source_table": "things", "pk": "PK",
          "sk": "SK", "entities": [entity]}]
    )  # fmt: skip


@final
@frozen
class World:
    """The records module, and a function that runs a query on the server."""

    module: ModuleType
    run: Callable[..., Result[Any]]
    sent: list[SqlCall[Any]]

    @property
    def things(self) -> Any:
        return self.module.things


@pytest.fixture(scope="session")
def made() -> ModuleType:
    """The records module, without a server."""
    contract, _ = read_contract(_contract())
    source, _ = read_ddl(DDL)
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return records_module(schema)


@pytest.fixture(scope="session")
def store() -> ModuleType:
    """The same of the online store."""
    contract, _ = read_contract((STORE / "migrationContract.json").read_text())
    source, _ = read_ddl((STORE / "schema.sql").read_text())
    assert contract is not None
    schema, _ = resolve(contract, source)
    assert schema is not None
    return records_module(schema)


@pytest.fixture(scope="session")
def database(mysql_server: MySQLServer) -> Iterator[Any]:
    """A connection as dalkit opens them, to a database with the rows."""
    name = f"t{secrets.token_hex(6)}"

    def connect(database: str) -> Any:
        address = MysqlAddress(
            user=mysql_server.user,
            password=mysql_server.password,
            host=mysql_server.host,
            port=mysql_server.port,
            database=database,
        )
        return mysql_connect(address).unwrap()()

    with closing(connect("mysql")) as server, server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name}`")
        with closing(connect(name)) as connection:
            for one in (DDL + ROWS + (STORE / "schema.sql").read_text()).split(";\n"):
                if one.strip():
                    connection.cursor().execute(one)
            yield connection
        cursor.execute(f"DROP DATABASE `{name}`")


@pytest.fixture
def world(made: ModuleType, database: Any) -> World:
    """The small world."""
    return _world(made, database)


@pytest.fixture
def shop(store: ModuleType, database: Any) -> World:
    """The online store, its tables empty."""
    return _world(store, database)


def _world(module: ModuleType, database: Any) -> World:
    sent: list[SqlCall[Any]] = []

    def run(query: Query[Any], settings: Settings = PLAIN) -> Result[Any]:
        match to_sql(query, settings):
            case Success(call):
                return drive(database, call, sent)
            case Failure() as failure:
                return failure

    return World(module, run, sent)


def drive(connection: Any, call: Any, sent: list[SqlCall[Any]]) -> Result[Any]:
    """Send a call and all that follow, as one transaction if they ask for it."""
    step: Any = call
    if isinstance(step, SqlBatch):
        return step.read(tuple(drive(connection, one, sent) for one in step.calls))
    atomic = isinstance(step, SqlCall) and step.atomic
    if atomic:
        connection.begin()
    try:
        while isinstance(step, SqlCall):
            sent.append(step)
            with connection.cursor() as cursor:
                count = cursor.execute(step.text, step.parameters)
                step = step.read(SqlReply(tuple(cursor.fetchall()), count, cursor.lastrowid))
    except BaseException:
        connection.rollback()
        raise
    if atomic:
        (connection.commit if isinstance(step, Success) else connection.rollback)()
    answer: Result[Any] = step
    return answer
