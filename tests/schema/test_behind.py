"""The MySQL tables that a definition holds: those of its rows, and nothing that only shows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from dalkit.contract.reader import read_contract
from dalkit.schema.definition import EntityDefinition
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl
from dalkit.source.tables import Source

DDL = """
CREATE TABLE owners (id INT PRIMARY KEY, name VARCHAR(9) NOT NULL, town_id INT);
CREATE TABLE towns (id INT PRIMARY KEY, name VARCHAR(9));
CREATE TABLE things (id INT PRIMARY KEY, owner_id INT, gone BOOL NOT NULL,
  FOREIGN KEY (owner_id) REFERENCES owners (id));
CREATE TABLE parts (id INT PRIMARY KEY, thing_id INT NOT NULL, size INTEGER);
CREATE TABLE screws (id INT PRIMARY KEY, part_id INT, FOREIGN KEY (part_id) REFERENCES parts (id));
CREATE TABLE others (id INT PRIMARY KEY);
"""
OWNER = {
    "name": "owner_name", "type": "S", "source_column": "owner_id",
    "join": {"type": "foreign-key", "target_table": "owners",
             "join_condition": "things.owner_id = owners.id", "select_column": "name"},
}  # fmt: skip
COUNT = {
    "name": "parts_count", "type": "N", "source_column": "id",
    "calculation": {"type": "aggregate", "operation": "COUNT", "target_table": "parts",
                    "select_column": "id", "join_condition": "parts.thing_id = things.id"},
}  # fmt: skip
PARTS = {
    "name": "parts", "type": "L", "source_column": "id",
    "join": {"type": "json-construction", "target_table": "parts",
             "join_condition": "parts.thing_id = things.id",
             "construction": {"type": "array", "select_columns": {"size": "parts.size"}}},
}  # fmt: skip


def defined(*attributes: dict[str, Any], ddl: str = DDL) -> EntityDefinition:
    """The definition of things with these attributes beside their id."""
    own = {"name": "id", "type": "N", "source_column": "id"}
    table = {"table": "Things", "type": "single-entity", "source_table": "things", "pk": "id",
             "attributes": [own, *attributes]}  # fmt: skip
    contract, _ = read_contract(json.dumps([table]))
    source, _ = read_ddl(ddl)
    assert contract is not None
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return schema.entities[0]


def names(source: Source) -> list[str]:
    """The tables' names, in order."""
    return [one.name for one in source.tables]


def test_its_own_table_alone_where_nothing_else_is_read() -> None:
    """A foreign key by itself reads no other table."""
    assert names(defined().mysql) == ["things"]


def test_tables_that_are_joined_or_counted() -> None:
    """In the order of their names."""
    assert names(defined(OWNER, COUNT).mysql) == ["owners", "parts", "things"]


def test_what_refers_to_rows_of_an_array() -> None:
    """Such rows are written, so that what refers to them matters."""
    assert names(defined(PARTS).mysql) == ["parts", "screws", "things"]


def test_where_the_file_says_it_does_not_matter() -> None:
    """Comments, lines and other words for a type leave the tables as they are."""
    moved = "-- more\n\n" + DDL.replace("size INTEGER", "size /* wide */ INT")

    assert defined(PARTS).mysql == defined(PARTS, ddl=moved).mysql
    assert all(one.line == 0 for one in defined(PARTS).mysql.tables)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("", None),
        (" CHARACTER SET utf8mb4", None),
        (" COLLATE utf8mb4_general_ci", None),
        (" COLLATE utf8mb4_uca1400_ai_ci", None),
        (" COLLATE utf8mb4_bin", "utf8mb4_bin"),
        (" CHARACTER SET latin1", None),
        (" CHARACTER SET latin1 COLLATE latin1_german1_ci", "latin1_german1_ci"),
    ],
)
def test_collations_of_the_servers_own_are_left_out(said: str, kept: str | None) -> None:
    """They differ between servers that hold the same tables."""
    ddl = DDL.replace("name VARCHAR(9) NOT NULL", f"name VARCHAR(9){said} NOT NULL")
    owners = defined(OWNER, ddl=ddl).mysql.by_name["owners"]
    column = owners.column("name")

    assert column is not None
    assert column.type.collation == kept


def test_definitions_are_compared_without_them() -> None:
    """They are where records come from, and no part of what they are."""
    one = defined()

    assert one == evolve(one, mysql=Source(tables=()))
    assert "SourceTable" not in repr(one)


def test_the_order_in_which_a_server_lists_its_tables_says_nothing() -> None:
    """A records module is the same from a file and from every server."""
    statements = [one for one in DDL.strip().split(";\n") if one.strip(" \n;")]
    turned = ";\n".join(one.strip("\n;") for one in reversed(statements)) + ";"

    one, other = defined(OWNER, COUNT, PARTS), defined(OWNER, COUNT, PARTS, ddl=turned)

    assert one.mysql.tables == other.mysql.tables
    assert len(one.mysql.tables) > 2
