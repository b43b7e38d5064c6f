"""How large attributes and keys can be, from what the MySQL schema allows."""

from __future__ import annotations

from typing import final

from attrs import frozen

from dalkit.kinds import (
    Bits,
    Boolean,
    Bytes,
    Date,
    DateTime,
    Enum,
    Fixed,
    Float,
    Integer,
    Json,
    Kind,
    Listed,
    Members,
    Nested,
    Text,
    Time,
    Year,
)
from dalkit.schema.definition import AttributeDefinition, Carried, Constant, DateFormatted
from dalkit.schema.pieces import Piece, pieces_of
from dalkit.schema.subjects import Subject
from dalkit.source.collations import bytes_per_character
from dalkit.source.tables import ColumnType
from dalkit.source.tree import Children, Column, Lookup

__all__ = ["Bounds", "attribute_bounds", "item_bounds", "text_bounds"]

_LONG = {"tinytext", "text", "mediumtext", "longtext"}
_JSON = 1_073_741_824


@final
@frozen
class Bounds:
    """At least `low` and at most `high` bytes; `high` is None where nothing says."""

    low: int
    high: int | None

    def plus(self, other: Bounds) -> Bounds:
        known = self.high is not None and other.high is not None
        high = (self.high or 0) + (other.high or 0) if known else None
        return Bounds(self.low + other.low, high)


def item_bounds(subject: Subject) -> Bounds:
    """The sizes of an entity's items, as DynamoDB counts them: names and values."""
    total = Bounds(0, 0)
    for attribute in subject.definition.attributes:
        total = total.plus(attribute_bounds(attribute, subject))
    return total


def attribute_bounds(attribute: AttributeDefinition, subject: Subject) -> Bounds:
    """Name and value of one attribute; an absent one has no size."""
    found = _content_bounds(attribute, subject)
    name = len(attribute.name.encode())
    high = None if found.high is None else found.high + name
    return Bounds(0 if _absent(attribute, subject) else found.low + name, high)


def _absent(attribute: AttributeDefinition, subject: Subject) -> bool:
    match attribute.content:
        case Carried(field):
            definition = subject.definition.by_field[field]
            return definition.nullable or attribute.type in ("SS", "NS", "BS")
        case Constant():
            return False
        case template:
            fields = [part.field for part in template.parts if not isinstance(part, str)]
            return any(subject.definition.by_field[name].nullable for name in fields)


def _content_bounds(attribute: AttributeDefinition, subject: Subject) -> Bounds:
    if isinstance(attribute.content, Carried):
        definition = subject.definition.by_field[attribute.content.field]
        if isinstance(definition.kind, Nested | Listed):
            return _several(definition.kind, definition.cells, subject)
        if attribute.type == "N":
            return Bounds(1, 21)
        if attribute.type in ("BOOL", "NULL"):
            return Bounds(1, 1)
    return text_bounds(attribute, subject)


def _several(kind: Nested | Listed, cells: tuple[str, ...], subject: Subject) -> Bounds:
    value = subject.definition.by_cell[cells[0]].value
    if isinstance(value, Children):
        return Bounds(3, None)
    members = kind.members if isinstance(kind, Nested) else kind.items
    total = Bounds(3, 3)
    for cell, member in zip(cells, members, strict=False):
        held = subject.definition.by_cell[cell].value
        one = _of(member.kind, _column_type(held, subject))
        total = total.plus(Bounds(len(member.name) + 1, len(member.name.encode()) + 1))
        total = total.plus(Bounds(0, one.high))
    return total


def text_bounds(attribute: AttributeDefinition, subject: Subject) -> Bounds:
    """The bytes of an attribute's value as text."""
    total = Bounds(0, 0)
    for piece in pieces_of(attribute.content, subject):
        if isinstance(piece, str):
            length = len(piece.encode())
            total = total.plus(Bounds(length, length))
        else:
            total = total.plus(_piece(piece, subject))
    return total


def _piece(piece: Piece, subject: Subject) -> Bounds:
    if isinstance(piece.step, DateFormatted):
        length = sum(len(text.encode()) for _, text in piece.step.parts) or 20
        return Bounds(1, length)
    found = _of(piece.kind, _column_type(piece.value, subject))
    high = None if found.high is None else max(found.high, piece.width)
    return Bounds(max(found.low, piece.width), high)


def _column_type(value: object, subject: Subject) -> ColumnType | None:
    match value:
        case Column(row, name) if row == subject.own.name:
            column = subject.own.column(name)
        case Lookup(hops, Column(row, name)):
            table = {hop.row: subject.source.table(hop.table) for hop in hops}.get(row)
            column = table.column(name) if table is not None else None
        case _:
            return None
    return None if column is None else column.type


def _of(kind: Kind, type: ColumnType | None) -> Bounds:
    match kind:
        case Integer() | Bits():
            return Bounds(1, 20)
        case Fixed(precision):
            return Bounds(1, precision + 3)
        case Float():
            return Bounds(1, 25)
        case Boolean():
            return Bounds(1, 1)
        case Year():
            return Bounds(4, 4)
        case Date() | DateTime() | Time():
            return Bounds(8, 27)
        case Enum(values):
            return Bounds(0, max((len(value.encode()) for value in values), default=0))
        case Members(values):
            return Bounds(0, sum(len(value.encode()) + 1 for value in values))
        case Bytes(length, fixed):
            return Bounds(length or 0 if fixed else 0, length)
        case Json():
            return Bounds(1, _JSON)
        case Text(length):
            return _text(length, type)
        case _:
            return Bounds(0, None)


def _text(length: int | None, type: ColumnType | None) -> Bounds:
    if type is not None and type.base == "json":
        return Bounds(0, _JSON)
    if length is None:
        return Bounds(0, None)
    if type is not None and type.base in _LONG:
        return Bounds(0, length)
    return Bounds(0, length * bytes_per_character(type.charset if type else None))
