"""Work given to a pool a little ahead of its answers, so that memory stays constant."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TypeVar

from dalkit.run.retry import Effects, Halt

__all__ = ["ahead", "batched", "workers"]

T = TypeVar("T")
A = TypeVar("A")


def batched(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """The values in lists of `size`, the last one shorter."""
    rest = iter(values)
    while batch := list(islice(rest, size)):
        yield batch


def ahead(pool: Executor, work: Callable[[T], A], given: Iterable[T], most: int) -> Iterator[A]:
    """The answers in the order of what was given, with at most `most` of them under way."""
    under_way: deque[Future[A]] = deque()
    try:
        for one in given:
            under_way.append(pool.submit(work, one))
            if len(under_way) >= most:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()


@contextmanager
def workers(threads: int) -> Generator[tuple[Executor, Effects]]:
    """A pool of threads, and the sleep of its retries, which ends when the block fails."""
    halt = Halt()
    with ThreadPoolExecutor(threads) as pool:
        try:
            yield pool, Effects(sleep=halt.sleep)
        except BaseException:
            halt.call()
            raise
