"""What both stores would do for a query, before it runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve

from dalkit.compile.dynamo_explain import Assumed, explained_read
from dalkit.compile.dynamo_explain_writes import explained_write
from dalkit.compile.dynamodb import to_dynamodb
from dalkit.compile.estimate import ITEM_SIZE
from dalkit.compile.explanation import DynamoPlan, Explanation
from dalkit.compile.mysql_explain import explained_mysql
from dalkit.compile.prices import PRICES, PriceBook
from dalkit.compile.settings import PLAIN, Settings
from dalkit.query.base import Access, Query, at_least_one
from dalkit.query.finds import Count, Find
from dalkit.query.fresh import needs_moment
from dalkit.query.gets import Get, GetMany
from dalkit.query.together import Maintain, Transact, TransactGet
from dalkit.query.writes import Insert
from dalkit.result import Error, Failure

__all__ = ["explain"]

_SOME_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)


def explain(
    query: Query[Any],
    settings: Settings = PLAIN,
    *,
    item_size: int = ITEM_SIZE,
    index_size: int | None = None,
    records: int | None = None,
    prices: PriceBook = PRICES,
) -> Explanation:
    """Both stores' plans: keys and indexes, filters, calls, capacity and its cost.

    Upper bounds, for items of `item_size` bytes, and of `index_size` in an index that carries
    less; `records` is how many the key or the scan holds, where that is known. A query that is
    not served says why, and what would serve it.
    """
    given: Any = query
    if not isinstance(given, Query):
        raise TypeError(f"{given!r} is a {type(given).__name__}, not a query")
    if settings.now is None and _needs_moment(given):
        settings = evolve(settings, now=_SOME_MOMENT)
    assumed = Assumed(
        settings=settings,
        item_size=at_least_one("item_size", item_size),
        index_size=index_size,
        records=records,
        prices=prices,
    )
    return Explanation(
        query=str(query),
        mysql=explained_mysql(query, settings),
        dynamodb=_dynamodb(query, assumed),
        notes=_notes(getattr(query, "access", None)),
    )


def _needs_moment(query: Any) -> bool:
    """Whether it makes records of the moment of its run; any moment explains it."""
    match query:
        case Insert(entity, record):
            return needs_moment(entity, record)
        case Maintain(inner):
            return _needs_moment(inner)
        case Transact(writes):
            return any(map(_needs_moment, writes))
        case _:
            return False


def _dynamodb(query: Query[Any], assumed: Assumed) -> DynamoPlan | Error:
    if not isinstance(query, (Get, GetMany, Find, Count, TransactGet)):
        return explained_write(query, assumed)
    call = to_dynamodb(query, assumed.settings)
    return call.failure() if isinstance(call, Failure) else explained_read(query, assumed)


def _notes(access: Access | None) -> tuple[str, ...]:
    """What only one of the stores heeds."""
    if access is None:
        return ()
    said = (
        ("allow_scan", access.scan),
        ("using", access.index is not None),
        ("segments", access.segments is not None),
    )
    words = [word for word, given in said if given]
    return (
        (f"{', '.join(words)} {'is' if len(words) == 1 else 'are'} for DynamoDB alone",)
        if words
        else ()
    )
