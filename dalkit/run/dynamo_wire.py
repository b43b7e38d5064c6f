"""DynamoDB's JSON at the edge: arguments to bytes, and bytes to replies that are whole."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from zlib import crc32

import msgspec

from dalkit.convert.json_items import item_form
from dalkit.run.dynamo_faults import Fault, broken_reply, fault_of_error, hint_of
from dalkit.run.dynamo_shapes import details_of, foreign, foreign_item, misshapen
from dalkit.run.transport import Response

__all__ = ["body_of", "fault_of", "reply_of", "tables_in", "whole_reply"]

_SHAPES: Final[Mapping[str, str]] = {
    "Query": "Count",
    "Scan": "Count",
    "BatchGetItem": "Responses",
    "BatchWriteItem": "UnprocessedItems",
    "TransactGetItems": "Responses",
    "DescribeTable": "Table",
    "CreateTable": "TableDescription",
}
_OTHERWISE: Final = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
_WRITES: Final = {"PutRequest": "Item", "DeleteRequest": "Key"}


def body_of(arguments: Mapping[str, Any]) -> bytes:
    """The arguments of an operation as DynamoDB's JSON; bytes are base64 there."""
    return _encoder.encode(arguments)


def reply_of(operation: str, body: bytes) -> dict[str, Any] | Fault:
    """A reply's body as boto3 gives it, without metadata; or a Fault if it is no such reply."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return broken_reply(f"a reply of {operation} that is not JSON")
    if not isinstance(said, dict) or _SHAPES.get(operation, "") not in ("", *said):
        return broken_reply(f"a reply of {operation} without {_SHAPES.get(operation, 'an object')}")
    wrong = misshapen(operation, said)
    if wrong:
        return broken_reply(wrong)
    try:
        return {name: _READERS.get(name, _same)(value) for name, value in said.items()}
    except _OTHERWISE:
        return broken_reply(f"a reply of {operation} of another shape")


def _misshapen(
    operation: str, arguments: Mapping[str, Any], reply: Mapping[str, Any]
) -> Fault | None:
    """What a reply has not, or has not as often, as its request makes sure of."""
    asked, found = len(arguments.get("TransactItems", ())), reply.get("Responses")
    if operation == "TransactGetItems" and len(found or ()) != asked:
        return broken_reply(f"a reply of {operation} with not as many answers as questions")
    if "Items" in reply and reply.get("Count") != len(reply["Items"]):
        return broken_reply(f"a reply of {operation} that counts wrongly")
    if arguments.get("ReturnValues") == "ALL_NEW" and "Attributes" not in reply:
        return broken_reply(f"a reply of {operation} without Attributes")
    if foreign(arguments, reply):
        return broken_reply(f"a reply of {operation} that tells of another item")
    return None


def whole_reply(
    operation: str,
    arguments: Mapping[str, Any],
    response: Response,
    *,
    checksums: bool,
    parse: Callable[[bytes], Mapping[str, Any] | None] | None = None,
) -> Mapping[str, Any] | Fault:
    """The reply that a response is, or what is wrong with it; `parse` is tried first."""
    fault = fault_of(operation, arguments, response, checksums=checksums)
    if fault is not None:
        return fault
    parsed = None if parse is None else parse(response.body)
    reply = reply_of(operation, response.body) if parsed is None else parsed
    if isinstance(reply, Fault):
        return reply
    if parsed is not None and operation == "GetItem" and foreign_item(arguments, response.body):
        return broken_reply(f"a reply of {operation} that tells of another item")
    return _misshapen(operation, arguments, reply) or reply


def fault_of(
    operation: str, arguments: Mapping[str, Any], response: Response, *, checksums: bool
) -> Fault | None:
    """What is wrong with a response: its checksum, or the error that it is."""
    if checksums or "x-amz-crc32" in response.headers:
        said = response.headers.get("x-amz-crc32")
        if said is None and response.status == 200:
            return broken_reply("a reply without a checksum")
        if said is not None and said != str(crc32(response.body)):
            size = f"{len(response.body):,}"
            return broken_reply(f"a reply of {size} bytes that does not match its checksum")
    if response.status == 200:
        return None
    error = _error(response.body)
    if response.status < 500 and not error["Error"]["Code"]:
        return broken_reply(f"a reply of status {response.status} that does not say what is wrong")
    return fault_of_error(
        operation,
        ", ".join(tables_in(arguments)),
        response.status,
        error,
        hint=hint_of(response.headers),
        request_id=response.headers.get("x-amzn-requestid", ""),
    )


def tables_in(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """The tables that an operation names."""
    if "TableName" in arguments:
        return (str(arguments["TableName"]),)
    if "RequestItems" in arguments:
        return tuple(arguments["RequestItems"])
    inner = (one for held in arguments.get("TransactItems", ()) for one in held.values())
    return tuple(dict.fromkeys(str(one["TableName"]) for one in inner))


def _error(body: bytes) -> dict[str, Any]:
    """An error's body as boto3's `error.response`."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return {"Error": {"Code": "", "Message": ""}}
    code = str(said.get("__type") or said.get("code") or "").rsplit("#", 1)[-1].split(":")[0]
    text = said.get("message") or said.get("Message") or ""
    read = {name: _READERS.get(name, _same)(value) for name, value in details_of(said).items()}
    return {"Error": {"Code": code, "Message": str(text)}, **read}


def _same(value: Any) -> Any:
    return value


def _items(held: Any) -> Any:
    return [item_form(one) for one in held]


def _responses(held: Any) -> Any:
    """By table in BatchGetItem, in the order of the gets in TransactGetItems."""
    if isinstance(held, dict):
        return {table: _items(every) for table, every in held.items()}
    return _reasons(held)


def _keys_left(held: Any) -> Any:
    return {table: {**one, "Keys": _items(one["Keys"])} for table, one in held.items()}


def _writes_left(held: Any) -> Any:
    return {table: [_write(one) for one in every] for table, every in held.items()}


def _write(request: Any) -> Any:
    ((kind, inner),) = request.items()
    name = _WRITES[kind]
    return {kind: {**inner, name: item_form(inner[name])}}


def _reasons(held: Any) -> Any:
    return [{**one, "Item": item_form(one["Item"])} if "Item" in one else {**one} for one in held]


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "Item": item_form,
    "Attributes": item_form,
    "Items": _items,
    "Responses": _responses,
    "LastEvaluatedKey": item_form,
    "UnprocessedKeys": _keys_left,
    "UnprocessedItems": _writes_left,
    "CancellationReasons": _reasons,
}


def _plain(value: Any) -> Any:
    """What the encoder does not know: mappings of other classes."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in a request to DynamoDB")


_encoder = msgspec.json.Encoder(enc_hook=_plain)
