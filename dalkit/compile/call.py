"""One request to one store, and the pure reader of its reply: the answer, or the next call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar, final

from attrs import field, frozen

from dalkit.result import Error, Result

__all__ = [
    "Call",
    "DynamoCall",
    "DynamoStep",
    "SqlBatch",
    "SqlCall",
    "SqlReply",
    "SqlStep",
    "left_over",
]

T = TypeVar("T")


@final
@frozen
class DynamoCall(Generic[T]):
    """A DynamoDB operation with boto3's arguments; tables are named as the contract names them."""

    operation: str
    """As the service names it: `GetItem`, `Query`, `TransactWriteItems`."""
    arguments: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], DynamoStep[T]]
    """From the reply to the answer, or to the next call."""
    parse: Callable[[bytes], Mapping[str, Any] | None] | None = field(default=None, kw_only=True)
    """What `read` takes, from bytes, with records in the place of items; None if it cannot."""
    repeat: bool | None = field(default=None, kw_only=True)
    """Whether it may be done twice where it is not known to have been done; None is derived."""
    left_over: int = field(default=0, kw_only=True)
    """How many requests in a row before it the store left unfinished; it waits accordingly."""
    failed: Callable[[Error], Error] | None = field(default=None, kw_only=True)
    """What a failure of this call means for the whole query, where that is more than itself."""


def left_over(before: int, asked: int, left: int) -> int:
    """The `left_over` of the call that asks again; progress begins it anew, 0 is nothing left."""
    return before + 1 if left == asked else min(1, left)


@final
@frozen
class SqlReply:
    """What a statement answered: rows of text cells, or how many rows it found or changed."""

    rows: tuple[tuple[Any, ...], ...] = ()
    count: int = 0
    """Rows that a SELECT answered, or that a write changed."""
    id: int = 0
    """The AUTO_INCREMENT value that an INSERT was given."""


@final
@frozen
class SqlCall(Generic[T]):
    """A SQL statement and its parameters; `atomic` ones in a row are one transaction."""

    text: str
    parameters: tuple[Any, ...]
    read: Callable[[SqlReply], SqlStep[T]]
    """From the reply to the answer, or to the next statement; a Failure rolls back."""
    atomic: bool = False
    writes: bool = field(default=False, kw_only=True)
    """Whether it changes rows, so that nobody knows what is there when its reply is lost."""
    repeat: bool = field(default=False, kw_only=True)
    """Whether a write by itself may be done twice."""
    failed: Callable[[Error], Error] | None = field(default=None, kw_only=True)
    """What a failure of this statement means for the query, where that is more than itself."""


@final
@frozen
class SqlBatch(Generic[T]):
    """Calls that know nothing of each other: each is run by itself, come what may of the rest."""

    calls: tuple[SqlStep[Any], ...]
    """An answer in the place of a call that need not be asked."""
    read: Callable[[tuple[Result[Any], ...]], Result[T]]


DynamoStep: TypeAlias = "Result[T] | DynamoCall[T]"
SqlStep: TypeAlias = "Result[T] | SqlCall[T]"
Call: TypeAlias = "SqlCall[T] | DynamoCall[T]"
