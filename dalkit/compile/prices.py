"""What capacity costs: a price book that is dated, and can be replaced."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final, final

from attrs import frozen

__all__ = ["PRICES", "PriceBook"]

_MILLION = 1_000_000


@final
@frozen(kw_only=True)
class PriceBook:
    """Prices in US dollars of one region, on the day they were read."""

    region: str
    dated: date
    reads: Decimal
    """A million read units, on demand."""
    writes: Decimal
    """A million write units, on demand."""
    storage: Decimal
    """A gigabyte for a month, Standard class."""

    def cost(self, *, reads: Decimal | int = 0, writes: Decimal | int = 0) -> Decimal:
        """The dollars that so many units cost, on demand."""
        return (self.reads * reads + self.writes * writes) / _MILLION


PRICES: Final = PriceBook(
    region="us-east-1",
    dated=date(2026, 9, 6),
    reads=Decimal("0.125"),
    writes=Decimal("0.625"),
    storage=Decimal("0.25"),
)
