"""A column's default: read from SQL, and written in one way whatever server or file said it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Literal, TypeAlias, final

from attrs import frozen

from dalkit.source.column_types import NUMERIC
from dalkit.source.cursor import Cursor
from dalkit.source.tables import ColumnType

__all__ = ["Default", "is_now", "read_default", "settled"]

_NOW = frozenset(("CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP"))
_BITS = re.compile(r"[bB]'([01]*)'\Z")
_HEXADECIMAL = re.compile(r"(?:0x([0-9a-fA-F]+)|x'([0-9a-fA-F]*)')\Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_SECOND = re.compile(r"(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\Z")

DefaultKind: TypeAlias = Literal["none", "value", "now", "expression"]


@final
@frozen
class Default:
    """`text` is a value without quotes, the digits of a `now`, or an expression's SQL."""

    kind: DefaultKind
    text: str = ""


def is_now(cursor: Cursor) -> bool:
    """Whether CURRENT_TIMESTAMP or a synonym stands here."""
    return cursor.word() in _NOW


def read_default(cursor: Cursor) -> Default:
    """The default that stands here; raises Unreadable where none does."""
    if cursor.is_sign("("):
        return _expression(cursor.group())
    if cursor.accept("NULL"):
        return Default("none")
    if is_now(cursor):
        cursor.take()
        return Default("now", cursor.group() if cursor.is_sign("(") else "")
    if cursor.is_text():
        return Default("value", _joined(cursor))
    if cursor.is_sign("-") or cursor.is_sign("+") or cursor.peek().kind == "number":
        return _number(cursor)
    return _other(cursor)


def settled(default: Default, kind: ColumnType) -> str | None:
    """The default of a column of this type as SQL text, None for none."""
    match default.kind:
        case "none":
            return None
        case "now":
            digits = default.text if default.text not in ("", "0") else ""
            return f"CURRENT_TIMESTAMP({digits})" if digits else "CURRENT_TIMESTAMP"
        case "expression" if found := _HEXADECIMAL.match(default.text):
            return _hexadecimal(found[1] or found[2] or "", kind)
        case "expression":
            return f"({default.text})"
        case "value":
            return _value(default.text, kind)


def _expression(text: str) -> Default:
    inner = Cursor(text)
    if is_now(inner):
        read = read_default(inner)
        if inner.done:
            return read
    return Default("expression", text)


def _joined(cursor: Cursor) -> str:
    parts = [cursor.take().text]
    while cursor.is_text():
        parts.append(cursor.take().text)
    return "".join(parts)


def _number(cursor: Cursor) -> Default:
    minus = cursor.is_sign("-")
    if minus or cursor.is_sign("+"):
        cursor.take()
    if cursor.peek().kind != "number":
        raise cursor.unreadable("a number is expected")
    return Default("value", "-" * minus + cursor.take().text)


def _other(cursor: Cursor) -> Default:
    """A truth value, a literal with a prefix (b'1', 0x1F, _utf8mb4'…'), or a function's call."""
    start = cursor.peek().start
    word = cursor.word()
    if not word:
        raise cursor.unreadable("a default is expected")
    cursor.take()
    if word in ("TRUE", "FALSE"):
        return Default("value", "1" if word == "TRUE" else "0")
    if cursor.is_text():
        return _prefixed(word, cursor)
    while cursor.accept_sign("."):
        cursor.name()
    if cursor.is_sign("("):
        cursor.group()
    return Default("expression", cursor.text[start : cursor.peek(ahead=-1).end])


def _prefixed(word: str, cursor: Cursor) -> Default:
    text = cursor.take().text
    if word == "N" or word.startswith("_"):
        return Default("value", text)
    if word == "B":
        return Default("value", f"b'{text}'")
    return Default("expression", f"{word.lower()}'{text}'")


def _value(text: str, kind: ColumnType) -> str:
    bits = _BITS.match(text) if kind.base in NUMERIC else None
    if kind.base == "bit":
        return _bits(text)
    if kind.base in NUMERIC or kind.base == "year":
        return _numeric(str(int(bits[1] or "0", 2)) if bits else text, kind)
    if kind.base in ("binary", "varbinary"):
        return _binary(text.encode("utf-8", "surrogateescape"), kind)
    if kind.base in ("time", "datetime", "timestamp"):
        text = _moment(text, kind.scale or 0)
    if kind.base == "set":
        chosen = set(text.split(","))
        text = ",".join(one for one in kind.values if one in chosen) or text
    return _quoted(text)


def _hexadecimal(digits: str, kind: ColumnType) -> str:
    """What the column makes of a literal such as 0x1F or x'1F'."""
    if kind.base in NUMERIC:
        return str(int(digits or "0", 16)) if len(digits) <= 16 else f"(0x{digits})"
    held = bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)
    return _value(held.decode("utf-8", "surrogateescape"), kind)


def _binary(value: bytes, kind: ColumnType) -> str:
    """A literal without the zeros that only fill the column."""
    held = value.rstrip(b"\0") if kind.base == "binary" else value
    return f"0x{held.hex()}" if held else "''"


def _bits(text: str) -> str:
    if text.isdecimal() and text.isascii() and len(text) <= 20:
        return f"b'{int(text):b}'"
    found = _BITS.match(text)
    return f"b'{found[1].lstrip('0') or '0'}'" if found else _quoted(text)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _numeric(text: str, kind: ColumnType) -> str:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(value.adjusted()) > 400 or len(text) > 400:
        return _quoted(text)
    if kind.base == "decimal":
        return f"{value:.{min(kind.scale or 0, 30)}f}"
    plain = f"{value:f}"
    whole = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if whole in ("-0", "") else whole


def _moment(text: str, digits: int) -> str:
    if _DAY.match(text):
        text += " 00:00:00"
    if digits and digits <= 6 and _SECOND.match(text):
        text += "." + "0" * digits
    return text
