"""One request to one store, and the pure reader of its reply: the answer, or the next call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar, final

from attrs import frozen

from dalkit.result import Result

__all__ = ["Call", "DynamoCall", "DynamoStep", "SqlCall", "SqlReply", "SqlStep"]

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


@final
@frozen
class SqlReply:
    """What a statement answered: rows of text cells, or how many rows it found or changed."""

    rows: tuple[tuple[Any, ...], ...] = ()
    count: int = 0
    """Rows found by a write, whether or not it changed them."""
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


DynamoStep: TypeAlias = "Result[T] | DynamoCall[T]"
SqlStep: TypeAlias = "Result[T] | SqlCall[T]"
Call: TypeAlias = "SqlCall[T] | DynamoCall[T]"
