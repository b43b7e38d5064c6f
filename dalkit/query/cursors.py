"""Cursors: where a page ended, as text that only its own query accepts, unchanged, in any store.

A cursor holds values of fields, never attributes or columns: those that the query orders by and
those of the record's key. A store that reads in an order of its own says which, and no store
goes on from a cursor whose order it does not give.
"""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import attrs

from dalkit import kinds
from dalkit.convert.json_text import checked_json, json_text, parsed_json
from dalkit.convert.numbers import parsed_number
from dalkit.convert.refusal import Refusal
from dalkit.convert.text import text_of, value_of
from dalkit.fields.places import Place
from dalkit.kinds import Kind
from dalkit.query.finds import Find
from dalkit.query.spots import spot_at
from dalkit.result import Cursor, Failure, InvalidValue, Result, Success, Unsupported
from dalkit.schema.entity import definition_of

__all__ = ["cursor_at", "cursor_places", "unpaged", "values_at"]

_VERSION: Final = 1
_SEAL: Final = 16


def cursor_places(query: Find[Any, Any]) -> tuple[Place, ...]:
    """The places whose values a cursor of the query holds: those of its order, then the key's."""
    owner = type(query.entity)
    key = (Place(owner, name) for name in definition_of(query.entity).key)
    return tuple(dict.fromkeys((*(one.place for one in query.orders), *key)))


def unpaged(query: Find[Any, Any], besides: Iterable[Place] = ()) -> Unsupported | None:
    """Why the query is not answered page by page: its cursors would show what is secret.

    `besides` are the places that a store needs more than the query's own.
    """
    if query.most is None and query.cursor is None:
        return None
    places = dict.fromkeys((*cursor_places(query), *besides))
    secret = [str(one) for one in places if spot_at(query.entity, one).secret]
    if not secret:
        return None
    reason = f"a cursor would show {' and '.join(secret)}, which is secret"
    return Unsupported(str(query), reason, "order by what is not secret, or leave limit(…) out")


def cursor_at(
    query: Find[Any, Any],
    values: Mapping[Place, Any],
    *,
    key: bytes = b"",
    way: str = "",
    besides: Iterable[Place] = (),
) -> Cursor:
    """The cursor behind the record with these values; `key` seals it.

    `way` names the order of a store that is not the query's, which then is by the key at last.
    """
    places = dict.fromkeys((*cursor_places(query), *besides))
    texts = [_written(_kind(query, one), values[one]) for one in places]
    body = json.dumps([_VERSION, _digest(query, key), way, texts], separators=(",", ":")).encode()
    return Cursor(_text(_seal(body, key) + body))


def values_at(
    query: Find[Any, Any], *, key: bytes = b"", way: str = "", besides: Iterable[Place] = ()
) -> Result[Mapping[Place, Any] | None]:
    """The values that the query's cursor holds, None without a cursor.

    InvalidValue for one that was changed, is another query's, or is of another order.
    """
    if query.cursor is None:
        return Success(None)
    places = tuple(dict.fromkeys((*cursor_places(query), *besides)))
    try:
        raw = urlsafe_b64decode(query.cursor.text + "=" * (-len(query.cursor.text) % 4))
        if _text(raw) != query.cursor.text:
            return _refused(query, "it is no cursor of dalkit's")
        seal, body = raw[:_SEAL], raw[_SEAL:]
        if not hmac.compare_digest(seal, _seal(body, key)):
            return _refused(query, "it was changed, or sealed with another key")
        version, digest, its_way, texts = json.loads(body)
        if version != _VERSION:
            return _refused(query, "it is of another version")
        if digest != _digest(query, key):
            return _refused(query, "it is of another query: conditions and order must be the same")
        if its_way != way:
            return _refused(query, _elsewhere(its_way, way))
        return Success(_values(query, places, texts))
    except (ValueError, TypeError, ArithmeticError, RecursionError, Refusal):
        return _refused(query, "it is no cursor of dalkit's")


def _refused(query: Find[Any, Any], reason: str) -> Result[Any]:
    return Failure(InvalidValue(definition_of(query.entity).name, "the cursor", reason))


def _elsewhere(its: str, way: str) -> str:
    ended = f"its page was read in the order of {its}" if its else "its page ended by the key"
    reads = f"this store reads in the order of {way}" if way else "this store goes on by the key"
    return f"{ended}, and {reads}: begin with the first page again"


def _values(
    query: Find[Any, Any], places: Sequence[Place], texts: Sequence[Any]
) -> Mapping[Place, Any]:
    pairs = zip(places, texts, strict=True)
    return {place: _read(_kind(query, place), text) for place, text in pairs}


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _seal(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:_SEAL]


def _kind(query: Find[Any, Any], place: Place) -> Kind:
    return spot_at(query.entity, place).kind


def _written(kind: Kind, value: Any) -> str | None:
    if value is None:
        return None
    return json_text(value) if isinstance(kind, kinds.Json) else text_of(kind, value)


def _read(kind: Kind, text: Any) -> Any:
    if text is None:
        return None
    if isinstance(kind, kinds.Json):
        return checked_json(parsed_json(text))
    # A sum may have more digits than its kind tells, so that only its number is read.
    return parsed_number(text) if isinstance(kind, kinds.Fixed) else value_of(kind, text)


def _digest(query: Find[Any, Any], key: bytes) -> str:
    """What tells queries apart: the entity, its conditions in any order, and its order."""
    conditions = sorted(map(_told, query.predicates))
    told = _told((definition_of(query.entity).name, tuple(conditions), query.orders))
    return hmac.digest(key, told.encode("utf-8", "backslashreplace"), "sha256").hex()[:32]


def _told(value: Any) -> str:
    """Equal text for what is equal in two queries, other text for what is not."""
    match value:
        case tuple() | list():
            return f"({','.join(map(_told, value))})"
        case frozenset():
            return f"{{{','.join(sorted(map(_told, value)))}}}"
        case Mapping():
            return f"<{','.join(sorted(f'{name!r}:{_told(one)}' for name, one in value.items()))}>"
        case Place():
            return repr((value.name, value.steps))
        case Decimal():
            return _decimal(value)
        case datetime():
            return f"moment {value.isoformat()}"
        case _ if attrs.has(type(value)):
            names = [one.name for one in attrs.fields(type(value)) if one.eq]
            return type(value).__name__ + _told(tuple(getattr(value, name) for name in names))
        case _:
            return repr(value)


def _decimal(value: Decimal) -> str:
    sign, digits, exponent = value.as_tuple()
    written = "".join(map(str, digits))
    kept = written.rstrip("0")
    shift = int(exponent) + len(written) - len(kept)
    return f"Decimal {'-' if sign and kept else ''}{kept.lstrip('0')}e{shift if kept else 0}"
