"""Finds and counts as DynamoDB calls: page by page until enough is found or nothing is left.

An index that lacks attributes gives keys, whose records are got by the hundred; one that has
changed since the index knew it is left out. Segments of a scan are read one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, final

from attrs import evolve, frozen

from dalkit.compile.answers import Answers, Item
from dalkit.compile.call import DynamoCall, DynamoStep, left_over
from dalkit.compile.dynamo_pages import Paging, paging
from dalkit.compile.dynamo_request import (
    MOST_GETS,
    identity,
    operation,
    plan_arguments,
    projection,
)
from dalkit.compile.dynamo_sorted import Order, order_of
from dalkit.compile.estimate import check_budget, most_examined
from dalkit.compile.expression import Aliases
from dalkit.compile.fences import is_own
from dalkit.compile.plan import Plan, choose, key_names
from dalkit.compile.presence import hiding, is_expired
from dalkit.compile.refused import Contradiction, Refused
from dalkit.compile.settings import Settings
from dalkit.convert import items
from dalkit.query.finds import Count, Find
from dalkit.result import Failure, Page, Result, Success, Unsupported, then
from dalkit.schema.entity import definition_of

__all__ = ["count_call", "find_call", "find_plan"]

A = TypeVar("A")

_FILTERED_AT_LEAST = 100
_FILTERED_FACTOR = 4
_MOST_ASKED = 1_000_000  # more than a page of a megabyte can hold


@final
@frozen(kw_only=True)
class _Pages:
    """A find on its way: its request, and the items that matched so far."""

    query: Find[Any, Any]
    plan: Plan
    settings: Settings
    arguments: Mapping[str, Any]
    order: Paging | Order
    wanted: Mapping[str, Any]
    """The projection of records that are got by their keys."""
    found: tuple[Item, ...] = ()
    examined: int = 0

    @property
    def most(self) -> int | None:
        """The matches that are enough, one more than the page holds so that its end is known."""
        most = self.query.most
        return None if most is None or self.plan.sorted else most + 1


def find_plan(query: Find[Any, Any], now: datetime | None) -> Plan:
    """The plan of a find; what has expired is left out by the filter, or after getting it."""
    hidden = hiding(query, now)
    try:
        return choose(hidden)
    except Contradiction:
        raise
    except Refused:
        if hidden is query:
            raise
        found = choose(query)
        if not found.fetched:
            raise
        return found


def find_call(query: Find[Any, A], settings: Settings) -> Result[DynamoCall[Page[A]]]:
    """Query or Scan, again until the page is filled or nothing is left."""
    try:
        plan = find_plan(query, settings.now)
    except Contradiction:
        empty: Page[A] = Page(())
        return Success(DynamoCall("", {}, lambda _: Success(empty)))
    check_budget(query, plan)
    if plan.sorted:
        return then(
            order_of(query, settings.cursor_key),
            lambda order: Success(_first(query, plan, settings, order, None)),
        )
    pages = paging(query, plan, settings.cursor_key)
    return then(pages.start(), lambda start: Success(_first(query, plan, settings, pages, start)))


def _first(
    query: Find[Any, A],
    plan: Plan,
    settings: Settings,
    order: Paging | Order,
    start: Item | None,
) -> DynamoCall[Page[A]]:
    aliases, whole = Aliases(), Aliases()
    besides = order.fields if plan.sorted or query.most is not None else ()
    wanted = Answers[A](query.entity, query.selected).attributes(besides)
    keys = plan.keys
    read = (*keys, *plan.filtered) if plan.fetched else ((*wanted, *keys) if wanted else ())
    arguments = aliases.beside({**plan_arguments(plan, aliases), **projection(read, aliases)})
    if start is not None:
        arguments["ExclusiveStartKey"] = start
    got = projection((*wanted, *keys, *plan.filtered) if wanted else (), whole)
    state = _Pages(
        query=query,
        plan=plan,
        settings=settings,
        arguments=arguments,
        order=order,
        wanted=whole.beside(got),
    )
    return _page_step(state)


def _page_step(state: _Pages) -> DynamoCall[Page[Any]]:
    arguments, plan = dict(state.arguments), state.plan
    if state.most is not None:
        missing = state.most - len(state.found)
        filtered = max(_FILTERED_AT_LEAST, missing * _FILTERED_FACTOR)
        asked = filtered if plan.filters or plan.mixed else missing
        arguments["Limit"] = min(asked, _MOST_ASKED)

    def read(reply: Mapping[str, Any]) -> DynamoStep[Page[Any]]:
        got = tuple(reply.get("Items", ()))
        examined = state.examined + int(reply.get("ScannedCount", len(got)))
        bound = most_examined(state.query)
        if plan.sorted and examined > bound:
            return Failure(_too_many(state.query, bound))
        counted = evolve(state, examined=examined)
        if plan.fetched and got:
            return _fetch_step(_Fetch(counted, got, _places(counted, got), reply))
        return _went_on(counted, got, reply)

    parse = items(state.query.entity).replies.page if _in_records(state) else None
    return DynamoCall(operation(plan), arguments, read, parse=parse)


def _in_records(state: _Pages) -> bool:
    """Whether the records can be read straight from bytes: nothing else is asked of the items."""
    plan = state.plan
    return not (state.query.selected or plan.fetched or plan.sorted or plan.mixed)


def _went_on(state: _Pages, got: Sequence[Item], reply: Mapping[str, Any]) -> DynamoStep[Page[Any]]:
    """The next request while more is wanted and there is more, else the page."""
    entity = state.query.entity
    own = [one for one in got if is_own(entity, one)] if state.plan.mixed else got
    found = (*state.found, *own)
    rest = _rest(state.arguments, reply)
    if rest is not None and (state.most is None or len(found) < state.most):
        return _page_step(evolve(state, found=found, arguments=rest))
    order = state.order
    return order.page(found) if isinstance(order, Order) else _page(state.query, order, found)


def _rest(arguments: Mapping[str, Any], reply: Mapping[str, Any]) -> dict[str, Any] | None:
    """What to ask after a reply: the rest of the segment, or the next one."""
    after = reply.get("LastEvaluatedKey")
    if after:
        return {**arguments, "ExclusiveStartKey": after}
    segment = arguments.get("Segment")
    if segment is None or segment + 1 >= arguments["TotalSegments"]:
        return None
    rest = {name: one for name, one in arguments.items() if name != "ExclusiveStartKey"}
    return {**rest, "Segment": segment + 1}


def _page(query: Find[Any, Any], pages: Paging, found: tuple[Item, ...]) -> Result[Page[Any]]:
    answers: Answers[Any] = Answers(query.entity, query.selected)
    if query.most is None or len(found) <= query.most:
        return then(answers.read(found), lambda held: Success(Page(held)))
    after = pages.cursor(found[query.most - 1])
    return then(
        answers.read(found[: query.most]),
        lambda held: then(after, lambda cursor: Success(Page(held, cursor))),
    )


@final
@frozen
class _Fetch:
    """Items of an index on their way to be whole."""

    state: _Pages
    items: tuple[Item, ...]
    waiting: tuple[Item, ...]
    reply: Mapping[str, Any]
    """What the index answered."""
    held: Mapping[str, Item] = {}
    left_over: int = 0
    """How often in a row the store has left over all that it was asked for."""


def _places(state: _Pages, items: Sequence[Item]) -> tuple[Item, ...]:
    names = key_names(state.plan.table)
    keys = [{name: one[name] for name in one if name in names} for one in items]
    definition = definition_of(state.query.entity)
    return tuple({identity(definition, one): one for one in keys}.values())


def _fetch_step(fetch: _Fetch) -> DynamoCall[Page[Any]]:
    """BatchGetItem, again for what it left over and for more than a hundred keys."""
    state, definition = fetch.state, definition_of(fetch.state.query.entity)
    table = definition.table.name
    sent, later = fetch.waiting[:MOST_GETS], fetch.waiting[MOST_GETS:]

    def read(reply: Mapping[str, Any]) -> DynamoStep[Page[Any]]:
        got = reply.get("Responses", {}).get(table, ())
        held = {**fetch.held, **{identity(definition, one): one for one in got}}
        left = reply.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())
        if left or later:
            again = left_over(fetch.left_over, len(sent), len(left))
            waiting = (*left, *later)
            return _fetch_step(evolve(fetch, waiting=waiting, held=held, left_over=again))
        pairs = ((one, held.get(identity(definition, one))) for one in fetch.items)
        kept = [item for one, item in pairs if item is not None and _as_known(state, one, item)]
        return _went_on(state, kept, fetch.reply)

    request = {table: {"Keys": list(sent), **state.wanted}}
    return DynamoCall("BatchGetItem", {"RequestItems": request}, read, left_over=fetch.left_over)


def _as_known(state: _Pages, known: Item, item: Item) -> bool:
    """Whether an item is still as the index knew it, and has not expired."""
    plan = state.plan
    names = (*key_names(plan.index or plan.table), *plan.filtered)
    same = all(known.get(name) == item.get(name) for name in names)
    return same and not is_expired(state.query.entity, item, state.settings.now)


def _too_many(query: Find[Any, Any], bound: int) -> Unsupported:
    return Unsupported(
        str(query),
        f"more than {bound:,} records would be read to be put in order",
        "ask for less, or for an order that a key or index gives, or raise budget(examined=…)",
    )


def count_call(query: Count[Any], settings: Settings) -> DynamoCall[int]:
    """Query or Scan of nothing but how many there are, added up over all pages."""
    try:
        plan = choose(hiding(query, settings.now))
    except Contradiction:
        return DynamoCall("", {}, lambda _: Success(0))
    check_budget(query, plan)
    aliases = Aliases()
    told = projection(plan.keys, aliases) if plan.mixed else {"Select": "COUNT"}
    arguments = aliases.beside({**plan_arguments(plan, aliases), **told})
    return _count_step(plan, arguments, 0)


def _count_step(plan: Plan, arguments: Mapping[str, Any], before: int) -> DynamoCall[int]:
    def read(reply: Mapping[str, Any]) -> DynamoStep[int]:
        found = int(reply["Count"])
        if plan.mixed:
            found = sum(is_own(plan.entity, one) for one in reply.get("Items", ()))
        rest = _rest(arguments, reply)
        return Success(before + found) if rest is None else _count_step(plan, rest, before + found)

    return DynamoCall(operation(plan), arguments, read)
