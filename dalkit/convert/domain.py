"""The exact domain of every scalar kind: `checked` answers a value in canonical form or refuses."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache
from math import isfinite
from typing import Any

from dalkit import kinds
from dalkit.convert.json_text import checked_json
from dalkit.convert.refusal import refuse

__all__ = ["checked", "exact_decimal", "exact_quantizer", "shortest_float32", "utf8"]

_SPAN = timedelta(hours=838, minutes=59, seconds=59, microseconds=999_999)
"""MariaDB holds a fraction in the last second, MySQL none."""


def checked(kind: kinds.Kind, value: Any) -> Any:
    """A scalar of the kind in canonical form."""
    check = _CHECKS.get(type(kind))
    if check is None:
        refuse(f"{type(kind).__name__} is no scalar kind", value)
    return check(kind, value)


@lru_cache(maxsize=512)
def exact_quantizer(precision: int, scale: int) -> tuple[Callable[..., Decimal], Decimal]:
    """`quantize` with its second argument; it raises where a digit would be lost or is too many."""
    context = Context(
        prec=max(precision, 1),
        rounding=ROUND_HALF_EVEN,
        Emin=-999_999,
        Emax=999_999,
        capitals=1,
        clamp=0,
        flags=[],
        traps=[Inexact, InvalidOperation],
    )
    return context.quantize, Decimal(1).scaleb(-scale)


_STRICT = Context(
    prec=100,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[Inexact, InvalidOperation],
)

exact_decimal: Callable[[str], Decimal] = _STRICT.create_decimal
"""The Decimal of a text, raising where it is none whatever the caller's context says."""


def shortest_float32(value: float) -> float:
    """The float with the shortest text that reads back as the same 32-bit float."""
    try:
        packed = struct.pack("<f", value)
    except OverflowError:
        refuse("outside the range of a 32-bit float", value)
    exact = struct.unpack("<f", packed)[0]
    for digits in range(1, 10):
        short = float(f"{exact:.{digits}g}")
        if _is_float32(short, packed):
            return short
    return float(exact)


def utf8(value: str) -> bytes:
    """The UTF-8 bytes of a text."""
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError:
        refuse("text with half of a surrogate pair, which UTF-8 cannot hold", value)


def _is_float32(value: float, packed: bytes) -> bool:
    try:
        return struct.pack("<f", value) == packed
    except OverflowError:
        return False


def _whole(value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        refuse(f"an int was expected, not a {type(value).__name__}", value)
    if not low <= value <= high:
        refuse(f"outside {low} to {high}", value)
    return int(value)


def _integer(kind: kinds.Integer, value: Any) -> int:
    return _whole(value, kind.low, kind.high)


def _bits(kind: kinds.Bits, value: Any) -> int:
    return _whole(value, 0, (1 << kind.width) - 1)


def _year(kind: kinds.Year, value: Any) -> int:
    year = _whole(value, 0, 2155)
    if 0 < year < 1901:
        refuse("outside MySQL's years 1901 to 2155 and 0", value)
    return year


def _fixed(kind: kinds.Fixed, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        refuse(f"a Decimal was expected, not a {type(value).__name__}", value)
    number = Decimal(value)
    if not number.is_finite():
        refuse("not a finite number", value)
    quantize, unit = exact_quantizer(kind.precision, kind.scale)
    try:
        result = quantize(number, unit)
    except (Inexact, InvalidOperation):
        refuse(f"does not fit DECIMAL({kind.precision},{kind.scale})", value)
    return result or result.copy_abs()


def _float(kind: kinds.Float, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        refuse(f"a float was expected, not a {type(value).__name__}", value)
    try:
        number = float(value)
    except OverflowError:
        refuse("outside the range of a float", value)
    if not isfinite(number):
        refuse("not a finite number", value)
    if number != value:
        refuse("no float holds this int exactly", value)
    if kind.bits == 32 and shortest_float32(number) != number:
        refuse("not the shortest text of a 32-bit float", value)
    return number or 0.0


def _boolean(kind: kinds.Boolean, value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    refuse("neither true nor false", value)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        refuse(f"a str was expected, not a {type(value).__name__}", value)
    utf8(value)
    return str.__str__(value)


def _text(kind: kinds.Text, value: Any) -> str:
    text = _string(value)
    if kind.length is not None and len(text) > kind.length:
        refuse(f"{len(text):,} characters where {kind.length:,} fit", value)
    return text


def _enum(kind: kinds.Enum, value: Any) -> str:
    text = _string(value)
    if text not in kind.values:
        refuse(f"none of {', '.join(map(repr, kind.values))}", value)
    return text


def _members(kind: kinds.Members, value: Any) -> frozenset[str]:
    if not isinstance(value, (frozenset, set)):
        refuse(f"a frozenset was expected, not a {type(value).__name__}", value)
    known = kinds.Enum(kind.values)
    return frozenset(_enum(known, one) for one in value)


def _bytes(kind: kinds.Bytes, value: Any) -> bytes:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        refuse(f"bytes were expected, not a {type(value).__name__}", value)
    raw = bytes(value)
    if kind.length is not None and len(raw) > kind.length:
        refuse(f"{len(raw):,} bytes where {kind.length:,} fit", raw)
    if kind.fixed and len(raw) != kind.length:
        refuse(f"{len(raw):,} bytes where exactly {kind.length:,} stand", raw)
    return raw


def _date(kind: kinds.Date, value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        refuse(f"a date was expected, not a {type(value).__name__}", value)
    return value


def _datetime(kind: kinds.DateTime, value: Any) -> datetime:
    if not isinstance(value, datetime):
        refuse(f"a datetime was expected, not a {type(value).__name__}", value)
    if value.utcoffset() is None:
        refuse("a datetime without a time zone; give it one, such as timezone.utc", value)
    try:
        instant = value.astimezone(UTC)
    except OverflowError:
        refuse("outside the years 1 to 9999 in UTC", value)
    if instant.microsecond % 10 ** (6 - kind.digits):
        refuse(f"more than {kind.digits} digits of a second", value)
    return instant.replace(fold=0) if instant.fold else instant


def _time(kind: kinds.Time, value: Any) -> timedelta:
    if not isinstance(value, timedelta):
        refuse(f"a timedelta was expected, not a {type(value).__name__}", value)
    if not -_SPAN <= value <= _SPAN:
        refuse("outside -838:59:59.999999 to 838:59:59.999999", value)
    if value.microseconds % 10 ** (6 - kind.digits):
        refuse(f"more than {kind.digits} digits of a second", value)
    return value


def _json(kind: kinds.Json, value: Any) -> Any:
    return checked_json(value)


def _opaque(kind: kinds.Opaque, value: Any) -> Any:
    refuse(f"dalkit does not carry the column type {kind.text}")


_CHECKS: Mapping[type[Any], Callable[[Any, Any], Any]] = {
    kinds.Integer: _integer,
    kinds.Fixed: _fixed,
    kinds.Float: _float,
    kinds.Boolean: _boolean,
    kinds.Text: _text,
    kinds.Enum: _enum,
    kinds.Members: _members,
    kinds.Bytes: _bytes,
    kinds.Bits: _bits,
    kinds.Date: _date,
    kinds.DateTime: _datetime,
    kinds.Time: _time,
    kinds.Year: _year,
    kinds.Json: _json,
    kinds.Opaque: _opaque,
}
