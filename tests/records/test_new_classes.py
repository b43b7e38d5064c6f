"""Classes of new records: named after their records, and never as something else is."""

from __future__ import annotations

import json
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
