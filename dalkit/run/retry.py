"""Retries as data: when to try again and how long to wait, with the clock and the dice given."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Final, final

from attrs import frozen

from dalkit.result import Unavailable
from dalkit.run.broken import StoreError

__all__ = ["BULK", "ONLINE", "Backoff", "Effects", "Halt"]


@final
@frozen(kw_only=True)
class Backoff:
    """Full jitter: the wait before retry i = 0, 1, … is random up to min(cap, base * 2**i) seconds.

    After `attempts` attempts, or when the wait would end after `deadline` seconds, it gives up;
    None is no limit. `throttled` is the base after the store asked to slow down.
    """

    attempts: int | None = 4
    deadline: float | None = 10.0
    base: float = 0.025
    throttled: float = 1.0
    cap: float = 20.0

    def wait(
        self, retry: int, *, fraction: float, throttled: bool = False, hint: float = 0.0
    ) -> float:
        """Seconds to wait before a retry; the store's `hint` may add at most 5 s to our own."""
        base = self.throttled if throttled else self.base
        own = fraction * min(self.cap, base * 2.0 ** min(retry, 40))
        return max(own, min(hint, own + 5.0))

    def allows(self, attempts: int, *, elapsed: float, wait: float) -> bool:
        """Whether one more attempt may be made, `elapsed` seconds after the first one."""
        if self.attempts is not None and attempts >= self.attempts:
            return False
        return self.deadline is None or elapsed + wait <= self.deadline


ONLINE: Final = Backoff()
BULK: Final = Backoff(attempts=None, deadline=300.0)
"""For batches: as often as needed within five minutes without any progress."""


@final
@frozen(kw_only=True)
class Effects:
    """What a retry does to the world: tells the time, sleeps, throws dice."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    random: Callable[[], float] = random.random


@final
class Halt:
    """A sleep that another thread can end: from then on it raises StoreError."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def call(self) -> None:
        """End every sleep, and those to come."""
        self._event.set()

    @property
    def called(self) -> bool:
        """Whether the end was asked for."""
        return self._event.is_set()

    def sleep(self, seconds: float) -> None:
        """Wait, or raise at once when the end is asked for."""
        if self._event.wait(seconds):
            raise StoreError(Unavailable("DynamoDB", "the run was stopped"))
