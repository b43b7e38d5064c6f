"""How DynamoDB would answer reads, and what they cost at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, final

from attrs import evolve, frozen

from dalkit.compile.capacity import Mode, get_units
from dalkit.compile.dynamo_finds import find_plan
from dalkit.compile.dynamo_request import MOST_GETS
from dalkit.compile.estimate import Estimate, check_budget, estimate
from dalkit.compile.explanation import DynamoPlan
from dalkit.compile.key_conditions import Condition
from dalkit.compile.key_texts import key_text
from dalkit.compile.plan import Plan, Read, choose
from dalkit.compile.presence import hiding
from dalkit.compile.prices import PriceBook
from dalkit.compile.refused import Contradiction
from dalkit.compile.settings import Settings
from dalkit.convert import items
from dalkit.fields.predicates import printed_all
from dalkit.fields.values import listed, shown
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.spots import hidden_in
from dalkit.query.together import TransactGet
from dalkit.schema.entity import Entity, definition_of

__all__ = ["Assumed", "explained_read", "place_text"]

_LONGEST = 48


@final
@frozen(kw_only=True)
class Assumed:
    """What an explanation takes for granted."""

    settings: Settings
    item_size: int
    index_size: int | None = None
    records: int | None = None
    prices: PriceBook

    def plan(self, *steps: str, **told: Any) -> DynamoPlan:
        """A plan on these terms."""
        return DynamoPlan(steps=steps, item_size=self.item_size, prices=self.prices, **told)


def explained_read(query: Any, assumed: Assumed) -> DynamoPlan:
    """The plan of a read; one that DynamoDB does not serve raises Refused."""
    match query:
        case Get(entity, key):
            mode = _mode(query)
            units = get_units([assumed.item_size], mode)
            way = f"{_table(entity)} {place_text(entity, key)}"
            return assumed.plan(
                f"{way}{', consistent' if query.access.consistent else ''}",
                **_known(calls=1, number=1, reads=units),
            )
        case GetMany():
            return _many(query, assumed)
        case TransactGet(gets):
            ways = [f"{_table(one.entity)} {place_text(one.entity, one.key)}" for one in gets]
            units = get_units([assumed.item_size] * len(gets), "transaction")
            what = f"{len(gets)} at one moment: {listed(ways)}" if gets else "no gets"
            return assumed.plan(what, **_known(calls=bool(gets), number=len(gets), reads=units))
        case _:
            return _planned(query, assumed)


def place_text(entity: Entity[Any, Any], key: Any) -> str:
    """A record's key attributes, without what is secret."""
    definition = definition_of(entity)
    said: list[str] = []
    for name, wire in items(entity).key(key).value_or({}).items():
        text = key_text(definition, name)
        hidden = text is not None and any(definition.by_field[one].secret for one in text.fields)
        said.append(f"{name} = {'<secret>' if hidden else _cut(next(iter(wire.values())))}")
    return ", ".join(said)


def _many(query: GetMany[Any, Any], assumed: Assumed) -> DynamoPlan:
    number = len(query.keys)
    mode = _mode(query)
    units = get_units([assumed.item_size] * number, mode)
    what = f"{_table(query.entity)}, {number} by key" if number else "no keys"
    consistent = ("consistent",) if query.access.consistent else ()
    told = _known(calls=-(-number // MOST_GETS), number=number, reads=units)
    return assumed.plan(what, *consistent, **told)


def _mode(query: Get[Any, Any] | GetMany[Any, Any]) -> Mode:
    return "consistent" if query.access.consistent else "eventual"


def _known(*, calls: int, number: int, reads: Decimal) -> Mapping[str, Any]:
    return {"calls": int(calls), "examined": number, "returned": number, "reads": reads}


def _planned(query: Read, assumed: Assumed) -> DynamoPlan:
    now = assumed.settings.now
    try:
        found = find_plan(query, now) if isinstance(query, Find) else choose(hiding(query, now))
    except Contradiction as contradiction:
        return assumed.plan(str(contradiction), calls=0)
    check_budget(query, found)
    cost = _estimated(query, found, assumed, assumed.records)
    thousand = _estimated(query, found, assumed, 1_000)
    return evolve(
        assumed.plan(
            _way(found),
            *_limits(found),
            filters=printed_all(found.filters, hidden_in(found.entity)),
            notes=tuple(_after(query, found)),
        ),
        calls=cost.calls,
        examined=cost.examined,
        returned=cost.returned,
        reads=cost.units,
        per_thousand=thousand.units or Decimal(0),
    )


def _estimated(query: Read, found: Plan, assumed: Assumed, records: int | None) -> Estimate:
    return estimate(
        query, found, item_size=assumed.item_size, index_size=assumed.index_size, records=records
    )


def _way(found: Plan) -> str:
    place = found.table.name + (f" {found.index.name}" if found.index else "")
    backwards = "" if found.forward else ", backwards"
    if found.partition is None:
        return f"scan of {place}"
    said = [_condition(one) for one in (found.partition, found.sort) if one is not None]
    return f"{place} {', '.join(said)}{backwards}"


def _limits(found: Plan) -> Sequence[str]:
    fences = f"only where {' and '.join(map(_condition, found.fences))}" if found.fences else ""
    consistent = "consistent" if found.consistent else ""
    return [one for one in (fences, consistent) if one]


def _after(query: Read, found: Plan) -> Sequence[str]:
    """What is done with what was read."""
    said: list[str] = []
    if found.segments is not None:
        said.append(f"{found.segments} segments, one after the other")
    if found.mixed:
        said.append("items of other entities are left out after reading")
    if found.fetched and found.index is not None:
        lacking = listed(found.fetched)
        said.append(f"then the records by key, since {found.index.name} lacks {lacking}")
    if found.sorted and isinstance(query, Find):
        orders = ", then ".join(str(one.place) for one in query.orders)
        said.append(f"put in order by {orders} after reading everything that matches")
    if isinstance(query, Count):
        said.append("counted page by page")
    return said


def _condition(one: Condition) -> str:
    if one.secret:
        return f"{one.name} {one.operator} <secret>"
    held = [_cut(next(iter(wire.values()))) for wire in one.wires]
    if one.operator == "between":
        return f"{one.name} between {held[0]} and {held[1]}"
    return f"{one.name} {one.operator} {held[0]}"


def _table(entity: Entity[Any, Any]) -> str:
    return definition_of(entity).table.name


def _cut(value: Any) -> str:
    text = value if isinstance(value, str) and value.isprintable() else shown(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
