"""How a look-up or an aggregate is printed in a SELECT over a whole table.

A look-up over a unique key is a LEFT JOIN. One that may match several rows is a numbered derived
table, and aggregates are grouped derived tables, each joined once: a subquery for every row would
be quadratic where no index serves it. What does not decompose stays a correlated subquery.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from attrs import Factory, frozen

from dalkit.compile.matches import equal_columns, finds_one_row
from dalkit.source.sql import name_of, order_key, sql_of
from dalkit.source.tables import Source, SourceTable
from dalkit.source.tree import Aggregate, And, Column, Compare, Hop, Lookup, Scalar
from dalkit.source.walk import columns, nodes

__all__ = ["Joins"]

_WHOLE = frozenset({"tinyint", "smallint", "mediumint", "int", "bigint", "year"})
_SORTED_ALIKE = frozenset({"date", "datetime", "timestamp", "time"})


@final
@frozen
class _Parts:
    """A condition taken apart: target columns equal to own columns, and tests of the target."""

    equal: tuple[tuple[str, str], ...]
    """(column of the target, column of the own row)."""
    tests: tuple[Scalar, ...]


@final
@frozen
class Joins:
    """The joins of one SELECT, gathered while its values are printed."""

    own: SourceTable
    source: Source
    texts: list[str] = Factory(list)
    """The JOIN clauses, in order."""
    aliases: dict[object, str] = Factory(dict)
    """Hops (or a derived table's hop and value) -> the alias that they got."""
    reserved: tuple[str, ...] = ()
    """Names of rows that the statement has besides."""

    def printed(self, value: Scalar) -> str:
        """The value as SQL, its look-ups and aggregates joined where that is sound."""
        return sql_of(value, {}, self.source, leaf=self._leaf)

    def clauses(self) -> Iterable[str]:
        return tuple(self.texts)

    def _leaf(self, node: Lookup | Aggregate) -> str | None:
        if isinstance(node, Aggregate):
            return self._aggregate(node)
        if not _looks_further(node) and finds_one_row(node.hops, self.own, self.source):
            return self._joined(node)
        return self._numbered(node)

    def _joined(self, node: Lookup) -> str:
        names: dict[str, str] = {}
        for position, hop in enumerate(node.hops):
            path = node.hops[: position + 1]
            alias = self.aliases.get(path)
            if alias is None:
                alias = self._free(hop.row)
                self.aliases[path] = alias
                on = sql_of(hop.on, {**names, hop.row: alias}, self.source)
                called = "" if alias == hop.table else f" AS {name_of(alias)}"
                self.texts.append(f"LEFT JOIN {name_of(hop.table)}{called} ON {on}")
            names[hop.row] = alias
        value = sql_of(node.value, names, self.source)
        if self._null_without_match(node):
            return value
        there = " AND ".join(self._matched(hop, names) for hop in node.hops)
        return f"CASE WHEN {there} THEN {value} END"

    def _null_without_match(self, node: Lookup) -> bool:
        """Whether it is a column of the last hop, which has no match without the one before."""
        if not isinstance(node.value, Column) or node.value.row != node.hops[-1].row:
            return False
        pairs = zip(node.hops, node.hops[1:], strict=False)
        return all(
            any(before.row in (c.row for c in columns(term)) for term in _equal_terms(after.on))
            for before, after in pairs
        )

    def _matched(self, hop: Hop, names: dict[str, str]) -> str:
        key = next(one for one, _ in equal_columns(hop))
        return f"{name_of(names[hop.row])}.{name_of(key)} IS NOT NULL"

    def _numbered(self, node: Lookup) -> str | None:
        if len(node.hops) != 1 or _looks_further(node):
            return None
        hop = node.hops[0]
        parts = self._parts(hop)
        outside = any(column.row != hop.row for column in columns(node.value))
        if parts is None or outside or self._indexed(hop, parts):
            return None
        place = ("first", hop, node.value)
        alias = self.aliases.get(place)
        if alias is None:
            alias = self._free(f"{hop.row}_first")
            self.aliases[place] = alias
            value = sql_of(node.value, {}, self.source)
            orders = ", ".join(
                f"{name_of(hop.row)}.{name_of(one)}" for one in order_key(self._table(hop.table))
            )
            by = ", ".join(f"{name_of(hop.row)}.{name_of(one)}" for one, _ in parts.equal)
            number = f"ROW_NUMBER() OVER (PARTITION BY {by} ORDER BY {orders})"
            self._derived(hop, parts, alias, f"{value} AS `value`, {number} AS `position`")
            self.texts[-1] += f" AND {name_of(alias)}.`position` = 1"
        return f"{name_of(alias)}.`value`"

    def _aggregate(self, node: Aggregate) -> str | None:
        hop = node.hop
        parts = self._parts(hop)
        value = node.value
        if parts is None or (value is not None and self._reaches_out(value, hop)):
            return None
        place = ("all", node)
        alias = self.aliases.get(place)
        if alias is None:
            alias = self._free(f"{hop.row}_all")
            self.aliases[place] = alias
            inner = "*" if value is None else sql_of(value, {}, self.source)
            by = ", ".join(f"{name_of(hop.row)}.{name_of(one)}" for one, _ in parts.equal)
            self._derived(
                hop, parts, alias, f"{node.operation}({inner}) AS `value`", f" GROUP BY {by}"
            )
        seen = f"{name_of(alias)}.`value`"
        return f"COALESCE({seen}, 0)" if node.operation == "COUNT" else seen

    def _derived(self, hop: Hop, parts: _Parts, alias: str, values: str, tail: str = "") -> None:
        row, own = name_of(hop.row), name_of(self.own.name)
        keys = ", ".join(
            f"{row}.{name_of(one)} AS {name_of(f'key_{i}')}"
            for i, (one, _) in enumerate(parts.equal, 1)
        )
        called = "" if hop.row == hop.table else f" AS {row}"
        tests = [sql_of(test, {}, self.source) for test in parts.tests]
        where = f" WHERE {' AND '.join(f'({test})' for test in tests)}" if tests else ""
        on = " AND ".join(
            f"{name_of(alias)}.{name_of(f'key_{i}')} = {own}.{name_of(mine)}"
            for i, (_, mine) in enumerate(parts.equal, 1)
        )
        self.texts.append(
            f"LEFT JOIN (SELECT {keys}, {values} FROM {name_of(hop.table)}{called}{where}{tail})"
            f" AS {name_of(alias)} ON {on}"
        )

    def _parts(self, hop: Hop) -> _Parts | None:
        """The condition as equalities and tests of the target alone; None when it is more."""
        terms = hop.on.terms if isinstance(hop.on, And) else (hop.on,)
        equal: list[tuple[str, str]] = []
        tests: list[Scalar] = []
        for term in terms:
            pair = self._pair(term, hop)
            if pair is not None:
                equal.append(pair)
            elif not self._reaches_out(term, hop):
                tests.append(term)
            else:
                return None
        return _Parts(tuple(equal), tuple(tests)) if equal else None

    def _pair(self, term: Scalar, hop: Hop) -> tuple[str, str] | None:
        if not (isinstance(term, Compare) and term.operator == "="):
            return None
        for side, other in ((term.left, term.right), (term.right, term.left)):
            if not (isinstance(side, Column) and isinstance(other, Column)):
                return None
            if side.row == hop.row and other.row == self.own.name and self._alike(side, other, hop):
                return side.name, other.name
        return None

    def _alike(self, target: Column, own: Column, hop: Hop) -> bool:
        """Whether equal under the join means equal under GROUP BY."""
        left, right = self._table(hop.table).column(target.name), self.own.column(own.name)
        if left is None or right is None:
            return False
        if left.type.base in _WHOLE and right.type.base in _WHOLE:
            return True
        if left.type.base == right.type.base and left.type.base in _SORTED_ALIKE:
            return True
        alike = left.type.base == right.type.base == "decimal"
        texts = {"char", "varchar"}
        same = left.type.collation == right.type.collation
        return alike or (same and {left.type.base, right.type.base} <= texts)

    def _reaches_out(self, tree: Scalar, hop: Hop) -> bool:
        other = any(isinstance(node, Lookup | Aggregate) for node in nodes(tree))
        return other or any(column.row != hop.row for column in columns(tree))

    def _indexed(self, hop: Hop, parts: _Parts) -> bool:
        """Whether an index of the target starts with one of the compared columns."""
        table = self._table(hop.table)
        starts = {index.columns[0].lower() for index in table.indexes if index.columns}
        starts |= {name.lower() for name in table.primary_key[:1]}
        starts |= {key.columns[0].lower() for key in table.foreign_keys}
        return any(one.lower() in starts for one, _ in parts.equal)

    def _free(self, name: str) -> str:
        taken = {one.lower() for one in (*self.aliases.values(), self.own.name, *self.reserved)}
        found, number = name, 2
        while found.lower() in taken:
            found, number = f"{name}_{number}", number + 1
        return found

    def _table(self, name: str) -> SourceTable:
        table = self.source.table(name)
        if table is None:
            raise ValueError(f"the source has no table {name!r}; give the one resolved with")
        return table


def _equal_terms(on: Scalar) -> tuple[Scalar, ...]:
    terms = on.terms if isinstance(on, And) else (on,)
    return tuple(t for t in terms if isinstance(t, Compare) and t.operator == "=")


def _looks_further(node: Lookup) -> bool:
    """Whether a look-up has look-ups inside, whose rows a join could not name."""
    inner = [node.value, *(hop.on for hop in node.hops)]
    return any(isinstance(one, Lookup | Aggregate) for tree in inner for one in nodes(tree))
