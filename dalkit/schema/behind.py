"""The MySQL tables behind an entity: those that its rows are read from and written to."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from dalkit.schema.definition import SourceDefinition
from dalkit.source.collations import defaults_of
from dalkit.source.tables import Column, Source, SourceTable
from dalkit.source.tree import Children, Hop
from dalkit.source.walk import nodes

__all__ = ["tables_behind"]


def tables_behind(definition: SourceDefinition, source: Source) -> Source:
    """The entity's own table, those that it looks at, and those that refer to rows of its arrays.

    Without what only messages say (lines of a file, types as they were written), and without the
    collation that a server gives by itself, which is not the same on every server; by name, since
    each server lists its tables in an order of its own.
    """
    names = {definition.table}
    arrays: set[str] = set()
    for tree in (*(cell.value for cell in definition.cells), definition.where):
        for node in () if tree is None else nodes(tree):
            if isinstance(node, Hop):
                names.add(node.table)
            if isinstance(node, Children):
                arrays.add(node.hop.table)
    names |= {one.name for one in source.tables if _refers(one, arrays)}
    kept = {one.name: _plain(one) for one in _found(source, names)}
    return Source(tables=tuple(kept[name] for name in sorted(kept)))


def _found(source: Source, names: set[str]) -> Iterator[SourceTable]:
    for name in sorted(names):
        found = source.table(name)
        if found is not None:
            yield found


def _refers(table: SourceTable, arrays: set[str]) -> bool:
    return any(key.target_table in arrays for key in table.foreign_keys)


def _plain(table: SourceTable) -> SourceTable:
    return evolve(table, line=0, columns=tuple(_plain_column(one) for one in table.columns))


def _plain_column(column: Column) -> Column:
    charset, collation = column.type.charset, column.type.collation
    defaults = () if charset is None else defaults_of(charset)
    kept = None if collation in defaults else collation
    return evolve(column, type=evolve(column.type, text="", collation=kept))
