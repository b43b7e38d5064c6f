"""The option that keeps values unique under a fold: what it says, and what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dalkit import read_contract, read_ddl, resolve
from dalkit.compile.sql import to_sql
from dalkit.contract.problems import Problem
from dalkit.query import insert
from dalkit.records.made import records_module
from dalkit.result import Failure, Unsupported
from dalkit.schema.definition import Schema

DDL = "CREATE TABLE things (id INT PRIMARY KEY, name VARCHAR(9) NOT NULL, n INT NOT NULL"


def _made(unique: Any, key: str = "") -> tuple[Schema | None, tuple[Problem, ...]]:
    attributes = [
        {"name": "id", "type": "S", "source_column": "id"},
        {"name": "name", "type": "S", "source_column": "name"},
        {"name": "n", "type": "N", "source_column": "n"},
    ]
    table = {
        "table": "Things",
        "type": "single-entity",
        "source_table": "things",
        "pk": "id",
        "dalkit": {"unique": unique, "class": "Thing", "handle": "things"},
        "attributes": attributes,
    }
    contract, problems = read_contract(json.dumps({"tables": [table]}))
    if contract is None:
        return None, problems
    return resolve(contract, read_ddl(f"{DDL}{key}) DEFAULT CHARSET=utf8mb4;")[0])


def _with(fold: Any, *fields: Any) -> dict[str, Any]:
    return {"fields": list(fields), "fold": fold}


def test_each_group_has_its_fold() -> None:
    """Beside groups that have none."""
    schema, _ = _made(
        ["n", _with("case-1", "name"), ["name", "n"], _with("case-pad-1", "n", "name")]
    )
    assert schema is not None

    assert schema.entities[0].guarded == (
        (("n",), ""),
        (("name",), "case-1"),
        (("name", "n"), ""),
        (("n", "name"), "case-pad-1"),
    )


@pytest.mark.parametrize(
    ("given", "code", "place"),
    [
        (_with("case-9", "name"), "DK113", "fold"),
        (_with("", "name"), "DK113", "fold"),
        (_with(None, "name"), "DK112", "fold"),
        (_with("case-1"), "DK114", "fields"),
        ({"fields": ["name"]}, "DK111", ""),
        ({"fold": "case-1"}, "DK111", ""),
        (_with("case-1", "name") | {"more": 1}, "DK110", "more"),
        (_with("case-1", "nobody"), "DK222", "fields/0"),
        (_with("case-1", "n"), "DK222", "fold"),
        (5, "DK112", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_place(given: Any, code: str, place: str) -> None:
    """Unknown folds and fields, members that are missing or strange, and groups without text."""
    _, problems = _made([given])
    where = f"/tables/0/dalkit/unique/0/{place}".rstrip("/")

    assert (code, where) in [(one.code, one.pointer) for one in problems]


def test_mysql_without_a_key_of_its_own_cannot_fold() -> None:
    """It is refused by name, not compared otherwise; with a key the key's collation decides."""
    for key, refused in (("", True), (", UNIQUE KEY (name)", False)):
        schema, problems = _made([_with("case-1", "name")], key)
        assert schema is not None, problems
        module: Any = records_module(schema)
        done = to_sql(insert(module.things, module.Thing(id=1, name="a", n=1)))

        assert isinstance(done, Failure) is refused
        if isinstance(done, Failure):
            error = done.failure()
            assert isinstance(error, Unsupported)
            assert "cannot fold as case-1 does" in str(error)
