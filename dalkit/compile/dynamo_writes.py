"""Writes as DynamoDB calls.

A condition that is not met is a reply too: the client's error, with `Error`, and `Item` if there
is a record, or `CancellationReasons`. Where another writer was faster, a write that relies on what
it read begins again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar, final

from attrs import evolve, frozen

from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.compile.counters import numbers_changed, numbers_of, raising_all
from dalkit.compile.dynamo_actions import Action, Item, Made, Prepared, standing
from dalkit.compile.dynamo_outcomes import TRANSACT, Again, outcome, subject, without
from dalkit.compile.dynamo_prepared import prepare_delete, prepare_insert, prepare_put
from dalkit.compile.dynamo_updates import prepare_update
from dalkit.compile.refused import Refused, refuse
from dalkit.compile.settings import Settings
from dalkit.convert import items
from dalkit.convert.refusal import Refusal
from dalkit.query.base import Query, Write
from dalkit.query.together import Maintain, maintained
from dalkit.query.updates import Update
from dalkit.query.writes import Delete, Insert, Put
from dalkit.result import (
    ConditionFailed,
    Conflict,
    Failure,
    NotFound,
    Result,
    Success,
    Unsupported,
    then,
)
from dalkit.schema.definition import Numbering
from dalkit.schema.entity import Entity

__all__ = ["MOST_TRIES", "answered", "as_call", "prepare", "started", "told", "write_call"]

T = TypeVar("T")

MOST_TRIES: Final = 10
"""How often a write is begun when others are faster."""

_RETURNED: Final = {"Put": "NONE", "Update": "ALL_NEW", "Delete": "ALL_OLD"}


def prepare(write: Write[Any], settings: Settings, *, looks: bool = False) -> Result[Prepared]:
    """A write that can be made into actions; with `looks` an update reads its item first."""
    match write:
        case Maintain(inner):
            return prepare(inner, settings, looks=looks)
        case Put():
            return prepare_put(write, settings)
        case Insert():
            return prepare_insert(write, settings)
        case Delete():
            return prepare_delete(write, settings)
        case Update():
            return prepare_update(write, settings, looks=looks)
        case _:
            refuse(f"DynamoDB is not asked this way: {type(write).__name__}")


def write_call(write: Write[Any], settings: Settings) -> Result[DynamoCall[Any]]:
    """PutItem, UpdateItem or DeleteItem; TransactWriteItems where guards or a move come with it."""
    inner = maintained(write)
    upsert = isinstance(inner, Update) and inner.inserted is not None

    def begun(one: Prepared) -> Result[DynamoCall[Any]]:
        if upsert and not one.looks:
            return _upsert_call(inner, settings)
        return as_call(started(_Run(one, inner, settings)))

    return then(prepare(inner, settings), begun)


@final
@frozen
class _Run:
    """A write on its way."""

    prepared: Prepared
    query: Query[Any]
    settings: Settings
    left: frozenset[str] = frozenset()
    """The guards that others own, and that are not freed."""
    tries: int = MOST_TRIES


def started(run: _Run) -> DynamoStep[Any]:
    """The read of the item, if it must be known, or the write."""
    if not run.prepared.looks:
        return _sent(run, None)
    arguments = {
        "TableName": run.prepared.table,
        "Key": run.prepared.places[0],
        "ConsistentRead": True,
    }
    return DynamoCall(
        "GetItem",
        arguments,
        lambda reply: answered(run.query, lambda: _sent(run, reply.get("Item"))),
    )


def answered(query: Query[Any], step: Callable[[], DynamoStep[T]]) -> DynamoStep[T]:
    """The step, or why the query is not supported after all."""
    try:
        return step()
    except Refused as refused:
        return Failure(Unsupported(str(query), refused.reason, refused.remedy))
    except Refusal as refusal:
        return Failure(Unsupported(str(query), refusal.reason))


def told(one: Action) -> dict[str, Any]:
    """An action's arguments in a transaction."""
    said = dict(one.arguments)
    if "ConditionExpression" in said:
        said["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return said


def _sent(run: _Run, item: Item | None) -> DynamoStep[Any]:
    match run.prepared.make(item):
        case Failure(error):
            return Failure(error)
        case Success(whole):
            made = without(whole, run.left)
            if made.idle:
                return Success(made.answer)
            return _alone(run, made) if len(made.actions) == 1 else _together(run, made)


def _alone(run: _Run, made: Made) -> DynamoCall[Any]:
    """One action as an operation of its own."""
    (one,) = made.actions
    counts = one.kind == "Put" and bool(_numbers(run)) and not run.prepared.looks
    returned = "ALL_OLD" if counts else _RETURNED[one.kind]
    arguments = {**told(one), "ReturnValues": returned}

    def read(reply: Mapping[str, Any]) -> DynamoStep[Any]:
        if reply.get("Error"):
            said = {"Code": "ConditionalCheckFailed", "Item": reply.get("Item")}
            return _failed(run, made, (said,))
        attributes = reply.get("Attributes") or {}
        answer = _answer(run, made, one, attributes)
        if one.kind == "Delete":
            return answer
        old = counts and attributes and attributes != one.arguments["Item"]
        return _counted(run, made, answer, replaced=bool(old))

    return DynamoCall(f"{one.kind}Item", arguments, read)


def _answer(run: _Run, made: Made, one: Action, attributes: Item) -> Result[Any]:
    if one.kind == "Update":
        return items(one.entity).decode(attributes)
    if one.kind == "Delete" and not run.prepared.looks:
        found = standing(one.entity, one.key, attributes or None, run.settings.now)
        return Success(found == "own")
    return Success(made.answer)


def _together(run: _Run, made: Made) -> DynamoCall[Any]:
    """Several actions as one transaction."""

    def read(reply: Mapping[str, Any]) -> DynamoStep[Any]:
        if not reply.get("Error"):
            return _counted(run, made, Success(made.answer))
        return _failed(run, made, reply.get("CancellationReasons") or ())

    requests = [{one.kind: told(one)} for one in made.actions]
    return DynamoCall(TRANSACT, {"TransactItems": requests}, read)


def _failed(run: _Run, made: Made, reasons: Sequence[Mapping[str, Any]]) -> DynamoStep[Any]:
    said = (*reasons, *({} for _ in made.actions))[: len(made.actions)]
    match outcome(made, said, run.settings):
        case Again(left) if run.tries > 1:
            return started(evolve(run, left=run.left | left, tries=run.tries - 1))
        case Again() | None:
            what = f"{subject(made.actions[0])} was changed by others {MOST_TRIES} times meanwhile"
            return Failure(Conflict(TRANSACT, what))
        case error:
            return Failure(error)


def _numbers(run: _Run) -> Mapping[Numbering, int]:
    """The numbers that counters are to be at when a put or an upsert has made a record."""
    match run.query:
        case Put(entity, record):
            return numbers_of(entity, record)
        case Update(entity, inserted=record) if record is not None:
            return numbers_of(entity, record)
        case _:
            return {}


def _numbers_of_rows(run: _Run) -> Mapping[Numbering, int]:
    """The same for rows in arrays, when a record that was there has been changed."""
    if isinstance(run.query, Update):
        return numbers_changed(run.query.entity, run.query.changes)
    return {one: number for one, number in _numbers(run).items() if one.member}


def _counted(
    run: _Run, made: Made, answer: Result[Any], *, replaced: bool = False
) -> DynamoStep[Any]:
    """The answer, the counters being raised to what a record brings that was made or changed."""
    change = isinstance(run.query, Update) and run.query.inserted is None
    there = change or replaced or (run.prepared.looks and not made.absent)
    numbers = _numbers_of_rows(run) if there else _numbers(run)
    return raising_all(run.prepared.entity, numbers, lambda: answer)


def as_call(step: DynamoStep[T]) -> Result[DynamoCall[T]]:
    """A first step that asks as a call, and one that answers as a call that asks nothing."""
    match step:
        case DynamoCall():
            return Success(step)
        case Failure():
            return step
        case _:
            return Success(DynamoCall("", {}, lambda _: step))


def _upsert_call(write: Any, settings: Settings) -> Result[DynamoCall[Any]]:
    """The update; where it finds no record the insert; if another was faster, the update again."""
    update = evolve(write, inserted=None)
    insert = Insert(write.entity, write.inserted)

    def begun(tries: int) -> Result[DynamoCall[Any]]:
        return then(
            write_call(update, settings),
            lambda one: then(
                write_call(insert, settings),
                lambda other: Success(
                    _upsert(write.entity, one, other, lambda: begun(tries - 1), tries)
                ),
            ),
        )

    return begun(MOST_TRIES)


def _upsert(
    entity: Entity[Any, Any],
    update: DynamoCall[Any],
    insert: DynamoCall[Any],
    again: Callable[[], Result[DynamoCall[Any]]],
    tries: int,
) -> DynamoCall[Any]:
    def updated(reply: Mapping[str, Any]) -> DynamoStep[Any]:
        match update.read(reply):
            case Failure(NotFound()):
                return evolve(insert, read=inserted)
            case step:
                return step

    def inserted(reply: Mapping[str, Any]) -> DynamoStep[Any]:
        match insert.read(reply):
            case Failure(ConditionFailed(unique="")) if tries > 1:
                return _step(again())
            case Success(record) as made:
                return raising_all(entity, numbers_of(entity, record), lambda: made)
            case step:
                return step

    return evolve(update, read=updated)


def _step(call: Result[DynamoCall[T]]) -> DynamoStep[T]:
    match call:
        case Success(one):
            return one
        case Failure():
            return call
