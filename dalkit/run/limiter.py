"""How fast a table may be asked, learned from what it throttles and from the capacity it takes.

Until a first throttle nothing is held back. A throttle halves the rate, at most once a second; the
first one to 10 units or more, since little may have been seen by then. From then on each second
without one adds to it, by 1 unit or by 2 % of the rate that was throttled, whichever is more. Once
it is twice that rate, nothing is held back again. Units are DynamoDB's capacity units a second;
reads and writes of a table are apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import exp, inf
from threading import Lock
from typing import Final, Literal, TypeAlias, final

from attrs import evolve, frozen

from dalkit.run.retry import Effects

__all__ = [
    "Limiter",
    "Pace",
    "Reserved",
    "Side",
    "Spent",
    "advanced",
    "paid",
    "reserved",
    "throttled",
]

Side: TypeAlias = Literal["read", "write"]

_STEP: Final = 1.0
_SHARE: Final = 0.02
_LEAST: Final = 1.0
_FIRST: Final = 10.0
_SMOOTH: Final = 0.2


@final
@frozen
class Spent:
    """Capacity that a reply says was consumed on a table."""

    table: str
    read: float = 0.0
    write: float = 0.0


@final
@frozen
class Reserved:
    """What was taken for a call, by table, and the seconds to wait before it."""

    side: Side
    taken: Mapping[str, float]
    wait: float = 0.0


@final
@frozen(kw_only=True)
class Pace:
    """One side of one table, in units and seconds."""

    most: float = inf
    """The rate that is never passed."""
    rate: float = inf
    met: float = 0.0
    """The rate at which it was throttled last; 0 when it is not held back."""
    tokens: float = 0.0
    """Units at hand; below 0, those that are owed."""
    usual: float = 1.0
    """What a call takes, by those before it."""
    seen: float = 0.0
    """The rate of late."""
    at: float = 0.0
    """The moment of all this."""
    halved: float = -inf
    clean: float = -inf
    """Since when there was no throttle, or when the rate grew last."""


def advanced(pace: Pace, now: float) -> Pace:
    """The pace at a later moment, when nothing was throttled until then."""
    passed = max(0.0, now - pace.at)
    seen = pace.seen * exp(-passed)
    tokens = 0.0 if pace.rate == inf else min(pace.rate, pace.tokens + passed * pace.rate)
    later = evolve(pace, seen=seen, tokens=tokens, at=max(now, pace.at))
    seconds = int(now - pace.clean) if pace.met else 0
    if seconds < 1:
        return later
    rate = pace.rate + seconds * max(_STEP, _SHARE * pace.met)
    if rate >= min(pace.most, 2 * pace.met):
        return evolve(later, rate=pace.most, met=0.0)
    return evolve(later, rate=rate, clean=pace.clean + seconds)


def reserved(pace: Pace, now: float) -> tuple[Pace, float]:
    """Take what a call usually takes; the seconds to wait before it."""
    if pace.rate == inf:
        return pace, 0.0
    grown = advanced(pace, now)
    if grown.rate == inf:
        return grown, 0.0
    wait = max(0.0, -grown.tokens / grown.rate)
    return evolve(grown, tokens=grown.tokens - grown.usual), wait


def paid(pace: Pace, units: float, taken: float, now: float) -> Pace:
    """Say what a call really took, which had `taken` so much; 0 if it was not answered."""
    usual = pace.usual + _SMOOTH * (units - pace.usual) if units else pace.usual
    if pace.rate == inf:
        seen = pace.seen * exp(-max(0.0, now - pace.at)) + units
        return evolve(pace, usual=usual, seen=seen, at=max(now, pace.at))
    grown = advanced(pace, now)
    tokens = 0.0 if grown.rate == inf else grown.tokens + taken - units
    return evolve(grown, usual=usual, seen=grown.seen + units, tokens=tokens)


def throttled(pace: Pace, now: float) -> Pace:
    """Say that a call was throttled."""
    grown = advanced(pace, now)
    if grown.met and now - grown.halved < 1:
        return evolve(grown, clean=now)
    least = _LEAST if grown.met else _FIRST
    met = max(2 * _LEAST, min(grown.rate, max(grown.seen, 2 * least)))
    rate, tokens = min(met / 2, grown.rate), min(grown.tokens, 0.0)
    return evolve(grown, rate=rate, met=met, tokens=tokens, clean=now, halved=now)


@final
class Limiter:
    """The paces of all tables of a backend; several threads may use it at once.

    `read` and `write` are the units a second that no table is asked for more of.
    """

    def __init__(
        self, *, read: float = inf, write: float = inf, effects: Effects | None = None
    ) -> None:
        if not (read > 0 and write > 0):
            raise ValueError(f"read={read!r}, write={write!r}: give units a second above 0")
        self._most: dict[Side, float] = {"read": read, "write": write}
        self._effects = effects or Effects()
        self._paces: dict[tuple[str, Side], Pace] = {}
        self._lock = Lock()

    def reserve(self, tables: Iterable[str], side: Side) -> Reserved:
        """Take what a call to these tables usually takes; it is to be settled."""
        now, waits = self._effects.now(), [0.0]
        taken: dict[str, float] = {}
        with self._lock:
            for table in tables:
                before = self._pace(table, side)
                after, wait = reserved(before, now)
                self._paces[table, side] = after
                taken[table] = 0.0 if after.rate == inf else after.usual
                waits.append(wait)
        return Reserved(side, taken, max(waits))

    def settle(
        self, held: Reserved, *, spent: Iterable[Spent] = (), throttling: bool = False
    ) -> None:
        """Say what the call took; one that was throttled has used its turn."""
        now, units = self._effects.now(), list(spent)
        with self._lock:
            for table, taken in held.taken.items():
                used = sum(getattr(one, held.side) for one in units if one.table == table)
                pace = self._pace(table, held.side)
                self._paces[table, held.side] = (
                    throttled(pace, now) if throttling else paid(pace, used, taken, now)
                )

    def rate(self, table: str, side: Side) -> float:
        """The units a second that a table is asked for at most."""
        with self._lock:
            return advanced(self._pace(table, side), self._effects.now()).rate

    def _pace(self, table: str, side: Side) -> Pace:
        most = self._most[side]
        return self._paces.get((table, side)) or Pace(
            most=most, rate=most, tokens=0.0, at=self._effects.now()
        )
