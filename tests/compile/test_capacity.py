"""Capacity units and what they cost, at the edges where they round."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from dalkit.compile.capacity import Mode, get_units, index_units, page_units, write_units
from dalkit.compile.prices import PRICES, PriceBook


@pytest.mark.parametrize(
    ("sizes", "mode", "units"),
    [
        ([], "eventual", "0"),
        ([0], "eventual", "0.5"),
        ([4096], "eventual", "0.5"),
        ([4097], "eventual", "1"),
        ([4097], "consistent", "2"),
        ([1, 4096], "transaction", "4"),
        ([409_600], "consistent", "100"),
    ],
)
def test_gets_round_up_item_by_item(sizes: list[int], mode: Mode, units: str) -> None:
    """Every item is rounded up to 4 KB by itself; a missing one costs the least there is."""
    assert get_units(sizes, mode) == Decimal(units)


@pytest.mark.parametrize(
    ("examined", "mode", "units"),
    [
        (0, "eventual", "0.5"),
        (8192, "eventual", "1"),
        (8193, "eventual", "1.5"),
        (1_048_576, "consistent", "256"),
    ],
)
def test_a_page_rounds_up_once(examined: int, mode: Mode, units: str) -> None:
    """The bytes of a page are added up before they are rounded."""
    assert page_units(examined, mode) == Decimal(units)


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [(0, 0, 1), (0, 1024, 1), (0, 1025, 2), (3000, 100, 3), (100, 3072, 3)],
)
def test_writes_count_the_larger_item(before: int, after: int, units: int) -> None:
    """The larger of the item before and after counts, twice in a transaction."""
    assert write_units(before, after) == units
    assert write_units(before, after, transaction=True) == 2 * units


def test_indexes_are_written_where_they_change() -> None:
    """Nothing for what is not projected, once for a change, twice where the index's key moves."""
    assert index_units(100, 100, changed=False) == 0
    assert index_units(0, 0) == 0
    assert index_units(0, 3000) == 3
    assert index_units(3000, 2000) == 3
    assert index_units(3000, 2000, moved=True) == 5
    assert index_units(0, 2000, moved=True) == 2


def test_prices_can_be_replaced() -> None:
    """A price book turns units into dollars, the one that comes along or another."""
    other = PriceBook(
        region="eu-central-1",
        dated=date(2026, 1, 1),
        reads=Decimal("0.2"),
        writes=Decimal(1),
        storage=Decimal("0.3"),
    )

    assert PRICES.cost(reads=2_000_000, writes=1_000_000) == Decimal("0.875")
    assert other.cost(reads=Decimal("0.5"), writes=1) == Decimal("0.0000011")
