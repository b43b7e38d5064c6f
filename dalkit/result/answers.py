"""Success or Failure, pages of answers, and how steps are joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeAlias, TypeVar, final

from attrs import frozen
from returns.result import Failure, Success

from dalkit.result.errors import Error

__all__ = ["Cursor", "Page", "Result", "collect", "then"]

T = TypeVar("T")
U = TypeVar("U")

Result: TypeAlias = Success[T] | Failure[Error]
"""`match` on it is exhaustive in mypy and pyright; at run time it is a `returns` Result."""


@final
@frozen
class Cursor:
    """Where the next page of a query begins; what the text means is the backends' own affair."""

    text: str

    def __str__(self) -> str:
        return self.text


@final
@frozen
class Page(Generic[T]):
    """Some answers in order, and where the next page begins; None after the last."""

    items: tuple[T, ...]
    next: Cursor | None = None


def then(result: Result[T], step: Callable[[T], Result[U]]) -> Result[U]:
    """Give the answer of `result` to `step`, or pass its failure on."""
    match result:
        case Success(value):
            return step(value)
        case Failure():
            return result


def collect(results: Iterable[Result[T]]) -> Result[tuple[T, ...]]:
    """All answers in order, or the first failure."""
    answers: list[T] = []
    for result in results:
        match result:
            case Success(value):
                answers.append(value)
            case Failure():
                return result
    return Success(tuple(answers))
