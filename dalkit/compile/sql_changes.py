"""What an update makes of a record that is locked: the changes of whole fields."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, Decimal
from typing import Any

import attrs

from dalkit import kinds
from dalkit.compile.sql_text import refuse
from dalkit.fields import changes as c
from dalkit.schema.definition import EntityDefinition

__all__ = ["changed", "check_changes"]

_EXACT = Context(prec=200)


def check_changes(
    definition: EntityDefinition, own: Iterable[str], changes: Iterable[c.Change]
) -> None:
    """Refuse what MySQL computes by itself; `own` are cells that are columns of the table."""
    held = set(own)
    for one in changes:
        field = definition.by_field[one.place.name]
        if one.place.steps:
            refuse(
                f"a change of {one.place}", "values inside a field are not changed by themselves"
            )
        if field.transformed is not None or not held.issuperset(field.cells):
            refuse(f"a change of {one.place}", "it is computed from other values", "change those")
        if isinstance(one, c.Append) or isinstance(field.kind, kinds.Opaque):
            refuse(f"a change of {one.place}", "it does not grow")


def changed(record: Any, changes: Iterable[c.Change]) -> Any:
    """The record with every change applied to the record as it was."""
    values = {one.place.name: _made(one, getattr(record, one.place.name)) for one in changes}
    return attrs.evolve(record, **values)


def _made(change: c.Change, held: Any) -> Any:
    match change:
        case c.Set(_, value):
            return value
        case c.SetIfAbsent(_, value):
            return value if held is None else held
        case c.Remove():
            return None
        case c.Add(_, number):
            return _sum(held, number)
        case c.AddMembers(_, values):
            return (held or frozenset()) | values
        case c.RemoveMembers(_, values):
            return None if held is None else held - values
        case _:
            raise TypeError(f"{type(change).__name__} is no change of a whole field")


def _sum(held: Any, number: Any) -> Any:
    if held is None:
        return number
    if isinstance(held, Decimal) or isinstance(number, Decimal):
        return _EXACT.add(Decimal(held), Decimal(number))
    return held + number
