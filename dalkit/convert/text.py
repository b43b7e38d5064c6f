"""Every scalar as text, as attribute type S holds it, and back.

| kind           | text                                                           |
|----------------|----------------------------------------------------------------|
| Integer, Bits  | plain digits                                                   |
| Fixed          | with the column's scale                                        |
| Float          | the shortest text that reads back as the same float            |
| Boolean        | 1, 0                                                           |
| Text, Enum     | as it is                                                       |
| Members        | comma-joined in MySQL's order                                  |
| Bytes          | base64                                                         |
| Date           | 2026-01-02                                                     |
| DateTime       | 2026-01-02T03:04:05Z, with the column's fraction digits        |
| Time           | as MySQL prints it: -838:59:59, with the column's fraction     |
| Year           | four digits                                                    |
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dalkit import kinds
from dalkit.convert.domain import checked
from dalkit.convert.numbers import parsed_number
from dalkit.convert.refusal import refuse

__all__ = ["printed", "read_date", "read_datetime", "read_time", "text_of", "value_of"]

_INTEGER = re.compile(r"-?[0-9]{1,100}")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?"
)
_TIME = re.compile(r"(-?)([0-9]{2,3}):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{1,6}))?")
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)


def text_of(kind: kinds.Kind, value: Any) -> str:
    """The text of a value that is in its kind's canonical form."""
    write = _WRITERS.get(type(kind))
    if write is None:
        refuse(f"{type(kind).__name__} has no text")
    return write(kind, value)


def value_of(kind: kinds.Kind, text: str) -> Any:
    """The value whose text this is; any other spelling of it is refused."""
    read = _READERS.get(type(kind))
    if read is None:
        refuse(f"{type(kind).__name__} has no text")
    value = checked(kind, read(kind, text))
    if text_of(kind, value) != text:
        refuse(f"not how a {type(kind).__name__} is written", text)
    return value


def printed(value: timedelta, digits: int) -> str:
    """A span as MySQL prints a TIME."""
    sign = "-" if value < timedelta(0) else ""
    whole = abs(value)
    minutes, seconds = divmod(whole // _SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}{_fraction(whole.microseconds, digits)}"


def read_datetime(text: str) -> datetime:
    """The naive datetime of `YYYY-MM-DD HH:MM:SS` with or without a fraction."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        refuse("not a date and time", text)
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    try:
        return datetime(year, month, day, hour, minute, second, _micros(match[7]))
    except ValueError:
        refuse("a date that Python cannot hold (a zero date, or not in the calendar)", text)


def read_time(text: str) -> timedelta:
    """The span that MySQL prints for a TIME."""
    match = _TIME.fullmatch(text)
    if match is None:
        refuse("not a time", text)
    span = timedelta(
        hours=int(match[2]),
        minutes=int(match[3]),
        seconds=int(match[4]),
        microseconds=_micros(match[5]),
    )
    return -span if match[1] else span


def _micros(fraction: str | None) -> int:
    return int((fraction or "").ljust(6, "0"))


def _fraction(micros: int, digits: int) -> str:
    return f".{micros:06}"[: digits + 1] if digits else ""


def _write_datetime(kind: kinds.DateTime, value: datetime) -> str:
    clock = f"{value.hour:02}:{value.minute:02}:{value.second:02}"
    day = f"{value.year:04}-{value.month:02}-{value.day:02}"
    return f"{day}T{clock}{_fraction(value.microsecond, kind.digits)}Z"


def _read_datetime(kind: kinds.DateTime, text: str) -> datetime:
    if not text.endswith("Z"):
        refuse("not an instant in UTC, such as 2026-01-02T03:04:05Z", text)
    return read_datetime(text[:-1]).replace(tzinfo=UTC)


def read_date(text: str) -> date:
    """The date of `YYYY-MM-DD`."""
    match = _DATE.fullmatch(text)
    if match is None:
        refuse("not a date", text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        refuse("a date that Python cannot hold (a zero date, or not in the calendar)", text)


def _read_integer(kind: Any, text: str) -> int:
    if not _INTEGER.fullmatch(text):
        refuse("not a whole number", text)
    return int(text)


def _read_boolean(kind: kinds.Boolean, text: str) -> bool:
    if text not in ("0", "1"):
        refuse("neither 0 nor 1", text)
    return text == "1"


def _write_members(kind: kinds.Members, value: frozenset[str]) -> str:
    return ",".join(one for one in kind.values if one in value)


def _read_members(kind: kinds.Members, text: str) -> frozenset[str]:
    return frozenset(text.split(",")) if text else frozenset()


def _read_bytes(kind: kinds.Bytes, text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        refuse("not base64", text)


def _write_fixed(kind: kinds.Fixed, value: Decimal) -> str:
    return f"{value:f}"


_WRITERS: Mapping[type[Any], Callable[[Any, Any], str]] = {
    kinds.Integer: lambda kind, value: str(value),
    kinds.Bits: lambda kind, value: str(value),
    kinds.Fixed: _write_fixed,
    kinds.Float: lambda kind, value: repr(value),
    kinds.Boolean: lambda kind, value: "1" if value else "0",
    kinds.Text: lambda kind, value: value,
    kinds.Enum: lambda kind, value: value,
    kinds.Members: _write_members,
    kinds.Bytes: lambda kind, value: b64encode(value).decode("ascii"),
    kinds.Date: lambda kind, value: f"{value.year:04}-{value.month:02}-{value.day:02}",
    kinds.DateTime: _write_datetime,
    kinds.Time: lambda kind, value: printed(value, kind.digits),
    kinds.Year: lambda kind, value: f"{value:04}",
}

_READERS: Mapping[type[Any], Callable[[Any, str], Any]] = {
    kinds.Integer: _read_integer,
    kinds.Bits: _read_integer,
    kinds.Fixed: lambda kind, text: parsed_number(text),
    kinds.Float: lambda kind, text: float(parsed_number(text)),
    kinds.Boolean: _read_boolean,
    kinds.Text: lambda kind, text: text,
    kinds.Enum: lambda kind, text: text,
    kinds.Members: _read_members,
    kinds.Bytes: _read_bytes,
    kinds.Date: lambda kind, text: read_date(text),
    kinds.DateTime: _read_datetime,
    kinds.Time: lambda kind, text: read_time(text),
    kinds.Year: _read_integer,
}
