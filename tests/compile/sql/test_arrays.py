"""Rows of arrays go with their record, whatever foreign key there is, or none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dalkit import delete, get, insert, put, read_contract, read_ddl, resolve, update
from dalkit.records.made import records_module
from dalkit.result import NotFound, Success
from dalkit.run.on_mysql import MySQL, mysql
from dalkit.testing.scratch import scratch_database
from dalkit.testing.services import MySQLServer

KEYS = {
    "none": "KEY parts_thing (thing_id)",
    "restrict": "FOREIGN KEY (thing_id) REFERENCES things (id)",
    "cascade": "FOREIGN KEY (thing_id) REFERENCES things (id) ON DELETE CASCADE",
}
CONSTRUCTION = {
    "type": "array",
    "select_columns": {"part_id": "parts.id", "name": "parts.name"},
    "order_by": "parts.id ASC",
}
ATTRIBUTES: list[dict[str, Any]] = [
    {"name": "PK", "type": "S", "source_table": "things", "source_column": "id"},
    {"name": "id", "type": "N", "source_table": "things", "source_column": "id"},
    {"name": "parts", "type": "L", "source_table": "things", "source_column": "id",
     "join": {"type": "json-construction", "target_table": "parts",
              "join_condition": "parts.thing_id = things.id", "construction": CONSTRUCTION}},
]  # fmt: skip


def _ddl(kind: str) -> str:
    return (
        "CREATE TABLE things (id INT NOT NULL PRIMARY KEY);\n"
        "CREATE TABLE parts (id INT NOT NULL PRIMARY KEY, thing_id INT NOT NULL, "
        f"name VARCHAR(9) NULL, {KEYS[kind]});\n"
    )


@pytest.fixture(params=sorted(KEYS))
def world(request: pytest.FixtureRequest, mysql_server: MySQLServer) -> Iterator[tuple[Any, MySQL]]:
    """The records module, and a backend with empty tables."""
    table = {"table": "Things", "type": "single-entity", "source_table": "things", "pk": "PK",
             "attributes": ATTRIBUTES}  # fmt: skip
    contract, problems = read_contract(json.dumps([table]))
    source, _ = read_ddl(_ddl(request.param))
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    ddl = _ddl(request.param)
    with scratch_database(mysql_server, ddl) as held, mysql(held.connect) as db:
        yield records_module(schema), db


def test_rows_come_and_go_with_their_record(world: tuple[Any, MySQL]) -> None:
    """A record of the same key has none of the rows of the one before."""
    m, db = world
    one, two = (m.Part(part_id=number, name="x") for number in (1, 2))
    db.run(put(m.things, m.Thing(id=1, parts=(one, two)))).unwrap()
    three = m.Part(part_id=3, name=None)
    added = db.run(update(m.things, m.ThingKey(1)).append(m.things.parts, three))
    gone = db.run(delete(m.things, m.ThingKey(1)))

    assert [part.part_id for part in added.unwrap().parts] == [1, 2, 3]
    assert gone == Success(True)
    assert isinstance(db.run(get(m.things, m.ThingKey(1))).failure(), NotFound)
    assert db.run(insert(m.things, m.Thing(id=1, parts=(two,)))).unwrap().parts == (two,)
