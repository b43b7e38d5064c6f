"""Which fields of a new record need not be given, and what gives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from attrs import evolve

from dalkit import kinds
from dalkit.schema.defaults import default_of, is_moment
from dalkit.schema.definition import FieldDefinition
from dalkit.source.tables import SourceTable

__all__ = ["counted", "with_generated"]


def counted(fields: Iterable[FieldDefinition], own: SourceTable) -> str | None:
    """The field whose numbers MySQL counts."""
    for one in fields:
        column = own.column(one.column) if one.column else None
        if column is not None and column.auto_increment and isinstance(one.kind, kinds.Integer):
            return one.name
    return None


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


def _given_by(
    field: FieldDefinition, own: SourceTable, counter: str | None
) -> Literal["", "counter", "moment", "default"]:
    column = own.column(field.column) if field.column else None
    if field.name == counter:
        return "counter"
    if column is None:
        return ""
    if is_moment(field.kind, column):
        return "moment"
    return "" if default_of(field.kind, column) is None else "default"


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
