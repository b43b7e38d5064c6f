"""Which columns a record is written to: its own table's, and those of the rows of its arrays."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any, final

from attrs import frozen

from dalkit.compile.matches import equal_columns
from dalkit.compile.sql_links import Link, links_of
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_text import Sql, fixed, joined, refuse, written_cell
from dalkit.convert import rows
from dalkit.result import Failure, InvalidValue, Result, Success
from dalkit.schema.definition import Cell
from dalkit.schema.entity import Entity, definition_of
from dalkit.source.sql import name_of
from dalkit.source.tables import SourceTable
from dalkit.source.tree import And, Children, Column
from dalkit.source.walk import columns

__all__ = ["Array", "Columns", "Written", "columns_of"]


@final
@frozen
class Array:
    """The table that an array's rows are written to."""

    cell: str
    table: SourceTable
    members: tuple[str, ...]
    """The column of each member."""
    links: tuple[tuple[str, str], ...]
    """Columns of the table, and the columns of the record's row that they equal."""
    left: frozenset[str] = frozenset()
    """The members that MySQL gives to its rows, in lower case."""

    @property
    def linked(self) -> tuple[tuple[int, str], ...]:
        """Where members are link columns, and the columns of the record's row that they equal."""
        known = {mine.lower(): its for mine, its in self.links}
        names = enumerate(one.lower() for one in self.members)
        return tuple((at, known[name]) for at, name in names if name in known)

    def in_turn(self, held: Sequence[tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
        """Rows of a new record in the order of their numbers, so that MySQL counts them alike."""
        counted = {one.name.lower() for one in self.table.columns if one.auto_increment}
        for at, name in enumerate(self.members):
            if name.lower() in counted & self.left:
                return sorted(held, key=lambda row: int(row[at]))
        return held

    def bound_to(self, own: SourceTable) -> str:
        """What a foreign key does with its rows when the record's row is deleted; "" for none."""
        keys = self.table.foreign_keys
        found = (one.on_delete.upper() for one in keys if one.target_table == own.name)
        return next(found, "")


@final
@frozen
class Written:
    """A record as it is written: its own columns, and the rows of each array."""

    own: Mapping[str, Any]
    arrays: tuple[tuple[Array, tuple[tuple[Any, ...], ...]], ...]


@final
@frozen
class Columns:
    """How records of an entity are written."""

    places: Places
    entity: Entity[Any, Any]
    own: Mapping[str, str]
    """The column that a cell is, by the cell's name."""
    arrays: tuple[Array, ...]
    links: tuple[Link, ...] = ()

    def of(self, record: Any) -> Result[Written]:
        """What a record writes, or which of its values no column holds."""
        match rows(self.entity).encode(record):
            case Failure() as failure:
                return failure
            case Success(row):
                names = (one.name for one in self.places.definition.source.cells)
                cells = dict(zip(names, row, strict=True))
                own = {column: cells[name] for name, column in self.own.items()}
                return Success(Written(own, tuple((one, cells[one.cell]) for one in self.arrays)))

    def strayed(self, written: Written) -> InvalidValue | None:
        """Why a row of an array is not the record's, as far as its columns are known."""
        for array, held in written.arrays:
            for at, its in array.linked:
                if any(str(row[at]) != str(written.own.get(its, row[at])) for row in held):
                    reason = f"a row's {array.members[at]} is not the record's {its}"
                    return InvalidValue(self.places.definition.name, array.cell, reason)
        return None

    def insert(self, written: Written) -> Sql:
        """A new row."""
        return _insert(self.places.own.name, tuple(written.own), [tuple(written.own.values())])

    def update(self, values: Mapping[str, Any], row: Sql) -> Sql:
        """New values for one row."""
        pieces = (fixed(f"{name_of(name)} = ") + written_cell(one) for name, one in values.items())
        head = fixed(f"UPDATE {name_of(self.places.own.name)}\nSET ")
        return head + joined(", ", pieces) + row.within("\nWHERE ", "")

    def clear(self, array: Array, written: Written) -> Sql:
        """An array's rows gone."""
        tests = (
            fixed(f"{name_of(mine)} = ") + written_cell(written.own[its])
            for mine, its in array.links
        )
        head = fixed(f"DELETE FROM {name_of(array.table.name)}\nWHERE ")
        return head + joined(" AND ", tests)

    def fill(self, array: Array, written: Written, held: Sequence[tuple[Any, ...]]) -> Sql:
        """An array's rows."""
        linked = {at for at, _ in array.linked}
        kept = [
            at
            for at, one in enumerate(array.members)
            if at not in linked and one.lower() not in array.left
        ]
        names = (*(array.members[at] for at in kept), *(mine for mine, _ in array.links))
        links = tuple(written.own[its] for _, its in array.links)
        rows = [(*(one[at] for at in kept), *links) for one in array.in_turn(held)]
        return _insert(array.table.name, names, rows)


def columns_of(
    places: Places, entity: Entity[Any, Any], *, whole: bool, touched: Container[str] = ()
) -> Columns:
    """How records are written, or (not `whole`) what of them can be changed by `touched` cells.

    What MySQL cannot keep of whole records is refused.
    """
    definition = definition_of(entity)
    plain = {name for one in definition.fields if one.transformed is None for name in one.cells}
    own = {
        one.name: one.value.name
        for one in definition.source.cells
        if one.name in plain and isinstance(one.value, Column) and _is_own(places, one.value)
    }
    children = [one for one in definition.source.cells if isinstance(one.value, Children)]
    links = links_of(places, own.values())
    if whole:
        _check_whole(places, plain, {*own.values(), *(one.column for one in links)})
    else:
        children = [one for one in children if one.name in touched]
        links = tuple(one for one in links if one.cell in touched)
    held = tuple(_array(places, one, set(own.values())) for one in children)
    return Columns(places, entity, own, held, links)


def _check_whole(places: Places, plain: Container[str], columns: Iterable[str]) -> None:
    """Refuse records of which MySQL could not keep all."""
    held = {one.lower() for one in columns}
    for field in places.definition.fields:
        if field.transformed is not None and not all(one in plain for one in field.cells):
            refuse(f"writing {field.name}", "dalkit makes it from columns, and it makes none")
    _check_carried(places, held)
    for cell in places.definition.source.cells:
        _check_computed(places, cell, held)


def _check_computed(places: Places, cell: Cell, held: set[str]) -> None:
    """What MySQL computes must come from columns that are written, or it would be lost."""
    if isinstance(cell.value, (Children, Column)):
        return
    for one in columns(cell.value):
        if one.row == places.definition.source.table and one.name.lower() not in held:
            refuse(
                f"writing {cell.name}",
                f"it is found by the column {one.name}, which no field is",
                "carry the column in the contract",
            )


def _is_own(places: Places, value: Column) -> bool:
    column = places.own.column(value.name)
    return column is not None and not column.generated


def _check_carried(places: Places, carried: set[str]) -> None:
    for one in places.own.columns:
        given = one.nullable or one.default is not None or one.auto_increment or one.generated
        if not given and one.name.lower() not in carried:
            refuse(
                f"writing {places.definition.name}",
                f"no field is the column {one.name}, which has no default",
                "update the record, or carry the column in the contract",
            )


def _array(places: Places, cell: Cell, own: set[str]) -> Array:
    children = cell.value
    if not isinstance(children, Children):
        raise TypeError(f"{cell.name} is no array")
    what = f"writing {cell.name}"
    if children.limit is not None or not children.array:
        refuse(what, "it shows some of the child rows, not all")
    table = places.table(children.hop.table)
    links = _links(places, children, own, what)
    members = tuple(one.name for _, one in children.members if isinstance(one, Column))
    known = {one.lower() for one in (*members, *(mine for mine, _ in links))}
    for column in table.columns:
        if column.name.lower() not in known and not (column.auto_increment or column.generated):
            refuse(what, f"it does not carry the column {column.name} of its rows")
    if len(members) < len(children.members):
        refuse(what, "some of its members are computed")
    for other in places.source.tables:
        if any(key.target_table == table.name for key in other.foreign_keys):
            refuse(what, f"rows of {other.name} refer to its rows")
    return Array(cell.name, table, members, links)


def _links(
    places: Places, children: Children, own: set[str], what: str
) -> tuple[tuple[str, str], ...]:
    hop = children.hop
    links: list[tuple[str, str]] = []
    for mine, other in equal_columns(hop):
        if isinstance(other, Column) and other.row == places.definition.source.table:
            links.append((mine, other.name))
    terms = hop.on.terms if isinstance(hop.on, And) else (hop.on,)
    if len(links) != len(terms) or any(its not in own for _, its in links):
        refuse(what, "its rows belong to the record by more than equal columns")
    return tuple(links)


def _insert(table: str, names: Sequence[str], held: Sequence[Sequence[Any]]) -> Sql:
    listed = ", ".join(map(name_of, names))
    each = (joined(", ", map(written_cell, one)).within("(") for one in held)
    return fixed(f"INSERT INTO {name_of(table)} ({listed})\nVALUES ") + joined(", ", each)
