"""One attempt of a chain of calls on one connection: what is sent, what becomes of it if it breaks.

Atomic calls in a row are one transaction. Every statement is told by when it must be done; a
transaction that is not committed was never there, and so only the reply to COMMIT can be missed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, final

from attrs import frozen

from dalkit.compile.call import SqlCall, SqlReply
from dalkit.contract.problems import display
from dalkit.result import DeadlineExceeded, Error, Failure, Result, Success, Unsupported
from dalkit.run.broken import StoreError
from dalkit.run.mysql_faults import Fate, error_of, fate_of
from dalkit.run.sessions import is_mariadb

__all__ = ["Broken", "Session"]

_GRACE: Final = 0.05
"""So much longer than the server's own limit the socket waits, as a part of the time left."""
_LEAST: Final = 0.001
_CUT: Final = "1260"


@final
@frozen
class Broken:
    """An attempt without an answer: why, and the call to begin again with."""

    error: Error
    fate: Fate
    at: SqlCall[Any]
    answer: Result[Any] | None = None
    """What the answer is if the transaction was committed after all."""


class _Stop(Exception):
    def __init__(self, broken: Broken) -> None:
        super().__init__(str(broken.error))
        self.broken = broken


@final
class Session:
    """A connection for one attempt, until a moment of the clock `now`."""

    def __init__(
        self,
        connection: Any,
        *,
        ends: float,
        now: Callable[[], float],
        mark: SqlCall[Any] | None = None,
    ) -> None:
        self._connection = connection
        self._driver = getattr(connection, "dbapi_connection", connection)
        self._ends = ends
        self._now = now
        self._mark = mark

    def drive(self, call: SqlCall[Any]) -> Result[Any] | Broken:
        """Send a call and all that follow; the connection is closed where it is of no more use."""
        step: Any = call
        try:
            while isinstance(step, SqlCall):
                step = self._transaction(step) if step.atomic else self._alone(step)
        except _Stop as stop:
            return stop.broken
        answer: Result[Any] = step
        return answer

    def _alone(self, call: SqlCall[Any]) -> Any:
        lost: Fate = "unknown" if call.writes else "away"
        return self._sent(call, at=call, lost=lost)

    def _transaction(self, first: SqlCall[Any]) -> Any:
        self._told(SqlCall("BEGIN", (), Success), at=first)
        step: Any = first
        wrote = False
        while isinstance(step, SqlCall) and step.atomic:
            wrote = wrote or step.writes
            step = self._sent(step, at=first, lost="away")
        if isinstance(step, Failure):
            self._rolled_back()
            return step
        if wrote and self._mark is not None:
            self._told(self._mark, at=first)
        self._committed(first, step, wrote)
        return step

    def _committed(self, first: SqlCall[Any], step: Any, wrote: bool) -> None:
        """No error in the place of COMMIT's reply says for certain that nothing is there."""
        try:
            self._execute("COMMIT", ())
        except StoreError as late:
            raise _Stop(Broken(late.error, "answered", first)) from None
        except Exception as error:
            fate = fate_of(error)
            if wrote and fate != "undone":
                fate = "unknown"
            self._spoiled(fate)
            raise _Stop(Broken(error_of(error), fate, first, step)) from None

    def _sent(self, call: SqlCall[Any], *, at: SqlCall[Any], lost: Fate) -> Any:
        """The next step; what the store says no to is the answer."""
        try:
            reply = self._execute(call.text, call.parameters)
        except StoreError as late:
            self._rolled_back()
            raise _Stop(Broken(late.error, "answered", at)) from None
        except Exception as error:
            fate, found = fate_of(error), error_of(error)
            self._spoiled(fate)
            if fate == "answered":
                self._rolled_back()
                return Failure(call.failed(found) if call.failed else found)
            fate = lost if fate == "unknown" else fate
            raise _Stop(Broken(found, fate, at)) from None
        return call.read(reply)

    def _told(self, call: SqlCall[Any], *, at: SqlCall[Any]) -> None:
        """A statement of the transaction's own."""
        answer = self._sent(call, at=at, lost="away")
        if isinstance(answer, Failure):
            raise _Stop(Broken(answer.failure(), "answered", at))

    def _execute(self, text: str, parameters: tuple[Any, ...]) -> SqlReply:
        """Send one statement; StoreError when there is no time left for it."""
        left = self._ends - self._now()
        if left <= _LEAST:
            raise StoreError(DeadlineExceeded("MySQL", "no time was left for the next statement"))
        waiting = vars(self._driver)
        waiting["_read_timeout"] = waiting["_write_timeout"] = left * (1 + _GRACE)
        with self._connection.cursor() as cursor:
            count = cursor.execute(self._limited(text, left), parameters)
            rows = tuple(cursor.fetchall())
            warned = cursor.warning_count if rows else 0
            reply = SqlReply(rows, count, cursor.lastrowid or 0)
            if warned:
                _refuse_cuts(cursor)
        return reply

    def _limited(self, text: str, seconds: float) -> str:
        """The statement with a limit that the server keeps; MySQL has one for SELECT alone."""
        if text in ("BEGIN", "COMMIT"):
            return text
        if is_mariadb(self._driver):
            return f"SET STATEMENT max_statement_time = {seconds:.3f} FOR {text}"
        if text[:6].upper() == "SELECT":
            most = max(1, int(seconds * 1000))
            return f"SELECT /*+ MAX_EXECUTION_TIME({most}) */{text[6:]}"
        return text

    def _rolled_back(self) -> None:
        """At once, so that no lock outlives the answer; a connection that cannot is closed."""
        try:
            self._connection.rollback()
        except Exception:
            self._spoiled("unknown")

    def _spoiled(self, fate: Fate) -> None:
        if fate in ("away", "unknown"):
            with suppress(Exception):
                (getattr(self._connection, "invalidate", None) or self._driver.close)()


def _refuse_cuts(cursor: Any) -> None:
    """A value that the server cut short is no answer."""
    cursor.execute("SHOW WARNINGS")
    for _, number, text in cursor.fetchall():
        if str(number) == _CUT:
            reason = f"MySQL {number}: {display(str(text))}"
            raise StoreError(Unsupported("the statement", reason))
