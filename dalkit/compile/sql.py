"""Queries as calls to MySQL and MariaDB: text with a `%s` for each value, and pure readers.

Text is compared by code point and instants in UTC; derived fields are correlated subqueries. A
statement must be sent with its parameters even if there are none: `%` stands in it as `%%`.
"""

from __future__ import annotations

from typing import Any, TypeVar, overload

from dalkit.compile import sql_reads as reads
from dalkit.compile import sql_together as together
from dalkit.compile import sql_writes as writes
from dalkit.compile.call import SqlBatch, SqlCall
from dalkit.compile.own_sql import Statement, own_call
from dalkit.compile.settings import PLAIN, Settings
from dalkit.compile.sql_text import Refused
from dalkit.query.base import Query, Write
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.together import Batch, Transact, TransactGet
from dalkit.result import Failure, Result, Success

__all__ = ["to_sql"]

T = TypeVar("T")


@overload
def to_sql(  # type: ignore[overload-overlap]  # a Batch is a Query, and the first one holds for it
    query: Batch, settings: Settings = PLAIN
) -> Result[SqlBatch[None]]: ...
@overload
def to_sql(query: Query[T], settings: Settings = PLAIN) -> Result[SqlCall[T]]: ...
def to_sql(query: Query[Any], settings: Settings = PLAIN) -> Result[Any]:
    """The call that answers a query, from its entities' definitions alone; of a batch, its calls.

    Unsupported where SQL cannot ask what the query does; InvalidValue for a foreign cursor.
    """
    try:
        return Success(_call(query, settings))
    except Refused as refused:
        return Failure(refused.error)


def _call(query: Any, settings: Settings) -> SqlCall[Any] | SqlBatch[Any]:
    match query:
        case Get():
            return reads.get(query, settings)
        case GetMany():
            return reads.get_many(query, settings)
        case Find():
            return reads.find(query, settings)
        case Count():
            return reads.count(query, settings)
        case TransactGet():
            return reads.transact_get(query, settings)
        case Transact():
            return together.transact(query, settings)
        case Batch():
            return together.batch(query, settings)
        case Statement():
            return own_call(query)
        case Write():
            return writes.write(query, settings)
        case _:
            raise TypeError(f"{query!r} is no query: build one with find, get and the other verbs")
