"""Where a page ended, as text: the values that order its last record, bound to the query.

The text holds no place of a store's own, so that it means the same in every store: the version,
a digest of entity, predicates and order, and the values by the kinds of their places.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from attrs import fields_dict, has

from dalkit import kinds
from dalkit.compile.sql_text import Refused
from dalkit.convert.refusal import Refusal
from dalkit.convert.text import text_of, value_of
from dalkit.fields.places import Place
from dalkit.kinds import Kind
from dalkit.query.finds import Find
from dalkit.query.spots import spot_at
from dalkit.result import Cursor, InvalidValue
from dalkit.schema.entity import definition_of

__all__ = ["cursor_at", "cursor_places", "values_at"]

_VERSION = "1"


def cursor_places(query: Find[Any, Any]) -> tuple[Place, ...]:
    """The places whose values a cursor of the query holds: those of its order, then the key's."""
    owner = type(query.entity)
    key = (Place(owner, name) for name in definition_of(query.entity).key)
    return tuple(dict.fromkeys((*(one.place for one in query.orders), *key)))


def cursor_at(query: Find[Any, Any], values: Mapping[Place, Any]) -> Cursor:
    """The cursor after the record with these values."""
    texts = [_written(_kind(query, one), values[one]) for one in cursor_places(query)]
    body = json.dumps([_VERSION, _digest(query), *texts], separators=(",", ":"))
    return Cursor(urlsafe_b64encode(body.encode()).decode().rstrip("="))


def values_at(query: Find[Any, Any], cursor: Cursor) -> Mapping[Place, Any]:
    """The values that a cursor holds; one of another query is refused."""
    name = definition_of(query.entity).name
    try:
        padding = "=" * (-len(cursor.text) % 4)
        version, digest, *texts = json.loads(urlsafe_b64decode(cursor.text + padding))
        if version != _VERSION:
            raise _refused(name, "it is of another version")
        if digest != _digest(query):
            raise _refused(name, "it is of another query")
        places = cursor_places(query)
        read = (_read(_kind(query, at), text) for at, text in zip(places, texts, strict=True))
        return dict(zip(places, read, strict=True))
    except (ValueError, TypeError, RecursionError, Refusal):
        raise _refused(name, "it is no cursor of dalkit's") from None


def _refused(entity: str, reason: str) -> Refused:
    return Refused(InvalidValue(entity, "the cursor", reason))


def _kind(query: Find[Any, Any], place: Place) -> Kind:
    kind = spot_at(query.entity, place).kind
    return kinds.Fixed(65, 30) if isinstance(kind, kinds.Fixed) else kind


def _written(kind: Kind, value: Any) -> str | None:
    if isinstance(kind, kinds.Fixed) and value is not None:
        return f"{value:f}"
    return None if value is None else text_of(kind, value)


def _read(kind: Kind, text: str | None) -> Any:
    if text is None:
        return None
    if isinstance(kind, kinds.Fixed):
        return Decimal(text)
    return value_of(kind, text)


def _digest(query: Find[Any, Any]) -> str:
    told = (definition_of(query.entity).name, query.predicates, query.orders)
    return sha256(_told(told).encode()).hexdigest()[:32]


def _told(value: Any) -> str:
    """Whatever two equal queries hold as equal text."""
    if isinstance(value, tuple):
        return f"({','.join(map(_told, value))})"
    if isinstance(value, frozenset):
        return f"{{{','.join(sorted(map(_told, value)))}}}"
    if isinstance(value, Mapping):
        pairs = sorted(f"{name!r}:{_told(one)}" for name, one in value.items())
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, Place):
        return repr((value.name, value.steps))
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return "Decimal " + (text.rstrip("0").rstrip(".") if "." in text else text)
    if isinstance(value, datetime):
        return value.isoformat()
    if has(type(value)):
        names = (name for name, one in fields_dict(type(value)).items() if one.eq)
        return type(value).__name__ + _told(tuple(getattr(value, name) for name in names))
    return repr(value)
