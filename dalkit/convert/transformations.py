"""The transformations of a contract, each a function of a row's values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from dalkit import kinds
from dalkit.convert.json_text import checked_json, parsed_json
from dalkit.convert.refusal import refuse
from dalkit.convert.text import text_of
from dalkit.schema.definition import (
    DateFormatted,
    Formatted,
    JsonParsed,
    NumberFormatted,
    Slot,
    Transformed,
)

__all__ = ["padded", "transformation"]

Transformation = Callable[[Mapping[str, Any]], Any]

_NUMERIC = (kinds.Integer, kinds.Fixed, kinds.Bits, kinds.Year, kinds.Boolean)
_TOKENS: Mapping[str, Callable[[datetime], str]] = {
    "YYYY": lambda moment: f"{moment.year:04}",
    "MM": lambda moment: f"{moment.month:02}",
    "DD": lambda moment: f"{moment.day:02}",
    "HH": lambda moment: f"{moment.hour:02}",
    "mm": lambda moment: f"{moment.minute:02}",
    "ss": lambda moment: f"{moment.second:02}",
    "SSS": lambda moment: f"{moment.microsecond // 1_000:03}",
    "SSSSSS": lambda moment: f"{moment.microsecond:06}",
}
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TEXTS = {
    "date": re.compile(_DAY),
    "datetime": re.compile(
        _DAY + r"[ T](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
    ),
}
"""Stricter than Python, whose versions differ in what else they read."""
_FORMS = {"date": "YYYY-MM-DD", "datetime": "YYYY-MM-DD HH:MM:SS"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEPS = {"seconds": timedelta(seconds=1), "milliseconds": timedelta(milliseconds=1)}
_WIDE = Context(
    prec=1_000,
    rounding=ROUND_HALF_UP,
    Emin=-999_999,
    Emax=999_999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[],
)


def transformation(
    how: Transformed, cells: Sequence[str], kinds_of: Mapping[str, kinds.Kind]
) -> Transformation:
    """What computes a field from the values of a row's cells by name; NULL makes it None."""
    match how:
        case Formatted():
            return _formatted(how, kinds_of)
        case DateFormatted():
            return _of_one(cells[0], lambda value: _dated(how, value))
        case NumberFormatted():
            return _of_one(cells[0], lambda value: _numbered(how, value))
        case JsonParsed():
            return _of_one(cells[0], _parsed)


def padded(kind: kinds.Kind, text: str, width: int) -> str:
    """A number's text with zeros up to `width`, the sign before them."""
    if width and not isinstance(kind, _NUMERIC):
        raise ValueError(f"width {width} is for numbers, not for {type(kind).__name__}")
    return text.zfill(width)


def _formatted(how: Formatted, kinds_of: Mapping[str, kinds.Kind]) -> Transformation:
    for part in how.parts:
        if isinstance(part, Slot):
            padded(kinds_of[part.cell], "", part.width)

    def compute(values: Mapping[str, Any]) -> str | None:
        written: list[str] = []
        for part in how.parts:
            if isinstance(part, str):
                written.append(part)
                continue
            value = values[part.cell]
            if value is None:
                return None
            kind = kinds_of[part.cell]
            written.append(padded(kind, _slot_text(part, kind, value), part.width))
        return "".join(written)

    return compute


def _slot_text(slot: Slot, kind: kinds.Kind, value: Any) -> str:
    match slot.transformed:
        case None:
            return text_of(kind, value)
        case DateFormatted():
            return str(_dated(slot.transformed, value))
        case NumberFormatted():
            return _numbered(slot.transformed, value)


def _of_one(cell: str, compute: Callable[[Any], Any]) -> Transformation:
    def of_row(values: Mapping[str, Any]) -> Any:
        value = values[cell]
        return None if value is None else compute(value)

    return of_row


def _dated(how: DateFormatted, value: Any) -> str | int:
    moment = _moment(how, value)
    if how.epoch:
        return (moment - _EPOCH) // _STEPS[how.epoch]
    return "".join(_TOKENS[text](moment) if what == "token" else text for what, text in how.parts)


def _moment(how: DateFormatted, value: Any) -> datetime:
    if how.source == "seconds":
        return _since_epoch(value)
    if how.source:
        return _read(how.source, value)
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    refuse("neither a date nor a date and time", value)


def _since_epoch(value: Any) -> datetime:
    if not isinstance(value, int):
        refuse("no number of seconds", value)
    try:
        return _EPOCH + timedelta(seconds=value)
    except OverflowError:
        refuse("seconds of no year from 1 to 9999", value)


def _read(source: str, value: Any) -> datetime:
    if not isinstance(value, str) or not _TEXTS[source].fullmatch(value):
        refuse(f"no {source} as {_FORMS[source]}", value)
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        refuse(f"no {source} of the calendar", value)


def _numbered(how: NumberFormatted, value: Any) -> str:
    if isinstance(value, float):
        value = repr(value)
    elif not isinstance(value, (int, Decimal)):
        refuse("not a number", value)
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-how.decimals), context=_WIDE)
    sign = "-" if rounded < 0 else ""
    whole, _, fraction = f"{rounded.copy_abs():f}".partition(".")
    return sign + whole.zfill(how.whole) + (f".{fraction}" if fraction else "")


def _parsed(value: Any) -> Any:
    return checked_json(parsed_json(value) if isinstance(value, str) else value)
