"""Rows of another table taken together: arrays and objects of child rows, and their one hop."""

from __future__ import annotations

from attrs import evolve

from dalkit.contract import document as doc
from dalkit.contract.problems import escape
from dalkit.schema import fragments
from dalkit.schema.hops import Path, Step, identity_of, path_of
from dalkit.schema.reach import over_key
from dalkit.schema.scope import Named, Scope
from dalkit.source.tree import Children, Column, Order

__all__ = ["children_of", "over_one_table"]


def children_of(join: doc.JsonConstruction, scope: Scope, pointer: str) -> Children:
    """Matching rows as an array, or the first of them as an object."""
    wanted, place = join.construction, f"{pointer}/construction"
    step = Step(
        target=join.target_table,
        conditions=((join.join_condition, f"{pointer}/join_condition"),),
        mentions=(*(text for _, text in wanted.select_columns), *wanted.order_by),
        pointer=pointer,
    )
    path = over_one_table(step, scope, "an array")
    members = tuple(
        (name, fragments.value(text, path.scope, f"{place}/select_columns/{escape(name)}"))
        for name, text in wanted.select_columns
    )
    orders = fragments.orders(wanted.order_by, path.scope, f"{place}/order_by")
    return Children(
        path.hops[-1],
        members,
        _total(orders, path.target),
        wanted.limit,
        array=wanted.type == "array",
    )


def over_one_table(step: Step, scope: Scope, what: str) -> Path:
    """The one hop to the rows that are taken together; bare names behind it are theirs first."""
    path = path_of(step, evolve(scope, downward=True))
    if len(path.hops) > 1:
        names = " and ".join(hop.table for hop in path.hops)
        text = f"{what} is made of the rows of one table, not of {names}"
        raise scope.report.stop("DK203", step.conditions[0][1], text)
    reach = over_key(path.target, path.scope)
    return Path(hops=path.hops, scope=evolve(path.scope, target_first=True, reach=reach))


def _total(orders: tuple[Order, ...], named: Named) -> tuple[Order, ...]:
    """The order with the table's key appended, so that it leaves nothing to chance."""
    have = {one.term for one in orders}
    key, _ = identity_of(named.table)
    rest = (Column(named.row, name) for name in key)
    return (*orders, *(Order(column) for column in rest if column not in have))
