"""Arrays of new records: which values of their rows need not be given, and what is behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

from attrs import evolve, frozen

from dalkit.kinds import Member, Nested
from dalkit.schema.definition import (
    EntityDefinition,
    FieldDefinition,
    Generated,
    NewPart,
    SourceDefinition,
)
from dalkit.schema.generated import given_by, is_counted
from dalkit.source.tables import Column, Source, SourceTable
from dalkit.source.tree import Children
from dalkit.source.tree import Column as Named

__all__ = ["Behind", "behind", "with_new_parts"]


@final
@frozen
class Behind:
    """The rows that an array is made of."""

    table: SourceTable
    children: Children
    columns: tuple[tuple[Member, Column], ...]
    """Each member, and the column that it is."""


def with_new_parts(
    fields: tuple[FieldDefinition, ...], source: SourceDefinition, tables: Source
) -> tuple[FieldDefinition, ...]:
    """The fields, each array with what its rows lack in a new record."""
    return tuple(evolve(one, new=_new_part(one, source, tables)) for one in fields)


def behind(definition: EntityDefinition, field: FieldDefinition) -> Behind:
    """The rows of an array that has a form for new records."""
    found = _behind(field, definition.source, definition.mysql)
    if found is None:
        raise ValueError(f"{definition.name} was made without its MySQL tables: make it anew")
    return found


def _new_part(field: FieldDefinition, source: SourceDefinition, tables: Source) -> NewPart | None:
    found = _behind(field, source, tables)
    if found is None or not isinstance(field.kind, Nested):
        return None
    generated = tuple(_generated(found))
    return NewPart(f"New{field.kind.record}", generated) if generated else None


def _generated(rows: Behind) -> Iterator[tuple[str, Generated]]:
    """A column that stands in two members is given in both."""
    names = [column.name for _, column in rows.columns]
    for member, column in rows.columns:
        counted: Generated = "counter" if is_counted(member.kind, column) else ""
        given = counted or given_by(member.kind, column)
        if given and names.count(column.name) == 1:
            yield member.field, given


def _behind(field: FieldDefinition, source: SourceDefinition, tables: Source) -> Behind | None:
    """The rows of an array that shows all of them, and nothing but their columns."""
    cell = next((one for one in source.cells if (one.name,) == field.cells), None)
    if cell is None or not isinstance(cell.value, Children) or not isinstance(field.kind, Nested):
        return None
    children, table = cell.value, tables.table(cell.value.hop.table)
    if table is None or not children.array or children.limit is not None:
        return None
    columns = tuple(_columns(children, table))
    whole = len(columns) == len(field.kind.members)
    pairs = zip(field.kind.members, columns, strict=False)
    return Behind(table, children, tuple(pairs)) if whole else None


def _columns(children: Children, table: SourceTable) -> Iterator[Column]:
    for _, value in children.members:
        if isinstance(value, Named) and value.row == children.hop.row:
            column = table.column(value.name)
            if column is not None:
                yield column
