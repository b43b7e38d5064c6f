"""The law of stores: whatever is asked, a store answers what the memory backend answers.

Between records that are equal by the order asked for, a store may have an order of its own.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import attrs

from dalkit.query.base import Query
from dalkit.query.finds import Find, find
from dalkit.query.gets import GetMany
from dalkit.result import (
    ConditionFailed,
    Error,
    Failure,
    NotFound,
    Page,
    Result,
    Success,
    TransactionCancelled,
    Unsupported,
)
from dalkit.run.backend import Backend, pages
from dalkit.schema.entity import Entity

__all__ = ["answer_of", "answers_agree", "same_answer", "same_contents"]


def same_answer(memory: Backend, db: Backend, query: Query[Any]) -> Unsupported | None:
    """Both answer alike, pages joined; raises AssertionError where they do not.

    What the store refuses to be asked is answered, and `memory` then is not asked.
    """
    found = answer_of(db, query)
    match found:
        case Failure(Unsupported() as unsupported):
            return unsupported
        case _:
            answers_agree(query, answer_of(memory, query), found)
            return None


def same_contents(memory: Backend, db: Backend, entity: Entity[Any, Any]) -> None:
    """Both hold the same records of an entity."""
    refused = same_answer(memory, db, find(entity).allow_scan())
    assert refused is None, refused


def answers_agree(query: Query[Any], wanted: Result[Any], found: Result[Any]) -> None:
    """What the memory backend answered and what a store did are the same."""
    told = f"{query}: {found!r}, and in memory {wanted!r}"
    match wanted, found:
        case Success(one), Success(other):
            assert _alike(query, one, other), told
        case Failure(one), Failure(other):
            assert _as_failed(one) == _as_failed(other), told
        case _:
            raise AssertionError(told)


def answer_of(backend: Backend, query: Query[Any]) -> Result[Any]:
    """What a backend answers; of a find all pages, joined."""
    if not isinstance(query, Find):
        return backend.run(query)
    found: list[Any] = []
    for answer in pages(backend, query):
        match answer:
            case Success(page):
                assert query.most is None or len(page.items) <= query.most, f"{query}: {page}"
                found += page.items
            case Failure():
                return answer
    return Success(Page(tuple(found)))


def _alike(query: Query[Any], wanted: Any, found: Any) -> bool:
    if isinstance(query, Find):
        return _counted(wanted.items) == _counted(found.items) and _ordered(query, wanted, found)
    if isinstance(query, GetMany):
        return bool(_printed(list(wanted.items())) == _printed(list(found.items())))
    return bool(wanted == found) and _printed(wanted) == _printed(found)


def _ordered(query: Find[Any, Any], wanted: Page[Any], found: Page[Any]) -> bool:
    """Whether records stand alike by the places of the order, as far as they are answered."""
    if query.selected:
        places = [one.place for one in query.orders]
        at = [query.selected.index(one) for one in places if one in query.selected]
        at = at if len(at) == len(places) else []
        rows = ([tuple(row[one] for one in at) for row in page.items] for page in (wanted, found))
    else:
        rows = (
            [tuple(_value(record, one.place) for one in query.orders) for record in page.items]
            for page in (wanted, found)
        )
    one, other = rows
    return one == other


def _value(record: Any, place: Any) -> Any:
    value = getattr(record, place.name)
    for step in place.steps:
        if value is None:
            return None
        if isinstance(step, int):
            value = value[step] if step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else getattr(value, step, None)
    return value


def _counted(records: Any) -> Counter[str]:
    return Counter(repr(_printed(one)) for one in records)


def _as_failed(error: Error) -> Any:
    match error:
        case TransactionCancelled(reasons=reasons):
            # of several reasons that a write has, each store finds another first
            return "cancelled", [one if one is None else type(one).__name__ for one in reasons]
        case ConditionFailed():
            return "condition", error.unique, _printed(error.record)
        case NotFound():
            return "missing", error.entity, error.key
        case _:
            return type(error).__name__


def _printed(value: Any) -> Any:
    """As repr, so that 1 is not True and 1.50 not 1.5, but for sets and mappings without order."""
    match value:
        case set() | frozenset():
            return "set", sorted(map(repr, value))
        case dict():
            return "dict", sorted((repr(name), _printed(held)) for name, held in value.items())
        case tuple() | list():
            return type(value).__name__, [_printed(held) for held in value]
    if attrs.has(type(value)):
        own = [one for one in attrs.fields(type(value)) if one.eq]
        return type(value).__name__, [_printed(getattr(value, one.name)) for one in own]
    return repr(value)
