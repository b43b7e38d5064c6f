"""A clock that only sleeping moves, and dice with a seed: what retries do, without any waiting."""

from __future__ import annotations

from random import Random
from typing import final

from dalkit.run.retry import Effects

__all__ = ["FakeClock"]


@final
class FakeClock:
    """Give its `effects` to a backend; tests read and set its `time`.

    `dice` is what every throw shows; without it they are random, the same for each seed.
    """

    def __init__(self, *, time: float = 0.0, dice: float | None = None, seed: int = 0) -> None:
        self.time: float = time
        self.slept: list[float] = []
        """The seconds of every sleep, in order."""
        self._dice = dice
        self._random = Random(seed)
        self.effects: Effects = Effects(now=self.now, sleep=self.sleep, random=self.random)

    def now(self) -> float:
        """The time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Move the time."""
        self.slept.append(seconds)
        self.time += seconds

    def random(self) -> float:
        """One throw."""
        return self._random.random() if self._dice is None else self._dice
