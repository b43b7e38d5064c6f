"""The loss report: what becomes of each column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dalkit.contract.reader import read_contract
from dalkit.schema.loss import ColumnLoss, as_json_value, as_text, loss_report
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl

STORE = Path(__file__).parents[2] / "contracts/online_store"
TABLE = "CREATE TABLE {} ({}) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;\n"
ID = "id INT NOT NULL AUTO_INCREMENT PRIMARY KEY"


def reported(contract: object, ddl: str) -> dict[str, ColumnLoss]:
    """The report by `table.column`."""
    made, problems = read_contract(json.dumps(contract))
    source, _ = read_ddl(ddl)
    assert made is not None, problems
    schema, problems = resolve(made, source)
    assert schema is not None, problems
    report = loss_report(made, source, schema)

    return {f"{one.table}.{one.column}": one for one in report}


def things(*attributes: dict[str, Any]) -> list[dict[str, Any]]:
    """A contract of one table keyed by id."""
    held = [{"name": "id", "type": "N", "source_column": "id"}, *attributes]
    return [
        {
            "table": "Things",
            "type": "single-entity",
            "source_table": "things",
            "pk": "id",
            "attributes": held,
        }
    ]


COLUMNS = [
    ("INT", "N", "exact", "NULL as absent"),
    ("BIGINT UNSIGNED NOT NULL", "S", "exact", ""),
    ("DECIMAL(10,2) NOT NULL", "N", "normalized", "2 decimals are written back"),
    ("DECIMAL(10,2) NOT NULL", "S", "exact", ""),
    ("DECIMAL(60,2) NOT NULL", "N", "narrowed", "more than 38 significant digits are refused"),
    ("DOUBLE NOT NULL", "N", "narrowed", "outside 1E-130"),
    ("FLOAT NOT NULL", "N", "exact", "float32"),
    ("BOOL NOT NULL", "BOOL", "narrowed", "other than 0 and 1 are refused"),
    ("BIT(1) NOT NULL", "BOOL", "exact", ""),
    ("BIT(9) NOT NULL", "B", "exact", "the highest first"),
    ("VARCHAR(9) NOT NULL", "S", "exact", ""),
    ("VARCHAR(9) CHARACTER SET latin1 NOT NULL", "S", "normalized", "from latin1 to UTF-8"),
    ("VARCHAR(9) NOT NULL", "N", "narrowed", "texts that are no numbers are refused"),
    ("ENUM('a') NOT NULL", "S", "exact", ""),
    ("SET('a') NOT NULL", "SS", "normalized", "the empty set as absent"),
    ("SET('a')", "SS", "narrowed", "read back as NULL"),
    ("BLOB NOT NULL", "B", "exact", ""),
    ("DATE NOT NULL", "S", "exact", "zero dates are refused"),
    ("TIMESTAMP NOT NULL", "S", "normalized", "as ISO 8601 in UTC"),
    ("DATETIME NOT NULL", "S", "normalized", "read as UTC"),
    ("TIMESTAMP NOT NULL", "N", "normalized", "seconds of the epoch"),
    ("TIME NOT NULL", "S", "exact", ""),
    ("YEAR NOT NULL", "N", "exact", ""),
    ("JSON NOT NULL", "M", "narrowed", "scalars and arrays refused"),
    ("JSON NOT NULL", "S", "exact", ""),
]


@pytest.mark.parametrize(("column", "type", "verdict", "how"), COLUMNS)
def test_each_kind_of_column_has_its_verdict(
    column: str, type: str, verdict: str, how: str
) -> None:
    """And says for which values, or in which form."""
    given = things({"name": "x", "type": type, "source_column": "x"})
    found = reported(given, TABLE.format("things", f"{ID}, x {column}"))["things.x"]

    assert found.verdict == verdict
    assert how in found.carriers[0].how
    assert bool(how) == bool(found.carriers[0].how)


def test_the_best_carrier_decides() -> None:
    """A part of a date beside the date itself loses nothing."""
    day = {"type": "date-format", "format": "YYYY"}
    part = {"name": "year", "type": "S", "source_column": "at", "transformation": day}
    ddl = TABLE.format("things", f"{ID}, at TIMESTAMP NOT NULL")

    assert reported(things(part), ddl)["things.at"].verdict == "partly"
    whole = {"name": "at", "type": "S", "source_column": "at"}
    assert reported(things(part, whole), ddl)["things.at"].verdict == "normalized"


def test_two_texts_in_one_cannot_be_told_apart() -> None:
    """Unless a delimiter parts them that the first cannot hold."""
    text = {"type": "string-format", "format": "{first} {last} {number}"}
    given = things({"name": "all", "type": "S", "source_column": "first", "transformation": text})
    columns = "first VARCHAR(9) NOT NULL, last VARCHAR(9) NOT NULL, number INT NOT NULL"
    found = reported(given, TABLE.format("things", f"{ID}, {columns}"))

    assert found["things.first"].verdict == found["things.last"].verdict == "partly"
    assert found["things.number"].verdict == "exact"


def test_a_foreign_key_is_carried_through_a_unique_column() -> None:
    """The target's own column is a copy."""
    join = {
        "type": "foreign-key",
        "target_table": "owners",
        "join_condition": "things.owner_id = owners.id",
        "select_column": "owners.email",
    }
    given = things({"name": "email", "type": "S", "source_column": "owner_id", "join": join})
    owners = TABLE.format("owners", f"{ID}, email VARCHAR(9) NOT NULL UNIQUE, phone INT")
    ddl = owners + TABLE.format("things", f"{ID}, owner_id INT NOT NULL")
    found = reported(given, ddl)

    assert found["things.owner_id"].verdict == "normalized"
    assert found["things.owner_id"].carriers[0].how == "through owners.email"
    assert found["owners.email"].verdict == "partly"
    assert found["owners.phone"].verdict == "not carried"


@pytest.mark.parametrize(
    ("members", "verdict"),
    [({}, "exact"), ({"limit": 2}, "partly"), ({"type": "object"}, "partly")],
)
def test_child_rows_are_carried_as_far_as_they_go(members: dict[str, Any], verdict: str) -> None:
    """All of an array's, some of a limited one's, one of an object's."""
    construction = {"type": "array", "select_columns": {"code": "parts.code"}, **members}
    join = {
        "type": "json-construction",
        "target_table": "parts",
        "join_condition": "parts.thing_id = things.id",
        "construction": construction,
    }
    type = "M" if members.get("type") else "L"
    given = things({"name": "parts", "type": type, "source_column": "id", "join": join})
    parts = TABLE.format("parts", f"{ID}, thing_id INT NOT NULL, code INT NOT NULL, note INT")
    found = reported(given, TABLE.format("things", ID) + parts)

    assert found["parts.code"].verdict == verdict
    assert found["parts.note"].verdict == "not carried"
    assert "as things.id of the item" in found["parts.thing_id"].carriers[0].how


def test_the_online_store_loses_nothing() -> None:
    """Every column of every table is carried."""
    contract = json.loads((STORE / "migrationContract.json").read_text(encoding="utf-8"))
    found = reported(contract, (STORE / "schema.sql").read_text(encoding="utf-8"))

    assert {one.verdict for one in found.values()} == {"exact", "normalized", "narrowed"}


def test_the_text_has_a_line_for_each_column_and_counts_them() -> None:
    """A table that nothing reads has one line."""
    given = things({"name": "name", "type": "S", "source_column": "name"})
    ddl = TABLE.format("things", f"{ID}, name VARCHAR(9), made DATE")
    report = reported(given, ddl + TABLE.format("logs", ID)).values()

    assert as_text(report) == (
        "things\n"
        "  id    exact        Things.id (N)\n"
        "  name  exact        Things.name (S): NULL as absent\n"
        "  made  not carried\n"
        "logs: no column is carried\n"
        "4 columns: 2 exact, 2 not carried\n"
    )


def test_the_json_value_says_the_same() -> None:
    """As plain values."""
    report = reported(things(), TABLE.format("things", ID)).values()
    carrier = {
        "entity": "Things",
        "attribute": "id",
        "type": "N",
        "verdict": "exact",
        "how": "",
        "row": "own",
    }

    assert json.loads(json.dumps(as_json_value(report))) == [
        {
            "table": "things",
            "column": "id",
            "type": "INT",
            "verdict": "exact",
            "carriers": [carrier],
        }
    ]


def test_the_text_of_nothing_counts_nothing() -> None:
    """An empty schema has an empty report."""
    assert as_text(()) == "0 columns\n"
