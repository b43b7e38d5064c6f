"""Where a page ended, as text that only its own query accepts, unchanged."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, Final

import attrs

from dalkit.fields.places import Place
from dalkit.query.finds import Find
from dalkit.result import Cursor, Failure, InvalidValue, Result, Success
from dalkit.run.memory_order import Position, Rank
from dalkit.schema.entity import definition_of

__all__ = ["cursor_at", "position_of"]

_VERSION: Final = 1
_SEAL: Final = 16


def cursor_at(query: Find[Any, Any], position: Position, key: bytes) -> Cursor:
    """The cursor behind this position; `key` seals it."""
    ranks = [_written(one) for one in position]
    text = json.dumps([_VERSION, _digest(query), ranks], separators=(",", ":"))
    body = text.encode()
    return Cursor(urlsafe_b64encode(_seal(body, key) + body).decode().rstrip("="))


def position_of(query: Find[Any, Any], cursor: Cursor, key: bytes) -> Result[Position]:
    """The position that a cursor holds, or why the query does not take it."""
    try:
        raw = urlsafe_b64decode(cursor.text + "=" * (-len(cursor.text) % 4))
        seal, body = raw[:_SEAL], raw[_SEAL:]
        if urlsafe_b64encode(raw).decode().rstrip("=") != cursor.text:
            return _refused(query, "it is no cursor of dalkit's")
        if not hmac.compare_digest(seal, _seal(body, key)):
            return _refused(query, "it was changed, or sealed with another key")
        version, digest, ranks = json.loads(body)
        if version != _VERSION:
            return _refused(query, "it is of another version")
        if digest != _digest(query):
            return _refused(query, "it is of another query: conditions and order must be the same")
        return Success(tuple(_read(sort, text) for sort, text in ranks))
    except (ValueError, TypeError, InvalidOperation, RecursionError):
        return _refused(query, "it is no cursor of dalkit's")


def _refused(query: Find[Any, Any], reason: str) -> Result[Any]:
    return Failure(InvalidValue(definition_of(query.entity).name, "the cursor", reason))


def _seal(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:_SEAL]


def _written(one: Rank) -> tuple[int, str]:
    sort, value = one
    return (sort, value.hex() if isinstance(value, bytes) else str(value))


def _read(sort: int, text: str) -> Rank:
    if sort == 4:
        return (sort, bytes.fromhex(text))
    return (sort, text if sort in (0, 3, 8) else Decimal(text))


def _digest(query: Find[Any, Any]) -> str:
    told = (definition_of(query.entity).name, query.predicates, query.orders)
    return sha256(_told(told).encode("utf-8", "backslashreplace")).hexdigest()[:32]


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
