"""Which fields of a new record need not be given, and what gives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve

from dalkit import kinds
from dalkit.kinds import Kind
from dalkit.schema.defaults import default_of, is_moment
from dalkit.schema.definition import FieldDefinition, Generated
from dalkit.source.tables import Column, SourceTable

__all__ = ["counted", "given_by", "is_counted", "with_generated"]


def counted(fields: Iterable[FieldDefinition], own: SourceTable) -> str | None:
    """The field whose numbers MySQL counts."""
    for one in fields:
        column = own.column(one.column) if one.column else None
        if column is not None and is_counted(one.kind, column):
            return one.name
    return None


def is_counted(kind: Kind, column: Column) -> bool:
    """Whether MySQL counts a column's numbers."""
    return column.auto_increment and isinstance(kind, kinds.Integer)


def given_by(kind: Kind, column: Column) -> Generated:
    """What gives a column's value where none is given, but for counters."""
    if is_moment(kind, column):
        return "moment"
    return "" if default_of(kind, column) is None else "default"


def with_generated(
    fields: tuple[FieldDefinition, ...], own: SourceTable, counter: str | None
) -> tuple[FieldDefinition, ...]:
    """The fields, each with what gives its value in a new record; `counter` is counted.

    A column that stands in another field as well, as in a map, is given there.
    """
    shared = set(_shared(fields))
    single = [
        evolve(one, generated="" if shared & set(one.cells) else _given_by(one, own, counter))
        for one in fields
    ]
    plain = {one.cells[0] for one in single if one.column is not None}
    given = {one.cells[0] for one in single if one.generated}
    return tuple(
        evolve(one, generated="made") if _is_made(one, plain, given) else one for one in single
    )


def _given_by(field: FieldDefinition, own: SourceTable, counter: str | None) -> Generated:
    column = own.column(field.column) if field.column else None
    if field.name == counter:
        return "counter"
    return "" if column is None else given_by(field.kind, column)


def _shared(fields: Iterable[FieldDefinition]) -> Iterator[str]:
    """Cells that fields of several values hold, or two fields alike."""
    seen: set[str] = set()
    for one in fields:
        if one.transformed is not None:
            continue
        yield from (cell for cell in one.cells if one.column is None or cell in seen)
        seen.update(one.cells)


def _is_made(field: FieldDefinition, plain: set[str], given: set[str]) -> bool:
    """Whether it is computed from columns that are fields, and from one that is not given."""
    cells = set(field.cells)
    return field.transformed is not None and cells <= plain and not cells.isdisjoint(given)
