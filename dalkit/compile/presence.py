"""Whether an item is a record that is there: it has the key asked for, and has not expired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from attrs import evolve

from dalkit import kinds
from dalkit.compile.answers import Answers
from dalkit.compile.key_texts import key_text
from dalkit.fields import predicates as p
from dalkit.fields.places import Place
from dalkit.query.finds import Count, Find
from dalkit.result import Failure, Success
from dalkit.schema.entity import Entity, definition_of

__all__ = ["alive", "expired", "hiding", "is_expired", "present", "shares_keys", "telling"]

Q = TypeVar("Q", Find[Any, Any], Count[Any])

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)


def alive(entity: Entity[Any, Any], now: datetime | None) -> p.Predicate[Any] | None:
    """True for records that have not expired; None where none ever does."""
    found = expired(entity, now)
    if found is None:
        return None
    later = p.Compare[Any](found.operand, ">", found.value)
    return p.Or((p.IsNone[Any](p.place_of(found.operand)), later))


def expired(entity: Entity[Any, Any], now: datetime | None) -> p.Compare[Any] | None:
    """True for records whose moment has come; None where none ever does."""
    name = definition_of(entity).ttl
    if name is None or now is None:
        return None
    moment = _moment(definition_of(entity).by_field[name].kind, now)
    if moment is None:
        return None
    return p.Compare[Any](Place(type(entity), name), "<=", moment)


def hiding(query: Q, now: datetime | None) -> Q:
    """The query for records that have not expired."""
    hidden = alive(query.entity, now)
    return query if hidden is None else evolve(query, predicates=(*query.predicates, hidden))


def is_expired(entity: Entity[Any, Any], item: Mapping[str, Any], now: datetime | None) -> bool:
    """Whether the record of an item is gone by then."""
    found = expired(entity, now)
    if found is None:
        return False
    name = p.place_of(found.operand).name
    match Answers[Any](entity).values(item, (name,)):
        case Success(values):
            moment = values[name]
            return moment is not None and bool(moment <= found.value)
        case Failure():
            return False


def present(
    entity: Entity[Any, Any], key: Any, item: Mapping[str, Any], now: datetime | None
) -> bool:
    """Whether an item that stands under the key's text is the key's record."""
    if is_expired(entity, item, now):
        return False
    if not shares_keys(entity):
        return True
    names = definition_of(entity).key
    match Answers[Any](entity).values(item, names):
        case Success(values):
            return all(values[one] == getattr(key, one) for one in names)
        case Failure():
            return True


def telling(entity: Entity[Any, Any], now: datetime | None) -> tuple[str, ...]:
    """The fields that `present` looks at."""
    found = expired(entity, now)
    key = definition_of(entity).key if shares_keys(entity) else ()
    return key if found is None else (*key, p.place_of(found.operand).name)


@lru_cache(maxsize=512)
def shares_keys(entity: Entity[Any, Any]) -> bool:
    """Whether two keys of the entity may have one text."""
    definition = definition_of(entity)
    table, told = definition.table, set[str]()
    for one in table.keys:
        text = key_text(definition, one.name)
        if text is not None and text.unique:
            told.update(text.fields)
    return not told.issuperset(definition.key)


def _moment(kind: kinds.Kind, now: datetime) -> Any:
    """The moment as a value of the kind; None for kinds that are no moment."""
    match kind:
        case kinds.DateTime():
            return now
        case kinds.Integer() | kinds.Bits():
            return (now - _EPOCH) // _SECOND
        case kinds.Fixed():
            return Decimal((now - _EPOCH) // _MICROSECOND).scaleb(-6)
        case kinds.Float():
            return now.timestamp()
        case _:
            return None
