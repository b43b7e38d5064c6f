"""Reads as DynamoDB calls: by key, many by key, page by page, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, final

from attrs import evolve, frozen

from dalkit.compile.answers import Answers, Item
from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.compile.dynamo_pages import Paging, paging
from dalkit.compile.estimate import check_budget
from dalkit.compile.expression import Aliases, Writer, all_of, checked_length
from dalkit.compile.key_conditions import Condition
from dalkit.compile.plan import Plan, choose, key_names
from dalkit.compile.presence import hiding, present, telling
from dalkit.compile.settings import Settings
from dalkit.convert import items
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.subjects import key_text as said_key
from dalkit.query.subjects import named
from dalkit.result import Failure, NotFound, Page, Result, Success, collect, then
from dalkit.schema.definition import EntityDefinition
from dalkit.schema.entity import definition_of

__all__ = ["MOST_GETS", "count_call", "find_call", "get_arguments", "get_call", "get_many_call"]

A = TypeVar("A")
K = TypeVar("K")

MOST_GETS = 100
"""Keys of one BatchGetItem or TransactGetItems."""

_FILTERED_AT_LEAST = 100
_FILTERED_FACTOR = 4


def get_arguments(query: Get[Any, Any], settings: Settings) -> Result[dict[str, Any]]:
    """The arguments of GetItem, without ConsistentRead."""
    aliases, table = Aliases(), definition_of(query.entity).table.name
    also = telling(query.entity, settings.now)
    projected = _projection(Answers(query.entity, query.selected).attributes(also), aliases)
    return then(
        items(query.entity).key(query.key),
        lambda key: Success(aliases.beside({"TableName": table, "Key": key, **projected})),
    )


def get_call(query: Get[Any, A], settings: Settings) -> Result[DynamoCall[A]]:
    """GetItem."""

    def read(reply: Mapping[str, Any]) -> Result[A]:
        item = reply.get("Item")
        if item is None or not present(query.entity, query.key, item, settings.now):
            return Failure(NotFound(named(query.entity), said_key(query.entity, query.key)))
        answers: Answers[A] = Answers(query.entity, query.selected)
        return then(answers.read((item,)), lambda found: Success(found[0]))

    def call(arguments: dict[str, Any]) -> Result[DynamoCall[A]]:
        consistent = {"ConsistentRead": True} if query.access.consistent else {}
        return Success(DynamoCall("GetItem", {**arguments, **consistent}, read))

    return then(get_arguments(query, settings), call)


@final
@frozen(kw_only=True)
class _Many:
    """A get of many keys on its way."""

    query: GetMany[Any, Any]
    settings: Settings
    order: tuple[str, ...]
    """What tells the item of each key from the others."""
    waiting: tuple[Item, ...]
    found: Mapping[str, Item] = {}


def get_many_call(query: GetMany[A, K], settings: Settings) -> Result[DynamoCall[Mapping[K, A]]]:
    """BatchGetItem, again for what it left over and for more than a hundred keys."""
    if not query.keys:
        return Success(DynamoCall("", {}, lambda _: Success({})))
    encoded = collect(map(items(query.entity).key, query.keys))

    def call(keys: tuple[Item, ...]) -> Result[DynamoCall[Mapping[K, A]]]:
        definition = definition_of(query.entity)
        order = tuple(_identity(definition, one) for one in keys)
        waiting = tuple(dict(zip(order, keys, strict=True)).values())
        state = _Many(query=query, settings=settings, order=order, waiting=waiting)
        return Success(_many_step(state))

    return then(encoded, call)


def _many_step(state: _Many) -> DynamoCall[Mapping[Any, Any]]:
    definition = definition_of(state.query.entity)
    table = definition.table.name
    sent, later = state.waiting[:MOST_GETS], state.waiting[MOST_GETS:]
    request: dict[str, Any] = {"Keys": list(sent)}
    if state.query.access.consistent:
        request["ConsistentRead"] = True

    def read(reply: Mapping[str, Any]) -> DynamoStep[Mapping[Any, Any]]:
        found = dict(state.found)
        for item in reply.get("Responses", {}).get(table, ()):
            found[_identity(definition, item)] = item
        left = reply.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())
        waiting = (*left, *later)
        if waiting:
            return _many_step(evolve(state, waiting=waiting, found=found))
        return _in_order(state, found)

    return DynamoCall("BatchGetItem", {"RequestItems": {table: request}}, read)


def _in_order(state: _Many, found: Mapping[str, Item]) -> Result[Mapping[Any, Any]]:
    entity, now = state.query.entity, state.settings.now
    asked = zip(state.query.keys, state.order, strict=True)
    there = [(key, found[one]) for key, one in asked if one in found]
    held = [(key, item) for key, item in there if present(entity, key, item, now)]
    records: Result[Any] = items(entity).decode_many(one for _, one in held)
    keys = [key for key, _ in held]
    return then(records, lambda read: Success(dict(zip(keys, read, strict=True))))


def _identity(definition: EntityDefinition, item: Item) -> str:
    names = sorted(key_names(definition.table))
    return repr([(name, item.get(name)) for name in names])


@final
@frozen(kw_only=True)
class _Pages:
    """A find on its way: its request, and the items that matched so far."""

    query: Find[Any, Any]
    plan: Plan
    arguments: Mapping[str, Any]
    paging: Paging
    found: tuple[Item, ...] = ()


def find_call(query: Find[Any, A], settings: Settings) -> Result[DynamoCall[Page[A]]]:
    """Query or Scan, again until the page is filled or nothing is left."""
    plan = choose(hiding(query, settings.now))
    check_budget(query, plan)
    pages, aliases = paging(query, plan, settings.cursor_key), Aliases()
    wanted = Answers[A](query.entity, query.selected).attributes(pages.fields)
    keys = pages.keys if wanted else ()
    projected = _projection((*wanted, *(one for one in keys if one not in wanted)), aliases)
    arguments = aliases.beside({**_arguments(plan, aliases), **projected})

    def call(start: Item | None) -> Result[DynamoCall[Page[A]]]:
        begun = {} if start is None else {"ExclusiveStartKey": start}
        asked = {**arguments, **begun}
        return Success(_page_step(_Pages(query=query, plan=plan, arguments=asked, paging=pages)))

    return then(pages.start(), call)


def _page_step(state: _Pages) -> DynamoCall[Page[Any]]:
    """The next request: one match more than the page holds, so that its end is known."""
    most = state.query.most
    arguments = dict(state.arguments)
    if most is not None:
        missing = most + 1 - len(state.found)
        filtered = max(_FILTERED_AT_LEAST, missing * _FILTERED_FACTOR)
        arguments["Limit"] = filtered if state.plan.filters else missing

    def read(reply: Mapping[str, Any]) -> DynamoStep[Page[Any]]:
        found = (*state.found, *reply.get("Items", ()))
        after = reply.get("LastEvaluatedKey")
        if after and (most is None or len(found) <= most):
            rest = {**state.arguments, "ExclusiveStartKey": after}
            return _page_step(evolve(state, found=found, arguments=rest))
        return _page(state, found)

    return DynamoCall(_operation(state.plan), arguments, read)


def _page(state: _Pages, found: tuple[Item, ...]) -> Result[Page[Any]]:
    query = state.query
    answers: Answers[Any] = Answers(query.entity, query.selected)
    if query.most is None or len(found) <= query.most:
        return then(answers.read(found), lambda held: Success(Page(held)))
    after = state.paging.cursor(found[query.most - 1])
    return then(
        answers.read(found[: query.most]),
        lambda held: then(after, lambda cursor: Success(Page(held, cursor))),
    )


def count_call(query: Count[Any], settings: Settings) -> DynamoCall[int]:
    """Query or Scan of nothing but how many there are, added up over all pages."""
    plan = choose(hiding(query, settings.now))
    check_budget(query, plan)
    aliases = Aliases()
    arguments = aliases.beside({**_arguments(plan, aliases), "Select": "COUNT"})
    return _count_step(plan, arguments, 0)


def _count_step(plan: Plan, arguments: Mapping[str, Any], before: int) -> DynamoCall[int]:
    def read(reply: Mapping[str, Any]) -> DynamoStep[int]:
        total = before + int(reply["Count"])
        if reply.get("LastEvaluatedKey"):
            rest = {**arguments, "ExclusiveStartKey": reply["LastEvaluatedKey"]}
            return _count_step(plan, rest, total)
        return Success(total)

    return DynamoCall(_operation(plan), arguments, read)


def _operation(plan: Plan) -> str:
    return "Scan" if plan.scan else "Query"


def _arguments(plan: Plan, aliases: Aliases) -> dict[str, Any]:
    """A plan as the arguments of Query or Scan, without its names and values."""
    said: dict[str, Any] = {"TableName": plan.table.name}
    if plan.index is not None:
        said["IndexName"] = plan.index.name
    keys = [_condition(one, aliases) for one in (plan.partition, plan.sort) if one is not None]
    if keys:
        said["KeyConditionExpression"] = checked_length(" AND ".join(keys))
    writer = Writer(plan.entity, aliases, plan.avoided)
    fences = [_condition(one, aliases) for one in plan.fences]
    wanted = all_of([*fences, *(writer.formula(one) for one in plan.filters)])
    if isinstance(wanted, str):
        said["FilterExpression"] = checked_length(wanted)
    if not plan.forward:
        said["ScanIndexForward"] = False
    if plan.consistent:
        said["ConsistentRead"] = True
    return said


def _condition(one: Condition, aliases: Aliases) -> str:
    name, held = aliases.name(one.name), [aliases.value(wire) for wire in one.wires]
    match one.operator:
        case "between":
            return f"{name} BETWEEN {held[0]} AND {held[1]}"
        case "begins with":
            return f"begins_with({name}, {held[0]})"
        case operator:
            return f"{name} {operator} {held[0]}"


def _projection(attributes: tuple[str, ...], aliases: Aliases) -> dict[str, Any]:
    if not attributes:
        return {}
    return {"ProjectionExpression": ", ".join(aliases.name(one) for one in attributes)}
