"""Batches as DynamoDB operations: each write by itself, together where that needs no condition.

Of two writes of one record the last is sent alone. What the store leaves over is sent again; what
could not be done is told write by write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias, final

from attrs import evolve, frozen

from dalkit.compile.call import DynamoCall, DynamoStep, left_over
from dalkit.compile.dynamo_plain import plain_item
from dalkit.compile.dynamo_writes import write_call
from dalkit.compile.settings import Settings
from dalkit.convert import items
from dalkit.query.base import Write
from dalkit.query.subjects import key_of_record
from dalkit.query.together import Batch, batch_answer, maintained
from dalkit.query.writes import Put
from dalkit.result import Ambiguous, Error, Failure, Result, Success
from dalkit.schema.definition import TableDefinition
from dalkit.schema.entity import definition_of

__all__ = ["MOST_WRITES", "batch_call"]

MOST_WRITES: Final = 25
"""Writes of one BatchWriteItem."""

_LARGEST: Final = 16_000_000
_KINDS: Final = {"PutItem": ("PutRequest", "Item"), "DeleteItem": ("DeleteRequest", "Key")}

Mark: TypeAlias = tuple[str, tuple[Any, ...]]
"""A table, and the values of its key attributes."""


@final
@frozen(kw_only=True)
class _Request:
    """A write that needs no condition, as BatchWriteItem takes it."""

    at: int
    mark: Mark
    table: str
    names: tuple[str, ...]
    """The names of the table's key attributes."""
    said: Mapping[str, Any]
    size: int


@final
@frozen(kw_only=True)
class _State:
    """A batch on its way: what is done, what is not, and what is still to be sent."""

    number: int
    waiting: tuple[_Request, ...] = ()
    alone: tuple[tuple[int, DynamoCall[Any]], ...] = ()
    failed: Mapping[int, Error] = {}
    merged: Mapping[int, int] = {}
    """The write that stands for an earlier one of the same record."""
    left_over: int = 0

    def answer(self, also: Mapping[int, Error] | None = None) -> Result[None]:
        """What the whole batch answers, when nothing more is sent."""
        failed = {**self.failed, **(also or {})}
        places = (self.merged.get(at, at) for at in range(self.number))
        return batch_answer(tuple(failed.get(at) for at in places))

    def stopped(self, error: Error, sent: Iterable[int]) -> Error:
        """What the batch answers when a request of it fails: what was not sent was not done."""
        cause = error.cause if isinstance(error, Ambiguous) else None
        rest = (*(one.at for one in self.waiting), *(at for at, _ in self.alone))
        also = {**dict.fromkeys(rest, cause or error), **dict.fromkeys(sent, error)}
        match self.answer(also):
            case Failure(whole):
                return whole
            case Success():
                return error


def batch_call(query: Batch, settings: Settings) -> Result[DynamoCall[None]]:
    """BatchWriteItem for what needs no condition, and the other writes one by one."""
    state = _begun(query, settings)
    step = _next(state)
    if isinstance(step, DynamoCall):
        return Success(step)
    return Success(DynamoCall("", {}, lambda _: step))


def _begun(query: Batch, settings: Settings) -> _State:
    calls = [_call_of(write, settings) for write in query.writes]
    marks = [_mark_of(write, call) for write, call in zip(query.writes, calls, strict=True)]
    last = {mark: at for at, mark in enumerate(marks)}
    waiting: list[_Request] = []
    alone: list[tuple[int, DynamoCall[Any]]] = []
    failed: dict[int, Error] = {}
    for mark, at in last.items():
        match calls[at]:
            case Success(call) if _simple(call):
                waiting.append(_request(at, mark, query.writes[at], call))
            case Success(call):
                alone.append((at, call))
            case Failure(error):
                failed[at] = error
    return _State(
        number=len(query.writes),
        waiting=tuple(waiting),
        alone=tuple(alone),
        failed=failed,
        merged={at: last[mark] for at, mark in enumerate(marks)},
    )


def _call_of(write: Write[Any], settings: Settings) -> Result[DynamoCall[Any]]:
    """A write by itself; of one that is sent together with others the reply is not read."""
    item = plain_item(maintained(write))
    if item is None:
        return write_call(write, settings)
    table = definition_of(maintained(write).entity).table.name
    return Success(DynamoCall("PutItem", {"TableName": table, "Item": item}, Success))


def _mark_of(write: Write[Any], made: Result[DynamoCall[Any]]) -> Mark:
    """Where a write stands; what no store could hold stands for itself."""
    inner = maintained(write)
    entity, table = inner.entity, definition_of(inner.entity).table
    match made:
        case Success(call) if _simple(call):
            held = call.arguments[_KINDS[call.operation][1]]
            return _mark(table.name, {name: held[name] for name in _names(table)})
        case _:
            key = key_of_record(entity, inner.record) if isinstance(inner, Put) else inner.key
    match items(entity).key(key):
        case Success(place):
            return _mark(table.name, place)
        case Failure():
            return table.name, (id(write),)


def _names(table: TableDefinition) -> tuple[str, ...]:
    return tuple(one.name for one in table.keys)


def _mark(table: str, place: Mapping[str, Any]) -> Mark:
    held = (next(iter(place[name].items())) for name in sorted(place))
    return table, tuple(Decimal(value) if type == "N" else value for type, value in held)


def _simple(call: DynamoCall[Any]) -> bool:
    return call.operation in _KINDS and "ConditionExpression" not in call.arguments


def _request(at: int, mark: Mark, write: Write[Any], call: DynamoCall[Any]) -> _Request:
    kind, name = _KINDS[call.operation]
    held, table = call.arguments[name], definition_of(maintained(write).entity).table
    return _Request(
        at=at,
        mark=mark,
        table=table.name,
        names=_names(table),
        said={kind: {name: held}},
        size=_at_most(held),
    )


def _at_most(held: Mapping[str, Any]) -> int:
    """At least the bytes that it has as JSON; far too many for some texts, which costs nothing."""
    text = repr(held)
    return len(text) * (2 if text.isascii() else 6)


def _next(state: _State) -> DynamoStep[None]:
    """The next request, or the end."""
    if state.waiting:
        return _together(state)
    if state.alone:
        (at, call), *rest = state.alone
        return _by_itself(evolve(state, alone=tuple(rest)), at, call)
    return state.answer()


def _together(state: _State) -> DynamoCall[None]:
    sent = _first(state.waiting)
    later = evolve(state, waiting=state.waiting[len(sent) :])
    requests: dict[str, list[Any]] = {}
    for one in sent:
        requests.setdefault(one.table, []).append(one.said)

    def read(reply: Mapping[str, Any]) -> DynamoStep[None]:
        left = _left(sent, reply.get("UnprocessedItems", {}))
        again = left_over(state.left_over, len(sent), len(left))
        return _next(evolve(later, waiting=(*left, *later.waiting), left_over=again))

    return DynamoCall(
        "BatchWriteItem",
        {"RequestItems": requests},
        read,
        left_over=state.left_over,
        failed=lambda error: later.stopped(error, (one.at for one in sent)),
    )


def _first(waiting: tuple[_Request, ...]) -> tuple[_Request, ...]:
    """As many as one request takes."""
    size, number = 0, 0
    for one in waiting[:MOST_WRITES]:
        size += one.size
        if number and size > _LARGEST:
            break
        number += 1
    return waiting[:number]


def _left(sent: tuple[_Request, ...], said: Mapping[str, Any]) -> tuple[_Request, ...]:
    """What the store left over; all of it if it speaks of what was not sent."""
    by_mark = {one.mark: one for one in sent}
    left: list[_Request] = []
    for table, every in said.items():
        for request in every:
            held = next(iter(next(iter(request.values())).values()))
            found = by_mark.get(_mark(table, _key(sent, table, held)))
            if found is None:
                return sent
            left.append(found)
    return tuple(left)


def _key(sent: tuple[_Request, ...], table: str, held: Mapping[str, Any]) -> Mapping[str, Any]:
    names = next((one.names for one in sent if one.table == table), ())
    return {name: held[name] for name in names if name in held}


def _by_itself(state: _State, at: int, call: DynamoCall[Any]) -> DynamoCall[None]:
    """A write that needs more than its put or delete, with every request that it takes."""

    def read(reply: Mapping[str, Any]) -> DynamoStep[None]:
        match call.read(reply):
            case DynamoCall() as following:
                return _by_itself(state, at, following)
            case Success():
                return _next(state)
            case Failure(error):
                return _next(evolve(state, failed={**state.failed, at: error}))

    return evolve(call, read=read, failed=lambda error: state.stopped(error, (at,)))
