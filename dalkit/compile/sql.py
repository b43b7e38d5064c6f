"""Queries as calls to MySQL and MariaDB: text with a `%s` for each value, and pure readers.

Text is compared by code point and instants in UTC; derived fields are correlated subqueries. A
statement must be sent with its parameters even if there are none: `%` stands in it as `%%`.
"""

from __future__ import annotations

from typing import Any, TypeVar

from dalkit.compile import sql_reads as reads
from dalkit.compile import sql_together as together
from dalkit.compile import sql_writes as writes
from dalkit.compile.call import SqlCall
from dalkit.compile.sql_text import Refused
from dalkit.query.base import Query, Write
from dalkit.query.finds import Count, Find
from dalkit.query.gets import Get, GetMany
from dalkit.query.together import Batch, Transact, TransactGet
from dalkit.result import Failure, Result, Success
from dalkit.source.tables import Source

__all__ = ["to_sql"]

T = TypeVar("T")


def to_sql(query: Query[T], source: Source) -> Result[SqlCall[T]]:
    """The call that answers a query; `source` is what its entities were resolved with.

    Unsupported where SQL cannot ask what the query does; InvalidValue for a foreign cursor.
    """
    try:
        return Success(_call(query, source))
    except Refused as refused:
        return Failure(refused.error)


def _call(query: Any, source: Source) -> SqlCall[Any]:
    match query:
        case Get():
            return reads.get(query, source)
        case GetMany():
            return reads.get_many(query, source)
        case Find():
            return reads.find(query, source)
        case Count():
            return reads.count(query, source)
        case TransactGet():
            return reads.transact_get(query, source)
        case Transact():
            return together.transact(query, source)
        case Batch():
            return together.batch(query, source)
        case Write():
            return writes.write(query, source)
        case _:
            raise TypeError(f"{query!r} is no query: build one with find, get and the other verbs")
