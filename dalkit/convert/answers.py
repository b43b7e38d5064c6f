"""The careful path at the edge: its answers as Results and as plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, final

from attrs import frozen

from dalkit.convert.careful import record_of_row, values_of_record
from dalkit.convert.careful_items import item_of_values
from dalkit.convert.fast_pieces import json_of
from dalkit.convert.fault import Fault
from dalkit.convert.json_items import item_form, read_json
from dalkit.convert.layout import EXTRA, Layout
from dalkit.convert.refusal import Refusal, shown
from dalkit.result import Corrupt, Error, Failure, Result, Success

__all__ = [
    "Item",
    "Refused",
    "answer",
    "careful_item",
    "careful_json",
    "careful_line",
    "careful_row_item",
    "careful_row_json",
    "last_key_of",
    "or_refused",
    "parsed_json",
    "parsed_reply",
]

B = TypeVar("B")

Item: TypeAlias = dict[str, dict[str, Any]]
"""An item in the client's wire form, such as {"PK": {"S": "USER#1"}}."""


@final
@frozen
class Refused:
    """A row of a bulk run that could not be converted, and why."""

    error: Error


def answer(careful: Callable[[Layout, Any], Any], layout: Layout, value: Any) -> Result[Any]:
    """The careful answer as a Result."""
    try:
        return Success(careful(layout, value))
    except Fault as fault:
        return Failure(fault.error)


def or_refused(careful: Callable[[Layout, Any], B], layout: Layout, value: Any) -> B | Refused:
    """The careful answer as it is, or the Refused."""
    try:
        return careful(layout, value)
    except Fault as fault:
        return Refused(fault.error)


def careful_item(layout: Layout, record: Any) -> Item:
    """The item of a record."""
    values = values_of_record(layout, record)
    return item_of_values(layout, values, getattr(record, EXTRA, None))


def careful_json(layout: Layout, record: Any) -> bytes:
    """The item of a record as JSON."""
    return _json_bytes(careful_item(layout, record))


def careful_row_item(layout: Layout, row: Any) -> Item:
    """The item of a row."""
    return careful_item(layout, record_of_row(layout, row))


def careful_row_json(layout: Layout, row: Any) -> bytes:
    """The item of a row as JSON."""
    return _json_bytes(careful_row_item(layout, row))


def careful_line(layout: Layout, row: Any) -> bytes:
    """The item of a row as a line of the import format."""
    return b'{"Item":' + careful_row_json(layout, row) + b"}"


def _json_bytes(item: Item) -> bytes:
    return json_of({"M": item})[len('{"M":') : -1].encode()


def parsed_json(layout: Layout, text: Any) -> Any:
    """What JSON says."""
    try:
        return read_json(text)
    except Refusal as refusal:
        reason = refusal.text(secret=True)
        raise Fault(Corrupt(layout.definition.name, "item", reason)) from None


def parsed_reply(layout: Layout, body: Any) -> Any:
    """What the JSON of a reply says."""
    reply = parsed_json(layout, body)
    if not isinstance(reply, dict) or not isinstance(reply.get("Items"), list):
        reason = f"a reply with Items was expected, not {shown(reply)}"
        raise Fault(Corrupt(layout.definition.name, "reply", reason))
    scanned = reply.get("ScannedCount", 0)
    return {**reply, "ScannedCount": scanned if isinstance(scanned, int) else 0}


def last_key_of(key: Any) -> Item | None:
    """The key after which the next page starts, in the client's form."""
    return item_form(key) if key and isinstance(key, dict) else None
