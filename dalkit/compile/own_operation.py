"""An operation of the user's own, for what no query can ask of DynamoDB."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar, final

from attrs import frozen

from dalkit.compile.call import DynamoCall
from dalkit.contract.problems import display
from dalkit.query.base import Query
from dalkit.result import Conflict, Failure, Result

__all__ = ["OwnOperation", "operation", "operation_call"]

T = TypeVar("T")

_NAME: Final = re.compile(r"[A-Z][A-Za-z]{2,63}")


@final
@frozen(repr=False)
class OwnOperation(Query[T], Generic[T]):
    """An operation with boto3's arguments; only DynamoDB answers it."""

    name: str
    arguments: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], Result[T]]
    idempotent: bool = False

    def __str__(self) -> str:
        table = self.arguments.get("TableName")
        return f"operation: {self.name}" + (f" on {display(str(table))}" if table else "")


def operation(
    name: str,
    arguments: Mapping[str, Any],
    reader: Callable[[Mapping[str, Any]], Result[T]],
    *,
    idempotent: bool = False,
) -> OwnOperation[T]:
    """One operation by itself, such as `Query`, with the arguments that boto3 would take.

    Tables are named as the contract names them, items are in the wire form. `reader` makes the
    answer of the reply. A write is sent again after a lost reply only if it is `idempotent`.
    """
    given: Any = name
    if not isinstance(given, str) or _NAME.fullmatch(given) is None:
        raise ValueError(f"{given!r} is no operation: give its name, such as 'UpdateItem'")
    said: Any = arguments
    if not isinstance(said, Mapping) or not all(isinstance(one, str) for one in said):
        raise TypeError(f"{said!r} are no arguments: give a mapping as boto3 takes them")
    return OwnOperation(given, dict(said), reader, idempotent)


def operation_call(query: OwnOperation[T]) -> DynamoCall[T]:
    """The operation as a call; an error of the store is never given to the user's reader."""

    def read(reply: Mapping[str, Any]) -> Result[T]:
        error = reply.get("Error")
        if isinstance(error, Mapping) and "Code" in error:
            said = f"{error['Code']}: {display(str(error.get('Message', '')))}"
            return Failure(Conflict(query.name, said))
        return query.read(reply)

    return DynamoCall(query.name, query.arguments, read, repeat=query.idempotent)
