"""Other tables as an entity's row sees them: through the joins of its attributes, or one key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import final

from attrs import Factory, evolve, frozen

from dalkit.contract import document as doc
from dalkit.schema.joins import join_value
from dalkit.schema.reach import key_hop
from dalkit.schema.report import Report, Unresolved
from dalkit.schema.scope import Named, Scope
from dalkit.source.tree import Column, Hop, Lookup, Scalar

__all__ = ["Way", "Ways"]


@final
@frozen(kw_only=True)
class Way:
    """A row that an attribute's join leads to, and the column that the attribute takes there."""

    hops: tuple[Hop, ...]
    named: Named
    attribute: str
    selected: str


@final
@frozen
class Ways:
    """The ways of one entity; its attributes' joins are read when the first is asked for."""

    scope: Scope
    """The entity's own row, with the report that doubtful readings go to."""
    attributes: Mapping[str, tuple[doc.Attribute, str]]
    found: list[Way] = Factory(list)
    read: list[bool] = Factory(list)

    def reach(self, column: Column, pointer: str) -> Scalar | None:
        """A column of a table that is no side of the fragment at `pointer`; it is told."""
        seen = self.seen(column, pointer)
        if seen is not None and isinstance(seen, Lookup):
            named = " -> ".join(hop.table for hop in seen.hops)
            text = f'"{column.row}" is no side here: seen through the join to {named}'
            self.scope.report.add("DK208", pointer, text)
        return seen

    def seen(self, column: Column, pointer: str) -> Scalar | None:
        """A column by its table's name or a join's alias, and None where no way leads there."""
        ways = [
            one
            for one in self._ways()
            if one.named.called(column.row) and one.named.table.column(column.name) is not None
        ]
        ways.sort(key=lambda one: one.selected.lower() != column.name.lower())
        hops = list(dict.fromkeys(one.hops for one in ways))
        if len(hops) > 1:
            text = f'several joins lead to "{column.row}": read as that of "{ways[0].attribute}"'
            self.scope.report.add("DK208", pointer, text)
        if ways:
            way = ways[0]
            return Lookup(way.hops, self.scope.column(way.named, column.name, pointer))
        return self._along_key(column)

    def names(self) -> Iterator[Named]:
        """The rows that joins lead to, then the tables that one foreign key leads to."""
        yield from (way.named for way in self._ways())
        for table in self.scope.source.tables:
            if key_hop(self.scope.own, table, self.scope) is not None:
                yield Named(table.name, table, (table.name,))

    def _along_key(self, column: Column) -> Scalar | None:
        table = self.scope.source.table(column.row)
        hop = None if table is None else key_hop(self.scope.own, table, self.scope)
        held = None if table is None else table.column(column.name)
        return None if hop is None or held is None else Lookup((hop,), Column(hop.row, held.name))

    def _ways(self) -> Iterable[Way]:
        if not self.read:
            self.read.append(True)
            quiet = evolve(self.scope, report=Report(), reach=None)
            for attribute, _ in self.attributes.values():
                self.found.extend(_ways_of(attribute, quiet))
        return self.found


def _ways_of(attribute: doc.Attribute, scope: Scope) -> Iterator[Way]:
    if attribute.join is None:
        return
    try:
        joined = join_value(attribute.join, scope, "")
    except Unresolved:
        return
    path = joined.path
    if path is None:
        return
    rows = {row.row: row for row in path.scope.rows}
    for position, hop in enumerate(path.hops, 1):
        last = position == len(path.hops)
        yield Way(
            hops=path.hops[:position],
            named=rows[hop.row],
            attribute=attribute.name,
            selected=joined.labels[0] if last and joined.labels else "",
        )
