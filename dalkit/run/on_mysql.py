"""The MySQL backend: queries as statements, each answered within its time, or with the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar, final

from dalkit.compile.call import SqlBatch, SqlCall
from dalkit.compile.settings import Settings
from dalkit.compile.sql import to_sql
from dalkit.query.base import Query
from dalkit.result import Ambiguous, DeadlineExceeded, Failure, Result
from dalkit.run.lending import Lender, Source, lender_of
from dalkit.run.pool import Unlent
from dalkit.run.retry import ONLINE, Backoff, Effects
from dalkit.run.statements import Broken, Session

__all__ = ["MySQL", "mysql"]

T = TypeVar("T")

_LONGEST = 3600.0


@final
class MySQL:
    """A backend on MySQL or MariaDB; several threads may use it at once."""

    def __init__(
        self,
        lender: Lender,
        *,
        policy: Backoff,
        effects: Effects,
        now: Callable[[], datetime],
        cursor_key: bytes,
    ) -> None:
        self._lender = lender
        self._policy = policy
        self._effects = effects
        self._now = now
        self._cursor_key = cursor_key

    def run(self, query: Query[T], /) -> Result[T]:
        """The query's answer, or why there is none."""
        ends = self._effects.now() + (self._policy.deadline or _LONGEST)
        compiled: Any = to_sql(query, Settings(now=self._now(), cursor_key=self._cursor_key))
        if isinstance(compiled, Failure):
            return compiled
        return self._step(compiled.unwrap(), ends)

    def close(self) -> None:
        """Close the connections that are idle, and the others when they come back."""
        self._lender.close()

    def __enter__(self) -> MySQL:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _step(self, step: Any, ends: float) -> Result[Any]:
        match step:
            case SqlCall():
                return self._asked(step, ends)
            case SqlBatch(calls, read):
                return read(tuple(self._step(one, ends) for one in calls))
            case answer:
                return answer  # type: ignore[no-any-return]  # a Result

    def _asked(self, call: SqlCall[Any], ends: float) -> Result[Any]:
        attempts = 0
        while True:
            attempts += 1
            outcome = self._attempt(call, ends)
            if not isinstance(outcome, Broken):
                return outcome
            if outcome.fate == "answered":
                return Failure(outcome.error)
            if outcome.fate == "unknown":
                return Failure(Ambiguous("MySQL", str(outcome.error), cause=outcome.error))
            wait = self._policy.wait(attempts - 1, fraction=self._effects.random())
            if self._policy.attempts is not None and attempts >= self._policy.attempts:
                return Failure(outcome.error)
            if self._effects.now() + wait >= ends:
                reason = f"after {attempts} attempts: {outcome.error}"
                return Failure(DeadlineExceeded("MySQL", reason, cause=outcome.error))
            self._effects.sleep(wait)
            call = outcome.at

    def _attempt(self, call: SqlCall[Any], ends: float) -> Result[Any] | Broken:
        try:
            with self._lender.lease(ends - self._effects.now()) as connection:
                return Session(connection, ends=ends, now=self._effects.now).drive(call)
        except Unlent as unlent:
            return Broken(unlent.error, unlent.fate, call)


def mysql(
    connect: Source | str,
    *,
    pool: int | None = 10,
    idle: float = 30.0,
    policy: Backoff = ONLINE,
    effects: Effects | None = None,
    now: Callable[[], datetime] | None = None,
    cursor_key: bytes = b"",
) -> MySQL:
    """A backend on the database that `connect` opens connections to.

    `connect` is a URL, what `mysql_connect(url)` answers, or a function that gives a connection of
    PyMySQL's; at most `pool` are kept open, and tested when idle for `idle` seconds. With
    `pool=None` the function has a pool of its own.
    """
    given = effects or Effects()
    wait = max(1, int((policy.deadline or _LONGEST) / 2))
    return MySQL(
        lender_of(connect, pool=pool, idle=idle, lock_wait=wait, effects=given),
        policy=policy,
        effects=given,
        now=now or (lambda: datetime.now(UTC)),
        cursor_key=cursor_key,
    )
