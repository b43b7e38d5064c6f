"""What was asked and answered, from several threads: counts, times, and what must not have been."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias, TypeVar, final

from dalkit.query.base import Query
from dalkit.result import Ambiguous, Error, Failure, PartlyDone, Result, Success
from dalkit.run.backend import Backend
from dalkit.testing.faults.plan import Tally

__all__ = ["LATE", "History", "Verdict", "verdict", "verdicts"]

T = TypeVar("T")
Verdict: TypeAlias = Literal["done", "maybe", "not"]

LATE: Final = "after the deadline"
"""How answers past their limit are counted among the answers."""

_MOST: Final = 50
"""So many findings are kept in words."""


def verdict(answer: Result[Any]) -> Verdict:
    """What an answer says of its write: every failure but Ambiguous says that it was not done."""
    match answer:
        case Success():
            return "done"
        case Failure(Ambiguous()):
            return "maybe"
        case Failure():
            return "not"


def verdicts(answer: Result[Any], count: int) -> tuple[Verdict, ...]:
    """The same for each of so many writes of a batch."""
    match answer:
        case Failure(PartlyDone(reasons)) if len(reasons) == count:
            return tuple(_of_reason(reason) for reason in reasons)
        case _:
            return (verdict(answer),) * count


def _of_reason(reason: Error | None) -> Verdict:
    return "done" if reason is None else verdict(Failure(reason))


@final
class History:
    """Runs queries, takes their time, and keeps what went wrong; several threads may use it.

    Answers after more than `limit` seconds are counted, and after `grace` more each is a finding:
    a busy machine may keep a thread waiting. So is whatever is raised, after which nobody knows
    what was done.
    """

    def __init__(
        self,
        *,
        limit: float = float("inf"),
        grace: float = 0.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._grace = grace
        self._now = now
        self._lock = threading.Lock()
        self.answers: Tally = Tally()
        self.wrong: Tally = Tally()
        self.findings: list[str] = []
        self.slowest: float = 0.0

    def run(self, db: Backend, query: Query[T]) -> Result[T]:
        """The answer of a backend."""
        start = self._now()
        answer: Result[T]
        try:
            answer = db.run(query)
        except Exception as error:
            self.found("raised", f"{query} raised {error!r}")
            answer = Failure(Ambiguous("raised", repr(error)))
        seconds = self._now() - start
        with self._lock:
            self.slowest = max(self.slowest, seconds)
        if seconds > self._limit:
            self.answers.add(LATE)
        if seconds > self._limit + self._grace:
            self.found("too late", f"{query} was answered after {seconds:.2f} s: {answer}")
        self.answers.add("operations")
        self.answers.add(_name(answer))
        return answer

    def found(self, what: str, text: str) -> None:
        """Keep something that must not be: its kind and its words."""
        self.wrong.add(what)
        with self._lock:
            if len(self.findings) < _MOST:
                self.findings.append(f"{what}: {text}")


def _name(answer: Result[Any]) -> str:
    match answer:
        case Success():
            return "Success"
        case Failure(error):
            return type(error).__name__
