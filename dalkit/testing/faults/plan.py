"""Which fault meets which message: a value, the same for the same seed."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Final, final

from attrs import field, frozen

__all__ = ["CALM", "Plan", "Tally"]


@final
@frozen(kw_only=True)
class Plan:
    """The fault for the n-th message: `at` says it, else the seed's dice at this rate.

    A name that stands several times in `faults` comes as many times as often. `hold` is how many
    seconds a message is held at most; a client that leaves ends it sooner.
    """

    seed: int = 0
    rate: float = field(default=0.0)
    faults: tuple[str, ...] = ()
    at: Mapping[int, str] = field(factory=dict)
    hold: float = 5.0

    @rate.validator
    def _a_share(self, _: object, rate: float) -> None:
        if not 0 <= rate <= 1:
            raise ValueError(f"a rate of {rate!r}: give a share from 0 to 1")

    def fault(self, number: int, possible: Collection[str]) -> str:
        """The fault for a message that only the possible ones can meet, or ""."""
        if number in self.at:
            return self.at[number] if self.at[number] in possible else ""
        if not self.rate:
            return ""
        dice = random.Random(f"{self.seed}/{number}")
        if dice.random() >= self.rate:
            return ""
        fitting = [one for one in self.faults if one in possible]
        return dice.choice(fitting) if fitting else ""


CALM: Final = Plan()
"""No fault at all."""


@final
class Tally:
    """Counts what happened, from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, count: int = 1) -> int:
        """Count one more (or several); the count from before."""
        with self._lock:
            before = self._counts[name]
            self._counts[name] = before + count
            return before

    def __getitem__(self, name: str) -> int:
        with self._lock:
            return self._counts[name]

    def counts(self) -> dict[str, int]:
        """Every name and its count, in the order of names."""
        with self._lock:
            return dict(sorted(self._counts.items()))
