"""What a read examines and costs by its plan, before anything is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, final

from attrs import frozen

from dalkit.compile.capacity import PAGE, Mode, page_units
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

    Items of other entities under the same key of an index are not counted.
    """

    calls: int | None
    examined: int | None
    units: Decimal | None


def estimate(query: Read, plan: Plan, *, item_size: int = ITEM_SIZE) -> Estimate:
    """What one page of the query costs at most, if items are no larger than `item_size`."""
    examined = _examined(query, plan)
    if examined is None:
        return Estimate(calls=None, examined=None, units=None)
    mode: Mode = "consistent" if plan.consistent else "eventual"
    size = examined * item_size
    whole, rest = divmod(size, PAGE)
    calls = max(1, whole + (1 if rest else 0))
    units = whole * page_units(PAGE, mode) + (page_units(rest, mode) if rest or not whole else 0)
    return Estimate(calls=calls, examined=examined, units=Decimal(units))


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
    """Whether the plan fixes the whole key of the table."""
    if plan.index is not None or plan.scan:
        return False
    if plan.table.sk is None or (plan.sort is not None and plan.sort.operator == "="):
        return True
    text = key_text(definition_of(plan.entity), plan.table.sk.name)
    return text is not None and not text.fields
