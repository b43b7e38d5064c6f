"""Fields that came through a join over a unique column: written by finding the row again.

An order that names its user by email is kept with the user's id; the email's row is locked, so
that it is still there when the order is written.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, final

from attrs import frozen

from dalkit.compile.matches import equal_columns
from dalkit.compile.sql_places import Places
from dalkit.compile.sql_text import Sql, fixed
from dalkit.compile.sql_values import Operand, compared
from dalkit.schema.definition import Cell
from dalkit.source.sql import name_of
from dalkit.source.tree import And, Column, Hop, Lookup

__all__ = ["Link", "links_of"]


@final
@frozen
class Link:
    """A field by whose value a row of another table is found, and the column that refers to it."""

    field: str
    cell: str
    column: str
    """Of the record's own table."""
    table: str
    head: Sql
    value: Operand

    def find(self, value: Any) -> Sql:
        """What finds the cells that the column can have for this value."""
        test = compared(self.value, "=", value)
        return self.head + test + "\nLIMIT 1\nLOCK IN SHARE MODE"


def links_of(places: Places, held: Collection[str]) -> tuple[Link, ...]:
    """The links by which columns are written that no field is; `held` are those that one is."""
    known = {one.lower() for one in held}
    links: list[Link] = []
    for field in places.definition.fields:
        if field.transformed is None and len(field.cells) == 1:
            link = _link(places, field.name, places.definition.by_cell[field.cells[0]])
            if link is not None and link.column.lower() not in known:
                known.add(link.column.lower())
                links.append(link)
    return tuple(links)


def _link(places: Places, field: str, cell: Cell) -> Link | None:
    match cell.value:
        case Lookup(hops=(hop,), value=Column(row, name)) if row == hop.row:
            columns = _columns(places, hop)
        case _:
            return None
    table = places.table(hop.table)
    column = table.column(name)
    if columns is None or column is None or column.nullable or not table.identifies([name]):
        return None
    mine, its = columns
    called = "" if hop.row == hop.table else f" AS {name_of(hop.row)}"
    head = fixed(f"SELECT {name_of(hop.row)}.{name_of(its)}\nFROM {name_of(hop.table)}{called}")
    at = fixed(f"{name_of(hop.row)}.{name_of(name)}")
    value = Operand(field, at, cell.kind, column.type)
    return Link(field, cell.name, mine, hop.table, head + "\nWHERE ", value)


def _columns(places: Places, hop: Hop) -> tuple[str, str] | None:
    """The own column and the target's column whose equality is the whole join."""
    pairs = list(equal_columns(hop))
    if isinstance(hop.on, And) or len(pairs) != 1:
        return None
    its, other = pairs[0]
    if not isinstance(other, Column) or other.row != places.definition.source.table:
        return None
    own = places.own.column(other.name)
    return None if own is None or own.generated else (own.name, its)
