"""Values inside queries: what tells two of them apart, and how they print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

__all__ = ["exact", "listed", "shown"]

_BITS = 256  # Python refuses to print the longest numbers
_LONGEST = 60
_MOST = 5


def exact(value: Any) -> Any:
    """What tells two values apart, True from 1 included; it can be hashed."""
    if isinstance(value, (tuple, list)):
        return tuple(exact(one) for one in value)
    if isinstance(value, (frozenset, set)):
        return frozenset(exact(one) for one in value)
    if isinstance(value, Mapping):
        return frozenset((name, exact(one)) for name, one in value.items())
    return type(value), value


def shown(value: Any) -> str:
    """A value as queries print it: on one line, long text cut."""
    match value:
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case str():
            return _text(value)
        case int() if value.bit_length() > _BITS:
            return f"a number of {value.bit_length()} bits"
        case bytes():
            return f"0x{_cut(value.hex())}"
        case datetime():
            return _instant(value)
        case date():
            return value.isoformat()
        case tuple():
            return f"[{listed(map(shown, value))}]"
        case frozenset() | set():
            return f"{{{listed(sorted(map(shown, value)))}}}"
        case _:
            return _cut(str(value)) if str(value).isprintable() else _cut(repr(value))


def listed(texts: Iterable[str]) -> str:
    """Texts with commas between; of many, the first and how many more there are."""
    every = list(texts)
    more = len(every) - _MOST
    return ", ".join(every[:_MOST]) + (f", and {more} more" if more > 0 else "")


def _text(value: str) -> str:
    cut = _cut(value)
    return "'" + cut.replace("'", "''") + "'" if cut.isprintable() else repr(cut)


def _instant(value: datetime) -> str:
    if value.utcoffset() == timedelta(0):
        return value.replace(tzinfo=None).isoformat(" ") + "Z"
    return value.isoformat(" ")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
