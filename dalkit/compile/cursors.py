"""Cursors: the last record's values, as text that no store reads and only its own query accepts.

A cursor names fields, never attributes or columns.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final, NoReturn

import attrs

from dalkit.convert.refusal import Refusal
from dalkit.convert.text import text_of, value_of
from dalkit.fields.places import Place
from dalkit.query.finds import Find
from dalkit.result import Cursor
from dalkit.schema.entity import definition_of

__all__ = ["BadCursor", "bad_cursor", "cursor_of", "values_of"]

_VERSION: Final = 1


class BadCursor(Exception):
    """Why a query does not take its cursor."""


def bad_cursor(reason: str) -> NoReturn:
    """Raise the BadCursor."""
    raise BadCursor(reason)


def cursor_of(query: Find[Any, Any], values: Mapping[str, Any]) -> Cursor:
    """The cursor behind a record with these values of fields."""
    kinds = {one.name: one.kind for one in definition_of(query.entity).fields}
    texts = {
        name: None if value is None else text_of(kinds[name], value)
        for name, value in values.items()
    }
    body = json.dumps([_VERSION, _mark(query), texts], ensure_ascii=False, separators=(",", ":"))
    return Cursor(urlsafe_b64encode(body.encode()).decode().rstrip("="))


def values_of(query: Find[Any, Any], names: Iterable[str]) -> dict[str, Any] | None:
    """The values of these fields that the query's cursor holds, None without a cursor."""
    if query.cursor is None:
        return None
    texts = _texts(query, query.cursor)
    kinds = {one.name: one.kind for one in definition_of(query.entity).fields}
    try:
        return {
            name: None if texts[name] is None else value_of(kinds[name], texts[name])
            for name in names
        }
    except (KeyError, TypeError, Refusal):
        bad_cursor("it does not hold the values that it should")


def _texts(query: Find[Any, Any], cursor: Cursor) -> Mapping[str, Any]:
    try:
        padded = cursor.text + "=" * (-len(cursor.text) % 4)
        version, mark, texts = json.loads(urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, Base64Error, TypeError, RecursionError):
        bad_cursor("it is no cursor of dalkit's")
    if version != _VERSION or not isinstance(texts, dict):
        bad_cursor("it is of another version")
    if mark != _mark(query):
        bad_cursor("it is of another query: conditions and order must be the same")
    return texts


def _mark(query: Find[Any, Any]) -> str:
    """What tells queries apart: the entity, its conditions and its order."""
    name = definition_of(query.entity).name
    said = repr((name, _said(query.predicates), _said(query.orders)))
    return sha256(said.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _said(value: Any) -> Any:
    if isinstance(value, Place):
        return str(value)
    if attrs.has(type(value)):
        parts = [_said(getattr(value, one.name)) for one in attrs.fields(type(value))]
        return (type(value).__name__, *parts)
    if isinstance(value, tuple):
        return tuple(map(_said, value))
    if isinstance(value, frozenset):
        return ("set", *sorted(map(repr, value)))
    if isinstance(value, Mapping):
        return ("map", *sorted((name, repr(_said(one))) for name, one in value.items()))
    return repr(value)
