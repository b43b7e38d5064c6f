"""Classes of new records: named after their records, and never as something else is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs
import pytest

from dalkit.contract.reader import read_contract
from dalkit.records.made import records_module
from dalkit.records.render import render
from dalkit.schema.definition import Schema
from dalkit.schema.entity import definition_of, new_class_of
from dalkit.schema.resolve import resolve
from dalkit.source.ddl import read_ddl

DDL = """
CREATE TABLE orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, hush VARCHAR(9) NOT NULL,
  state VARCHAR(9) NOT NULL DEFAULT 'new');
CREATE TABLE new_orders (id INT NOT NULL PRIMARY KEY, note VARCHAR(9) NULL);
"""

ROWS = """
CREATE TABLE notes (id INT NOT NULL PRIMARY KEY);
CREATE TABLE orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, note_id INT NOT NULL,
  state VARCHAR(9) NOT NULL, FOREIGN KEY (note_id) REFERENCES notes (id));
"""


def schema(*tables: str) -> Schema:
    """The schema of these tables, every column carried, `hush` a secret."""
    source, _ = read_ddl(DDL)
    assert source is not None
    given = []
    for name in tables:
        columns = source.by_name[name].columns
        attributes: list[dict[str, Any]] = [
            {"name": one.name, "type": "N" if one.name == "id" else "S", "source_column": one.name,
             "dalkit": {"secret": one.name == "hush"}}
            for one in columns
        ]  # fmt: skip
        given.append(
            {"table": name, "type": "single-entity", "source_table": name, "pk": "id",
             "attributes": attributes}
        )  # fmt: skip
    contract, _ = read_contract(json.dumps(given))
    assert contract is not None
    found, problems = resolve(contract, source)
    assert found is not None, problems
    return found


def test_a_new_class_has_what_must_be_given() -> None:
    """Frozen, by keyword only, secrets hidden; it stands in `__all__`."""
    module: Any = records_module(schema("orders"))
    new = module.NewOrder(hush="psst")

    assert "NewOrder" in module.__all__
    assert repr(new) == "NewOrder()"
    assert new_class_of(module.orders) is module.NewOrder
    with pytest.raises(TypeError):
        module.NewOrder("psst")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        new.hush = "other"


@pytest.mark.parametrize("tables", [("orders", "new_orders"), ("new_orders", "orders")])
def test_an_entity_that_is_called_so_has_another_name(tables: tuple[str, ...]) -> None:
    """Every class of the module is one of its own, and the text is Python."""
    module: Any = records_module(schema(*tables))
    handles = (module.orders, module.new_orders)
    classes = [name for name in module.__all__ if isinstance(getattr(module, name), type)]

    assert len({id(getattr(module, name)) for name in classes}) == len(classes)
    assert {one.name for one in attrs.fields(new_class_of(module.orders))} == {"hush"}
    assert len({definition_of(one).record for one in handles}) == 2


def test_without_generated_fields_there_is_none() -> None:
    """New records are records."""
    given = schema("new_orders")
    module: Any = records_module(given)

    assert new_class_of(module.new_orders) is module.NewOrder
    assert render(given).count("\nclass ") == 3


OTHERS: Mapping[str, Mapping[str, Any]] = {
    "some": {"limit": 2},
    "every": {"order_by": "orders.state"},
}


def rows(*names: str) -> Any:
    """The module of notes with arrays of these names, all of the same rows."""
    source, _ = read_ddl(ROWS)
    assert source is not None
    arrays = [
        {"name": name, "type": "L", "join": {
            "type": "json-construction", "target_table": "orders",
            "join_condition": "orders.note_id = notes.id", "construction": {
                "type": "array", "select_columns": {"id": "orders.id", "state": "orders.state"},
                **OTHERS.get(name, {})}}}
        for name in names
    ]  # fmt: skip
    key = {"name": "id", "type": "N", "source_column": "id"}
    given: list[dict[str, Any]] = [
        {"table": "Notes", "type": "single-entity", "source_table": "notes", "pk": "id",
         "attributes": [key, *arrays]},
        {"table": "Orders", "type": "single-entity", "source_table": "orders", "pk": "id",
         "attributes": [key]},
    ]  # fmt: skip
    contract, problems = read_contract(json.dumps(given))
    assert contract is not None, problems
    found, problems = resolve(contract, source)
    assert found is not None, problems
    return records_module(found)


@pytest.mark.parametrize("names", [("all",), ("all", "every"), ("all", "some"), ("some", "all")])
def test_rows_of_an_array_have_a_class_of_their_own(names: tuple[str, ...]) -> None:
    """One for equal arrays, of which those that show some rows hold whole ones."""
    module = rows(*names)
    fields = {one.name: one for one in attrs.fields(module.NewNote)}
    row = definition_of(module.notes).by_field["all"].new
    new = None if row is None else getattr(module, row.record)

    assert new is not None
    assert [one.name for one in attrs.fields(new)] == ["state"]
    assert fields.keys() == {"id", *names}
    for name in names:
        held = "NoteOrder" if name == "some" else "NewNoteOrder"
        assert fields[name].type == f"tuple[{held}, ...]"


def test_without_rows_that_lack_anything_there_is_none() -> None:
    """An array of some rows makes no new class."""
    module = rows("some")

    assert new_class_of(module.notes) is module.Note
    assert not [name for name in module.__all__ if name.startswith("NewNote")]


def test_classes_of_rows_are_not_called_as_others() -> None:
    """Rows of a table that is an entity too: every class is one of its own."""
    module = rows("all", "some")
    classes = [name for name in module.__all__ if isinstance(getattr(module, name), type)]

    assert "NewOrder" in classes
    assert len({id(getattr(module, name)) for name in classes}) == len(classes)
