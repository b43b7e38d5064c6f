"""Every column type under every attribute type that takes it: judged without fail, and carried."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dalkit.contract.problems import stops
from dalkit.contract.reader import read_contract
from dalkit.kinds import allowed_types, kind_of
from dalkit.schema.checks import checks
from dalkit.schema.loss import loss_report
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl

SOURCE, _ = read_ddl(
    (Path(__file__).parents[1] / "source/every_type.sql").read_text(encoding="utf-8")
)
TYPES = ("S", "N", "B", "SS", "M", "L", "BOOL")
COLUMNS = [
    (table.name, column.name, type)
    for table in SOURCE.tables
    for column in table.columns
    for type in TYPES
    if type in allowed_types(kind_of(column.type, type))
]


@pytest.mark.parametrize(("table", "column", "type"), COLUMNS)
def test_a_column_that_a_type_takes_is_carried(table: str, column: str, type: str) -> None:
    """In an attribute of its own and inside a key at once."""
    name = {"type": "string-format", "format": "X#{" + column + "}"}
    key = {"name": "key", "type": "S", "transformation": name}
    own = {"name": "own", "type": type, "source_column": column}
    text = {"type": "string-format", "format": "X"}
    made = {
        "table": "Things",
        "type": "single-entity",
        "source_table": table,
        "pk": "pk",
        "attributes": [{"name": "pk", "type": "S", "transformation": text}, own],
        "satisfies": ["Get a thing"],
    }
    keyed = {**made, "table": "Keyed", "pk": "key", "attributes": [key, own]}
    for given in (made, keyed):
        contract, problems = read_contract(json.dumps([given]))
        assert contract is not None, problems
        schema, problems = resolve(contract, SOURCE)
        if schema is None:
            # A key has no text for bytes, JSON or a generated name; nothing else may be refused.
            assert given is keyed, problems
            return
        assert not stops(checks(contract, SOURCE, schema))
        found = {(one.table, one.column): one for one in loss_report(contract, SOURCE, schema)}
        assert found[table, column].verdict in ("exact", "normalized", "narrowed")
