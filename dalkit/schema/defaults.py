"""Values that MySQL gives where none is given, as the fields of records hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from dalkit import kinds
from dalkit.kinds import Kind
from dalkit.source.tables import Column

__all__ = ["default_of", "is_moment"]

_QUOTED = re.compile(r"'((?:[^'\\]|''|\\\\)*)'", re.DOTALL)
_BITS = re.compile(r"b'([01]+)'")
_BYTES = re.compile(r"0x((?:[0-9a-f]{2})+)")
_MOMENT = re.compile(r"CURRENT_TIMESTAMP(?:\([0-6]\))?")
_TIME = re.compile(r"(-?)(\d{2,3}):([0-5]\d):([0-5]\d)(?:\.(\d{1,6}))?", re.ASCII)


def is_moment(kind: Kind, column: Column) -> bool:
    """Whether MySQL gives the moment of the write."""
    moment = _MOMENT.fullmatch(column.default or "")
    return isinstance(kind, kinds.DateTime) and moment is not None


def default_of(kind: Kind, column: Column) -> Any:
    """The constant that MySQL gives, None where it gives none that is known."""
    read = _READERS.get(type(kind))
    if read is None or column.default is None:
        return None
    try:
        return read(kind, column, column.default)
    except (ValueError, InvalidOperation):
        return None


def _text(text: str) -> str:
    found = _QUOTED.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return found[1].replace("''", "'").replace("\\\\", "\\")


def _integer(kind: Any, column: Column, text: str) -> int:
    if not kind.low <= int(text) <= kind.high:
        raise ValueError(text)
    return int(text)


def _boolean(kind: Any, column: Column, text: str) -> bool:
    if text not in ("0", "1", "b'0'", "b'1'"):
        raise ValueError(text)
    return "1" in text


def _bits(kind: Any, column: Column, text: str) -> int:
    found = _BITS.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1], 2)


def _string(kind: Any, column: Column, text: str) -> str:
    return _text(text).rstrip(" ") if column.type.base == "char" else _text(text)


def _one_of(values: tuple[str, ...], text: str) -> str:
    """The value as it is declared; MySQL finds it in any case."""
    alike = [one for one in values if one.casefold() == text.casefold()]
    if text in values or len(alike) == 1:
        return text if text in values else alike[0]
    raise ValueError(text)


def _members(kind: Any, column: Column, text: str) -> frozenset[str]:
    held = _text(text)
    return frozenset(_one_of(kind.values, one) for one in held.split(",")) if held else frozenset()


def _bytes(kind: Any, column: Column, text: str) -> bytes:
    found = _BYTES.fullmatch(text)
    held = bytes.fromhex(found[1]) if found else _text(text).encode("utf-8", "surrogateescape")
    return held.ljust(kind.length, b"\0") if kind.fixed else held


def _instant(kind: Any, column: Column, text: str) -> datetime:
    return datetime.fromisoformat(_text(text)).replace(tzinfo=UTC)


def _span(kind: Any, column: Column, text: str) -> timedelta:
    found = _TIME.fullmatch(_text(text))
    if found is None:
        raise ValueError(text)
    sign, hours, minutes, seconds, fraction = found.groups()
    micros = int((fraction or "").ljust(6, "0"))
    span = timedelta(
        hours=int(hours), minutes=int(minutes), seconds=int(seconds), microseconds=micros
    )
    return -span if sign else span


def _year(kind: Any, column: Column, text: str) -> int:
    if not 1901 <= int(text) <= 2155:
        raise ValueError(text)
    return int(text)


_READERS: Mapping[type[Any], Callable[[Any, Column, str], Any]] = {
    kinds.Integer: _integer,
    kinds.Fixed: lambda kind, column, text: Decimal(text),
    kinds.Float: lambda kind, column, text: float(Decimal(text)),
    kinds.Boolean: _boolean,
    kinds.Text: _string,
    kinds.Enum: lambda kind, column, text: _one_of(kind.values, _text(text)),
    kinds.Members: _members,
    kinds.Bytes: _bytes,
    kinds.Bits: _bits,
    kinds.Date: lambda kind, column, text: date.fromisoformat(_text(text)),
    kinds.DateTime: _instant,
    kinds.Time: _span,
    kinds.Year: _year,
}
