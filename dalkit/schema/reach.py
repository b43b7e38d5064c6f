"""Tables that are no side of a fragment, seen along the one foreign key that leads there."""

from __future__ import annotations

from dalkit.schema.scope import Named, Reach, Scope
from dalkit.source.tables import SourceTable
from dalkit.source.tree import And, Column, Compare, Hop, Lookup, Scalar

__all__ = ["key_hop", "over_key"]


def key_hop(near: Named, table: SourceTable, scope: Scope) -> Hop | None:
    """The hop along the only foreign key that leads from a row to a table."""
    keys = [k for k in near.table.foreign_keys if k.target_table.lower() == table.name.lower()]
    taken = {row.row.lower() for row in (*scope.rows, near)}
    if len(keys) != 1 or table.name.lower() in taken:
        return None
    pairs = zip(keys[0].target_columns, keys[0].columns, strict=False)
    terms = tuple(Compare("=", Column(table.name, t), Column(near.row, c)) for t, c in pairs)
    return Hop(table.name, table.name, terms[0] if len(terms) == 1 else And(terms))


def over_key(near: Named, scope: Scope) -> Reach:
    """Tables seen from `near` along its only foreign key there, else as the scope sees them."""

    def reach(column: Column, pointer: str) -> Scalar | None:
        table = scope.source.table(column.row)
        hop = None if table is None else key_hop(near, table, scope)
        if table is None or hop is None:
            return None if scope.reach is None else scope.reach(column, pointer)
        named = Named(hop.row, table, (table.name,))
        text = f'"{column.row}" is no side here: seen along the key of {near.table.name}'
        scope.report.add("DK208", pointer, text)
        return Lookup((hop,), scope.column(named, column.name, pointer))

    return reach
