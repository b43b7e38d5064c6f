"""Arrays of new records made whole: their rows numbered, completed, and in the array's order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from dalkit import kinds
from dalkit.kinds import Member, Nested
from dalkit.result import Failure, InvalidValue, Result, Success
from dalkit.schema.defaults import default_of
from dalkit.schema.definition import FieldDefinition
from dalkit.schema.entity import Entity, definition_of, nested_class_of
from dalkit.schema.new_parts import Behind, behind
from dalkit.source.tree import Column

__all__ = ["Moment", "lacking", "numbers_in", "with_rows"]

Moment: TypeAlias = Callable[[kinds.Kind], datetime]
"""The moment of the write, with the digits of a kind."""

_ORDERED = (
    *(kinds.Integer, kinds.Fixed, kinds.Boolean, kinds.Bits, kinds.Year),
    *(kinds.Date, kinds.DateTime, kinds.Time),
)
"""Kinds whose values Python orders as MySQL does."""


def lacking(rows: Any, generated: str, field: FieldDefinition) -> int:
    """How many rows of a new record's array lack what is generated so."""
    if field.new is None or not isinstance(rows, (tuple, list)):
        return 0
    return len(rows) if any(how == generated for _, how in field.new.generated) else 0


def numbers_in(rows: Any, member: str) -> list[int]:
    """The numbers that the rows of a record's array have."""
    if not isinstance(rows, (tuple, list)):
        return []
    held = (getattr(one, member, None) for one in rows)
    return [one for one in held if isinstance(one, int)]


def with_rows(
    entity: Entity[Any, Any], field: FieldDefinition, rows: Any, first: int | None, now: Moment
) -> Result[Any]:
    """The whole records of an array, the first of which is numbered so, as MySQL would order them.

    What is no array is answered as it is: no store takes it.
    """
    kind, new, definition = field.kind, field.new, definition_of(entity)
    if new is None or not isinstance(kind, Nested) or not isinstance(rows, (tuple, list)):
        return Success(rows)
    wanted = nested_class_of(entity, new.record)
    for at, one in enumerate(rows):
        if type(one) is not wanted:
            reason = f"a {type(one).__name__} is no {new.record}"
            return Failure(InvalidValue(definition.name, f"{field.name}[{at}]", reason))
    if not rows:
        return Success(())
    found, generated = behind(definition, field), dict(new.generated)
    counted = next((name for name, how in new.generated if how == "counter"), None)
    if counted is not None and first is None:
        raise ValueError(f"{field.name}.{counted} of a new {definition.record} is not known")
    whole, alike = nested_class_of(entity, kind.record), _alike(found, generated, now)
    given = [one.field for one in kind.members if one.field not in generated]
    made: list[Any] = []
    for at, one in enumerate(rows):
        number = {} if counted is None else {counted: (first or 0) + at}
        made.append(whole(**{name: getattr(one, name) for name in given}, **alike, **number))
    return Success(tuple(_in_order(made, found)))


def _alike(found: Behind, generated: Mapping[str, str], now: Moment) -> dict[str, Any]:
    """What each of the rows is given alike."""
    values: dict[str, Any] = {}
    for member, column in found.columns:
        match generated.get(member.field):
            case "moment":
                values[member.field] = now(member.kind)
            case "default":
                values[member.field] = default_of(member.kind, column)
            case _:
                pass
    return values


def _in_order(rows: list[Any], found: Behind) -> list[Any]:
    """As the array's order says; as they were given where Python cannot tell MySQL's order."""
    members = {column.name.lower(): member for member, column in found.columns}
    numbered = list(enumerate(rows))
    for order in reversed(found.children.order):
        name = order.term.name.lower() if isinstance(order.term, Column) else ""
        column = found.table.column(name)
        place = _place(members.get(name), counted=column is not None and column.auto_increment)
        if place is None:
            return rows
        try:
            numbered.sort(key=place, reverse=order.descending)
        except TypeError:
            return rows  # a value of another kind, which no store takes
    return [one for _, one in numbered]


def _place(member: Member | None, *, counted: bool) -> Callable[[tuple[int, Any]], Any] | None:
    """What a row is sorted by: its value, NULL first; or when it was counted."""
    if member is None:
        return (lambda pair: pair[0]) if counted else None
    return partial(_value, member.field) if isinstance(member.kind, _ORDERED) else None


def _value(field: str, pair: tuple[int, Any]) -> tuple[Any, ...]:
    value = getattr(pair[1], field)
    return () if value is None else (value,)
