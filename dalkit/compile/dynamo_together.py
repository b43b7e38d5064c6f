"""Several queries in one DynamoDB request: batches, and transactions of writes or of reads.

A transaction's request token is not part of its call: who runs it gives every run its own. A
cancelled transaction is a reply too: the client's error, with `CancellationReasons`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from dalkit.compile.answers import Answers
from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.compile.dynamo_reads import get_arguments
from dalkit.compile.dynamo_request import MOST_GETS
from dalkit.compile.dynamo_writes import Action, action, not_met
from dalkit.compile.presence import present
from dalkit.compile.refused import refuse
from dalkit.compile.settings import Settings
from dalkit.convert import item_size
from dalkit.query.gets import Get
from dalkit.query.subjects import key_text as said_key
from dalkit.query.subjects import named
from dalkit.query.together import Batch, Maintain, Transact, TransactGet
from dalkit.query.updates import Update
from dalkit.result import (
    Conflict,
    Error,
    Failure,
    Result,
    Success,
    Throttled,
    TransactionCancelled,
    Unsupported,
    collect,
    then,
)

__all__ = ["batch_call", "transact_call", "transact_get_call"]

A = TypeVar("A")

_MOST_BATCHED: Final = 25
_MOST_TOGETHER: Final = 100
_LARGEST: Final = 4 * 1_048_576
_TRANSACT: Final = "TransactWriteItems"

_Request = tuple[str, Mapping[str, Any]]


def batch_call(query: Batch, settings: Settings) -> Result[DynamoCall[None]]:
    """BatchWriteItem, 25 at a time, again for what it left over."""
    if not query.writes:
        return Success(DynamoCall("", {}, lambda _: Success(None)))

    def made(actions: tuple[Action, ...]) -> Result[DynamoCall[None]]:
        _check_once(actions)
        return Success(_batch_step(tuple(map(_request, actions))))

    return then(collect(map(action, query.writes)), made)


def _request(one: Action) -> _Request:
    table = str(one.arguments["TableName"])
    if one.kind == "Put":
        return table, {"PutRequest": {"Item": one.arguments["Item"]}}
    return table, {"DeleteRequest": {"Key": one.arguments["Key"]}}


def _batch_step(waiting: tuple[_Request, ...]) -> DynamoCall[None]:
    sent, later = waiting[:_MOST_BATCHED], waiting[_MOST_BATCHED:]
    requests: dict[str, list[Any]] = {}
    for table, request in sent:
        requests.setdefault(table, []).append(request)

    def read(reply: Mapping[str, Any]) -> DynamoStep[None]:
        left = reply.get("UnprocessedItems", {})
        rest = (*((table, one) for table, every in left.items() for one in every), *later)
        return _batch_step(rest) if rest else Success(None)

    return DynamoCall("BatchWriteItem", {"RequestItems": requests}, read)


def transact_call(query: Transact, settings: Settings) -> Result[DynamoCall[tuple[Any, ...]]]:
    """TransactWriteItems."""
    if not query.writes:
        return Success(DynamoCall("", {}, lambda _: Success(())))
    _check_number(len(query.writes))
    for write in query.writes:
        inner = write.write if isinstance(write, Maintain) else write
        if isinstance(inner, Update) and inner.inserted is not None:
            refuse(f"{inner}: a transaction has one action for each record", "leave or_insert out")

    def made(actions: tuple[Action, ...]) -> Result[DynamoCall[tuple[Any, ...]]]:
        _check_once(actions)
        _check_size(actions)
        return Success(_transact(actions))

    return then(collect(map(action, query.writes)), made)


def _transact(actions: tuple[Action, ...]) -> DynamoCall[tuple[Any, ...]]:
    def read(reply: Mapping[str, Any]) -> Result[tuple[Any, ...]]:
        if reply.get("Error"):
            return Failure(_cancelled(actions, reply))
        return Success(tuple(one.key for one in actions))

    requests = [{one.kind: _told(one)} for one in actions]
    return DynamoCall(_TRANSACT, {"TransactItems": requests}, read)


def _told(one: Action) -> dict[str, Any]:
    said = dict(one.arguments)
    if "ConditionExpression" in said:
        said["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return said


def _cancelled(actions: Sequence[Action], reply: Mapping[str, Any]) -> Error:
    reasons = reply.get("CancellationReasons") or ()
    told = (*reasons, *({} for _ in actions))[: len(actions)]
    return TransactionCancelled(
        tuple(_reason(one, said) for one, said in zip(actions, told, strict=True))
    )


def _reason(one: Action, said: Mapping[str, Any]) -> Error | None:
    text = str(said.get("Message") or said.get("Code"))
    match said.get("Code"):
        case None | "None":
            return None
        case "ConditionalCheckFailed":
            return not_met(one, said)
        case "TransactionConflict":
            return Conflict(_TRANSACT, text)
        case "ProvisionedThroughputExceeded" | "ThrottlingError":
            return Throttled(_TRANSACT, text)
        case _:
            return Unsupported(f"{one.kind.lower()} {_subject(one)}", text)


def transact_get_call(query: TransactGet[A], settings: Settings) -> Result[DynamoCall[A]]:
    """TransactGetItems."""
    if not query.gets:
        nothing: Any = ()
        return Success(DynamoCall("", {}, lambda _: Success(nothing)))
    _check_number(len(query.gets), MOST_GETS)

    def read(reply: Mapping[str, Any]) -> Result[Any]:
        found = reply.get("Responses", ())
        return collect(
            _answer(one, said.get("Item"), settings)
            for one, said in zip(query.gets, found, strict=True)
        )

    def made(gets: tuple[dict[str, Any], ...]) -> Result[DynamoCall[A]]:
        _check_keys(
            (one["TableName"], one["Key"], f"{named(get.entity)} {said_key(get.entity, get.key)}")
            for one, get in zip(gets, query.gets, strict=True)
        )
        requests = [{"Get": one} for one in gets]
        return Success(DynamoCall("TransactGetItems", {"TransactItems": requests}, read))

    return then(collect(get_arguments(one, settings) for one in query.gets), made)


def _answer(get: Get[Any, Any], item: Mapping[str, Any] | None, settings: Settings) -> Result[Any]:
    if not item or not present(get.entity, get.key, item, settings.now):
        return Success(None)
    answers: Answers[Any] = Answers(get.entity, get.selected)
    return then(answers.read((item,)), lambda found: Success(found[0]))


def _check_number(number: int, most: int = _MOST_TOGETHER) -> None:
    if number > most:
        refuse(
            f"a transaction of {number}, and DynamoDB takes {most}",
            "make it smaller, in steps that may each stand alone",
        )


def _check_once(actions: Iterable[Action]) -> None:
    _check_keys((one.arguments["TableName"], one.place, _subject(one)) for one in actions)


def _check_keys(keys: Iterable[tuple[str, Mapping[str, Any], str]]) -> None:
    seen = set[tuple[str, str]]()
    for table, place, subject in keys:
        mark = (table, repr(sorted(place.items())))
        if mark in seen:
            refuse(f"{subject} is there twice, and DynamoDB takes each record once", "join the two")
        seen.add(mark)


def _check_size(actions: Iterable[Action]) -> None:
    size = sum(item_size(one.arguments["Item"]) for one in actions if one.kind == "Put")
    if size > _LARGEST:
        refuse(f"its records have {size:,} bytes, and DynamoDB takes {_LARGEST:,} in a transaction")


def _subject(one: Action) -> str:
    return f"{named(one.entity)} {said_key(one.entity, one.key)}"
