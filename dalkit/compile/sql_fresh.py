"""New records in SQL: MySQL gives what is generated, and the row is found again by its number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from dalkit.compile.sql_columns import Array, Columns
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_text import refuse
from dalkit.query.fresh import complete
from dalkit.query.subjects import is_new
from dalkit.query.writes import Insert
from dalkit.result import Result
from dalkit.schema.definition import EntityDefinition, FieldDefinition
from dalkit.schema.entity import definition_of
from dalkit.schema.new_parts import behind

__all__ = [
    "identity_of",
    "is_fresh",
    "key_is_known",
    "left_to_mysql",
    "stand_in",
    "with_new_rows",
    "with_number",
]

_SOME_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
_GIVEN_BY_MYSQL = ("counter", "moment", "default")


def is_fresh(query: Any) -> bool:
    """Whether it inserts a new record."""
    return isinstance(query, Insert) and is_new(query.entity, query.record)


def stand_in(query: Any) -> Result[Any]:
    """The record of a write, with something in the place of what MySQL gives to a new one."""
    rows = {one.field: 1 for one in definition_of(query.entity).numberings if one.member}
    return complete(query.entity, query.record, number=1, rows=rows, now=_SOME_MOMENT)


def with_new_rows(query: Insert[Any], columns: Columns) -> Columns:
    """With what the rows of a new record's arrays leave to MySQL."""
    fields = {one.cells: one for one in columns.places.definition.fields}
    arrays = (_with_left(columns.places, one, fields[(one.cell,)]) for one in columns.arrays)
    return evolve(columns, arrays=tuple(arrays))


def _with_left(places: Places, array: Array, field: FieldDefinition) -> Array:
    if field.new is None:
        return array
    generated = {name for name, _ in field.new.generated}
    pairs = behind(places.definition, field).columns
    left = frozenset(one.name.lower() for member, one in pairs if member.field in generated)
    return evolve(array, left=left)


def key_is_known(definition: EntityDefinition) -> bool:
    """Whether the key of a new record holds nothing that is generated."""
    return not any(definition.by_field[name].generated for name in definition.key)


def left_to_mysql(query: Insert[Any], columns: Columns) -> frozenset[str]:
    """The columns that an INSERT of a new record leaves out; what MySQL cannot give is refused."""
    places = columns.places
    definition, number = places.definition, _numbered(places)
    counted = definition.by_field[definition.counter].column if definition.counter else None
    if counted is not None and (number is None or counted.lower() != number.lower()):
        refuse(str(query), f"MySQL does not count {counted}", "insert a whole record")
    left = frozenset(
        one.column.lower()
        for one in definition.fields
        if one.column is not None and one.generated in _GIVEN_BY_MYSQL
    )
    others = left - {(number or "").lower()}
    found = not others & {one.lower() for one in definition.source.identity}
    if not found and not key_is_known(definition):
        what = f"no number and no key tells which row of {definition.source.table} it became"
        refuse(str(query), what, "insert a whole record")
    if any(its.lower() in others for one in columns.arrays for _, its in one.links):
        what = "rows of an array belong to it by what MySQL gives"
        refuse(str(query), what, "insert a whole record")
    return left


def with_number(places: Places, own: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """The columns that were written, with the number that MySQL gave."""
    name = _numbered(places)
    return own if name is None or not number else {**own, name: number}


def _numbered(places: Places) -> str | None:
    """The column that MySQL counts."""
    return next((one.name for one in places.own.columns if one.auto_increment), None)


def identity_of(places: Places, own: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The cells that tell the row apart which was written, None where they are not known."""
    held = {name.lower(): cell for name, cell in own.items()}
    cells = tuple(held.get(name.lower()) for name in places.definition.source.identity)
    return None if None in cells else cells
