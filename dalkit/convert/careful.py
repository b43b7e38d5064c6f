"""The reference: conversion value by value, every check made, every fault named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dalkit import kinds
from dalkit.convert.fault import Fault, invalid, key_text
from dalkit.convert.layout import EXTRA, Layout, Row, of_one_cell
from dalkit.convert.nested import (
    checked_value,
    listed_cells,
    listed_from_cells,
    to_cell,
    value_from_cell,
)
from dalkit.convert.refusal import Refusal, refuse, shown
from dalkit.result import Corrupt, InvalidValue
from dalkit.schema.definition import FieldDefinition

__all__ = [
    "built",
    "field_of_cells",
    "may_be_none",
    "record_of_row",
    "row_of_record",
    "values_of_record",
]


def record_of_row(layout: Layout, row: Any) -> Any:
    """The record of a row."""
    cells = _cells(layout, row)
    values: dict[str, Any] = {}
    for field in layout.definition.fields:
        try:
            values[field.name] = field_of_cells(layout, field, cells)
        except Refusal as refusal:
            key = _key_of_cells(layout, cells)
            invalid(layout, field.name, refusal, key, secret=field.secret)
    return built(layout, values, layout.no_extra)


def row_of_record(layout: Layout, record: Any) -> Row:
    """The row of a record, in canonical form; cells that no plain field gives are None."""
    values = values_of_record(layout, record)
    cells: dict[str, Any] = {}
    for field in layout.definition.fields:
        if field.transformed is not None:
            continue
        try:
            _put_cells(layout, field, values[field.name], cells)
        except Refusal as refusal:
            invalid(layout, field.name, refusal, key_text(layout, values), secret=field.secret)
    return tuple(cells.get(one.name) for one in layout.definition.source.cells)


def values_of_record(layout: Layout, record: Any) -> dict[str, Any]:
    """A record's values in canonical form, by field."""
    if type(record) is not layout.record:
        raise Fault(
            InvalidValue(
                layout.definition.name,
                layout.definition.record,
                f"the record is a {type(record).__name__}: {shown(record)}",
            )
        )
    values: dict[str, Any] = {}
    for field in layout.definition.fields:
        try:
            values[field.name] = _checked(layout, field, getattr(record, field.name, None))
        except Refusal as refusal:
            raw = {name: getattr(record, name, None) for name in layout.definition.key}
            invalid(layout, field.name, refusal, key_text(layout, raw), secret=field.secret)
    return values


def may_be_none(field: FieldDefinition) -> bool:
    """Whether None is in the field's domain; JSON's own null always is."""
    return field.nullable or isinstance(field.kind, kinds.Json)


def built(layout: Layout, values: Mapping[str, Any], extra: Mapping[str, Any]) -> Any:
    """The record of canonical values."""
    return layout.record(**values, **{EXTRA: extra})


def _checked(layout: Layout, field: FieldDefinition, value: Any) -> Any:
    if value is not None:
        return checked_value(field.kind, value, layout.classes)
    if not may_be_none(field):
        refuse("None where the contract says there is a value")
    return None


def _cells(layout: Layout, row: Any) -> dict[str, Any]:
    cells = layout.definition.source.cells
    name = layout.definition.name
    if not isinstance(row, (tuple, list)):
        raise Fault(Corrupt(name, "row", f"a row is a tuple of cells, not {shown(row)}"))
    if len(row) != len(cells):
        raise Fault(Corrupt(name, "row", f"{len(row)} cells where there are {len(cells)}"))
    return {cell.name: value for cell, value in zip(cells, row, strict=True)}


def _key_of_cells(layout: Layout, cells: Mapping[str, Any]) -> str:
    found: dict[str, Any] = {}
    for name in layout.definition.key:
        field = layout.definition.by_field[name]
        try:
            found[name] = field_of_cells(layout, field, cells)
        except Refusal:
            found[name] = cells[field.cells[0]] if field.cells else None
    return key_text(layout, found)


def field_of_cells(layout: Layout, field: FieldDefinition, cells: Mapping[str, Any]) -> Any:
    """The canonical value of a field of a row whose cells are given by name."""
    if field.transformed is not None:
        return _checked(layout, field, _transformed(layout, field, cells))
    if of_one_cell(layout.definition, field):
        value = _of_cell(layout, field.kind, cells[field.cells[0]])
    else:
        held = tuple(cells[one] for one in field.cells)
        value = listed_from_cells(field.kind, held, layout.classes)
    if value is None and not may_be_none(field):
        refuse("NULL where the contract says there is a value")
    return value


def _of_cell(layout: Layout, kind: kinds.Kind, cell: Any) -> Any:
    return None if cell is None else value_from_cell(kind, cell, layout.classes)


def _transformed(layout: Layout, field: FieldDefinition, cells: Mapping[str, Any]) -> Any:
    known = layout.definition.by_cell
    values = {one: _of_cell(layout, known[one].kind, cells[one]) for one in field.cells}
    return layout.transformations[field.name](values)


def _put_cells(layout: Layout, field: FieldDefinition, value: Any, cells: dict[str, Any]) -> None:
    if of_one_cell(layout.definition, field):
        name = field.cells[0]
        if name not in cells:
            cells[name] = _cell(layout, field, value)
        elif _of_cell(layout, field.kind, cells[name]) != value:
            refuse(f"disagrees with another field of the same column {name}", value)
        return
    members = field.kind.items if isinstance(field.kind, kinds.Listed) else _nested(field).members
    if value is None:
        return
    held = (
        value
        if isinstance(field.kind, kinds.Listed)
        else tuple(getattr(value, one.field) for one in members)
    )
    for name, cell in zip(field.cells, listed_cells(members, held), strict=True):
        if cells.setdefault(name, cell) != cell:
            refuse(f"disagrees with another field of the same column {name}", value)


def _cell(layout: Layout, field: FieldDefinition, value: Any) -> Any:
    if value is not None:
        return to_cell(field.kind, value)
    children = isinstance(layout.definition.by_cell[field.cells[0]].kind, kinds.Nested)
    return () if children else None


def _nested(field: FieldDefinition) -> kinds.Nested:
    if not isinstance(field.kind, kinds.Nested):
        raise ValueError(f"field {field.name} has several cells and is no map and no list")
    return field.kind
