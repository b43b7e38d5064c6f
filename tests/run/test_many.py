"""Many queries at once: in order, bounded, and whatever is raised is raised."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from decimal import Decimal
from typing import Any, cast

import pytest

from dalkit import Success, count, find, get, memory, put
from dalkit.run.events import correlated, correlation
from dalkit.run.many import arun, arun_many, run_many
from dalkit.schema.entity import key_class_of, record_class_of
from dalkit.testing.zoo import zoo

ENTITY = zoo()["escape"]
KEY = key_class_of(ENTITY)
SEEN: ContextVar[str] = ContextVar("seen", default="")


PLAIN: Any = {"left": "a", "right": "b", "price": Decimal("1.00")}


def record(number: int) -> Any:
    """A record; its rank tells it from the others."""
    return record_class_of(ENTITY)(rank=number, body="", **PLAIN)


class Watched:
    """Answers each query by its number, and knows how many it runs at once."""

    def __init__(self, together: int = 1) -> None:
        self.lock = threading.Lock()
        self.running = self.most = 0
        self.threads: set[str] = set()
        self.ran: list[Any] = []
        self.barrier = threading.Barrier(together)
        self.names: set[str] = set()

    def run(self, query: Any) -> Any:
        """As a backend does; a query here is a number, or what is raised."""
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
            self.threads.add(threading.current_thread().name)
            self.ran.append(query)
            self.names.add(SEEN.get())
        try:
            self.barrier.wait(30)
            if isinstance(query, BaseException):
                raise query
            return Success(query)
        finally:
            with self.lock:
                self.running -= 1


def ask(backend: Any, queries: Any, **given: Any) -> list[Any]:
    """Either way of asking is asked the same."""
    return run_many(backend, queries, **given)


def ask_async(backend: Any, queries: Any, **given: Any) -> list[Any]:
    """From asyncio."""
    return asyncio.run(arun_many(backend, queries, **given))


BOTH = pytest.mark.parametrize("asked", [ask, ask_async])


@BOTH
@pytest.mark.parametrize("threads", [1, 3, 8])
def test_answers_stand_in_the_order_of_the_queries(asked: Any, threads: int) -> None:
    """However many threads there are."""
    assert asked(Watched(), range(200), threads=threads) == [Success(one) for one in range(200)]


@BOTH
def test_nothing_is_nothing(asked: Any) -> None:
    """No query, no answer."""
    assert asked(Watched(), ()) == []


@BOTH
def test_there_are_as_many_at_once_as_there_may_be(asked: Any) -> None:
    """Eight wait for each other, and there is never a ninth."""
    backend = Watched(together=8)
    asked(backend, range(80), threads=8)

    assert backend.most == 8


def test_one_thread_is_the_callers_own() -> None:
    """So that a single thread is no thread at all."""
    backend = Watched()
    ask(backend, range(5), threads=1)

    assert backend.threads == {threading.current_thread().name}


@BOTH
def test_queries_are_taken_as_they_are_needed(asked: Any) -> None:
    """A generator is read by one thread at a time, and not to its end when something is raised."""
    taken = []

    def queries() -> Iterator[Any]:
        for number in range(10_000):
            taken.append(number)
            yield RuntimeError("a fault of ours") if number == 20 else number

    with pytest.raises(RuntimeError, match="a fault of ours") as caught:
        asked(Watched(), queries(), threads=4)

    assert len(taken) < 10_000
    assert caught.value.__notes__ == ["dalkit: this was raised by RuntimeError('a fault of ours')"]


@BOTH
def test_what_the_queries_raise_is_raised(asked: Any) -> None:
    """After those that are under way have ended."""
    backend = Watched()

    def queries() -> Iterator[Any]:
        yield 1
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        asked(backend, queries(), threads=4)

    assert (backend.ran, backend.running) == ([1], 0)


@BOTH
@pytest.mark.parametrize(
    ("threads", "raised"), [(0, ValueError), (True, TypeError), ("8", TypeError)]
)
def test_a_number_of_threads_that_is_none_raises(asked: Any, threads: Any, raised: Any) -> None:
    """Before anything is run."""
    backend = Watched()
    with pytest.raises(raised, match="threads="):
        asked(backend, range(3), threads=threads)

    assert backend.ran == []


@BOTH
def test_threads_know_the_context_they_were_started_in(asked: Any) -> None:
    """As the name of a block of queries."""
    backend = Watched()
    token = SEEN.set("here")
    try:
        asked(backend, range(20), threads=4)
    finally:
        SEEN.reset(token)

    assert backend.names == {"here"}


@BOTH
def test_a_backend_of_records_is_asked(asked: Any) -> None:
    """Writes, then reads of all of them."""
    backend = memory([ENTITY])
    asked(backend, [put(ENTITY, record(number)) for number in range(100)])
    keys = [KEY(rank=number, **PLAIN) for number in range(100)]

    assert backend.run(count(ENTITY)) == Success(100)
    assert asked(backend, (get(ENTITY, one) for one in keys)) == [
        Success(record(number)) for number in range(100)
    ]


def test_threads_end_with_what_they_were_for() -> None:
    """None is left, also when something was raised."""
    before = threading.active_count()
    ask(Watched(), range(100))
    with pytest.raises(RuntimeError):
        ask(Watched(), [RuntimeError()] * 9)

    assert threading.active_count() <= before


def test_asyncio_is_not_held_up() -> None:
    """Others get their turn while a query is run."""
    gate, backend = threading.Event(), memory([ENTITY])

    class Slow:
        def run(self, query: Any) -> Any:
            gate.wait(30)
            return backend.run(query)

    async def both() -> Any:
        waiting = asyncio.ensure_future(arun(Slow(), find(ENTITY).allow_scan()))
        await asyncio.sleep(0)
        gate.set()
        return await waiting

    assert asyncio.run(both()).unwrap().items == ()


def test_who_cancels_begins_no_more() -> None:
    """The query that is under way goes on by itself; those that wait are never run."""
    gate, begun = threading.Event(), threading.Event()

    class Slow:
        def __init__(self) -> None:
            self.ran = 0

        def run(self, _: Any) -> Any:
            self.ran += 1
            begun.set()
            gate.wait(30)
            return Success(None)

    backend = Slow()

    numbers: Any = range(100)

    async def cancelled() -> None:
        waiting = asyncio.ensure_future(arun_many(backend, numbers, threads=2))
        await asyncio.to_thread(begun.wait, 30)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        gate.set()

    asyncio.run(cancelled())

    assert backend.ran <= 2


def test_asyncio_can_be_given_threads() -> None:
    """Of its own, as many as somebody wants."""
    backend, number = Watched(), cast("Any", 1)

    async def one(pool: ThreadPoolExecutor) -> Any:
        with correlated("block"):
            answer: Any = await arun(backend, number, executor=pool)
            assert correlation() == "block"
            return answer

    with ThreadPoolExecutor(1, thread_name_prefix="mine") as pool:
        assert asyncio.run(one(pool)) == Success(1)

    assert backend.threads == {"mine_0"}
