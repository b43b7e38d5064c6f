"""An update that counts, as a transaction with a token: it may be sent twice and is done once.

It costs twice the write units and a read, as a transaction does not tell the new item.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import evolve

from dalkit.compile.call import DynamoCall, DynamoStep
from dalkit.result import Ambiguous, Conflict, Error, Failure

__all__ = ["as_transaction"]

T = TypeVar("T")

_LEFT_OUT = ("ReturnValues", "ReturnConsumedCapacity")


def as_transaction(call: DynamoCall[T]) -> DynamoCall[T]:
    """The same update as a transaction of one write, and the read of what it made."""
    said = {name: value for name, value in call.arguments.items() if name not in _LEFT_OUT}

    def read(reply: Mapping[str, Any]) -> DynamoStep[T]:
        if not reply.get("Error"):
            return _made(call)
        reason = (*reply.get("CancellationReasons", ()), {})[0]
        if reason.get("Code") == "ConditionalCheckFailed":
            error = {"Code": "ConditionalCheckFailedException", "Message": reason.get("Message")}
            old = {"Item": reason["Item"]} if reason.get("Item") else {}
            return call.read({"Error": error, **old})
        return Failure(Conflict(call.operation, f"{reason.get('Code')}: {reason.get('Message')}"))

    arguments = {"TransactItems": [{"Update": said}]}
    return evolve(call, operation="TransactWriteItems", arguments=arguments, read=read)


def _made(call: DynamoCall[T]) -> DynamoCall[T]:
    """The read of what was made; whatever becomes of it, the update was done."""
    said = {"TableName": call.arguments["TableName"], "Key": call.arguments["Key"]}

    def read(reply: Mapping[str, Any]) -> DynamoStep[T]:
        if "Item" in reply:
            return call.read({"Attributes": reply["Item"]})
        gone = "it was done, and another writer deleted the record before it was read"
        return Failure(Ambiguous(call.operation, gone))

    def failed(error: Error) -> Error:
        return Ambiguous(call.operation, f"it was done, but cannot be read: {error}", cause=error)

    return DynamoCall("GetItem", {**said, "ConsistentRead": True}, read, failed=failed)
