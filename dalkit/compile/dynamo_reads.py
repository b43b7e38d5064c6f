"""Reads by key as DynamoDB calls: one record, and many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, final

from attrs import evolve, frozen

from dalkit.compile.answers import Answers, Item
from dalkit.compile.call import DynamoCall, DynamoStep, left_over
from dalkit.compile.dynamo_request import MOST_GETS, identity, projection
from dalkit.compile.expression import Aliases
from dalkit.compile.fences import discriminator_of, is_named
from dalkit.compile.presence import present, telling
from dalkit.compile.settings import Settings
from dalkit.convert import items
from dalkit.query.gets import Get, GetMany
from dalkit.query.subjects import key_text as said_key
from dalkit.result import Failure, NotFound, Result, Success, collect, then
from dalkit.schema.entity import Entity, definition_of

__all__ = ["get_arguments", "get_call", "get_many_call"]

A = TypeVar("A")
K = TypeVar("K")


def get_arguments(query: Get[Any, Any], settings: Settings) -> Result[dict[str, Any]]:
    """The arguments of GetItem, without ConsistentRead."""
    aliases, table = Aliases(), definition_of(query.entity).table.name
    also = telling(query.entity, settings.now)
    attributes = Answers(query.entity, query.selected).attributes(also)
    name = discriminator_of(definition_of(query.entity))
    named_by = (name,) if attributes and name is not None else ()
    projected = projection((*attributes, *named_by), aliases)
    return then(
        items(query.entity).key(query.key),
        lambda key: Success(aliases.beside({"TableName": table, "Key": key, **projected})),
    )


def get_call(query: Get[Any, A], settings: Settings) -> Result[DynamoCall[A]]:
    """GetItem."""

    def read(reply: Mapping[str, Any]) -> Result[A]:
        item = reply.get("Item")
        if item is None or not _there(query.entity, query.key, item, settings):
            return Failure(
                NotFound(definition_of(query.entity).name, said_key(query.entity, query.key))
            )
        answers: Answers[A] = Answers(query.entity, query.selected)
        return then(answers.read((item,)), lambda found: Success(found[0]))

    def call(arguments: dict[str, Any]) -> Result[DynamoCall[A]]:
        consistent = {"ConsistentRead": True} if query.access.consistent else {}
        whole = not query.selected and not definition_of(query.entity).mixed
        parse = items(query.entity).replies.one if whole else None
        return Success(DynamoCall("GetItem", {**arguments, **consistent}, read, parse=parse))

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
    left_over: int = 0
    """How often in a row the store has left over all that it was asked for."""


def get_many_call(query: GetMany[A, K], settings: Settings) -> Result[DynamoCall[Mapping[K, A]]]:
    """BatchGetItem, again for what it left over and for more than a hundred keys."""
    if not query.keys:
        return Success(DynamoCall("", {}, lambda _: Success({})))
    encoded = collect(map(items(query.entity).key, query.keys))

    def call(keys: tuple[Item, ...]) -> Result[DynamoCall[Mapping[K, A]]]:
        definition = definition_of(query.entity)
        order = tuple(identity(definition, one) for one in keys)
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
            found[_identity(state.query.entity, item)] = item
        left = reply.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())
        waiting = (*left, *later)
        if waiting:
            again = left_over(state.left_over, len(sent), len(left))
            return _many_step(evolve(state, waiting=waiting, found=found, left_over=again))
        return _in_order(state, found)

    parse = None if definition.mixed else items(state.query.entity).replies.many
    return DynamoCall(
        "BatchGetItem",
        {"RequestItems": {table: request}},
        read,
        parse=parse,
        left_over=state.left_over,
    )


def _identity(entity: Entity[Any, Any], item: Any) -> str:
    """What tells an item, or the record in its place, from all others of its table."""
    if isinstance(item, Mapping):
        return identity(definition_of(entity), item)
    codec = items(entity)
    return identity(definition_of(entity), codec.key(codec.key_of(item)).unwrap())


def _in_order(state: _Many, found: Mapping[str, Item]) -> Result[Mapping[Any, Any]]:
    entity, settings = state.query.entity, state.settings
    asked = zip(state.query.keys, state.order, strict=True)
    there = [(key, found[one]) for key, one in asked if one in found]
    held = [(key, item) for key, item in there if _there(entity, key, item, settings)]
    records: Result[Any] = Answers[Any](entity).read([one for _, one in held])
    keys = [key for key, _ in held]
    return then(records, lambda read: Success(dict(zip(keys, read, strict=True))))


def _there(entity: Entity[Any, Any], key: Any, item: Item, settings: Settings) -> bool:
    return is_named(entity, item) and present(entity, key, item, settings.now)
