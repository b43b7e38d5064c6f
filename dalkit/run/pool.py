"""Connections to share: each is one thread's own while it is lent, and so many are open at most.

What is lent last is lent again first. A connection that was idle for a while is asked for a sign
of life; one that broke, or was left inside a transaction that cannot be rolled back, is closed.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeAlias, final

from dalkit.result import DeadlineExceeded, Unavailable
from dalkit.run.faults import Fault
from dalkit.run.mysql_faults import fault_of
from dalkit.run.retry import Effects
from dalkit.run.timely import hasten, unhurried

__all__ = ["Pool", "Unlent", "refused", "settled"]

Open: TypeAlias = "Callable[[float], Any]"
"""Opens a connection, within so many seconds."""

_LEAST: Final = 0.001
_LONGEST: Final = 3600.0
_IN_TRANSACTION: Final = 1
"""A bit of the server's status, which comes with every reply."""


@final
class Unlent(Exception):
    """There is no connection to be had, and what that means."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault.error))
        self.fault = fault


def refused(error: Exception) -> Unlent:
    """What it means that no connection could be opened: nothing was sent, whatever it is."""
    return Unlent(fault_of(error, write=False))


@final
class Pool:
    """At most `size` connections; safe under threads, and after a fork."""

    def __init__(
        self,
        connect: Open,
        *,
        size: int = 10,
        idle: float = 30.0,
        effects: Effects,
    ) -> None:
        if size < 1:
            raise ValueError(f"a pool of {size!r} connections: give a whole number above 0")
        self._connect = connect
        self._size = size
        self._idle_most = idle
        self._now = effects.now
        self._idle: list[tuple[Any, float]] = []
        self._lent = 0
        self._owner = os.getpid()
        self._closed = False
        self._change = threading.Condition()

    @contextmanager
    def lease(self, seconds: float) -> Generator[Any]:
        """A connection of the caller's own for the block; Unlent when none is free in time.

        An exception of the block closes it.
        """
        connection = self._taken(seconds)
        try:
            yield connection
        except BaseException:
            self._give_back(connection, whole=False)
            raise
        self._give_back(connection, whole=settled(connection))

    @property
    def open(self) -> int:
        """How many connections there are, lent or idle."""
        with self._change:
            return self._lent + len(self._idle)

    def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back; nothing is lent any more."""
        with self._change:
            self._closed = True
            idle, self._idle = self._idle, []
            self._change.notify_all()
        for connection, _ in idle:
            _close(connection)

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _taken(self, seconds: float) -> Any:
        ends = self._now() + min(seconds, _LONGEST)
        while True:
            idle = self._place(ends)
            if idle is None:
                return self._opened(ends - self._now())
            connection, since = idle
            if self._now() - since <= self._idle_most or _lives(connection, ends - self._now()):
                return connection
            self._give_back(connection, whole=False)

    def _place(self, ends: float) -> tuple[Any, float] | None:
        """An idle connection, or None: there is room for a new one."""
        with self._change:
            self._forget_parents()
            while not self._closed and not self._idle and self._lent >= self._size:
                left = ends - self._now()
                if left <= 0 or not self._change.wait(left):
                    reason = f"all {self._size} connections of the pool are in use"
                    raise Unlent(Fault(error=DeadlineExceeded("a connection", reason)))
            if self._closed:
                raise Unlent(Fault(error=Unavailable("MySQL", "the pool is closed"), judged=True))
            self._lent += 1
            return self._idle.pop() if self._idle else None

    def _forget_parents(self) -> None:
        """A process that was forked shares no connection with the one that it came from."""
        if self._owner != os.getpid():
            self._owner, self._lent = os.getpid(), 0
            self._idle.clear()

    def _opened(self, seconds: float) -> Any:
        try:
            return self._connect(max(seconds, _LEAST))
        except Exception as error:  # of whichever driver or source the user gave
            self._put_back(None)
            raise refused(error) from None
        except BaseException:
            self._put_back(None)
            raise

    def _give_back(self, connection: Any, *, whole: bool) -> None:
        if not self._put_back(connection if whole else None):
            _close(connection)

    def _put_back(self, connection: Any) -> bool:
        """Whether the connection is kept."""
        with self._change:
            self._lent = max(0, self._lent - 1)
            kept = connection is not None and not self._closed
            if kept:
                self._idle.append((connection, self._now()))
            self._change.notify()
        return kept


def settled(connection: Any) -> bool:
    """Whether it lives and is in no transaction, or no longer."""
    if not getattr(connection, "open", True):
        return False
    try:
        if getattr(connection, "server_status", _IN_TRANSACTION) & _IN_TRANSACTION:
            connection.rollback()
    except Exception:  # whatever it was, nobody is lent this connection again
        return False
    unhurried(getattr(connection, "dbapi_connection", connection))
    return True


def _lives(connection: Any, seconds: float) -> bool:
    try:
        if seconds <= 0:
            return False
        hasten(connection, min(seconds, 1.0))
        with connection.cursor() as cursor:
            cursor.execute("DO 0")
    except Exception:  # as above
        return False
    return True


def _close(connection: Any) -> None:
    with suppress(Exception):
        connection.close()
