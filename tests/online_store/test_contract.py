from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dalkit.contract.reader import read_contract


@pytest.fixture(scope="module")
def text(store_folder: Path) -> str:
    """The example's contract as it is written."""
    return (store_folder / "migrationContract.json").read_text("utf-8")


@pytest.fixture(scope="module")
def tables(text: str) -> dict[str, dict[str, Any]]:
    """The contract's tables by name."""
    return {table["table"]: table for table in json.loads(text)["tables"]}


def attributes(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Every attribute of every entity of a table."""
    entities = table.get("entities", [table])
    return [attribute for entity in entities for attribute in entity["attributes"]]


def columns_in(attribute: dict[str, Any]) -> set[tuple[str, str]]:
    """The columns that an attribute carries, those of a json-construction included."""
    join = attribute.get("join", {})
    if "construction" in join:
        members = join["construction"]["select_columns"].values()
        parent = re.findall(r"(\w+)\.(\w+)", join["join_condition"])[0]
        return {parent, *(tuple(member.split(".")) for member in members)}
    if join or "calculation" in attribute or "transformation" in attribute:
        return set()
    listed = attribute["source_column"]
    columns = [listed] if isinstance(listed, str) else listed
    return {(attribute["source_table"], column) for column in columns}


def test_the_contract_has_no_problem(text: str) -> None:
    """The reader finds nothing to say about the document."""
    contract, problems = read_contract(text)

    assert [str(problem) for problem in problems] == []
    assert contract is not None


def test_every_column_is_carried(tables: dict[str, dict[str, Any]], seed: ModuleType) -> None:
    """No column of any table is lost, and none is carried by a key alone."""
    carried = {
        column
        for table in tables.values()
        for attribute in attributes(table)
        if not attribute["name"].endswith(("PK", "SK"))
        for column in columns_in(attribute)
    }

    assert {(table, column) for table in seed.COLUMNS for column in seed.COLUMNS[table]} == carried


def test_ids_in_sort_keys_are_padded(tables: dict[str, dict[str, Any]]) -> None:
    """Where text order must be number order, ids have ten digits."""
    templates = [e["sk_template"] for t in tables.values() for e in t.get("entities", ())]
    templates += [
        attribute["transformation"]["format"]
        for table in tables.values()
        for attribute in attributes(table)
        if attribute["name"].endswith("SK")
    ]
    ids = [one for template in templates for one in re.findall(r"{(\w*id\b[^}]*)}", template)]

    assert sorted(ids) == ["id:010", "order_id:010", "product_id:010"]


def test_there_are_48_patterns(access_patterns: ModuleType) -> None:
    """The patterns are numbered from 1 to 48, and ask about 3,250 times a second at their peak."""
    patterns = access_patterns.PATTERNS

    assert [f"AP{number:02}" for number in range(1, 49)] == [one.name[:4] for one in patterns]
    assert len({one.name for one in patterns}) == 48
    assert 3_240 < sum(one.peak for one in patterns) < 3_250


def test_tables_satisfy_the_patterns_that_use_them(
    tables: dict[str, dict[str, Any]], access_patterns: ModuleType
) -> None:
    """`satisfies` and the declared patterns say the same, in the same order."""
    declared = {
        table: [one.name for one in access_patterns.PATTERNS if table in one.tables]
        for table in tables
    }

    assert declared == {name: table["satisfies"] for name, table in tables.items()}


def test_patterns_name_indexes_that_exist(
    tables: dict[str, dict[str, Any]], access_patterns: ModuleType
) -> None:
    """Each index that serves a pattern is one of its tables'."""
    indexes = {name: {gsi["index_name"] for gsi in t["gsis"]} for name, t in tables.items()}
    for one in access_patterns.PATTERNS:
        named = set(re.findall(r"GSI\d", one.served_by + one.what))

        assert named <= {index for table in one.tables for index in indexes[table]}


def test_only_patterns_without_database_work_use_no_table(access_patterns: ModuleType) -> None:
    """Logging out and uploading an image leave the stores alone."""
    idle = [one.name[:4] for one in access_patterns.PATTERNS if not one.tables]

    assert idle == ["AP06", "AP18"]
    assert all(
        (one.served_by == "no database work") == (not one.tables)
        for one in access_patterns.PATTERNS
    )
