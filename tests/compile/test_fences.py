"""What is in a table beside an entity's records stays out of what is read."""

from __future__ import annotations

import json
from typing import Any

from dalkit import count, find, read_contract, read_ddl, resolve
from dalkit.compile.fences import fences
from dalkit.convert import items
from dalkit.records.made import records_module
from dalkit.schema.bookkeeping import counter_text, guard_text, place_of
from dalkit.schema.definition import Schema
from dalkit.schema.entity import definition_of

DDL = """
CREATE TABLE tags (
  name VARCHAR(20) NOT NULL PRIMARY KEY,
  color VARCHAR(20) NOT NULL UNIQUE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
"""
CONTRACT = [
    {
        "table": "Tags",
        "type": "single-entity",
        "source_table": "tags",
        "pk": "name",
        "dalkit": {"unique": ["color"]},
        "attributes": [
            {"name": name, "type": "S", "source_table": "tags", "source_column": name}
            for name in ("name", "color")
        ],
    }
]


def _schema() -> Schema:
    contract, problems = read_contract(json.dumps(CONTRACT))
    source, _ = read_ddl(DDL)
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return schema


SCHEMA = _schema()
M: Any = records_module(SCHEMA)
T: Any = getattr(M, SCHEMA.entities[0].handle)
Tag: Any = getattr(M, SCHEMA.entities[0].record)


def test_guards_and_counters_are_no_records(asked_dynamodb: Any) -> None:
    """A scan of a table whose key is any text leaves out what dalkit keeps beside records."""
    definition = definition_of(T)
    texts = (guard_text(definition.name, ("color",), ("red",)), counter_text("Tags", "name"))
    held = [Tag(name=name, color=name) for name in ("a", "UNIQUE", "COUNTER", "unique#")]
    with asked_dynamodb(SCHEMA) as made:
        made.put_items("Tags", [items(T).encode(one).unwrap() for one in held])
        made.put_items("Tags", [place_of(definition.table, text) for text in texts])

        assert {one.name for one in made.run(find(T).allow_scan()).items} == {
            one.name for one in held
        }
        assert made.run(count(T).allow_scan()) == len(held)


def test_an_index_needs_no_fence_against_them() -> None:
    """What is no record has no key of an index."""
    assert [one.operator for one in fences(definition_of(T), ())] == ["not begins with"] * 2
    assert fences(definition_of(T), {"color"}) == ()
