"""Rows of another table taken together: arrays and objects of child rows, and their one hop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import final

from attrs import evolve, frozen

from dalkit.contract import document as doc
from dalkit.contract.problems import escape
from dalkit.schema import fragments
from dalkit.schema.hops import Step, identity_of, path_of
from dalkit.schema.reach import over_key
from dalkit.schema.report import Unresolved
from dalkit.schema.scope import Named, Scope
from dalkit.schema.sides import equalities
from dalkit.source.refusal import Refusal
from dalkit.source.tables import SourceTable
from dalkit.source.tree import And, Children, Column, Hop, IsNull, Lookup, Not, Order, Scalar
from dalkit.source.walk import columns, replace_columns

__all__ = ["Rows", "children_of", "rows_of"]


@final
@frozen(kw_only=True)
class Rows:
    """Rows that are taken together: the hop to them, and what fragments about them may name."""

    hop: Hop
    scope: Scope
    """Behind the join, bare names being the target's first."""
    aside: Hop | None = None
    """From each of the rows to the one other row that the join goes over."""

    @property
    def row(self) -> Named:
        """The rows themselves."""
        return next(one for one in self.scope.rows if one.row == self.hop.row)

    @property
    def target(self) -> Named:
        """The join's target, which is the rows themselves or beside them."""
        assert self.scope.target is not None
        return self.scope.target

    def value(self, text: str, pointer: str) -> Scalar:
        """A fragment about the rows."""
        return self.seen(fragments.value(text, self.scope, pointer))

    def seen(self, tree: Scalar) -> Scalar:
        """The tree with columns of the row beside them as look-ups."""
        return tree if self.aside is None else _beside(tree, self.aside)


def children_of(join: doc.JsonConstruction, scope: Scope, pointer: str) -> Children:
    """Matching rows as an array, or the first of them as an object."""
    wanted, place = join.construction, f"{pointer}/construction"
    step = Step(
        target=join.target_table,
        conditions=((join.join_condition, f"{pointer}/join_condition"),),
        mentions=(*(text for _, text in wanted.select_columns), *wanted.order_by),
        pointer=pointer,
    )
    rows = rows_of(step, scope, "an array")
    members = tuple(_members(wanted, rows, f"{place}/select_columns"))
    orders = fragments.orders(wanted.order_by, rows.scope, f"{place}/order_by")
    if len(members) < len(wanted.select_columns):
        raise Unresolved(place)
    return Children(
        rows.hop, members, _total(orders, rows), wanted.limit, array=wanted.type == "array"
    )


def _members(wanted: doc.Construction, rows: Rows, place: str) -> Iterator[tuple[str, Scalar]]:
    """The members that can be resolved; the problems of the others are told."""
    for name, text in wanted.select_columns:
        with suppress(Unresolved):
            yield name, rows.value(text, f"{place}/{escape(name)}")


def _total(orders: tuple[Order, ...], rows: Rows) -> tuple[Order, ...]:
    """The order with the tables' keys appended, so that it leaves nothing to chance."""
    found = [Order(rows.seen(one.term), one.descending) for one in orders]
    for named in dict.fromkeys((rows.target, rows.row)):
        key, _ = identity_of(named.table)
        for name in key:
            term = rows.seen(Column(named.row, name))
            if term not in (one.term for one in found):
                found.append(Order(term))
    return tuple(found)


def rows_of(step: Step, scope: Scope, what: str) -> Rows:
    """The rows that a step leads to; over one other table where one side is unique."""
    path = path_of(step, evolve(scope, downward=True))
    reach = over_key(path.target, path.scope)
    inside = evolve(path.scope, target_first=True, reach=reach)
    if len(path.hops) == 1:
        return Rows(hop=path.hops[0], scope=inside)
    found = None if len(path.hops) > 2 else _over(path.hops[0], path.hops[1], inside)
    if found is None:
        names = " and ".join(hop.table for hop in path.hops)
        text = f"{what} is made of the rows of one table, and {names} do not tell which"
        raise scope.report.stop("DK203", step.conditions[0][1], text)
    return found


def _over(first: Hop, last: Hop, scope: Scope) -> Rows | None:
    """Two hops as one: to the junction with the target beside, or to the target with the parent."""
    tables = {row.row: row.table for row in scope.rows}
    if _unique(last, tables[last.row]):
        key = Column(last.row, equalities(last.on, last.row)[0][0])
        there = Not(IsNull(Lookup((last,), key)))
        hop = evolve(first, on=And((first.on, there)))
        return Rows(hop=hop, scope=scope, aside=last)
    back = Hop(first.table, first.row, last.on)
    local = {column.row for column in columns(last.on)} <= {first.row, last.row}
    if local and _unique(back, tables[first.row]):
        return Rows(hop=evolve(last, on=_beside(first.on, back)), scope=scope, aside=back)
    return None


def _unique(hop: Hop, table: SourceTable) -> bool:
    return table.identifies(name for name, _ in equalities(hop.on, hop.row))


def _beside(tree: Scalar, aside: Hop) -> Scalar:
    def exchange(column: Column) -> Scalar | Refusal:
        return Lookup((aside,), column) if column.row == aside.row else column

    moved = replace_columns(tree, exchange)
    assert not isinstance(moved, Refusal)
    return moved
