"""MySQL's calendar: reading dates in texts, adding intervals, differences, DATE_FORMAT."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta

from dalkit.source.tree import Unit
from dalkit.source.values import Refused

__all__ = ["add_interval", "as_datetime", "difference", "format_date", "read_date", "read_time"]

_READ = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?)?\Z",
    re.ASCII,
)
_TIME = re.compile(r"(-?)(\d{1,3}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?\Z", re.ASCII)
_MICROSECONDS: dict[str, int] = {
    "MICROSECOND": 1,
    "SECOND": 1_000_000,
    "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000,
    "DAY": 86_400_000_000,
    "WEEK": 604_800_000_000,
}
_MONTHS: dict[str, int] = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_MONTH_NAMES = (
    "January February March April May June July August September October November December"
).split()
_DAY_NAMES = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()


def read_date(text: str) -> datetime:
    """The date, or date and time, that a text is in full; other spellings are refused."""
    found = _READ.match(text)
    if found is None:
        raise Refused("a text used as a date that is not YYYY-MM-DD[ hh:mm[:ss[.ffffff]]]")
    year, month, day, hour, minute, second, fraction = found.groups()
    micros = int((fraction or "").ljust(6, "0"))
    try:
        return datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
            micros,
        )  # fmt: skip
    except ValueError:
        raise Refused("a text used as a date that is in no calendar") from None


def read_time(text: str) -> timedelta:
    """The time that a text is in full; other spellings are refused."""
    found = _TIME.match(text)
    if found is None:
        raise Refused("a text used as a time that is not hh:mm:ss[.ffffff]")
    sign, hours, minutes, seconds, fraction = found.groups()
    micros = int((fraction or "").ljust(6, "0"))
    span = timedelta(
        hours=int(hours), minutes=int(minutes), seconds=int(seconds), microseconds=micros
    )
    return -span if sign else span


def as_datetime(value: date) -> datetime:
    """Midnight of a date; a datetime as it is."""
    if isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day)


def add_interval(value: date, amount: int, unit: Unit) -> datetime | None:
    """`value` plus `amount` units, the day held to the month's last; None beyond the calendar."""
    start = as_datetime(value)
    try:
        if unit in _MICROSECONDS:
            return start + timedelta(microseconds=amount * _MICROSECONDS[unit])
        months = start.year * 12 + start.month - 1 + amount * _MONTHS[unit]
        year, month = divmod(months, 12)
        last = monthrange(year, month + 1)[1] if 1 <= year <= 9999 else 0
        return start.replace(year=year, month=month + 1, day=min(start.day, last))
    except (OverflowError, ValueError):
        if start.year < 10 or amount < 0:
            raise Refused("a date before the year 1") from None
        return None


def difference(start: date, end: date, unit: Unit) -> int:
    """Whole units from `start` to `end`, as TIMESTAMPDIFF counts them."""
    low, high = as_datetime(start), as_datetime(end)
    if unit in _MICROSECONDS:
        micros = (high - low) // timedelta(microseconds=1)
        whole = abs(micros) // _MICROSECONDS[unit]
        return whole if micros >= 0 else -whole
    sign = 1
    if low > high:
        low, high, sign = high, low, -1
    months = (high.year - low.year) * 12 + high.month - low.month
    if (high.day, high.time()) < (low.day, low.time()):
        months -= 1
    return sign * (months // _MONTHS[unit])


def format_date(value: datetime, pattern: str) -> str:
    """DATE_FORMAT in English."""
    parts: list[str] = []
    letters = iter(pattern)
    for letter in letters:
        if letter != "%":
            parts.append(letter)
            continue
        specifier = next(letters, "%")
        made = _SPECIFIERS.get(specifier)
        parts.append(specifier if made is None else made(value))
    return "".join(parts)


def _weekday(value: date) -> int:
    """Sunday is 0."""
    return (value.weekday() + 1) % 7


def _week(value: date, *, monday: bool, whole: bool, four: bool) -> tuple[int, int]:
    """Week and its year; `whole`: no week 0; `four`: week 1 is the first of four days."""
    first = date(value.year, 1, 1)
    offset = first.weekday() if monday else _weekday(first)
    days = value.timetuple().tm_yday - 1
    short = offset > 3 if four else offset != 0
    if value.month == 1 and value.day <= 7 - offset and short:
        if not whole:
            return 0, value.year
        return _week_before(value, days, monday=monday, four=four)
    start = 7 - offset if short else -offset
    week = (days - start) // 7 + 1
    if whole and days - start >= 52 * 7 and _opens_next_year(value, monday=monday, four=four):
        return 1, value.year + 1
    return week, value.year


def _week_before(value: date, days: int, *, monday: bool, four: bool) -> tuple[int, int]:
    if value.year == 1:
        raise Refused("a week before the year 1")
    last = date(value.year - 1, 12, 31)
    return _week(last, monday=monday, whole=True, four=four)


def _opens_next_year(value: date, *, monday: bool, four: bool) -> bool:
    if value.year == 9999:
        raise Refused("a week after the year 9999")
    first = date(value.year + 1, 1, 1)
    offset = first.weekday() if monday else _weekday(first)
    started = offset <= 3 if four else offset == 0
    return started and (first - date(value.year, value.month, value.day)).days <= offset


def _ordinal(day: int) -> str:
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{'th' if 11 <= day <= 13 else suffix}"


def _half(value: datetime) -> str:
    return "PM" if value.hour >= 12 else "AM"


def _twelve(value: datetime) -> int:
    return (value.hour + 11) % 12 + 1


def _clock(value: datetime, hour: int) -> str:
    return f"{hour:02}:{value.minute:02}:{value.second:02}"


_SPECIFIERS: dict[str, Callable[[datetime], str]] = {
    "a": lambda at: _DAY_NAMES[_weekday(at)][:3],
    "b": lambda at: _MONTH_NAMES[at.month - 1][:3],
    "c": lambda at: str(at.month),
    "D": lambda at: _ordinal(at.day),
    "d": lambda at: f"{at.day:02}",
    "e": lambda at: str(at.day),
    "f": lambda at: f"{at.microsecond:06}",
    "H": lambda at: f"{at.hour:02}",
    "h": lambda at: f"{_twelve(at):02}",
    "I": lambda at: f"{_twelve(at):02}",
    "i": lambda at: f"{at.minute:02}",
    "j": lambda at: f"{at.timetuple().tm_yday:03}",
    "k": lambda at: str(at.hour),
    "l": lambda at: str(_twelve(at)),
    "M": lambda at: _MONTH_NAMES[at.month - 1],
    "m": lambda at: f"{at.month:02}",
    "p": _half,
    "r": lambda at: f"{_clock(at, _twelve(at))} {_half(at)}",
    "S": lambda at: f"{at.second:02}",
    "s": lambda at: f"{at.second:02}",
    "T": lambda at: _clock(at, at.hour),
    "U": lambda at: f"{_week(at, monday=False, whole=False, four=False)[0]:02}",
    "u": lambda at: f"{_week(at, monday=True, whole=False, four=True)[0]:02}",
    "V": lambda at: f"{_week(at, monday=False, whole=True, four=False)[0]:02}",
    "v": lambda at: f"{_week(at, monday=True, whole=True, four=True)[0]:02}",
    "W": lambda at: _DAY_NAMES[_weekday(at)],
    "w": lambda at: str(_weekday(at)),
    "X": lambda at: f"{_week(at, monday=False, whole=True, four=False)[1]:04}",
    "x": lambda at: f"{_week(at, monday=True, whole=True, four=True)[1]:04}",
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at.year % 100:02}",
}
