"""How DynamoDB would answer a read, in words."""

from __future__ import annotations

from typing import Any

from dalkit.compile.estimate import ITEM_SIZE, Estimate, estimate
from dalkit.compile.key_conditions import Condition
from dalkit.compile.plan import Plan, Read, plan
from dalkit.compile.prices import PRICES, PriceBook
from dalkit.fields.predicates import printed_all
from dalkit.fields.values import shown
from dalkit.query.finds import Find
from dalkit.query.spots import hidden_in
from dalkit.result import Unsupported

__all__ = ["explain_dynamodb"]

_LONGEST = 48


def explain_dynamodb(query: Read, *, item_size: int = ITEM_SIZE, prices: PriceBook = PRICES) -> str:
    """The key or index used, what is filtered after reading, and what a page costs at most."""
    found = plan(query)
    if isinstance(found, Unsupported):
        remedy = f"\n          {found.remedy}" if found.remedy else ""
        return f"dynamodb  refused: {found.reason}{remedy}"
    what = "page" if isinstance(query, Find) else "count"
    cost = _cost(estimate(query, found, item_size=item_size), item_size, prices, what)
    return f"dynamodb  {'; '.join((_way(found), *_after(found), cost))}"


def _way(found: Plan) -> str:
    place = found.table.name + (f" {found.index.name}" if found.index else "")
    backwards = "" if found.forward else ", backwards"
    if found.partition is None:
        return f"scan of {place}"
    said = [_condition(one) for one in (found.partition, found.sort) if one is not None]
    return f"{place} {', '.join(said)}{backwards}"


def _after(found: Plan) -> list[str]:
    said: list[str] = []
    if found.fences:
        said.append(f"only where {' and '.join(map(_condition, found.fences))}")
    if found.filters:
        said.append(f"filters after reading: {printed_all(found.filters, hidden_in(found.entity))}")
    if found.consistent:
        said.append("consistent")
    return said


def _condition(one: Condition) -> str:
    if one.secret:
        return f"{one.name} {one.operator} <secret>"
    held = [_cut(next(iter(wire.values()))) for wire in one.wires]
    if one.operator == "between":
        return f"{one.name} between {held[0]} and {held[1]}"
    return f"{one.name} {one.operator} {held[0]}"


def _cut(value: Any) -> str:
    text = value if isinstance(value, str) and value.isprintable() else shown(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _cost(found: Estimate, item_size: int, prices: PriceBook, what: str) -> str:
    if found.units is None or found.calls is None:
        return "1 call or more, as much as there is"
    calls = "1 call" if found.calls == 1 else f"{found.calls} calls"
    units = f"{found.units.normalize():f}"
    million = prices.cost(reads=found.units * 1_000_000).normalize()
    return (
        f"{calls}, at most {found.examined} examined, {units} read units a {what} "
        f"of {item_size:,}-byte items (${million:f} a million, {prices.region}, {prices.dated})"
    )
