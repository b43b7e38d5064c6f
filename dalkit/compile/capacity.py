"""DynamoDB's capacity units, computed as the service counts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, Literal, TypeAlias

__all__ = [
    "PAGE",
    "READ_UNIT",
    "WRITE_UNIT",
    "Mode",
    "get_units",
    "index_units",
    "page_units",
    "write_units",
]

PAGE: Final = 1_048_576
"""Bytes that one Query or Scan reads at most, before its filter."""
READ_UNIT: Final = 4_096
WRITE_UNIT: Final = 1_024

Mode: TypeAlias = Literal["eventual", "consistent", "transaction"]

_READ_FACTORS: Mapping[Mode, Decimal] = {
    "eventual": Decimal("0.5"),
    "consistent": Decimal(1),
    "transaction": Decimal(2),
}


def get_units(sizes: Iterable[int], mode: Mode = "eventual") -> Decimal:
    """Read units of items got by key, each rounded up by itself; a missing one has size 0."""
    factor = _READ_FACTORS[mode]
    return sum((_blocks(one, READ_UNIT) * factor for one in sizes), Decimal(0))


def page_units(examined: int, mode: Mode = "eventual") -> Decimal:
    """Read units of one page of a Query or Scan that examined so many bytes, whatever it kept."""
    return _blocks(examined, READ_UNIT) * _READ_FACTORS[mode]


def write_units(before: int, after: int, *, transaction: bool = False) -> int:
    """Write units of the table for an item's sizes before and after; no item has size 0."""
    return _blocks(max(before, after), WRITE_UNIT) * (2 if transaction else 1)


def index_units(before: int, after: int, *, moved: bool = False, changed: bool = True) -> int:
    """Write units of one index, of the projected sizes before and after.

    `moved` is a change of the index's key, which deletes and puts; what changes nothing that is
    projected costs nothing.
    """
    if not changed or not (before or after):
        return 0
    if moved and before and after:
        return _blocks(before, WRITE_UNIT) + _blocks(after, WRITE_UNIT)
    return _blocks(max(before, after), WRITE_UNIT)


def _blocks(size: int, unit: int) -> int:
    return max(1, -(-size // unit))
