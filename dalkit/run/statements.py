"""One attempt on one connection: a statement, or a whole transaction; and what its end means.

Atomic calls in a row are one transaction. Each statement is told by when it must be done. What is
not committed was never there, so that only the reply to COMMIT can be missed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NoReturn, final

from dalkit.compile.call import SqlCall, SqlReply
from dalkit.result import DeadlineExceeded, Failure, Success
from dalkit.run.broken import StoreError
from dalkit.run.faults import Fault
from dalkit.run.mysql_faults import fault_of, is_over
from dalkit.run.sessions import is_mariadb, refuse_cuts
from dalkit.run.timely import hasten, unread

__all__ = ["Session"]

_GRACE: Final = 0.05
"""So much longer than the server's own limit the socket waits, as a part of the time left."""
_LEAST: Final = 0.001
_LONGEST: Final = 3600.0
_GONE: Final = 2006
"""The client's own number for a connection on which nothing was sent."""


class _Stop(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault.error))
        self.fault = fault


@final
class Session:
    """A connection for one attempt, until a moment of the clock `now`."""

    def __init__(
        self,
        connection: Any,
        *,
        ends: float = math.inf,
        now: Callable[[], float],
        mark: SqlCall[Any] | None = None,
    ) -> None:
        self._connection = connection
        self._driver = getattr(connection, "dbapi_connection", connection)
        self._ends = ends
        self._now = now
        self._mark = mark
        self.missed: Any = None
        """The answer of a transaction whose COMMIT was sent, and has no reply."""

    def sent(self, call: SqlCall[Any]) -> Any:
        """The answer, or the call after this one or its transaction; a Fault if it broke."""
        try:
            return self._transaction(call) if call.atomic else self._answered(call)
        except _Stop as stop:
            return stop.fault

    def _transaction(self, first: SqlCall[Any]) -> Any:
        self._execute(SqlCall("BEGIN", (), Success))
        step: Any = first
        wrote = False
        while isinstance(step, SqlCall) and step.atomic:
            wrote = wrote or step.writes
            step = self._answered(step, atomic=True)
        if isinstance(step, Failure):
            self._roll_back()
            return step
        if wrote and self._mark is not None:
            self._execute(self._mark)
        self._commit(step, wrote)
        return step

    def _commit(self, step: Any, wrote: bool) -> None:
        """No error in the place of COMMIT's reply says for certain that nothing is there."""
        try:
            self._send("COMMIT", ())
        except StoreError as late:
            self._stop(late.error)
        except Exception as error:
            fault = fault_of(error, write=wrote, commit=True)
            if fault.ambiguous:
                self.missed = step
            self._spoil()
            raise _Stop(fault) from None

    def _answered(self, call: SqlCall[Any], *, atomic: bool = False) -> Any:
        return call.read(self._execute(call, atomic=atomic))

    def _execute(self, call: SqlCall[Any], *, atomic: bool = True) -> SqlReply:
        """The reply; a transaction that breaks off is rolled back, with its connection if need be.

        What the store says no to is the query's answer, in the query's words.
        """
        try:
            return self._send(call.text, call.parameters)
        except StoreError as stopped:
            self._stop(stopped.error)
        except Exception as error:
            fault = fault_of(error, write=call.writes and not atomic)
            if is_over(error):
                self._spoil()
            else:
                self._roll_back()
            if fault.again == "no" and call.failed is not None:
                fault = Fault(error=call.failed(fault.error), code=fault.code, judged=fault.judged)
            raise _Stop(fault) from None

    def _stop(self, error: Any) -> NoReturn:
        self._roll_back()
        raise _Stop(Fault(error=error, code=type(error).__name__)) from None

    def _send(self, text: str, parameters: tuple[Any, ...]) -> SqlReply:
        """Send one statement; StoreError when there is no time left for it."""
        left = min(self._ends - self._now(), _LONGEST)
        if left <= _LEAST:
            reason = "no time was left for the next statement"
            raise StoreError(DeadlineExceeded("the statement", reason))
        self._patient(left)
        if unread(self._driver):
            raise RuntimeError(_GONE, "the server has said what nobody asked, or has hung up")
        with self._connection.cursor() as cursor:
            count = cursor.execute(self._limited(text, left), parameters)
            rows = tuple(cursor.fetchall())
            if text[:6].upper() == "SELECT" and cursor.description is None:
                raise ConnectionError("a question was answered without columns")
            reply = SqlReply(rows, count, cursor.lastrowid or 0)
            if rows and cursor.warning_count:
                refuse_cuts(cursor)
        return reply

    def _limited(self, text: str, seconds: float) -> str:
        """The statement with a limit that the server keeps; MySQL has one for SELECT alone."""
        if text in ("BEGIN", "COMMIT"):
            return text
        if is_mariadb(self._driver):
            return f"SET STATEMENT max_statement_time = {seconds:.3f} FOR {text}"
        if text[:6].upper() == "SELECT":
            return f"SELECT /*+ MAX_EXECUTION_TIME({max(1, int(seconds * 1000))}) */{text[6:]}"
        return text

    def _roll_back(self) -> None:
        """At once, so that no lock outlives the answer; a connection that cannot is closed."""
        left = min(self._ends - self._now(), _LONGEST)
        if left <= _LEAST:
            self._spoil()
            return
        try:
            self._patient(left)
            self._connection.rollback()
        except Exception:  # the server rolls back what a closed connection left open
            self._spoil()

    def _patient(self, seconds: float) -> None:
        """Have the socket wait so long for the next reply, and a little more."""
        hasten(self._driver, seconds * (1 + _GRACE))

    def _spoil(self) -> None:
        with suppress(Exception):
            (getattr(self._connection, "invalidate", None) or self._driver.close)()
