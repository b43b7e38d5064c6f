"""What MySQL says of a row, in the words of the record: fields for columns and constraints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dalkit.compile.sql_plan import Plan
from dalkit.compile.sql_unique import fields_of_key
from dalkit.result import ConditionFailed, Error, InvalidValue
from dalkit.schema.definition import EntityDefinition
from dalkit.schema.entity import definition_of
from dalkit.source.tables import SourceTable

__all__ = ["explained"]


def explained(plan: Plan, record: Any = None) -> Callable[[Error], Error]:
    """From an error of a write's statement to the write's; `record` is the one that is there."""

    def told(error: Error) -> Error:
        return plan.told(_explained(plan, record, error))

    return told


def _explained(plan: Plan, record: Any, error: Error) -> Error:
    own = plan.lock.places.own
    match error:
        case ConditionFailed(unique=key):
            unique = _unique(definition_of(plan.entity), _columns_of_key(own, key))
            return ConditionFailed(plan.name, plan.key_text, record=record, unique=unique)
        case InvalidValue(where=name, reason=reason):
            return InvalidValue(plan.name, _place(plan, own, name), reason, plan.key_text)
        case _:
            return error


def _unique(definition: EntityDefinition, columns: Sequence[str]) -> str:
    """The fields of a key; of the record's own key none are named."""
    own = {definition.by_field[name].column for name in definition.key}
    if {one.lower() for one in columns} == {one.lower() for one in own if one}:
        return ""
    return fields_of_key(definition, columns)


def _columns_of_key(table: SourceTable, name: str) -> Sequence[str]:
    if name == "PRIMARY":
        return table.primary_key
    found = (one.columns for one in table.indexes if one.name.lower() == name.lower())
    return next(found, ()) or (name,)


def _place(plan: Plan, table: SourceTable, name: str) -> str:
    """Fields for the columns of a constraint, or the field of a column."""
    keys = (one.columns for one in table.foreign_keys if one.name.lower() == name.lower())
    columns: Sequence[str] = next(keys, ()) or (name,)
    return fields_of_key(definition_of(plan.entity), columns)
