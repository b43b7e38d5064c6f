"""New records made whole: what a store generates, given where no store does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from dalkit import kinds
from dalkit.convert.domain import checked
from dalkit.convert.layout import layout_of
from dalkit.convert.refusal import Refusal
from dalkit.query.subjects import is_new
from dalkit.result import Failure, InvalidValue, Result, Success
from dalkit.schema.defaults import default_of
from dalkit.schema.definition import EntityDefinition, FieldDefinition
from dalkit.schema.entity import Entity, definition_of, record_class_of

__all__ = ["complete", "needs_moment", "needs_number"]


def needs_number(entity: Entity[Any, Any], record: Any) -> bool:
    """Whether it is a new record, of which a counter gives a field."""
    return is_new(entity, record) and definition_of(entity).counter is not None


def needs_moment(entity: Entity[Any, Any], record: Any) -> bool:
    """Whether it is a new record, of which a field is the moment of the write."""
    fields = definition_of(entity).fields
    return is_new(entity, record) and any(one.generated == "moment" for one in fields)


def complete(
    entity: Entity[Any, Any], new: Any, *, number: int | None = None, now: datetime | None = None
) -> Result[Any]:
    """The record of a new one: with the counter's `number`, the moment `now`, and defaults.

    A whole record is answered as it is; InvalidValue where what dalkit makes cannot be made.
    """
    if not is_new(entity, new):
        return Success(new)
    definition = definition_of(entity)
    values = dict(_given(definition, new))
    for field in definition.fields:
        match field.generated:
            case "counter":
                values[field.name] = _needed(definition, field, number, "number")
            case "moment":
                values[field.name] = _cut(field, _needed(definition, field, now, "now"))
            case "default":
                values[field.name] = _default(definition, field)
            case _:
                pass
    for field in definition.fields:
        if field.generated == "made":
            match _made(entity, field, values):
                case Success(value):
                    values[field.name] = value
                case Failure() as failure:
                    return failure
    return Success(record_class_of(entity)(**values))


def _given(definition: EntityDefinition, new: Any) -> Iterator[tuple[str, Any]]:
    for field in definition.fields:
        if not field.generated:
            yield field.name, getattr(new, field.name)


def _needed(definition: EntityDefinition, field: FieldDefinition, value: Any, name: str) -> Any:
    if value is None:
        raise ValueError(f"{field.name} of a new {definition.record} is not known: give {name}=")
    return value


def _cut(field: FieldDefinition, now: datetime) -> datetime:
    """The moment with the column's digits of a second, the rest left out."""
    if now.tzinfo is None:
        raise ValueError(f"now={now!r} is of no time zone: give one in UTC")
    unit = 10 ** (6 - field.kind.digits) if isinstance(field.kind, kinds.DateTime) else 1
    moment = now.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // unit * unit)


def _default(definition: EntityDefinition, field: FieldDefinition) -> Any:
    table = definition.mysql.table(definition.source.table)
    column = None if table is None or field.column is None else table.column(field.column)
    if column is None:
        raise ValueError(f"{definition.name} was made without its MySQL tables: make it anew")
    return default_of(field.kind, column)


def _made(
    entity: Entity[Any, Any], field: FieldDefinition, values: Mapping[str, Any]
) -> Result[Any]:
    """What dalkit makes of columns of the record."""
    definition = definition_of(entity)
    known = {one.cells[0]: one for one in definition.fields if one.column is not None}
    cells: dict[str, Any] = {}
    place = field
    try:
        for cell in field.cells:
            place = known[cell]
            value = values[place.name]
            cells[cell] = None if value is None else checked(place.kind, value)
        place = field
        return Success(layout_of(entity).transformations[field.name](cells))
    except Refusal as refusal:
        reason = refusal.text(secret=place.secret)
        return Failure(InvalidValue(definition.name, place.name, reason))
