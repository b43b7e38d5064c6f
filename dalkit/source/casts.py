"""A value of one type as text, number, truth or date: what MySQL does silently, and CAST."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any, TypeAlias

from dalkit.source.dates import as_datetime, read_date
from dalkit.source.tree import Cast
from dalkit.source.typed import Typed
from dalkit.source.values import (
    Refused,
    date_text,
    datetime_text,
    double_text,
    float_text,
    leading_number,
    rounded,
    shifted,
    time_text,
    whole,
)

__all__ = ["Change", "as_date", "as_decimal", "as_double", "as_text", "as_truth", "cast_to", "into"]

Change: TypeAlias = Callable[[Any], Any]
"""From one value that is not None to another."""

_WHOLE_TEXT = re.compile(r"[ \t\n]*([+-]?\d+)(?![\d.eE])", re.ASCII)
_PLAIN_DECIMAL = re.compile(r"\s*([+-]?(\d+\.?\d*|\.\d+))\s*\Z", re.ASCII)
_LARGEST_EXACT = 2**53


def _same(value: Any) -> Any:
    return value


def as_text(held: Typed) -> Change:
    """The text that the server prints, and uses in CONCAT."""
    scale = held.scale
    match held.family:
        case "text" | "enum" | "set" | "null":
            return _same
        case "int":
            width = held.type.length or 0 if held.type.zerofill else 0
            return lambda value: str(int(value)).zfill(width)
        case "int" | "decimal" | "float" if held.loose:
            raise Refused("the text of a number whose digits the servers print apart; CAST it")
        case "decimal":
            return lambda value: format(rounded(value, scale), "f")
        case "real":
            return lambda value: double_text(value, held.type.scale)
        case "float":
            return float_text
        case "year":
            return lambda value: f"{value:04}"
        case "date":
            return lambda value: value if isinstance(value, str) else date_text(value)
        case "datetime":
            return lambda value: value if isinstance(value, str) else datetime_text(value, scale)
        case "time":
            return lambda value: time_text(value, scale)
    raise Refused(f"the text of {held.family.upper()}")


def as_double(held: Typed) -> Change:
    match held.family:
        case "real" | "int" | "year" | "decimal" | "null":
            return float
        case "float":
            return _widened
        case "text" if not held.loose:
            return leading_number
    raise Refused(f"{held.family.upper()} in a number's place")


def _widened(value: float) -> float:
    """The float32 behind its shortest text, as a double."""
    widened: float = struct.unpack("f", struct.pack("f", value))[0]
    return widened


def as_decimal(held: Typed) -> Change:
    if held.family not in ("int", "year", "decimal", "null", "bit"):
        raise Refused(f"{held.family.upper()} in a decimal's place")
    return _same if held.family == "decimal" else lambda value: Decimal(int(value))


def as_truth(held: Typed) -> Change:
    """Whether a condition holds."""
    match held.family:
        case "int" | "real" | "float" | "year" | "bit" | "null":
            return bool
        case "decimal":
            return _true_decimal(held.scale)
    raise Refused(f"{held.family.upper()} as a condition")


def _true_decimal(scale: int) -> Change:
    def true(value: Decimal) -> bool:
        if value and not rounded(value, scale):
            raise Refused("a condition that hangs on digits of a quotient which are not printed")
        return bool(value)

    return true


def as_date(held: Typed) -> Change:
    """A datetime of a date, a date and time, or a text that is one in full."""
    if held.family in ("date", "datetime", "null"):
        return _calendar
    if held.family == "text":
        return read_date
    raise Refused(f"{held.family.upper()} in a date's place")


def _calendar(value: date | str) -> datetime:
    if isinstance(value, str):
        raise Refused("a zero date, or one that is in no calendar")
    return as_datetime(value)


def into(held: Typed, wanted: Typed) -> Change:
    """The change that CASE, COALESCE and their like make to a branch's value."""
    if held.family == wanted.family or held.family == "null":
        return _same
    match wanted.family:
        case "text":
            return as_text(held)
        case "bytes":
            text = as_text(held)
            return lambda value: text(value).encode()
        case "decimal":
            return as_decimal(held)
        case "real":
            return as_double(held)
        case "float":
            return float
        case "datetime":
            return _calendar
        case "int" | "year":
            return int
    raise Refused(f"{held.family.upper()} as {wanted.family.upper()}")


def cast_to(cast: Cast, held: Typed, made: Typed, *, rounds: bool) -> Change:
    """CAST; `rounds` tells whether fractions of a second are rounded (MySQL) or cut (MariaDB)."""
    match cast.type:
        case "CHAR":
            text, length = as_text(held), cast.precision
            return lambda value: text(value)[:length]
        case "BINARY":
            return _to_bytes(as_text(held), cast.precision)
        case "DATE":
            moment = as_date(held)
            return lambda value: moment(value).date()
        case "DATETIME":
            return _to_datetime(as_date(held), made.scale, rounds)
        case "DECIMAL":
            return _to_decimal(held, made)
        case "SIGNED" | "UNSIGNED":
            return _to_whole(held, cast.type == "UNSIGNED")


def _to_bytes(text: Change, length: int | None) -> Change:
    if length is None:
        return lambda value: text(value).encode()
    return lambda value: text(value).encode()[:length].ljust(length, b"\0")


def _to_datetime(moment: Change, scale: int, rounds: bool) -> Change:
    step = 10 ** (6 - scale)
    half = timedelta(microseconds=step // 2 if rounds else 0)

    def change(value: Any) -> datetime:
        made: datetime = moment(value) + half
        return made - timedelta(microseconds=made.microsecond % step)

    return change


def _to_decimal(held: Typed, made: Typed) -> Change:
    number = _decimal_reader(held)
    scale = made.scale
    largest = shifted(10 ** (made.type.precision or 10) - 1, scale)

    def change(value: Any) -> Decimal:
        result = rounded(number(value), scale)
        return min(max(result, -largest), largest)

    return change


def _decimal_reader(held: Typed) -> Change:
    match held.family:
        case "real" | "float":
            widen = as_double(held)
            return lambda value: Decimal(repr(widen(value)))
        case "text":
            return _text_decimal
    return as_decimal(held)


def _text_decimal(text: str) -> Decimal:
    found = _PLAIN_DECIMAL.match(text)
    if found is None or len(text) > 60:
        raise Refused("a text that is no plain number, cast to DECIMAL")
    return Decimal(found.group(1))


def _to_whole(held: Typed, unsigned: bool) -> Change:
    number = _whole_reader(held)
    signed = held.family == "int" and not unsigned and held.type.unsigned

    def change(value: Any) -> int:
        made: int = number(value)
        if signed and made >= 2**63:
            return made - 2**64
        if unsigned and made < 0:
            raise Refused("a negative number cast to UNSIGNED")
        return whole(made, unsigned)

    return change


def _whole_reader(held: Typed) -> Change:
    match held.family:
        case "int" | "year" | "null":
            return int
        case "decimal":
            return lambda value: int(rounded(value, 0))
        case "real" | "float":
            widen = as_double(held)
            return lambda value: _nearest(widen(value))
        case "text":
            return _text_whole
    raise Refused(f"CAST of {held.family.upper()} to a number")


def _nearest(value: float) -> int:
    if not isfinite(value) or abs(value) >= _LARGEST_EXACT:
        raise Refused("a double over 2^53 cast to a whole number")
    return round(value)


def _text_whole(text: str) -> int:
    found = _WHOLE_TEXT.match(text)
    if found is None or len(found.group(1)) > 19:
        raise Refused("a text that starts with no plain whole number, cast to one")
    return int(found.group(1))
