"""The total order of records: by what was asked for, then by the key as it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias, TypeVar

from dalkit.fields.changes import OrderBy

__all__ = ["Position", "Rank", "beyond", "directions", "in_order", "position", "rank"]

T = TypeVar("T")

Rank: TypeAlias = tuple[int, Any]
"""What a value is sorted by: its sort, then a Decimal, a text or bytes."""

Position: TypeAlias = tuple[Rank, ...]
"""Where a record stands: a rank for each order asked for, then one for each key attribute."""

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_MICRO = timedelta(microseconds=1)


def position(values: Iterable[Any], key: Sequence[Any]) -> Position:
    """Where a record stands that has these values of what was asked for, and this stored key."""
    return tuple(map(rank, (*values, *key)))


def directions(orders: Sequence[OrderBy[Any]], keys: int) -> tuple[bool, ...]:
    """Which ranks descend; those of the key go the way of the last order asked for."""
    last = bool(orders) and orders[-1].descending
    return (*(one.descending for one in orders), *(last for _ in range(keys)))


def in_order(
    placed: Iterable[tuple[Position, T]], descending: Sequence[bool]
) -> list[tuple[Position, T]]:
    """Everything by its position; None comes first, and last where the order descends."""
    found = list(placed)
    for number, down in reversed(list(enumerate(descending))):
        found.sort(key=partial(_rank_of, number), reverse=down)
    return found


def beyond(one: Position, other: Position, descending: Sequence[bool]) -> bool:
    """Whether the first position comes after the second."""
    for mine, its, down in zip(one, other, descending, strict=True):
        if mine != its:
            return (mine > its) is not down
    return False


def rank(value: Any) -> Rank:
    """What a value is sorted by; JSON of different sorts goes by sort."""
    match value:
        case None:
            return (0, "")
        case bool():
            return (1, Decimal(value))
        case int() | Decimal() | float():
            return (2, Decimal(value))
        case str():
            return (3, value)
        case bytes():
            return (4, value)
        case datetime():
            return (5, Decimal((value - _EPOCH) // _MICRO))
        case date():
            return (6, Decimal(value.toordinal()))
        case timedelta():
            return (7, Decimal(value // _MICRO))
        case _:
            return (8, "")


def _rank_of(number: int, placed: tuple[Position, Any]) -> Rank:
    return placed[0][number]
