"""How a look-up or an aggregate is printed in a SELECT over a whole table.

A look-up over a unique key is a LEFT JOIN. One that may match several rows is a numbered derived
table, and aggregates are grouped derived tables, each joined once: a subquery for every row would
be quadratic where no index serves it. What does not decompose stays a correlated subquery.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from attrs import Factory, frozen

from dalkit.compile.equating import Equal, equal_of
from dalkit.compile.matches import equal_columns, finds_one_row
from dalkit.source.infer import Scope, infer
from dalkit.source.refusal import Refusal
from dalkit.source.sql import name_of, order_key, sql_of
from dalkit.source.tables import Source, SourceTable
from dalkit.source.tree import (
    Aggregate,
    And,
    Children,
    Column,
    Compare,
    Hop,
    Lookup,
    Scalar,
)
from dalkit.source.walk import columns, free_rows, nodes

__all__ = ["Joins"]

_MOST_SUMMED = 43
"""Digits of a value whose sum has room: a SUM has 22 digits more, and a DECIMAL at most 65."""


@final
@frozen
class _Parts:
    """A condition taken apart: equalities with the own row, and tests of one row or the other."""

    equal: tuple[Equal, ...]
    tests: tuple[Scalar, ...]
    own: tuple[Scalar, ...]


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

    def of_children(self, children: Children) -> str:
        """The JOIN of child rows: by an index, else over a copy of them that has one.

        MariaDB's own way without an index reads all child rows again for each buffer of parents,
        and holds every row against every other where the types are unlike.
        """
        hop = children.hop
        parts = self._parts(hop)
        if parts is None or self._leads(hop, parts.equal):
            return f"JOIN {self._rows((hop,))} ON {sql_of(hop.on, {}, self.source)}"
        table, row = self._table(hop.table), name_of(hop.row)
        used = sorted({one.name for one in columns(children) if one.row == hop.row})
        taken = {one.name.lower() for one in table.columns}
        names = [self._free(f"key_{i}", taken) for i, _ in enumerate(parts.equal, 1)]
        pairs = list(zip(parts.equal, names, strict=True))
        selected = [f"{row}.{name_of(one)}" for one in used]
        selected += [f"{one.target} AS {name_of(name)}" for one, name in pairs]
        on = [f"{row}.{name_of(name)} = {one.own}" for one, name in pairs]
        on += [f"({sql_of(test, {}, self.source)})" for test in (*parts.tests, *parts.own)]
        rows = f"SELECT {', '.join(selected)} FROM {self._rows((hop,))}"
        return f"STRAIGHT_JOIN ({rows}) AS {row} ON {' AND '.join(on)}"

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
        rows = {hop.row for hop in node.hops}
        if _looks_further(node) or not free_rows(node.value) <= rows:
            return None
        parts = self._parts(node.hops[0])
        later = (free_rows(hop.on) for hop in node.hops[1:])
        if parts is None or not all(one <= rows for one in later) or self._indexed(node, parts):
            return None
        place = ("first", node)
        alias = self.aliases.get(place)
        if alias is None:
            alias = self._free(f"{node.hops[-1].row}_first")
            self.aliases[place] = alias
            value = sql_of(node.value, {}, self.source)
            orders = ", ".join(
                f"{name_of(hop.row)}.{name_of(one)}"
                for hop in node.hops
                for one in order_key(self._table(hop.table))
            )
            by = ", ".join(one.target for one in parts.equal)
            number = f"ROW_NUMBER() OVER (PARTITION BY {by} ORDER BY {orders})"
            values = f"{value} AS `value`, {number} AS `position`"
            self._derived(node.hops, parts, alias, values)
            self.texts[-1] += f" AND {name_of(alias)}.`position` = 1"
        return f"{name_of(alias)}.`value`"

    def _aggregate(self, node: Aggregate) -> str | None:
        hop = node.hop
        parts = self._parts(hop)
        value = node.value
        if parts is None or (value is not None and not _within(value, hop.row)):
            return None
        if node.operation in ("SUM", "AVG") and self._wide(value, hop):
            return None
        place = ("all", node)
        alias = self.aliases.get(place)
        if alias is None:
            alias = self._free(f"{hop.row}_all")
            self.aliases[place] = alias
            inner = "*" if value is None else sql_of(value, {}, self.source)
            by = ", ".join(one.target for one in parts.equal)
            values = f"{node.operation}({inner}) AS `value`"
            self._derived((hop,), parts, alias, values, f" GROUP BY {by}")
        seen = f"{name_of(alias)}.`value`"
        return f"COALESCE({seen}, 0)" if node.operation == "COUNT" else seen

    def _wide(self, value: Scalar | None, hop: Hop) -> bool:
        """Whether sums can have more digits than a derived table holds: MariaDB cuts them there."""
        if value is None:
            return False
        answer = infer(value, Scope(self.source, {hop.row: self._table(hop.table)}))
        return isinstance(answer, Refusal) or (answer[0].precision or 0) > _MOST_SUMMED

    def _derived(
        self, hops: tuple[Hop, ...], parts: _Parts, alias: str, values: str, tail: str = ""
    ) -> None:
        keys = ", ".join(
            f"{one.target} AS {name_of(f'key_{i}')}" for i, one in enumerate(parts.equal, 1)
        )
        tests = [sql_of(test, {}, self.source) for test in parts.tests]
        where = f" WHERE {' AND '.join(f'({test})' for test in tests)}" if tests else ""
        on = [
            f"{name_of(alias)}.{name_of(f'key_{i}')} = {one.own}"
            for i, one in enumerate(parts.equal, 1)
        ]
        on += [f"({sql_of(test, {}, self.source)})" for test in parts.own]
        self.texts.append(
            f"LEFT JOIN (SELECT {keys}, {values} FROM {self._rows(hops)}{where}{tail})"
            f" AS {name_of(alias)} ON {' AND '.join(on)}"
        )

    def _rows(self, hops: tuple[Hop, ...]) -> str:
        first, *rest = (
            name_of(hop.table) + ("" if hop.row == hop.table else f" AS {name_of(hop.row)}")
            for hop in hops
        )
        conditions = (sql_of(hop.on, {}, self.source) for hop in hops[1:])
        return first + "".join(
            f" JOIN {row} ON {on}" for row, on in zip(rest, conditions, strict=True)
        )

    def _parts(self, hop: Hop) -> _Parts | None:
        """The condition as equalities and tests of one row alone; None when it is more."""
        scope = Scope(self.source, {self.own.name: self.own}).with_hop(hop)
        equal: list[Equal] = []
        tests: list[Scalar] = []
        own: list[Scalar] = []
        for term in hop.on.terms if isinstance(hop.on, And) else (hop.on,):
            found = equal_of(term, hop.row, scope)
            if found is not None:
                equal.append(found)
            elif _within(term, hop.row):
                tests.append(term)
            elif _within(term, self.own.name):
                own.append(term)
            else:
                return None
        return _Parts(tuple(equal), tuple(tests), tuple(own)) if equal else None

    def _indexed(self, node: Lookup, parts: _Parts) -> bool:
        """Whether an index finds the rows of each hop."""
        scope = Scope(self.source, {self.own.name: self.own}).with_hop(node.hops[0])
        if not self._leads(node.hops[0], parts.equal):
            return False
        for hop in node.hops[1:]:
            scope = scope.with_hop(hop)
            terms = hop.on.terms if isinstance(hop.on, And) else (hop.on,)
            found = (equal_of(term, hop.row, scope) for term in terms)
            if not self._leads(hop, [one for one in found if one is not None]):
                return False
        return True

    def _leads(self, hop: Hop, equal: Iterable[Equal]) -> bool:
        """Whether an index of the target starts with one of the compared columns."""
        table = self._table(hop.table)
        starts = {index.columns[0].lower() for index in table.indexes if index.columns}
        starts |= {name.lower() for name in table.primary_key[:1]}
        starts |= {key.columns[0].lower() for key in table.foreign_keys}
        return any(one.column is not None and one.column.lower() in starts for one in equal)

    def _free(self, name: str, more: Iterable[str] = ()) -> str:
        taken = {one.lower() for one in (*self.aliases.values(), self.own.name, *self.reserved)}
        taken.update(more)
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


def _within(tree: Scalar, row: str) -> bool:
    """Whether the tree reads no other row and looks no further."""
    further = any(isinstance(node, Lookup | Aggregate) for node in nodes(tree))
    return not further and free_rows(tree) <= {row}


def _looks_further(node: Lookup) -> bool:
    """Whether a look-up has look-ups inside, whose rows a join could not name."""
    inner = [node.value, *(hop.on for hop in node.hops)]
    return any(isinstance(one, Lookup | Aggregate) for tree in inner for one in nodes(tree))
