"""Where the values of an entity's fields are found in SQL: columns, expressions, child rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

from attrs import frozen

from dalkit import kinds
from dalkit.compile.settings import PLAIN, Settings
from dalkit.compile.sql_text import Sql, fixed, joined, refuse
from dalkit.compile.sql_values import Operand, same
from dalkit.fields.places import Place
from dalkit.schema.definition import Cell, EntityDefinition, FieldDefinition
from dalkit.source.sql import name_of, sql_of
from dalkit.source.tables import ColumnType, Source, SourceTable
from dalkit.source.tree import (
    Aggregate,
    Call,
    Case,
    Cast,
    Children,
    Column,
    Literal,
    Lookup,
    Scalar,
)

__all__ = ["Places"]

_ATOMS = (Column, Literal, Call, Cast, Case, Lookup, Aggregate)
_REMEDY = "compare one of the values inside it"


@final
@frozen
class Places:
    """An entity beside the tables behind it."""

    definition: EntityDefinition
    settings: Settings = PLAIN

    @property
    def source(self) -> Source:
        return self.definition.mysql

    @property
    def own(self) -> SourceTable:
        """The table whose rows are the entity's records."""
        return self.table(self.definition.source.table)

    def table(self, name: str) -> SourceTable:
        found = self.source.table(name)
        if found is None:
            raise ValueError(
                f"{self.definition.name} was made without its MySQL table {name!r}: "
                "make its records anew, from the contract and the tables"
            )
        return found

    def field(self, name: str) -> Operand:
        """A field that is one value."""
        return self.operand(Place(None, name))

    def operand(self, place: Place) -> Operand:
        """What stands at a place: one value, or JSON with the steps inside it."""
        field = self.definition.by_field[place.name]
        if field.transformed is not None:
            refuse(place, "dalkit makes it from columns, and SQL does not", "ask for the columns")
        if self._children(field) is not None:
            return self._child(field, place)
        if isinstance(field.kind, (kinds.Nested, kinds.Listed)):
            cell, steps = self._inner(field, place)
        else:
            cell, steps = self.definition.by_cell[field.cells[0]], place.steps
        found = self._scalar(str(place), cell.value, cell.kind)
        return _inside(found, steps)

    def present(self, place: Place) -> Sql:
        """Whether there is a value; never unknown."""
        field = self.definition.by_field[place.name]
        if field.transformed is not None and not place.steps:
            held = (self._cell(self.definition.by_cell[one]) for one in field.cells)
            return joined(" AND ", (one.sql + " IS NOT NULL" for one in held)).within("(")
        children = self._children(field)
        if not place.steps and isinstance(field.kind, (kinds.Nested, kinds.Listed)):
            if children is None or children.array:
                return Sql("TRUE")
            return self._rows(children, Sql("1")).within("EXISTS (")
        found = self.operand(place)
        if isinstance(found.kind, (kinds.Nested, kinds.Listed)):
            refuse(place, "whether an element is there is not asked", _REMEDY)
        test = found.sql + " IS NOT NULL"
        if isinstance(found.kind, kinds.Json):
            return found.sql.within("COALESCE(JSON_TYPE(", ") <> 'NULL', FALSE)")
        return test

    def size(self, place: Place) -> Sql:
        """How many child rows an array has."""
        field = self.definition.by_field[place.name]
        children = self._children(field)
        if children is None or not children.array or place.steps:
            refuse(place, "its size is not asked", _REMEDY)
        count = self._rows(children, Sql("COUNT(*)")).within("(")
        if children.limit is not None:
            return count.within("LEAST(", f", {children.limit})")
        return count

    def equal(self, place: Place, value: Any) -> Sql:
        """Whether a record or list of the entity's own columns is the value; never unknown."""
        field = self.definition.by_field[place.name]
        if self._children(field) is not None or place.steps:
            refuse(place, "child rows are not compared as a whole", _REMEDY)
        members = _members(field.kind)
        held = _values(field.kind, value)
        cells = (self.definition.by_cell[one] for one in field.cells)
        tests = (
            same(Operand(str(place), self._cell(cell).sql, member.kind, self._type(cell)), one)
            for cell, member, one in zip(cells, members, held, strict=True)
        )
        return joined(" AND ", tests).within("(")

    def contains(self, place: Place, value: Any) -> Sql:
        """Whether an array has an element, or a list of columns a value; never unknown."""
        field = self.definition.by_field[place.name]
        children = self._children(field)
        if place.steps or (children is not None and children.limit is not None):
            refuse(place, "it cannot be searched for a value", _REMEDY)
        if children is None:
            return self._any_of(field, place, value)
        values = _values(field.kind, value)
        tests = [
            same(self._scalar(str(place), scalar, member.kind), one)
            for (_, scalar), member, one in zip(
                children.members, _members(field.kind), values, strict=True
            )
        ]
        return self._rows(children, Sql("1"), tests).within("EXISTS (")

    def _any_of(self, field: FieldDefinition, place: Place, value: Any) -> Sql:
        members = _members(field.kind)
        if len({type(one.kind) for one in members}) > 1:
            refuse(place, "a list of several kinds cannot be searched for a value", _REMEDY)
        cells = (self._cell(self.definition.by_cell[one]) for one in field.cells)
        return joined(" OR ", (same(one, value) for one in cells)).within("(")

    def _inner(self, field: FieldDefinition, place: Place) -> tuple[Cell, tuple[str | int, ...]]:
        if not place.steps:
            refuse(place, "it is several columns", _REMEDY)
        step, *rest = place.steps
        names: Sequence[Any] = [one.field for one in _members(field.kind)]
        at = step if isinstance(step, int) else names.index(step)
        return self.definition.by_cell[field.cells[at]], tuple(rest)

    def _child(self, field: FieldDefinition, place: Place) -> Operand:
        """A member of one child row: of the only one, or of the one at an index."""
        children = self._children(field)
        steps = list(place.steps)
        if children is None or len(steps) < (2 if children.array else 1):
            refuse(place, "child rows are not compared as a whole", _REMEDY)
        at = steps.pop(0) if children.array else 0
        step, *rest = steps
        member = next(one for one in _members(field.kind) if one.field == step)
        names = [name for name, _ in children.members]
        scalar = children.members[names.index(member.name)][1]
        within = children.limit is None or (isinstance(at, int) and at < children.limit)
        chosen = self._rows(children, fixed(sql_of(scalar, {}, self.source)))
        chosen += self._ordered(children) + Sql(" LIMIT 1 OFFSET %s", (at,))
        sql = chosen.within("(") if within else Sql("NULL")
        return _inside(Operand(str(place), sql, member.kind), tuple(rest))

    def _ordered(self, children: Children) -> Sql:
        terms = (
            fixed(sql_of(one.term, {}, self.source)) + (" DESC" if one.descending else "")
            for one in children.order
        )
        return joined(", ", terms).within(" ORDER BY ", "") if children.order else Sql("")

    def _rows(self, children: Children, selected: Sql, tests: Sequence[Sql] = ()) -> Sql:
        hop = children.hop
        called = "" if hop.row == hop.table else f" AS {name_of(hop.row)}"
        on = fixed(sql_of(hop.on, {}, self.source)).within("(")
        head = Sql("SELECT ") + selected + fixed(f" FROM {name_of(hop.table)}{called} WHERE ")
        return head + joined(" AND ", (on, *tests))

    def _children(self, field: FieldDefinition) -> Children | None:
        value = self.definition.by_cell[field.cells[0]].value if field.cells else None
        return value if isinstance(value, Children) else None

    def _cell(self, cell: Cell) -> Operand:
        return self._scalar(cell.name, cell.value, cell.kind)

    def _scalar(self, name: str, value: Scalar | Children, kind: kinds.Kind) -> Operand:
        if isinstance(value, Children):
            raise TypeError(f"{name} is child rows, and no single value")
        text = sql_of(value, {}, self.source)
        if not isinstance(value, _ATOMS):
            text = f"({text})"
        return Operand(name, fixed(text), kind, self._column(value))

    def _type(self, cell: Cell) -> ColumnType | None:
        return None if isinstance(cell.value, Children) else self._column(cell.value)

    def _column(self, value: Scalar) -> ColumnType | None:
        if not isinstance(value, Column) or value.row != self.definition.source.table:
            return None
        column = self.own.column(value.name)
        return None if column is None else column.type


def _inside(operand: Operand, steps: tuple[str | int, ...]) -> Operand:
    """What stands inside JSON; an index is looked for in arrays alone."""
    if not steps:
        return operand
    guards: list[Sql] = []
    path = "$"
    for step in steps:
        if isinstance(step, int):
            held = operand.sql if path == "$" else _extracted(operand, path)
            guards.append(held.within("JSON_TYPE(", ") = 'ARRAY'"))
            path += f"[{step}]"
            continue
        if '"' in step or "\\" in step:
            refuse(operand.name, "MySQL and MariaDB read quotes inside a JSON path differently")
        path += f'."{step}"'
    found = _extracted(operand, path)
    if guards:
        found = joined(" AND ", guards).within("CASE WHEN ", " THEN ") + found + " END"
    return Operand(operand.name, found, operand.kind)


def _extracted(operand: Operand, path: str) -> Sql:
    return operand.sql.within("JSON_EXTRACT(", ", ") + Sql("%s)", (path,))


def _members(kind: kinds.Kind) -> tuple[kinds.Member, ...]:
    match kind:
        case kinds.Nested(members=members):
            return members
        case kinds.Listed(items=items):
            return items
        case _:
            return ()


def _values(kind: kinds.Kind, value: Any) -> tuple[Any, ...]:
    if isinstance(kind, kinds.Listed):
        return tuple(value)
    return tuple(getattr(value, one.field) for one in _members(kind))
