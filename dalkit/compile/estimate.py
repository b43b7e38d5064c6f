"""What a read examines and costs by its plan, before anything is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, final

from attrs import frozen

from dalkit.compile.capacity import PAGE, Mode, get_units, page_units
from dalkit.compile.dynamo_request import MOST_GETS
from dalkit.compile.key_texts import key_text
from dalkit.compile.plan import Plan, Read
from dalkit.compile.refused import refuse
from dalkit.query.base import Budget
from dalkit.query.finds import Count
from dalkit.schema.entity import definition_of

__all__ = ["ITEM_SIZE", "MOST_SORTED", "Estimate", "check_budget", "estimate", "most_examined"]

ITEM_SIZE: Final = 1_024
"""Bytes that an item is taken to have where nothing better is known."""

MOST_SORTED: Final = 10_000
"""Records that are looked at to be put in order after reading, unless a budget says otherwise."""


@final
@frozen(kw_only=True)
class Estimate:
    """Upper bounds of one page of a read; None is as much as there is.

    Items of other entities under the same key are not counted.
    """

    calls: int | None
    examined: int | None
    returned: int | None
    units: Decimal | None


def estimate(
    query: Read,
    plan: Plan,
    *,
    item_size: int = ITEM_SIZE,
    index_size: int | None = None,
    records: int | None = None,
) -> Estimate:
    """What one page of the query costs at most.

    Items are taken to have `item_size` bytes, and `index_size` in an index that carries less;
    `records` is how many the key or the scan holds, None where nobody knows.
    """
    bound, most = _examined(query, plan), None if isinstance(query, Count) else query.most
    known = [one for one in (bound, records) if one is not None]
    if not known:
        return Estimate(calls=None, examined=None, returned=most, units=None)
    examined = min(known)
    returned = min([one for one in (examined, most) if one is not None])
    if isinstance(query, Count):
        returned = 1
    size = item_size if plan.index is None or index_size is None else index_size
    mode: Mode = "consistent" if plan.consistent else "eventual"
    parts = plan.segments or 1
    whole, rest = divmod(examined * size, PAGE)
    pages = max(parts, whole + (1 if rest else 0))
    units = whole * page_units(PAGE, mode) + (page_units(rest, mode) if rest or not whole else 0)
    calls = pages
    if plan.fetched:
        calls += -(-examined // MOST_GETS)
        units += get_units([item_size] * examined, "eventual")
    return Estimate(calls=calls, examined=examined, returned=returned, units=Decimal(units))


def most_examined(query: Read) -> int:
    """The records that are looked at, at most, to put them in order after reading."""
    budget = query.access.budget
    return MOST_SORTED if budget is None or budget.examined is None else budget.examined


def check_budget(query: Read, plan: Plan) -> None:
    """Refuse a read that may cost more than its budget allows."""
    budget = query.access.budget
    if budget is None:
        return
    found = estimate(query, plan)
    for what, most, known in _bounds(budget, found):
        if most is not None and (known is None or known > most):
            said = "as much as there is" if known is None else f"up to {known}"
            remedy = "bound it by limit(…) and by what a key serves, or raise the budget"
            refuse(f"its plan may take {said} of {what}, and the budget is {most}", remedy)


def _bounds(budget: Budget, found: Estimate) -> tuple[tuple[str, Any, Any], ...]:
    return (
        ("calls", budget.calls, found.calls),
        ("records", budget.examined, found.examined),
        ("units", budget.capacity, found.units),
    )


def _examined(query: Read, plan: Plan) -> int | None:
    if _one_item(plan):
        return 1
    if plan.sorted:
        return most_examined(query)
    if isinstance(query, Count) or query.most is None or plan.filters or plan.mixed:
        return None
    return query.most + 1


def _one_item(plan: Plan) -> bool:
    """Whether the plan fixes the whole key of the table, or a group of unique fields."""
    definition, fixed = definition_of(plan.entity), _fixed(plan)
    if any(fixed.issuperset(group) for group in definition.unique):
        return True
    if plan.index is not None or plan.scan:
        return False
    if plan.table.sk is None or (plan.sort is not None and plan.sort.operator == "="):
        return True
    text = key_text(definition, plan.table.sk.name)
    return text is not None and not text.fields


def _fixed(plan: Plan) -> frozenset[str]:
    """The fields of which the key conditions leave one value."""
    known = [one for one in (plan.partition, plan.sort) if one is not None and one.operator == "="]
    texts = (key_text(definition_of(plan.entity), one.name) for one in known)
    return frozenset(
        name for text in texts if text is not None and text.unique for name in text.fields
    )
