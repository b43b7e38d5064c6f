"""SELECTs and views as a script: names of views, comments, statements that end."""

from __future__ import annotations

import json
from typing import Any

from dalkit.compile.script import script, view_names
from dalkit.contract.reader import read_contract
from dalkit.schema.definition import Schema
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl
from dalkit.source.lexer import statements
from dalkit.source.tables import Source


def _resolved(ddl: str, **more: Any) -> tuple[Schema, Source]:
    array = {
        "type": "json-construction",
        "target_table": "parts",
        "join_condition": "parts.thing_id = things.id",
        "construction": {"type": "array", "select_columns": {"n": "parts.id"}, "limit": 5},
    }
    attributes = [
        {"name": "id", "type": "N", "source_table": "things", "source_column": "id"},
        {
            "name": "parts", "type": "L", "source_table": "things", "source_column": "id",
            "join": array,
        },
    ]  # fmt: skip
    table = {
        "table": "Things", "type": "single-entity", "source_table": "things", "pk": "id",
        "attributes": attributes, "satisfies": ["all"],
    } | more  # fmt: skip
    contract, problems = read_contract(json.dumps({"tables": [table]}))
    source, _ = read_ddl(
        "CREATE TABLE things (id INT PRIMARY KEY);"
        "CREATE TABLE parts (id INT PRIMARY KEY, thing_id INT NOT NULL);" + ddl
    )
    assert contract is not None, problems
    schema, problems = resolve(contract, source)
    assert schema is not None, problems
    return schema, source


def test_child_rows_stand_beside_the_view() -> None:
    """One statement sets the time zone, one makes the view, one selects the child rows."""
    text = script(*_resolved(""), views=True)
    found = [one.text for one in statements(text)]

    assert [one.split()[0] for one in found] == ["SET", "CREATE", "SELECT"]
    assert "-- Child rows have no view" in text
    assert 'child rows of "parts", the first 5 of each row, merged in by key' in text


def test_a_view_takes_no_tables_name() -> None:
    """Views and tables share their names in MySQL, whatever the case."""
    ddl = "CREATE TABLE Dalkit_Things (id INT PRIMARY KEY);"

    assert view_names(*_resolved("")) == {"Things": "dalkit_things"}
    assert view_names(*_resolved(ddl)) == {"Things": "dalkit_things_2"}


def test_a_long_handle_is_cut_to_what_mysql_takes() -> None:
    """64 characters, and still no table's name."""
    handle = "h" * 60
    cut = f"dalkit_{handle}"[:64]
    ddl = f"CREATE TABLE {cut} (id INT PRIMARY KEY);"
    plain = view_names(*_resolved("", dalkit={"handle": handle}))
    taken = view_names(*_resolved(ddl, dalkit={"handle": handle}))

    assert plain == {"Things": cut}
    assert taken == {"Things": f"{cut[:60]}_2"}
