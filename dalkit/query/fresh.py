"""New records made whole: what a store generates, given where no store does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from dalkit import kinds
from dalkit.convert.domain import checked
from dalkit.convert.layout import layout_of
from dalkit.convert.refusal import Refusal
from dalkit.query.fresh_parts import lacking, numbers_in, with_rows
from dalkit.query.subjects import is_new
from dalkit.result import Failure, InvalidValue, Result, Success
from dalkit.schema.defaults import default_of
from dalkit.schema.definition import EntityDefinition, FieldDefinition, Numbering
from dalkit.schema.entity import Entity, definition_of, record_class_of

__all__ = ["complete", "greatest", "needs_moment", "needs_number", "numbered", "numbers_needed"]

_NONE: Final[Mapping[str, int]] = MappingProxyType({})


def numbers_needed(entity: Entity[Any, Any], record: Any) -> Mapping[Numbering, int]:
    """How many numbers a new record needs of each counter; none for a whole record."""
    if not is_new(entity, record):
        return {}
    definition = definition_of(entity)
    needed = {one: _needed_of(definition, one, record) for one in definition.numberings}
    return {one: count for one, count in needed.items() if count}


def needs_number(entity: Entity[Any, Any], record: Any) -> bool:
    """Whether it is a new record, to which a counter gives something."""
    return bool(numbers_needed(entity, record))


def needs_moment(entity: Entity[Any, Any], record: Any) -> bool:
    """Whether it is a new record, in which something is the moment of the write."""
    fields = definition_of(entity).fields
    return is_new(entity, record) and any(
        one.generated == "moment" or lacking(getattr(record, one.name, None), "moment", one)
        for one in fields
    )


def greatest(one: Numbering, record: Any) -> int:
    """The greatest number of a counter that a whole record has, 0 for none."""
    held = getattr(record, one.field)
    numbers: list[int] = numbers_in(held, one.member) if one.member else [held or 0]
    return max((0, *numbers))


def complete(
    entity: Entity[Any, Any],
    new: Any,
    *,
    number: int | None = None,
    rows: Mapping[str, int] = _NONE,
    now: datetime | None = None,
) -> Result[Any]:
    """The record of a new one: with the counter's `number`, the moment `now`, and defaults.

    `rows` has the number of the first row of each array that is counted. A whole record is
    answered as it is; InvalidValue where what dalkit makes cannot be made.
    """
    if not is_new(entity, new):
        return Success(new)
    definition = definition_of(entity)
    values = dict(_given(definition, new))
    for field in definition.fields:
        match field.generated:
            case "counter":
                values[field.name] = _needed(definition, field.name, number, "number")
            case "moment":
                values[field.name] = _moment(definition, field.name, field.kind, now)
            case "default":
                values[field.name] = _default(definition, field)
            case _:
                pass
    for field in definition.fields:
        made: Result[Any] = Success(values.get(field.name))
        if field.generated == "made":
            made = _made(entity, field, values)
        elif field.new is not None:
            moment = partial(_moment, definition, field.name, now=now)
            first = rows.get(field.name)
            made = with_rows(entity, field, values[field.name], first, moment)
        match made:
            case Success(value):
                values[field.name] = value
            case Failure() as failure:
                return failure
    return Success(record_class_of(entity)(**values))


def numbered(
    entity: Entity[Any, Any], new: Any, first: Mapping[Numbering, int], *, now: datetime | None
) -> Result[Any]:
    """The record of a new one, with numbers beginning at the `first` of each counter."""
    number = next((held for one, held in first.items() if not one.member), None)
    rows = {one.field: held for one, held in first.items() if one.member}
    return complete(entity, new, number=number, rows=rows, now=now)


def _needed_of(definition: EntityDefinition, one: Numbering, record: Any) -> int:
    if not one.member:
        return 1
    return lacking(getattr(record, one.field), "counter", definition.by_field[one.field])


def _given(definition: EntityDefinition, new: Any) -> Iterator[tuple[str, Any]]:
    for field in definition.fields:
        if not field.generated:
            yield field.name, getattr(new, field.name)


def _needed(definition: EntityDefinition, field: str, value: Any, name: str) -> Any:
    if value is None:
        raise ValueError(f"{field} of a new {definition.record} is not known: give {name}=")
    return value


def _moment(
    definition: EntityDefinition, field: str, kind: kinds.Kind, now: datetime | None
) -> datetime:
    """The moment with the column's digits of a second, the rest left out."""
    given: datetime = _needed(definition, field, now, "now")
    if given.tzinfo is None:
        raise ValueError(f"now={given!r} is of no time zone: give one in UTC")
    unit = 10 ** (6 - kind.digits) if isinstance(kind, kinds.DateTime) else 1
    moment = given.astimezone(UTC)
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
