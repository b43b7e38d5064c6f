"""How much may be tried again while a store fails: the SDK's token bucket, with its numbers.

| what happens                   | tokens                        |
|--------------------------------|-------------------------------|
| the bucket, at first and most  | 500                           |
| a retry                        | -14                           |
| a retry after a throttle       | -5                            |
| success at the first attempt   | +1                            |
| success after retries          | + what the last of them cost  |

Without enough tokens there is no retry. So a store that is down gets one attempt for each call.
"""

from __future__ import annotations

from threading import Lock
from typing import final

from attrs import evolve, frozen

__all__ = ["RetryBudget", "Tokens"]


@final
@frozen(kw_only=True)
class Tokens:
    """The bucket as a value."""

    left: int = 500
    most: int = 500
    cost: int = 14
    throttled: int = 5
    gain: int = 1

    def price(self, *, throttled: bool) -> int:
        """What a retry costs."""
        return self.throttled if throttled else self.cost

    def without(self, price: int) -> Tokens | None:
        """The bucket after a retry of this price; None if it holds too little."""
        return evolve(self, left=self.left - price) if price <= self.left else None

    def with_success(self, price: int) -> Tokens:
        """The bucket after a success whose last retry cost `price`, 0 without any."""
        return evolve(self, left=min(self.most, self.left + (price or self.gain)))


@final
class RetryBudget:
    """One bucket for all calls of a backend; several threads may use it at once."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens or Tokens()
        self._lock = Lock()

    @property
    def tokens(self) -> int:
        """How many there are."""
        return self._tokens.left

    def take(self, *, throttled: bool = False) -> int | None:
        """Pay for a retry: what it cost, or None when there is not enough."""
        with self._lock:
            price = self._tokens.price(throttled=throttled)
            rest = self._tokens.without(price)
            if rest is None:
                return None
            self._tokens = rest
            return price

    def succeeded(self, price: int = 0) -> None:
        """Give back what a success is worth; `price` is what its last retry cost."""
        with self._lock:
            self._tokens = self._tokens.with_success(price)

    def __repr__(self) -> str:
        return f"<retry budget: {self.tokens} of {self._tokens.most}>"
