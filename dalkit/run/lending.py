"""Where connections come from: a URL, a function that opens one, or a source with its own pool."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, Protocol, TypeAlias, final

from dalkit.result import Failure, Success
from dalkit.run.pool import Pool, refused, settled
from dalkit.run.retry import Effects
from dalkit.run.sessions import prepare

__all__ = ["Lender", "Source", "lender_of"]

Source: TypeAlias = Callable[[], Any]
"""Gives a connection of PyMySQL's, or a context manager of one, each time that it is called."""


class Lender(Protocol):
    """What lends connections, each for the length of a block."""

    def lease(self, seconds: float) -> AbstractContextManager[Any]:
        """A connection, if there is one within so many seconds; else Unlent is raised."""
        ...

    def close(self) -> None:
        """Lend no more."""
        ...


def lender_of(
    source: Source | str, *, pool: int | None, idle: float, lock_wait: int, effects: Effects
) -> Lender:
    """A pool over whatever opens connections; with `pool=None`, the source as it is."""
    connect: Any = source
    if isinstance(source, str):
        from dalkit.run.config import mysql_connect

        match mysql_connect(source):
            case Success(found):
                connect = found
            case Failure(error):
                raise ValueError(str(error))
    if not callable(connect):
        raise TypeError(
            f"{type(source).__name__} opens no connections: give a URL, what mysql_connect(url) "
            "answers, or a function that gives a connection"
        )
    if pool is None:
        return _Borrowed(connect, lock_wait)

    def opened(seconds: float) -> Any:
        within = getattr(connect, "within", None)
        connection = connect() if within is None else within(seconds)
        return _prepared(connection, lock_wait)

    return Pool(opened, size=pool, idle=idle, effects=effects)


@final
class _Borrowed:
    """A source that keeps its connections itself: each is given back as its own way is."""

    def __init__(self, source: Source, lock_wait: int) -> None:
        self._source = source
        self._lock_wait = lock_wait

    @contextmanager
    def lease(self, seconds: float) -> Generator[Any]:
        """A connection of the source's; how long that takes is the source's own affair."""
        try:
            given = self._source()
            manager = given if hasattr(given, "__enter__") else closing(given)
            connection = manager.__enter__()
        except Exception as error:  # of whichever driver or source the user gave
            raise refused(error) from None
        try:
            yield self._ready(connection)
        except BaseException as error:
            _discard(connection)
            manager.__exit__(type(error), error, error.__traceback__)
            raise
        if not settled(connection):
            _discard(connection)
        manager.__exit__(None, None, None)

    def _ready(self, connection: Any) -> Any:
        try:
            prepare(getattr(connection, "dbapi_connection", connection), lock_wait=self._lock_wait)
        except Exception as error:
            raise refused(error) from None
        return connection

    def close(self) -> None:
        """Nothing is kept here."""


def _prepared(connection: Any, lock_wait: int) -> Any:
    try:
        prepare(connection, lock_wait=lock_wait)
    except BaseException:
        connection.close()
        raise
    return connection


def _discard(connection: Any) -> None:
    end = getattr(connection, "invalidate", None) or connection.close
    try:
        end()
    except Exception:  # it is given up either way
        return
