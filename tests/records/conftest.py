"""Schemas whose names are those of Python, of dalkit and of one another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dalkit.contract.reader import read_contract
from dalkit.schema.definition import Schema
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl

HERE = Path(__file__).parent
STORE = HERE.parents[1] / "contracts" / "online_store"


def schema_of(contract: str, ddl: str) -> Schema:
    """The schema, without problems that stop."""
    read, problems = read_contract(contract)
    assert read is not None, problems
    source, problems = read_ddl(ddl)
    assert source is not None, problems
    schema, problems = resolve(read, source)
    assert schema is not None, problems
    return schema


@pytest.fixture(scope="session")
def store() -> Schema:
    """The schema of the online store."""
    contract = (STORE / "migrationContract.json").read_text()
    return schema_of(contract, (STORE / "schema.sql").read_text())


@pytest.fixture(scope="session")
def zoo() -> Schema:
    """Fields, classes and handles that are called as imports, builtins and keywords are."""
    ddl = (HERE / "zoo.sql").read_text()
    source, _ = read_ddl(ddl)
    assert source is not None
    types = {"tinyint": "BOOL", "json": "M", "set": "SS", "blob": "B", "bit": "B", "binary": "B"}
    tables = {table.name: table for table in source.tables}

    def columns(table: str) -> list[dict[str, Any]]:
        return [
            {
                "name": c.name.removeprefix("as_"),
                "type": types.get(c.type.base, "S"),
                "source_column": c.name,
            }
            for c in tables[table].columns
        ]

    def joined(name: str, type: str, members: dict[str, str]) -> dict[str, Any]:
        kind = "array" if type == "L" else "object"
        join = {
            "type": "json-construction",
            "target_table": "entities",
            "join_condition": "entities.field_id = fields.id AND entities.amount > -1.50",
            "construction": {"type": kind, "select_columns": members},
        }
        return {"name": name, "type": type, "join": join}

    lines = joined("lines", "L", {"class": "id", "amount": "amount", "value": "`value`"})
    first = joined("first", "M", {"a": "id"})
    secret = {
        "name": "Key", "type": "S", "source_column": "field", "dalkit": {"secret": True},
    }  # fmt: skip
    shapes = [
        {"name": "profile", "type": "M", "source_column": ["id", "class", "date"]},
        {"name": "list", "type": "L", "source_column": ["id", "str", "datetime", "Decimal"] * 3},
        {"name": "one", "type": "N", "transformation": {"type": "static", "value": 1}},
        {"name": "half", "type": "N", "calculation": {
            "type": "case", "cases": [{"when": "fields.id > 0.5", "then": 0.5}]}},
    ]  # fmt: skip
    given = {
        "FIELD": ("fields", [*columns("fields"), lines, first, secret, *shapes]),
        "ENTITY": ("entities", columns("entities")),
        "JSON": ("jsons", columns("jsons")),
        "none": ("jsons", columns("jsons")),
        "Decimal": ("jsons", columns("jsons")),
        "订单": ("jsons", columns("jsons")),
        "Series": ("jsons", columns("jsons")),
    }
    entities = [
        {
            "entity_type": name,
            "source_table": table,
            "pk_template": f"{name}#{{id}}",
            "sk_template": "#META",
            "attributes": attributes,
        }
        for name, (table, attributes) in given.items()
    ]
    contract = [
        {"table": name, "type": "multi-entity", "satisfies": ["AP1"], "entities": entities}
        for name in ("a-table", "a_table")
    ]
    contract[0]["entities"] = entities[:1]
    return schema_of(json.dumps(contract), ddl)
