"""Somewhere a query can be run: the only thing that acts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

from dalkit.query.base import Query
from dalkit.query.finds import Find
from dalkit.result import Failure, Page, Result, Success

__all__ = ["Backend", "pages"]

T = TypeVar("T")
A = TypeVar("A")


class Backend(Protocol):
    """What answers queries; how, where and how fast is its own affair."""

    def run(self, query: Query[T], /) -> Result[T]:
        """The query's answer, or why there is none."""
        ...


def pages(backend: Backend, query: Find[Any, A]) -> Iterator[Result[Page[A]]]:
    """The pages of a query one after another; a failure is the last."""
    following: Find[Any, A] | None = query
    while following is not None:
        answer: Result[Page[A]] = backend.run(following)
        yield answer
        match answer:
            case Success(page) if page.next is not None:
                following = query.after(page.next)
            case Success() | Failure():
                following = None
