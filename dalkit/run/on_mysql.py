"""The MySQL backend: queries as statements, each answered within its time, or with the reason."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar, final

from dalkit.compile.call import SqlBatch, SqlCall
from dalkit.compile.settings import Settings
from dalkit.compile.sql import to_sql
from dalkit.query.base import Query
from dalkit.result import Failure, Result, then
from dalkit.run.attempts import attempt
from dalkit.run.breaker import Breakers
from dalkit.run.budget import RetryBudget
from dalkit.run.events import Hook
from dalkit.run.faults import Fault, Repeat
from dalkit.run.guards import Guards, guards
from dalkit.run.lending import Lender, Source, lender_of
from dalkit.run.marker import Marker, marked
from dalkit.run.operations import Operation, observed
from dalkit.run.pool import Unlent
from dalkit.run.retry import ONLINE, Backoff, Effects
from dalkit.run.statements import Session

__all__ = ["MySQL", "mysql"]

T = TypeVar("T")

_LONGEST_LOCK = 50.0


@final
class MySQL:
    """A backend on MySQL or MariaDB; several threads may use it at once."""

    def __init__(
        self,
        lender: Lender,
        around: Guards,
        *,
        marker_table: str | None,
        now: Callable[[], datetime],
        cursor_key: bytes,
    ) -> None:
        self._lender = lender
        self._guards = around
        self._marker_table = marker_table
        self._now = now
        self._cursor_key = cursor_key

    @property
    def guards(self) -> Guards:
        """What stands around every attempt: its circuits can be opened and closed by hand."""
        return self._guards

    def run(self, query: Query[T], /, *, deadline: float | None = None) -> Result[T]:
        """The query's answer, or why there is none; `deadline` is in seconds from now."""

        def act(operation: Operation) -> Result[T]:
            return self._act(operation, query)

        return observed(self._guards, query, act, deadline=deadline)

    def close(self) -> None:
        """Close the connections that are idle, and the others when they come back."""
        self._lender.close()

    def __enter__(self) -> MySQL:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _act(self, operation: Operation, query: Query[Any]) -> Result[Any]:
        settings = Settings(now=self._now(), cursor_key=self._cursor_key)
        compiled: Result[SqlCall[Any] | SqlBatch[Any]] = to_sql(query, settings)
        return then(compiled, lambda call: self._step(operation, call))

    def _step(self, operation: Operation, step: Any) -> Result[Any]:
        if isinstance(step, SqlBatch):
            return step.read(tuple(self._step(operation, one) for one in step.calls))
        while isinstance(step, SqlCall):
            step = self._asked(operation, step)
        answer: Result[Any] = step
        return answer

    def _asked(self, operation: Operation, call: SqlCall[Any]) -> Any:
        """The next step after a statement, or after a transaction."""
        request = "a transaction" if call.atomic else call.text.split(None, 1)[0]
        outcome = attempt(
            operation, lambda: self._attempt(operation, call), request=request, kind=_kind(call)
        )
        answer = outcome.answer
        return Failure(answer.error) if isinstance(answer, Fault) else answer

    def _attempt(self, operation: Operation, call: SqlCall[Any]) -> Any:
        now = self._guards.effects.now
        ends = math.inf if operation.deadline is None else operation.deadline
        marker = Marker(self._marker_table) if self._marker_table and call.atomic else None
        mark = marker.statement() if marker else None
        try:
            with self._lender.lease(ends - now()) as connection:
                session = Session(connection, ends=ends, now=now, mark=mark)
                answer = session.sent(call)
        except Unlent as unlent:
            return unlent.fault
        if marker and isinstance(answer, Fault) and answer.ambiguous:
            there = marked(
                marker,
                self._lender,
                ends=ends,
                backoff=self._guards.backoff,
                effects=self._guards.effects,
            )
            if there is None:
                return answer
            return session.missed if there else Fault(error=answer.error, again="soon")
        return answer


def _kind(call: SqlCall[Any]) -> Repeat:
    """Of a transaction nothing but the COMMIT can be in doubt."""
    if call.atomic:
        return "once"
    if not call.writes:
        return "read"
    return "same" if call.repeat else "once"


def mysql(
    connect: Source | str,
    *,
    pool: int | None = 10,
    idle: float = 30.0,
    marker_table: str | None = None,
    now: Callable[[], datetime] | None = None,
    cursor_key: bytes = b"",
    backoff: Backoff = ONLINE,
    budget: RetryBudget | None = None,
    breakers: Breakers | None = None,
    effects: Effects | None = None,
    on_event: Hook | None = None,
) -> MySQL:
    """A backend on the database that `connect` opens connections to.

    `connect` is a URL, what `mysql_connect(url)` answers, or a function that gives a connection of
    PyMySQL's; at most `pool` are kept open, and tested when idle for `idle` seconds. With
    `pool=None` the function has a pool of its own, whose connections are dalkit's alone. With a
    `marker_table` (`dalkit.run.marker.MARKER_TABLE`) no lost COMMIT is left in doubt.
    """
    around = guards(
        "MySQL",
        backoff=backoff,
        budget=budget,
        breakers=breakers,
        effects=effects,
        on_event=on_event,
    )
    wait = max(1, math.ceil(min((backoff.deadline or math.inf) / 2, _LONGEST_LOCK)))
    lender = lender_of(connect, pool=pool, idle=idle, lock_wait=wait, effects=around.effects)
    return MySQL(
        lender,
        around,
        marker_table=marker_table,
        now=now or (lambda: datetime.now(UTC)),
        cursor_key=cursor_key,
    )
