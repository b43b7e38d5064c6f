"""Retries as data: when to try again and how long to wait, with the clock and the dice given.

| the attempt                          | read  | same  | checked | once                     |
|--------------------------------------|-------|-------|---------|--------------------------|
| was not done, and may go next time   | again | again | again   | again                    |
| may have been done                   | again | again | again   | given up: it is not known |
| was refused                          | given up                                           |
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Final, Literal, TypeAlias, final

from attrs import evolve, frozen

from dalkit.result import Unavailable
from dalkit.run.broken import StoreError
from dalkit.run.faults import Fault, Repeat

__all__ = [
    "BULK",
    "ONLINE",
    "Backoff",
    "Decision",
    "Effects",
    "GiveUp",
    "Halt",
    "History",
    "TryAgain",
    "decide",
]


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
    patient: bool = False
    """Waits for an open circuit, if the deadline outlasts it, and needs no retry budget."""

    def wait(
        self, retry: int, *, fraction: float, throttled: bool = False, hint: float = 0.0
    ) -> float:
        """Seconds to wait before a retry; the store's `hint` may add at most 5 s to our own."""
        base = self.throttled if throttled else self.base
        own = fraction * min(self.cap, base * 2.0 ** min(retry, 40))
        return max(own, min(hint, own + 5.0))


ONLINE: Final = Backoff()
BULK: Final = Backoff(attempts=None, deadline=300.0, patient=True)
"""For batches: as often as needed within five minutes without any progress."""


@final
@frozen(kw_only=True)
class Effects:
    """What a retry does to the world: tells the time, sleeps, throws dice."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    random: Callable[[], float] = random.random


@final
@frozen
class History:
    """What was tried until now; times as the clock of `Effects` gives them."""

    start: float
    attempts: int = 0
    doubtful: bool = False
    """One of the attempts may have been done."""

    def after(self, fault: Fault, kind: Repeat) -> History:
        """With one more attempt, which failed."""
        doubtful = self.doubtful or (fault.ambiguous and kind != "read")
        return evolve(self, attempts=self.attempts + 1, doubtful=doubtful)


@final
@frozen
class TryAgain:
    """One more attempt, after `delay` seconds."""

    delay: float


@final
@frozen
class GiveUp:
    """No more attempts, and why."""

    reason: Literal["final", "ambiguous", "attempts", "deadline", "budget"]


Decision: TypeAlias = TryAgain | GiveUp


def decide(
    backoff: Backoff,
    history: History,
    fault: Fault,
    kind: Repeat,
    now: float,
    random: float,
    *,
    deadline: float | None = None,
    longest: float = 0.0,
) -> Decision:
    """What follows a fault that `history` has counted; `random` is from 0 to 1.

    No attempt begins after `deadline` (by default the backoff's own, from the history's start),
    nor one that, lasting its `longest`, would end more than a tenth of all the time after it.
    """
    if fault.ambiguous and kind == "once":
        return GiveUp("ambiguous")
    if fault.again == "no" or (fault.again == "once" and history.attempts > 1):
        return GiveUp("final")
    if backoff.attempts is not None and history.attempts >= backoff.attempts:
        return GiveUp("attempts")
    delay = backoff.wait(
        max(0, history.attempts - 1),
        fraction=random,
        throttled=fault.again == "slowly",
        hint=fault.hint,
    )
    own = None if backoff.deadline is None else history.start + backoff.deadline
    end = own if deadline is None else deadline
    if end is not None:
        grace = (end - history.start) / 10
        if now + delay > end or now + delay + longest > end + grace:
            return GiveUp("deadline")
    return TryAgain(delay)


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
