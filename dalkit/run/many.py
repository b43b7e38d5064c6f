"""Many queries at once: on a few threads, or from asyncio.

`arun` and `arun_many` run the same backends on threads, so that the loop is never held up. Who
cancels one has no answer: what was sent is done or not, as after a lost connection, and what was
not begun never is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Generic, TypeVar, final

from dalkit.query.base import Query
from dalkit.result import Result
from dalkit.run.backend import Backend

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = ["arun", "arun_many", "run_many"]

T = TypeVar("T")


def run_many(backend: Backend, queries: Iterable[Query[T]], *, threads: int = 8) -> list[Result[T]]:
    """The answers in the queries' order; at most `threads` are run at once, this one included.

    Queries are taken one by one, as there is a thread for them. What a backend raises ends it:
    those that are under way are waited for, no other is begun, and the exception names its query.
    """
    asked = _Asked(queries)
    helpers = []
    for _ in range(_counted(threads) - 1):
        context = copy_context()
        helpers.append(threading.Thread(target=context.run, args=(asked.work, backend.run)))
    started = []
    try:
        for one in helpers:
            one.start()
            started.append(one)
        asked.work(backend.run)
    finally:
        asked.stop()
        for one in started:
            one.join()
    return asked.answers()


async def arun(backend: Backend, query: Query[T], *, executor: Executor | None = None) -> Result[T]:
    """The query's answer, waited for without holding up the loop.

    It is run by a thread of `executor`, or of the loop's own.
    """
    import asyncio

    context = copy_context()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(executor, lambda: context.run(backend.run, query))


async def arun_many(
    backend: Backend, queries: Iterable[Query[T]], *, threads: int = 8
) -> list[Result[T]]:
    """As `run_many`, on threads of its own, waited for without holding up the loop."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    asked = _Asked(queries)
    pool = ThreadPoolExecutor(_counted(threads), thread_name_prefix="dalkit")

    async def work() -> None:
        for place, query in asked.next_ones():
            try:
                asked.keep(place, await arun(backend, query, executor=pool))
            except Exception as error:
                asked.failed(error, query)

    tasks = [asyncio.ensure_future(work()) for _ in range(threads)]
    try:
        await asyncio.gather(*tasks)
    finally:
        asked.stop()
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        pool.shutdown(wait=False, cancel_futures=True)
    return asked.answers()


@final
class _Asked(Generic[T]):
    """The queries that are left, and the answers that there are."""

    def __init__(self, queries: Iterable[Query[T]]) -> None:
        self._queries = enumerate(queries)
        self._answers: dict[int, Result[T]] = {}
        self._error: BaseException | None = None
        self._stopped = False
        self._lock = threading.Lock()

    def next_ones(self) -> Iterator[tuple[int, Query[T]]]:
        """One query after another, each given to one caller only."""
        while True:
            with self._lock:
                if self._stopped:
                    return
                try:
                    one = next(self._queries, None)
                except BaseException as error:
                    self._error, self._stopped = self._error or error, True
                    return
            if one is None:
                return
            yield one

    def work(self, run: Callable[[Query[T]], Result[T]]) -> None:
        """Run what is left; an exception is kept for whoever asked for all of it."""
        for place, query in self.next_ones():
            try:
                self.keep(place, run(query))
            except BaseException as error:
                self.failed(error, query)

    def keep(self, place: int, answer: Result[T]) -> None:
        """Put an answer in its place."""
        with self._lock:
            self._answers[place] = answer

    def failed(self, error: BaseException, query: Query[T]) -> None:
        """Stop, because of this."""
        with self._lock:
            if self._error is None:
                error.add_note(f"dalkit: this was raised by {query!r}")
                self._error = error
            self._stopped = True

    def stop(self) -> None:
        """Begin no other."""
        with self._lock:
            self._stopped = True

    def answers(self) -> list[Result[T]]:
        """All of them in order, or what was raised first."""
        if self._error is not None:
            raise self._error
        return [self._answers[place] for place in range(len(self._answers))]


def _counted(threads: int) -> int:
    given: Any = threads
    if isinstance(given, bool) or not isinstance(given, int):
        raise TypeError(f"threads={threads!r}: give an int")
    if threads < 1:
        raise ValueError(f"threads={threads}: give 1 or more")
    return threads
