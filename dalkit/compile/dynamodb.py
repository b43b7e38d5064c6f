"""Queries as DynamoDB operations.

A call whose operation is empty asks the store nothing: its reader answers at once.
"""

from __future__ import annotations

from typing import Any, TypeVar

from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.compile.dynamo_batch import batch_call
from dalkit.compile.dynamo_finds import count_call, find_call
from dalkit.compile.dynamo_fresh import with_fresh
from dalkit.compile.dynamo_reads import get_call, get_many_call
from dalkit.compile.dynamo_together import transact_get_call
from dalkit.compile.dynamo_transact import transact_call
from dalkit.compile.dynamo_writes import answered, as_call, write_call
from dalkit.compile.own_operation import OwnOperation, operation_call
from dalkit.compile.refused import Refused, refuse
from dalkit.compile.settings import PLAIN, Settings
from dalkit.convert.refusal import Refusal
from dalkit.query.base import Query, Write
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.together import Batch, Transact, TransactGet
from dalkit.result import Failure, Result, Success, Unsupported

__all__ = ["to_dynamodb"]

T = TypeVar("T")


def to_dynamodb(query: Query[T], settings: Settings = PLAIN) -> Result[DynamoCall[T]]:
    """The first operation that answers the query, or why DynamoDB does not."""
    try:
        step = with_fresh(query, settings, lambda whole: _step(query, whole, settings))
        call: Result[DynamoCall[T]] = _call(query, settings) if step is None else as_call(step)
    except Refused as refused:
        return Failure(Unsupported(str(query), refused.reason, refused.remedy))
    except Refusal as refusal:
        return Failure(Unsupported(str(query), refusal.reason))
    return call


def _step(query: Query[T], whole: Any, settings: Settings) -> DynamoStep[T]:
    """The query when its new records are whole."""

    def step() -> DynamoStep[T]:
        call: Result[DynamoCall[T]] = _call(whole, settings)
        return call.unwrap() if isinstance(call, Success) else call

    return answered(query, step)


def _call(query: Any, settings: Settings) -> Any:
    match query:
        case Get():
            return get_call(query, settings)
        case GetMany():
            return get_many_call(query, settings)
        case Find():
            return find_call(query, settings)
        case Count():
            return Success(count_call(query, settings))
        case Batch():
            return batch_call(query, settings)
        case Transact():
            return transact_call(query, settings)
        case TransactGet():
            return transact_get_call(query, settings)
        case Write():
            return write_call(query, settings)
        case OwnOperation():
            return Success(operation_call(query))
        case Query():
            refuse(f"DynamoDB is not asked this way: {type(query).__name__}")
        case _:
            raise TypeError(f"{query!r} is a {type(query).__name__}, not a query")
